"""Links: that they lead somewhere, and the two that carry Summary Care Record preferences."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import (
    SNOMED,
    Node,
    child,
    children,
    every,
    extract_of,
    flaw,
    get,
    name,
    parent,
    record,
    shown,
    uid,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_PROBLEMS = frozenset({"394774009", "394775005", "394776006"})
_INCLUDED, _EXCLUDED = "753381000000108", "753361000000104"
SETTINGS = "2.16.840.1.113883.2.1.3.2.4.17.484"
_REFERENCES = ("statementRef", "namedStatementRef", "justifyingStatementRef", "priorStatementRef")


def _links(subject: Subject, *wanted: str) -> Iterator[Node]:
    return (each for each in every(subject, "LinkSet") if get(subject, each, "code", "code") in wanted)


def members(subject: Subject, linkset: Node) -> list[str]:
    """Ids of the statements that a LinkSet joins."""
    return [uid(subject, reference) for reference in children(subject, linkset, "component/statementRef")]


@rule(
    "R-linksets-01",
    "every reference to a statement leads to a statement of the same extract",
    "V-57",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def references_resolve(subject: Subject) -> Iterator[Flaw]:
    """statementRef, namedStatementRef, justifyingStatementRef, and priorStatementRef of sequelTo; not what was replaced."""
    acts = record(subject).acts
    for reference in every(subject, *_REFERENCES):
        if parent(reference) != "replacementOf" and uid(subject, reference) not in acts:
            yield flaw("the id of a statement", uid(subject, reference) or "none", reference)


@rule(
    "R-linksets-02",
    "a reference to a statement repeats that statement's classCode and moodCode",
    "V-57",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def references_agree(subject: Subject) -> Iterator[Flaw]:
    """classCode and moodCode of reference and target, where both write them."""
    acts = record(subject).acts
    for reference in every(subject, *_REFERENCES):
        target = None if parent(reference) == "replacementOf" else acts.get(uid(subject, reference))
        for key in ("classCode", "moodCode") if target is not None else ():
            wanted = None if target is None else target.get(key)
            if wanted and reference.get(key) not in (None, wanted):
                yield flaw(f"{key} {wanted}", reference.get(key) or "", reference)


@rule(
    "R-linksets-03",
    "a LinkSet is coded as an active, inactive or unspecified problem, or as one of those that later specifications add",
    "V-52",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def link_types(subject: Subject) -> Iterator[Flaw]:
    """LinkSet/code: EhrLinkSetType and SCR's two; patient-facing settings have no code yet, and are known by members."""
    for linkset in every(subject, "LinkSet"):
        code = child(subject, linkset, "code")
        if (
            code is not None
            and code.get("code") not in vocabulary("EhrLinkSetType")
            and not is_settings(subject, linkset)
        ):
            yield flaw("a code of EhrLinkSetType", shown(subject, code), code)


def is_settings(subject: Subject, linkset: Node) -> bool:
    """Whether a LinkSet joins patient-facing settings: it has no code yet, and is known by its members."""
    acts = record(subject).acts
    joined = (acts[one] for one in members(subject, linkset) if one in acts)
    return any(get(subject, each, "code", "codeSystem") == SETTINGS for each in joined)


@rule(
    "R-linksets-04",
    "a problem names the statement that it is about",
    "V-57",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def problems_are_named(subject: Subject) -> Iterator[Flaw]:
    """conditionNamed/namedStatementRef of LinkSets coded as problems: every published one has it."""
    for linkset in _links(subject, *_PROBLEMS):
        if child(subject, linkset, "conditionNamed/namedStatementRef") is None:
            yield flaw("conditionNamed", "none", linkset)


@rule(
    "R-linksets-05",
    "a problem is about an observation",
    "V-57",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def problems_are_observations(subject: Subject) -> Iterator[Flaw]:
    """What conditionNamed leads to."""
    acts = record(subject).acts
    for linkset in _links(subject, *_PROBLEMS):
        named = acts.get(get(subject, linkset, "conditionNamed/namedStatementRef/id", "root"))
        if named is not None and name(named) != "ObservationStatement":
            yield flaw("ObservationStatement", name(named), linkset)


@rule(
    "R-linksets-06",
    "no LinkSet has itself, or one statement twice, among its members",
    "V-57",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def members_are_distinct(subject: Subject) -> Iterator[Flaw]:
    """ids of component/statementRef."""
    for linkset in every(subject, "LinkSet"):
        seen = {uid(subject, linkset)}
        for reference in children(subject, linkset, "component/statementRef"):
            if uid(subject, reference) in seen:
                yield flaw("another statement", uid(subject, reference), reference)
            seen.add(uid(subject, reference))


@rule(
    "R-scr-01",
    "preferences for the Summary Care Record come in two LinkSets, one of what is included and one of what is excluded",
    "SC03",
    "SC02",
    "S220",
    "S221",
    since="2.2b",
    interactions=EXTRACTS,
)
def two_scr_linksets(subject: Subject) -> Iterator[Flaw]:
    """One of each, where there is any. Both are owed in every extract, but none published has one: absence is let pass [ours]."""
    found = {code: list(_links(subject, code)) for code in (_INCLUDED, _EXCLUDED)}
    if not any(found.values()):
        return
    for code, linksets in found.items():
        if len(linksets) != 1:
            at = linksets[1] if len(linksets) > 1 else found[_EXCLUDED if code == _INCLUDED else _INCLUDED][0]
            yield flaw(f"one LinkSet {code}", str(len(linksets)), at)


@rule(
    "R-scr-02",
    "a LinkSet of Summary Care Record preferences is COMPLETE",
    "SC03.4",
    since="2.2b",
    interactions=EXTRACTS,
)
def scr_state(subject: Subject) -> Iterator[Flaw]:
    """statusCode."""
    for linkset in _links(subject, _INCLUDED, _EXCLUDED):
        if get(subject, linkset, "statusCode", "code") != "COMPLETE":
            yield flaw("COMPLETE", get(subject, linkset, "statusCode", "code") or "none", linkset)


@rule(
    "R-scr-03",
    "a LinkSet of Summary Care Record preferences has the effectiveTime null, with flavour NA",
    "SC03.5",
    since="2.2b",
    level="SHOULD",
    interactions=EXTRACTS,
)
def scr_effective_time(subject: Subject) -> Iterator[Flaw]:
    """effectiveTime/@nullFlavor. The specification's own example leaves the element out, hence no MUST [ours]."""
    for linkset in _links(subject, _INCLUDED, _EXCLUDED):
        null = get(subject, linkset, "effectiveTime", "nullFlavor")
        if null != "NA":
            yield flaw("effectiveTime/@nullFlavor NA", null or "none", linkset)


@rule(
    "R-scr-04",
    "a LinkSet of Summary Care Record preferences is available from when the extract was made",
    "SC03.6",
    since="2.2b",
    level="SHOULD",
    interactions=EXTRACTS,
)
def scr_available(subject: Subject) -> Iterator[Flaw]:
    """availabilityTime and that of the extract, by the day: the printed form of the date is garbled."""
    for extract in extract_of(subject):
        made = get(subject, extract, "availabilityTime", "value")[:8]
        for linkset in _links(subject, _INCLUDED, _EXCLUDED):
            if get(subject, linkset, "availabilityTime", "value")[:8] != made:
                yield flaw(made, get(subject, linkset, "availabilityTime", "value") or "none", linkset)


@rule(
    "R-scr-05",
    "no statement is both included in and excluded from the Summary Care Record",
    "SC04",
    "SC04-2",
    since="2.2b",
    interactions=EXTRACTS,
)
def scr_either(subject: Subject) -> Iterator[Flaw]:
    """Members of the two LinkSets."""
    included = {one for linkset in _links(subject, _INCLUDED) for one in members(subject, linkset)}
    for linkset in _links(subject, _EXCLUDED):
        for reference in children(subject, linkset, "component/statementRef"):
            if uid(subject, reference) in included:
                yield flaw("in one of the two", uid(subject, reference), reference)


@rule(
    "R-scr-06",
    "the codes of the two LinkSets of Summary Care Record preferences are of SNOMED CT",
    "SC03.1",
    "SC03.2",
    since="2.2b",
    interactions=EXTRACTS,
)
def scr_coded(subject: Subject) -> Iterator[Flaw]:
    """code/@codeSystem of LinkSets that have one of the two codes."""
    for linkset in _links(subject, _INCLUDED, _EXCLUDED):
        if get(subject, linkset, "code", "codeSystem") != SNOMED:
            yield flaw(SNOMED, get(subject, linkset, "code", "codeSystem") or "none", linkset)
