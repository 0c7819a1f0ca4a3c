"""The two ways in which a message spells a moment. Pure: the moment is an argument, never read from a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_UK = ZoneInfo("Europe/London")


def ebxml_time(moment: datetime) -> str:
    """``2026-11-24T10:00:00Z``: UTC, whole seconds, as ``eb:Timestamp`` has it. :raises ValueError: without a zone."""
    return _aware(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hl7_time(moment: datetime) -> str:
    """``20261124100000``: UK local, whole seconds, 14 digits, as HL7 ``TS`` has it. :raises ValueError: without a zone.

    The official pattern forbids 17 digits, although some COPC messages in the field have them.
    """
    return _aware(moment).astimezone(_UK).strftime("%Y%m%d%H%M%S")


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone means a different time on every machine")
    return moment
