"""Checks on what the user of the system under test is told of a failure: the notices that a hook shows. Layer: hook."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.register import Saw, bad, check, ok, untested
from harness.evidence import Evidence
from harness.verdict import Layer, Where


def _notices(evidence: Evidence) -> tuple[list[tuple[str, str]], Where] | None:
    """Code and text of each notice, in order, and where they were shown; ``None`` when the system does not show them."""
    hook = evidence.hook("notices")
    if hook is None or not hook.done:
        return None
    rows = hook.result.get("notices", ())
    return [(str(row.get("code", "")), str(row.get("text", ""))) for row in rows], Where(entry=hook.entry.seq)


def _not_offered(evidence: Evidence) -> Saw:
    return untested(evidence.stopped() or "the system does not offer the hook 'notices'")


@check(
    "U-told",
    "the user is told that the transfer failed, and by which code",
    "S111",
    "S5",
    "S41",
    "TD19.3",
    "EB-10",
    layer=Layer.HOOK,
    remedy="Bring every failure to the user's notice, with the response code received, sent or reported.",
)
def told(evidence: Evidence) -> Iterator[Saw]:
    """RA-04 and following, RQ-15, SD-09, SB-08: the code that the transfer failed with is among the notices."""
    seen, code = _notices(evidence), str(evidence.plan["expects"]["code"])
    if seen is None:
        yield _not_offered(evidence)
    elif code in (each for each, _ in seen[0]):
        yield ok(f"notice {code}", seen[1])
    else:
        yield bad(f"a notice of {code}", ", ".join(each for each, _ in seen[0]) or "none", seen[1])


@check(
    "U-worded",
    "the failure is told in words beside its code",
    "S102",
    "S107",
    layer=Layer.HOOK,
    remedy="Give a response code its meaning in plain words.",
)
def worded(evidence: Evidence) -> Iterator[Saw]:
    """Every notice has a text of two words or more. Which words is agreed supplier by supplier, and not looked at (S284)."""
    seen = _notices(evidence)
    if seen is None:
        yield _not_offered(evidence)
        return
    for code, text in seen[0]:
        yield ok(f"{code}: {text}", seen[1]) if len(text.split()) > 1 else bad("words", text or "none", seen[1])
    if not seen[0]:
        yield untested("no notice was shown")


@check("U-safe-exchange", "the user is told that safe exchange stood in the way", "RC-SEF3", "S262", layer=Layer.HOOK)
def safe_exchange(evidence: Evidence) -> Iterator[Saw]:
    """RA-13: a notice of one of Spine's own codes."""
    seen = _notices(evidence)
    if seen is None:
        yield _not_offered(evidence)
        return
    codes = [code for code, _ in seen[0]]
    spine = [code for code in codes if code.startswith("SEF")]
    yield ok(f"notice {spine[0]}", seen[1]) if spine else bad("a notice of SEF001", ", ".join(codes) or "none", seen[1])
