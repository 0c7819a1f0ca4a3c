"""Coded elements: code systems that are known, codes that their vocabularies have, and words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harness.rules.record import (
    READ_2,
    SNOMED,
    Node,
    child,
    children,
    every,
    flaw,
    get,
    given,
    name,
    parent,
    shown,
    words,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_CLINICAL = ("ObservationStatement", "PlanStatement", "RequestStatement", "CompoundStatement", "manufacturedMaterial")


def _outside(subject: Subject, codes: Iterator[Node], wanted: str) -> Iterator[Flaw]:
    for code in codes:
        if code.get("nullFlavor") is None and (code.get("code") or "").strip() not in vocabulary(wanted):
            yield flaw(f"a code of {wanted}", shown(subject, code), code)


def _codes_of(subject: Subject, *owners: str) -> Iterator[Node]:
    for owner in every(subject, *owners):
        code = child(subject, owner, "code")
        if code is not None:
            yield code


@rule(
    "R-codes-01",
    "a code names a code system that published schemas, specifications or extracts know",
    "V-90",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
    remedy="A digit dropped from an OID passes the schema: one published example writes 2.16.840.113883.2.1.6.2.",
)
def known_systems(subject: Subject) -> Iterator[Flaw]:
    """codeSystem of code, translation, value, name and the other coded elements."""
    wanted = ("code", "translation", "value", "name", "priorityCode", "interpretationCode", "uncertaintyCode")
    known = vocabulary("codeSystems")
    for code, system in given(subject, "codeSystem", *wanted):
        if system not in known:
            yield flaw("a code system that is known", system, code)


@rule(
    "R-codes-02",
    "a clinical code says which code system it is of",
    "V-90",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def codes_have_systems(subject: Subject) -> Iterator[Flaw]:
    """code and translations of observations, plans, requests, compounds and products."""
    for main in _codes_of(subject, *_CLINICAL):
        for code in (main, *children(subject, main, "translation")):
            if code.get("code") and not code.get("codeSystem"):
                yield flaw("codeSystem", shown(subject, code), code)


@rule(
    "R-codes-03",
    "an entry without a code says in its own words what it is",
    "V-90",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def uncoded_entries_have_words(subject: Subject) -> Iterator[Flaw]:
    """originalText of code where it has a null flavour, or neither code nor null flavour."""
    for code in _codes_of(subject, *_CLINICAL, "ehrSupplyDiscontinue"):
        if not code.get("code") and not words(child(subject, code, "originalText")):
            yield flaw("originalText", code.get("nullFlavor") or "nothing", code)


@rule(
    "R-codes-04",
    "a clinical code comes with its rubric",
    "S212",
    level="SHOULD",
    interactions=EXTRACTS,
)
def codes_have_rubrics(subject: Subject) -> Iterator[Flaw]:
    """displayName or originalText of the main code; displayName of translations, which have it from the map."""
    for main in _codes_of(subject, *_CLINICAL):
        if main.get("code") and not (main.get("displayName") or words(child(subject, main, "originalText"))):
            yield flaw("displayName or originalText", shown(subject, main), main)


@rule(
    "R-codes-05",
    "a SNOMED CT code is a number of 6 to 18 digits that ends in its check digit",
    "V-91",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def snomed_codes(subject: Subject) -> Iterator[Flaw]:
    """Every code whose system is SNOMED CT; what stands around it in blanks is not part of it."""
    for code, system in given(subject, "codeSystem", "code", "translation", "value", "name", "priorityCode"):
        text = code.get("code") if system == SNOMED else ""
        if text and not verhoeff(text.strip()):
            yield flaw("a SNOMED CT identifier", text, code)


def _turned(a: int, b: int) -> int:
    """The product of two elements of the dihedral group of the pentagon: below five turns, from five on mirrorings."""
    turn = (a + b if a < 5 else a - b) % 5
    return turn if (a < 5) == (b < 5) else turn + 5


_DIHEDRAL = tuple(tuple(_turned(a, b) for b in range(10)) for a in range(10))
_TURNS = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


@lru_cache(maxsize=4096)
def verhoeff(text: str) -> bool:
    """Whether a SNOMED CT identifier has its form and its check digit, by Verhoeff's scheme in the dihedral group."""
    if not re.fullmatch("[1-9][0-9]{5,17}", text):
        return False
    check = 0
    for place, digit in enumerate(reversed(text)):
        turned = int(digit)
        for _ in range(place % 8):
            turned = _TURNS[turned]
        check = _DIHEDRAL[check][turned]
    return check == 0


@rule(
    "R-codes-06",
    "a Read code of version 2 has five characters, and two more when it names a term",
    "V-90",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def read_codes(subject: Subject) -> Iterator[Flaw]:
    """Codes of 2.16.840.1.113883.2.1.6.2."""
    for code, system in given(subject, "codeSystem", "code", "translation", "value"):
        text = code.get("code") if system == READ_2 else ""
        if text and not re.fullmatch(r"[0-9A-Za-z.]{5}(?:[0-9A-Za-z]{2})?", text):
            yield flaw("5 or 7 characters", text, code)


@rule(
    "R-codes-07",
    "a composition is of a kind that EhrCompositionName has, with the two for non-consultation data",
    "V-52",
    "V-82",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def composition_names(subject: Subject) -> Iterator[Flaw]:
    """ehrComposition/code."""
    yield from _outside(subject, _codes_of(subject, "ehrComposition"), "EhrCompositionName")


@rule(
    "R-codes-08",
    "a priority is one of normal, high and immediate",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def priorities(subject: Subject) -> Iterator[Flaw]:
    """priorityCode: EhrPriority, EhrReferralPriority and EhrMedicationPriority are the same three codes."""
    yield from _outside(subject, every(subject, "priorityCode"), "EhrPriority")


@rule(
    "R-codes-09",
    "a registration is of a kind that EhrRegistrationCode has",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def registrations(subject: Subject) -> Iterator[Flaw]:
    """RegistrationStatement/code."""
    yield from _outside(subject, _codes_of(subject, "RegistrationStatement"), "EhrRegistrationCode")


@rule(
    "R-codes-10",
    "a supply is of a kind that EhrSupplyType has",
    "V-52",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def supply_types(subject: Subject) -> Iterator[Flaw]:
    """code of authorisation, issue and dispensing."""
    owners = ("ehrSupplyAuthorise", "ehrSupplyPrescribe", "ehrSupplyDispense")
    yield from _outside(subject, _codes_of(subject, *owners), "EhrSupplyType")


@rule(
    "R-codes-11",
    "how a request was made is one of the four modes of EhrRequestMode",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def request_modes(subject: Subject) -> Iterator[Flaw]:
    """RequestStatement/responsibleParty/modeCode."""
    yield from _outside(subject, every(subject, "modeCode"), "EhrRequestMode")


@rule(
    "R-codes-12",
    "whoever signs, signs with S",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def signatures(subject: Subject) -> Iterator[Flaw]:
    """signatureCode: EhrParticipationSignature has one code."""
    yield from _outside(subject, every(subject, "signatureCode"), "EhrParticipationSignature")


@rule(
    "R-codes-13",
    "a translation is of another code system than the code it translates, unless it gives another term",
    "V-90",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def translations_translate(subject: Subject) -> Iterator[Flaw]:
    """Main code and translation that have both system and code in common."""
    for main in _codes_of(subject, *_CLINICAL):
        for other in children(subject, main, "translation"):
            same = all(other.get(key) == main.get(key) for key in ("code", "codeSystem", "displayName"))
            if other.get("code") and same:
                yield flaw("another code", shown(subject, other), other)


@rule(
    "R-codes-14",
    "a qualifier says what it qualifies: it has a name",
    "V-90",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def qualifiers_have_names(subject: Subject) -> Iterator[Flaw]:
    """qualifier/name with a code or words."""
    for qualifier in every(subject, "qualifier"):
        label = child(subject, qualifier, "name")
        if label is None or not (label.get("code") or words(label)):
            yield flaw("qualifier/name", "none", qualifier)


@rule(
    "R-codes-15",
    "whose history it is, or whose relation speaks, is told by a code or in words",
    "PS10.1",
    level="SHOULD",
    interactions=EXTRACTS,
)
def relations(subject: Subject) -> Iterator[Flaw]:
    """personalRelationship/code and informantRole/code: EhrPersonalRels, with the words that were recorded."""
    for role in every(subject, "personalRelationship", "informantRole"):
        if not get(subject, role, "code", "code") and not words(child(subject, role, "code/originalText")):
            yield flaw(f"{name(role)}/code", "none", role)


@rule(
    "R-codes-16",
    "how uncertain an entry is comes from the vocabulary of uncertainty",
    "V-52",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def uncertainty(subject: Subject) -> Iterator[Flaw]:
    """uncertaintyCode/@codeSystem, which MIM 3.1.10 fixes for compounds."""
    for code in every(subject, "uncertaintyCode"):
        if code.get("code") and code.get("codeSystem") != "2.16.840.1.113883.5.1053":
            yield flaw("codeSystem 2.16.840.1.113883.5.1053", f"{code.get('codeSystem')} in {parent(code)}", code)
