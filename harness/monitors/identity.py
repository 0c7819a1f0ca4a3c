"""Monitors of identifiers: MessageIds, ConversationIds, and what acknowledgements cite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.checks.register import Saw, bad, ok
from harness.evidence import Evidence
from harness.monitors.conversations import Heard, Post, heard, posts
from harness.monitors.register import monitor
from harness.verdict import Layer, Where
from simulator.wire import gp2gp
from simulator.wire.interactions import Interaction

REPORTED = "acknowledge again, deliver nothing, report the different bytes"
"""What Spine decides about a MessageId that came before in this run, in whichever case, with other bytes."""


def at(post: Post, part: int = 0, path: str = "") -> Where:
    """A place in a message of the SUT."""
    return Where(entry=post.begun, part=part, path=path)


@monitor(
    "M-message-id",
    "a MessageId is not used for different bytes",
    "C-05",
    "EB-08",
    layer=Layer.WIRE,
    remedy="Make a new MessageId for every message; repeat a message with the octets that it had.",
)
def message_id(evidence: Evidence) -> Iterator[Saw]:
    """Every posting of the case, whatever Spine answered; Spine itself remembers the ids of the other cases."""
    used: dict[str, bytes] = {}
    reported = {entry.data["arrival"] for entry in evidence.of("exchange.decided") if entry.data["does"] == REPORTED}
    for sent in evidence.sent:
        identifier = sent.envelope.message_id
        if not identifier:
            continue
        where = Where(entry=sent.entry.seq, part=0, path="eb:MessageId")
        if used.setdefault(identifier.upper(), sent.octets) != sent.octets or sent.entry.data["arrival"] in reported:
            yield bad("one id for one message", f"{identifier} was used for other bytes before", where)
        else:
            yield ok(identifier, where)


@monitor(
    "M-conversation",
    "the ConversationId stays constant within a transfer",
    "S240",
    "LM45",
    layer=Layer.WIRE,
    remedy="Put the ConversationId of the EHR request into every message of its transfer.",
)
def conversation(evidence: Evidence) -> Iterator[Saw]:
    """A message is in the conversation of what it answers; only a request of the SUT, or its peer, opens one."""
    told, said = heard(evidence), posts(evidence)
    for post in said:
        answered = {each.conversation for each in _answered(post, told)}
        opened = {each.conversation for each in told if each.received.entry.seq < post.begun}
        opened |= {
            each.conversation
            for each in said
            if each.begun <= post.begun and isinstance(each.sent.message, gp2gp.EhrRequest)
        }
        where = at(post, path="eb:ConversationId")
        if post.conversation in (answered or opened):
            yield ok(post.conversation, where)
        else:
            expected = f"conversation {' or '.join(sorted(answered or opened)) or 'of a request'}"
            yield bad(expected, post.sent.envelope.conversation_id or "none", where)


def _answered(post: Post, told: Sequence[Heard]) -> list[Heard]:
    """The messages that ``post`` says it answers: an acknowledgement by what it cites, an extract by its request."""
    match post.sent.message:
        case gp2gp.ApplicationAcknowledgement() as ack:
            return [each for each in told if ack.message_ref.upper() in each.ids]
        case gp2gp.EhrExtract() as extract if extract.request_id:
            return [each for each in told if _request_id(each) == extract.request_id.upper()]
        case _:
            return []


def _request_id(each: Heard) -> str:
    message = each.received.reading.message
    return message.request_id.upper() if isinstance(message, gp2gp.EhrRequest) else ""


@monitor(
    "M-cites",
    "an acknowledgement cites something that was sent to the system in its conversation",
    "TD19",
    "C-16",
    remedy="messageRef is the id of the request, the extract or the part that is answered.",
)
def cites(evidence: Evidence) -> Iterator[Saw]:
    """By the ebXML or the HL7 id, and only what had been sent by then."""
    told = heard(evidence)
    for post in posts(evidence):
        if post.answer is None:
            continue
        cited = [each for each in told if post.answer.message_ref.upper() in each.ids]
        before = [each for each in cited if each.received.entry.seq < post.begun]
        where = at(post, 1, "messageRef")
        if any(each.conversation == post.conversation for each in before):
            yield ok(post.answer.message_ref, where)
        else:
            seen = f"{post.answer.message_ref or 'nothing'}, " + ("of another conversation" if cited else "never sent")
            yield bad("the id of a message sent to the system in this conversation", seen, where)


@monitor("M-unanswered", "an acknowledgement is never answered with another", "C-15")
def unanswered(evidence: Evidence) -> Iterator[Saw]:
    """No message of the SUT cites an application acknowledgement, of whomever, positive or negative."""
    acks = [each for each in heard(evidence) if _is_acknowledgement(each)]
    answers = [post for post in posts(evidence) if post.answer]
    for each in acks:
        answering = [post for post in answers if post.answer and post.answer.message_ref.upper() in each.ids]
        for post in answering:
            yield bad("no answer", f"it answers {each.received.message_id}", at(post, 1, "messageRef"))
        if not answering:
            yield ok(f"{each.received.message_id} was not answered", Where(entry=each.received.entry.seq))


def _is_acknowledgement(each: Heard) -> bool:
    return each.answer is not None or each.received.entry.data["interaction"] == Interaction.ACKNOWLEDGEMENT.id
