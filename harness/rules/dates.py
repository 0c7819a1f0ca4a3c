"""Dates: real ones, in the form that says what they are, and in an order that time allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.record import Node, after, child, created, every, flaw, get, given, kids, name, once, parent, real
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.verdict import Basis

_FORMS = frozenset({(), ("center",), ("low",), ("high",), ("low", "high")})
_ZONED = re.compile(r"[0-9.]+[+-][0-9]{1,4}")


@once
def _spans(subject: Subject) -> Iterator[tuple[Node, list[Node]]]:
    """Each effectiveTime with what is in it."""
    for time in every(subject, "effectiveTime"):
        yield time, kids(time)


@rule(
    "R-dates-01",
    "one date is a center, a range low and high, a start low alone, an end high alone",
    "S59",
    interactions=EXTRACTS,
)
def forms(subject: Subject) -> Iterator[Flaw]:
    """The children of every effectiveTime, and that it has no value of its own, which the schema would allow."""
    for time, limits in _spans(subject):
        form = tuple(name(each) for each in limits)
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
    for time, limits in _spans(subject):
        if not any(each.get("value") or each.get("nullFlavor") for each in (*limits, time)):
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
        time = child(subject, statement, "effectiveTime")
        for each in () if time is None or _is_setting(subject, statement) else (time, *kids(time)):
            if each.get("nullFlavor") not in (None, "NI"):
                yield flaw("nullFlavor NI", each.get("nullFlavor") or "", each)


def _is_setting(subject: Subject, statement: Node) -> bool:
    return get(subject, statement, "code", "codeSystem") == "2.16.840.1.113883.2.1.3.2.4.17.484"


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
    for time, value in _times(subject):
        if not real(value.strip()):
            yield flaw("a date of the calendar", value, time)


@once
def _times(subject: Subject) -> Iterator[tuple[Node, str]]:
    """Elements whose value is a date or a time, and that value."""
    yield from given(subject, "value", "availabilityTime", "time", "center")
    for limit, value in given(subject, "value", "low", "high"):
        if parent(limit) in ("effectiveTime", "time", "useablePeriod"):
            yield limit, value


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
        low, high = get(subject, time, "low", "value"), get(subject, time, "high", "value")
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
        high = get(subject, statement, "effectiveTime/high", "value")
        if child(subject, statement, "effectiveTime/low") is None and after(
            get(subject, statement, "availabilityTime", "value"), high
        ):
            yield flaw("an end after availabilityTime", high, child(subject, statement, "effectiveTime"))


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
        if not get(subject, statement, "availabilityTime", "value"):
            yield flaw(
                "availabilityTime/@value",
                get(subject, statement, "availabilityTime", "nullFlavor") or "none",
                statement,
            )


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
    for time, value in given(subject, "value", "time"):
        written = value.strip()
        if after(written, sent, 8) and parent(time) == "author":
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
    for time, value in _times(subject):
        if _ZONED.fullmatch(value):
            yield flaw("a local time", value, time)


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
    for time, value in _times(subject):
        if len(value) > 14 and len(value.partition("+")[0].partition("-")[0]) > 14:
            yield flaw("at most 14 digits", value, time)
