"""A running Spine without sockets: its runtime, with a clock wound by hand and a poster that a test writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from simulator.ledger import Blobs, Ledger, read
from simulator.protocol.commands import Post
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.settings import Behaviour
from simulator.shell.client import Outcome
from simulator.shell.runtime import Runtime
from tests.protocol.pair import NOON, OTHER, PEER, SUT

TOKEN = "token-of-the-run"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 10.0
"""Seconds after which a thing that was waited for has failed; nothing ever takes that long."""


class Spine(AbstractContextManager["Spine"]):
    """A runtime over a hub. :param post: what the couriers do."""

    def __init__(self, folder: Path, post: Callable[[Post], Outcome] | None = None, **behaviour: Any) -> None:
        self.folder = folder
        self.now = NOON
        self.posted: list[Post] = []
        self._post = post or (lambda post: Outcome(200, (), b"", 0.1))
        hub = Hub(Directory([SUT, PEER, OTHER]), PatientIndex(), Behaviour(**behaviour), b"spine")
        self.runtime = Runtime(hub, Ledger(folder), Blobs(folder), self._carry, self._clock)
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
        self.posted.append(post)
        return self._post(post)

    def pass_(self, seconds: float) -> None:
        """Wind the clock, and wake whoever waits for time."""
        with self.runtime._lock:
            self.now += timedelta(seconds=seconds)
            self.runtime._changed.notify_all()

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened."""
        with self.runtime._lock:
            assert self.runtime._changed.wait_for(happened, timeout=PATIENCE), "it did not happen"

    def said(self, kind: str) -> list[dict[str, Any]]:
        """The data of the ledger's entries of a kind."""
        return [dict(entry.data) for entry in read(self.folder) if entry.kind == kind]
