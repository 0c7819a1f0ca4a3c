"""Monitors of order: what may follow what in a conversation, in a scenario about whatever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.checks.register import Saw, bad, ok
from harness.evidence import Evidence
from harness.monitors.conversations import NEGATIVE, Conversation, Heard, Post, conversations, heard, posts
from harness.monitors.identity import at
from harness.monitors.register import monitor
from harness.verdict import Where
from simulator.wire import gp2gp


@monitor(
    "M-one-final",
    "each extract gets one final acknowledgement",
    "S4",
    "C-07",
    remedy="Acknowledge each extract once; repeat that message, not the decision.",
)
def one_final(evidence: Evidence) -> Iterator[Saw]:
    """By MessageId of the extract: a re-send is a new one, though it may share its HL7 id with the first (TD66)."""
    for talk in conversations(evidence):
        answered: set[str] = set()
        for post in _delivered_answers(talk):
            extracts = talk.cited(post, gp2gp.EhrExtract)
            left = [each for each in extracts if each.received.message_id.upper() not in answered]
            if left:
                answered.add(left[0].received.message_id.upper())
                yield ok(f"one for {left[0].received.message_id}", at(post, 1))
            elif extracts:
                yield bad("one for each extract", f"another one for {extracts[0].received.message_id}", at(post, 1))


def _delivered_answers(talk: Conversation) -> Iterator[Post]:
    return (post for post in talk.posts if post.delivered and post.answer)


@monitor(
    "M-accepted-first",
    "no request is acknowledged positively before Spine has accepted the extract",
    "TD62",
    "S34",
    "S264",
    remedy="Wait for Spine's acknowledgement of the extract, then send AA citing the request.",
)
def accepted_first(evidence: Evidence) -> Iterator[Saw]:
    """In the conversation of the request that is acknowledged; a lost acknowledgement of Spine's is no acceptance."""
    said, requests = posts(evidence), [each for each in heard(evidence) if each.is_a(gp2gp.EhrRequest)]
    for post in said:
        for request in requests:
            if post.answer and post.answer.positive and post.answer.message_ref.upper() in request.ids:
                yield _after_extract(post, request, said)


def _after_extract(post: Post, request: Heard, said: tuple[Post, ...]) -> Saw:
    extracts = [
        each
        for each in said
        if isinstance(each.sent.message, gp2gp.EhrExtract) and each.conversation == request.conversation
    ]
    if any(each.taken and each.taken < post.begun for each in extracts):
        return ok("AA after the extract was accepted", at(post, 1))
    taken = any(each.taken for each in extracts)
    seen = "AA before it" if taken else "AA, and Spine took no extract" if extracts else "AA, and no extract was sent"
    return bad("AA after Spine has accepted the extract", seen, at(post, 1))


@monitor(
    "M-decided-first",
    "no extract is acknowledged positively before the user has decided to integrate it",
    "S78",
    "S66",
    remedy="Send AA when the record is integrated, not when it arrives.",
)
def decided_first(evidence: Evidence) -> Iterator[Saw]:
    """Where the hooks show decisions about the patient: one to integrate it begins before the acknowledgement does."""
    for talk in conversations(evidence):
        for post in talk.posts:
            for extract in talk.cited(post, gp2gp.EhrExtract)[:1]:
                decisions = _decisions(evidence, extract)
                if decisions and post.answer and post.answer.positive:
                    before = [decision for begun, decision in decisions if begun < post.begun]
                    seen = f"after the decision to {before[-1]}" if before else "before any decision"
                    right = "integrate" in before
                    yield ok(seen, at(post, 1)) if right else bad("after a decision to integrate", seen, at(post, 1))


def _decisions(evidence: Evidence, extract: Heard) -> list[tuple[int, str]]:
    message = extract.received.reading.message
    patient = message.nhs_number if isinstance(message, gp2gp.EhrExtract) else ""
    return [
        (hook.begun, str(hook.entry.data["sent"].get("decision", "")))
        for hook in evidence.hooks
        if hook.verb == "decide" and hook.done and hook.entry.data["sent"].get("nhs_number") == patient
    ]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A negative acknowledgement that ended the transfer.

    :param since: the entry from which the SUT knew of it. :param own: whether it came from the SUT.
    :param of_request: whether it refused the request; else an extract.
    """

    since: int
    own: bool
    of_request: bool

    def __str__(self) -> str:
        what = "the request" if self.of_request else "the extract"
        return f"{what} was refused ({'entry' if self.own else 'heard in entry'} {self.since})"


@monitor(
    "M-after-refusal",
    "after a refusal nothing follows but answers to parts and a permitted re-send",
    "S4",
    "S32",
    remedy="A negative acknowledgement, sent or received, ends the transfer; what comes after it may only be refused.",
)
def after_refusal(evidence: Evidence) -> Iterator[Saw]:
    """Either direction. What was under way when the refusal was heard is not held against the SUT."""
    for talk in conversations(evidence):
        refusals = sorted(_refusals(talk), key=lambda each: each.since)
        for post in talk.posts:
            ended = [each for each in refusals if _since_last_extract(talk, post) < each.since < post.begun]
            if not ended:
                continue
            if _allowed(evidence, talk, post, ended):
                yield ok(f"{post.sent.envelope.action} is allowed", at(post))
            else:
                what = f"{post.sent.envelope.action} {_word(post)}".strip()
                yield bad("nothing", f"{what} after {ended[-1]}", at(post))
        if refusals:
            yield ok(f"{refusals[-1]}", Where(entry=refusals[-1].since))


def _word(post: Post) -> str:
    return f"{post.answer.type_code} {post.answer.code}".strip() if post.answer else ""


def _since_last_extract(talk: Conversation, post: Post) -> int:
    """A re-send opens the transfer again (TD65): refusals before it are done with. 0 when nothing was re-sent."""
    extracts = [each.begun for each in talk.posts if isinstance(each.sent.message, gp2gp.EhrExtract)]
    return max((begun for begun in extracts[1:] if begun < post.begun), default=0)


def _refusals(talk: Conversation) -> Iterator[Refusal]:
    for post in _delivered_answers(talk):
        if post.answer and post.answer.type_code in NEGATIVE:
            if talk.cited(post, gp2gp.EhrRequest):
                yield Refusal(post.begun, own=True, of_request=True)
            elif _refuses_the_last(talk, post):
                yield Refusal(post.begun, own=True, of_request=False)
    for each in talk.heard:
        if each.since and each.answer and each.answer.type_code in NEGATIVE:
            kind = _cited_kind(talk, each.answer.message_ref.upper())
            if kind is not None:
                yield Refusal(each.since, own=False, of_request=kind is gp2gp.EhrRequest)


def _cited_kind(talk: Conversation, reference: str) -> type | None:
    """What a received acknowledgement cites: our request, our extract, or something else."""
    for post in talk.posts:
        if reference in post.ids and isinstance(post.sent.message, gp2gp.EhrRequest | gp2gp.EhrExtract):
            return type(post.sent.message)
    return None


def _refuses_the_last(talk: Conversation, post: Post) -> bool:
    """Whether no extract is left that may be integrated: the refusal of a second one leaves the first (TD27.2)."""
    refused = {
        each.received.message_id
        for answer in _delivered_answers(talk)
        if answer.begun <= post.begun and answer.answer and answer.answer.type_code in NEGATIVE
        for each in talk.cited(answer, gp2gp.EhrExtract)
    }
    came = [each for each in talk.heard if each.is_a(gp2gp.EhrExtract) and each.received.entry.seq < post.begun]
    return bool(talk.cited(post, gp2gp.EhrExtract)) and all(each.received.message_id in refused for each in came)


def _allowed(evidence: Evidence, talk: Conversation, post: Post, ended: list[Refusal]) -> bool:
    """Whether a message may follow the refusals that stand before it, the last of them deciding."""
    last, message = ended[-1], post.sent.message
    if isinstance(message, gp2gp.ApplicationAcknowledgement):
        return _answer_allowed(evidence, talk, post, last)
    if isinstance(message, gp2gp.Fragment):
        # LM18: parts that had been asked for go on when one of them fails; the refusal may have overtaken them.
        return any(
            isinstance(each.received.reading.message, gp2gp.Continue) and each.received.entry.seq < last.since
            for each in talk.heard
        )
    if isinstance(message, gp2gp.Continue):
        return any(each.is_a(gp2gp.EhrExtract) and each.received.entry.seq > last.since for each in talk.heard)
    # TD65, S6: an extract that the requester refused is sent again when a user asks for it.
    return (
        isinstance(message, gp2gp.EhrExtract) and not last.own and not last.of_request and _asked(evidence, last, post)
    )


def _asked(evidence: Evidence, last: Refusal, post: Post) -> bool:
    """Whether a user wanted it sent again; where no hook is called at all, nobody can say that none did."""
    asked = any(hook.verb == "resend" and last.since < hook.begun < post.begun for hook in evidence.hooks)
    return asked or not evidence.hooks


def _answer_allowed(evidence: Evidence, talk: Conversation, post: Post, last: Refusal) -> bool:
    """Answers to parts always; to what was not answered before when negative, or when the other side sent it again."""
    assert post.answer is not None
    reference = post.answer.message_ref.upper()
    if any(reference in each.ids and isinstance(each.received.reading.message, gp2gp.Fragment) for each in talk.heard):
        return True
    first = not any(
        each.begun < post.begun and each.answer and each.answer.message_ref.upper() == reference for each in talk.posts
    )
    if talk.cited(post, gp2gp.EhrRequest):
        # TD19.2: the late AA of a request whose extract was refused already. TD68: a re-send that a check prevents.
        return not last.of_request and not last.own and (first or _asked(evidence, last, post))
    came_again = len(talk.cited(post, gp2gp.EhrExtract)) > 1
    if not talk.cited(post, gp2gp.EhrExtract) or not (first or came_again):
        return False
    return post.answer.type_code in NEGATIVE or not last.of_request
