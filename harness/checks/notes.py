"""What is noted without a verdict: sources disagree or are silent, and a report should say what the system did."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.register import Saw, check, observed, untested
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Where
from simulator.wire import gp2gp


@check("N-reaction", "what the system does about it is noted", "C-21", notes=True)
def reaction(evidence: Evidence) -> Iterator[Saw]:
    """What followed the last delivery that was odd on purpose (the last of all, when none was), and the state shown."""
    odd = [each for each in evidence.received if each.deliberate] or [*evidence.received]
    if not odd:
        yield untested(evidence.stopped() or "nothing reached the system")
        return
    after = [each for each in evidence.messages if each.entry.seq > odd[-1].entry.seq]
    said = [_told(evidence, each) for each in after] or ["nothing was sent"]
    hook = evidence.hook("state")
    shown = [f"state {hook.result.get('state', '')}"] if hook and hook.done else []
    yield observed("; ".join([*said, *shown]), Where(entry=after[0].entry.seq if after else odd[-1].entry.seq))


def _told(evidence: Evidence, sent: Sent) -> str:
    """A message in a few words."""
    if not isinstance(sent.message, gp2gp.ApplicationAcknowledgement):
        return evidence.meaning(sent).value
    cites = {Meaning.REQUEST_ANSWER: "request", Meaning.FINAL_ANSWER: "extract"}.get(evidence.meaning(sent), "nothing")
    return f"{sent.message.type_code} {sent.message.code}".strip() + f" citing the {cites}"
