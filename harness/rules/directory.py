"""Agents: who the record speaks of, and that every reference to one finds it in the folder's directory."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import Node, child, children, every, flaw, get, uid, words
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis
from simulator.wire import names

_PRACTICE = "2.16.840.1.113883.2.1.4.3"
_PRACTITIONER = "2.16.840.1.113883.2.1.4.2"
_ENTITIES = (
    "agentPerson",
    "agentOrganization",
    "agentDevice",
    "agentPersonSDS",
    "agentOrganizationSDS",
    "agentDeviceSDS",
)
_SCOPES = ("representedOrganization", "representedPerson", "representedOrganizationSDS", "representedPersonSDS")


@rule(
    "R-directory-01",
    "every agentRef names an Agent of the folder's directory by that Agent's first id",
    "V-53",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
    remedy="Put every author, participant, responsible party and performer into ehrFolder/responsibleParty/agentDirectory.",
)
def references_resolve(subject: Subject) -> Iterator[Flaw]:
    """agentRef/id/@root against the first id of each Agent and AgentSDS; a null reference is another rule's."""
    known = {uid(subject, agent) for agent in every(subject, "Agent", "AgentSDS")}
    for reference in every(subject, "agentRef"):
        if uid(subject, reference) and uid(subject, reference) not in known:
            yield flaw("an id of the agent directory", uid(subject, reference), reference)


@rule(
    "R-directory-02",
    "no two Agents of the directory have the same first id",
    "V-53",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def agents_are_told_apart(subject: Subject) -> Iterator[Flaw]:
    """First ids of Agent and AgentSDS, which references go by."""
    seen: set[str] = set()
    for agent in every(subject, "Agent", "AgentSDS"):
        if uid(subject, agent) in seen:
            yield flaw("an id of its own", uid(subject, agent), agent)
        seen.add(uid(subject, agent) or str(id(agent)))


@rule(
    "R-directory-03",
    "an agentRef names somebody: its id is not null",
    "V-53",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def references_name_somebody(subject: Subject) -> Iterator[Flaw]:
    """agentRef/id with a null flavour, which the schema allows and which means that nobody is known to have done it."""
    for reference in every(subject, "agentRef"):
        if not uid(subject, reference):
            yield flaw("agentRef/id/@root", get(subject, reference, "id", "nullFlavor") or "none", reference)


@rule(
    "R-directory-04",
    "an Agent says who it is: a person, an organisation or a device, or whom it acts for",
    "V-53",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def agents_are_somebody(subject: Subject) -> Iterator[Flaw]:
    """The playing and the scoping entity of each Agent; both groups are optional to the schema."""
    for agent in every(subject, "Agent"):
        if not any(child(subject, agent, entity) is not None for entity in (*_ENTITIES, *_SCOPES)):
            yield flaw("a person, organisation or device in Agent", "an id alone", agent)


@rule(
    "R-directory-05",
    "a person among the agents has a name",
    "V-92",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def people_have_names(subject: Subject) -> Iterator[Flaw]:
    """agentPerson/name and representedPerson/name, which hold some text."""
    for person in every(subject, "agentPerson", "representedPerson"):
        if not words(child(subject, person, "name")):
            yield flaw("a name with text", "none", person)


@rule(
    "R-directory-06",
    "an organisation among the agents has a name or an id",
    "V-92",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def organisations_are_known(subject: Subject) -> Iterator[Flaw]:
    """agentOrganization and representedOrganization: a name with text, or an id with an extension."""
    for organisation in every(subject, "agentOrganization", "representedOrganization"):
        if not words(child(subject, organisation, "name")) and not get(subject, organisation, "id", "extension"):
            yield flaw("a name or an id", "neither", organisation)


@rule(
    "R-directory-07",
    "a practice in the directory is numbered under the root for practices, not under the one that SDS uses",
    "V-53",
    basis=Basis.OFFICIAL,
    level="SHOULD",
    interactions=EXTRACTS,
)
def practices_use_their_root(subject: Subject) -> Iterator[Flaw]:
    """id of agentOrganization and representedOrganization with the ODS root of AgentOrgSDS."""
    for organisation in every(subject, "agentOrganization", "representedOrganization"):
        if get(subject, organisation, "id", "root") == names.OID_ODS:
            yield flaw(f"id/@root {_PRACTICE}", names.OID_ODS, organisation)


@rule(
    "R-directory-08",
    "an Agent's second id is a national number of the practitioner, with a value",
    "V-92",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def second_ids_are_national(subject: Subject) -> Iterator[Flaw]:
    """The second id of an Agent: the root of general practitioners and an extension."""
    for agent in every(subject, "Agent"):
        for second in children(subject, agent, "id")[1:]:
            if second.get("root") != _PRACTITIONER or not (second.get("extension") or "").strip():
                yield flaw(f"id/@root {_PRACTITIONER} with @extension", _shown(second), second)


def _shown(identifier: Node) -> str:
    return f"{identifier.get('root', 'no root')} {identifier.get('extension', 'no extension')}"


@rule(
    "R-directory-09",
    "a person's administrative gender is 0, 1, 2 or 9",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def genders(subject: Subject) -> Iterator[Flaw]:
    """administrativeGenderCode/@code against the vocabulary Sex."""
    for code in every(subject, "administrativeGenderCode"):
        if code.get("code") is not None and code.get("code") not in vocabulary("Sex"):
            yield flaw("0, 1, 2 or 9", code.get("code") or "", code)


@rule(
    "R-directory-10",
    "the folder's directory holds at least one agent when anything refers to one",
    "V-53",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def directory_is_not_empty(subject: Subject) -> Iterator[Flaw]:
    """agentDirectory/part, which is optional to the schema."""
    if next(every(subject, "agentRef"), None) is None or next(every(subject, "part"), None) is not None:
        return
    for directory in every(subject, "agentDirectory"):
        yield flaw("agentDirectory/part", "none", directory)
