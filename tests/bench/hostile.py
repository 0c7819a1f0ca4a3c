"""What each hostile file costs ``gp2gp validate``: processor time and peak memory, a process each, the worst last.

``python -m tests.bench.hostile``. Start-up, which an empty file shows, is in every line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.validation.hostile import CASES, Run, run

AIM_SECONDS, AIM_KILOBYTES = 5.0, 300_000


def main() -> int:
    """Print the table; always 0, since whether the aims are met is a figure, not a failure."""
    with TemporaryDirectory() as folder:
        costs = {name: _cost(name, Path(folder)) for name in CASES}
    for name, done in sorted(costs.items(), key=lambda each: each[1].seconds):
        print(f"{done.seconds:6.2f} s {done.kilobytes / 1000:6.0f} MB  exit {done.code}  {name}")
    within = sum(done.seconds < AIM_SECONDS and done.kilobytes < AIM_KILOBYTES for done in costs.values())
    print(f"{within} of {len(costs)} within {AIM_SECONDS:.0f} s and {AIM_KILOBYTES / 1000:.0f} MB")
    return 0


def _cost(name: str, folder: Path) -> Run:
    file = folder / "message.xml"
    file.write_bytes(CASES[name][0]())
    return run(file, folder)


if __name__ == "__main__":
    sys.exit(main())
