"""Checks on the octets of every message of the system under test: packaging, envelope, contract. Layer: wire."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from harness.checks.register import Saw, bad, check, missing, ok, reading
from harness.evidence import Evidence, Sent
from harness.verdict import Layer, Where
from simulator.wire import mime, names
from simulator.wire.departures import D
from simulator.wire.ebxml import Envelope
from simulator.wire.interactions import BY_ID
from simulator.wire.times import instant

UUID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")

# Departures of a package, by the catalogue row that they break. Those that stand in no row are seen by other checks
# (AR05, C-03, C-04, C-10) or are tolerated everywhere, like an epilogue.
FRAMING = {
    D.BARE_LF: "W-01",
    D.BOUNDARY_MISSING: "W-01",
    D.BOUNDARY_GUESSED: "W-01",
    D.CLOSING_MISSING: "W-01",
    D.NOT_MULTIPART: "W-01",
    D.HEADERS_UNTERMINATED: "W-01",
    D.HEADER_MALFORMED: "W-01",
    D.TYPE_UNQUOTED: "W-02",
    D.START_UNQUOTED: "W-02",
    D.BOUNDARY_UNQUOTED: "W-02",
    D.TYPE_MISSING: "W-03",
    D.START_NO_ANGLE_BRACKETS: "W-03",
    D.START_NOT_FIRST: "W-03",
    D.CONTENT_ID_NO_ANGLE_BRACKETS: "W-03",
    D.XML_MALFORMED: "W-04",
    D.XML_DTD: "W-04",
}


def every(evidence: Evidence, look: Callable[[Sent], Iterator[Saw]]) -> Iterator[Saw]:
    """Apply ``look`` (message -> findings) to everything the SUT posted; nothing posted is nothing shown."""
    if not evidence.sent:
        yield missing(evidence, "at least one message")
    for sent in evidence.sent:
        yield from look(sent)


def at(sent: Sent, part: int = 0, line: int = -1, path: str = "") -> Where:
    """A place in a message of the SUT."""
    return Where(entry=sent.entry.seq, part=part, line=line, path=path)


@check(
    "E-framing",
    "every message is framed as MIME and HTTP demand",
    "W-01",
    "W-02",
    "W-03",
    "W-04",
    layer=Layer.WIRE,
    remedy="Write CRLF line ends, quote type and start, and put the envelope's Content-Id in angle brackets in start.",
)
def framing(evidence: Evidence) -> Iterator[Saw]:
    """Departures that the readers met in the packages, against RFC 2045, 2046, 2387 and XML 1.0."""

    def look(sent: Sent) -> Iterator[Saw]:
        broken = [each for each in sent.reading.departures if each.code in FRAMING]
        for each in broken:
            where = Where(entry=sent.entry.seq, part=each.part, offset=each.offset)
            yield bad(f"{FRAMING[each.code]}: no departure", f"{each.code.value} {each.detail}".strip(), where)
        if not broken:
            yield ok(
                f"{len(sent.reading.package.parts) if sent.reading.package else 0} parts, framed strictly", at(sent)
            )

    yield from every(evidence, look)


CONTRACT: tuple[tuple[str, Callable[[Envelope], bool]], ...] = (
    ("DuplicateElimination once", lambda e: e.count.duplicate_elimination == 1),
    ("MessageHeader version 2.0", lambda e: e.header_version == "2.0"),
    ("AckRequested once", lambda e: e.count.ack_requested == 1),
    ("no SyncReply", lambda e: e.count.sync_reply == 0),
    ("AckRequested version 2.0", lambda e: e.ack_requested_version == "2.0"),
    ("AckRequested signed false", lambda e: e.ack_requested_signed == "false"),
    ("AckRequested actor nextMSH", lambda e: e.ack_requested_actor == names.ACTOR_NEXT_MSH),
    ("Manifest version 2.0", lambda e: e.manifest_version == "2.0"),
)


@check(
    "E-contract",
    "every message keeps the forward-reliable contract",
    "C-01",
    "TD18",
    "S180",
    layer=Layer.WIRE,
    remedy="Send DuplicateElimination, AckRequested (2.0, unsigned, nextMSH) and no SyncReply on every GP2GP message.",
)
def forward_reliable(evidence: Evidence) -> Iterator[Saw]:
    """The eight assertions of Spine's own validation of this channel."""

    def look(sent: Sent) -> Iterator[Saw]:
        broken = [name for name, holds in CONTRACT if not holds(sent.envelope)]
        if broken:
            yield bad("; ".join(broken), "not so", at(sent, path="SOAP:Header"))
        else:
            yield ok("forward reliable", at(sent))

    yield from every(evidence, look)


@check("E-interaction", "Service, Action, SOAPAction and payload name one interaction", "C-02", layer=Layer.WIRE)
def interaction(evidence: Evidence) -> Iterator[Saw]:
    """EN-01: SOAPAction = Service/Action, Action = root element = interactionId, Service = gp2gp."""

    def look(sent: Sent) -> Iterator[Saw]:
        envelope, wrapper = sent.envelope, sent.reading.wrapper
        action = str(sent.entry.data["soap_action"]).strip('"')
        named = {envelope.action, wrapper.interaction if wrapper else "", wrapper.interaction_id if wrapper else ""}
        row = BY_ID.get(envelope.action)
        if row is None or named != {envelope.action} or action != row.soap_action or envelope.service != names.GP2GP:
            seen = f"Service {envelope.service}, Action {envelope.action}, SOAPAction {action}, payload {sorted(named)}"
            yield bad("one GP2GP interaction everywhere", seen, at(sent))
        else:
            yield ok(row.soap_action, at(sent))

    yield from every(evidence, look)


@check("E-parties", "From, To and CPAId are those of the two practices' contracts", "C-03", layer=Layer.WIRE)
def parties(evidence: Evidence) -> Iterator[Saw]:
    """EN-02: party keys of type ocs+serviceInstance; CPAId is the receiver's for the interaction, from SDS."""

    def look(sent: Sent) -> Iterator[Saw]:
        e = sent.envelope
        expected = (evidence.sut["party_key"], evidence.peer["party_key"], evidence.peer["cpa_ids"].get(e.action, ""))
        seen = (e.from_party, e.to_party, e.cpa_id)
        types = {e.from_party_type, e.to_party_type}
        if seen != expected:
            yield bad("From {}, To {}, CPAId {}".format(*expected), "From {}, To {}, CPAId {}".format(*seen), at(sent))
        elif types != {names.PARTY_TYPE}:
            yield bad(f"PartyId type {names.PARTY_TYPE}", f"type {sorted(types)}", at(sent, path="eb:PartyId/@eb:type"))
        else:
            yield ok("From {}, To {}, CPAId {}".format(*seen), at(sent))

    yield from every(evidence, look)


@check(
    "E-manifest", "the manifest names the payload first and every part of the package", "C-04", "AR06", layer=Layer.WIRE
)
def manifest(evidence: Evidence) -> Iterator[Saw]:
    """EN-03, AR06: first reference is the HL7 payload, each cid has its part, each part its reference, xml:lang is there."""

    def look(sent: Sent) -> Iterator[Saw]:
        troubles = list(_manifest_troubles(sent))
        for expected, seen, line in troubles:
            yield bad(expected, seen, at(sent, line=line, path="eb:Manifest"))
        if not troubles:
            yield ok(f"{len(sent.envelope.references)} references, each with its part", at(sent))

    yield from every(evidence, look)


def _manifest_troubles(sent: Sent) -> Iterator[tuple[str, str, int]]:
    references, package = sent.envelope.references, sent.reading.package
    if not references or not references[0].is_payload or references[0].scheme != "cid":
        yield "the first reference is the HL7 payload, by cid:", f"{references[0].href if references else 'none'}", 0
    ids = [part.content_id for part in package.parts[1:]] if package else []
    targets = [reference.target for reference in references if reference.scheme == "cid"]
    for reference in references:
        if reference.scheme == "cid" and reference.target not in ids:
            yield "every cid: has its part", f"no part {reference.target}", reference.line
        if reference.scheme not in ("cid", "mid"):
            yield "cid: or mid:", reference.href, reference.line
        if reference.description and not reference.language:
            yield "eb:Description with xml:lang", reference.description[:60], reference.line
    for content_id in ids:
        if content_id not in targets:
            yield "every part has its reference", f"part {content_id or 'without Content-Id'}", 0


@check("E-message-id", "MessageIds are upper-case UUIDs, each used for one message", "C-05", layer=Layer.WIRE)
def message_id(evidence: Evidence) -> Iterator[Saw]:
    """EN-16: a UUID in upper case, never used for different bytes; the Timestamp can be read."""
    used: dict[str, str] = {}

    def look(sent: Sent) -> Iterator[Saw]:
        e, digest = sent.envelope, str(sent.entry.data.get("blob", ""))
        first = used.setdefault(e.message_id.upper(), digest)
        if first != digest:
            yield bad("one id for one message", f"{e.message_id} was used for other bytes before", at(sent))
        elif not UUID.fullmatch(e.message_id):
            yield bad("a UUID in upper case", e.message_id, at(sent, path="eb:MessageId"))
        elif instant(e.timestamp) is None or D.EBXML_TIMESTAMP_NO_ZONE in {d.code for d in sent.reading.departures}:
            yield bad("a Timestamp with its zone", e.timestamp, at(sent, path="eb:Timestamp"))
        else:
            yield ok(e.message_id, at(sent))

    yield from every(evidence, look)


@check("E-conversation", "one upper-case ConversationId runs through the whole transfer", "S240", layer=Layer.WIRE)
def conversation(evidence: Evidence) -> Iterator[Saw]:
    """RQ-09: made by the requester, a UUID in upper case, the same in every message. A lower-case one of ours may come back."""
    ours = {str(each.entry.data["conversation"]).upper() for each in evidence.received}
    own = (
        {sent.envelope.conversation_id.upper() for sent in evidence.sent[:1]} if evidence.role == "requester" else set()
    )

    def look(sent: Sent) -> Iterator[Saw]:
        identifier = sent.envelope.conversation_id
        if identifier.upper() not in ours | own:
            yield bad("the transfer's ConversationId", identifier, at(sent, path="eb:ConversationId"))
        elif not UUID.fullmatch(identifier):
            yield bad("a UUID in upper case", identifier, at(sent, path="eb:ConversationId"))
        else:
            yield ok(identifier, at(sent))

    yield from every(evidence, look)


@check("E-part-headers", "every MIME part has the three headers that GP2GP asks for", "AR05", layer=Layer.WIRE)
def part_headers(evidence: Evidence) -> Iterator[Saw]:
    """AR05: Content-Type, Content-Transfer-Encoding, Content-Id. One live supplier's envelope part lacks the second."""

    def look(sent: Sent) -> Iterator[Saw]:
        for number, part in enumerate(sent.reading.package.parts if sent.reading.package else ()):
            lacks = _lacking(part)
            if lacks == ["Content-Transfer-Encoding"] and number < 2:
                # The specification's own example leaves it out on the XML parts.
                why = "AR05 asks for it, and the example of the same document omits it on XML parts"
                yield reading(evidence, "xml_part_encoding", "absent", why, at(sent, number))
            elif lacks:
                yield bad("the three headers of AR05", f"part {number} lacks {', '.join(lacks)}", at(sent, number))
            else:
                yield ok(f"part {number} has them", at(sent, number))

    yield from every(evidence, look)


def _lacking(part: mime.Part) -> list[str]:
    has = {
        "Content-Type": part.content_type,
        "Content-Transfer-Encoding": part.transfer_encoding,
        "Content-Id": part.content_id,
    }
    return [name for name, value in has.items() if not value]


def header_of(envelope: Envelope) -> str:
    """A short text that names a message for people."""
    return f"{envelope.action} {envelope.message_id}"
