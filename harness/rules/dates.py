"""Dates: real ones, in the form that says what they are, and in an order that time allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.record import Node, after, child, created, every, flaw, get, once, parent, real
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.verdict import Basis

_FORMS = frozenset({(), ("center",), ("low",), ("high",), ("low", "high")})
_ZONED = re.compile(r"[0-9.]+[+-][0-9]{1,4}")


@rule(
    "R-dates-01",
    "one date is a center, a range low and high, a start low alone, an end high alone",
    "S59",
    interactions=EXTRACTS,
)
def forms(subject: Subject) -> Iterator[Flaw]:
    """The children of every effectiveTime, and that it has no value of its own, which the schema would allow."""
    for time in every(subject, "effectiveTime"):
        form = tuple(each.name for each in time.kids)
        if form not in _FORMS or time.get("value") is not None:
            yield flaw("center, low, high, or low and high", " and ".join(form) or "a value of its own", time)


@rule(
    "R-dates-02",
    "an effectiveTime says a date or, by a null flavour, that there is none",
    "S56",
    level="SHOULD",
    interactions=EXTRACTS,
)
def not_silent(subject: Subject) -> Iterator[Flaw]:
    """effectiveTime elements without children, value and nullFlavor, and limits without value and nullFlavor."""
    for time in every(subject, "effectiveTime"):
        told = [each for each in (time, *time.kids) if each.get("value") or each.get("nullFlavor")]
        if not told:
            yield flaw("a date or a null flavour", "neither", time)


@rule(
    "R-dates-03",
    "an observation's date without clinical meaning leaves effectiveTime null with flavour NI",
    "S56",
    level="SHOULD",
    interactions=EXTRACTS,
)
def null_means_no_information(subject: Subject) -> Iterator[Flaw]:
    """nullFlavor of ObservationStatement/effectiveTime and of its center; patient-facing settings have theirs open (PS03.5)."""
    for statement in every(subject, "ObservationStatement"):
        time = child(statement, "effectiveTime")
        for each in () if time is None or _is_setting(statement) else (time, *time.kids):
            if each.get("nullFlavor") not in (None, "NI"):
                yield flaw("nullFlavor NI", each.get("nullFlavor") or "", each)


def _is_setting(statement: Node) -> bool:
    return get(statement, "code", "codeSystem") == "2.16.840.1.113883.2.1.3.2.4.17.484"


@rule(
    "R-dates-04",
    "every date and time of the record is one that a calendar and a clock have",
    "V-56",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
    remedy="The schema accepts any digits: 20230230 passes it.",
)
def calendar(subject: Subject) -> Iterator[Flaw]:
    """Values of availabilityTime, time, center, low and high; limits of quantities are not dates."""
    for time in _times(subject):
        value = time.get("value")
        if value is not None and not real(value.strip()):
            yield flaw("a date of the calendar", value, time)


@once
def _times(subject: Subject) -> Iterator[Node]:
    """Elements whose value is a date or a time."""
    yield from every(subject, "availabilityTime", "time", "center")
    for limit in every(subject, "low", "high"):
        if parent(limit) in ("effectiveTime", "time", "useablePeriod"):
            yield limit


@rule(
    "R-dates-05",
    "no period ends before it begins",
    "V-56",
    basis=Basis.OFFICIAL,
    level="SHOULD",
    interactions=EXTRACTS,
)
def periods(subject: Subject) -> Iterator[Flaw]:
    """low and high of effectiveTime and of participants' time, as far as both are precise."""
    for time in every(subject, "effectiveTime", "time"):
        low, high = get(time, "low", "value"), get(time, "high", "value")
        if after(low, high):
            yield flaw(f"an end from {low} on", high, time)


@rule(
    "R-dates-06",
    "an entry that shows an end alone began no later: availabilityTime is its start",
    "S59.1",
    level="SHOULD",
    interactions=EXTRACTS,
)
def ends_follow_starts(subject: Subject) -> Iterator[Flaw]:
    """ObservationStatement with effectiveTime/high alone, against its availabilityTime."""
    for statement in every(subject, "ObservationStatement"):
        high = get(statement, "effectiveTime/high", "value")
        if child(statement, "effectiveTime/low") is None and after(get(statement, "availabilityTime", "value"), high):
            yield flaw("an end after availabilityTime", high, child(statement, "effectiveTime"))


@rule(
    "R-dates-07",
    "a statement has an availabilityTime with a value: the date that users were shown",
    "S56",
    level="SHOULD",
    interactions=EXTRACTS,
)
def shown_dates(subject: Subject) -> Iterator[Flaw]:
    """availabilityTime of observations, narratives, requests and medication."""
    wanted = ("ObservationStatement", "NarrativeStatement", "RequestStatement", "MedicationStatement")
    for statement in every(subject, *wanted):
        if not get(statement, "availabilityTime", "value"):
            yield flaw("availabilityTime/@value", get(statement, "availabilityTime", "nullFlavor") or "none", statement)


@rule(
    "R-dates-08",
    "nobody has written anything after the day on which the message was made",
    "V-56",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def written_before_sent(subject: Subject) -> Iterator[Flaw]:
    """author/time of extract, folder and compositions against creationTime, by the day."""
    sent = created(subject)
    for time in every(subject, "time"):
        written = (time.get("value") or "").strip()
        if parent(time) == "author" and after(written, sent, 8):
            yield flaw(f"a day up to {sent[:8]}", written, time)


@rule(
    "R-dates-09",
    "no time of the record has a zone: all are local times of the United Kingdom",
    "V-93",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def local_times(subject: Subject) -> Iterator[Flaw]:
    """Offsets in values, which the schema allows and no published extract has."""
    for time in _times(subject):
        if _ZONED.fullmatch(time.get("value") or ""):
            yield flaw("a local time", time.get("value") or "", time)


@rule(
    "R-dates-10",
    "a record's time is no longer than a second makes it: no fractions",
    "V-93",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def whole_seconds(subject: Subject) -> Iterator[Flaw]:
    """Values with more than fourteen digits, which one engine takes for legal where the type asks for a point."""
    for time in _times(subject):
        if len((time.get("value") or "").partition("+")[0].partition("-")[0]) > 14:
            yield flaw("at most 14 digits", time.get("value") or "", time)
