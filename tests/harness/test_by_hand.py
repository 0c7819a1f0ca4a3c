"""Runs by hand and through a program, over real sockets: a person at a real terminal, a stop in the middle, a shell adaptor."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pexpect
import pytest

from harness import diffing, verifying, worksheet
from harness.rig import environment, python_command
from simulator import ledger
from tests.harness.apart import Person, System
from tests.tree import ROOT

pytestmark = [
    pytest.mark.socket,
    # A terminal is opened by forking, and Python 3.12 warns of that where there are threads; the child becomes another program.
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning"),
]
PATIENCE = 240  # seconds after which something that must come has failed
QUESTION = re.compile(r"\[(\d+), ([\w-]+)\] ([^\[]*?)\r\nAnswer \(([^)]*)\): ?")
# Ten cases in four groups: seven that need no condition, and one each for three conditions.
TEN = (
    "a-patient-registers",
    "the-record-is-integrated",
    "the-user-rejects-the-record-of-a-new-patient",
    "the-request-is-refused-not-enabled",
    "the-record-is-sent",
    "the-extract-is-refused-with-09",
    "the-integration-fails",
    "the-user-keeps-the-practice-s-own-record",
    "gp2gp-is-not-enabled",
    "the-extract-cannot-be-generated",
)


def _heeds_ctrl_c() -> None:
    """As at a terminal, whoever started the tests: what a shell runs in the background ignores Ctrl-C, and so would we."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """``gp2gp`` at a terminal, with a person before it."""

    def __init__(self, system: System, *arguments: str, person: Person | None = None) -> None:
        self.person = person or Person(system)
        program, *line = python_command(*arguments)
        where = {**environment(), "TERM": "dumb"}
        self.child: Any = pexpect.spawn(
            program,
            line,
            cwd=system.profile.parent,
            env=where,
            encoding="utf-8",
            timeout=PATIENCE,
            echo=False,
            preexec_fn=_heeds_ctrl_c,
        )

    def question(self) -> tuple[str, str] | None:
        """The next question, as case and task; ``None`` when there is none any more."""
        if self.child.expect([QUESTION, pexpect.EOF]) == 1:
            return None
        return self.child.match[2], self.child.match[3].replace("\r\n", "\n")

    def work(self) -> None:
        """Do everything that is asked."""
        while question := self.question():
            self.child.sendline(self.person.do(*question))

    def ended(self) -> int:
        """The exit code, once it has ended."""
        self.child.close()
        return int(self.child.exitstatus)

    def kill(self) -> None:
        """End every process of it at once, as a machine that loses its power does. The system goes on."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.expect(pexpect.EOF)
        self.child.close()

    def until(self, case: str, task: str) -> tuple[str, str]:
        """Do what is asked until this is asked, which is left undone."""
        while question := self.question():
            if question[0] == case and question[1].startswith(task):
                return question
            self.child.sendline(self.person.do(*question))
        raise AssertionError(f"{task} of {case} was never asked")


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def only(cases: tuple[str, ...]) -> list[str]:
    return [word for case in cases for word in ("--only", case)]


def verdicts(run: Path) -> list[tuple[str, str]]:
    """Every scenario's verdict, as the results say it."""
    told = json.loads((run / "results.json").read_text("utf-8"))
    return [(each["case"], each["outcome"]) for feature in told["features"] for each in feature["scenarios"]]


BEGIN = ("run", "--sut", "manual.toml", "--out", "run", *only(TEN))


def in_one_go(home: Path) -> Person:
    """Do the whole worksheet at one terminal; the person who did."""
    with System(folder(home), "manual.toml") as system:
        terminal = Terminal(system, *BEGIN)
        terminal.work()
        assert terminal.ended() == 0
        return terminal.person


def with_two_stops(home: Path) -> Person:
    """Do it with two stops; the person who did.

    The first is Ctrl-C in the middle of a transfer, the second the sudden end of every process while a condition is set.
    """
    with System(folder(home), "manual.toml") as system:
        first = Terminal(system, *BEGIN)
        at = first.until("the-user-rejects-the-record-of-a-new-patient", "For NHS number")
        first.child.sendintr()
        first.child.expect_exact("Go on with: gp2gp run --resume run")
        first.child.expect(pexpect.EOF)
        assert first.ended() == 130

        second = Terminal(system, "run", "--resume", "run", person=first.person)
        assert second.question() == at, "what was asked is asked again"
        second.child.sendline(second.person.do(*at))
        at = second.until("gp2gp-is-not-enabled", "Take the condition")
        second.kill()

        third = Terminal(system, "run", "--resume", "run", person=first.person)
        assert third.question() == at
        assert (home / "run" / worksheet.FILE).read_text("utf-8").count("Finished: nothing more to do.") == 8
        third.child.sendline(third.person.do(*at))
        third.work()
        assert third.ended() == 0, verdicts(home / "run")
        return first.person


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same ten cases at two terminals: the folder of the run in one go, and of the one that was stopped twice."""
    home = tmp_path_factory.mktemp("terminals")
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(in_one_go, home / "whole")
        told = with_two_stops(home / "stopped").told
        assert told == beside.result().told, "the same questions, each answered once"
    return home / "whole" / "run", home / "stopped" / "run"


def test_a_worksheet_that_was_stopped_is_finished_as_if_nobody_had_stopped_it(both: tuple[Path, Path]) -> None:
    """Nothing that was answered is asked again, the ledger goes on with its chain, and the verdicts are the same."""
    whole, stopped = both
    assert verdicts(stopped) == verdicts(whole) == [(case, "PASS") for case, _ in verdicts(whole)]
    assert len(verdicts(whole)) == len(TEN)
    assert list(diffing.differences(whole, stopped)) == []
    assert [verifying.command(run, (run / "head.txt").read_text("ascii").strip()) for run in both] == [0, 0]
    assert sum(entry.kind == "run.resumed" for entry in ledger.read(stopped)) == 2


def test_what_a_person_says_is_attested(both: tuple[Path, Path]) -> None:
    """In a whole small transfer by hand, no report calls what only the person has seen a plain PASS."""
    called = [entry.data for entry in ledger.read(both[0]) if entry.kind == "hook.called"]
    mine = [data for data in called if data["sent"]["case"] == "the-record-is-integrated" and data["outcome"] == "done"]
    said = [(data["verb"], data["grade"]) for data in mine]
    assert said == [("register", "attested"), ("decide", "attested"), ("state", "attested")]
    grades = json.loads((both[0] / "results.json").read_text("utf-8"))["grades"]
    assert grades["attested"]["passed"] > 0
    assert grades["hook"]["tested"] == 0


def test_a_shell_adaptor_drives_whole_transfers(tmp_path: Path) -> None:
    """The example as it is, in both roles: what the system is told to do, and what it shows, goes through one line each."""
    with System(tmp_path, "command.toml") as system:
        shutil.copy(ROOT / "examples" / "adaptor.sh", tmp_path)
        both = only(("the-record-is-integrated", "the-record-is-sent"))
        command = python_command("run", "--sut", system.profile.name, "--out", "run", *both)
        ran = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    called = [entry.data for entry in ledger.read(tmp_path / "run") if entry.kind == "hook.called"]
    assert {data["verb"] for data in called} >= {"register", "decide", "state", "hold"}
    assert {(data["outcome"], data["grade"]) for data in called} == {("done", "hook")}
