"""Plays cases: opens them on Spine, performs what their scripts ask of the SUT, and says when the SUT has settled.

All open cases are watched with one long poll; what must be done for a case is done by a pool of threads, so that many
scripts play side by side against the one Spine. When a case is done its evidence is in the ledger, and judging needs
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from harness.drivers.base import Called, Driver
from harness.rig import Brief, Rig
from harness.world import Casting

Progress = Callable[[int, int], None]


class Session:
    """One run's playing. ``jobs`` scripts side by side; one at a time for a driver that is a person."""

    def __init__(self, rig: Rig, driver: Driver, *, jobs: int = 8) -> None:
        self._rig = rig
        self._driver = driver
        self._jobs = jobs if driver.parallel else 1
        self._busy: dict[str, Future[None]] = {}
        self._open: dict[str, Casting] = {}

    def play(self, castings: Iterable[Casting], progress: Progress = lambda done, total: None) -> None:
        """Play every case to rest."""
        waiting = list(castings)
        total, done, revision = len(waiting), 0, -1
        waiting.reverse()
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="play") as pool:
            while waiting or self._open:
                while waiting and len(self._open) < self._jobs:
                    casting = waiting.pop()
                    self._open[casting.case] = casting
                    self._rig.open_case(casting.plan)
                revision, briefs = self._rig.status(revision, 5.0)
                for brief in briefs:
                    if brief.case in self._open and brief.case not in self._busy:
                        done += self._look(brief, pool)
                        progress(done, total)

    def _look(self, brief: Brief, pool: ThreadPoolExecutor) -> int:
        """Do what a case needs now; 1 when it has come to its end."""
        casting = self._open[brief.case]
        if brief.status == "done":
            del self._open[brief.case]
            return 1
        if brief.status == "asking" and brief.ask:
            self._start(brief.case, pool.submit(self._ask, casting, brief))
        elif brief.status == "waiting" and brief.rest:
            self._start(brief.case, pool.submit(self._settle, casting, brief))
        return 0

    def _start(self, case: str, work: Future[None]) -> None:
        self._busy[case] = work
        work.add_done_callback(lambda _: self._busy.pop(case, None))

    def _ask(self, casting: Casting, brief: Brief) -> None:
        assert brief.ask is not None
        verb = str(brief.ask["verb"])
        called = self._called(casting, verb, arguments(casting, verb, brief.ask["arguments"]))
        self._rig.asked(casting.case, brief.position, called.outcome)

    def _settle(self, casting: Casting, brief: Brief) -> None:
        """Tell Spine that the SUT has no work left, if it can say so; else Spine's own seconds decide."""
        called = self._driver.call("settle", {"case": casting.case})
        if called.outcome == "done":
            self._rig.settled(casting.case, brief.revision)

    def _called(self, casting: Casting, verb: str, body: dict[str, Any]) -> Called:
        called = self._driver.call(verb, body)
        data = {"verb": verb, "sent": body, "outcome": called.outcome, "result": called.result}
        self._rig.note("hook.called", casting.case, data | {"error": called.error, "grade": called.grade})
        return called


def arguments(casting: Casting, verb: str, given: dict[str, Any]) -> dict[str, Any]:
    """The body of a hook call: what the script gives, and what the cast adds for this verb (docs/hooks.openapi.json)."""
    number = casting.patient["nhs_number"]
    peer = casting.plan["peer"]
    added: dict[str, dict[str, Any]] = {
        "register": {
            "patient": casting.patient,
            "previous_practice": peer["ods"],
            "returning": casting.scenario.returning,
        },
        "hold": {"patient": casting.patient, "record": casting.record},
        "configure": {
            "nhs_numbers": [number],
            "peers": [peer["ods"]],
            "asids": [peer["asid"]],
            "party_keys": [peer["party_key"]],
        },
    }
    return {"case": casting.case, **added.get(verb, {"nhs_number": number}), **given}
