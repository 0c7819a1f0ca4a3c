"""Checks on GP2GP being switched off and on again at the practice (Spine Technical Design v7.1 §7.1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, nothing_came, untested
from harness.evidence import Evidence, Meaning
from simulator.wire import gp2gp


@check("Q-none-while-off", "a registration leads to no request while GP2GP is switched off", "MODE05")
def none_while_off(evidence: Evidence) -> Iterator[Saw]:
    """The registration itself is done; what it leads to otherwise does not come."""
    hook, requests = evidence.hook("register"), evidence.said(Meaning.REQUEST)
    if hook is None or not hook.done:
        yield untested(evidence.stopped() or "nobody was registered")
    elif requests:
        yield bad("no request", requests[0].envelope.message_id, at(requests[0]))
    else:
        yield nothing_came(evidence, "no request came")


@check("X-not-taken-up", "what was refused while GP2GP was off is not taken up when it is on again", "MODE03")
def not_taken_up(evidence: Evidence) -> Iterator[Saw]:
    """Nothing follows the refusal with 07 once the switch has been thrown back."""
    refusals = [each for each in evidence.said(Meaning.REQUEST_ANSWER) if _code(each.message) == "07"]
    on = [each for each in evidence.hooks if each.verb == "configure" and each.done]
    if not refusals:
        yield missing(evidence, "a refusal with 07")
    elif len(on) < 2:
        yield untested(evidence.stopped() or "GP2GP was not switched on again")
    else:
        after = [each for each in evidence.messages if each.entry.seq > refusals[0].entry.seq]
        what = "nothing was sent once GP2GP was on again"
        yield (
            bad("nothing", f"{after[0].envelope.action} was sent", at(after[0]))
            if after
            else nothing_came(evidence, what)
        )


def _code(message: gp2gp.Message | None) -> str:
    return message.code if isinstance(message, gp2gp.ApplicationAcknowledgement) else ""
