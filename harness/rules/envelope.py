"""The ebXML envelope: what Spine asserts of it, what the ebMS 2.0 schema says, and the forms of parties and times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.places import envelope, in_soap, local, said, spot
from harness.rules.register import Flaw, Subject, rule
from harness.verdict import Basis
from simulator.wire import names
from simulator.wire.departures import D
from simulator.wire.times import has_zone, instant

_HEADER = "/SOAP:Envelope/SOAP:Header/eb:MessageHeader"
# xs:dateTime: what ebMS 2.0 types Timestamp and TimeToLive as; its zone is Z or hours, colon, minutes.
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_PARTY_KEY = re.compile(r"[A-Z0-9]{3,12}-[0-9]{6,7}")
_CPA_ID = re.compile(r"S[0-9]{4,}(A[0-9]{4,})?|[0-9a-f]{20}")
_ORDER = (
    "From",
    "To",
    "CPAId",
    "ConversationId",
    "Service",
    "Action",
    "MessageData",
    "DuplicateElimination",
    "Description",
)
_DATA_ORDER = ("MessageId", "Timestamp", "RefToMessageId", "TimeToLive")


def _once(subject: Subject, name: str, path: str) -> Iterator[Flaw]:
    """Spine's structural assertion: exactly one, and not empty."""
    found = envelope(subject)
    if found is not None and (count := getattr(found.count, name)) != 1:
        yield spot("exactly one, not empty", str(count) if count else "none, or an empty one", path)


def _is(subject: Subject, seen: str, expected: str, path: str) -> Iterator[Flaw]:
    if envelope(subject) is not None and seen != expected:
        yield spot(expected, seen, path)


@rule("R-envelope-01", "the envelope has one header and one body", "V-64", basis=Basis.OFFICIAL)
def header_and_body(subject: Subject) -> Iterator[Flaw]:
    """``SOAP:Header`` and ``SOAP:Body``."""
    yield from _once(subject, "header", "SOAP:Header")
    yield from _once(subject, "body", "SOAP:Body")


@rule("R-envelope-02", "there is one MessageHeader", "V-64", basis=Basis.OFFICIAL)
def message_header(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageHeader``: of two, Spine reads the first and no reader knows which was meant."""
    yield from _once(subject, "message_header", "eb:MessageHeader")


@rule("R-envelope-03", "the sending party is named once", "V-64", "C-03", basis=Basis.OFFICIAL)
def from_party(subject: Subject) -> Iterator[Flaw]:
    """``eb:From/eb:PartyId``."""
    yield from _once(subject, "from_party", "eb:From/eb:PartyId")


@rule("R-envelope-04", "the receiving party is named once", "V-64", "C-03", basis=Basis.OFFICIAL)
def to_party(subject: Subject) -> Iterator[Flaw]:
    """``eb:To/eb:PartyId``."""
    yield from _once(subject, "to_party", "eb:To/eb:PartyId")


@rule("R-envelope-05", "the contract is named once", "V-64", "C-03", basis=Basis.OFFICIAL)
def cpa_id(subject: Subject) -> Iterator[Flaw]:
    """``eb:CPAId``."""
    yield from _once(subject, "cpa_id", "eb:CPAId")


@rule("R-envelope-06", "the conversation is named once", "V-64", "S240", basis=Basis.OFFICIAL)
def conversation_id(subject: Subject) -> Iterator[Flaw]:
    """``eb:ConversationId``."""
    yield from _once(subject, "conversation_id", "eb:ConversationId")


@rule("R-envelope-07", "the service is named once", "V-64", "C-02", basis=Basis.OFFICIAL)
def service(subject: Subject) -> Iterator[Flaw]:
    """``eb:Service``."""
    yield from _once(subject, "service", "eb:Service")


@rule("R-envelope-08", "the action is named once", "V-64", "C-02", basis=Basis.OFFICIAL)
def action(subject: Subject) -> Iterator[Flaw]:
    """``eb:Action``."""
    yield from _once(subject, "action", "eb:Action")


@rule("R-envelope-09", "there is one MessageData", "V-64", basis=Basis.OFFICIAL)
def message_data(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageData``."""
    yield from _once(subject, "message_data", "eb:MessageData")


@rule("R-envelope-10", "the message is identified once", "V-64", "C-05", basis=Basis.OFFICIAL)
def message_id(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageData/eb:MessageId``."""
    yield from _once(subject, "message_id", "eb:MessageData/eb:MessageId")


@rule("R-envelope-11", "the message is dated once", "V-64", "C-05", basis=Basis.OFFICIAL)
def timestamp(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageData/eb:Timestamp``."""
    yield from _once(subject, "timestamp", "eb:MessageData/eb:Timestamp")


@rule("R-envelope-12", "duplicates are to be eliminated", "C-01", basis=Basis.OFFICIAL)
def duplicate_elimination(subject: Subject) -> Iterator[Flaw]:
    """``eb:DuplicateElimination`` once; empty or with ``always``, both occur."""
    yield from _once(subject, "duplicate_elimination", "eb:DuplicateElimination")


@rule("R-envelope-13", "MessageHeader is of version 2.0", "C-01", basis=Basis.OFFICIAL)
def header_version(subject: Subject) -> Iterator[Flaw]:
    """``eb:MessageHeader/@eb:version``."""
    found = envelope(subject)
    yield from _is(subject, found.header_version if found else "", "2.0", "eb:MessageHeader/@eb:version")


@rule("R-envelope-14", "an acknowledgement is requested once", "C-01", basis=Basis.OFFICIAL)
def ack_requested(subject: Subject) -> Iterator[Flaw]:
    """``eb:AckRequested``."""
    yield from _once(subject, "ack_requested", "eb:AckRequested")


@rule("R-envelope-15", "no reply is wanted on the same connection", "C-01", basis=Basis.OFFICIAL)
def no_sync_reply(subject: Subject) -> Iterator[Flaw]:
    """``eb:SyncReply``: SYNCREPLY_INCONSISTENT_WITH_CONTRACT on the forward-reliable channel."""
    found = envelope(subject)
    if found is not None and found.count.sync_reply:
        yield spot("none", str(found.count.sync_reply), "eb:SyncReply")


@rule("R-envelope-16", "AckRequested is of version 2.0", "C-01", basis=Basis.OFFICIAL)
def ack_version(subject: Subject) -> Iterator[Flaw]:
    """``eb:AckRequested/@eb:version``."""
    found = envelope(subject)
    if found is not None and found.ack_requested:
        yield from _is(subject, found.ack_requested_version, "2.0", "eb:AckRequested/@eb:version")


@rule("R-envelope-17", "the acknowledgement asked for is not signed", "C-01", basis=Basis.OFFICIAL)
def ack_unsigned(subject: Subject) -> Iterator[Flaw]:
    """``eb:AckRequested/@eb:signed``."""
    found = envelope(subject)
    if found is not None and found.ack_requested:
        yield from _is(subject, found.ack_requested_signed, "false", "eb:AckRequested/@eb:signed")


@rule("R-envelope-18", "each hop is asked to acknowledge", "C-01", basis=Basis.OFFICIAL)
def ack_actor(subject: Subject) -> Iterator[Flaw]:
    """``eb:AckRequested/@SOAP:actor``: nextMSH, not the far end."""
    found = envelope(subject)
    if found is not None and found.ack_requested:
        yield from _is(subject, found.ack_requested_actor, names.ACTOR_NEXT_MSH, "eb:AckRequested/@SOAP:actor")


@rule("R-envelope-19", "the manifest is of version 2.0", "C-01", basis=Basis.OFFICIAL)
def manifest_version(subject: Subject) -> Iterator[Flaw]:
    """``eb:Manifest/@eb:version``, or no manifest at all; that there is one, another rule asks."""
    found = envelope(subject)
    if found is not None and found.count.manifest:
        yield from _is(subject, found.manifest_version, "2.0", "eb:Manifest/@eb:version")


@rule("R-envelope-20", "parties are identified as service instances", "C-03")
def party_type(subject: Subject) -> Iterator[Flaw]:
    """``eb:PartyId/@eb:type`` of both."""
    found = envelope(subject)
    for end, kind in (("From", found.from_party_type), ("To", found.to_party_type)) if found is not None else ():
        yield from _is(subject, kind, names.PARTY_TYPE, f"eb:{end}/eb:PartyId/@eb:type")


@rule("R-envelope-21", "a party key is an ODS code, a hyphen and digits", "C-03", "V-69")
def party_key(subject: Subject) -> Iterator[Flaw]:
    """``eb:PartyId`` of both: six digits, or seven as Spine's own keys have."""
    found = envelope(subject)
    for end, key in (("From", found.from_party), ("To", found.to_party)) if found is not None else ():
        if not _PARTY_KEY.fullmatch(key):
            yield spot("<ODS>-<digits>", key, f"eb:{end}/eb:PartyId")


@rule(
    "R-envelope-22",
    "a message goes to another party than it comes from",
    "C-17",
    "C-03",
    level="SHOULD",
    basis=Basis.FIELD,
)
def two_parties(subject: Subject) -> Iterator[Flaw]:
    """``eb:From`` and ``eb:To``: a hosted system may share a key between practices (S190), so this is no must."""
    found = envelope(subject)
    if found is not None and found.from_party and found.from_party == found.to_party:
        yield spot("another party key", found.to_party, "eb:To/eb:PartyId")


@rule("R-envelope-23", "a CPAId has a form that SDS gives out", "V-69", "C-03", level="SHOULD", basis=Basis.FIELD)
def cpa_form(subject: Subject) -> Iterator[Flaw]:
    """``eb:CPAId``: an S and digits, perhaps an A and digits, or twenty hexadecimal digits."""
    found = envelope(subject)
    if found is not None and not _CPA_ID.fullmatch(found.cpa_id):
        yield spot("S<digits>A<digits>, or twenty hexadecimal digits", found.cpa_id, "eb:CPAId")


@rule("R-envelope-24", "the service is that of GP2GP", "C-02", "COPC17")
def gp2gp_service(subject: Subject) -> Iterator[Flaw]:
    """``eb:Service``: also for point to point messages and their acknowledgements, where an older text has ``cc``."""
    found = envelope(subject)
    yield from _is(subject, found.service if found else "", names.GP2GP, "eb:Service")


def _times(subject: Subject) -> dict[str, str]:
    found = envelope(subject)
    both = {"eb:Timestamp": found.timestamp, "eb:TimeToLive": found.time_to_live} if found is not None else {}
    return {path: text.strip() for path, text in both.items() if text.strip()}


@rule("R-envelope-25", "times are XML dates that exist", "C-05", "V-65")
def times_form(subject: Subject) -> Iterator[Flaw]:
    """``eb:Timestamp`` and ``eb:TimeToLive``: the lexical form of xs:dateTime, and a moment of the calendar."""
    for path, text in _times(subject).items():
        if not _DATE_TIME.fullmatch(text) or (instant(text) is None and "." not in text):
            yield spot("yyyy-MM-ddThh:mm:ssZ", text, path)


@rule("R-envelope-26", "times are in UTC and say so", "C-05", level="SHOULD")
def times_utc(subject: Subject) -> Iterator[Flaw]:
    """``Z``: without it ebMS means UTC too, but local time was seen to travel that way."""
    for path, text in _times(subject).items():
        if not text.endswith("Z") or not has_zone(text):
            yield spot("a time that ends in Z", text, path)


@rule("R-envelope-27", "a message lives beyond the moment it was made", "V-65")
def lives(subject: Subject) -> Iterator[Flaw]:
    """``eb:TimeToLive`` after ``eb:Timestamp``; how long is the supplier's choice."""
    found = envelope(subject)
    made, ends = (instant(found.timestamp), instant(found.time_to_live)) if found is not None else (None, None)
    if made is not None and ends is not None and ends <= made:
        yield spot(
            f"later than {said(found.timestamp)}" if found else "", found.time_to_live if found else "", "eb:TimeToLive"
        )


@rule("R-envelope-28", "a message of a practice refers to no other", "V-74", level="SHOULD", basis=Basis.FIELD)
def no_reference(subject: Subject) -> Iterator[Flaw]:
    """``eb:RefToMessageId``: signals and Spine's own messages have it, no GP system's message does."""
    found = envelope(subject)
    if found is not None and found.ref_to_message_id:
        yield spot("none", found.ref_to_message_id, "eb:RefToMessageId")


@rule("R-envelope-29", "header and acknowledgement request must be understood", "V-65")
def must_understand(subject: Subject) -> Iterator[Flaw]:
    """``SOAP:mustUnderstand`` of MessageHeader and AckRequested; on the manifest systems differ and nobody minds."""
    for each in in_soap(subject, f"{_HEADER}|/SOAP:Envelope/SOAP:Header/eb:AckRequested"):
        if (seen := str(each.get(f"{{{names.SOAP}}}mustUnderstand", ""))) != "1":
            yield spot("1", seen, each)


@rule("R-envelope-30", "the fields of the header are in order", "V-65")
def header_order(subject: Subject) -> Iterator[Flaw]:
    """Children of ``eb:MessageHeader`` and of ``eb:MessageData``, as the schema lists them."""
    for path, order in ((_HEADER, _ORDER), (f"{_HEADER}/eb:MessageData", _DATA_ORDER)):
        for each in in_soap(subject, path):
            seen = [local(child) for child in each.iterchildren(f"{{{names.EB}}}*")]
            if seen != sorted(seen, key=lambda name: order.index(name) if name in order else len(order)):
                yield spot(", ".join(name for name in order if name in seen), ", ".join(seen), each)


@rule("R-envelope-31", "attributes of the envelope are in their namespaces", "V-65")
def qualified(subject: Subject) -> Iterator[Flaw]:
    """``eb:version``, ``eb:signed``, ``eb:type``, ``SOAP:actor`` and the like: Spine looks for the qualified ones."""
    for each in subject.reading.departures if envelope(subject) is not None else ():
        if each.code is D.EBXML_ATTRIBUTE_UNQUALIFIED:
            yield spot("an attribute with its prefix", each.detail, each.detail)


@rule("R-envelope-32", "identifiers of the header stand without white space around them", "V-65", level="SHOULD")
def no_blanks(subject: Subject) -> Iterator[Flaw]:
    """The texts that systems compare as they stand: ids, parties, contract, service, action."""
    fields = "eb:From/eb:PartyId|eb:To/eb:PartyId|eb:CPAId|eb:ConversationId|eb:Service|eb:Action|eb:MessageData/eb:MessageId"
    for each in in_soap(subject, "|".join(f"{_HEADER}/{field}" for field in fields.split("|"))):
        text = str(each.text or "")
        if text != text.strip():
            yield spot("no white space around it", repr(text), each)
