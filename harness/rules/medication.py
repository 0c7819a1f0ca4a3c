"""Medication: what was authorised, issued and stopped, and that each says of what and how much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.record import Node, child, children, every, flaw, get, kids, name, record, shown, uid, words
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.verdict import Basis

# Which supply acts stand in a statement of which mood, in everything published.
_SUPPLIES = {
    "INT": {"ehrSupplyAuthorise", "ehrSupplyDiscontinue"},
    "ORD": {"ehrSupplyPrescribe", "ehrSupplyAuthorise"},
    "RMD": {"ehrSupplyDiscontinue"},
    "EVN": {"ehrSupplyDiscontinue", "ehrSupplyDispense"},
}


def _unresolved(subject: Subject, relation: str, wanted: str) -> Iterator[Flaw]:
    acts = record(subject).acts
    for link in every(subject, relation):
        for reference in children(subject, link, "priorMedicationRef"):
            target = acts.get(uid(subject, reference))
            if target is None or name(target) != wanted:
                found = "nothing" if target is None else name(target)
                yield flaw(f"the id of an {wanted}", f"{uid(subject, reference)}, {found}", reference)


@rule(
    "R-medication-01",
    "an issue fulfils an authorisation of the same extract",
    "V-80",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def issues_fulfil(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyPrescribe/inFulfillmentOf/priorMedicationRef leads to an ehrSupplyAuthorise."""
    acts = record(subject).acts
    for issue in every(subject, "ehrSupplyPrescribe"):
        reference = get(subject, issue, "inFulfillmentOf/priorMedicationRef/id", "root")
        target = acts.get(reference)
        if target is None or name(target) != "ehrSupplyAuthorise":
            yield flaw("inFulfillmentOf an ehrSupplyAuthorise", reference or "none", issue)


@rule(
    "R-medication-02",
    "a discontinuation refers to the authorisation that it ends",
    "V-81",
    interactions=EXTRACTS,
)
def discontinuations_reverse(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyDiscontinue/reversalOf/priorMedicationRef, which leads to an ehrSupplyAuthorise of the extract."""
    for stop in every(subject, "ehrSupplyDiscontinue"):
        if child(subject, stop, "reversalOf/priorMedicationRef") is None:
            yield flaw("reversalOf/priorMedicationRef", "none", stop)
    yield from _unresolved(subject, "reversalOf", "ehrSupplyAuthorise")


@rule(
    "R-medication-03",
    "a discontinuation gives its reason, as a code or in words",
    "V-81",
    interactions=EXTRACTS,
)
def discontinuations_have_reasons(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyDiscontinue/code."""
    for stop in every(subject, "ehrSupplyDiscontinue"):
        if not get(subject, stop, "code", "code") and not words(child(subject, stop, "code/originalText")):
            yield flaw("a code or originalText", get(subject, stop, "code", "nullFlavor") or "neither", stop)


@rule(
    "R-medication-04",
    "a discontinuation has the date of the stop",
    "V-81",
    interactions=EXTRACTS,
)
def discontinuations_have_dates(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyDiscontinue/availabilityTime."""
    for stop in every(subject, "ehrSupplyDiscontinue"):
        if not get(subject, stop, "availabilityTime", "value"):
            yield flaw("availabilityTime/@value", get(subject, stop, "availabilityTime", "nullFlavor") or "none", stop)


@rule(
    "R-medication-05",
    "a renewed authorisation refers to an authorisation of the same extract",
    "V-80",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def renewals_refer(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyAuthorise/predecessor/priorMedicationRef."""
    yield from _unresolved(subject, "predecessor", "ehrSupplyAuthorise")


@rule(
    "R-medication-06",
    "dispensing refers to an issue of the same extract",
    "V-80",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def dispensing_refers(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyDispense/inFulfillmentOf/priorMedicationRef leads to an ehrSupplyPrescribe."""
    acts = record(subject).acts
    for dispense in every(subject, "ehrSupplyDispense"):
        reference = get(subject, dispense, "inFulfillmentOf/priorMedicationRef/id", "root")
        target = acts.get(reference)
        if reference and (target is None or name(target) != "ehrSupplyPrescribe"):
            yield flaw("inFulfillmentOf an ehrSupplyPrescribe", reference, dispense)


@rule(
    "R-medication-07",
    "what is supplied has an amount, which is no negative number",
    "V-87",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def amounts(subject: Subject) -> Iterator[Flaw]:
    """quantity/@value of authorisation, issue and dispensing."""
    for act in every(subject, "ehrSupplyAuthorise", "ehrSupplyPrescribe", "ehrSupplyDispense"):
        quantity = child(subject, act, "quantity")
        amount = "" if quantity is None else quantity.get("value") or quantity.get("nullFlavor") or ""
        if not re.fullmatch(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+|[A-Z]+", amount):
            yield flaw("quantity/@value", amount or "none", act)


@rule(
    "R-medication-08",
    "an amount says in words of what unit it is",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def amounts_have_units(subject: Subject) -> Iterator[Flaw]:
    """quantity/translation/originalText where the unit is 1, as it always is."""
    for quantity in every(subject, "quantity"):
        if quantity.get("unit", "1") == "1" and not words(child(subject, quantity, "translation/originalText")):
            yield flaw("translation/originalText", "none", quantity)


@rule(
    "R-medication-09",
    "an authorisation says how often it may be repeated: 0 or more",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def repeats(subject: Subject) -> Iterator[Flaw]:
    """ehrSupplyAuthorise/repeatNumber."""
    for act in every(subject, "ehrSupplyAuthorise"):
        number = get(subject, act, "repeatNumber", "value")
        if not re.fullmatch(r"\+?[0-9]+", number):
            yield flaw("repeatNumber/@value, 0 or more", number or "none", act)


@rule(
    "R-medication-10",
    "the mood of a medication statement fits what it holds: INT an authorisation, ORD an issue",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def moods_fit(subject: Subject) -> Iterator[Flaw]:
    """Supply acts of each MedicationStatement against its moodCode."""
    for statement in every(subject, "MedicationStatement"):
        legal = _SUPPLIES.get(statement.get("moodCode") or "", set())
        for act in _supplies(subject, statement):
            if legal and name(act) not in legal:
                yield flaw(" or ".join(sorted(legal)), f"{name(act)} in {statement.get('moodCode')}", act)


def _supplies(subject: Subject, statement: Node) -> Iterator[Node]:
    for component in children(subject, statement, "component"):
        yield from kids(component)


@rule(
    "R-medication-11",
    "a medication statement is about one product, by code or in words",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def products(subject: Subject) -> Iterator[Flaw]:
    """consumable/manufacturedProduct/manufacturedMaterial/code."""
    for statement in every(subject, "MedicationStatement"):
        found = children(subject, statement, "consumable/manufacturedProduct/manufacturedMaterial/code")
        if len(found) != 1 or not (found[0].get("code") or words(child(subject, found[0], "originalText"))):
            yield flaw("one product", ", ".join(shown(subject, each) for each in found) or "none", statement)


@rule(
    "R-medication-12",
    "a medication statement holds at least one supply: authorised, issued, dispensed or discontinued",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def statements_supply(subject: Subject) -> Iterator[Flaw]:
    """component of MedicationStatement, which is optional to the schema."""
    for statement in every(subject, "MedicationStatement"):
        if next(_supplies(subject, statement), None) is None:
            yield flaw("a supply act", "none", statement)


@rule(
    "R-medication-13",
    "a medication statement says how to take the product",
    "V-87",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def dosages(subject: Subject) -> Iterator[Flaw]:
    """pertinentInformation/pertinentMedicationDosage."""
    for statement in every(subject, "MedicationStatement"):
        if child(subject, statement, "pertinentInformation/pertinentMedicationDosage") is None:
            yield flaw("pertinentMedicationDosage", "none", statement)


@rule(
    "R-medication-14",
    "statement and authorisation agree on whether the prescription is current",
    "V-81",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def states_agree(subject: Subject) -> Iterator[Flaw]:
    """statusCode of MedicationStatement and of the ehrSupplyAuthorise in it, which is the one that counts."""
    for statement in every(subject, "MedicationStatement"):
        for act in children(subject, statement, "component/ehrSupplyAuthorise"):
            inner, outer = get(subject, act, "statusCode", "code"), get(subject, statement, "statusCode", "code")
            if inner != outer:
                yield flaw(f"statement {inner}", outer, statement)
