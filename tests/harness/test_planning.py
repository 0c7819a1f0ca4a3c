"""The load sheet: whom to configure and whom to load, for a person and for a program, and what the world lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness import cli
from tests.tree import ROOT

POOLED = ("--sut", str(ROOT / "examples" / "pool-world.toml"))


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own: the number of the next run is read from it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.main, ["plan", *arguments])


def sheet(*arguments: str) -> Any:
    """The plan for a program."""
    return json.loads(plan(*arguments, "--json").stdout)


def test_the_sheet_of_a_pool_names_its_peers_and_patients_and_what_cannot_be_played() -> None:
    """Every case is in one of the two lists; each patient once, with what must be loaded."""
    said = sheet(*POOLED)
    assert [peer["ods"] for peer in said["peers"]] == ["X90011", "X90012", "X90013"]
    loads = {row["patient"]["nhs_number"]: (row["role"], row["documents"]) for row in said["cases"]}
    assert loads["9990001014"] == ("requester", 0)
    assert loads["9990001049"] == ("sender", 2)
    assert len(loads) == len(said["cases"]) == said["totals"]["patients"] == 5
    assert said["totals"]["not_tested"] == len(said["not_tested"]) > 100
    assert all(row["reason"].startswith("world: ") for row in said["not_tested"])


@pytest.mark.parametrize("arguments", [(), POOLED], ids=["generated", "pool"])
def test_the_sheet_for_a_person_ends_with_what_to_load_and_the_totals(arguments: tuple[str, ...]) -> None:
    """Case by case with the script, then the sheet."""
    lines = plan(*arguments, "--only", "the-record-is-sent", "--only", "a-patient-registers").stdout.splitlines()
    assert "  1. ask the SUT: hold" in lines
    at = lines.index("load sheet of run 1, seed 1:")
    assert sum(line.startswith("  patient ") for line in lines[at:]) == 2
    assert any("a record, 0 documents" in line for line in lines[at:])
    assert lines[-1].endswith("2 patients; 2 cases are played, 0 are not")


def test_the_sheet_is_of_the_next_run(desk: Path) -> None:
    """Whom it names is who will play: patients that are made depend on the number of the run."""
    only = ("--only", "the-record-is-sent")
    first = sheet(*only)
    (desk / "reports").mkdir()
    (desk / "reports" / "register.json").write_text('{"runs": 6}', "utf-8")
    second = sheet(*only)
    assert (first["run"], second["run"]) == (1, 7)
    assert first["cases"][0]["patient"] != second["cases"][0]["patient"]


def test_the_sheet_goes_into_a_file(desk: Path) -> None:
    """And says in one sentence why it cannot."""
    result = plan(*POOLED, "--json", "--out", "sheet.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads((desk / "sheet.json").read_text("utf-8"))["run"] == 1
    result = plan(*POOLED, "--out", "nowhere/sheet.txt")
    assert result.exit_code == cli.BAD_INPUT
    assert "nowhere/sheet.txt cannot be written (No such file" in result.stderr


def test_a_warning_stands_on_the_sheet(desk: Path) -> None:
    """A number that may be somebody's is seen before it is loaded."""
    for name in ("pool.toml", "pool-world.toml"):
        text = (ROOT / "examples" / name).read_text("utf-8").replace("9990001014", "9434765919")
        (desk / name).write_text(text, "utf-8")
    assert "warning: NHS number 9434765919" in plan("--sut", "pool-world.toml").stdout
