"""Identifiers: that they have their form wherever they stand, and that those which must agree do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.places import ANY_UUID, UUID, envelope, said, spot, value
from harness.rules.register import Flaw, Subject, flaw, once, rule
from harness.verdict import Basis
from simulator.wire import names
from simulator.wire.xml import Element

_ID = f"{{{names.HL7}}}id"
_NIL = "00000000-0000-0000-0000-000000000000"
KNOWN = frozenset(
    {"RCMR_IN010000UK05", "RCMR_IN010000UK06", "MCCI_IN010000UK13", "COPC_IN000001UK01"}
    | {f"RCMR_IN030000UK0{n}" for n in (6, 7, 8)}
)
# What an identifier of a scheme looks like: the data type flavours of MIM 7.2.02. Patients and systems have rules of
# their own.
FORMS = {
    names.OID_ODS: (re.compile(r"[A-Za-z][A-Za-z0-9-]*"), "a letter, then letters, digits or hyphens"),
    "1.2.826.0.1285.0.2.0.65": (re.compile(r"[0-9]{12}"), "twelve digits"),
    "1.2.826.0.1285.0.2.0.67": (re.compile(r"[0-9]{12}"), "twelve digits"),
}


@once
def _ids(subject: Subject) -> Iterator[tuple[str, Element]]:
    """The ids that any rule here could have a word on: one pass over a record of which nearly all ids are good."""
    good: set[object] = set()
    for each in subject.root.iter(_ID) if subject.root is not None else ():
        texts = each.values()  # they cost a third of an attribute by its name
        if len(texts) == 1 and texts[0] in good:
            continue
        if len(texts) == 1 and UUID.fullmatch(str(texts[0])) and texts[0] != _NIL:
            good.add(texts[0])
        else:
            yield value(each, "root"), each


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
    """``@root`` of every id: MIM 4.2.00 and later take upper-case hexadecimal alone.

    An id that repeats what the other side sent is left out: who echoes a lower-case id byte for byte did not make it.
    """
    for root, each in _ids(subject):
        if root != root.upper() and ANY_UUID.fullmatch(root) and not _echo(each):
            yield flaw(root.upper(), root, each)


def _echo(each: Element) -> bool:
    parent = each.getparent()
    return parent is not None and str(parent.tag).rpartition("}")[2] in ("priorEhrRequest", "messageRef")


@rule("R-id-08", "an id that is a UUID has no extension", "V-60", basis=Basis.OFFICIAL)
def no_extension(subject: Subject) -> Iterator[Flaw]:
    """``@extension`` beside a UUID in ``@root``, anywhere in the payload."""
    for root, each in _ids(subject):
        if "extension" in each.attrib and ANY_UUID.fullmatch(root):
            yield flaw("no extension", said(value(each, "extension")), each)


@rule("R-id-09", "an identifier has the form of its scheme", "V-61", basis=Basis.OFFICIAL)
def scheme_form(subject: Subject) -> Iterator[Flaw]:
    """``@extension`` of every id of an organisation, a person or a role profile."""
    for root, each in _ids(subject):
        form = FORMS.get(root)
        if form is not None and not form[0].fullmatch(value(each, "extension")):
            yield flaw(form[1], said(value(each, "extension")), each)


@rule("R-id-10", "no identifier is the nil UUID", "V-60")
def not_nil(subject: Subject) -> Iterator[Flaw]:
    """``@root`` of every id, and the ids of the envelope: the nil UUID identifies nothing."""
    said_by = envelope(subject)
    if said_by is not None and _NIL in (said_by.message_id, said_by.conversation_id):
        yield spot("an id of its own", _NIL, "eb:MessageHeader")
    for root, each in _ids(subject):
        if root == _NIL:
            yield flaw("an id of its own", root, each)
