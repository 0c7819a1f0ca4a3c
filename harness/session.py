"""Plays cases: opens them on Spine, performs what their scripts ask of the SUT, and says when the SUT has settled.

All open cases are watched with one long poll; what must be done for a case is done by a pool of threads, so that many
scripts play side by side against the one Spine. When a case is done its evidence is in the ledger, and judging needs
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import MappingProxyType
from typing import Any

from harness.drivers.base import Called, Driver
from harness.rig import Brief, Rig
from harness.world import Casting

Progress = Callable[[int, int], None]


class Session:
    """One run's playing. ``jobs`` scripts side by side; one at a time for a driver that is a person.

    :param one_clock: the system has one clock for all cases: a case that moves it is played alone, after all others.
    """

    def __init__(self, rig: Rig, driver: Driver, *, jobs: int = 8, one_clock: bool = True) -> None:
        self._rig = rig
        self._driver = driver
        self._jobs = jobs if driver.parallel else 1
        self._one_clock = one_clock
        self._busy: dict[str, Future[None]] = {}
        self._open: dict[str, Casting] = {}
        # A poll may bring a picture that is older than what has been done about it: each thing is done once.
        self._asked: set[tuple[str, int]] = set()
        self._answers: Mapping[tuple[str, int], Called] = MappingProxyType({})
        self._settles = True
        self._trouble: BaseException | None = None

    def take_up(self, castings: Collection[Casting], answers: Mapping[tuple[str, int], Called]) -> None:
        """Take over cases that Spine has on stage already. :param answers: what came of the hook calls made before."""
        self._open = {casting.case: casting for casting in castings}
        self._answers = answers

    def play(self, castings: Iterable[Casting], progress: Progress = lambda done, total: None) -> None:
        """Play every case to rest, those that were taken over first."""
        waiting = sorted(castings, key=self._alone)
        total, done, patient, revision = len(waiting) + len(self._open), 0, 0, -1
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="play") as pool:
            while waiting or self._open:
                while casting := self._next(waiting, patient):
                    self._open[casting.case] = casting
                    self._forget(casting)
                    self._rig.open_case(casting.plan)
                # While work is under way its case may have moved unseen: look again soon, whatever the revision says.
                revision, briefs = self._rig.status(-1 if self._busy else revision, 0.0 if self._busy else 5.0)
                if self._busy:
                    wait(list(self._busy.values()), timeout=0.02, return_when=FIRST_COMPLETED)
                if self._trouble is not None:
                    raise self._trouble
                done += self._leave({brief.case for brief in briefs})
                patient = sum(brief.status == "passing" for brief in briefs)
                progress(done, total)
                for brief in briefs:
                    if brief.case in self._open and brief.case not in self._busy:
                        self._look(brief, pool)

    def _next(self, waiting: list[Casting], patient: int) -> Casting | None:
        """The first that may begin, taken away; cases that share a peer do not run side by side."""
        # What the system does about a practice (look it up, apply a condition) would not tell their cases apart.
        busy = {each.shared for each in self._open.values()} - {""}
        for number, each in enumerate(waiting):
            if each.shared not in busy and self._room(each, patient):
                return waiting.pop(number)
        return None

    def _forget(self, casting: Casting) -> None:
        """Have the system forget what a former run has done with the patient, if it can."""
        if casting.again:
            called = self._driver.call("reset", {"case": casting.case})
            self._rig.note("world.reset", casting.case, {"outcome": called.outcome, "error": called.error})

    def _alone(self, casting: Casting) -> bool:
        return self._one_clock and casting.moves_clock

    def _room(self, casting: Casting, patient: int) -> bool:
        """Whether a case may be opened now. :param patient: how many of the open ones need nobody while time passes."""
        if self._alone(casting) or any(self._alone(each) for each in self._open.values()):
            return not self._open
        return len(self._open) - patient < self._jobs

    def _leave(self, playing: set[str]) -> int:
        """Let go of the open cases that Spine tells nothing of any more: they have come to their end. How many."""
        ended = [case for case in self._open if case not in playing and case not in self._busy]
        for case in ended:
            if self._open.pop(case).moves_clock:
                self._driver.call("clock", {"case": case, "now": None})
        return len(ended)

    def _look(self, brief: Brief, pool: ThreadPoolExecutor) -> None:
        """Do what a case needs now."""
        casting = self._open[brief.case]
        if brief.status == "asking" and brief.ask and (brief.case, brief.position) not in self._asked:
            self._asked.add((brief.case, brief.position))
            if self._driver.parallel:
                self._start(brief.case, pool.submit(self._ask, casting, brief))
            else:
                self._ask(casting, brief)  # A person is asked where Ctrl-C is heard, and that is the main thread alone.
        elif brief.status == "waiting" and brief.rest and self._settles:
            self._start(brief.case, pool.submit(self._settle, casting, brief))

    def _start(self, case: str, work: Future[None]) -> None:
        self._busy[case] = work
        work.add_done_callback(lambda done: self._finished(case, done))

    def _finished(self, case: str, work: Future[None]) -> None:
        """What a worker could not do ends the whole playing: a case would wait for it for ever."""
        self._trouble = self._trouble or work.exception()
        self._busy.pop(case, None)

    def _ask(self, casting: Casting, brief: Brief) -> None:
        assert brief.ask is not None
        verb = str(brief.ask["verb"])
        called = self._answers.get((casting.case, brief.position))
        if called is None:
            body = arguments(casting, verb, brief.ask["arguments"])
            called = self._called(casting, brief.position, verb, body)
        self._rig.asked(casting.case, brief.position, called.outcome)

    def _settle(self, casting: Casting, brief: Brief) -> None:
        """Tell Spine that the SUT has no work left, if it can say so; else Spine's own seconds decide."""
        called = self._driver.call("settle", {"case": casting.case})
        if called.outcome == "done":
            self._rig.settled(casting.case, brief.revision)
        elif called.outcome == "not offered":
            self._settles = False

    def _called(self, casting: Casting, step: int, verb: str, body: dict[str, Any]) -> Called:
        # What follows from the call may arrive before the call returns: its beginning is an entry of its own.
        begun = self._rig.note("hook.begun", casting.case, {"verb": verb})["entries"]
        loaded = casting.loaded and verb == "hold"
        called = Called("done", {"loaded": "before"}, grade="attested") if loaded else self._driver.call(verb, body)
        data = {"verb": verb, "step": step, "begun": begun, "sent": body}
        data |= {"outcome": called.outcome, "result": called.result, "error": called.error, "grade": called.grade}
        self._rig.note("hook.called", casting.case, data)
        return called


def arguments(casting: Casting, verb: str, given: dict[str, Any]) -> dict[str, Any]:
    """The body of a hook call: what the script gives, and what the cast adds for this verb (docs/hooks.openapi.json)."""
    number = casting.patient["nhs_number"]
    peer = casting.plan["peer"]
    # A peer that other cases have, too, is not what a condition of this one may hang on.
    own = [] if casting.shared else [peer]
    added: dict[str, dict[str, Any]] = {
        "register": {
            "patient": casting.patient,
            "previous_practice": peer["ods"],
            "returning": casting.returning,
        },
        "hold": {"patient": casting.patient, "record": casting.record},
        "configure": {
            "nhs_numbers": [number],
            "peers": [each["ods"] for each in own],
            "asids": [each["asid"] for each in own],
            "party_keys": [each["party_key"] for each in own],
        },
    }
    return {"case": casting.case, **added.get(verb, {"nhs_number": number}), **given}
