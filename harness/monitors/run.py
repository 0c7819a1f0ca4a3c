"""Runs the monitors over the cases of a run, and makes of what they saw the findings of the cases and of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.checks.register import Check, Saw, finding, look
from harness.evidence import Evidence
from harness.force import Force
from harness.monitors.register import MONITORS
from harness.verdict import Finding, Grade, Layer, Outcome, Where
from simulator.ledger import UNATTRIBUTED, Entry

QUIET = frozenset({Outcome.OBSERVED, Outcome.NOT_TESTED})
"""What is noted of a conversation without judging it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one monitor saw in one case: ``passes`` things that were right, and ``others``, each with its finding."""

    monitor: Check
    case: str
    passes: tuple[Saw, ...]
    others: tuple[Finding, ...]

    def passed(self) -> tuple[Finding, ...]:
        """What was right, as one finding; none when there was nothing to see."""
        if not self.passes:
            return ()
        first = self.passes[0]
        more = f" (and {len(self.passes) - 1} more)" if len(self.passes) > 1 else ""
        return (finding(self.monitor, replace(first, actual=first.actual + more)),)


def watch(monitor: Check, case: str, evidence: Evidence) -> Watched:
    """Run one monitor over one case, if it is in force there; what it raises is our own error."""
    force = Force.of(evidence.plan)
    seen = () if force.why_not(monitor.requirements[0]) else look(monitor, evidence)
    passes = tuple(each for each in seen if each.outcome is Outcome.PASS)
    others = tuple(force.cap(finding(monitor, each)) for each in seen if each.outcome is not Outcome.PASS)
    return Watched(monitor, case, passes, others)


def watch_all(evidences: Mapping[str, Evidence]) -> tuple[Watched, ...]:
    """Every monitor over every case that was opened."""
    return tuple(
        watch(monitor, case, evidence)
        for case, evidence in evidences.items()
        if evidence.plan
        for monitor in MONITORS.values()
    )


def of_case(seen: Iterable[Watched], case: str) -> tuple[Finding, ...]:
    """What the monitors found in one case; a pass is not capped by its proof yet."""
    rows = [each for each in seen if each.case == case]
    return tuple(found for each in rows for found in (*each.others, *each.passed()))


def of_run(seen: Sequence[Watched]) -> tuple[Finding, ...]:
    """What the monitors found in the run: what is wrong one by one, naming its case, and a summary of each monitor."""
    found: list[Finding] = []
    for monitor in MONITORS.values():
        rows = [each for each in seen if each.monitor is monitor]
        named = [_in_case(each, row.case) for row in rows for each in row.others]
        found += [each for each in named if each.outcome not in QUIET]
        for outcome in (Outcome.OBSERVED, Outcome.NOT_TESTED):
            found += _together([each for each in named if each.outcome is outcome])
        found += _summary(monitor, rows)
    return tuple(found)


def _in_case(found: Finding, case: str) -> Finding:
    """The place of a finding of the run says the case first: the run has many."""
    return replace(found, where=replace(found.where, path=f"{case} {found.where.path}".strip()))


def _together(rows: Sequence[Finding]) -> Iterator[Finding]:
    """Notes of one kind as one: the longest time stands for all; each of them is in the ledger."""
    if rows:
        # Times are written with three decimals: the longer text is the longer time.
        told = max(rows, key=lambda each: (len(each.actual), each.actual))
        many = f"in {len(rows)} transfers" if len(rows) > 1 else "in one transfer"
        actual = f"{told.actual}, the longest {many}" if told.actual else many
        yield replace(told, actual=actual)


def _summary(monitor: Check, rows: Sequence[Watched]) -> Iterator[Finding]:
    good = [row for row in rows if row.passes]
    if good:
        count = sum(len(row.passes) for row in good)
        times = "once" if count == 1 else f"{count} times"
        cases = "one case" if len(good) == 1 else f"{len(good)} cases"
        first = replace(good[0].passes[0], actual=f"{times} in {cases}")
        yield finding(monitor, first)
    elif not any(row.others for row in rows):
        yield finding(monitor, Saw(Outcome.NOT_APPLICABLE, reason="no conversation of this run came to it"))


def whole_run(cases: Mapping[str, Sequence[Entry]]) -> tuple[Finding, ...]:
    """Messages that nobody could be named for: they make the run red, since something was sent that no transfer explains."""
    strays = [entry for entry in cases.get(UNATTRIBUTED, ()) if entry.kind == "message.received"]
    sentence = "every message belongs to a transfer of this run"
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
