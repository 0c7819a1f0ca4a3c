"""Monitors over the whole run: what belongs to no scenario and still must be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.verdict import Finding, Grade, Layer, Outcome, Where
from simulator.ledger import UNATTRIBUTED, Entry


def whole_run(cases: Mapping[str, Sequence[Entry]]) -> tuple[Finding, ...]:
    """Messages that nobody could be named for: they make the run red, since something was sent that no transfer explains."""
    strays = [entry for entry in cases.get(UNATTRIBUTED, ()) if entry.kind == "message.received"]
    sentence = "every message belongs to a transfer of this run"
    if not strays:
        return ()
    return tuple(
        Finding(
            "M-unattributed",
            ("C-17",),
            Outcome.FAIL,
            sentence,
            "a known party, message, conversation or patient",
            str(entry.data["message"].get("label", "")),
            where=Where(entry=entry.seq),
            grade=Grade.WIRE,
            layer=Layer.WIRE,
        )
        for entry in strays
    )
