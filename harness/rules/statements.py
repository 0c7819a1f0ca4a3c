"""Statements and compositions: ids, states, emptiness, and how headings, clusters and batteries nest."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import (
    ACTS,
    STATEMENTS,
    Node,
    child,
    children,
    enclosing,
    every,
    flaw,
    get,
    kids,
    name,
    parent,
    record,
    uid,
    words,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_MAY_BE_ACTIVE = (
    "MedicationStatement",
    "ehrSupplyAuthorise",
    "ehrSupplyDiscontinue",
    "ehrSupplyDispense",
    "ehrSupplyPrescribe",
)


@rule(
    "R-statements-01",
    "no two acts of an extract have the same id",
    "V-54",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def ids_are_unique(subject: Subject) -> Iterator[Flaw]:
    """First ids of compositions, statements and supply acts. Documents may be referred to twice (AR-B)."""
    acts = record(subject).acts
    for act in every(subject, *ACTS):
        if acts.get(uid(subject, act), act) is not act:
            yield flaw("an id of its own", uid(subject, act), act)


@rule(
    "R-statements-02",
    "the statusCode of an act is one that its vocabulary has; only medication can be ACTIVE",
    "V-51",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def states(subject: Subject) -> Iterator[Flaw]:
    """EhrActState, EhrMedicationState and EhrSupplyState of MIM 3.1.10."""
    for act in every(subject, "EhrExtract", "ehrFolder", *ACTS):
        code = child(subject, act, "statusCode")
        legal = vocabulary("EhrSupplyState" if name(act) in _MAY_BE_ACTIVE else "EhrActState")
        if code is not None and (code.get("code") or "") not in legal:
            yield flaw(" or ".join(sorted(legal)), code.get("code") or code.get("nullFlavor") or "none", code)


@rule(
    "R-statements-03",
    "extract and folder are COMPLETE",
    "V-51",
    basis=Basis.FIELD,
    level="SHOULD",
    interactions=EXTRACTS,
)
def wholes_are_complete(subject: Subject) -> Iterator[Flaw]:
    """statusCode of EhrExtract and ehrFolder: nothing says what another state of the whole would mean."""
    for act in every(subject, "EhrExtract", "ehrFolder"):
        if get(subject, act, "statusCode", "code") != "COMPLETE":
            yield flaw("COMPLETE", get(subject, act, "statusCode", "code") or "none", act)


@rule(
    "R-statements-04",
    "an EhrEmpty that stands for an empty consultation is all that its composition holds",
    "S55",
    interactions=EXTRACTS,
)
def empty_stands_alone(subject: Subject) -> Iterator[Flaw]:
    """EhrEmpty among other components. One with replacementOf stands for a deleted statement (GS10), beside others."""
    for empty in every(subject, "EhrEmpty"):
        component = empty.getparent()
        composition = None if component is None else component.getparent()
        if (
            composition is None
            or name(composition) != "ehrComposition"
            or child(subject, empty, "replacementOf") is not None
        ):
            continue
        if len(children(subject, composition, "component")) > 1:
            yield flaw("the only component", f"one of {len(children(subject, composition, 'component'))}", empty)


@rule(
    "R-statements-05",
    "an EhrEmpty is never nested in a compound statement",
    "GS10",
    since="2.2b",
    interactions=EXTRACTS,
)
def empty_is_not_nested(subject: Subject) -> Iterator[Flaw]:
    """CompoundStatement/component/EhrEmpty."""
    for empty in every(subject, "EhrEmpty"):
        if parent(empty, 2) == "CompoundStatement":
            yield flaw("a component of ehrComposition", "in a CompoundStatement", empty)


@rule(
    "R-statements-06",
    "a composition that was deleted holds nothing but EhrEmpty statements",
    "GS11",
    since="2.2b",
    interactions=EXTRACTS,
)
def deleted_compositions(subject: Subject) -> Iterator[Flaw]:
    """Components of an ehrComposition whose statusCode is NULLIFIED."""
    for composition in every(subject, "ehrComposition"):
        if get(subject, composition, "statusCode", "code") != "NULLIFIED":
            continue
        for component in children(subject, composition, "component"):
            if child(subject, component, "EhrEmpty") is None:
                yield flaw("EhrEmpty", " ".join(name(each) for each in kids(component)), component)


@rule(
    "R-statements-07",
    "what was replaced is not sent any more: replacementOf points to no act of the same extract",
    "GS05",
    since="2.2b",
    interactions=EXTRACTS,
)
def replaced_is_gone(subject: Subject) -> Iterator[Flaw]:
    """replacementOf/priorStatementRef and priorCompositionRef."""
    acts = record(subject).acts
    for replacement in every(subject, "replacementOf"):
        for reference in kids(replacement):
            if uid(subject, reference) in acts:
                yield flaw("the id of an act that is not in the extract", uid(subject, reference), reference)


@rule(
    "R-statements-08",
    "a narrative statement has text, or the document that it is about",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def narratives_tell(subject: Subject) -> Iterator[Flaw]:
    """NarrativeStatement/text; empty text beside a document is how Attachment Types itself shows it."""
    for statement in every(subject, "NarrativeStatement"):
        if not words(child(subject, statement, "text")) and child(subject, statement, "reference") is None:
            yield flaw("text or a document", "neither", statement)


@rule(
    "R-statements-09",
    "a note that belongs to an entry says something",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def notes_tell(subject: Subject) -> Iterator[Flaw]:
    """text of pertinentAnnotation, pertinentSupplyAnnotation and pertinentMedicationDosage."""
    for note in every(subject, "pertinentAnnotation", "pertinentSupplyAnnotation", "pertinentMedicationDosage"):
        text = child(subject, note, "text")
        if not words(text) and (text is None or text.get("nullFlavor") is None):
            yield flaw("text", "none", note)


@rule(
    "R-statements-10",
    "the notes of one entry are numbered, each with a number of its own",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def notes_are_numbered(subject: Subject) -> Iterator[Flaw]:
    """pertinentInformation/sequenceNumber of an ObservationStatement."""
    for statement in every(subject, "ObservationStatement"):
        notes = children(subject, statement, "pertinentInformation")
        numbers = [get(subject, note, "sequenceNumber", "value").removeprefix("+") for note in notes]
        if len(set(numbers)) < len(numbers) or "" in numbers:
            yield flaw("numbers that differ", ", ".join(numbers), statement)


@rule(
    "R-statements-11",
    "a composition whose place is told has the name of the place",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def places_have_names(subject: Subject) -> Iterator[Flaw]:
    """location/locatedEntity/locatedPlace/name."""
    for location in every(subject, "location"):
        if parent(location) == "ehrComposition" and not words(
            child(subject, location, "locatedEntity/locatedPlace/name")
        ):
            yield flaw("locatedPlace/name with text", "none", location)


@rule(
    "R-topics-01",
    "a TOPIC stands directly in its composition",
    "V-84",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def topics_are_outermost(subject: Subject) -> Iterator[Flaw]:
    """CompoundStatement of class TOPIC inside another."""
    for compound in _compounds(subject, "TOPIC"):
        above = next(enclosing(compound, "CompoundStatement"), None)
        if above is not None:
            yield flaw("TOPIC directly in ehrComposition", f"in a {above.get('classCode')}", compound)


def _compounds(subject: Subject, level: str) -> Iterator[Node]:
    return (each for each in every(subject, "CompoundStatement") if each.get("classCode") == level)


@rule(
    "R-topics-02",
    "a CATEGORY stands in a composition, a TOPIC or another CATEGORY, never in a CLUSTER or a BATTERY",
    "V-84",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def categories_are_headings(subject: Subject) -> Iterator[Flaw]:
    """CompoundStatement of class CATEGORY and what it stands in."""
    for compound in _compounds(subject, "CATEGORY"):
        above = next(enclosing(compound, "CompoundStatement"), None)
        if above is not None and above.get("classCode") in ("CLUSTER", "BATTERY"):
            yield flaw("CATEGORY under a heading", f"in a {above.get('classCode')}", compound)


@rule(
    "R-topics-03",
    "a BATTERY holds no BATTERY",
    "V-84",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def batteries_do_not_nest(subject: Subject) -> Iterator[Flaw]:
    """CompoundStatement of class BATTERY inside another, however deep."""
    for compound in _compounds(subject, "BATTERY"):
        if any(above.get("classCode") == "BATTERY" for above in enclosing(compound, "CompoundStatement")):
            yield flaw("BATTERY outside of any other", "in a BATTERY", compound)


@rule(
    "R-topics-04",
    "a heading says what it heads, by a code or in words",
    "V-84",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def headings_have_words(subject: Subject) -> Iterator[Flaw]:
    """code of TOPIC and CATEGORY: a code with its display name, or originalText."""
    for compound in (*_compounds(subject, "TOPIC"), *_compounds(subject, "CATEGORY")):
        code = child(subject, compound, "code")
        if code is not None and not (code.get("code") or words(child(subject, code, "originalText"))):
            yield flaw("a code or originalText", "neither", code)


@rule(
    "R-topics-05",
    "a composition of non-consultation medication data holds medication and what refers to it, nothing else",
    "V-82",
    level="SHOULD",
    interactions=EXTRACTS,
)
def medication_data_alone(subject: Subject) -> Iterator[Flaw]:
    """Statements directly in a composition coded 196391000000103; mixed ones are 196401000000100."""
    for composition in every(subject, "ehrComposition"):
        if get(subject, composition, "code", "code") != "196391000000103":
            continue
        for component in children(subject, composition, "component"):
            kind = next((name(each) for each in kids(component) if name(each) in STATEMENTS), "")
            if kind not in ("MedicationStatement", "EhrEmpty", "LinkSet", ""):
                yield flaw("medication alone", kind, component)
