"""``gp2gp coverage``: requirement, checks and rules, scenarios, proof. Rolled up by how it can be seen and by capability."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness import features
from harness.checks import CHECKS, Check
from harness.conduct import proof
from harness.monitors import MONITORS
from harness.proof import Proof
from harness.requirements import Requirement, catalogue
from harness.rules import RULES, Rule

STATES = ("proved", "unproved", "need", "reason", "open")
GRADES = {
    "wire": "wire and service",
    "service": "wire and service",
    "clock": "clock",
    "hook": "hook",
    "none": "attested or not at all",
}
ROLL_UP = (*(f"GP2GP0{number}" for number in range(10)), "")
Key = Callable[["Covered"], str]


@dataclass(frozen=True, slots=True)
class Covered:
    """One requirement: which checks and rules look at it, in which scenarios, and whether any of them is proved."""

    requirement: Requirement
    checks: tuple[str, ...]
    scenarios: tuple[str, ...]
    proved: bool

    @property
    def state(self) -> str:
        """In a word: proved, unproved, need (of what is to come), reason (cannot be tested), or open (none of them)."""
        if self.checks:
            return "proved" if self.proved else "unproved"
        if self.requirement.needs:
            return "need"
        return "reason" if self.requirement.reason or self.requirement.level == "REMOVED" else "open"

    @property
    def told(self) -> str:
        """What looks at it, and what of it nothing does; or why nothing does."""
        row = self.requirement
        unseen = f" (not seen: {row.unseen})" if row.unseen else ""
        unseen += f" (superseded by {row.superseded})" if row.superseded else ""
        return ", ".join(self.checks) + unseen if self.checks else row.needs or row.reason or "-"


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
    """The matrix as text; with ``check`` only what is wrong, and the summary."""
    rows = covered()
    for row in rows:
        if not check:
            one = row.requirement
            yield f"{one.id:<10} {one.level:<7} {one.seen:<8} {row.state:<9} {len(row.scenarios):>3} {row.told[:120]}"
    yield from troubles(rows)
    yield from summary(rows)


def troubles(rows: tuple[Covered, ...]) -> Iterator[str]:
    """What ``--check`` fails on: a row that nothing covers or explains, and one whose explanation its checks outlived."""
    for row in rows:
        one = row.requirement
        if row.state == "open":
            yield f"{one.id}: no check, no need and no reason"
        if row.checks and (one.needs or one.reason):
            yield f"{one.id}: {', '.join(row.checks)} looks at it, so that its {'need' if one.needs else 'reason'} is over"
        if one.unseen and not row.checks:
            yield f"{one.id}: something of it is said to be unseen, and nothing looks at any of it"


def summary(rows: tuple[Covered, ...]) -> Iterator[str]:
    """Rows in all and by state, by how they can be seen, by what they need, and by capability."""
    states = Counter(row.state for row in rows)
    partly = sum(row.state == "proved" and bool(row.requirement.unseen) for row in rows)
    yield (
        f"{len(rows)} requirements: {states['proved']} with a proved check ({partly} of them in part), "
        f"{states['unproved']} with an unproved one, {states['need']} that need what is to come, "
        f"{states['reason']} with a reason, {states['open']} open"
    )
    yield from _grouped(
        "seen by", rows, lambda row: GRADES[row.requirement.seen], tuple(dict.fromkeys(GRADES.values()))
    )
    needing = Counter(row.requirement.needs for row in rows if row.state == "need")
    yield from (f"needs {name}: {count}" for name, count in sorted(needing.items()))
    yield from _grouped("capability", rows, lambda row: row.requirement.gp2gp, ROLL_UP)


def _grouped(title: str, rows: tuple[Covered, ...], key: Key, order: tuple[str, ...]) -> Iterator[str]:
    """The states of the rows that share a key, group by group."""
    table = defaultdict[str, Counter[str]](Counter)
    for row in rows:
        table[key(row)][row.state] += 1
    for name in order:
        told = ", ".join(f"{table[name][state]} {state}" for state in STATES if table[name][state])
        rows_in = "1 requirement" if table[name].total() == 1 else f"{table[name].total()} requirements"
        yield f"{title} {name or 'none'}: {rows_in}" + (f": {told}" if told else "")


def faults() -> tuple[str, ...]:
    """What ``--check`` fails on, a sentence each."""
    return tuple(troubles(covered()))
