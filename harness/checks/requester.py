"""Checks on the system under test as requester: the request, and what it does with what comes."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.envelope import UUID, at
from harness.checks.register import Saw, bad, check, missing, nothing_came, ok, reading, untested
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Layer, Where
from simulator.wire import gp2gp


@check(
    "Q-one-request",
    "one EHR request is sent",
    "S20",
    "TD14",
    "S7",
    "S8",
    remedy="Send one RCMR_IN010000UK05 after the registration.",
)
def one_request(evidence: Evidence) -> Iterator[Saw]:
    """RQ-01: one, and only one, whatever its repeats."""
    requests = evidence.said(Meaning.REQUEST)
    if not requests:
        yield missing(evidence, "one EHR request")
    elif len(requests) > 1:
        yield bad("one", f"{len(requests)}", at(requests[1]))
    elif requests[0].envelope.action != "RCMR_IN010000UK05":
        yield bad("RCMR_IN010000UK05", requests[0].envelope.action, at(requests[0]))
    else:
        yield ok(requests[0].envelope.message_id, at(requests[0]))


@check("Q-content", "the request names patient, both practices and itself", "TD15", "C-14")
def request_content(evidence: Evidence) -> Iterator[Saw]:
    """RQ-01, RQ-12: NHS number, author and destination ODS codes, and an EhrRequest id that is a UUID."""
    requests = evidence.said(Meaning.REQUEST)
    if not requests:
        yield missing(evidence, "an EHR request")
    for sent in requests:
        message = sent.message
        assert isinstance(message, gp2gp.EhrRequest)
        expected = (evidence.nhs_number, evidence.sut["ods"], evidence.peer["ods"])
        seen = (message.nhs_number, message.requesting_ods, message.sending_ods)
        if seen != expected:
            text = "patient {}, author {}, destination {}"
            yield bad(text.format(*expected), text.format(*seen), at(sent, 1, path="EhrRequest"))
        elif not UUID.fullmatch(message.request_id.upper()):
            yield bad("an EhrRequest id", message.request_id or "none", at(sent, 1, path="EhrRequest/id"))
        else:
            yield ok(f"EhrRequest {message.request_id}", at(sent, 1))


@check("Q-silent-after-refusal", "nothing more is sent after the request was refused", "S4", "TD19.1")
def silent_after_refusal(evidence: Evidence) -> Iterator[Saw]:
    """RA-04 and following: a negative acknowledgement ends the transfer; it is not answered."""
    refusals = evidence.heard(gp2gp.ApplicationAcknowledgement)
    if not refusals:
        yield missing(evidence, "a refusal to react to")
        return
    after = [each for each in evidence.messages if each.entry.seq > refusals[0].entry.seq]
    if after:
        yield bad("nothing more", f"{after[0].envelope.action} was sent", at(after[0]))
    else:
        yield nothing_came(evidence, "nothing was sent after the refusal")


@check("Q-shows-refusal", "the refused request is shown as refused", "C-18", layer=Layer.HOOK)
def shows_refusal(evidence: Evidence) -> Iterator[Saw]:
    """RA-04: state "request-refused"."""
    yield from hook_state(evidence, "request-refused")


def hook_state(evidence: Evidence, *expected: str) -> Iterator[Saw]:
    """The state that the SUT shows for the transfer."""
    hook = evidence.hook("state")
    if hook is None or not hook.done:
        yield untested(evidence.stopped() or "the system does not offer the hook 'state'")
        return
    seen, where = str(hook.result.get("state", "")), Where(entry=hook.entry.seq)
    yield ok(f"state {seen}", where) if seen in expected else bad(" or ".join(expected), seen or "none", where)


@check(
    "F-positive",
    "the integrated extract is acknowledged positively, citing it",
    "S67",
    "TD30.1",
    remedy="After a successful integration send MCCI_IN010000UK13 with AA, citing the extract's MessageId.",
)
def final_positive(evidence: Evidence) -> Iterator[Saw]:
    """RZ-01: AA, messageRef = the extract."""
    finals = evidence.said(Meaning.FINAL_ANSWER)
    stray = evidence.said(Meaning.STRAY_ANSWER)
    if stray:
        yield bad("an acknowledgement that cites the extract", f"it cites {_cited(stray[0])}", at(stray[0], 1))
    elif not finals:
        yield missing(evidence, "a positive acknowledgement of the extract")
    elif not _ack(finals[-1]).positive:
        yield bad("AA", f"{_ack(finals[-1]).type_code} {_ack(finals[-1]).code}", at(finals[-1], 1))
    else:
        yield ok(f"AA citing {_cited(finals[-1])}", at(finals[-1], 1))


@check("F-once", "each extract gets one final acknowledgement", "S4", "C-07")
def final_once(evidence: Evidence) -> Iterator[Saw]:
    """One final acknowledgement per extract MessageId, whatever was delivered twice."""
    finals = evidence.said(Meaning.FINAL_ANSWER)
    if not finals:
        yield missing(evidence, "a final acknowledgement")
    cited = [_cited(each).upper() for each in finals]
    for number, each in enumerate(finals):
        if cited[number] in cited[:number]:
            yield bad("one for each extract", f"another one for {_cited(each)}", at(each, 1))
        else:
            yield ok(f"one for {_cited(each)}", at(each, 1))


@check("F-waits", "nothing is acknowledged before the user decides", "S78", "S66")
def final_waits(evidence: Evidence) -> Iterator[Saw]:
    """RC-01: the final acknowledgement follows the decision, never the mere arrival (S66: AA only when integrated)."""
    decisions = [hook.begun for hook in evidence.hooks if hook.verb == "decide"]
    finals = [each for each in evidence.said(Meaning.FINAL_ANSWER) if _ack(each).positive]
    if not decisions:
        yield missing(evidence, "a decision")
    elif finals and finals[0].entry.seq < decisions[0]:
        yield bad("after the decision", "before it", at(finals[0]))
    elif finals:
        yield ok("after the decision", at(finals[0]))
    else:
        yield nothing_came(evidence, "no positive acknowledgement came before the decision")


@check("F-shows-integrated", "the transfer is shown as integrated", "C-18", "TD30", layer=Layer.HOOK)
def shows_integrated(evidence: Evidence) -> Iterator[Saw]:
    """The SUT's own view of the transfer after integration."""
    yield from hook_state(evidence, "integrated")


@check(
    "F-filed", "every document of the record is filed as it was sent", "S66", "TD30", "AR11", "LM41", layer=Layer.HOOK
)
def filed(evidence: Evidence) -> Iterator[Saw]:
    """RC-03: SHA-256 of what was filed against what was sent."""
    hook = evidence.hook("filed")
    if hook is None or not hook.done:
        yield untested(evidence.stopped() or "the system does not offer the hook 'filed'")
        return
    seen = {str(row.get("sha256", "")) for row in hook.result.get("files", ())}
    for document in evidence.plan["record"]["documents"]:
        where = Where(entry=hook.entry.seq)
        if document["blob"] in seen:
            yield ok(f"{document['filename']} as sent", where)
        else:
            yield bad(f"{document['filename']}, sha256 {document['blob'][:12]}", "no such file", where)


REFUSALS = {
    "07": ("an extract is refused with 07 while GP2GP is switched off", ("MODE02", "RC07", "RC99")),
    "09": ("an extract that nobody requested is refused with 09", ("TD27.1", "TD27", "TD21", "RC09", "RC99")),
    "11": ("an integration that fails is answered with 11", ("TD30.2", "S69", "S71", "AB04", "RC11", "RC99")),
    "12": ("the second extract is refused with 12", ("TD27.2", "TD27", "S60", "RC12", "RC99")),
    "15": ("the user's keeping of the own record is answered with 15", ("TD28", "S73", "RC15", "RC99")),
    "17": (
        "the rejected record of a returning patient is answered with 17",
        ("TD28", "S73", "TD02", "S90", "AB01", "RC17", "RC99"),
    ),
    "21": ("an extract that cannot be processed is refused with 21", ("TD22", "S68", "RC21", "RC99")),
    "28": ("the rejected record of a new patient is answered with 28", ("TD28", "TD02", "S90", "AB01", "RC28", "RC99")),
}


def _register_refusals() -> None:
    for code, (sentence, requirements) in REFUSALS.items():

        def function(evidence: Evidence, code: str = code) -> Iterator[Saw]:
            """The extract is answered negatively, citing it, with the code that the standard has for the cause."""
            yield from _refused_with(evidence, code)

        check(f"F-refused-{code}", sentence, *requirements)(function)


def _refused_with(evidence: Evidence, *codes: str) -> Iterator[Saw]:
    finals = evidence.said(Meaning.FINAL_ANSWER)
    stray = evidence.said(Meaning.STRAY_ANSWER)
    negative = [each for each in finals if not _ack(each).positive]
    if negative and _ack(negative[0]).code in codes:
        yield ok(
            f"{_ack(negative[0]).type_code} {_ack(negative[0]).code} citing {_cited(negative[0])}", at(negative[0], 1)
        )
    elif negative:
        yield bad(" or ".join(codes), _ack(negative[0]).code or "no code", at(negative[0], 1))
    elif stray:
        yield bad("an acknowledgement that cites the extract", f"it cites {_cited(stray[0])}", at(stray[0], 1))
    elif finals and not evidence.unmet():
        yield bad(f"a negative acknowledgement {' or '.join(codes)}", "only a positive one", at(finals[0], 1))
    else:
        yield missing(evidence, f"a negative acknowledgement {' or '.join(codes)}")


_register_refusals()


@check("F-second-cited", "the refusal of the second extract cites the second extract", "TD27.2")
def second_cited(evidence: Evidence) -> Iterator[Saw]:
    """RC-30: the first stays what it was; messageRef of the 12 is the second extract."""
    extracts = evidence.heard(gp2gp.EhrExtract)
    negative = [each for each in evidence.said(Meaning.FINAL_ANSWER) if not _ack(each).positive]
    if len(extracts) < 2 or not negative:
        yield missing(evidence, "a refusal of the second extract")
    elif _cited(negative[0]).upper() != extracts[1].message_id.upper():
        yield bad(f"citing {extracts[1].message_id}", f"citing {_cited(negative[0])}", at(negative[0], 1))
    else:
        yield ok(f"citing {extracts[1].message_id}", at(negative[0], 1))


@check("F-other-patient", "the record of another patient is not taken for the requested one", "S68", "RC21")
def other_patient(evidence: Evidence) -> Iterator[Saw]:
    """RC-28: 21 by the system, or 28 or 17 by a user; sources do not say which. Never a positive acknowledgement."""
    finals = evidence.said(Meaning.FINAL_ANSWER)
    if not finals:
        yield missing(evidence, "a negative acknowledgement")
    elif _ack(finals[0]).positive:
        yield bad("21, 28 or 17", "AA", at(finals[0], 1))
    elif _ack(finals[0]).code == "21":
        yield ok("21, by the system itself", at(finals[0], 1))
    elif _ack(finals[0]).code in ("28", "17"):
        why = "a user may reject it (28, 17) or the system (21): sources do not say which"
        yield reading(evidence, "wrong_patient_code", _ack(finals[0]).code, why, at(finals[0], 1))
    else:
        yield bad("21, 28 or 17", _ack(finals[0]).code, at(finals[0], 1))


@check("F-unanswered", "an acknowledgement is not answered", "C-15")
def unanswered(evidence: Evidence) -> Iterator[Saw]:
    """EN-17: no message of the SUT cites an acknowledgement that it received."""
    acks = {each.message_id.upper() for each in evidence.heard(gp2gp.ApplicationAcknowledgement)}
    if not acks:
        yield missing(evidence, "an acknowledgement to leave unanswered")
        return
    answers = [each for each in evidence.said(Meaning.STRAY_ANSWER) if _cited(each).upper() in acks]
    if answers:
        yield bad("no answer", f"it answers {_cited(answers[0])}", at(answers[0], 1))
    else:
        yield nothing_came(evidence, "no acknowledgement was answered")


def _ack(sent: Sent) -> gp2gp.ApplicationAcknowledgement:
    assert isinstance(sent.message, gp2gp.ApplicationAcknowledgement)
    return sent.message


def _cited(sent: Sent) -> str:
    return _ack(sent).message_ref
