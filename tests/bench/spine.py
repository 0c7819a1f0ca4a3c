"""Messages a second through Spine, and what each costs it, beside the same server answering 202 and doing nothing.

``python -m tests.bench.spine [--quick]``. Through Spine means: received over mutual TLS, parsed, checked, in the ledger,
delivered over mutual TLS, and the receiver's ebXML Acknowledgment read and in the ledger. Client, Spine (as ``gp2gp serve
--settings`` runs it) and receiver are processes of one machine and share its processors. The ledgers stand in the
temporary folder of the system (``TMPDIR``): three files are made for each message, so its file system counts, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from simulator.shell import certificates
from tests.bench.load import Load
from tests.bench.messages import Prepared, prepare
from tests.bench.processes import Running, receiver, spine

REPETITIONS = 3
CONNECTIONS = 8


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


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    share = 10 if "--quick" in arguments else 1
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, median of {REPETITIONS} repetitions")
    print(f"{'':8} {'':28} {'messages/s':>10} {'CPU ms':>8} {'x rate':>7} {'x CPU':>6}  aim")
    # One folder for all, emptied at the end: a file system may be slow to make files where many were just removed.
    with tempfile.TemporaryDirectory(prefix="gp2gp-bench-") as scratch:
        made = Path(scratch) / "certificates"
        certificates.make(made, now=datetime.now(UTC))
        for size in SIZES:
            _measure_size(size, Path(scratch), made, size.count // share)


def _measure_size(size: Size, scratch: Path, made: Path, count: int) -> None:
    message = prepare(size.octets)
    with receiver(made, "--empty") as bare:
        base = measure(bare, made, message, count)
    print(_row(size.name, "202 and nothing", base, base, ""), flush=True)
    for keep_alive in (True, False):
        _touch(scratch / "touched", message.size * count * (REPETITIONS + 1))
        folder = Path(tempfile.mkdtemp(dir=scratch))
        with spine(folder, made, keep_alive=keep_alive) as through:
            found = measure(through, made, message, count)
        label = f"Spine, deliveries {'kept alive' if keep_alive else 'closed'}"
        aim = f">= {size.aim}/s {'met' if found.rate >= size.aim else 'MISSED'}"
        print(_row(size.name, label, found, base, aim), flush=True)


def _touch(file: Path, octets: int) -> None:
    """Have the system find memory for what will be stored: a virtual machine is slow to hand it out the first time."""
    piece = bytes(1 << 20)
    with file.open("wb") as written:
        for _ in range(octets // len(piece) + 1):
            written.write(piece)
    file.unlink()


def measure(server: Running, made: Path, message: Prepared, count: int) -> Measured:
    """Warm up, repeat, and take medians. :raises RuntimeError: when a message is refused."""
    load = Load(("127.0.0.1", server.port), made, message, CONNECTIONS)
    rates, costs, through = [], [], 0
    for repetition in range(REPETITIONS + 1):
        posts = count if repetition else max(count // 10, CONNECTIONS)
        cpu, begun = _cpu_seconds(server.pid), time.perf_counter()
        refused = load.post(posts).refused
        if refused:
            raise RuntimeError(f"{refused} messages were refused")
        through += posts
        server.wait(through)
        if repetition:
            rates.append(posts / (time.perf_counter() - begun))
            costs.append((_cpu_seconds(server.pid) - cpu) * 1_000 / posts)
    load.close()
    return Measured(median(rates), median(costs))


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process, user and system; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _row(size: str, label: str, found: Measured, base: Measured, aim: str) -> str:
    slower, dearer = found.rate / base.rate, found.cpu / base.cpu if base.cpu else float("nan")
    return f"{size:8} {label:28} {found.rate:10.0f} {found.cpu:8.2f} {slower:7.2f} {dearer:6.1f}  {aim}".rstrip()


if __name__ == "__main__":
    main(sys.argv[1:])
