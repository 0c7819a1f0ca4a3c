"""results.json holds what the run found, in our schema's shape, in a fixed order."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.report import results
from harness.verdict import Grade, Outcome
from tests.harness.report import build


@pytest.fixture(name="document")
def _document(tmp_path: Path) -> dict[str, Any]:
    text = results.write(build.everything(), tmp_path).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def test_the_schema_is_a_schema() -> None:
    """Our own schema obeys draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(results.validator().schema)


def test_the_same_run_gives_the_same_octets(tmp_path: Path) -> None:
    """Two renderings differ in nothing."""
    first = results.write(build.everything(), tmp_path).read_bytes()
    assert results.write(build.everything(), tmp_path).read_bytes() == first


def test_every_scenario_and_finding_is_there(document: dict[str, Any]) -> None:
    """Nothing is folded away, whatever its verdict."""
    (feature,) = document["features"]
    assert len(feature["scenarios"]) == 13
    assert {one["outcome"] for one in feature["scenarios"]} == {outcome.value for outcome in Outcome}
    assert list(document["verdicts"]) == [outcome.value for outcome in Outcome]
    assert document["verdicts"]["ERROR"] == 2
    assert document["grades"]["hook"] == {"passed": 1, "tested": 1}
    assert document["monitors"][0]["id"] == "run-monitor-unattributed"


def test_a_message_names_its_octets_and_does_not_hold_them(document: dict[str, Any]) -> None:
    """The ledger is the one place of the octets."""
    message = document["features"][0]["scenarios"][0]["messages"][1]
    assert message["blob"] == f"blobs/ab/{build.SHA}"
    assert "text" not in message["parts"][0]
    assert "head" not in message


def test_no_lone_surrogate_reaches_the_file(tmp_path: Path) -> None:
    """The file is UTF-8 that any reader takes, whatever a message held."""
    text = results.write(build.everything(), tmp_path).read_bytes().decode("utf-8")
    assert "\\ud800" not in text.lower()


def test_a_pass_by_hook_says_so(document: dict[str, Any]) -> None:
    """The verdict for people is never a plain PASS for a hook or an attested finding, and the schema insists."""
    graded = next(one for one in document["features"][0]["scenarios"] if one["case"] == "EHR-20")
    assert [one["verdict"] for one in graded["findings"][:3]] == ["PASS", "PASS (by hook)", "PASS (attested)"]
    graded["findings"][1]["verdict"] = "PASS"
    assert not results.validator().is_valid(document)


@pytest.mark.parametrize("member", ["format", "ledger", "features", "verdicts"])
def test_a_document_without_its_essentials_is_refused(document: dict[str, Any], member: str) -> None:
    """The schema is strict: nothing essential may be missing, nothing unknown may be added."""
    assert not results.validator().is_valid({name: value for name, value in document.items() if name != member})
    assert not results.validator().is_valid({**document, "surprise": 1})


def test_not_tested_without_a_reason_is_our_bug(tmp_path: Path) -> None:
    """NOT_TESTED always has its reason; a run that forgot it is not written."""
    silent = build.scenario("A", build.finding(Outcome.NOT_TESTED, reason=""))
    with pytest.raises(jsonschema.ValidationError):
        results.write(build.run(silent), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_empty_run_is_a_valid_document() -> None:
    """A run that selected nothing can still be reported."""
    results.validator().validate(results.dump(build.run()))


def test_words_of_both_weak_grades_fit_the_schema() -> None:
    """A scenario that passed by hook and by a person's word is still a valid document."""
    weak = build.finding(Outcome.PASS, grade=Grade.HOOK)
    view = build.scenario("A", weak, replace(weak, grade=Grade.ATTESTED), build.finding(Outcome.PASS))
    document = results.dump(build.run(view))
    results.validator().validate(document)
    assert document["features"][0]["scenarios"][0]["verdict"] == "PASS (part by hook and attested)"
