"""Hooks through a program: one line of JSON on its standard input, one on its standard output (docs/command.md)."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import Any

from harness.drivers.base import Called, HookDriver, answered

LIMIT = 1_048_576  # octets of one answer line
WAITING = 4  # lines that may wait to be looked at; a program that floods is held there
SHOWN = 80  # characters of an answer that is no JSON which a person is shown
PATIENCE = 5.0  # seconds that a program may take to end by itself when the run is over


class Breach(Exception):
    """A program that did not keep to one line for one line; its text says what it did, after the program's name."""


class CommandDriver(HookDriver):
    """Drives a system through a program of its supplier's. Calls are made one after another.

    A program that does not keep to the contract is ended: where its answers stand in its output is not known any more. The
    next call starts it anew.
    """

    def __init__(self, command: Sequence[str], log: Path, seconds: float) -> None:
        """:param log: takes what the program writes to its standard error. :param seconds: how long a call may take."""
        self._command, self._log, self._seconds = tuple(command), log, seconds
        self._name = shlex.join(command)
        super().__init__(f"The program {self._name} does", "correct it, or driver.command in the profile")
        self._program: Program | None = None
        self._turn = threading.Lock()

    def carry(self, verb: str, body: dict[str, Any]) -> Called:
        """Put one call to the program, when its turn has come."""
        # The verb comes first and nothing stands between: a shell can take the line apart (docs/command.md).
        line = json.dumps({"verb": verb, "body": body}, separators=(",", ":")).encode() + b"\n"
        with self._turn:
            try:
                self._program = self._program or Program(self._command, self._log)
                return _read(verb, self._program.ask(line, self._seconds))
            except OSError as trouble:
                return Called("failed", error=f"the program {self._name} cannot be started ({trouble.strerror})")
            except Breach as breach:
                self._end()
                return Called("failed", error=f"asked for '{verb}', the program {self._name} {breach}")

    def stop(self) -> None:
        """Close the program's standard input and wait for its end."""
        with self._turn:
            self._end(PATIENCE)

    def _end(self, seconds: float = 0.0) -> None:
        if self._program is not None:
            self._program.end(seconds)
            self._program = None


class Program:
    """One running program. A thread takes its lines, so that a line which nobody asked for is noticed."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        """:raises OSError: when it cannot be started."""
        self._log, self._before = log, log.stat().st_size if log.exists() else 0
        with log.open("ab") as errors:
            # A session of its own: what the program has started ends with it.
            self._process = subprocess.Popen(  # noqa: S603 - the command of the user's own profile
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        self._lines: Queue[bytes] = Queue(WAITING)
        self._late = self._over = False
        threading.Thread(target=self._take, daemon=True).start()

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Write a line and wait for the one that answers it. :raises Breach: when that does not come as it should."""
        assert self._process.stdin is not None
        if not self._lines.empty():
            unasked = self._lines.get()
            raise Breach(f"has written a line that nobody asked for: {_shown(unasked)}" if unasked else self._ended())
        timer = threading.Timer(seconds, self._give_up)
        timer.start()
        with suppress(OSError):  # It has ended: the end of its output says so, after the lines that it has written.
            self._process.stdin.write(line)
            self._process.stdin.flush()
        answer = self._lines.get()
        timer.cancel()
        if len(answer) > LIMIT:
            raise Breach(f"wrote a line of more than {LIMIT} octets")
        if not answer.endswith(b"\n"):
            raise Breach(f"gave no answer within {seconds:g} s" if self._late else self._ended())
        return answer

    def end(self, seconds: float) -> None:
        """Let it end by itself within so many seconds, then end it."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._kill()
        self._process.wait()
        self._over = True
        while not self._lines.empty():
            self._lines.get()

    def _take(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            while (line := out.readline(LIMIT + 1)) and not self._over:
                self._lines.put(line)
        self._lines.put(b"")

    def _give_up(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _ended(self) -> str:
        """How it ended, with its last words."""
        code = self._process.wait()
        with self._log.open("rb") as log:
            log.seek(self._before)
            words = log.read().decode("utf-8", "replace").strip().splitlines() or ["nothing"]
        return f"ended with exit code {code}; its last words: {words[-1]}"


def _read(verb: str, line: bytes) -> Called:
    """What an answer line says. :raises Breach: when it is none."""
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or type(answer.get("status")) is not int:
        raise Breach(f'did not answer with {{"status": number, "body": object}}: {_shown(line)}')
    return answered(verb, answer["status"], answer.get("body", {}))


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return repr(text[:SHOWN] + ("…" if len(text) > SHOWN else ""))
