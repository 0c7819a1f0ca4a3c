"""Checks on the reliability of each hop: acknowledgements, duplicates, repeats, refusals. Layer: wire."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from harness.casetime import moment
from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, interrupted, missing, nothing_came, ok, untested
from harness.evidence import Attempt, Evidence, Received
from harness.verdict import Layer, Outcome, Where
from simulator.wire.ebxml import Kind
from simulator.wire.times import duration


def _readable(evidence: Evidence) -> Iterator[Received]:
    """Deliveries that a receiver must take: all but those made unreadable or misaddressed on purpose."""
    return (each for each in evidence.received if each.entry.data.get("sort") != "untakeable")


def here(attempt: Attempt) -> Where:
    """Where a sending to the system is told: by what came of it, or by itself when nothing did."""
    return Where(entry=attempt.outcome.seq if attempt.outcome else attempt.sent.seq)


def _acknowledged(received: Received, attempt: Attempt) -> tuple[bool, str]:
    answer = attempt.answer.envelope if attempt.answer else None
    if answer is None or answer.kind is not Kind.ACKNOWLEDGMENT:
        return False, f"status {attempt.status}, no Acknowledgment"
    cited = answer.acknowledged_id
    return cited.upper() == received.message_id.upper(), f"status {attempt.status}, acknowledges {cited or 'nothing'}"


@check(
    "T-acknowledged",
    "every message that Spine delivers is acknowledged, citing its MessageId",
    "C-06",
    "EB-06",
    "EB-07",
    layer=Layer.WIRE,
    remedy="Answer a delivery with an ebXML Acknowledgment whose RefToMessageId is the MessageId received.",
)
def acknowledged(evidence: Evidence) -> Iterator[Saw]:
    """EN-13: synchronously, or by a signal posted later. Deliveries that are wrong on purpose are left out."""
    late = {
        entry.data["delivery"] for entry in evidence.of("exchange.heard") if entry.data["event"] == "acknowledgment"
    }
    shown = False
    for received in _readable(evidence):
        for attempt in received.attempts:
            if not attempt.arrived_whole:
                continue
            shown = True
            good, seen = _acknowledged(received, attempt)
            if good:
                yield ok(seen, here(attempt))
            elif attempt.status is not None and not attempt.octets and received.entry.data["delivery"] in late:
                yield ok("acknowledged by a signal posted later", here(attempt))
            else:
                yield bad(f"an Acknowledgment of {received.message_id}", seen, here(attempt))
    if not shown:
        yield untested("Spine delivered nothing that had to be acknowledged")


@check(
    "T-duplicate",
    "a repeated delivery is acknowledged again and processed once",
    "C-07",
    "EB-01",
    "EB-03",
    "EB-04",
    layer=Layer.WIRE,
)
def duplicate(evidence: Evidence) -> Iterator[Saw]:
    """EN-05: the second delivery of a MessageId gets its Acknowledgment, and no second answer follows from it."""
    repeated = [each for each in _readable(evidence) if len(each.attempts) > 1]
    if not repeated:
        yield untested("nothing was delivered twice")
    for received in repeated:
        good, seen = _acknowledged(received, received.attempts[-1])
        if not good:
            yield bad("the repeat is acknowledged", seen, here(received.attempts[-1]))
            continue
        meanings = [evidence.meaning(sent) for sent in evidence.messages]
        twice = {each.value for each in meanings if meanings.count(each) > 1}
        if twice:
            yield bad("processed once", f"sent twice: {', '.join(sorted(twice))}", at(evidence.messages[-1]))
        else:
            yield ok(f"acknowledged again: {seen}", here(received.attempts[-1]))


@check(
    "T-same-answer",
    "a repeated delivery gets the acknowledgement that it got before",
    "EB-05",
    layer=Layer.WIRE,
)
def same_answer(evidence: Evidence) -> Iterator[Saw]:
    """ebMS 6.5: the acknowledgement is stored and sent once more. By its MessageId: a new one was made anew."""
    repeated = [each for each in _readable(evidence) if len(each.attempts) > 1]
    if not repeated:
        yield untested("nothing was delivered twice")
    for received in repeated:
        answers = [attempt.answer.envelope for attempt in received.attempts if attempt.answer]
        ids = [answer.message_id for answer in answers if answer and answer.kind is Kind.ACKNOWLEDGMENT]
        where = here(received.attempts[-1])
        if len(ids) < 2:
            yield untested("there were no two acknowledgements in answers to compare")
        elif len(set(ids)) > 1:
            yield bad(f"acknowledgement {ids[0]}", ids[-1], where)
        else:
            yield ok(ids[0], where)


@check(
    "T-known-later",
    "a message that comes again hours later is known, acknowledged and not processed",
    "EB-11",
    layer=Layer.WIRE,
)
def known_later(evidence: Evidence) -> Iterator[Saw]:
    """ebMS 6.4: ids are kept for the PersistDuration. A later delivery of the same MessageId gets an Acknowledgment alone."""
    came = [*_readable(evidence)]
    again = [each for n, each in enumerate(came) if each.message_id in {other.message_id for other in came[:n]}]
    if not again:
        yield untested(evidence.stopped() or "no message was delivered again")
    for received in again:
        first = next(each for each in came if each.message_id == received.message_id)
        kept = duration(str(evidence.sut.get("contract", {}).get("persist_duration", "")))
        if kept is not None and moment(received.entry) - moment(first.entry) > kept:
            yield untested("contract: persistDuration was over when it came again")
            continue
        good, seen = _acknowledged(received, received.attempts[-1])
        after = [each for each in evidence.messages if each.entry.seq > received.entry.seq]
        if not good:
            yield bad("an Acknowledgment", seen, here(received.attempts[-1]))
        elif after:
            yield bad("nothing more", f"{after[0].envelope.action} was sent", at(after[0]))
        else:
            yield nothing_came(evidence, "it was acknowledged, and nothing followed")


@check(
    "T-repeat",
    "what Spine did not acknowledge is sent again with the same MessageId and the same bytes",
    "C-08",
    "REQ-D",
    layer=Layer.WIRE,
    remedy="Keep the exact bytes of an unacknowledged message and send them again after the contract's retry interval.",
)
def repeat(evidence: Evidence) -> Iterator[Saw]:
    """RQ-15, EN-14: after a 500 without a body, or a lost acknowledgement, the same message comes again and is accepted."""
    failed = [each for each in evidence.sent if each.answer.get("status") == 500 and not each.answer.get("size")]
    if not failed:
        yield missing(evidence, "a message for Spine to fail on")
    for sent in failed:
        later = [each for each in evidence.sent if each.entry.seq > sent.entry.seq]
        same = [each for each in later if each.envelope.message_id == sent.envelope.message_id]
        if not same and (unsure := interrupted(evidence)):
            yield Saw(Outcome.INCONCLUSIVE, "it never came again", reason=unsure)
        elif not same:
            others = [each for each in later if each.envelope.action == sent.envelope.action]
            seen = f"{others[0].envelope.message_id} came instead" if others else "it never came again"
            yield bad(f"{sent.envelope.message_id} again", seen, at(others[0] if others else sent))
        elif same[0].octets != sent.octets:
            yield bad("the same bytes", "other bytes under the same MessageId", at(same[0]))
        else:
            yield ok("the same bytes came again", at(same[0]))


@check(
    "T-attempts",
    "an unacknowledged message is sent as often as the contract says and no oftener",
    "C-08",
    "EB-09",
    layer=Layer.WIRE,
)
def attempts(evidence: Evidence) -> Iterator[Saw]:
    """RQ-15: the first sending and the contract's retries, one interval apart at least, and then no more."""
    terms = evidence.peer["contract"]
    allowed, interval = 1 + int(terms["retries"]), duration(str(terms["retry_interval"]))
    sendings = [each for each in evidence.sent if each.answer.get("status") == 500]
    if len(sendings) < allowed:
        yield missing(evidence, f"{allowed} sendings")
        return
    if len(evidence.sent) > allowed:
        yield bad(f"{allowed} sendings", f"{len(evidence.sent)}", at(evidence.sent[allowed]))
    for earlier, later in itertools.pairwise(sendings):
        apart = later.at - earlier.at
        # A fifth of the interval is left for the way there and back: both ends are measured at Spine.
        if interval is not None and apart < interval * 0.8:
            yield bad(f"{terms['retry_interval']} apart", f"{apart.total_seconds():.3f} s", at(later))
        else:
            yield ok(f"{apart.total_seconds():.3f} s apart", at(later))


@check("T-refused", "what Spine refuses is not sent again and nothing else follows", "TD18.1", layer=Layer.WIRE)
def refused(evidence: Evidence) -> Iterator[Saw]:
    """An ebXML error is an answer: repeating the same bytes meets the same error, and the request ends there."""
    yield from _nothing_more(evidence)


@check("T-no-second-20", "a refusal with 20 that Spine refuses is not followed by another", "UC-A", layer=Layer.WIRE)
def no_second_20(evidence: Evidence) -> Iterator[Saw]:
    """UC1 §1.10.3: a 20 about a 20 would have no end."""
    yield from _nothing_more(evidence)


def _nothing_more(evidence: Evidence) -> Iterator[Saw]:
    errors = [each for each in evidence.sent if each.answer.get("form") == "MessageError"]
    if not errors:
        yield missing(evidence, "a message for Spine to refuse")
        return
    after = [each for each in evidence.sent if each.entry.seq > errors[0].entry.seq]
    if after:
        yield bad("nothing more", f"{after[0].envelope.action} was sent", at(after[0]))
    else:
        yield nothing_came(evidence, "nothing was sent after the refusal")


@check(
    "T-other-party", "a message addressed to another party gets an error and is not processed", "C-09", layer=Layer.WIRE
)
def other_party(evidence: Evidence) -> Iterator[Saw]:
    """EN-04: a MessageError (the field answers ValueNotRecognized, status 200), and no application answer."""
    wrong = [each for each in evidence.received if "to another party" in each.deliberate]
    if not wrong:
        yield untested(evidence.stopped() or "nothing was misaddressed")
        return
    attempt = wrong[0].attempts[0]
    answer = attempt.answer.envelope if attempt.answer else None
    if answer is None or answer.kind is not Kind.MESSAGE_ERROR:
        yield bad(
            "an ebXML MessageError",
            f"status {attempt.status}, {answer.kind if answer else 'no envelope'}",
            here(attempt),
        )
    replies = [each for each in evidence.sent if each.entry.seq > wrong[0].entry.seq]
    if replies:
        yield bad("no processing", f"{replies[0].envelope.action} was sent", at(replies[0]))
    elif answer is not None and answer.kind is Kind.MESSAGE_ERROR:
        yield ok("; ".join(f"{error.code} {error.description}" for error in answer.errors), here(attempt))


# ebXML Message Service 2.0 §4.2.3.4: five codes for what is wrong with a document, four for all else.
ERROR_CODES = frozenset(
    {
        *("ValueNotRecognized", "NotSupported", "Inconsistent", "OtherXml", "Unknown"),
        *("DeliveryFailure", "TimeToLiveExpired", "SecurityFailure", "MimeProblem"),
    }
)


@check(
    "T-error-form",
    "an error cites the message that it is about, and is one of ebXML's",
    "EB-14",
    layer=Layer.WIRE,
    remedy="Give the MessageId in RefToMessageId, a code of ebXML Message Service 2.0, and Error or Warning.",
)
def error_form(evidence: Evidence) -> Iterator[Saw]:
    """RefToMessageId, errorCode and severity of every MessageError with which the system answered a delivery."""
    shown = False
    for received in evidence.received:
        for attempt in received.attempts:
            answer = attempt.answer.envelope if attempt.answer else None
            if answer is None or answer.kind is not Kind.MESSAGE_ERROR:
                continue
            shown = True
            seen = [(error.code, error.severity) for error in answer.errors]
            cited = answer.ref_to_message_id.upper() == received.message_id.upper()
            listed = all(code in ERROR_CODES and severity in ("Error", "Warning") for code, severity in seen)
            told = ", ".join(f"{code} {severity}" for code, severity in seen) or "no error"
            told = f"{told} about {answer.ref_to_message_id or 'nothing'}"
            good = cited and seen and listed
            expected = f"a code of ebXML and a severity, about {received.message_id}"
            yield ok(told, here(attempt)) if good else bad(expected, told, here(attempt))
    if not shown:
        yield untested("the system answered no delivery with an error")
