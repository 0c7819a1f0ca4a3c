"""Identifiers: that they have their form wherever they stand, and that those which must agree do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.places import ANY_UUID, UUID, envelope, said, spot, value
from harness.rules.register import EXTRACTS, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import names

_ID = f"{{{names.HL7}}}id"
_NIL = "00000000-0000-0000-0000-000000000000"
KNOWN = frozenset(
    {"RCMR_IN010000UK05", "RCMR_IN010000UK06", "MCCI_IN010000UK13", "COPC_IN000001UK01"}
    | {f"RCMR_IN030000UK0{n}" for n in (6, 7, 8)}
)
# What an identifier of a scheme looks like: the data type flavours of MIM 7.2.02. NHS numbers have rules of their own.
FORMS = {
    names.OID_ASID: (re.compile(r"[0-9]{12}"), "twelve digits"),
    names.OID_ODS: (re.compile(r"[A-Za-z][A-Za-z0-9-]*"), "a letter, then letters, digits or hyphens"),
    "1.2.826.0.1285.0.2.0.65": (re.compile(r"[0-9]{12}"), "twelve digits"),
    "1.2.826.0.1285.0.2.0.67": (re.compile(r"[0-9]{12}"), "twelve digits"),
}


def _ids(subject: Subject) -> Iterator[tuple[str, Flaw]]:
    """Every HL7 id of the payload: its root, and a flaw that says so, to be worded by the rule."""
    for each in subject.root.iter(_ID) if subject.root is not None else ():
        yield value(each, "root"), flaw("", "", each)


@rule("R-id-01", "the HL7 id of a message equals its MessageId", "C-12", level="SHOULD", basis=Basis.FIELD)
def same_id(subject: Subject) -> Iterator[Flaw]:
    """``id/@root`` and ``eb:MessageId``: receivers pair acknowledgements by either."""
    said_by, wrapper = envelope(subject), subject.reading.wrapper
    if said_by is not None and wrapper is not None and wrapper.id != said_by.message_id:
        yield flaw(said_by.message_id or "the MessageId", said(wrapper.id), next(iter(subject.find("hl7:id")), None))


@rule("R-id-02", "eb:Action is the interaction that the payload is", "C-02", basis=Basis.OFFICIAL)
def action(subject: Subject) -> Iterator[Flaw]:
    """``eb:Action`` and the root element of the payload."""
    said_by = envelope(subject)
    if said_by is not None and subject.interaction and said_by.action != subject.interaction:
        yield spot(subject.interaction, said_by.action, "eb:Action")


@rule("R-id-03", "SOAPAction is eb:Service, a slash and eb:Action", "C-02")
def soap_action(subject: Subject) -> Iterator[Flaw]:
    """The HTTP header, quoted or not; SDS's colon between the two is another thing."""
    said_by, header = envelope(subject), subject.soap_action.strip().strip('"')
    if said_by is not None and header and header != f"{said_by.service}/{said_by.action}":
        yield Flaw(f"{said_by.service}/{said_by.action}", said(header), -1, -1, "SOAPAction")


@rule("R-id-04", "the interaction is one of GP2GP", "S230", "C-02")
def known_interaction(subject: Subject) -> Iterator[Flaw]:
    """The root element of the payload: requests, extracts, point to point, acknowledgement."""
    if subject.interaction and subject.interaction not in KNOWN:
        yield flaw("a GP2GP interaction", said(subject.interaction), subject.root)


@rule("R-id-05", "the MessageId is a UUID in upper case", "C-05")
def message_id(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageId``: Spine and most systems compare it as text."""
    said_by = envelope(subject)
    if said_by is not None and not UUID.fullmatch(said_by.message_id):
        yield spot("a UUID in upper case", said_by.message_id, "eb:MessageId")


@rule("R-id-06", "the ConversationId is a UUID in upper case", "S240")
def conversation_id(subject: Subject) -> Iterator[Flaw]:
    """``eb:ConversationId``: a GUID; placeholders quote it and are compared letter by letter."""
    said_by = envelope(subject)
    if said_by is not None and not UUID.fullmatch(said_by.conversation_id):
        yield spot("a UUID in upper case", said_by.conversation_id, "eb:ConversationId")


@rule("R-id-07", "every UUID of the payload is in upper case", "V-60", basis=Basis.OFFICIAL)
def upper_case(subject: Subject) -> Iterator[Flaw]:
    """``@root`` of every id: MIM 4.2.00 and later take upper-case hexadecimal alone."""
    for root, at in _ids(subject):
        if ANY_UUID.fullmatch(root) and not UUID.fullmatch(root):
            yield Flaw(root.upper(), root, at.part, at.line, at.path)


@rule("R-id-08", "an id that is a UUID has no extension", "V-60", basis=Basis.OFFICIAL)
def no_extension(subject: Subject) -> Iterator[Flaw]:
    """``@extension`` beside a UUID in ``@root``, anywhere in the payload."""
    for each in subject.find("//hl7:id[@extension]"):
        if ANY_UUID.fullmatch(value(each, "root")):
            yield flaw("no extension", said(value(each, "extension")), each)


@rule("R-id-09", "an identifier has the form of its scheme", "V-61", basis=Basis.OFFICIAL)
def scheme_form(subject: Subject) -> Iterator[Flaw]:
    """``@extension`` of every id of an accredited system, an organisation, a person or a role profile."""
    for each in subject.find("//hl7:id[@root]"):
        form = FORMS.get(value(each, "root"))
        if form is not None and not form[0].fullmatch(value(each, "extension")):
            yield flaw(form[1], said(value(each, "extension")), each)


@rule("R-id-10", "no identifier is the nil UUID", "V-60")
def not_nil(subject: Subject) -> Iterator[Flaw]:
    """``@root`` of every id, and the ids of the envelope: the nil UUID identifies nothing."""
    said_by = envelope(subject)
    if said_by is not None and _NIL in (said_by.message_id, said_by.conversation_id):
        yield spot("an id of its own", _NIL, "eb:MessageHeader")
    for root, at in _ids(subject):
        if root == _NIL:
            yield Flaw("an id of its own", root, at.part, at.line, at.path)


@rule("R-id-11", "an extract cites the request that it answers", "C-14", basis=Basis.OFFICIAL, interactions=EXTRACTS)
def prior_request(subject: Subject) -> Iterator[Flaw]:
    """``EhrExtract/inFulfillmentOf/priorEhrRequest/id/@root``: the request's own id, a UUID."""
    path = "hl7:ControlActEvent/hl7:subject/hl7:EhrExtract"
    for act in subject.find(path):
        cited = [value(each, "root") for each in subject.find(f"{path}/hl7:inFulfillmentOf/hl7:priorEhrRequest/hl7:id")]
        if len(cited) != 1 or not ANY_UUID.fullmatch(cited[0]):
            yield flaw("priorEhrRequest with a UUID", said(", ".join(cited)), act)


@rule("R-id-12", "message, request and extract ids are told apart from the conversation's", "V-76", level="REVIEW", basis=Basis.FIELD)
def reused(subject: Subject) -> Iterator[Flaw]:
    """``EhrExtract/id`` or ``EhrRequest/id`` equal to ``eb:ConversationId``: nobody was seen to mean it."""
    said_by = envelope(subject)
    for each in subject.find("hl7:ControlActEvent/hl7:subject/*[self::hl7:EhrExtract or self::hl7:EhrRequest]/hl7:id"):
        if said_by is not None and value(each, "root").upper() == said_by.conversation_id.upper() != "":
            yield flaw("an id of its own", value(each, "root"), each)
