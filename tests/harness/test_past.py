"""The register of a system: what is entered is read again, and what is no register is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import past
from harness.past import Used
from harness.runs import RunTrouble


def test_what_is_entered_is_read_again(tmp_path: Path) -> None:
    """Patients with their last use; a conversation stays with the run that had it first, whatever its letters."""
    file = tmp_path / "registers" / "X.json"
    past.read(file).enter(1, {"9990001014": "a", "9990001022": "b"}, ["c-1", ""])
    past.read(file).enter(2, {"9990001014": "c"}, ["C-1", "c-2"])
    found = past.read(file)
    assert found.patients == {"9990001014": Used(2, "c"), "9990001022": Used(1, "b")}
    assert found.conversations == {"C-1": 1, "C-2": 2}


def test_a_run_has_the_conversations_of_all_others() -> None:
    """Runs are counted by folder, and a register may serve several; who counts anew makes the same conversations again."""
    kept = past.Past(None, {}, {"C-1": 1, "C-2": 2})
    assert [kept.before(run) for run in (1, 2, 3)] == [{"C-2": 2}, {"C-1": 1}, {"C-1": 1, "C-2": 2}]


def test_without_a_file_nothing_is_kept() -> None:
    """For runs that nobody will follow."""
    kept = past.read(None)
    kept.enter(1, {}, ["c"])
    assert kept.conversations == {"C": 1}


@pytest.mark.parametrize("text", ["{", "[]", '{"patients": {"1": {}}, "conversations": {}}', '{"patients": []}'])
def test_what_is_no_register_is_refused(tmp_path: Path, text: str) -> None:
    """The user decides: nobody else knows whether the system was reset."""
    file = tmp_path / "register.json"
    file.write_text(text, "utf-8")
    with pytest.raises(RunTrouble, match=r"register\.json .* remove it"):
        past.read(file)
