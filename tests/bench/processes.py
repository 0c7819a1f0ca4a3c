"""Spine, a receiver and a server that does nothing, each as a process of its own, and how to wait for what they did."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.rig import environment, python_command
from simulator import ledger
from tests.bench.messages import CPA_IDS, RECEIVER, SENDER

# One entry for each message whose way through Spine has ended.
_LAST_ENTRY = b'"kind":"exchange.heard"'


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens.

    :param wait: returns when so many messages in all have come to their end there: for Spine, when the receiver's
        Acknowledgment of each is in the ledger. :param arrived: the same of the receiver behind it.
    :param run: folder of Spine's ledger.
    """

    port: int
    pid: int
    wait: Callable[[int], None]
    arrived: Callable[[int], None]
    run: Path


@contextmanager
def receiver(made: Path, *options: str) -> Iterator[Running]:
    """The receiver, or with ``--empty`` the server that does nothing. ``made`` holds the certificates."""
    with _process([sys.executable, "-m", "tests.bench.receiver", str(made), *options]) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        stdin, stdout = running.stdin, running.stdout

        def wait(count: int) -> None:
            stdin.write(f"{count}\n")
            stdout.readline()

        yield Running(int(stdout.readline()), running.pid, wait, wait, Path())


@contextmanager
def spine(scratch: Path, made: Path, **more: Any) -> Iterator[Running]:
    """Spine as ``gp2gp serve --settings`` runs it, and a receiver that it delivers to. ``more`` are settings."""
    run = scratch / "run"
    with receiver(made) as end:
        file = scratch / "settings.json"
        file.write_text(json.dumps(_settings(run, made, end.port) | more), "utf-8")
        with _process(python_command("serve", "--settings", str(file))) as running:
            assert running.stdout is not None
            address = json.loads(running.stdout.readline())["spine"]
            heard = _Follower(run / ledger.LEDGER)
            yield Running(int(address.rpartition(":")[2]), running.pid, heard.wait, end.arrived, run)


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that ends when its standard input closes."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment()
    ) as running:
        try:
            yield running
        finally:
            assert running.stdin is not None
            running.stdin.close()
            running.wait(60)


def _settings(run: Path, made: Path, port: int) -> dict[str, Any]:
    files = {"ca": str(made / "ca.pem"), "certificate": str(made / "spine.pem"), "key": str(made / "spine.key")}
    practices = [
        {**SENDER, "cpa_ids": CPA_IDS},
        {**RECEIVER, "cpa_ids": CPA_IDS, "endpoint": f"https://localhost:{port}/"},
    ]
    return {"run": str(run), "certificates": files, "practices": practices}


class _Follower:
    """Reads a growing ledger and counts the messages that have come to their end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._count = 0

    def wait(self, count: int) -> None:
        """Wait until there are ``count`` in all."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            while self._count < count:
                data = file.read()
                while data and not data.endswith(b"\n"):
                    data += file.readline()
                self._count += data.count(_LAST_ENTRY)
                if not data:
                    time.sleep(0.005)
            self._read = file.tell()
