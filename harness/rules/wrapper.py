"""The HL7 transmission wrapper and control act (MCCI_MT010101UK12, MCCI_MT020101UK12, MCAI_MT040101UK03)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.places import ANY_UUID, local, said, value
from harness.rules.register import ACKNOWLEDGEMENT, EXTRACTS, POINT_TO_POINT, REQUEST, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import names
from simulator.wire.interactions import BY_ID
from simulator.wire.times import instant

DEVICE = "hl7:device/hl7:id"
RECEIVER, SENDER = "hl7:communicationFunctionRcv", "hl7:communicationFunctionSnd"
AUTHOR = "hl7:ControlActEvent/hl7:author1/hl7:AgentSystemSDS/hl7:agentSystemSDS/hl7:id"
ACTS = {REQUEST: "EhrRequest", **dict.fromkeys(EXTRACTS, "EhrExtract"), POINT_TO_POINT: "PayloadInformation"}
# HL7StandardVersionCode of the vocabulary, version 29.0, up to MIM 7.2.02.
_VERSIONS = {
    "V3NPfIT": "2.0 2.1 2.2 2.3 3.0 3.1 4.0.0 4.1 4.2.00 5.0 5.1 5.2 5.3 5.4.00",
    "V3NPfIT3.1.": "01 02 03 04 05 06 07 08 09 10",
    "V3NPfIT4.1.": "01 02 03 04",
    "3NPfIT": "5.5.00 5.5.01 6.1.00 6.1.01 6.1.02 6.2.00 6.2.01 6.2.02 6.3.00 6.3.01 7.0.00 7.1.00 7.2.00 7.2.01 7.2.02",
}
VERSIONS = frozenset(head + tail for head, tails in _VERSIONS.items() for tail in tails.split())


def fixed(subject: Subject, path: str, name: str, expected: str) -> Iterator[Flaw]:
    """Flaws of the elements at a path whose attribute is not what it always is."""
    for each in subject.find(path):
        if value(each, name) != expected:
            yield flaw(expected, said(value(each, name)), each)


@rule("R-wrapper-01", "the HL7 message id is a UUID", "V-60", "C-10", basis=Basis.OFFICIAL)
def message_id(subject: Subject) -> Iterator[Flaw]:
    """``id/@root`` of the root element; not in the extension. In which case it is written, another rule asks."""
    for each in subject.find("hl7:id"):
        if not ANY_UUID.fullmatch(value(each, "root")):
            yield flaw("a UUID", said(value(each, "root")), each)


@rule("R-wrapper-02", "the HL7 message id has no extension", "V-60", basis=Basis.OFFICIAL)
def message_id_alone(subject: Subject) -> Iterator[Flaw]:
    """``id/@extension`` of the root element."""
    for each in subject.find("hl7:id[@extension]"):
        yield flaw("no extension", said(value(each, "extension")), each)


@rule("R-wrapper-03", "the creation time is fourteen digits", "V-62", "C-10", basis=Basis.OFFICIAL)
def creation_digits(subject: Subject) -> Iterator[Flaw]:
    """``creationTime/@value``: to the second, no zone, no milliseconds (the type ends at fourteen digits)."""
    for each in subject.find("hl7:creationTime"):
        if not re.fullmatch(r"[0-9]{14}", value(each, "value")):
            yield flaw("yyyyMMddHHmmss", said(value(each, "value")), each)


@rule("R-wrapper-04", "the creation time is a moment of the calendar", "V-62", "C-10", basis=Basis.OFFICIAL)
def creation_moment(subject: Subject) -> Iterator[Flaw]:
    """``creationTime/@value``: no thirteenth month, no thirtieth of February, no twenty-fifth hour."""
    for each in subject.find("hl7:creationTime[@value]"):
        if instant(value(each, "value")) is None:
            yield flaw("a date and a time that exist", said(value(each, "value")), each)


@rule("R-wrapper-05", "the version code is one of the vocabulary", "V-63", basis=Basis.OFFICIAL)
def version_known(subject: Subject) -> Iterator[Flaw]:
    """``versionCode/@code`` against HL7StandardVersionCode; most schemas of this model leave it an open text."""
    for each in subject.find("hl7:versionCode"):
        if value(each, "code") not in VERSIONS:
            yield flaw("a release of the message implementation manual", said(value(each, "code")), each)


@rule(
    "R-wrapper-06",
    "request and extract say that they are of MIM 3.1.10",
    "V-74",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=(REQUEST, *EXTRACTS),
)
def version_of_the_record(subject: Subject) -> Iterator[Flaw]:
    """``versionCode/@code``: 148 of 148 published requests and extracts have this one."""
    yield from fixed(subject, "hl7:versionCode", "code", "V3NPfIT3.1.10")


@rule("R-wrapper-07", "interactionId is the name of the root element", "C-02", "V-68", basis=Basis.OFFICIAL)
def interaction_id(subject: Subject) -> Iterator[Flaw]:
    """``interactionId/@extension``: Spine's INCONSISTENT_HL7_INTERACTION_ID."""
    yield from fixed(subject, "hl7:interactionId", "extension", subject.interaction)


@rule("R-wrapper-08", "interactionId is of the code system of interactions", "V-61", "V-68", basis=Basis.OFFICIAL)
def interaction_root(subject: Subject) -> Iterator[Flaw]:
    """``interactionId/@root``."""
    yield from fixed(subject, "hl7:interactionId", "root", names.OID_INTERACTION)


@rule("R-wrapper-09", "the processing code is P", "C-10", basis=Basis.FIELD)
def processing(subject: Subject) -> Iterator[Flaw]:
    """``processingCode/@code``: the schema allows D and T as well, no message was ever seen with them."""
    yield from fixed(subject, "hl7:processingCode", "code", "P")


@rule("R-wrapper-10", "the processing mode is T", "C-10", basis=Basis.FIELD)
def processing_mode(subject: Subject) -> Iterator[Flaw]:
    """``processingModeCode/@code``: the schema allows A, I and R as well, no message was ever seen with them."""
    yield from fixed(subject, "hl7:processingModeCode", "code", "T")


@rule("R-wrapper-11", "no accept acknowledgement is asked for", "C-10", basis=Basis.OFFICIAL)
def accept_acknowledgement(subject: Subject) -> Iterator[Flaw]:
    """``acceptAckCode/@code``: NE, the only value of the wrapper; acceptance is what ebXML acknowledges."""
    yield from fixed(subject, "hl7:acceptAckCode", "code", "NE")


@rule("R-wrapper-12", "a message has one receiver", "C-11", "V-68", basis=Basis.OFFICIAL)
def one_receiver(subject: Subject) -> Iterator[Flaw]:
    """``communicationFunctionRcv/device/id``: the schema allows many, Spine's check on its id allows one."""
    if (count := len(subject.find(f"{RECEIVER}/{DEVICE}"))) != 1 and subject.interaction in BY_ID:
        yield flaw("one receiving device", str(count), subject.root)


@rule("R-wrapper-13", "a message has one sender", "C-11", "V-68", basis=Basis.OFFICIAL)
def one_sender(subject: Subject) -> Iterator[Flaw]:
    """``communicationFunctionSnd/device/id``."""
    if (count := len(subject.find(f"{SENDER}/{DEVICE}"))) != 1 and subject.interaction in BY_ID:
        yield flaw("one sending device", str(count), subject.root)


@rule(
    "R-wrapper-14", "devices are identified in the scheme of accredited systems", "V-61", "C-11", basis=Basis.OFFICIAL
)
def device_scheme(subject: Subject) -> Iterator[Flaw]:
    """``@root`` of both device ids: another OID is not looked at by Spine."""
    yield from fixed(subject, f"{RECEIVER}/{DEVICE}|{SENDER}/{DEVICE}", "root", names.OID_ASID)


@rule("R-wrapper-15", "an ASID is twelve digits", "V-61", "C-11", basis=Basis.OFFICIAL)
def asid_form(subject: Subject) -> Iterator[Flaw]:
    """``@extension`` of the device ids and of the author's."""
    for each in subject.find(f"{RECEIVER}/{DEVICE}|{SENDER}/{DEVICE}|{AUTHOR}"):
        if not re.fullmatch(r"[0-9]{12}", value(each, "extension")):
            yield flaw("twelve digits", said(value(each, "extension")), each)


@rule("R-wrapper-16", "receiver and sender are two systems", "S190")
def two_systems(subject: Subject) -> Iterator[Flaw]:
    """Each practice has an ASID of its own, so a message from one to another names two."""
    wrapper = subject.reading.wrapper
    if wrapper is not None and wrapper.sender_asid and wrapper.sender_asid == wrapper.receiver_asid:
        yield flaw("an ASID other than the receiver's", wrapper.sender_asid, next(iter(subject.find(SENDER)), None))


@rule("R-wrapper-17", "the control act has its authoring system", "V-68", "C-11", basis=Basis.OFFICIAL)
def author_present(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/author1`` with its id: Spine's CONTROL_ACT_AUTHOR checks; one to two may stand there."""
    for act in subject.find("hl7:ControlActEvent") if not subject.find(AUTHOR) else ():
        yield flaw("author1 with a system's id", "none", act)


@rule("R-wrapper-18", "the authoring system is the sender", "C-11", level="REVIEW", basis=Basis.FIELD)
def author_is_sender(subject: Subject) -> Iterator[Flaw]:
    """``author1`` and ``communicationFunctionSnd``: two live systems write the receiver's ASID there, nobody objects."""
    wrapper = subject.reading.wrapper
    if wrapper is not None and wrapper.author_asid and wrapper.author_asid != wrapper.sender_asid:
        yield flaw(
            wrapper.sender_asid or "the sender's ASID", wrapper.author_asid, next(iter(subject.find(AUTHOR)), None)
        )


@rule("R-wrapper-19", "the author is identified in the scheme of accredited systems", "V-61", basis=Basis.OFFICIAL)
def author_scheme(subject: Subject) -> Iterator[Flaw]:
    """``@root`` of the author's id."""
    yield from fixed(subject, AUTHOR, "root", names.OID_ASID)


@rule(
    "R-wrapper-20",
    "no person authors a GP2GP message",
    "V-74",
    level="SHOULD",
    basis=Basis.FIELD,
)
def no_person(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/author``: GP2GP runs from system to system; in the field never."""
    for each in subject.find("hl7:ControlActEvent/hl7:author"):
        yield flaw("no author but author1", "a person", each)


@rule(
    "R-wrapper-21",
    "the control act is about the one act that belongs to the interaction",
    "V-68",
    "C-14",
    basis=Basis.OFFICIAL,
    interactions=tuple(ACTS),
)
def subject_act(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/subject``: exactly one, not empty, with EhrRequest, EhrExtract or PayloadInformation."""
    expected = ACTS[subject.interaction]
    acts = [local(child) for child in subject.find("hl7:ControlActEvent/hl7:subject/*")]
    if acts != [expected] or len(subject.find("hl7:ControlActEvent/hl7:subject")) != 1:
        at = next(iter(subject.find("hl7:ControlActEvent")), subject.root)
        yield flaw(f"one subject with {expected}", said(", ".join(acts)), at)


@rule(
    "R-wrapper-22",
    "an application acknowledgement has no subject",
    "V-68",
    "RC-POS",
    basis=Basis.OFFICIAL,
    interactions=(ACKNOWLEDGEMENT,),
)
def no_subject(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/subject`` of MCCI_IN010000UK13."""
    for each in subject.find("hl7:ControlActEvent/hl7:subject"):
        yield flaw("none", "a subject", each)


@rule(
    "R-wrapper-23", "the subject does not conduct its context", "V-75", basis=Basis.OFFICIAL, interactions=tuple(ACTS)
)
def context_conduction(subject: Subject) -> Iterator[Flaw]:
    """``subject/@contextConductionInd``: fixed to false; the older builds demand that it is written."""
    for each in subject.find("hl7:ControlActEvent/hl7:subject"):
        if value(each, "contextConductionInd") not in ("", "false"):
            yield flaw("false", value(each, "contextConductionInd"), each)


@rule(
    "R-wrapper-24",
    "only an acknowledgement gives reasons",
    "V-74",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=tuple(ACTS),
)
def no_reason(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/reason`` of any other message: the schema allows it, real ones have none."""
    for each in subject.find("hl7:ControlActEvent/hl7:reason"):
        yield flaw("none", "a reason", each)
