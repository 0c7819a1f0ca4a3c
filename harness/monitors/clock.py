"""Monitors of time: how long the system took, by the clock of the case, which a script may have moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from harness.checks.register import Saw, bad, interrupted, observed, ok, untested
from harness.evidence import Evidence
from harness.monitors.conversations import NEGATIVE, Conversation, Post, conversations
from harness.monitors.identity import at
from harness.monitors.register import monitor
from harness.verdict import Outcome, Where
from simulator.wire import gp2gp
from simulator.wire.times import instant

EXTRACT = timedelta(minutes=20)
EVERYTHING = timedelta(hours=24)


@monitor("M-20-minutes", "the extract leaves within 20 minutes of the request", "S287-2", "S36")
def twenty_minutes(evidence: Evidence) -> Iterator[Saw]:
    """From the moment the request was acknowledged on the transport to the first posting of the extract."""
    for talk in conversations(evidence):
        begun = _requested(talk)
        if begun is not None:
            extracts = [post for post in talk.posts if isinstance(post.sent.message, gp2gp.EhrExtract)]
            yield from _measured(evidence, talk, begun, extracts[:1], EXTRACT)


@monitor(
    "M-24-hours",
    "the extract and all its parts leave within 24 hours of the request",
    "S287",
)
def a_day(evidence: Evidence) -> Iterator[Saw]:
    """To the first posting of the last of them, whatever Spine made of it."""
    for talk in conversations(evidence):
        begun = _requested(talk)
        if begun is not None:
            said = [p for p in talk.posts if isinstance(p.sent.message, gp2gp.EhrExtract | gp2gp.Fragment)]
            yield from _measured(evidence, talk, begun, said[-1:], EVERYTHING)


def _requested(talk: Conversation) -> datetime | None:
    """When the SUT had the first request of the conversation; one that is wrong on purpose is owed no extract."""
    return next((each.at for each in talk.heard if each.at and each.is_a(gp2gp.EhrRequest) and each.right), None)


def _measured(
    evidence: Evidence, talk: Conversation, begun: datetime, last: list[Post], limit: timedelta
) -> Iterator[Saw]:
    if last:
        yield from _took(evidence, last[0].sent.at - begun, limit, last[0])
    elif not _refused(talk):
        yield _waited(evidence, begun, limit)


def _unsure(evidence: Evidence) -> str:
    """Why being late may be our doing: Spine was away, or the clock was moved before the system had settled."""
    settled = True
    for entry in evidence.of("window.closed", "clock.moved"):
        if entry.kind == "window.closed":
            settled = entry.data["how"] == "settled"
        elif not settled:
            return "clock: it was moved while the system may have been at work; offer the hook 'settle'"
    return interrupted(evidence)


def _took(evidence: Evidence, took: timedelta, limit: timedelta, post: Post) -> Iterator[Saw]:
    """In time it passes, and how long it took is worth a note besides."""
    seen = f"{took.total_seconds():.3f} s after the request"
    if took <= limit:
        yield ok(seen, at(post))
        yield observed(seen, at(post))
    elif unsure := _unsure(evidence):
        yield Saw(Outcome.INCONCLUSIVE, seen, reason=unsure, where=at(post))
    else:
        yield bad(f"at most {limit.total_seconds():.0f} s", seen, at(post))


def _waited(evidence: Evidence, begun: datetime, limit: timedelta) -> Saw:
    """Nothing came: that is late only when it was waited for that long."""
    window = evidence.window() or evidence.entries[-1]
    until = instant(window.at)
    waited = until - begun if until else timedelta()
    if waited <= limit:
        return untested(f"clock: watched for less than {limit.total_seconds():.0f} s, and no extract came")
    unsure = _unsure(evidence)
    if unsure:
        return Saw(Outcome.INCONCLUSIVE, reason=unsure)
    seen = f"nothing in {waited.total_seconds():.3f} s after the request"
    return bad(f"at most {limit.total_seconds():.0f} s", seen, Where(entry=window.seq))


def _refused(talk: Conversation) -> bool:
    """A request that was refused is not owed an extract."""
    return any(
        post.answer and post.answer.type_code in NEGATIVE and talk.cited(post, gp2gp.EhrRequest) for post in talk.posts
    )
