"""Reads the times and durations that messages and contracts carry. Pure: nothing here asks what time it is.

Sources: ebMS 2.0 §3.1.6.2 (``eb:Timestamp`` is an XML Schema dateTime in UTC, the ``Z`` being optional), HL7 v3 data
type TS, ISO 8601 durations as SDS publishes them (``nhsMHSRetryInterval``, ``nhsMHSPersistDuration``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?" + _ZONE
)
_HL7 = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
    r"(?:(?P<second>[0-9]{2})(?:\.?(?P<fraction>[0-9]{3}))?)?" + _ZONE
)
_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,6})W|(?:(?P<days>[0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9}(?:[.,][0-9]{1,9})?)S)?)?)"
)


def instant(text: str) -> datetime | None:
    """The moment that ``text`` names, in UTC; ``None`` when it names none.

    Both forms are read: ebXML (``2026-11-24T10:00:00.1234567Z``, any of no zone, ``Z``, ``+0000`` and ``+00:00``, none
    meaning UTC) and HL7 (``yyyyMMddHHmm``, ``yyyyMMddHHmmss`` or with milliseconds, none meaning UK local time).
    What is finer than a microsecond is cut off.
    """
    text = text.strip()
    iso = _ISO.fullmatch(text)
    match = iso or _HL7.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[name] or 0) for name in _FIELDS)
    micro = int((match["fraction"] or "")[:6].ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 -- the zone follows
        zone = _zone(match["zone"]) if match["zone"] else UTC if iso else _uk(local)
        moment = local.replace(tzinfo=zone)
        return moment if zone is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def has_zone(text: str) -> bool:
    """Whether an ebXML or HL7 time says which zone it is in. False also for what is no time."""
    match = _ISO.fullmatch(text.strip()) or _HL7.fullmatch(text.strip())
    return match is not None and match["zone"] is not None


def duration(text: str) -> timedelta | None:
    """The length that ``text`` names (``PT4H10M``, ``PT0.5S``, ``P1D``, ``P2W``); ``None`` when it names none.

    Years and months have no fixed length and a contract cannot use a negative length: both give ``None`` [ours].
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groupdict().values()):
        return None
    return timedelta(**{unit: float((value or "0").replace(",", ".")) for unit, value in match.groupdict().items()})


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    minutes = 60 * int(text[1:3]) + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _uk(local: datetime) -> timezone:
    """The UK's offset at a UK wall-clock time, by the Summer Time Order 2002, also for the years before it [ours].

    An own rule rather than the zone database, which is a file and may be absent. The hour that occurs twice in October
    is taken as summer time, the first of the two; the hour that is left out in March as winter time.
    """
    begin, end = _last_sunday(local.year, 3), _last_sunday(local.year, 10)
    return timezone(timedelta(hours=1)) if begin <= local < end else UTC


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 2)  # noqa: DTZ001 -- a wall-clock time: 02:00 local ends both changes
    return last - timedelta(days=(last.weekday() + 1) % 7)
