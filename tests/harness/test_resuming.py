"""Taking up a run: what it needs stands in its folder, and what cannot be taken up is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import cli, resuming, staging
from harness.drivers.base import Called
from harness.profile import Profile
from harness.staging import Order
from simulator import ledger
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.replay import Replay
from simulator.protocol.settings import Behaviour
from simulator.shell import clock
from tests.harness import played
from tests.harness.test_cli import gp2gp

AT = "2026-11-24T12:00:00.000Z"
PROFILE: dict[str, Any] = {
    "product": {"name": "a system"},
    "practice": {"ods": "X90001", "asid": "999000000001", "party_key": "X90001-900001", "endpoint": "https://x/"},
    "driver": {"kind": "manual"},
}
ORDER = {"jobs": 3, "strict": True, "command": "c", "again": "a", "mim": "", "register": "r.json"}
OPENED = {"profile": PROFILE, "seed": 7, "run": 4, "only": ["x"], "order": ORDER}
LISTENING = {
    "spine": "https://localhost:4001",
    "services": "http://127.0.0.1:4002",
    "port": 4001,
    "services_port": 4002,
}


def begun(folder: Path, *more: tuple[str, str, dict[str, Any]], opened: dict[str, Any] | None = None) -> Path:
    """The folder of a run that was begun, with more entries."""
    written = ledger.Ledger(folder)
    cast = ledger.Blobs(folder).put(b"[]")
    rows = [("run.opened", "", OPENED if opened is None else opened), ("run.listening", "", LISTENING)]
    written.extend([*rows, ("run.cast", "", {"blob": cast}), *more], AT)
    written.close()
    return folder


def test_the_order_is_the_one_that_the_run_was_begun_with(tmp_path: Path) -> None:
    """On the ports that the system was told, whatever the profile says."""
    order = resuming.order(begun(tmp_path))
    assert (order.seed, order.run, order.only, order.jobs, order.strict) == (7, 4, ("x",), 3, True)
    assert (order.command, order.again, order.mim, order.resume) == ("c", "a", None, True)
    assert order.register == Path("r.json")
    assert (order.profile.spine.port, order.profile.spine.services_port) == (4001, 4002)
    assert order.profile.practice == Profile.model_validate(PROFILE).practice


def called(case: str, step: int, holds: str, outcome: str = "done") -> tuple[str, str, dict[str, Any]]:
    """The entry of a question that was put."""
    data = {
        "verb": "decide",
        "step": step,
        "outcome": outcome,
        "result": {"holds": holds},
        "error": "",
        "grade": "attested",
    }
    return "hook.called", case, data


def test_what_has_happened_is_read_from_the_ledger(tmp_path: Path) -> None:
    """Cases that are open and closed, what was answered, the condition that is set, and what was entered."""
    found = {"check": "C"}
    past = resuming.past(
        begun(
            tmp_path,
            *(("case.opened", "one", {}), called("one", 0, ""), ("case.closed", "one", {})),
            *(("check.found", "one", found), ("case.opened", "two", {}), called("two", 2, "disabled", "failed")),
        )
    )
    assert (set(past.opened), set(past.closed), past.holds) == ({"one", "two"}, {"one"}, "disabled")
    assert past.answers["two", 2] == Called("failed", {"holds": "disabled"}, "", "attested")
    assert past.entered == {resuming.entered("check.found", "one", found)}


def no_ledger(folder: Path) -> None:
    (folder / ledger.LEDGER).unlink()


def finished(folder: Path) -> None:
    (folder / "head.txt").write_text("0\n", "ascii")


def of_the_reference_practice(folder: Path) -> None:
    no_ledger(folder)
    begun(folder, opened={**OPENED, "profile": {**PROFILE, "driver": {"kind": "reference"}}})


def of_another_version(folder: Path) -> None:
    no_ledger(folder)
    begun(folder, opened={**OPENED, "profile": {**PROFILE, "speed": 2}})


def touched(folder: Path) -> None:
    lines = (folder / ledger.LEDGER).read_bytes()
    (folder / ledger.LEDGER).write_bytes(lines.replace(b'"seed":7', b'"seed":8'))


def no_json(folder: Path) -> None:
    (folder / ledger.LEDGER).write_text("hello\n", "utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (no_ledger, "holds no run that can be taken up"),
        (no_json, "holds no run that can be taken up"),
        (of_another_version, "this version has begun"),
        (touched, "its ledger is not whole (line 2"),
        (finished, "is finished; its report is"),
        (of_the_reference_practice, "the reference practice ended with it"),
    ],
)
def test_a_run_that_cannot_be_taken_up_is_one_sentence(
    tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    """The folder, and why; exit code 2."""
    change(begun(tmp_path))
    result = gp2gp("run", "--resume", str(tmp_path))
    assert result.exit_code == cli.BAD_INPUT
    assert said in result.stderr
    assert str(tmp_path) in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume", "run", "--seed", "2", "--strict"), "leave out --seed, --strict"),
        ((), "--resume"),
    ],
)
def test_the_command_line_names_a_profile_or_a_run(arguments: tuple[str, ...], said: str) -> None:
    """And with a run nothing that it has settled already."""
    result = gp2gp("run", *arguments)
    assert result.exit_code == cli.BAD_INPUT
    assert said in result.stderr


@pytest.mark.socket
def test_a_whole_run_is_decided_again_as_it_was() -> None:
    """Every entry that Spine wrote in a run of clean and mutated practices follows from what happened, octets and ids too."""
    played.findings()
    opened = next(entry.data for entry in ledger.read(played.RUN) if entry.kind == "run.opened")
    order = Order(Profile.model_validate(opened["profile"]), played.RUN, opened["seed"], opened["run"])
    hub = Hub(Directory(), PatientIndex(), Behaviour(), bytes.fromhex(staging._key(order)))
    left = Replay(hub, ledger.Blobs(played.RUN).get).take_up(ledger.read(played.RUN), clock.now())
    assert left == []
    assert hub.stage.briefs() == []
