"""Structural codes: class, mood, type and determiner of what an extract is made of.

The published schemas type most of them as unions with an open token, so that a typing error such as ``moodCode="ENV"``
passes every validator. The values are those of the message model RCMR_MT030101UK04/UK05 and, where the model leaves a
choice, of the vocabularies of MIM 3.1.10. An attribute that is missing has its default from MIM 4.2.00 on, and that is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import Node, every, flaw, name, parent
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_COMPOUNDS = frozenset({"TOPIC", "CATEGORY", "CLUSTER", "BATTERY"})
_STATEMENT_MOODS = frozenset({"EVN", "INT", "RMD", "RQO"})
_MEDICATION_MOODS = frozenset({"EVN", "INT", "ORD", "RMD"})
_OBSERVATION = frozenset({"OBS"})
_EVENT = frozenset({"EVN"})
_REFERENCES = ("statementRef", "namedStatementRef", "justifyingStatementRef", "priorStatementRef")

# Acts: which classCode and which moodCode the model gives them.
CLASSES: dict[str, frozenset[str]] = {
    "EhrExtract": frozenset({"EXTRACT"}),
    "priorEhrRequest": frozenset({"EXTRACT"}),
    "ehrFolder": frozenset({"FOLDER"}),
    "ehrComposition": frozenset({"COMPOSITION"}),
    "priorCompositionRef": frozenset({"COMPOSITION"}),
    "CompoundStatement": _COMPOUNDS,
    "MedicationStatement": frozenset({"SBADM"}),
    "priorMedicationRef": frozenset({"SBADM"}),
    "pertinentMedicationDosage": frozenset({"SBADM"}),
    "referredToExternalDocument": frozenset({"DOC"}),
    **dict.fromkeys(_REFERENCES, _COMPOUNDS | {"OBS", "SBADM"}),
    **dict.fromkeys(
        ("EhrEmpty", "LinkSet", "NarrativeStatement", "ObservationStatement", "PlanStatement", "RegistrationStatement"),
        _OBSERVATION,
    ),
    **dict.fromkeys(("RequestStatement", "limitingEhrExtractSpecification", "pertinentAnnotation"), _OBSERVATION),
    **dict.fromkeys(("pertinentSupplyAnnotation", "referenceInterpretationRange"), _OBSERVATION),
    **dict.fromkeys(
        ("ehrSupplyAuthorise", "ehrSupplyDiscontinue", "ehrSupplyDispense", "ehrSupplyPrescribe"), frozenset({"SPLY"})
    ),
}
MOODS: dict[str, frozenset[str]] = {
    **dict.fromkeys(CLASSES, _EVENT),
    **dict.fromkeys(_REFERENCES, _STATEMENT_MOODS),
    "priorEhrRequest": frozenset({"RQO"}),
    "EhrEmpty": _STATEMENT_MOODS,
    "PlanStatement": frozenset({"INT"}),
    "RequestStatement": frozenset({"RQO"}),
    "MedicationStatement": _MEDICATION_MOODS,
    "priorMedicationRef": _MEDICATION_MOODS,
    "pertinentMedicationDosage": frozenset({"EVN", "RMD"}),
    "ehrSupplyAuthorise": frozenset({"INT"}),
    "ehrSupplyPrescribe": frozenset({"RQO"}),
    "ehrSupplyDiscontinue": frozenset({"RQO"}),
    "limitingEhrExtractSpecification": frozenset({"DEF"}),
    "referenceInterpretationRange": frozenset({"EVN.CRT"}),
}
ROLES = {
    **dict.fromkeys(("agentDirectory", "Agent", "AgentSDS", "AgentOrgSDS", "agentRef"), "AGNT"),
    **dict.fromkeys(("agentOrganization", "representedOrganization", "agentOrganizationSDS"), "ORG"),
    **dict.fromkeys(
        ("agentPerson", "representedPerson", "agentPersonSDS", "relationshipHolder", "playingPerson"), "PSN"
    ),
    **dict.fromkeys(("agentDevice", "agentDeviceSDS"), "DEV"),
    "patient": "PAT",
    "locatedEntity": "LOCE",
    "locatedPlace": "PLC",
    "specimenRole": "SPEC",
    "specimenSpecimenMaterial": "MAT",
    "manufacturedProduct": "MANU",
    "manufacturedMaterial": "MMAT",
    "personalRelationship": "PRS",
    "informantRole": "ROL",
}
TYPES = {
    "recordTarget": "RCT",
    "author": "AUT",
    "destination": "DST",
    "component": "COMP",
    "responsibleParty": "RESP",
    "part": "PART",
    "location": "LOC",
    "informant": "INF",
    "replacementOf": "RPLC",
    "reason": "RSON",
    "reference": "REFR",
    "sequelTo": "SEQL",
    "specimen": "SPC",
    "conditionNamed": "NAME",
    "consumable": "CSM",
    "performer": "PRF",
    "pertinentInformation": "PERT",
    "predecessor": "SUCC",
    "reversalOf": "REV",
    "inFulfillmentOf": "FLFS",
    "subject": "SBJ",
    "referenceRange": "REFV",
    "limitation": "LIMIT",
}


def _others(subject: Subject, attribute: str, legal: dict[str, frozenset[str]]) -> Iterator[Flaw]:
    for wanted, values in legal.items():
        for element in every(subject, wanted):
            value = element.get(attribute)
            if value is not None and value not in values:
                yield _wrong(element, attribute, value, " or ".join(sorted(values)))


def _wrong(element: Node, attribute: str, value: str, wanted: str) -> Flaw:
    return flaw(f"{name(element)}/@{attribute} {wanted}", value, element)


@rule(
    "R-structure-01",
    "the classCode of an act is one that the message model gives it",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def class_codes(subject: Subject) -> Iterator[Flaw]:
    """classCode of extract, folder, composition, statements, supply acts, documents and references to them."""
    yield from _others(subject, "classCode", CLASSES)


@rule(
    "R-structure-02",
    "the moodCode of an act is one that the message model gives it",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
    remedy="EVN for what happened, INT for plans, RQO for requests; open vocabularies let a typing error pass the schema.",
)
def mood_codes(subject: Subject) -> Iterator[Flaw]:
    """moodCode of extract, folder, composition, statements, supply acts, documents and references to them."""
    yield from _others(subject, "moodCode", MOODS)


@rule(
    "R-structure-03",
    "the classCode of a role or an entity is the one that the message model gives it",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def role_codes(subject: Subject) -> Iterator[Flaw]:
    """classCode of agents, organisations, people, devices, places, specimens and products."""
    yield from _others(subject, "classCode", {wanted: frozenset({code}) for wanted, code in ROLES.items()})


@rule(
    "R-structure-04",
    "the typeCode of a relationship is the one that the message model gives it",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def type_codes(subject: Subject) -> Iterator[Flaw]:
    """typeCode of relationships and participations that have exactly one."""
    yield from _others(subject, "typeCode", {wanted: frozenset({code}) for wanted, code in TYPES.items()})


@rule(
    "R-structure-05",
    "a composition's further participant is of a kind that the vocabulary x_RelAgentType has",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def related_agents(subject: Subject) -> Iterator[Flaw]:
    """Participant2/@typeCode, which the later schemas check against the forty general participation types alone."""
    for element in every(subject, "Participant2"):
        value = element.get("typeCode") or ""
        if value not in vocabulary("x_RelAgentType"):
            yield _wrong(element, "typeCode", value, "one of " + ", ".join(sorted(vocabulary("x_RelAgentType"))))


@rule(
    "R-structure-06",
    "a compound statement says whether it is a TOPIC, CATEGORY, CLUSTER or BATTERY",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def compound_levels(subject: Subject) -> Iterator[Flaw]:
    """CompoundStatement/@classCode: the default, ACT, names no level that a receiver could act on."""
    for element in every(subject, "CompoundStatement"):
        if element.get("classCode") is None:
            yield flaw("CompoundStatement/@classCode", "none", element)


@rule(
    "R-structure-07",
    "where the model inverts a relationship, inversionInd is true",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def inversions(subject: Subject) -> Iterator[Flaw]:
    """inversionInd of conditionNamed and limitation."""
    for element in every(subject, "conditionNamed", "limitation"):
        if element.get("inversionInd", "true") != "true":
            yield _wrong(element, "inversionInd", element.get("inversionInd") or "", "true")


@rule(
    "R-structure-08",
    "participants' context overrides that of the act above: contextControlCode is OP",
    "V-50",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def context_control(subject: Subject) -> Iterator[Flaw]:
    """contextControlCode of Participant, Participant2, informant and of a composition's author."""
    for element in every(subject, "Participant", "Participant2", "informant", "author"):
        value = element.get("contextControlCode", "OP")
        if value != "OP" and (name(element) != "author" or parent(element) == "ehrComposition"):
            yield _wrong(element, "contextControlCode", value, "OP")


@rule(
    "R-structure-09",
    "a prescribed product is a kind of thing, not one packet of it: determinerCode is KIND",
    "V-92",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def product_kinds(subject: Subject) -> Iterator[Flaw]:
    """manufacturedMaterial/@determinerCode, KIND in everything published."""
    for element in every(subject, "manufacturedMaterial"):
        if element.get("determinerCode") != "KIND":
            yield _wrong(element, "determinerCode", element.get("determinerCode") or "none", "KIND")
