"""``gp2gp demo``: the reference practice under each profile of the declared list, the first of them told in full.

The others are played after it, two at a time in processes of their own: a run spends half of its time waiting.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from harness import conduct
from harness.profiles import Named, named, profiles
from harness.report.model import RunView
from harness.report.tally import scenarios
from harness.runs import near
from harness.verdict import ORDER, Outcome

SIDE_BY_SIDE = 2
SHOWN = (*ORDER, Outcome.OBSERVED, Outcome.NOT_TESTED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the run of one profile. ``verdicts`` counts its scenarios; ``out`` is its folder."""

    name: str
    text: str
    verdicts: Counter[Outcome]
    exit_code: int
    seconds: float
    out: Path


@dataclass(frozen=True, slots=True)
class Ask:
    """What was asked for on the command line."""

    seed: int
    jobs: int
    strict: bool
    only: tuple[str, ...] = ()

    def order(self, profile: Named, out: Path, number: int) -> conduct.Order:
        """The order of a run of one profile."""
        again = f"gp2gp demo --profile {profile.name} --seed {self.seed}"
        return conduct.Order(
            profile.profile, out, self.seed, number, self.jobs, self.only, self.strict, command=again, again=again
        )


def chosen(name: str) -> Named:
    """The profile of a name; the first of the list when there is none."""
    return named(name) if name else profiles()[0]


def play(name: str, ask: Ask, out: Path, number: int) -> Played:
    """Play and judge one profile of the list, and write its reports."""
    profile = named(name)
    return played(profile, conduct.conduct(ask.order(profile, out, number)), out)


def played(profile: Named, view: RunView, out: Path) -> Played:
    """One row of the last table."""
    verdicts = Counter(each.outcome for each in scenarios(view))
    # What a monitor found of the whole run counts as much as what a scenario found.
    verdicts.update(each.outcome for each in view.monitors if each.outcome in (Outcome.ERROR, Outcome.FAIL))
    return Played(profile.name, profile.text, verdicts, view.exit_code, view.seconds, out)


def others(ask: Ask, folder: Path, number: int) -> Iterator[Played]:
    """Play every other profile of the list, each into a folder of its name; in the order of the list."""
    context = multiprocessing.get_context("spawn")  # a fork would copy threads that are in the middle of something
    with ProcessPoolExecutor(SIDE_BY_SIDE, mp_context=context) as pool:
        names = [each.name for each in profiles()[1:]]
        yield from pool.map(partial(_apart, ask=ask, folder=folder, number=number), names)


def _apart(name: str, ask: Ask, folder: Path, number: int) -> Played:
    return play(name, ask, folder / name, number)


def table(rows: Sequence[Played]) -> Iterator[str]:
    """Profile by verdict."""
    shown = [outcome for outcome in SHOWN if any(row.verdicts[outcome] for row in rows)]
    width = max(len(row.name) for row in rows)
    yield f"{'profile':<{width}}  " + "  ".join(f"{outcome.value:>8}" for outcome in shown) + "   seconds  report"
    for row in rows:
        counts = "  ".join(f"{row.verdicts[outcome] or '-':>{max(8, len(outcome.value))}}" for outcome in shown)
        yield f"{row.name:<{width}}  {counts}  {row.seconds:>8.1f}  {near(row.out / 'index.html')}"


def command(first: Played, ask: Ask, reports: Path, number: int, say: Callable[[str], None] = click.echo) -> int:
    """Play the other profiles after the ``first``, and print what came of all; the worst exit code."""
    say(f"\nNow the same practice under {len(profiles()) - 1} other profiles (fixtures/profiles.toml):")
    sys.stdout.flush()
    rows = [first, *others(ask, (reports / "profiles" / f"{number:04d}").resolve(), number)]
    for line in table(rows):
        say(line)
    return max(row.exit_code for row in rows)
