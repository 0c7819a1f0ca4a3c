"""Posts the recorded messages to ``gp2gp serve`` and writes down what became of them.

``python -m tests.shell.recorded`` writes the table to docs/recorded-messages.md.
"""

from __future__ import annotations

import hashlib
import queue
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.rig import environment, python_command
from simulator.shell import certificates
from simulator.shell.client import Post
from simulator.shell.server import Listener, TlsFiles, read_body
from simulator.wire.reading import read
from tests.bench.receiver import acknowledgment
from tests.shared import SHARED

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "recorded-messages.md"
PRACTICES = ROOT / "examples" / "recorded.toml"
PATIENCE = 30.0
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded request. ``headers`` as recorded, but for Content-Length, which the client writes anew."""

    name: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one: Spine's answer, the tokens of its fault, and the digest of what the receiver got, if any."""

    message: Recorded
    message_id: str
    action: str
    ack_requested: bool
    status: int | None
    tokens: tuple[str, ...]
    arrived: str

    @property
    def sent(self) -> str:
        """SHA-256 of the body that was posted."""
        return hashlib.sha256(self.message.body).hexdigest()


def recorded() -> list[Recorded]:
    """Every recorded request beside the project."""
    return [_request(file) for file in sorted(SHARED.glob("samples/*/*.ebxml"))] if SHARED else []


def _request(file: Path) -> Recorded:
    head, _, body = file.read_bytes().partition(b"\n\n")
    first, *lines = head.decode("ascii").splitlines()
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    kept = tuple(each for each in fields if each[0] != "Content-Length")
    return Recorded(file.name, first.split()[1], kept, body)


def play(messages: Iterable[Recorded], folder: Path) -> list[Became]:
    """Post them over mutual TLS to a Spine that serves examples/recorded.toml, with a receiver at its endpoints."""
    made = folder / "certificates"
    certificates.make(made, now=datetime.now(UTC))
    got: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    files = TlsFiles(made / "ca.pem", made / "sut.pem", made / "sut.key")
    with Listener(_keeping(got), "127.0.0.1", 0, tls=files, on_refused=lambda refusal: None) as receiver:
        practices = folder / "recorded.toml"
        practices.write_text(PRACTICES.read_text("utf-8").replace(":4443/", f":{receiver.address[1]}/"), "utf-8")
        with serving(practices, made, folder / "run") as spine:
            became = [_post(each, spine, made, got) for each in messages]
    # Spine has ended, and the couriers with it: nothing more can come.
    assert got.empty(), "the receiver got something that was not to be delivered"
    return became


def _keeping(got: queue.SimpleQueue[bytes]) -> Callable[..., Iterable[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body, _ = read_body(environ, _LARGEST)
        got.put(body)
        answer = acknowledgment(body)
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(answer)))])
        return [answer]

    return app


@contextmanager
def serving(practices: Path, made: Path, run: Path) -> Iterator[str]:
    """``gp2gp serve``; its address."""
    options = ["--practices", str(practices), "--port", "0", "--certificates", str(made), "--out", str(run)]
    command = python_command("serve", *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as spine:
        assert spine.stdout is not None
        try:
            yield spine.stdout.readline().split()[1]
        finally:
            spine.send_signal(signal.SIGINT)
            spine.wait(PATIENCE)


def _post(message: Recorded, spine: str, made: Path, got: queue.SimpleQueue[bytes]) -> Became:
    client = Post(f"{spine}{message.path}", TlsFiles(made / "ca.pem", made / "client.pem", made / "client.key"))
    answer = client.post(message.headers, message.body, keep_alive=False)
    envelope = read(dict(message.headers)["Content-Type"], message.body).envelope
    assert envelope is not None
    fault = read("text/xml", answer.body).fault
    arrived = got.get(timeout=PATIENCE) if answer.status == 202 else b""
    return Became(
        message,
        envelope.message_id,
        envelope.action,
        envelope.ack_requested,
        answer.status,
        tuple(error.description for error in fault.errors) if fault else (),
        hashlib.sha256(arrived).hexdigest() if arrived else "",
    )


def page(became: Iterable[Became]) -> str:
    """The page of docs/."""
    rows = "".join(_row(each) for each in became)
    return (
        "# Recorded messages through Spine\n\n"
        "Written by `python -m tests.shell.recorded`; `make test-shared` compares it. Each recorded request was posted\n"
        "over mutual TLS to `gp2gp serve --practices examples/recorded.toml`: the head as recorded but for its\n"
        "Content-Length, which is the true one; the body untouched. What asks for an acknowledgement is accepted (202)\n"
        "and delivered to the octet; the CONTINUE, made by hand and without `AckRequested`, is refused with the\n"
        "published faults.\n\n"
        "| MessageId | interaction | octets | status | SHA-256 sent | SHA-256 received |\n"
        "|---|---|---:|---:|---|---|\n"
        f"{rows}"
    )


def _row(each: Became) -> str:
    tokens = ", ".join(f"`{token.removeprefix('ErrorBaseTms.')}`" for token in each.tokens)
    received = f"`{each.arrived}`" if each.arrived else f"not delivered: {tokens}"
    size = len(each.message.body)
    return f"| {each.message_id} | {each.action} | {size} | {each.status} | `{each.sent}` | {received} |\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(page(play(recorded(), Path(scratch))), "utf-8")
