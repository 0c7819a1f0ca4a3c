"""Takes a run up again that was stopped: everything it needs stands in its folder, in the ledger and its octets.

Finished cases are not played again, what a person has answered is not asked again, and Spine decides once more what it had
decided (``simulator/protocol/replay.py``), so that the verdicts are those of a run that nobody stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from click.core import ParameterSource

from harness.drivers.base import Called
from harness.profile import Profile
from harness.rig import Rig
from harness.runs import RunTrouble
from harness.staging import Order
from harness.world import Casting
from scenarios import find
from simulator import ledger
from simulator.wire.times import instant


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened in a run before it was stopped; nothing in a new one.

    :param answers: what came of each hook call, by case and step. :param holds: the condition that a person has set.
    :param entered: the entries of the judge's that are there, without their times.
    """

    begun: datetime | None = None
    castings: tuple[Casting, ...] = ()
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    answers: Mapping[tuple[str, int], Called] = field(default_factory=lambda: MappingProxyType({}))
    holds: str = ""
    entered: frozenset[str] = frozenset()


def command(folder: Path) -> Order:
    """The order of the run in ``folder``, for the command line that asks for it. :raises RunTrouble: when it is none."""
    context = click.get_current_context()
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    more = sorted(f"--{name}" for name in given if name != "resume")
    if more:
        raise RunTrouble(f"--resume takes everything from the run that is taken up; leave out {', '.join(more)}.")
    return order(folder)


def order(folder: Path) -> Order:
    """The order that the run in ``folder`` was begun with.

    :raises RunTrouble: when it holds no run, or one that cannot be taken up: one sentence.
    """
    with _readable(folder):
        told = {entry.kind: entry.data for entry in ledger.read(folder)}
        opened, more = told["run.opened"], told["run.opened"]["order"]
        profile = Profile.model_validate(opened["profile"])
        # The system under test was told these ports.
        ports = {name: told["run.listening"][name] for name in ("port", "services_port")}
        profile = profile.model_copy(update={"spine": profile.spine.model_copy(update=ports)})
        made = Order(profile, folder.resolve(), opened["seed"], opened["run"], only=tuple(opened["only"]), resume=True)
        paths = {name: Path(more[name]) if more[name] else None for name in ("mim", "register")}
        made = replace(made, **{**more, **paths})
    if (folder / "head.txt").is_file():
        raise RunTrouble(f"The run in {folder} is finished; its report is {folder / 'index.html'}.")
    touched = ledger.verify(folder).problems
    if touched:
        raise RunTrouble(
            f"The run in {folder} cannot be taken up: its ledger is not whole ({touched[0]}); begin a new one."
        )
    if profile.driver.kind == "reference":
        raise RunTrouble(
            f"The run in {folder} cannot be taken up: the reference practice ended with it, and with it all that it knew; "
            "begin a new one."
        )
    return made


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """:raises RunTrouble: for a folder that holds no run which this version has begun, or one cut off before its cast."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError):
        raise RunTrouble(
            f"{folder} holds no run that can be taken up; name the folder of one that this version has begun, "
            "or begin a new one."
        ) from None


def keep(rig: Rig, castings: Sequence[Casting]) -> None:
    """Enter the cast of the run: who takes it up plays the same cases with the same people, whatever the world is then."""
    rows = [asdict(casting) | {"scenario": casting.scenario.name} for casting in castings]
    rig.note("run.cast", "", {"cases": len(rows), "blob": rig.put(json.dumps(rows).encode())})


def past(folder: Path) -> Past:
    """What has happened in the run in ``folder``. :raises RunTrouble: when it was cut off before it had a cast."""
    with _readable(folder):
        entries = list(ledger.read(folder))
        cast = {entry.kind: entry for entry in entries}["run.cast"]
        rows = json.loads(ledger.Blobs(folder).get(str(cast.data["blob"])))
        called = [entry for entry in entries if entry.kind == "hook.called"]
        return Past(
            instant(entries[0].at),
            tuple(Casting(**row | {"scenario": find(row["scenario"])}) for row in rows),
            frozenset(entry.case for entry in entries if entry.kind == "case.opened"),
            frozenset(entry.case for entry in entries if entry.kind == "case.closed"),
            {(entry.case, int(entry.data["step"])): _called(entry.data) for entry in called},
            next((str(e.data["result"]["holds"]) for e in reversed(called) if "holds" in e.data["result"]), ""),
            frozenset(entered(e.kind, e.case, e.data) for e in entries if e.kind in ("check.found", "scenario.judged")),
        )


def entered(kind: str, case: str, data: Mapping[str, Any]) -> str:
    """An entry without its number and time: what it says."""
    return json.dumps([kind, case, data], sort_keys=True, default=str)


def _called(data: Mapping[str, Any]) -> Called:
    return Called(str(data["outcome"]), dict(data["result"]), str(data["error"]), str(data["grade"]))
