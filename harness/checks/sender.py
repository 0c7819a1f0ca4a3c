"""Checks on the system under test as sender: refusals, the extract, its documents, and the acknowledgements around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from harness.casetime import moment
from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, nothing_came, ok, reading, untested
from harness.checks.requester import hook_state
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Layer, Where
from simulator.wire import gp2gp

EIGHT_DAYS = timedelta(days=8)


@check(
    "X-one-extract",
    "one extract is sent for the request",
    "TD52",
    "S43",
    "S38",
    remedy="Send the extract once; a repeat keeps its MessageId.",
)
def one_extract(evidence: Evidence) -> Iterator[Saw]:
    """SB-01, S43: one version, once, however often the request came."""
    extracts = evidence.said(Meaning.EXTRACT)
    if not extracts:
        yield missing(evidence, "one EHR extract")
    elif len(extracts) > 1:
        yield bad("one", f"{len(extracts)}", at(extracts[1]))
    else:
        yield ok(extracts[0].envelope.message_id, at(extracts[0]))


@check("X-interaction", "the extract is of the kind that was held", "TD54", "S230", "GP2GP06")
def extract_interaction(evidence: Evidence) -> Iterator[Saw]:
    """SB-01, SB-22: UK07 for a record with redactions, else UK06."""
    expected = "RCMR_IN030000UK07" if evidence.plan["expects"]["redacted"] else "RCMR_IN030000UK06"
    for sent in evidence.said(Meaning.EXTRACT) or [None]:
        if sent is None:
            yield missing(evidence, expected)
        elif sent.envelope.action == expected:
            yield ok(expected, at(sent))
        elif sent.envelope.action == "RCMR_IN030000UK07" and not evidence.plan["expects"]["redacted"]:
            why = "redacted extracts are for records with redactions; one adaptor sends UK07 always"
            yield reading(evidence, "plain_record_interaction", sent.envelope.action, why, at(sent))
        else:
            yield bad(expected, sent.envelope.action, at(sent))


@check("X-content", "the extract names patient, both practices and the request it answers", "C-14", "TD52")
def extract_content(evidence: Evidence) -> Iterator[Saw]:
    """SB-03, SB-04: priorEhrRequest = EhrRequest id, byte for byte; recordTarget, author, destination."""
    requests = evidence.heard(gp2gp.EhrRequest)
    for sent in evidence.said(Meaning.EXTRACT) or [None]:
        if sent is None or not requests:
            yield missing(evidence, "an EHR extract")
            continue
        message, request = sent.message, requests[0].reading.message
        assert isinstance(message, gp2gp.EhrExtract)
        assert isinstance(request, gp2gp.EhrRequest)
        expected = (evidence.nhs_number, evidence.sut["ods"], evidence.peer["ods"], request.request_id)
        seen = (message.nhs_number, message.sending_ods, message.requesting_ods, message.request_id)
        text = "patient {}, author {}, destination {}, request {}"
        if seen != expected:
            yield bad(text.format(*expected), text.format(*seen), at(sent, 1, path="EhrExtract"))
        else:
            yield ok(text.format(*seen), at(sent, 1))


@check(
    "X-accepted-after",
    "the request is acknowledged positively once, after the extract",
    "S33",
    "TD62",
    "S34",
    "S264",
    remedy="Wait for Spine's acknowledgement of the extract, then send AA citing the request.",
)
def accepted_after(evidence: Evidence) -> Iterator[Saw]:
    """SA-01, SB-07: AA citing the request, once, and only when Spine has acknowledged the extract."""
    answers = evidence.said(Meaning.REQUEST_ANSWER)
    extracts = evidence.said(Meaning.EXTRACT)
    stray = evidence.said(Meaning.STRAY_ANSWER)
    if stray:
        yield bad(
            "an acknowledgement that cites the request", f"it cites {_ack(stray[0]).message_ref}", at(stray[0], 1)
        )
    elif not answers:
        yield missing(evidence, "a positive acknowledgement of the request")
    elif not _ack(answers[0]).positive:
        yield bad("AA", f"{_ack(answers[0]).type_code} {_ack(answers[0]).code}", at(answers[0], 1))
    elif len(answers) > 1:
        yield bad("one", f"{len(answers)}", at(answers[1], 1))
    elif not extracts or answers[0].entry.seq < extracts[0].entry.seq:
        yield bad("after the extract", "before it", at(answers[0], 1))
    else:
        yield ok("AA, after the extract", at(answers[0], 1))


@check(
    "X-reads-pds",
    "the current practice is read from PDS before the extract is sent",
    "TD51.4",
    "S31",
    layer=Layer.SERVICE,
)
def reads_pds(evidence: Evidence) -> Iterator[Saw]:
    """TD51.4: a PDS read of the patient before the first extract."""
    extracts = evidence.said(Meaning.EXTRACT)
    calls = [e for e in evidence.services if e.data["service"] == "PDS" and e.data["nhs_number"] == evidence.nhs_number]
    if not extracts:
        yield missing(evidence, "an EHR extract")
    elif evidence.owner("pds") != "ours":
        yield untested("world: PDS is not ours")
    elif not calls or calls[0].seq > extracts[0].entry.seq:
        yield bad("a PDS read before the extract", "none", at(extracts[0]))
    else:
        yield ok("PDS was read first", Where(entry=calls[0].seq))


REFUSALS = {
    "06": ("a request for a patient not at the surgery is refused with 06", ("S30", "TD51.3", "TD51", "RC06", "RC99")),
    "07": ("a request is refused with 07 while GP2GP is disabled", ("TD51.2", "MODE02", "S32", "TD51", "RC07", "RC99")),
    "10": ("a request whose extract cannot be generated is refused with 10", ("TD52.2", "S32", "S264", "RC10", "RC99")),
    "18": ("a request that cannot be processed is refused with 18", ("TD51.1", "TD51", "RC18", "RC99")),
    "19": (
        "a request of another than the current practice is refused with 19",
        ("S31", "TD51.4.4", "TD51", "RC19", "RC99"),
    ),
    "20": ("a request is refused with 20 when a Spine service fails", ("TD51.4.2", "RC20", "RC99")),
}


def _register_refusals() -> None:
    for code, (sentence, requirements) in REFUSALS.items():

        def function(evidence: Evidence, code: str = code) -> Iterator[Saw]:
            """One negative acknowledgement citing the request, with the code that the standard has for the cause."""
            yield from refused_with(evidence, code)

        check(f"X-refused-{code}", sentence, *requirements)(function)


def refused_with(evidence: Evidence, code: str) -> Iterator[Saw]:
    """The request is answered negatively, once, with ``code``."""
    answers = evidence.said(Meaning.REQUEST_ANSWER)
    stray = evidence.said(Meaning.STRAY_ANSWER)
    if not answers and stray:
        yield bad(
            "an acknowledgement that cites the request", f"it cites {_ack(stray[0]).message_ref}", at(stray[0], 1)
        )
    elif not answers:
        yield missing(evidence, f"a negative acknowledgement {code}")
    elif _ack(answers[0]).positive or _ack(answers[0]).code != code:
        yield bad(code, f"{_ack(answers[0]).type_code} {_ack(answers[0]).code}".strip(), at(answers[0], 1))
    elif len(answers) > 1:
        yield bad("one refusal", f"{len(answers)} answers", at(answers[1], 1))
    else:
        yield ok(f"{_ack(answers[0]).type_code} {code}", at(answers[0], 1))


_register_refusals()


@check("X-refused-unsent", "when Spine refuses the extract the request is refused with 20", "TD55", "RC20")
def refused_unsent(evidence: Evidence) -> Iterator[Saw]:
    """SB-08: the extract was refused by Spine, so the request gets 20, and no positive acknowledgement."""
    yield from refused_with(evidence, "20")


@check("X-no-extract", "no extract is sent for a refused request", "S32", "S31")
def no_extract(evidence: Evidence) -> Iterator[Saw]:
    """SA-02 and following: the transfer ends with the refusal."""
    extracts = evidence.said(Meaning.EXTRACT)
    if extracts:
        yield bad("none", extracts[0].envelope.message_id, at(extracts[0]))
    elif not evidence.received:
        yield untested(evidence.stopped() or "no request reached the system")
    else:
        yield nothing_came(evidence, "no extract came")


@check("X-silent-after-final", "nothing is sent in answer to the final acknowledgement", "S4", "C-15", "C-16")
def silent_after_final(evidence: Evidence) -> Iterator[Saw]:
    """SD-01, SD-09, SD-13, SD-16: positive, negative, citing nothing or the second, it is not answered."""
    finals = evidence.heard(gp2gp.ApplicationAcknowledgement)
    if not finals:
        yield missing(evidence, "a final acknowledgement to react to")
        return
    after = [each for each in evidence.messages if each.entry.seq > finals[0].entry.seq]
    if after:
        yield bad("nothing more", f"{after[0].envelope.action} was sent", at(after[0]))
    else:
        yield nothing_came(evidence, "nothing was sent after it")


@check(
    "X-shows-outcome",
    "the transfer is shown as its final acknowledgement has it",
    "C-18",
    "TD63",
    "TD64",
    layer=Layer.HOOK,
)
def shows_outcome(evidence: Evidence) -> Iterator[Saw]:
    """SD-01 acknowledged, SD-09 refused, SD-16 as the first one says; else (SD-13, SD-17) still sent.

    Only one that cites the extract counts, and only AA, AE and AR say how it ended.
    """
    finals = evidence.heard(gp2gp.ApplicationAcknowledgement)
    if not finals:
        yield missing(evidence, "a final acknowledgement")
        return
    extracts = {each.envelope.message_id.upper() for each in evidence.said(Meaning.EXTRACT)}
    acks = [each.reading.message for each in finals]
    said = [
        ack for ack in acks if isinstance(ack, gp2gp.ApplicationAcknowledgement) and ack.message_ref.upper() in extracts
    ]
    if not said or said[0].type_code not in ("AA", "AE", "AR"):
        yield from hook_state(evidence, "sent")
    elif said[0].positive:
        yield from hook_state(evidence, "acknowledged")
    else:
        yield from hook_state(evidence, "refused")


@check(
    "X-eight-days",
    "after eight days of silence, and not before, the transfer is shown as failed, and nothing is sent",
    "S124",
    layer=Layer.HOOK,
    remedy="Count eight days from the sending of the extract; then show the transfer as integration-failed.",
)
def eight_days(evidence: Evidence) -> Iterator[Saw]:
    """SD-18: the state is asked a minute before eight days have passed, and a minute after; each by its own time."""
    shown = [hook for hook in evidence.hooks if hook.verb == "state" and hook.done]
    extracts = evidence.said(Meaning.EXTRACT)
    if not extracts:
        yield missing(evidence, "one EHR extract")
    elif not shown:
        yield untested(evidence.stopped() or "the system does not offer the hook 'state'")
    elif len({moment(hook.entry) - extracts[0].at < EIGHT_DAYS for hook in shown}) < 2:
        yield untested("clock: the state was not asked on both sides of eight days")
    else:
        for hook in shown:
            waited = moment(hook.entry) - extracts[0].at
            expected = "sent" if waited < EIGHT_DAYS else "integration-failed"
            seen, where = str(hook.result.get("state", "")), Where(entry=hook.entry.seq)
            said = f"state {seen} after {waited}"
            yield ok(said, where) if seen == expected else bad(expected, said, where)
        after = [each for each in evidence.messages if each.entry.seq > shown[0].entry.seq]
        yield (
            bad("nothing", f"{after[0].envelope.action} was sent", at(after[0]))
            if after
            else nothing_came(evidence, "nothing was sent")
        )


def _ack(sent: Sent) -> gp2gp.ApplicationAcknowledgement:
    assert isinstance(sent.message, gp2gp.ApplicationAcknowledgement)
    return sent.message
