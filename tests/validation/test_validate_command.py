"""``gp2gp validate``: its exit codes, and what it writes for people and for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from lxml import etree

from harness import cli
from harness.rules import RULES
from harness.validation import exports
from harness.validation.command import Progress
from harness.validation.found import Item
from tests.shared import SHARED, needs_shared
from tests.validation import forms
from tests.wire.received import swap

GOOD = forms.hl7()
# A MUST that is broken, on its own line.
BAD = GOOD.replace(b"<availabilityTime ", b"\n<availableTime ", 1)
UNUSABLE = b"\x1f\x8b\x08"
WARNING = forms.envelope().replace(b"eb:id=", b"eb:name=", 1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user stands: a good message, a bad one, and a file that is none."""
    monkeypatch.chdir(tmp_path)
    Path("messages").mkdir()
    for name, octets in {"bad.xml": BAD, "good.xml": GOOD, "notes.txt": b"no message"}.items():
        Path("messages", name).write_bytes(octets)
    return Path("messages")


def validate(*arguments: str | Path, data: bytes = b"") -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.main, ["validate", *map(str, arguments)], input=data)


def as_json(*arguments: str | Path) -> dict[str, Any]:
    """The JSON, which keeps to its schema."""
    result = validate(*arguments, "--json")
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(document, exports.schema())
    return document


def test_a_good_message_ends_with_0(folder: Path) -> None:
    """And one line."""
    result = validate(folder / "good.xml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "messages/good.xml (HL7 message, RCMR_IN030000UK06): PASS",
        "1 in all: 1 PASS",
    ]


def test_a_bad_message_ends_with_1(folder: Path) -> None:
    """And says what, where, and what to do."""
    result = validate(folder / "bad.xml")
    assert result.exit_code == 1
    line = 1 + BAD[: BAD.index(b"<availableTime")].count(b"\n")
    shown = [" ".join(each.split()) for each in result.stdout.splitlines()]
    assert any(each.startswith("FAIL S232, X-schema: a message keeps to the schema") for each in shown)
    assert f"where messages/bad.xml:{line}" in shown
    for name in ("XPath /RCMR_IN030000UK06/", "expected ", "found availableTime", "cause unknown element", "remedy "):
        assert any(each.startswith(name) for each in shown), name


def test_a_message_with_warnings_alone_ends_with_0(folder: Path) -> None:
    """They are told."""
    (folder / "warning.xml").write_bytes(WARNING)
    result = validate(folder / "warning.xml")
    assert "WARN" in result.stdout
    assert result.exit_code == (1 if "FAIL" in result.stdout else 0)


def test_standard_input_is_a_file_like_any(folder: Path) -> None:
    """Named ``-``."""
    result = validate("-", data=BAD)
    assert result.exit_code == 1
    assert "- (HL7 message, RCMR_IN030000UK06)" in result.stdout


def test_a_folder_tells_of_each_file(folder: Path) -> None:
    """What is no message is told as that, and decides nothing."""
    result = validate(folder)
    assert result.exit_code == 1
    assert "messages/notes.txt: NO MESSAGE: it is neither XML" in result.stdout
    assert result.stdout.splitlines()[-1] == "3 in all: 1 FAIL, 1 PASS, 1 NO MESSAGE"
    (folder / "bad.xml").unlink()
    assert validate(folder).exit_code == 0


def test_a_file_that_could_not_be_judged_is_no_success(folder: Path) -> None:
    """No evidence is never a pass."""
    (folder / "bad.xml").write_bytes(UNUSABLE)
    result = validate(folder)
    assert result.exit_code == 2
    assert "messages/bad.xml: UNREADABLE: " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.xml",), "nothing.xml does not exist."),
        (("messages/notes.txt",), "messages/notes.txt cannot be validated: it is neither"),
        (("empty",), "empty holds no file to validate."),
        (("texts",), "texts holds no message that can be validated; of texts/a.txt: it is neither"),
        (("messages", "--mim", "texts"), "texts holds no RCMR_IN010000UK05.xsd"),
        (("messages", "--out", "empty/no/x"), "empty/no/x cannot be written: No such file"),
        (("messages", "--profile", "3.0"), "is not one of '1.1a'"),
    ],
)
def test_bad_input_is_one_sentence_and_2(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """With nothing on the standard output."""
    Path("empty").mkdir()
    Path("texts").mkdir()
    Path("texts", "a.txt").write_bytes(b"no message")
    result = validate(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_fault_of_spine_is_not_judged(folder: Path) -> None:
    """It is Spine's own."""
    from tests.wire.received import FAULT

    result = validate("-", data=FAULT.encode())
    assert result.exit_code == 2
    assert "SOAP fault" in result.stderr


def test_colours_are_for_terminals_and_never_with_no_color(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """no-color.org."""
    arguments = ["validate", str(folder)]
    assert "\x1b[" in CliRunner().invoke(cli.main, arguments, color=True).stdout
    assert "\x1b[" not in CliRunner().invoke(cli.main, arguments).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(cli.main, arguments, color=True).stdout


def test_out_takes_the_same_text_without_colours(folder: Path) -> None:
    """And the standard output stays empty."""
    said = validate(folder).stdout
    result = validate(folder, "--out", "result.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert Path("result.txt").read_text("utf-8") == said


def test_many_places_of_one_rule_are_cut_short_for_people_alone(folder: Path) -> None:
    """JSON has them all."""
    many = GOOD.replace(b'<availabilityTime value="2', b'<availabilityTime value="X2')
    (folder / "many.xml").write_bytes(many)
    findings = as_json(folder / "many.xml")["files"][0]["findings"]
    count = sum(each["rule"] == "X-schema" for each in findings)
    assert count > 5
    assert f"X-schema: {count - 5} more places" in validate(folder / "many.xml").stdout


def test_json_has_every_file_and_keeps_to_its_schema(folder: Path) -> None:
    """Also with something of each kind in it."""
    (folder / "unusable.xml").write_bytes(UNUSABLE)
    document = as_json(folder)
    assert document["summary"] == {"files": 4, "verdicts": {"FAIL": 1, "NO MESSAGE": 1, "PASS": 1, "UNREADABLE": 1}}
    bad = document["files"][0]
    assert (bad["name"], bad["verdict"], bad["official"]) == ("messages/bad.xml", "FAIL", None)
    finding = next(each for each in bad["findings"] if each["rule"] == "X-schema")
    assert finding["file_line"] == 1 + BAD[: BAD.index(b"<availableTime")].count(b"\n")


def test_control_characters_of_a_message_never_reach_the_terminal(folder: Path) -> None:
    """What stands in a message is told in safe characters."""
    hostile = swap(GOOD.decode(), '<availabilityTime value="', '<availabilityTime value="\u202e\u009b31m').encode()
    (folder / "bad.xml").write_bytes(hostile)
    for form in ((), ("--json",), ("--sarif",), ("--junit",)):
        shown = validate(folder / "bad.xml", *form).stdout
        assert not {"\u202e", "\u009b"} & set(shown), form


def test_sarif_has_what_code_scanning_needs(folder: Path) -> None:
    """SARIF 2.1.0: version, one run, each result with its rule, its level and a place in the repository."""
    log = json.loads(validate(folder, "--sarif").stdout)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert set(RULES) <= {each["id"] for each in rules}
    for each in rules:
        assert each["shortDescription"]["text"]
        assert each["help"]["text"]
        assert each["defaultConfiguration"]["level"] in ("error", "warning", "none")
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert (result["kind"], result["level"]) in {("fail", "error"), ("fail", "warning"), ("review", "none")}
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"] == {"uri": "messages/bad.xml"}
        assert place["physicalLocation"]["region"]["startLine"] > 0
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_says_what_could_not_be_judged(folder: Path) -> None:
    """Otherwise no results would look like success."""
    (folder / "bad.xml").write_bytes(UNUSABLE)
    (invocation,) = json.loads(validate(folder, "--sarif").stdout)["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert "gzip" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_points_outside_the_folder_by_a_whole_address(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With blanks escaped."""
    file = tmp_path_factory.mktemp("else where") / "bad one.xml"
    file.write_bytes(BAD)
    result = json.loads(validate(file, "--sarif").stdout)["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///")
    assert uri.endswith("bad%20one.xml")


def test_junit_has_a_case_for_each_file(folder: Path) -> None:
    """Failed, passed, skipped, in error."""
    (folder / "unusable.xml").write_bytes(UNUSABLE)
    suite = etree.fromstring(validate(folder, "--junit").stdout.encode())[0]
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["4", "1", "1", "1"]
    failure = suite.find("testcase[@name='messages/bad.xml']/failure")
    assert failure is not None
    assert "X-schema" in str(failure.text)
    assert suite.find("testcase[@name='messages/good.xml']") is not None


def test_progress_is_shown_on_terminals_when_it_takes_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never of one file, never into a file, never before two seconds are over."""
    now = [0.0]
    monkeypatch.setattr("harness.validation.command.time.monotonic", lambda: now[0])

    def told(*, files: int, terminal: bool, seconds: float) -> str:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
        now[0] = 0.0
        progress = Progress(files)
        now[0] = seconds
        progress.step(Item("a", "a", None))
        progress.end()
        return capsys.readouterr().err

    assert "validated 1 of 3 files" in told(files=3, terminal=True, seconds=2.1)
    assert told(files=3, terminal=True, seconds=1.9) == ""
    assert told(files=3, terminal=False, seconds=9.0) == ""
    assert told(files=1, terminal=True, seconds=9.0) == ""


@pytest.mark.shared
@needs_shared
def test_all_published_samples_get_a_verdict() -> None:
    """All 72, with the official verdict beside ours."""
    assert SHARED is not None
    document = as_json(SHARED / "samples", "--mim", SHARED / "mim")
    judged = [each for each in document["files"] if each["verdict"] != "NO MESSAGE"]
    assert len(judged) == 72
    assert not [each["name"] for each in judged if each["verdict"] == "UNREADABLE"]
    assert not [each["name"] for each in judged if each["official"]["verdict"] == "none"]
    differ = [each["name"] for each in judged for f in each["findings"] if f["rule"] == "X-official"]
    assert differ == [], "a sample that the official schema refuses and ours does not"
