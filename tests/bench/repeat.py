"""``make repeat``: one seed, run after run. Each must do what the first did, with ids, times and people set aside."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from harness.demo import Ask, play
from harness.diffing import differences

TIMES = 10
PROFILE = "reference"


def main(times: int = TIMES) -> int:
    """Compare ``times`` runs with the first; 0 when none of them differs."""
    ask, same = Ask(seed=1, jobs=8, strict=False), 0
    with tempfile.TemporaryDirectory(prefix="gp2gp-repeat-") as scratch:
        folder = Path(scratch)
        for number in range(times + 1):
            # Each has its own number, as runs of one register have: no identifier is that of the run before.
            row = play(PROFILE, ask, folder / str(number), number + 1)
            told = ", ".join(f"{count} {outcome.value}" for outcome, count in sorted(row.verdicts.items()))
            found = [str(each) for each in differences(folder / "0", folder / str(number))] if number else []
            same += bool(number) and not found
            print(
                f"run {number}: {told} in {row.seconds} s, {len(found)} differences", *found[:5], sep="\n  ", flush=True
            )
    print(f"{same} of {times} runs differ in nothing from the first")
    return 0 if same == times else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
