"""Checks on what Spine does wrong on purpose at the seam: damaged octets, and certificates that nobody should trust."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.register import Saw, bad, check, ok, untested
from harness.checks.transport import here
from harness.evidence import Attempt, Evidence, Received
from harness.verdict import Layer, Outcome, Where
from simulator.wire import gp2gp
from simulator.wire.ebxml import Kind

DAMAGE = ("damage", "lose a part", "cut short")
CERTIFICATES = ("certificate of an unknown authority", "expired certificate", "no certificate")


@check(
    "T-damaged",
    "what arrives damaged is refused, on the transport or by an answer, and not silently lost",
    "C-23",
    layer=Layer.WIRE,
    remedy="Answer what cannot be read with an error; or acknowledge it, and refuse it with 18 or 21.",
)
def damaged(evidence: Evidence) -> Iterator[Saw]:
    """Not acknowledged, so that Spine sends it again; or acknowledged, and then refused by an application acknowledgement."""
    struck = list(_struck(evidence, DAMAGE))
    for received, attempt in struck:
        refusal = next((each for each in evidence.messages if _code(each.message)), None)
        if attempt.status is None:
            yield _unheard(attempt)
        elif not _taken(evidence, received, attempt):
            yield ok(f"status {attempt.status}, not acknowledged", here(attempt))
        elif refusal is not None:
            yield ok(f"acknowledged, and refused with {_code(refusal.message)}", Where(entry=refusal.entry.seq))
        else:
            said = f"{received.message_id} acknowledged, and nothing said of the damage"
            yield bad("a refusal", said, here(attempt))
    if not struck:
        yield untested(evidence.stopped() or "nothing was damaged")


@check(
    "T-certificate",
    "a delivery under a certificate that is not to be trusted, or without one, is refused",
    "C-22",
    layer=Layer.WIRE,
    remedy="Ask every client for its certificate, and check its authority and its dates before a message is read.",
)
def certificate(evidence: Evidence) -> Iterator[Saw]:
    """In the handshake, or by an error status; what is refused is delivered again under Spine's own."""
    struck = list(_struck(evidence, CERTIFICATES))
    for _, attempt in struck:
        outcome = attempt.outcome
        reason = str(outcome.data.get("reason", "")) if outcome else ""
        if outcome is None or reason.startswith("not played"):
            yield untested(f"Spine has no such certificate to show ({reason or 'it was never delivered'})")
        elif attempt.status is not None and attempt.status < 400:
            yield bad("a refusal", f"status {attempt.status}", here(attempt))
        elif attempt.status is None and outcome.data["error"] != "tls":
            yield _unheard(attempt)
        else:
            yield ok(f"status {attempt.status}" if attempt.status else reason, here(attempt))
    if not struck:
        yield untested(evidence.stopped() or "Spine showed its own certificate alone")


def _struck(evidence: Evidence, faults: tuple[str, ...]) -> Iterator[tuple[Received, Attempt]]:
    for received in evidence.received:
        yield from ((received, attempt) for attempt in received.attempts if attempt.fault.startswith(faults))


def _taken(evidence: Evidence, received: Received, attempt: Attempt) -> bool:
    """Whether it was acknowledged: in the answer, or by a signal that was posted later."""
    answer = attempt.answer.envelope if attempt.answer else None
    if answer is not None:
        return answer.kind is Kind.ACKNOWLEDGMENT
    later = (entry.data for entry in evidence.of("exchange.heard") if entry.data["event"] == "acknowledgment")
    number = received.entry.data["delivery"]
    return attempt is received.attempts[-1] and any(data["delivery"] == number for data in later)


def _unheard(attempt: Attempt) -> Saw:
    """No answer because nobody was there shows nothing of what they would have done."""
    why = str(attempt.outcome.data.get("reason", "")) if attempt.outcome else "it was never delivered"
    return Saw(Outcome.INCONCLUSIVE, reason=f"the system gave no answer: {why}")


def _code(message: gp2gp.Message | None) -> str:
    """The code of a refusal; empty for everything else."""
    return message.code if isinstance(message, gp2gp.ApplicationAcknowledgement) and not message.positive else ""
