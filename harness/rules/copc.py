"""Point to point messages (COPC_IN000001UK01): the Schematron of Handling Large Messages v1.1, Appendix 4, and its kin.

The Schematron as printed has two tests that can never hold (an absolute path, and a path from the wrong place); here
each is what its own text says.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.places import ODS, envelope, local, said, value
from harness.rules.register import POINT_TO_POINT, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import gp2gp, names
from simulator.wire.xml import Element, text_of

_COPC = (POINT_TO_POINT,)
INFORMATION = "hl7:ControlActEvent/hl7:subject/hl7:PayloadInformation"
CONTROL = f"{INFORMATION}/hl7:value/gp:Gp2gpfragment"
BODY = f"{INFORMATION}/hl7:pertinentInformation/hl7:pertinentPayloadBody"
_INNER = f"{BODY}/hl7:value/gp:Gp2gpfragment"
ACKNOWLEDGEMENT = f"{_INNER}/hl7:Message/hl7:acknowledgement"


def _text(element: Element) -> str:
    return text_of(element)


def _nth(subject: Subject, place: int, name: str, *, texts: tuple[str, ...] = ()) -> Iterator[Flaw]:
    """The ``place``-th child of the control fragment is the one element of that name."""
    for each in subject.find(CONTROL):
        children = [local(child) for child in each.iterchildren(f"{{{names.GP2GP}}}*")]
        if children.count(name) != 1 or children[place - 1 : place] != [name]:
            yield flaw(f"{name} once, as child {place}", said(", ".join(children)), each)
        elif texts and (seen := _text(each.findall(f"{{{names.GP2GP}}}{name}")[0])) not in texts:
            yield flaw(f"{name} {' or '.join(texts)}", said(seen), each)


def _one(subject: Subject, path: str, expected: str) -> Iterator[Flaw]:
    """Exactly one element at a path below the payload information."""
    if (count := len(subject.find(path))) != 1:
        yield flaw(expected, str(count) if count else "none", next(iter(subject.find(INFORMATION)), subject.root))


def _continue(subject: Subject) -> gp2gp.Continue | None:
    found = subject.reading.message
    return found if isinstance(found, gp2gp.Continue) else None


@rule(
    "R-copc-01", "the payload information holds a GP2GP fragment", "COPC01", "LM45.1", interactions=_COPC, since="2.2a"
)
def control_fragment(subject: Subject) -> Iterator[Flaw]:
    """``PayloadInformation/value/gp:Gp2gpfragment``, in the namespace of the service."""
    yield from _one(subject, CONTROL, "one gp:Gp2gpfragment in value")


@rule("R-copc-02", "the fragment begins with version 01", "COPC02", "LM45.1", interactions=_COPC, since="2.2a")
def version(subject: Subject) -> Iterator[Flaw]:
    """``gp:Version``, first child."""
    yield from _nth(subject, 1, "Version", texts=("01",))


@rule("R-copc-03", "the fragment has one recipient, named second", "COPC03", "LM45.1", interactions=_COPC, since="2.2a")
def recipients(subject: Subject) -> Iterator[Flaw]:
    """``gp:Recipients/gp:Recipient``, second child."""
    yield from _nth(subject, 2, "Recipients")
    yield from _one(subject, f"{CONTROL}/gp:Recipients/gp:Recipient", "one gp:Recipient")


@rule("R-copc-04", "the fragment names its sender third", "COPC04", "LM45.1", interactions=_COPC, since="2.2a")
def sender(subject: Subject) -> Iterator[Flaw]:
    """``gp:From``, third child."""
    yield from _nth(subject, 3, "From")


@rule("R-copc-05", "the fragment has its subject fourth", "COPC05", "LM45.1", interactions=_COPC, since="2.2a")
def subject_line(subject: Subject) -> Iterator[Flaw]:
    """``gp:subject``, fourth child."""
    yield from _nth(subject, 4, "subject")


@rule("R-copc-06", "the fragment has its message id fifth", "COPC06", "LM45.1", interactions=_COPC, since="2.2a")
def message_id(subject: Subject) -> Iterator[Flaw]:
    """``gp:message-id``, fifth child."""
    yield from _nth(subject, 5, "message-id")


@rule(
    "R-copc-07",
    "the fragment's message id is that of the payload information",
    "COPC07",
    "LM45.1",
    interactions=_COPC,
    since="2.2a",
)
def same_information(subject: Subject) -> Iterator[Flaw]:
    """``gp:message-id`` and ``PayloadInformation/id/@root``."""
    ids = [value(each, "root") for each in subject.find(f"{INFORMATION}/hl7:id")]
    for each in subject.find(f"{CONTROL}/gp:message-id"):
        if [_text(each)] != ids:
            yield flaw(said(", ".join(ids)), said(_text(each)), each)


@rule("R-copc-08", "the fragment's message id is the MessageId", "COPC07", "LM45.1", interactions=_COPC, since="2.2a")
def same_message(subject: Subject) -> Iterator[Flaw]:
    """``gp:message-id`` and ``eb:MessageId``: the rule's text asks for it, its test cannot."""
    header = envelope(subject)
    for each in subject.find(f"{CONTROL}/gp:message-id") if header is not None else ():
        if header is not None and _text(each).strip() != header.message_id:
            yield flaw(said(header.message_id), said(_text(each)), each)


@rule(
    "R-copc-09",
    "the HL7 message has the id of its payload information",
    "LM16",
    "COPC07",
    basis=Basis.FIELD,
    interactions=_COPC,
    since="2.2a",
)
def same_wrapper(subject: Subject) -> Iterator[Flaw]:
    """The root's ``id`` and ``PayloadInformation/id``: ``mid:`` names the one, the rule above the other."""
    wrapper = subject.reading.wrapper
    for each in subject.find(f"{INFORMATION}/hl7:id"):
        if wrapper is not None and value(each, "root") != wrapper.id:
            yield flaw(said(wrapper.id), said(value(each, "root")), each)


@rule("R-copc-10", "the recipient is an ODS code", "COPC08", "LM45.1", interactions=_COPC, since="2.2a")
def recipient_form(subject: Subject) -> Iterator[Flaw]:
    """``gp:Recipient``: three to twelve capital letters and digits."""
    for each in subject.find(f"{CONTROL}/gp:Recipients/gp:Recipient"):
        if not ODS.fullmatch(_text(each)):
            yield flaw("three to twelve of A-Z and 0-9", said(_text(each)), each)


@rule("R-copc-11", "the sender is an ODS code", "COPC08", "LM45.1", interactions=_COPC, since="2.2a")
def sender_form(subject: Subject) -> Iterator[Flaw]:
    """``gp:From``: three to twelve capital letters and digits."""
    for each in subject.find(f"{CONTROL}/gp:From"):
        if not ODS.fullmatch(_text(each)):
            yield flaw("three to twelve of A-Z and 0-9", said(_text(each)), each)


@rule("R-copc-12", "the recipient is not the sender", "C-17", interactions=_COPC, since="2.2a")
def two_practices(subject: Subject) -> Iterator[Flaw]:
    """``gp:Recipient`` and ``gp:From``."""
    senders = {_text(each) for each in subject.find(f"{CONTROL}/gp:From")} - {""}
    for each in subject.find(f"{CONTROL}/gp:Recipients/gp:Recipient"):
        if _text(each) in senders:
            yield flaw("another practice than the sender", _text(each), each)


@rule(
    "R-copc-13",
    "the payload body is a continue or refers to an attachment",
    "COPC09",
    "LM45.1",
    interactions=_COPC,
    since="2.2a",
)
def body(subject: Subject) -> Iterator[Flaw]:
    """``pertinentPayloadBody/value``: ``gp:Gp2gpfragment`` or ``reference``."""
    for each in subject.find(f"{BODY}/hl7:value[not(gp:Gp2gpfragment or hl7:reference)]"):
        yield flaw("gp:Gp2gpfragment or reference", said(", ".join(local(child) for child in each)), each)


@rule(
    "R-copc-14",
    "a continue begins with an application acknowledgement",
    "COPC10",
    "LM45.1",
    interactions=_COPC,
    since="2.2a",
)
def inner_message(subject: Subject) -> Iterator[Flaw]:
    """``hl7:Message`` first in the body's fragment, once, with interactionId MCCI_IN010000UK13."""
    for each in subject.find(_INNER):
        first = next(each.iterchildren("*"), None)
        if first is None or str(first.tag) != f"{{{names.HL7}}}Message":
            yield flaw("hl7:Message", said(local(first)) if first is not None else "nothing", each)
    if subject.find(_INNER):
        path = f"{_INNER}/hl7:Message[hl7:interactionId/@extension='MCCI_IN010000UK13']"
        yield from _one(subject, path, "one Message of MCCI_IN010000UK13")


@rule("R-copc-15", "a continue's detail is for information", "COPC11", "LM45.1", interactions=_COPC, since="2.2a")
def inner_detail(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail/@typeCode``: IF."""
    seen = [value(one, "typeCode") for one in subject.find(f"{ACKNOWLEDGEMENT}/hl7:acknowledgementDetail")]
    for each in subject.find(_INNER):
        if seen != ["IF"]:
            yield flaw("one acknowledgementDetail of type IF", said(", ".join(seen)), each)


@rule("R-copc-16", "a continue is positive", "COPC12", "LM45.1", interactions=_COPC, since="2.2a")
def inner_positive(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgement/@typeCode``: AA."""
    seen = [value(one, "typeCode") for one in subject.find(ACKNOWLEDGEMENT)]
    for each in subject.find(_INNER):
        if seen != ["AA"]:
            yield flaw("one acknowledgement of type AA", said(", ".join(seen)), each)


@rule(
    "R-copc-17",
    "a continue ends with the message that it acknowledges",
    "COPC13",
    "LM45.1",
    interactions=_COPC,
    since="2.2a",
)
def acknowledged(subject: Subject) -> Iterator[Flaw]:
    """``gp:acknowledgedMessage`` second in the body's fragment, with ``gp:id/@root``."""
    for each in subject.find(_INNER):
        children = [str(child.tag) for child in each.iterchildren("*")]
        ids = [value(one, "root") for one in each.findall(f"{{{names.GP2GP}}}acknowledgedMessage/{{{names.GP2GP}}}id")]
        if children[1:2] != [f"{{{names.GP2GP}}}acknowledgedMessage"] or len(ids) != 1 or not ids[0]:
            yield flaw("gp:acknowledgedMessage with gp:id", said(", ".join(ids)), each)


@rule("R-copc-18", "a continue names one message in both places", "COPC14", "LM45.1", interactions=_COPC, since="2.2a")
def acknowledged_same(subject: Subject) -> Iterator[Flaw]:
    """``gp:acknowledgedMessage/gp:id`` and ``messageRef/id``."""
    found = _continue(subject)
    if found is not None and found.acknowledged_id != found.message_ref:
        yield flaw(said(found.message_ref), said(found.acknowledged_id), next(iter(subject.find(_INNER)), subject.root))


@rule("R-copc-19", "a reference to an attachment has a value", "COPC15", "LM45.1", interactions=_COPC, since="2.2a")
def reference_value(subject: Subject) -> Iterator[Flaw]:
    """``pertinentPayloadBody/value/reference/@value``."""
    for each in subject.find(f"{BODY}/hl7:value/hl7:reference"):
        if not value(each, "value"):
            yield flaw("a value", "none", each)
