"""A conversation by hand: SUT and peer say what a test makes them say, through a real hub, and the evidence is read.

The script of the case asks for nothing; letters of either side are written by ``tests.protocol.sut``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.evidence import Evidence
from harness.monitors import MONITORS, watch
from harness.verdict import Finding, Outcome
from simulator.ledger import Blobs, Entry
from simulator.protocol import facts
from simulator.protocol.commands import Answer, Command, Note
from simulator.protocol.courier import Parcel
from simulator.protocol.ids import stamp
from simulator.protocol.script import Fault, Hold
from simulator.wire.reading import read
from tests.protocol.pair import Pair
from tests.protocol.sut import NHS_NUMBER, PEER, SUT, Letter, Sut


class Kept(Blobs):
    """Octets in memory."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))
        self.kept: dict[str, bytes] = {}

    def put(self, octets: bytes, digest: str = "") -> str:
        """Keep octets under their digest."""
        digest = digest or hashlib.sha256(octets).hexdigest()
        self.kept[digest] = octets
        return digest

    def get(self, digest: str) -> bytes:
        """What was kept."""
        return self.kept[digest]


class Talk(Pair):
    """One case: ``sut`` writes as the system under test, ``peer`` as the practice that it talks to."""

    def __init__(self, *faults: Fault, role: str = "sender") -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.blobs = Kept()
        self.peer = Sut(PEER)
        practices = {"sut": asdict(SUT), "peer": asdict(PEER)}
        plan = {"role": role, **practices, "patients": [{"nhs_number": NHS_NUMBER}]}
        self.open(Hold(), role=role, faults=faults, facts=plan)

    # -- what happens

    def says(self, letter: Letter) -> Letter:
        """The SUT posts a letter, and again if Spine does not say that it has it."""
        if self.send(letter).status != 202:
            self.send(letter)
        return letter

    def hears(self, letter: Letter, sort: str = "") -> Letter:
        """Spine delivers a letter of the peer's, as often as it takes, and the SUT acknowledges it each time."""
        self.comes(letter, sort)
        self.takes()
        return letter

    def comes(self, letter: Letter, sort: str = "") -> None:
        """Spine delivers a letter of the peer's, and the SUT has not answered yet. ``sort``: as the ledger has it."""
        reading = read(letter.out.content_type, letter.out.body)
        assert reading.envelope is not None
        parcel = Parcel(
            letter.out,
            letter.message_id,
            letter.conversation,
            reading.envelope.action,
            facts.label(reading),
            sort=sort,
            message=facts.of(reading),
        )
        self._do(self.hub.deliver(parcel, SUT, "case-1", "the peer", self.now))

    def takes(self) -> None:
        """The SUT acknowledges everything that is on its way to it."""
        while self.posts:
            self.acknowledge()
            self.wait(11)

    def hook(self, verb: str, **sent: str) -> None:
        """A hook call, done."""
        begun = self._enter("hook.begun", {"verb": verb})
        data = {"verb": verb, "begun": begun, "sent": {"nhs_number": NHS_NUMBER, **sent}, "outcome": "done"}
        self._enter("hook.called", data | {"result": {}, "error": "", "grade": "hook"})

    def closes(self) -> None:
        """The watch for anything more ends now."""
        self._enter("window.closed", {"step": 1, "how": "the seconds passed", "seconds": 0.0})

    # -- what is seen

    def evidence(self) -> Evidence:
        """The evidence of the case so far."""
        return Evidence(self.entries, self.blobs)

    def found(self, monitor: str) -> list[Finding]:
        """What a monitor found, passes left out."""
        return list(watch(MONITORS[monitor], "case-1", self.evidence()).others)

    def alarms(self) -> dict[str, list[str]]:
        """What every monitor that found something wrong says it saw."""
        quiet = (Outcome.OBSERVED, Outcome.NOT_TESTED)
        seen = {name: [each.actual for each in self.found(name) if each.outcome not in quiet] for name in MONITORS}
        return {name: actual for name, actual in seen.items() if actual}

    def counted(self, monitor: str) -> int:
        """How many things a monitor found right."""
        return len(watch(MONITORS[monitor], "case-1", self.evidence()).passes)

    def _do(self, commands: Iterable[Command]) -> list[Answer]:
        commands = list(commands)
        for note in commands:
            if isinstance(note, Note):
                kept = {"blob": self.blobs.put(note.octets, note.digest)} if note.octets else {}
                self._enter(note.kind, {**note.data, **kept})
        return super()._do(commands)

    def _enter(self, kind: str, data: dict[str, Any]) -> int:
        self.entries.append(Entry(len(self.entries) + 1, stamp(self.now), kind, "case-1", data))
        return len(self.entries)
