"""The monitor of addressees: a record that goes to the wrong practice cannot be called back."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.register import Saw, bad, ok
from harness.evidence import Evidence
from harness.monitors.conversations import Post, posts
from harness.monitors.identity import at
from harness.monitors.register import monitor
from simulator.wire import gp2gp


@monitor(
    "M-addressed",
    "nothing is sent to anybody but the practice that the transfer is with",
    "C-17",
    "C-14",
    remedy="Address To, receiver ASID and destination to the practice of the conversation, as SDS names it.",
)
def addressed(evidence: Evidence) -> Iterator[Saw]:
    """To party, receiver ASID, and the ODS code of the destination where the message names one. Also what Spine refused."""
    peer = {name: {str(evidence.peer[name]).upper()} for name in ("party_key", "asid", "ods")}
    # SA-22: an ASID that the peer itself gave is no stranger's, though SDS has another one; what becomes of it is noted.
    given = {each.reading.wrapper.sender_asid.upper() for each in evidence.received if each.reading.wrapper}
    peer["asid"] |= given - {""}
    for post in posts(evidence):
        seen = dict(_addressees(post))
        wrong = {name: value for name, value in seen.items() if value.upper() not in peer[name]}
        if wrong:
            expected = ", ".join(f"{name} {' or '.join(sorted(peer[name]))}" for name in wrong)
            yield bad(expected, ", ".join(f"{name} {value or 'none'}" for name, value in wrong.items()), at(post))
        else:
            yield ok(", ".join(seen.values()), at(post))


def _addressees(post: Post) -> Iterator[tuple[str, str]]:
    wrapper, message = post.sent.reading.wrapper, post.sent.message
    yield "party_key", post.sent.envelope.to_party
    if wrapper is not None:
        yield "asid", wrapper.receiver_asid
    if isinstance(message, gp2gp.EhrRequest):
        yield "ods", message.sending_ods
    elif isinstance(message, gp2gp.EhrExtract):
        yield "ods", message.requesting_ods
