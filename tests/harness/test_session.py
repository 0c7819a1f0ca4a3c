"""The playing of cases: how many at once, and who is played alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.drivers.base import Called
from harness.rig import Brief
from harness.session import Session
from harness.world import Casting
from scenarios.model import Scenario
from simulator.protocol.script import Elapse, Hold, Step


@dataclass
class Stage:
    """A Spine on which every case ends at the second look, and a system that does whatever it is told."""

    parallel: bool = True
    open: dict[str, int] = field(default_factory=dict)
    together: list[set[str]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status_of: str = "running"

    def open_case(self, plan: dict[str, Any]) -> None:
        self.open[plan["case"]] = 0
        self.together.append(set(self.open))

    def status(self, since: int, seconds: float) -> tuple[int, list[Brief]]:
        self.open = {case: looks + 1 for case, looks in self.open.items() if not looks}
        return since + 1, [Brief(case, self.status_of, 0, "", None, False, 0) for case in self.open]

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        self.calls.append((verb, body))
        return Called("done")


def casting(case: str, *script: Step, clock: str = "hook") -> Casting:
    return Casting(case, Scenario(case, "sender", (), script), {"case": case, "clock": clock}, {}, {})


def played(stage: Stage, *castings: Casting, jobs: int = 2, one_clock: bool = True) -> list[set[str]]:
    Session(stage, stage, jobs=jobs, one_clock=one_clock).play(castings)  # type: ignore[arg-type] # a stand-in for both
    return stage.together


def test_as_many_cases_are_open_as_there_are_jobs() -> None:
    assert played(Stage(), *(casting(name, Hold()) for name in "abc")) == [{"a"}, {"a", "b"}, {"c"}]


def test_a_case_that_moves_the_one_clock_of_a_system_is_played_alone_and_last() -> None:
    moving = (casting(name, Elapse("P8D")) for name in "xy")
    assert played(Stage(), *moving, casting("a"), casting("b")) == [{"a"}, {"a", "b"}, {"x"}, {"y"}]


def test_where_each_case_has_its_clock_they_are_played_side_by_side() -> None:
    assert played(Stage(), casting("x", Elapse("P8D")), casting("a"), one_clock=False) == [{"x"}, {"x", "a"}]


def test_a_moved_clock_is_let_go_when_its_case_is_over() -> None:
    stage = Stage()
    played(stage, casting("x", Elapse("P8D")), casting("a"))
    assert stage.calls == [("clock", {"case": "x", "now": None})]


def test_cases_that_wait_for_real_time_take_nobodys_place() -> None:
    """They need nobody while time passes; and the system's clock is left alone."""
    stage = Stage(status_of="passing")
    waiting = [casting(name, Elapse("P8D"), clock="real") for name in "xyz"]
    assert played(stage, *waiting, jobs=2)[-1] == {"x", "y", "z"}
    assert stage.calls == []
