"""Spine killed in the middle of a run: the judge ends with a sentence, and what was recorded until then is whole."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.rig import environment, python_command
from simulator import ledger

PROC = Path("/proc")
pytestmark = [
    pytest.mark.socket,
    pytest.mark.skipif(not (PROC / "self/stat").exists(), reason="children are found in /proc, which is not here"),
]

ENOUGH = 200
"""Entries after which a run is in its middle: it has some 2,000."""


def commands(needle: str) -> Iterator[tuple[int, str]]:
    """Process id and command line of every process that names ``needle``."""
    for folder in PROC.glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if needle in line:
            yield int(folder.name), line


def killed(run: Path) -> subprocess.CompletedProcess[str]:
    """A demo whose Spine is killed in the middle."""
    with subprocess.Popen(
        python_command("demo", "--out", str(run)),
        cwd=run.parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as judge:
        while _lines(run) < ENOUGH:
            # The wait is for the judge, who must not end yet; it only paces the look at the ledger.
            with pytest.raises(subprocess.TimeoutExpired):
                judge.wait(0.01)
        (spine,) = (number for number, line in commands(str(run)) if "serve --settings" in line)
        os.kill(spine, signal.SIGKILL)
        said, complained = judge.communicate(timeout=60)
        return subprocess.CompletedProcess("demo", judge.returncode, said, complained)


def _lines(run: Path) -> int:
    file = run / ledger.LEDGER
    return file.read_bytes().count(b"\n") if file.exists() else 0


def verify(run: Path) -> subprocess.CompletedProcess[str]:
    """``gp2gp verify``."""
    return subprocess.run(
        python_command("verify", str(run)), check=False, env=environment(), capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder that is left, and how the judge ended."""
    run = tmp_path_factory.mktemp("killed") / "run"
    return run, killed(run)


Remains = tuple[Path, subprocess.CompletedProcess[str]]


def test_the_judge_ends_with_one_sentence(remains: Remains) -> None:
    """Exit code 2 or 3, no traceback, no verdict."""
    run, judge = remains
    assert judge.returncode in (2, 3)
    assert len(judge.stderr.splitlines()) == 1, judge.stderr
    assert "Spine" in judge.stderr
    assert judge.stdout.strip() == ""
    assert not (run / "results.json").exists()


def test_no_process_of_ours_is_left(remains: Remains) -> None:
    assert list(commands(str(remains[0]))) == []


def test_the_ledger_is_whole_up_to_its_last_entry(remains: Remains) -> None:
    """Every entry, and the octets that it names."""
    found = verify(remains[0])
    entries = _lines(remains[0])
    assert found.returncode == 0, found.stdout
    assert f"\n{entries} entries, head " in f"\n{found.stdout}"
    assert len(list(ledger.read(remains[0]))) == entries >= ENOUGH


def test_a_torn_last_line_is_said_and_takes_nothing_from_the_rest(remains: Remains, tmp_path: Path) -> None:
    """As a write leaves it that was cut in the middle."""
    run = tmp_path / "torn"
    run.mkdir()
    (run / ledger.BLOBS).symlink_to(remains[0] / ledger.BLOBS)
    whole = b"".join(
        line for line in (remains[0] / ledger.LEDGER).read_bytes().splitlines(True) if line.endswith(b"\n")
    )
    last = whole.splitlines(True)[-1]
    (run / ledger.LEDGER).write_bytes(whole + last[: len(last) // 2])
    found = verify(run)
    assert found.returncode == 0, found.stdout
    assert "The last line is torn" in found.stdout
    assert f"\n{whole.count(bytes([10]))} entries, head " in f"\n{found.stdout}"
