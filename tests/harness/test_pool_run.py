"""A run in a world that is fixed: it plays what the pool suffices for, says what it lacks, and can be made again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import cli, conduct, records
from harness.evidence import by_case
from harness.profile import load
from harness.report.model import RunView
from harness.verdict import Outcome
from simulator import ledger
from simulator.ledger import EARLIER
from simulator.shell.client import Poster
from simulator.shell.server import TlsFiles
from tests.protocol.sut import Sut
from tests.tree import ROOT

pytestmark = pytest.mark.socket
PROFILE = ROOT / "examples" / "pool-world.toml"
LATE = "C0000000-0000-4000-8000-00000000000A"


def gp2gp(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.main, arguments)


def test_three_peers_and_five_patients_give_the_same_verdicts_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some pass, none fails, and the rest is not tested because of the world."""
    monkeypatch.chdir(tmp_path)
    seen = []
    for number in (1, 2):
        result = gp2gp("run", "--sut", str(PROFILE))
        assert result.exit_code == 0, result.output
        values = json.loads((tmp_path / "reports" / "runs" / f"000{number}" / "results.json").read_text("utf-8"))
        rows = [row for feature in values["features"] for row in feature["scenarios"]]
        seen.append({row["case"]: (row["outcome"], row["reason"]) for row in rows})
    assert seen[0] == seen[1]
    assert Counter(outcome for outcome, _ in seen[0].values()) == {"PASS": 5, "NOT_TESTED": len(seen[0]) - 5}
    assert all(reason.startswith("world: ") for outcome, reason in seen[0].values() if outcome == "NOT_TESTED")
    register = json.loads((tmp_path / "reports" / "registers" / "X90000-900000.json").read_text("utf-8"))
    assert {row["run"] for row in register["patients"].values()} == {2}
    assert set(register["conversations"].values()) == {1, 2}


def test_a_practice_that_lives_on_gives_the_same_verdicts_and_what_it_sends_late_is_not_judged(
    lasting: tuple[Path, str], tmp_path: Path
) -> None:
    """The second run draws the patients of the first for the same cases; a message of an old conversation comes in."""
    sut, url = lasting
    first = _run(sut, tmp_path, 1, lambda: None)
    register = json.loads((tmp_path / "register.json").read_text("utf-8"))
    register["conversations"][LATE] = 1
    (tmp_path / "register.json").write_text(json.dumps(register), "utf-8")
    second = _run(sut, tmp_path, 2, lambda: _post(url, tmp_path / "certificates"))
    assert _verdicts(first) == _verdicts(second)
    assert Counter(_verdicts(first).values())[Outcome.PASS] == 5
    assert (first.exit_code, second.exit_code) == (0, 0)
    late = by_case(ledger.read(tmp_path / "run2"))[EARLIER]
    assert [entry.data["by"] for entry in late if entry.kind == "message.received"] == ["conversation of run 1"]
    assert [found.outcome for found in second.monitors if found.check == "M-unattributed"] == [Outcome.OBSERVED]


def _run(sut: Path, folder: Path, number: int, begun: Callable[[], None]) -> RunView:
    made = conduct.ordered(load(sut), 1, (), folder / "reports")
    order = conduct.Order(made.profile, folder / f"run{number}", 1, number, register=made.register)
    return conduct.conduct(order, begun=begun)


def _verdicts(view: RunView) -> dict[str, Outcome]:
    return {each.case: each.outcome for feature in view.features for each in feature.scenarios}


def _post(url: str, folder: Path) -> None:
    """The system posts something of a conversation that it had in a former run."""
    out = Sut().request(conversation=LATE).out
    client = Poster(TlsFiles(folder / "ca.pem", folder / "sut.pem", folder / "sut.key"))
    headers = [("Content-Type", out.content_type), ("SOAPAction", out.soap_action)]
    assert client.post(url, headers, out.body, timeout=10, keep_alive=False).status
    client.close()


def test_published_records_are_sent_as_long_as_there_are_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The third finds nobody who joins, and says so; the others have their verdict."""
    monkeypatch.chdir(tmp_path)
    body = Sut().extract("").out.body
    payload = body[body.index(b"<RCMR_IN03") : body.index(b"</RCMR_IN030000UK06>") + len(b"</RCMR_IN030000UK06>")]
    for name in ("a", "b", "c"):
        Path("records").mkdir(exist_ok=True)
        Path("records", f"{name}.xml").write_bytes(payload)
    records.command(PROFILE, Path("records"), None, tmp_path / "run", 1, 4)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["PASS", "a.xml"], ["PASS", "b.xml"]]
    assert lines[2].startswith("NOT_TESTED    c.xml  (world: ")
