"""What ``gp2gp validate`` costs beside lxml's XSD validation alone, with the official schemas, on the largest samples.

``python -m tests.bench.validate [SHARED]``. All columns come from one run, in turns, each over messages that were read anew,
so that no rule finds its work done: the official schema alone; our verdict, which is our schema and every rule; and the
whole judgement with errors explained, as the command gives it. Reading is in none of them. Processor time, median of several
turns; peak memory is that of the process.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from harness.rules import RULES
from harness.validation import schemas
from harness.validation.detect import detect
from harness.validation.judge import judge

LARGEST = 10
TURNS = 5
AIM = 2.5


def main(arguments: list[str]) -> int:
    """Print the table. 2 without samples, else 0: whether the aim is met is a figure, not a failure."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    files = sorted((shared / "samples").glob("*/*"), key=lambda file: file.stat().st_size)[-LARGEST:]
    if not files:
        print(f"{shared} holds no samples", file=sys.stderr)
        return 2
    print(f"{'official':>10} {'schema':>8} {'rules':>8} {'ratio':>6} {'explained':>10} {'payload':>10}  file")
    totals = [0.0, 0.0]
    for file in reversed(files):
        data = file.read_bytes()
        official, ours, rules, whole = _measured(data, shared / "mim")
        totals[0] += official
        totals[1] += ours + rules
        size = len(detect(data)[0].subject.reading.payload)
        columns = (f"{official:8.2f}ms", f"{ours:6.2f}ms", f"{rules:6.2f}ms", f"{(ours + rules) / official:6.1f}")
        print(*columns, f"{whole:8.1f}ms", f"{size:9}B", f" {file.name[-60:]}")
    ratio = totals[1] / totals[0]
    print(f"together: official {totals[0]:.1f} ms, ours {totals[1]:.1f} ms, ratio {ratio:.2f} (aim {AIM})")
    print(f"peak memory {_peak() / 1024:.0f} MB, {len(RULES)} rules")
    return 0


def _measured(data: bytes, mim: Path) -> tuple[float, float, float, float]:
    """Milliseconds: official schema, our schema, rules, and everything with the explanations."""
    _turn(data, mim)  # schemas are compiled, XPaths too
    turns = [_turn(data, mim) for _ in range(TURNS)]
    one, two, three, four = (median(column) for column in zip(*turns, strict=True))
    return one, two, three, four


def _turn(data: bytes, mim: Path) -> list[float]:
    found, again = detect(data)[0], detect(data)[0]
    root, interaction = found.subject.root, found.subject.interaction
    assert root is not None
    official = schemas.official(mim, interaction)
    return [
        _milliseconds(lambda: official.validate(root)),
        _milliseconds(lambda: schemas.verdict(root, interaction)),
        _milliseconds(lambda: [rule.flaws(found.subject) for rule in RULES.values()]),
        _milliseconds(lambda: judge(again)),
    ]


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1_000


def _peak() -> int:
    """Kilobytes at the peak of this process alone, where the system tells."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
