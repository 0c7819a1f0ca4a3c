"""Nobody's file can hurt: one clear sentence or a finding, within 300 MB, and never a traceback.

Their time is bounded by the system, which ends a process that runs away; how long each takes, against an aim of 5 seconds, is
printed by ``make bench-hostile``: a machine's mood fails no test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.validation.hostile import CASES, Run, run

pytestmark = pytest.mark.socket  # each is a process of its own

MOST_KILOBYTES = 300_000


def _harmless(done: Run) -> None:
    assert "Traceback" not in done.out + done.error
    assert "failure of ours" not in done.error
    assert done.kilobytes < MOST_KILOBYTES


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_told_in_words(name: str, tmp_path: Path) -> None:
    """Its exit code, its sentence, its cost."""
    octets, code, said = CASES[name]
    file = tmp_path / "message.xml"
    file.write_bytes(octets())
    done = run(file, tmp_path)
    _harmless(done)
    assert done.code == code
    assert said in done.out + done.error
    if code == 2:
        assert done.out == ""
        assert done.error.count("\n") == 1, "one sentence"
        assert str(file) in done.error


def test_a_folder_of_them_all_is_told_file_by_file(tmp_path: Path) -> None:
    """One bad file does not hide the others, and memory does not add up."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, (octets, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.xml").write_bytes(octets())
    done = run(folder, tmp_path)
    assert done.code == 1
    assert done.kilobytes < MOST_KILOBYTES
    assert "Traceback" not in done.out + done.error
    assert all(f"{number:02}.xml" in done.out for number in range(len(CASES)))


@pytest.mark.parametrize(
    ("name", "said"), [("empty", "holds no file"), ("missing", "does not exist"), ("broken", "cannot be read")]
)
def test_a_place_without_files_is_told(name: str, said: str, tmp_path: Path) -> None:
    """A folder with nothing in it, a name of nothing, a link to nothing."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    done = run(tmp_path / name, tmp_path)
    _harmless(done)
    assert (done.code, done.out) == (2, "")
    assert said in done.error


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """With the system's own words."""
    file = tmp_path / "closed.xml"
    file.write_bytes(b"<RCMR_IN030000UK06/>")
    file.chmod(0)
    done = run(file, tmp_path)
    _harmless(done)
    assert done.code == 2
    assert "cannot be read: Permission denied" in done.error


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write into it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    done = run(folder, tmp_path)
    _harmless(done)
    assert done.code == 2
    assert "neither a file nor a folder" in done.error
