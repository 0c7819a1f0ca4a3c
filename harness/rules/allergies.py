"""Allergies in their compounds, and entries that an earlier transfer degraded."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import (
    READ_2,
    SNOMED,
    XSI_TYPE,
    Node,
    child,
    children,
    codes,
    enclosing,
    every,
    flaw,
    name,
    once,
    uid,
    words,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.verdict import Basis

_DRUG, _OTHER = "14L..", "SN53."
_ENTRY, _PLAN, _REFERRAL, _REQUEST = "9bJ..", "9bJ3.", "9bJ1.", "9bJ2."
_DRUG_ALLERGY, _OTHER_ALLERGY, _MEDICATION = "9bJ4.", "9bJ5.", "9bJ0."
_SNOMED = {
    "196411000000103": _ENTRY,
    "196451000000104": _PLAN,
    "196431000000106": _REFERRAL,
    "196441000000102": _REQUEST,
    "196461000000101": _DRUG_ALLERGY,
    "196471000000108": _OTHER_ALLERGY,
    "196421000000109": _MEDICATION,
}
# In which element's code each of the seven can stand. Clusters and batteries of degraded entries carry the code of
# entries in published extracts, and the specification is silent on them.
_HOLDERS = {
    _ENTRY: {"ObservationStatement", "CompoundStatement"},
    _PLAN: {"PlanStatement"},
    _REFERRAL: {"RequestStatement"},
    _REQUEST: {"RequestStatement"},
    _DRUG_ALLERGY: {"ObservationStatement"},
    _OTHER_ALLERGY: {"ObservationStatement"},
    _MEDICATION: {"manufacturedMaterial"},
}


@once
def _allergies(subject: Subject) -> Iterator[tuple[Node, str]]:
    """Compounds coded as allergies, with the Read code that says of which kind. A TOPIC has the code of its problem."""
    for compound in every(subject, "CompoundStatement"):
        kinds = {code[:5] for code, system in codes(subject, child(subject, compound, "code")) if system == READ_2} & {
            _DRUG,
            _OTHER,
        }
        if kinds and compound.get("classCode") != "TOPIC":
            yield compound, min(kinds)


@rule(
    "R-allergies-01",
    "an allergy's compound is a CATEGORY",
    "S269.1",
    interactions=EXTRACTS,
)
def allergies_are_categories(subject: Subject) -> Iterator[Flaw]:
    """classCode of compounds coded 14L.. or SN53. in Read version 2."""
    for compound, _ in _allergies(subject):
        if compound.get("classCode") != "CATEGORY":
            yield flaw("CATEGORY", compound.get("classCode") or "none", compound)


@rule(
    "R-allergies-02",
    "an allergy's compound encloses the observation of that allergy",
    "S269.1",
    interactions=EXTRACTS,
)
def allergies_hold_observations(subject: Subject) -> Iterator[Flaw]:
    """component/ObservationStatement of compounds coded 14L.. or SN53."""
    for compound, _ in _allergies(subject):
        if child(subject, compound, "component/ObservationStatement") is None:
            yield flaw("ObservationStatement", "none", compound)


@rule(
    "R-allergies-03",
    "a coded value in an allergy's observation says what caused it",
    "S269.3",
    level="SHOULD",
    interactions=EXTRACTS,
)
def causes_are_coded(subject: Subject) -> Iterator[Flaw]:
    """ObservationStatement/value in allergy compounds: type CD, with a code or words."""
    for compound, _ in _allergies(subject):
        for value in children(subject, compound, "component/ObservationStatement/value"):
            kind = (value.get(XSI_TYPE) or "").rpartition(":")[2]
            if kind != "CD" or not (value.get("code") or words(child(subject, value, "originalText"))):
                yield flaw(
                    "CD with a code or originalText", f"{kind or 'no type'} {value.get('code') or ''}".strip(), value
                )


@rule(
    "R-allergies-04",
    "an allergy's compound stands in a composition or under a heading, and holds no compound",
    "S269.1",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def allergies_are_flat(subject: Subject) -> Iterator[Flaw]:
    """Compounds directly inside of allergy compounds."""
    for compound, _ in _allergies(subject):
        for inner in children(subject, compound, "component/CompoundStatement"):
            yield flaw("ObservationStatement", f"a {inner.get('classCode')}", inner)


@once
def _degrades(subject: Subject) -> Iterator[tuple[Node, Node, set[str], set[str]]]:
    """Each degraded entry: what holds the code, the code, and the degrade codes in Read and in SNOMED CT, as Read."""
    for holder in every(subject, *sorted(set().union(*_HOLDERS.values()))):
        code = child(subject, holder, "code")
        found = list(codes(subject, code))
        read = {text[:5] for text, _ in found if text[:5] in _HOLDERS}
        snomed = {_SNOMED[text] for text, _ in found if text in _SNOMED}
        if code is not None and (read or snomed):
            yield holder, code, read, snomed


@rule(
    "R-degrades-01",
    "a degraded entry keeps its kind of statement: each degrade code stands in the kind that it was made for",
    "V-86",
    interactions=EXTRACTS,
)
def degrades_keep_their_kind(subject: Subject) -> Iterator[Flaw]:
    """Statement or product that carries one of the seven degrade codes."""
    for holder, code, read, snomed in _degrades(subject):
        for each in sorted(read | snomed):
            if name(holder) not in _HOLDERS[each]:
                yield flaw(" or ".join(sorted(_HOLDERS[each])), f"{each} in {name(holder)}", code)


@rule(
    "R-degrades-02",
    "a degraded entry carries its degrade code both in Read and in SNOMED CT",
    "V-86",
    level="SHOULD",
    interactions=EXTRACTS,
)
def degrades_are_in_both(subject: Subject) -> Iterator[Flaw]:
    """Main code and translations."""
    for _, code, read, snomed in _degrades(subject):
        if read != snomed:
            yield flaw("the same code in both", f"Read {sorted(read)}, SNOMED CT {sorted(snomed)}", code)


@rule(
    "R-degrades-03",
    "a degraded entry keeps the words of the original",
    "V-86",
    interactions=EXTRACTS,
)
def degrades_keep_their_words(subject: Subject) -> Iterator[Flaw]:
    """originalText of the code; a compound's words are those of what it holds."""
    for holder, code, _, _ in _degrades(subject):
        if name(holder) != "CompoundStatement" and not words(child(subject, code, "originalText")):
            yield flaw("originalText", "none", code)


@rule(
    "R-degrades-04",
    "a degraded allergy stays in the compound for allergies of its kind",
    "V-86",
    "S269.2",
    interactions=EXTRACTS,
)
def degraded_allergies_stay(subject: Subject) -> Iterator[Flaw]:
    """Observations with an allergy's degrade code, and the Read code of the compound around them."""
    kinds = {uid(subject, compound): kind for compound, kind in _allergies(subject)}
    wanted = {_DRUG_ALLERGY: _DRUG, _OTHER_ALLERGY: _OTHER}
    for holder, code, read, snomed in _degrades(subject):
        around = next(
            (
                kinds[uid(subject, each)]
                for each in enclosing(holder, "CompoundStatement")
                if uid(subject, each) in kinds
            ),
            "",
        )
        for each in sorted((read | snomed) & set(wanted)):
            if around != wanted[each]:
                yield flaw(f"in a CATEGORY {wanted[each]}", around or "in none", code)


@rule(
    "R-degrades-05",
    "the notes of a degraded entry do not say that it was degraded",
    "V-86",
    level="SHOULD",
    interactions=EXTRACTS,
)
def notes_are_clean(subject: Subject) -> Iterator[Flaw]:
    """pertinentAnnotation and text beside a degrade code: the word itself."""
    for holder, _, _, _ in _degrades(subject):
        notes = (
            *children(subject, holder, "pertinentInformation/pertinentAnnotation/text"),
            *children(subject, holder, "text"),
        )
        for note in notes:
            if "degrade" in words(note).lower():
                yield flaw("the recorded notes alone", words(note)[:90], note)


@rule(
    "R-degrades-06",
    "degrade codes are of the code systems that they were allotted in",
    "V-86",
    interactions=EXTRACTS,
)
def degrade_systems(subject: Subject) -> Iterator[Flaw]:
    """codeSystem beside the fourteen codes; the published examples drop one component of Read's."""
    for _, code, _, _ in _degrades(subject):
        for text, system in codes(subject, code):
            wanted = SNOMED if text in _SNOMED else READ_2 if text[:5] in _HOLDERS else ""
            if wanted and system != wanted:
                yield flaw(wanted, system or "none", code)
