"""Patient-facing settings: which online services the patient has, as observations that one LinkSet joins (PFS v0.4)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.linksets import SETTINGS, is_settings, members
from harness.rules.record import STATEMENTS, Node, child, every, extract_of, flaw, get, name, record, uid, words
from harness.rules.register import EXTRACTS, Flaw, Subject, rule

_OTHERS = tuple(each for each in STATEMENTS if each != "ObservationStatement")


def _links(subject: Subject) -> Iterator[Node]:
    return (each for each in every(subject, "LinkSet") if is_settings(subject, each))


def _settings(subject: Subject) -> Iterator[Node]:
    observations = every(subject, "ObservationStatement")
    return (each for each in observations if get(subject, each, "code", "codeSystem") == SETTINGS)


@rule(
    "R-settings-01",
    "every patient-facing setting is a member of one LinkSet",
    "PS02",
    "S229",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_are_linked(subject: Subject) -> Iterator[Flaw]:
    """Observations of the PatientFacingService vocabulary among the members of LinkSets."""
    linked = {one for linkset in every(subject, "LinkSet") for one in members(subject, linkset)}
    for setting in _settings(subject):
        if uid(subject, setting) not in linked:
            yield flaw("a member of a LinkSet", "of none", setting)


@rule(
    "R-settings-02",
    "a patient-facing setting is COMPLETE and says which setting it is",
    "PS03.4",
    "PS03.3",
    "PS03.1",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_are_complete(subject: Subject) -> Iterator[Flaw]:
    """statusCode and code/@code; the specification's example writes code/@value, which no schema allows."""
    for setting in _settings(subject):
        state, code = get(subject, setting, "statusCode", "code"), get(subject, setting, "code", "code")
        if state != "COMPLETE" or not code:
            yield flaw("COMPLETE and a code", f"{state or 'no state'}, {code or 'no code'}", setting)


@rule(
    "R-settings-03",
    "a patient-facing setting is available from a day, and effective at a null time",
    "PS03.5",
    "PS03.1",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_have_a_day(subject: Subject) -> Iterator[Flaw]:
    """availabilityTime of eight digits; effectiveTime or its center with a null flavour."""
    for setting in _settings(subject):
        day = get(subject, setting, "availabilityTime", "value")
        nulls = (get(subject, setting, path, "nullFlavor") for path in ("effectiveTime", "effectiveTime/center"))
        null = next(filter(None, nulls), "")
        if len(day) != 8 or not null:
            yield flaw("yyyyMMdd and a null effectiveTime", f"{day or 'none'}, {null or 'not null'}", setting)


@rule(
    "R-settings-04",
    "a setting of somebody other than the patient says who, by relation and name",
    "PS10",
    "PS10.2",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_of_others(subject: Subject) -> Iterator[Flaw]:
    """subject/personalRelationship/relationshipHolder/name of patient-facing settings that have a subject."""
    for setting in _settings(subject):
        if child(subject, setting, "subject") is None:
            continue
        if not words(child(subject, setting, "subject/personalRelationship/relationshipHolder/name")):
            yield flaw("relationshipHolder/name", "none", setting)


@rule(
    "R-settings-05",
    "the LinkSet of patient-facing settings is COMPLETE",
    "PS02.3",
    since="2.2b",
    interactions=EXTRACTS,
)
def link_is_complete(subject: Subject) -> Iterator[Flaw]:
    """statusCode of the LinkSet."""
    for linkset in _links(subject):
        if get(subject, linkset, "statusCode", "code") != "COMPLETE":
            yield flaw("COMPLETE", get(subject, linkset, "statusCode", "code") or "none", linkset)


@rule(
    "R-settings-06",
    "the LinkSet of patient-facing settings is available from when the extract was made, and effective at a null time",
    "PS02.4",
    since="2.2b",
    interactions=EXTRACTS,
)
def link_times(subject: Subject) -> Iterator[Flaw]:
    """By the day. Any null flavour will do: the text has NI, the example UNK."""
    for extract in extract_of(subject):
        made = get(subject, extract, "availabilityTime", "value")[:8]
        for linkset in _links(subject):
            day = get(subject, linkset, "availabilityTime", "value")[:8]
            null = get(subject, linkset, "effectiveTime", "nullFlavor")
            if day != made or not null:
                yield flaw(f"{made}, and a null effectiveTime", f"{day or 'none'}, {null or 'not null'}", linkset)


@rule(
    "R-settings-07",
    "a patient-facing setting is an observation and nothing else",
    "PS03",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_are_observations(subject: Subject) -> Iterator[Flaw]:
    """Statements of other kinds with a code of the PatientFacingService vocabulary."""
    for each in every(subject, *_OTHERS):
        if get(subject, each, "code", "codeSystem") == SETTINGS:
            yield flaw("ObservationStatement", name(each), each)


@rule(
    "R-settings-08",
    "the LinkSet of patient-facing settings joins codes of their vocabulary alone",
    "PS03.6",
    since="2.2b",
    interactions=EXTRACTS,
)
def settings_alone(subject: Subject) -> Iterator[Flaw]:
    """code/@codeSystem of what the LinkSet joins: one setting of another system among them is no setting."""
    acts = record(subject).acts
    for linkset in _links(subject):
        for each in (acts[one] for one in members(subject, linkset) if one in acts):
            system = get(subject, each, "code", "codeSystem")
            if system != SETTINGS:
                yield flaw(SETTINGS, system or "none", each)
