"""``gp2gp coverage``: requirement, checks and rules, scenarios, proof. Rolled up by how it can be seen and by capability."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from harness import features
from harness.checks import CHECKS, Check
from harness.conduct import proof
from harness.monitors import MONITORS
from harness.proof import Proof
from harness.requirements import Requirement, catalogue
from harness.rules import RULES, Rule


@dataclass(frozen=True, slots=True)
class Covered:
    """One requirement: which checks and rules look at it, in which scenarios, and whether any of them is proved."""

    requirement: Requirement
    checks: tuple[str, ...]
    scenarios: tuple[str, ...]
    proved: bool

    @property
    def state(self) -> str:
        """In a word: proved, unproved, reason (cannot be tested), or open (neither)."""
        if self.checks:
            return "proved" if self.proved else "unproved"
        return "reason" if self.requirement.reason or self.requirement.level == "REMOVED" else "open"


def covered() -> tuple[Covered, ...]:
    """Every row of the catalogue with what covers it."""
    sure = proof()
    checks, scenarios = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    # A monitor that only notes covers nothing: it could not say that a requirement was broken.
    judging = (each for each in MONITORS.values() if not each.notes)
    every: list[Check | Rule] = [*CHECKS.values(), *judging, *RULES.values()]
    for each in every:
        for requirement in each.requirements:
            checks[requirement].append(each.id)
    for _, wanted in features.load():
        for scenario in wanted:
            for check in scenario.checks:
                for requirement in check.requirements:
                    scenarios[requirement].append(scenario.transfer)
    return tuple(
        Covered(
            row,
            tuple(checks[row.id]),
            tuple(dict.fromkeys(scenarios[row.id])),
            any(_proved(sure, identifier) for identifier in checks[row.id]),
        )
        for row in catalogue().values()
    )


def _proved(sure: Proof, identifier: str) -> bool:
    row = CHECKS.get(identifier) or MONITORS.get(identifier) or RULES.get(identifier)
    return row is not None and sure.proved(row)


def lines(*, check: bool) -> Iterator[str]:
    """The matrix as text; with ``check`` only what is open, and the summary."""
    rows = covered()
    for row in rows:
        if check and row.state != "open":
            continue
        seen = ", ".join(row.checks) or row.requirement.reason or "-"
        if row.requirement.superseded:
            seen = f"(superseded by {row.requirement.superseded}) {seen}"
        yield f"{row.requirement.id:<10} {row.requirement.level:<7} {row.requirement.seen:<8} {row.state:<9} {seen[:90]}"
    yield from summary(rows)


def summary(rows: tuple[Covered, ...]) -> Iterator[str]:
    """Rows in all, by state, by how they can be seen, and by capability."""
    states = Counter(row.state for row in rows)
    yield f"{len(rows)} requirements: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    for title, key in (("seen by", "seen"), ("capability", "gp2gp")):
        table = defaultdict[str, Counter[str]](Counter)
        for row in rows:
            table[str(getattr(row.requirement, key)) or "-"][row.state] += 1
        for name, counts in sorted(table.items()):
            told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
            yield f"{title} {name}: {told}"


def open_rows() -> tuple[str, ...]:
    """Ids of the rows that have neither a check nor a reason: what ``--check`` fails on."""
    return tuple(row.requirement.id for row in covered() if row.state == "open")
