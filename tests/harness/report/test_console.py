"""The console: plain lines in CI, a live line on a terminal, and a summary that tells what to do next."""

import io
from pathlib import Path

import pytest

from harness.report.console import BLOCKS, Console
from harness.report.model import RunView
from harness.report.tally import scenarios
from harness.verdict import Outcome
from tests.harness.report import build


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def _told(run: RunView, stream: io.StringIO, *, colour: bool = True) -> str:
    console = Console(stream, colour)
    for view in scenarios(run):
        console.scenario_finished(view)
    console.summary(run, Path("run/report.html"))
    return stream.getvalue()


def test_ci_gets_one_plain_line_a_scenario() -> None:
    """No escape, no carriage return, one line each with verdict and case."""
    stream = io.StringIO()
    console = Console(stream)
    for view in scenarios(build.everything()):
        console.scenario_finished(view)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 13
    assert lines[1].split()[:2] == ["FAIL", "EHR-02"]
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()


def test_a_terminal_gets_a_live_line_and_only_what_wants_a_look() -> None:
    """A scenario that passed moves the live line and leaves no line behind."""
    stream = Terminal()
    console = Console(stream)
    console.scenario_finished(build.scenario("EHR-07", build.finding(Outcome.PASS)))
    console.scenario_finished(build.scenario("EHR-02", build.finding(Outcome.FAIL)))
    assert "1 done, 0 red, last ✓ EHR-07 in 1.250 s\r\x1b[2K" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("2 done, 1 red, last ✕ EHR-02 in 1.250 s")


def test_a_red_finding_is_one_red_line_and_then_the_facts() -> None:
    """Colour is on the first line only, and the word stands there without it, too."""
    told = _told(build.run(build.scenario("EHR-02", build.finding(Outcome.FAIL))), Terminal())
    (line,) = [line for line in told.splitlines() if "FAIL TD30.1, S67: The EHR request" in line]
    assert line.startswith("\x1b[1;31m")


@pytest.mark.parametrize("how", ["argument", "environment", "empty"])
def test_no_colour_means_none(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """By argument or by NO_COLOR, unless that is empty."""
    monkeypatch.setenv("NO_COLOR", "1" if how == "environment" else "")
    told = _told(build.run(build.scenario("A", build.finding(Outcome.FAIL))), Terminal(), colour=how != "argument")
    assert ("\x1b[1;31m" in told) is (how == "empty")


def test_the_block_says_everything_needed_to_act() -> None:
    """Expected, actual, where, why, the exact octets, the link, and the command for this scenario alone."""
    told = _told(build.run(build.scenario("EHR-02", build.finding(Outcome.FAIL))), io.StringIO())
    for said in (
        "expected   X90001",
        "actual     X90002",
        "where      entry 2, part 1, line 3, byte 120",
        "why        TD30.1, S67 (published id); seen on the wire",
        f"octets     blobs/ab/{build.SHA} (ledger entry 2)",
        "report     run/report.html#s-ehr-02",
        "run alone  gp2gp run --only EHR-02",
    ):
        assert f"  {said}" in told


def test_the_summary_counts_and_ends_with_review() -> None:
    """Verdicts, grades, report, ledger head; and REVIEW on the very last line, also when there is none."""
    told = _told(build.everything(), io.StringIO())
    for said in ("hook           1 of 1 findings passed", "report       run/report.html", f"ledger head  {build.HEAD}"):
        assert said in told
    assert told.splitlines()[-1] == "exit 3, 2 REVIEW: a person decides them"
    clean = _told(build.run(build.scenario("A", build.finding(Outcome.PASS))), io.StringIO())
    assert clean.splitlines()[-1] == "exit 0, 0 REVIEW"


def test_nothing_run_does_not_look_like_success() -> None:
    """An empty run says that no evidence is never a pass."""
    assert "no evidence is never a pass" in _told(build.run(), io.StringIO())


def test_hostile_text_cannot_command_a_terminal() -> None:
    """An escape in a message reaches a terminal as a picture of itself."""
    told = _told(build.everything(), io.StringIO())
    assert "\x1b" not in told
    assert "␛[31m" in told


def test_a_poor_encoding_does_not_stop_the_run() -> None:
    """A CI log in ASCII gets escapes instead of an exception."""
    octets = io.BytesIO()
    stream = io.TextIOWrapper(octets, encoding="ascii")
    Console(stream).scenario_finished(build.scenario("A", build.finding(Outcome.PASS), name="Zoë’s record"))
    stream.flush()
    assert b"Zo\\xeb\\u2019s record" in octets.getvalue()


def test_a_flood_of_failures_is_cut() -> None:
    """The first blocks say it all; the rest is counted and in the report."""
    bad = [build.scenario(f"A-{number}", build.finding(Outcome.FAIL)) for number in range(BLOCKS + 5)]
    told = _told(build.run(*bad), io.StringIO())
    assert told.count("run alone") == BLOCKS
    assert "... 5 more red findings are in the report" in told
