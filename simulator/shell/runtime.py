"""One lock around one hub: takes what happens, lets the hub decide, writes the ledger, performs the commands.

Bytes are read (MIME, XML) and stored outside the lock; inside it only tables are asked and lines appended, in the order
of the decisions. Posts are performed by a pool of threads after the lock is given back, and what comes of them is one
more thing that happens. This is the file to review twice.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from simulator.ledger import Blobs, Ledger, inline
from simulator.protocol.commands import Answer, Command, Note, Post
from simulator.protocol.directory import Practice
from simulator.protocol.hub import Arrival, Hub
from simulator.protocol.ids import stamp
from simulator.protocol.plan import Plan
from simulator.shell.client import Outcome
from simulator.wire.reading import read

Poster = Callable[[Post], Outcome]
COURIERS = 16


class Runtime:
    """The running Spine behind its web faces. Close it to stop its threads and end the ledger."""

    def __init__(
        self,
        hub: Hub,
        ledger: Ledger,
        blobs: Blobs,
        post: Poster,
        clock: Callable[[], datetime],
        begin: Iterable[Command] = (),
    ) -> None:
        """:param begin: what is to be written and done before anything else happens."""
        self.hub = hub
        self.ledger = ledger
        self.blobs = blobs
        self._post = post
        self._clock = clock
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._picture: tuple[int, datetime | None] = (0, None)
        self._closing = False
        self._couriers = ThreadPoolExecutor(COURIERS, thread_name_prefix="courier")
        with self._lock:
            self._perform(begin, self._clock())
        self._timer = threading.Thread(target=self._tick, name="timer", daemon=True)
        self._timer.start()

    # -- what happens ----------------------------------------------------------------------------------------------

    def receive(self, content_type: str, soap_action: str, body: bytes, about: dict[str, Any]) -> Answer:
        """Somebody posted to Spine; the answer to give."""
        digest = hashlib.sha256(body).hexdigest()
        if body:
            self.blobs.put(body, digest)
        reading = read(content_type, body)
        with self._lock:
            now = self._clock()
            commands = self.hub.receive(Arrival(reading, content_type, soap_action, digest, body, about), now)
            return self._perform(commands, now)

    def note(self, kind: str, case: str, data: dict[str, Any], octets: bytes = b"") -> int:
        """Write an entry that concerns no decision: a service call, a refused connection, what the judge reports."""
        with self._lock:
            return self._write([Note(kind, case, data, octets)], self._clock())

    def register(self, row: Practice, facts: dict[str, Any]) -> None:
        """Add a practice to the directory, or replace it. :param facts: what the ledger says of it."""
        with self._lock:
            self.hub.directory.add(row)
            self._write([Note("practice.registered", "", facts)], self._clock())

    def open_case(self, plan: Plan) -> None:
        """Put a case on stage. :raises ValueError: when it is there already."""
        with self._lock:
            now = self._clock()
            self._perform(self.hub.stage.open(plan, now), now)

    def asked(self, case: str, position: int, outcome: str) -> None:
        """The judge has performed a hook call. :raises ValueError: when none is asked there."""
        with self._lock:
            now = self._clock()
            self._perform(self.hub.stage.asked(case, position, outcome, now), now)

    def settled(self, case: str, revision: int) -> None:
        """The judge says the SUT has no work left for a case."""
        with self._lock:
            now = self._clock()
            self._perform(self.hub.stage.settled(case, revision, now), now)

    def status(self, since: int, seconds: float) -> dict[str, Any]:
        """The cases, as soon as anything has changed since revision ``since``, or after ``seconds``."""
        with self._lock:
            self._changed.wait_for(lambda: self._closing or self.hub.stage.revision > since, timeout=seconds)
            return {"revision": self.hub.stage.revision, "cases": self.hub.stage.briefs()}

    def close(self) -> None:
        """Stop the threads and end the ledger; what is under way is given up."""
        with self._lock:
            self._closing = True
            self._changed.notify_all()
        self._couriers.shutdown(wait=True, cancel_futures=True)
        self._timer.join()
        with self._lock:
            self._write([Note("run.closed", "", {"entries": self.ledger.seq + 1})], self._clock())
            self.ledger.close()

    # -- what is done about it -------------------------------------------------------------------------------------

    def _perform(self, commands: Iterable[Command], now: datetime) -> Answer:
        """Write all notes, in order, then hand posts to the couriers; the answer if there is one.

        :param now: when the hub decided, and no later moment: whoever takes the run up again has the hub decide by it.
        """
        answer, notes, posts = Answer(200), list[Note](), list[Post]()
        for command in commands:
            match command:
                case Note():
                    notes.append(command)
                case Post():
                    posts.append(command)
                case _:
                    answer = command
        self._write(notes, now)
        for post in posts:
            if not self._closing:
                self._couriers.submit(self._carry, post)
        self._tell()
        return answer

    def _tell(self) -> None:
        """Wake the timer and whoever polls, when what they look at has changed: most messages change neither."""
        picture = (self.hub.stage.revision, self.hub.next_timer())
        if picture != self._picture:
            self._picture = picture
            self._changed.notify_all()

    def _write(self, notes: Iterable[Note], now: datetime) -> int:
        return self.ledger.extend([(note.kind, note.case, self._data(note)) for note in notes], stamp(now))

    def _data(self, note: Note) -> dict[str, Any]:
        data = dict(note.data)
        if not note.octets:
            return data
        data["size"] = len(note.octets)
        text = None if note.digest else inline(note.octets)
        if text is None:
            data["blob"] = note.digest or self.blobs.put(note.octets)
        else:
            data["text"] = text
        return data

    def _carry(self, post: Post) -> None:
        try:
            outcome = self._post(post)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the hub must hear of it: no delivery may hang
            outcome = Outcome(None, (), b"", 0.0, "refused", reason=f"{type(trouble).__name__}: {trouble}")
        about: dict[str, Any] = {
            "attempt_seconds": round(outcome.seconds, 3),
            "headers": [list(each) for each in outcome.headers],
            "error": outcome.error,
            "reason": outcome.reason,
            "certificate_note": outcome.certificate_note,
        }
        answer = None
        if outcome.body:
            content_type = next((value for name, value in outcome.headers if name.lower() == "content-type"), "")
            answer = read(content_type, outcome.body)
            if inline(outcome.body) is None:
                self.blobs.put(outcome.body)
        with self._lock:
            if self._closing:
                return
            now = self._clock()
            commands = self.hub.outcome(post.delivery, outcome.status, answer, about, outcome.body, now)
            self._perform(commands, now)

    def _tick(self) -> None:
        with self._lock:
            while not self._closing:
                moment = self.hub.next_timer()
                now = self._clock()
                if moment is not None and moment <= now:
                    self._perform(self.hub.due(now), now)
                    continue
                self._changed.wait((moment - now).total_seconds() if moment else None)
