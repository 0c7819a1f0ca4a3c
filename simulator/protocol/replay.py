"""Takes a run up again: has a new hub decide once more what the entries of a ledger say was decided.

The hub decides from what happens, when, and nothing else, and its ids come from keys: the same causes give the same decisions,
and so the same state. Each entry is either a cause or what the hub said about one; what it says now must be what it said then,
or the ledger is one that this version cannot go on with.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from simulator.protocol.commands import Command, Note, Post
from simulator.protocol.exchange import Outbound
from simulator.protocol.hub import Arrival, Hub
from simulator.protocol.plan import from_json_values, practice
from simulator.wire.reading import read
from simulator.wire.times import instant

RESUMED = "run.resumed"
# Why the outcome of a post is not known, and why it is repeated.
STOPPED = "Spine was stopped"
# What the shell adds to the facts of an arrival and of an outcome; the rest went in.
ARRIVAL = frozenset({"arrival", "by", "message", "size", "blob", "text"})
OUTCOME = frozenset({"delivery", "attempt", "status", "judged", "answer", "deliberate", "size", "blob", "text"})


class ReplayTrouble(Exception):
    """A ledger that cannot be gone on with; one sentence for the user."""


class Record(Protocol):
    """An entry of a ledger."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...

    @property
    def at(self) -> str:
        """When it was decided."""
        ...

    @property
    def kind(self) -> str:
        """What it tells."""
        ...

    @property
    def case(self) -> str:
        """Whose it is."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """The facts."""
        ...


class Replay:
    """One taking up of a run by a new hub. :param octets: the stored octets of a digest."""

    def __init__(self, hub: Hub, octets: Callable[[str], bytes]) -> None:
        self._hub, self._octets = hub, octets
        self._expected: deque[Note] = deque()
        self._posted: dict[int, Post] = {}
        self._causes: dict[str, Callable[[Record, datetime], list[Command]]] = {
            "practice.registered": self._registered,
            "case.opened": self._opened,
            "message.received": self._received,
            "delivery.outcome": self._outcome,
            "delivery.repeated": self._moved_on,
            "delivery.released": self._moved_on,
            "exchange.heard": self._moved_on,
            "ask.answered": self._answered,
            "window.opened": lambda entry, at: hub.stage.watch_anew(entry.case, at),
            "window.closed": lambda entry, at: hub.stage.end_wait(entry.case, str(entry.data["how"]), at),
        }

    def take_up(self, entries: Iterable[Record], now: datetime) -> list[Command]:
        """Decide everything again; what is left to be written and done now.

        That is what a torn end has cut off, the posts of which nobody knows what came, and the windows that were open: Spine
        was not there to watch, so they are watched from now on.
        :raises ReplayTrouble: for an entry that this version would not have written.
        """
        for entry in entries:
            if entry.kind == RESUMED:
                continue  # It may stand between what a torn end has left of a decision and the rest of it.
            if self._expected:
                self._compare(entry, self._expected.popleft())
            elif entry.kind in self._causes:
                self._cause(entry)
        return [*self._expected, *self._interrupted(now), *self._hub.stage.take_up(now)]

    def _cause(self, entry: Record) -> None:
        at = instant(entry.at)
        if at is None:
            raise _otherwise(entry, f"it has no time but {entry.at!r}")
        try:
            commands = self._causes[entry.kind](entry, at)
        except (KeyError, ValueError, TypeError) as trouble:
            raise _otherwise(entry, f"{type(trouble).__name__}: {trouble}") from None
        self._expected.extend(command for command in commands if isinstance(command, Note))
        self._posted |= {command.delivery: command for command in commands if isinstance(command, Post)}
        if self._expected:
            self._compare(entry, self._expected.popleft())

    def _compare(self, entry: Record, note: Note) -> None:
        if (entry.kind, entry.case) != (note.kind, note.case):
            raise _otherwise(entry, f"it would be {note.kind} of {note.case or 'the run'}")
        if note.octets and _digest(entry) != (note.digest or hashlib.sha256(note.octets).hexdigest()):
            raise _otherwise(entry, "its octets would be others")

    def _interrupted(self, now: datetime) -> Iterator[Command]:
        """The posts that were under way."""
        for number in sorted(self._posted):
            yield from self._lost(self._posted[number], now)

    def _lost(self, sent: Post, now: datetime) -> list[Command]:
        """Spine was stopped while it posted: whether it arrived, nobody knows, so it goes out again at once, as it was.

        Our stop must not cost the receiver one of the repeats that its contract promises.
        """
        delivery = self._hub.courier.get(sent.delivery)
        data: dict[str, Any] = {"delivery": sent.delivery, "attempt": delivery.attempts, "status": None, "headers": []}
        data |= {"error": STOPPED, "reason": "Spine was stopped before the answer came", "judged": "no answer"}
        commands: list[Command] = [Note("delivery.outcome", delivery.case, {**data, "deliberate": STOPPED})]
        if delivery.state is not Outbound.AWAITING:
            return commands
        if now >= delivery.deadline:
            delivery.left = 0
            return commands + self._hub.move_on(delivery, now)
        delivery.left += 1
        post = replace(self._hub.courier.again(delivery), body=sent.body, manner=sent.manner)
        data = {**post.facts, "delivery": sent.delivery, "deliberate": STOPPED}
        return [*commands, Note("delivery.repeated", delivery.case, data), post]

    # -- what has happened -----------------------------------------------------------------------------------------

    def _registered(self, entry: Record, at: datetime) -> list[Command]:
        self._hub.directory.add(practice(entry.data))
        return []

    def _opened(self, entry: Record, at: datetime) -> list[Command]:
        sut = self._hub.directory.by_party(str(entry.data["sut"]["party_key"]))
        if sut is None:
            raise KeyError("the system under test is not registered")
        return self._hub.stage.open(from_json_values(entry.data, self._octets, sut), at)

    def _received(self, entry: Record, at: datetime) -> list[Command]:
        data, body = entry.data, self._body(entry)
        kind, action = str(data["content_type"]), str(data["soap_action"])
        about = {key: value for key, value in data.items() if key not in ARRIVAL}
        digest = hashlib.sha256(body).hexdigest()
        return self._hub.receive(Arrival(read(kind, body), kind, action, digest, body, about), at)

    def _outcome(self, entry: Record, at: datetime) -> list[Command]:
        data, body = entry.data, self._body(entry)
        sent = self._posted.pop(int(data["delivery"]))
        if data.get("error") == STOPPED:
            return self._lost(sent, at)
        kind = next((str(value) for name, value in data["headers"] if str(name).lower() == "content-type"), "")
        about = {key: value for key, value in data.items() if key not in OUTCOME}
        return self._hub.outcome(
            int(data["delivery"]), data["status"], read(kind, body) if body else None, about, body, at
        )

    def _moved_on(self, entry: Record, at: datetime) -> list[Command]:
        delivery = self._hub.courier.get(int(entry.data["delivery"]))
        self._hub.courier.rang(delivery, at)
        return self._hub.move_on(delivery, at)

    def _answered(self, entry: Record, at: datetime) -> list[Command]:
        return self._hub.stage.asked(entry.case, int(entry.data["step"]), str(entry.data["outcome"]), at)

    def _body(self, entry: Record) -> bytes:
        if "text" in entry.data:
            return str(entry.data["text"]).encode()
        return self._octets(str(entry.data["blob"])) if entry.data.get("blob") else b""


def _digest(entry: Record) -> str:
    if "text" in entry.data:
        return hashlib.sha256(str(entry.data["text"]).encode()).hexdigest()
    return str(entry.data.get("blob", ""))


def _otherwise(entry: Record, why: str) -> ReplayTrouble:
    return ReplayTrouble(
        f"entry {entry.seq} of the ledger ({entry.kind}) is not what this version would write there ({why}); "
        "take the run up with the version that began it, or begin a new one"
    )
