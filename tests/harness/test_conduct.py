"""A run from end to end: the same seed gives the same verdicts, and everything that was found is in the run's folder."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import gp2gp_conformance
from harness import conduct, diffing, records, verifying
from harness.profile import load
from harness.report.console import Console
from harness.report.model import RunView
from harness.verdict import Outcome
from tests.shared import SHARED, needs_shared

pytestmark = pytest.mark.socket
PROFILE = gp2gp_conformance.root() / "examples" / "reference.toml"
ONLY = ("the-record-is-integrated", "the-record-is-sent", "TD51.3", "GP2GP is disabled")


def _run(out: Path, number: int = 1) -> RunView:
    order = conduct.Order(load(PROFILE), out, seed=3, run=number, only=ONLY, command="gp2gp run", again="gp2gp run")
    return conduct.conduct(order, Console(io.StringIO(), colour=False).scenario_finished)


def test_a_run_on_the_same_seed_gives_the_same_verdicts_and_leaves_everything_in_its_folder(tmp_path: Path) -> None:
    first, second = _run(tmp_path / "one"), _run(tmp_path / "two", number=2)
    outcomes = [
        [(view.case, view.outcome) for feature in run.features for view in feature.scenarios] for run in (first, second)
    ]
    assert outcomes[0] == outcomes[1]
    assert {outcome for _, outcome in outcomes[0]} == {Outcome.PASS}
    assert len(outcomes[0]) == 4
    files = {path.name for path in (tmp_path / "one").iterdir()}
    assert {"index.html", "results.json", "junit.xml", "ledger.ndjson", "blobs", "head.txt"} <= files
    assert json.loads((tmp_path / "one" / "results.json").read_text())["ledger"]["head"] == first.head
    assert verifying.command(tmp_path / "one", first.head) == 0
    assert verifying.command(tmp_path / "one", second.head) == 1
    assert list(diffing.differences(tmp_path / "one", tmp_path / "two")) == []
    assert "spine.json" not in files, "the token of the control plane is not left behind"


@needs_shared
def test_the_verdict_of_the_official_schemas_stands_beside_ours(tmp_path: Path) -> None:
    assert SHARED is not None
    only = ("the-record-is-sent",)
    order = conduct.Order(load(PROFILE), tmp_path / "run", 1, 1, only=only, mim=SHARED / "mim")
    found = [
        found for feature in conduct.conduct(order).features for view in feature.scenarios for found in view.findings
    ]
    said = [each for each in found if each.check == "V-schema"]
    assert said
    assert all("the official schema accepts it" in str(each) for each in said)


def test_what_an_official_schema_refuses_fails_though_ours_accepts_it(tmp_path: Path) -> None:
    """A folder whose schema knows another root element alone."""
    (tmp_path / "RCMR_IN030000UK06.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="other"/></xs:schema>', "utf-8"
    )
    order = conduct.Order(load(PROFILE), tmp_path / "run", 1, 1, only=("the-record-is-sent",), mim=tmp_path)
    found = [
        found for feature in conduct.conduct(order).features for view in feature.scenarios for found in view.findings
    ]
    refused = [each for each in found if each.check == "V-schema" and each.outcome is Outcome.FAIL]
    assert [each.expected for each in refused] == ["a message that the official schema accepts"]


def test_a_practice_that_does_otherwise_is_a_difference(tmp_path: Path) -> None:
    """Named by the case, and what only one of the two has done."""
    for name, transfer in (("one", "the-record-is-integrated"), ("two", "the-record-is-sent")):
        conduct.conduct(conduct.Order(load(PROFILE), tmp_path / name, 3, 1, only=(transfer,)))
    found = list(diffing.differences(tmp_path / "one", tmp_path / "two"))
    assert {each.case for each in found} == {"the-record-is-integrated", "the-record-is-sent"}


def test_a_selection_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    order = conduct.Order(load(PROFILE), tmp_path / "run", 1, 1, only=("no such thing",))
    with pytest.raises(conduct.RunTrouble, match="gp2gp list"):
        conduct.conduct(order)
    assert not (tmp_path / "run").exists()


def test_a_record_that_is_no_extract_is_one_sentence_and_nothing_is_begun(tmp_path: Path) -> None:
    file = tmp_path / "letter.xml"
    file.write_text("<letter>\n  <to/>\n</letter>")
    with pytest.raises(records.RecordsTrouble, match=r"letter\.xml.*line 1"):
        records.command(PROFILE, file, None, tmp_path / "run", 1, 4)
    with pytest.raises(records.RecordsTrouble, match="does not exist"):
        records.command(PROFILE, tmp_path / "nowhere", None, tmp_path / "run", 1, 4)
    assert not (tmp_path / "run").exists()


@pytest.mark.shared
@needs_shared
def test_every_published_extract_gets_a_verdict(tmp_path: Path) -> None:
    assert SHARED is not None
    table = tmp_path / "table.md"
    assert records.command(PROFILE, SHARED / "samples", table, tmp_path / "run", 1, 8) == 0
    rows = [line for line in table.read_text().splitlines() if line.startswith("| RCMR_IN03")]
    assert len(rows) == 30
    assert sum("| PASS |" in row for row in rows) == 26
    assert sum("has no component/ehrFolder" in row for row in rows) == 4
