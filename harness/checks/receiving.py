"""Checks on what a requester makes of odd answers and extracts: states, names, and what it must not send."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, nothing_came, ok, untested
from harness.checks.requester import hook_state
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Layer, Where
from simulator.wire import gp2gp


@check(
    "Q-anew",
    "a request that is made again has a conversation and ids of its own",
    "S85",
    "S240",
    remedy="Ask again with a new ConversationId, a new MessageId and a new EhrRequest id.",
)
def asked_anew(evidence: Evidence) -> Iterator[Saw]:
    """RQ-18: ConversationId, MessageId and EhrRequest id of the second request against those of the first."""
    requests = evidence.said(Meaning.REQUEST)
    if len(requests) < 2:
        yield missing(evidence, "a second request")
    for earlier, later in itertools.pairwise(requests):
        old, new = _ids(earlier), _ids(later)
        kept = [name for name, value in new.items() if value == old[name]]
        if kept:
            yield bad("ids of its own", f"{kept[0]} {new[kept[0]]} again", at(later))
        else:
            yield ok(f"conversation {later.envelope.conversation_id}", at(later))


def _ids(sent: Sent) -> dict[str, str]:
    assert isinstance(sent.message, gp2gp.EhrRequest)
    ids = (sent.envelope.conversation_id, sent.envelope.message_id, sent.message.request_id)
    return dict(zip(("ConversationId", "MessageId", "EhrRequest id"), (each.upper() for each in ids), strict=True))


@check("Q-still-requested", "the transfer is shown as still requested", "C-18", "TD19", layer=Layer.HOOK)
def still_requested(evidence: Evidence) -> Iterator[Saw]:
    """RA-18, RA-22: an acknowledgement of nothing, or of a type that says nothing, changes no state."""
    yield from hook_state(evidence, "requested")


@check(
    "F-either-order",
    "an extract is processed whether its request was acknowledged before, later or never",
    "TD19.2",
    "TD19.2-2",
    "UC-B",
)
def either_order(evidence: Evidence) -> Iterator[Saw]:
    """RA-01 to RA-03: the answer to the extract is positive, and it says which came first."""
    extracts, answers = evidence.heard(gp2gp.EhrExtract), evidence.heard(gp2gp.ApplicationAcknowledgement)
    early = any(each.entry.seq < extracts[0].entry.seq for each in answers) if extracts else False
    order = "after its request was acknowledged" if early else "before" if answers else "without that"
    yield from _processed(evidence, f"having come {order}")


@check("F-days-later", "an extract is processed though it comes days later", "UC-D")
def days_later(evidence: Evidence) -> Iterator[Saw]:
    """UC1 1.9.3: silence is not the end of a transfer."""
    yield from _processed(evidence, "having come late")


def _processed(evidence: Evidence, how: str) -> Iterator[Saw]:
    extracts, finals = evidence.heard(gp2gp.EhrExtract), evidence.said(Meaning.FINAL_ANSWER)
    refused = [each for each in finals if _refuses(each.message)]
    if not extracts:
        yield untested(evidence.stopped() or "no extract reached the system")
    elif refused:
        yield bad("AA", f"refused, {how}", at(refused[0], 1))
    elif finals:
        yield ok(f"AA, {how}", at(finals[0], 1))
    else:
        yield missing(evidence, "an acknowledgement of the extract")


def _refuses(message: gp2gp.Message | None) -> bool:
    return isinstance(message, gp2gp.ApplicationAcknowledgement) and not message.positive


@check("F-named", "every document is filed under its name", "LM40", "LM39", "LM41", layer=Layer.HOOK)
def filed_by_name(evidence: Evidence) -> Iterator[Saw]:
    """RC-03, RC-12, RC-13: the description's Filename, with or without the GUID that the transfer puts before it [ours]."""
    hook = evidence.hook("filed")
    if hook is None or not hook.done:
        yield untested(evidence.stopped() or "the system does not offer the hook 'filed'")
        return
    filed = [(str(row.get("sha256", "")), str(row.get("name", ""))) for row in hook.result.get("files", ())]
    where = Where(entry=hook.entry.seq)
    for document in evidence.plan["record"]["documents"]:
        name, seen = document["filename"], [title for digest, title in filed if digest == document["blob"]]
        if {name, f"{document['id']}_{name}"} & set(seen):
            yield ok(name, where)
        else:
            yield bad(name, ", ".join(seen) or "no such file", where)


@check("F-integrated-or-21", "the extract is integrated, or refused with 21", "S68", "TD22", "RC21")
def integrated_or_21(evidence: Evidence) -> Iterator[Saw]:
    """RC-19, RC-24, RC-35: sources allow both. What is not allowed is neither, or another code."""
    finals = evidence.said(Meaning.FINAL_ANSWER)
    if not finals:
        yield missing(evidence, "AA, or a refusal with 21")
        return
    ack = finals[0].message
    assert isinstance(ack, gp2gp.ApplicationAcknowledgement)
    where = at(finals[0], 1)
    if ack.positive or ack.code == "21":
        yield ok("integrated" if ack.positive else "refused with 21", where)
    else:
        yield bad("AA or 21", f"{ack.type_code} {ack.code}".strip(), where)


@check("F-no-continue", "no continue goes out for an extract that came whole", "TD22.1", "LM32")
def no_continue(evidence: Evidence) -> Iterator[Saw]:
    """RC-01, RD-10: no reference begins with mid:, so nothing is outstanding that could be asked for."""
    needless = evidence.said(Meaning.POINT_TO_POINT)
    if not evidence.heard(gp2gp.EhrExtract):
        yield untested(evidence.stopped() or "no extract reached the system")
    elif needless:
        yield bad("none", needless[0].envelope.message_id, at(needless[0]))
    else:
        yield nothing_came(evidence, "no continue came")
