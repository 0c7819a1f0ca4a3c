"""Messages a second through Spine, and what each costs it, beside the same server answering 202 and doing nothing.

``python -m tests.bench.spine [--quick] [--profile FILE]``. Through Spine means: received over mutual TLS, parsed, checked,
in the ledger, delivered over mutual TLS, and the receiver's ebXML Acknowledgment read and in the ledger. Client, Spine (as
``gp2gp serve --settings`` runs it) and receiver are processes of one machine: they share its processors.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from harness.rig import environment, python_command
from simulator import ledger
from simulator.shell import certificates
from tests.bench.load import Load
from tests.bench.messages import CPA_IDS, RECEIVER, SENDER, Prepared, prepare

REPETITIONS = 3
CONNECTIONS = 8
# One entry for each message whose way through Spine has ended.
_LAST_ENTRY = b'"kind":"exchange.heard"'


@dataclass(frozen=True, slots=True)
class Size:
    """A size of message: its name, octets, how many to post in one repetition, and the aim in messages a second."""

    name: str
    octets: int
    count: int
    aim: int


SIZES = (Size("5 kB", 5_000, 1_000, 360), Size("4.5 MB", 4_500_000, 80, 50))


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians: messages a second, and processor milliseconds of the server for each message (NaN where unknown)."""

    rate: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: where to post, whose time counts, and how to wait until ``count`` messages in all are through."""

    port: int
    pid: int
    wait: Callable[[int], None]


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    share = 10 if "--quick" in arguments else 1
    profile = arguments[arguments.index("--profile") + 1] if "--profile" in arguments else ""
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, median of {REPETITIONS} repetitions")
    print(f"{'':8} {'':28} {'messages/s':>10} {'CPU ms':>8} {'x rate':>7} {'x CPU':>6}  aim")
    with tempfile.TemporaryDirectory(prefix="gp2gp-bench-") as scratch:
        made = Path(scratch) / "certificates"
        certificates.make(made, now=datetime.now(UTC))
        for size in SIZES:
            message = prepare(size.octets)
            with receiver(made, "--empty") as bare:
                base = measure(bare, made, message, size.count // share)
            print(_row(size.name, "202 and nothing", base, base, ""), flush=True)
            for keep_alive in (True, False):
                with spine(Path(scratch), made, keep_alive, profile) as through:
                    found = measure(through, made, message, size.count // share)
                label = f"Spine, deliveries {'kept alive' if keep_alive else 'closed'}"
                aim = f">= {size.aim}/s {'met' if found.rate >= size.aim else 'MISSED'}"
                print(_row(size.name, label, found, base, aim), flush=True)


def measure(subject: Subject, made: Path, message: Prepared, count: int) -> Measured:
    """Warm up, repeat, and take medians. :raises RuntimeError: when a message is refused."""
    load = Load(("127.0.0.1", subject.port), made, message, CONNECTIONS)
    rates, costs = [], []
    through = 0
    for repetition in range(REPETITIONS + 1):
        posts = count if repetition else max(count // 10, CONNECTIONS)
        cpu, begun = _cpu_seconds(subject.pid), time.perf_counter()
        posted = load.post(posts)
        if posted.refused:
            raise RuntimeError(f"{posted.refused} messages were refused")
        through += posts
        subject.wait(through)
        if repetition:
            rates.append(posts / (time.perf_counter() - begun))
            costs.append((_cpu_seconds(subject.pid) - cpu) * 1_000 / posts)
    load.close()
    return Measured(median(rates), median(costs))


@contextmanager
def process(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
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


@contextmanager
def receiver(made: Path, *options: str) -> Iterator[Subject]:
    """The receiver, or with ``--empty`` the server that does nothing."""
    with process([sys.executable, "-m", "tests.bench.receiver", str(made), *options]) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        stdin, stdout = running.stdin, running.stdout

        def wait(count: int) -> None:
            stdin.write(f"{count}\n")
            stdout.readline()

        yield Subject(int(stdout.readline()), running.pid, wait)


@contextmanager
def spine(scratch: Path, made: Path, keep_alive: bool, profile: str = "") -> Iterator[Subject]:
    """Spine, and a receiver that it delivers to."""
    with ExitStack() as stack:
        end = stack.enter_context(receiver(made))
        run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=scratch)))
        file = run / "settings.json"
        file.write_text(json.dumps(_settings(run / "run", made, end.port, keep_alive)), "utf-8")
        command = python_command("serve", "--settings", str(file))
        if profile:
            command[1:1] = ["-m", "tests.bench.profiled", profile]
        running = stack.enter_context(process(command))
        assert running.stdout is not None
        address = json.loads(running.stdout.readline())["spine"]
        heard = _Follower(run / "run" / ledger.LEDGER)
        yield Subject(int(address.rpartition(":")[2]), running.pid, heard.wait)


def _settings(run: Path, made: Path, receiver_port: int, keep_alive: bool) -> dict[str, object]:
    endpoint = f"https://localhost:{receiver_port}/"
    return {
        "run": str(run),
        "certificates": {"ca": str(made / "ca.pem"), "certificate": str(made / "spine.pem"), "key": str(made / "spine.key")},
        "practices": [
            {**SENDER, "cpa_ids": CPA_IDS},
            {**RECEIVER, "cpa_ids": CPA_IDS, "endpoint": endpoint},
        ],
        "keep_alive": keep_alive,
    }


class _Follower:
    """Reads a growing ledger and counts the messages that have come to their end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._count = 0

    def wait(self, count: int) -> None:
        """Wait until ``count`` messages in all have been acknowledged by the receiver."""
        while self._count < count:
            data = self._file.read()
            data += self._file.readline() if data and not data.endswith(b"\n") else b""
            self._count += data.count(_LAST_ENTRY)
            if not data:
                time.sleep(0.005)


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process, user and system; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _row(size: str, label: str, found: Measured, base: Measured, aim: str) -> str:
    slower, dearer = found.rate / base.rate, found.cpu / base.cpu
    return f"{size:8} {label:28} {found.rate:10.0f} {found.cpu:8.2f} {slower:7.2f} {dearer:6.1f}  {aim}".rstrip()


if __name__ == "__main__":
    main(sys.argv[1:])
