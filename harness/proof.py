"""Which checks are proved: the committed kill matrix, and what becomes of a pass by a check that is not.

A check that has never failed is not a check. ``gp2gp prove`` plays every mutation of the reference practice and records
which check kills it, with digests of the check, the scenario and the mutation; a row whose digests no longer match is
stale, and a PASS that rests on no valid row is UNPROVEN.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from harness.checks.register import Check
from harness.mutations import Mutation, mutations
from harness.rules.register import Rule
from harness.verdict import Finding, Outcome

FILE = "kill_matrix.json"


@dataclass(frozen=True, slots=True)
class Kill:
    """One row: this check failed on this mutation in this scenario, when their digests were these."""

    check: str
    mutation: str
    scenario: str
    check_digest: str
    mutation_digest: str
    scenario_digest: str


@dataclass(frozen=True)
class Proof:
    """The rows by check, and the digests that are valid now."""

    kills: tuple[Kill, ...]
    scenarios: Mapping[str, str]

    @cached_property
    def _of(self) -> Mapping[str, list[Kill]]:
        """The rows of each check; every finding of a run asks for them."""
        found: dict[str, list[Kill]] = {}
        for kill in self.kills:
            found.setdefault(kill.check, []).append(kill)
        return found

    def valid(self, kill: Kill, check: Check | Rule) -> bool:
        """Whether a row still proves its check, or its rule of message shape."""
        mutation = mutations().get(kill.mutation)
        return (
            kill.check_digest == check.digest
            and mutation is not None
            and kill.mutation_digest == mutation.digest
            and self.scenarios.get(kill.scenario) == kill.scenario_digest
        )

    def proved(self, check: Check | Rule) -> bool:
        """Whether any valid row proves ``check``; one that only notes has nothing to prove."""
        if isinstance(check, Check) and check.notes:
            return True
        return any(self.valid(kill, check) for kill in self._of.get(check.id, ()))

    def cap(self, finding: Finding, check: Check) -> Finding:
        """A PASS of an unproved check is UNPROVEN."""
        if finding.outcome is not Outcome.PASS or self.proved(check):
            return finding
        reason = f"no mutation proves {check.id} as it stands now; run gp2gp prove"
        return replace(finding, outcome=Outcome.UNPROVEN, reason=reason)


@cache
def rows() -> tuple[Kill, ...]:
    """The committed matrix; empty when there is none yet."""
    try:
        text = files("fixtures").joinpath(FILE).read_text("utf-8")
    except FileNotFoundError:
        return ()
    return tuple(Kill(**row) for row in json.loads(text)["kills"])


def as_json(kills: tuple[Kill, ...], mutants: Mapping[str, Mutation]) -> dict[str, Any]:
    """The matrix as it is committed: rows in the order of check and mutation, and the mutations that nothing kills."""
    killed = {kill.mutation for kill in kills}
    ordered = sorted(kills, key=lambda kill: (kill.check, kill.mutation, kill.scenario))
    return {
        "note": "Made by `gp2gp prove`: which check failed on which mutation of the reference practice.",
        "survivors": sorted(set(mutants) - killed),
        "kills": [{name: getattr(kill, name) for name in Kill.__slots__} for kill in ordered],
    }
