"""The rig: starts the Spine process and speaks to it through ``/control``, as any client would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import requests

import gp2gp_conformance

# How a process of ours ends when what it was given cannot be used; its last words are then one sentence for the user.
BAD_INPUT = 2


class RigTrouble(Exception):
    """A process of ours that cannot start with what the profile says; one sentence for the user."""


class RigFailure(Exception):
    """A process of ours that broke, or an answer of Spine's control plane that it should not give: our own failure."""


def python_command(*arguments: str) -> list[str]:
    """The command line that runs a module of ours in a process of its own, whatever stands in the working folder."""
    # -P: the working folder is the user's and must not shadow our packages (decision record 0001).
    return [sys.executable, "-P", "-m", "gp2gp_conformance", *arguments]


def environment() -> dict[str, str]:
    """The environment of our processes: ours first on the path, nothing of the user's in the way."""
    package = str(Path(gp2gp_conformance.__file__).resolve().parent.parent)
    kept = [each for each in (package, os.environ.get("PYTHONPATH", "")) if each]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(kept)}


class Process:
    """A process of ours that ends when our end of its standard input closes. Its first line of output says it is ready."""

    def __init__(self, command: Sequence[str], log: Path, what: str) -> None:
        """:raises RigTrouble: with its last words, when it refuses its configuration. :raises RigFailure: when it breaks."""
        self._log: IO[bytes] = log.open("ab")
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment()
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        try:
            self.ready: dict[str, str] = json.loads(line)
        except ValueError:
            self.stop()
            lines = log.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing."]
            if self.process.returncode == BAD_INPUT:
                raise RigTrouble(f"{what} did not start: {lines[-1]}") from None
            raise RigFailure(f"{what} did not start (its log is {log}): {lines[-1]}") from None

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self._log.close()


@dataclass(frozen=True, slots=True)
class Brief:
    """What Spine tells of a case."""

    case: str
    status: str
    position: int
    step: str
    ask: dict[str, Any] | None
    rest: bool
    revision: int


class Rig:
    """A running Spine."""

    def __init__(self, settings: dict[str, Any], folder: Path) -> None:
        """Start Spine with ``settings`` (see ``simulator.shell.settings``); its log goes to ``folder``/spine.log."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "spine.json"
        file.unlink(missing_ok=True)  # A run that was killed may have left it; its token opens nothing any more.
        # It holds the token of the control plane: at no moment may others read it.
        file.touch(0o600, exist_ok=False)
        file.write_text(json.dumps(settings), "utf-8")
        try:
            self.process = Process(python_command("serve", "--settings", str(file)), folder / "spine.log", "Spine")
        finally:
            file.unlink()
        self.addresses = self.process.ready
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {settings['token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop Spine; the ledger is then complete."""
        self._http.close()
        self.process.stop()

    def put(self, octets: bytes) -> str:
        """Store octets in the run; their digest."""
        return str(self._call("POST", "blobs", data=octets)["blob"])

    def register(self, practice: dict[str, Any]) -> None:
        """Add a practice to the directory, or change one."""
        self._call("POST", "practices", json=practice)

    def open_case(self, plan: dict[str, Any]) -> None:
        """Put a case on stage."""
        self._call("POST", "cases", json=plan)

    def status(self, since: int, wait: float) -> tuple[int, list[Brief]]:
        """The cases, as soon as something has changed since revision ``since``."""
        answer = self._call("GET", f"status?since={since}&wait={wait}")
        return int(answer["revision"]), [Brief(**row) for row in answer["cases"]]

    def asked(self, case: str, position: int, outcome: str) -> None:
        """Report a hook call."""
        self._call("POST", f"cases/{case}/asked", json={"position": position, "outcome": outcome})

    def settled(self, case: str, revision: int) -> None:
        """Report that the SUT has no work left for a case."""
        self._call("POST", f"cases/{case}/settled", json={"revision": revision})

    def note(self, kind: str, case: str, data: dict[str, Any]) -> dict[str, Any]:
        """Append one entry of the judge's to the ledger; the answer names the head."""
        return self.notes([(kind, case, data)])

    def notes(self, entries: Iterable[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
        """Append several, each with its kind and case, in one call."""
        return self._call("POST", "entries", json=[{"kind": k, "case": c, "data": data} for k, c, data in entries])

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"{self.addresses['control']}/control/{path}", timeout=60, **more)
        except requests.RequestException as trouble:
            raise RigFailure(f"Spine has gone: {type(trouble).__name__}") from None
        try:
            body: dict[str, Any] = answer.json()
        except ValueError:
            said = f"{answer.status_code} {answer.text[:200]}".strip()
            raise RigFailure(f"Spine answers {method} {path.partition('?')[0]} with no JSON: {said}") from None
        if answer.status_code >= 400:
            raise RigFailure(
                f"Spine refuses {method} {path.partition('?')[0]}: {body.get('error', answer.status_code)}"
            )
        return body
