"""Work that the practice still has to do, counted by case: a pool of threads, timers, and a way to wait for rest."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime

from harness.reference.clock import Clock

Job = Callable[[], None]
log = logging.getLogger(__name__)


class Work:
    """Jobs and timers of all cases.

    With ``workers=0`` nothing runs by itself: :meth:`drain` runs what is due in the caller's thread, which is how the
    practice is tested without threads. A timer is due when its time is not after the ``now`` of its case; it is kept here by the
    machine's clock, so that timers of all cases have one order.
    """

    def __init__(self, clock: Clock, workers: int = 0) -> None:
        self._clock = clock
        self._change = threading.Condition()
        self._ready: deque[tuple[str, Job]] = deque()
        self._timers: list[tuple[datetime, int, str, Job]] = []
        self._busy: Counter[str] = Counter()
        self._number = itertools.count()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"work-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, case: str, job: Job) -> None:
        """Do ``job`` as soon as a worker is free."""
        with self._change:
            self._ready.append((case, job))
            self._busy[case] += 1
            self._change.notify_all()

    def at(self, case: str, due: datetime, job: Job) -> None:
        """Do ``job`` once the clock of ``case`` has reached ``due``."""
        with self._change:
            heapq.heappush(self._timers, (due - self._clock.ahead(case), next(self._number), case, job))
            self._change.notify_all()

    def set_clock(self, case: str, moment: datetime | None) -> None:
        """Put the clock of a case to ``moment``, or back to the machine's; its timers come nearer by as much."""
        with self._change:
            moved = self._clock.set(case, moment)
            self._timers = [
                (due - moved if owner == case else due, number, owner, job) for due, number, owner, job in self._timers
            ]
            heapq.heapify(self._timers)
            self._change.notify_all()

    def settle(self, case: str, seconds: float = 30.0) -> bool:
        """Wait until ``case`` has nothing queued, running or due; False when ``seconds`` were not enough.

        Work that could not be attributed counts for every case: it may be this one's.
        """
        if not self._threads:
            self.drain()
            return True
        with self._change:
            return self._change.wait_for(lambda: self._rests(case), seconds)

    def drain(self) -> None:
        """Run in this thread whatever is due, and what follows from it, until there is nothing left."""
        while (taken := self._take(wait=False)) is not None:
            self._run(*taken)

    def forget(self, case: str) -> None:
        """Drop what ``case`` still had to do; a running job ends by itself."""
        with self._change:
            dropped = sum(1 for owner, _ in self._ready if owner == case)
            self._ready = deque(item for item in self._ready if item[0] != case)
            self._timers = [timer for timer in self._timers if timer[2] != case]
            heapq.heapify(self._timers)
            self._done(case, dropped)

    def close(self) -> None:
        """Let the workers end after their present job."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(5)

    def _work(self) -> None:
        while (taken := self._take(wait=True)) is not None:
            self._run(*taken)

    def _run(self, case: str, job: Job) -> None:
        try:
            job()
        except Exception:
            log.exception("a job of case %r failed: this is a bug of the reference practice", case)
        finally:
            with self._change:
                self._done(case, 1)

    def _take(self, *, wait: bool) -> tuple[str, Job] | None:
        with self._change:
            while not self._closed:
                self._move_due()
                if self._ready:
                    return self._ready.popleft()
                if not wait:
                    return None
                self._change.wait(self._pause())
            return None

    def _move_due(self) -> None:
        now = self._clock.now()
        while self._timers and self._timers[0][0] <= now:
            _, _, case, job = heapq.heappop(self._timers)
            self._ready.append((case, job))
            self._busy[case] += 1

    def _pause(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, (self._timers[0][0] - self._clock.now()).total_seconds())

    def _rests(self, case: str) -> bool:
        self._move_due()
        if self._ready:
            self._change.notify_all()
        return not self._busy[case] and not self._busy[""]

    def _done(self, case: str, count: int) -> None:
        self._busy[case] -= count
        if self._busy[case] <= 0:
            del self._busy[case]
        self._change.notify_all()
