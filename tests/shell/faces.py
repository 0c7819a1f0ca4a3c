"""A running Spine without sockets: its runtime, with a clock wound by hand and a poster that a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from simulator.ledger import Blobs, Facts, Ledger, read
from simulator.protocol.commands import Post
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.settings import Behaviour
from simulator.shell.client import Outcome
from simulator.shell.runtime import Runtime
from tests.protocol.sut import NOON, OTHER, PEER, SUT

TOKEN = "token-of-the-run"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 10.0
"""Seconds after which a thing that was waited for has failed; nothing ever takes that long."""


class Watched(Ledger):
    """A ledger that tells whoever waits when something was written."""

    def __init__(self, folder: Path, written: threading.Condition) -> None:
        super().__init__(folder)
        self._written = written

    def extend(self, rows: Iterable[tuple[str, str, Facts]], at: str) -> int:
        """As ever, and tell."""
        seq = super().extend(rows, at)
        with self._written:
            self._written.notify_all()
        return seq


class Spine(AbstractContextManager["Spine"]):
    """A runtime over a hub. :param post: what the couriers do."""

    def __init__(self, folder: Path, post: Callable[[Post], Outcome] | None = None, **behaviour: Any) -> None:
        self.folder = folder
        self.now = NOON
        self.posted: list[Post] = []
        self._happened = threading.Condition()
        self._post = post or (lambda post: Outcome(200, (), b"", 0.1))
        hub = Hub(Directory([SUT, PEER, OTHER]), PatientIndex(), Behaviour(**behaviour), b"spine")
        self.runtime = Runtime(hub, Watched(folder, self._happened), Blobs(folder), self._carry, self._clock)
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close once."""
        if not self.closed:
            self.closed = True
            self.runtime.close()

    def _clock(self) -> datetime:
        return self.now

    def _carry(self, post: Post) -> Outcome:
        with self._happened:
            self.posted.append(post)
            self._happened.notify_all()
        return self._post(post)

    def pass_(self, seconds: float) -> None:
        """Wind the clock, and wake whoever waits for time."""
        with self.runtime._lock:
            self.now += timedelta(seconds=seconds)
            self.runtime._changed.notify_all()

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something has been posted or written."""
        with self._happened:
            assert self._happened.wait_for(happened, timeout=PATIENCE), "it did not happen"

    def said(self, kind: str) -> list[dict[str, Any]]:
        """The data of the ledger's entries of a kind."""
        return [dict(entry.data) for entry in read(self.folder) if entry.kind == kind]
