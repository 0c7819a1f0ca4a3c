"""The demonstration: the profiles of the list side by side, and one table of what came of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness import demo
from harness.cli import main
from harness.demo import Ask, Played
from harness.profiles import profiles
from harness.verdict import Outcome
from simulator import ledger


def test_the_table_shows_what_occurred_and_the_folder_of_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        Played("one", "", Counter({Outcome.PASS: 12}), 0, 3.25, tmp_path / "reports" / "one"),
        Played("another", "", Counter({Outcome.PASS: 2, Outcome.NOT_APPLICABLE: 7}), 0, 1.0, Path("/elsewhere")),
    ]
    head, first, second = demo.table(rows)
    assert head.split() == ["profile", "PASS", "NOT_APPLICABLE", "seconds", "report"]
    assert first.split() == ["one", "12", "-", "3.2", "reports/one/index.html"]
    assert second.split() == ["another", "2", "7", "1.0", "/elsewhere/index.html"]
    assert len({line.index(word) for line, word in ((first, "reports"), (second, "/elsewhere"))}) == 1


def test_the_worst_profile_decides_the_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the first is told before the others begin."""
    first = Played("reference", "", Counter({Outcome.PASS: 1}), 0, 1.0, tmp_path)
    said: list[str] = []

    def others(ask: Ask, folder: Path, number: int) -> list[Played]:
        assert said
        assert folder == (tmp_path / "profiles" / "0007").resolve()
        return [Played("other", "", Counter({Outcome.FAIL: 1}), 1, 1.0, folder)]

    monkeypatch.setattr(demo, "others", others)
    assert demo.command(first, Ask(1, 8, strict=False), tmp_path, 7, said.append) == 1
    assert any("FAIL" in line for line in said)


def test_an_unknown_profile_is_answered_with_the_list() -> None:
    ended = CliRunner().invoke(main, ["demo", "--profile", "release-9"])
    assert ended.exit_code == 2
    assert ended.stderr.strip() == (
        "There is no profile 'release-9' in the list of the demonstration; "
        f"there are {', '.join(each.name for each in profiles())}."
    )


@pytest.mark.socket
def test_what_a_profile_is_not_held_to_is_not_played_and_not_applicable(tmp_path: Path) -> None:
    """Nobody asked who the current practice is before 2.2a: that scenario is left out, with the reason; the other passes."""
    ask = Ask(1, 8, strict=False, only=("the-patient-is-suspended", "the-patient-is-not-at-the-surgery"))
    done = demo.play("release-1.1a", ask, tmp_path / "run", 1)
    assert done.verdicts == {Outcome.PASS: 1, Outcome.NOT_APPLICABLE: 1}
    report = (tmp_path / "run" / "results.json").read_text("utf-8")
    assert "S31 is of release 2.2a, which 1.1a does not take" in report
    assert '"release": "1.1a"' in report
    kinds = {entry.kind for entry in ledger.read(tmp_path / "run") if entry.case == "the-patient-is-suspended"}
    assert kinds == {"check.found", "scenario.judged"}


@pytest.mark.socket
def test_a_run_of_which_nothing_is_in_force_does_not_begin(tmp_path: Path) -> None:
    out = tmp_path / "run"
    ended = CliRunner().invoke(
        main, ["demo", "--profile", "release-1.1a", "--only", "the-patient-is-suspended", "--out", str(out)]
    )
    assert ended.exit_code == 2
    assert ended.stderr.strip() == (
        "Nothing of the-patient-is-suspended is in force under the profile: S31 is of release 2.2a, which 1.1a does not take."
    )
    assert not out.exists()
