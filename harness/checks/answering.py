"""Checks on what a sender makes of odd requests and records: two conversations, unknown messages, types and text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from harness.checks.documents import attached
from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, nothing_came, ok, untested
from harness.checks.sender import refused_with
from harness.evidence import Evidence, Meaning, Received
from harness.rules.attachments import SPINE_TYPES
from harness.verdict import Basis, Layer, Outcome, Where
from simulator.wire import gp2gp, mime
from simulator.wire.description import read as read_description
from simulator.wire.ebxml import Kind

LOOSE_TYPES = "Spine's list of types is not public; a person must compare"


@check(
    "X-18-or-transport",
    "a request that cannot be read is refused with 18, or on the transport",
    "TD51.1",
    "RC18",
    remedy="Answer 18 when the request's ids can be read; else answer the delivery with an error.",
)
def refused_or_not_taken(evidence: Evidence) -> Iterator[Saw]:
    """SA-04, SA-24: 18 citing the MessageId; or an ebXML error, a SOAP fault or an HTTP error instead of an Acknowledgment."""
    for received in evidence.received[:1]:
        error = _not_taken(received)
        if error and not evidence.said(Meaning.REQUEST_ANSWER):
            yield ok(error, Where(entry=received.attempts[0].sent.seq))
            return
    if evidence.received:
        yield from refused_with(evidence, "18")
    else:
        yield untested(evidence.stopped() or "no request reached the system")


def _not_taken(received: Received) -> str:
    """How a delivery was refused on the transport; empty when it was acknowledged or got no answer at all."""
    attempt = received.attempts[0]
    answer = attempt.answer
    if answer is not None and answer.fault is not None:
        return "a SOAP fault"
    if answer is not None and answer.envelope is not None and answer.envelope.kind is Kind.MESSAGE_ERROR:
        return "an ebXML MessageError"
    return f"status {attempt.status}" if attempt.status is not None and attempt.status >= 400 else ""


@check("X-each-request", "each request gets an extract and an answer in its own conversation", "S240", "S34", "C-14")
def each_request(evidence: Evidence) -> Iterator[Saw]:
    """SA-15: in the conversation of each request one extract that names its EhrRequest, and one AA that cites it."""
    requests = evidence.heard(gp2gp.EhrRequest)
    if len(requests) < 2:
        yield missing(evidence, "a second request")
    for received in requests:
        conversation = str(received.entry.data["conversation"]).upper()
        own = [each for each in evidence.messages if each.envelope.conversation_id.upper() == conversation]
        request = received.reading.message
        assert isinstance(request, gp2gp.EhrRequest)
        extracts = [each for each in own if isinstance(each.message, gp2gp.EhrExtract)]
        named = [each.message.request_id for each in extracts if isinstance(each.message, gp2gp.EhrExtract)]
        acks = [each.message for each in own if isinstance(each.message, gp2gp.ApplicationAcknowledgement)]
        cited = [ack.message_ref.upper() for ack in acks if ack.positive]
        if named != [request.request_id] or cited != [received.message_id.upper()]:
            seen = f"extracts for {', '.join(named) or 'none'}, AA for {', '.join(cited) or 'none'}"
            yield bad(
                f"in {conversation} one extract for {request.request_id}, one AA", seen, Where(received.entry.seq)
            )
        else:
            yield ok(f"extract and AA in {conversation}", at(extracts[0]))


@check("X-dms-1", "a DMS 1 request is neither acknowledged positively nor answered in MIM 3", "S263", "S99")
def dms_1(evidence: Evidence) -> Iterator[Saw]:
    """SA-24: after a request UK06 no AA and no extract UK06 or UK07, whatever else the system makes of it."""
    envelopes = ((each, each.reading.envelope) for each in evidence.received)
    asked = [each for each, envelope in envelopes if envelope and envelope.action == "RCMR_IN010000UK06"]
    if not asked:
        yield untested(evidence.stopped() or "no DMS 1 request reached the system")
        return
    after = [each for each in evidence.messages if each.entry.seq > asked[0].entry.seq]
    wrong = [each for each in after if isinstance(each.message, gp2gp.EhrExtract) or _accepts(each.message)]
    if wrong:
        yield bad("neither", f"{wrong[0].envelope.action} was sent", at(wrong[0], 1))
    else:
        yield nothing_came(evidence, "neither came")


def _accepts(message: gp2gp.Message | None) -> bool:
    return isinstance(message, gp2gp.ApplicationAcknowledgement) and message.positive


@check(
    "X-put-aside",
    "a message of an interaction that nobody knows gets no application answer",
    "C-20",
    basis=Basis.FIELD,
)
def put_aside(evidence: Evidence) -> Iterator[Saw]:
    """SA-23: no message of the system follows it."""
    if not evidence.received:
        yield untested(evidence.stopped() or "nothing reached the system")
    elif evidence.messages:
        yield bad("no answer", f"{evidence.messages[0].envelope.action} was sent", at(evidence.messages[0]))
    else:
        yield nothing_came(evidence, "no application answer came")


@check(
    "D-types",
    "documents keep their type, in parts of types that Spine carries",
    "LM29",
    "S49",
    layer=Layer.WIRE,
    remedy="Send other types as application/octet-stream, and say the document's own type in its description.",
)
def document_types(evidence: Evidence) -> Iterator[Saw]:
    """SB-15, SB-16: ContentType of the description is the record's; Content-Type of the part is one that Spine carries."""
    wanted = {document["blob"]: document["content_type"] for document in evidence.plan["record"]["documents"]}
    for sent, part, text in attached(evidence):
        if part is None:
            yield missing(evidence, "an attached document")
            continue
        own = wanted.get(hashlib.sha256(mime.decode(part)[0]).hexdigest(), "")
        said, where = read_description(text)[0].content_type, at(sent, 0, path="eb:Description")
        if own and said != own:
            yield bad(f"ContentType={own}", f"ContentType={said}", where)
        elif part.content_type not in SPINE_TYPES:
            yield Saw(Outcome.REVIEW, part.content_type, "application/octet-stream", LOOSE_TYPES, where)
        else:
            yield ok(f"{said} as {part.content_type}", where)


@check("X-text-kept", "the text of the record is sent as it was written", "W-05", "S232")
def text_kept(evidence: Evidence) -> Iterator[Saw]:
    """SB-21: a text of the record that holds the characters of markup stands in the extract, whatever stands around it."""
    text = " ".join(str(evidence.plan["expects"].get("text", "")).split())
    if not text:
        yield untested("the record has no such text")
        return
    for sent in evidence.said(Meaning.EXTRACT) or [None]:
        if sent is None or sent.reading.root is None:
            yield missing(evidence, "an EHR extract")
            continue
        texts = [" ".join("".join(map(str, each.itertext())).split()) for each in sent.reading.root.iter("{*}text")]
        found = [each for each in texts if text in each]
        near = [each for each in texts if each[:8] == text[:8]]
        yield ok(found[0], at(sent, 1)) if found else bad(text, near[0] if near else "no such text", at(sent, 1))
