"""One playing of the reference practice that several tests look at: clean, and with a sample of its mutations."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from harness import conduct, features, proving
from harness.evidence import Evidence
from harness.judging import Wanted
from harness.mutations import mutations
from harness.proof import Kill, rows
from harness.verdict import Finding

EVERY = 17  # one mutation in this many is replayed; a stale row always is

_SCRATCH = tempfile.TemporaryDirectory(prefix="gp2gp-played-")
RUN = Path(_SCRATCH.name) / "run"


@cache
def stale() -> tuple[Kill, ...]:
    """The rows of the committed matrix that no longer match the check, scenario or mutation they were made with."""
    sure, known = conduct.proof(), proving.known()
    return tuple(kill for kill in rows() if not sure.valid(kill, known[kill.check]))


@cache
def trials() -> tuple[proving.Trial, ...]:
    """The clean practice, a sample of the mutations, and every mutation that a stale row names."""
    chosen = sorted(mutations().values(), key=lambda mutation: mutation.digest)[::EVERY]
    named = {kill.mutation for kill in stale()}
    taken = {each.id: each for each in (*chosen, *(m for m in mutations().values() if m.id in named))}
    return tuple(proving.trials(taken.values()))


@cache
def findings() -> Mapping[str, tuple[Finding, ...]]:
    """What the checks found in each of the trials, by case."""
    return {trial.case: proving.found(trial, evidence()[trial.case]) for trial in trials()}


@cache
def evidence() -> Mapping[str, Evidence]:
    """The evidence of each trial, by case."""
    return proving.play(trials(), RUN, seed=5, jobs=8)


def wanted() -> dict[str, Wanted]:
    """The scenarios by the transfer that they play."""
    return {each.transfer: each for _, scenarios in features.load() for each in scenarios}
