"""What the reports count, counted once, and always from the scenarios: a total cannot disagree with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.report.model import MessageView, RunView, ScenarioView
from harness.report.words import RED
from harness.verdict import ORDER, Finding, Grade, Outcome, worst


@dataclass(frozen=True, slots=True)
class Requirement:
    """One published id: the worst of its findings, and how many findings gave each verdict."""

    ident: str
    outcome: Outcome
    counts: dict[Outcome, int]
    grades: frozenset[Grade]


def scenarios(run: RunView) -> tuple[ScenarioView, ...]:
    """Every scenario in the order of the features."""
    return tuple(view for feature in run.features for view in feature.scenarios)


def findings(run: RunView) -> Iterator[tuple[ScenarioView | None, Finding]]:
    """Every finding with its scenario; the run's own monitors last, with None."""
    for view in scenarios(run):
        yield from ((view, found) for found in view.findings)
    yield from ((None, found) for found in run.monitors)


def verdicts(run: RunView) -> dict[Outcome, int]:
    """Scenarios per verdict, worst first, zeros included."""
    seen = Counter(view.outcome for view in scenarios(run))
    return {outcome: seen[outcome] for outcome in Outcome}


def grades(run: RunView) -> dict[Grade, tuple[int, int]]:
    """Per grade: findings that passed, and findings that were tested."""
    tested = Counter(found.grade for _, found in findings(run) if found.outcome in ORDER)
    passed = Counter(found.grade for _, found in findings(run) if found.outcome is Outcome.PASS)
    return {grade: (passed[grade], tested[grade]) for grade in Grade}


def reviews(run: RunView) -> int:
    """Findings that a person must decide."""
    return sum(found.outcome is Outcome.REVIEW for _, found in findings(run))


def red(run: RunView) -> Iterator[tuple[ScenarioView | None, Finding]]:
    """Every finding that turns a run red, scenario by scenario; a red scenario without one stands for itself.

    The latter is our own failure before a check could speak: the reason is the scenario's.
    """
    for view in scenarios(run):
        bad = [found for found in view.findings if found.outcome in RED]
        if not bad and view.outcome in RED:
            bad = [Finding(view.case, (), view.outcome, view.name, reason=view.reason)]
        yield from ((view, found) for found in bad)
    yield from ((None, found) for found in run.monitors if found.outcome in RED)


def requirements(run: RunView) -> list[Requirement]:
    """Every published id that a finding names, in the order of their numbers (TD9 before TD30)."""
    by_id: dict[str, list[Finding]] = {}
    for _, found in findings(run):
        for ident in found.requirements:
            by_id.setdefault(ident, []).append(found)
    return [_requirement(ident, by_id[ident]) for ident in sorted(by_id, key=natural)]


def _requirement(ident: str, found: list[Finding]) -> Requirement:
    counts = Counter(one.outcome for one in found)
    passed = frozenset(one.grade for one in found if one.outcome is Outcome.PASS)
    return Requirement(
        ident, worst(counts), {outcome: counts[outcome] for outcome in Outcome if counts[outcome]}, passed
    )


def natural(text: str) -> tuple[str | int, ...]:
    """A sort key that reads runs of ASCII digits as numbers: words and numbers alternate, so any two keys compare."""
    bits = re.split(r"([0-9]+)", text)
    return tuple(int(bit[:18]) if place % 2 else bit for place, bit in enumerate(bits))


def message_of(view: ScenarioView | None, finding: Finding) -> MessageView | None:
    """The message that a finding points at, when the scenario holds it."""
    messages = view.messages if view and finding.where.entry >= 0 else ()
    return next((message for message in messages if message.entry == finding.where.entry), None)


def headline(run: RunView) -> str:
    """The run's verdict in one sentence. It claims no more than was seen."""
    counts = verdicts(run)
    if not any(counts.values()):
        return "Nothing was run, and no evidence is never a pass."
    said = ", ".join(f"{number} {outcome.value.replace('_', ' ')}" for outcome, number in counts.items() if number)
    apart = sum(found.outcome in RED for found in run.monitors)
    also = f"; {apart} about the run as a whole" if apart else ""
    if run.exit_code == 0:
        return f"No failure was found ({said})."
    if run.exit_code == 3:
        return f"Our tool failed in this run, so it is not evidence as it stands ({said}{also})."
    return f"This run did not pass ({said}{also})."
