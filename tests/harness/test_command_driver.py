"""The command driver: one line of JSON in, one out, and one clear sentence for every program that does otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.drivers import command
from harness.drivers.base import DriverTrouble
from harness.drivers.command import CommandDriver

pytestmark = pytest.mark.socket

# What a program does with each line: it is told by the verb, and echoes the line that it was given.
GOOD = """
import json, sys
for line in sys.stdin:
    verb = json.loads(line)["verb"]
    status = {"capabilities": 200, "decide": 409, "resend": 501}.get(verb, 200)
    body = {"error": "nothing to decide"} if status == 409 else {"verbs": ["decide", "resend", "state"], "line": line}
    print(json.dumps({"status": status, "body": body}), flush=True)
"""
ANSWER = 'print(\'{"status": 200, "body": {"verbs": ["state"]}}\', flush=True)'
Made = Callable[..., CommandDriver]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """Makes drivers of small programs, and lets go of them."""
    drivers = []

    def make(text: str, seconds: float = 30.0) -> CommandDriver:
        drivers.append(CommandDriver((sys.executable, "-c", text), tmp_path / "adaptor.log", seconds))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.stop()


def test_each_verb_is_one_line_and_its_answer_another(made: Made) -> None:
    """A shell can take the request apart: the verb first, the body last, nothing between, all of it ASCII."""
    driver = made(GOOD)
    driver.start()
    called = driver.call("state", {"case": "c", "name": "Zoë"})
    assert called.outcome == "done"
    assert called.result["line"] == '{"verb":"state","body":{"case":"c","name":"Zo\\u00eb"}}\n'


def test_what_the_program_does_not_offer_and_what_it_refuses(made: Made) -> None:
    """A verb that is not among its own is not even asked; 501 says the same, and another status is a failure with its reason."""
    driver = made(GOOD)
    driver.start()
    assert driver.call("settle", {}).outcome == "not offered"
    assert driver.call("resend", {}).outcome == "not offered"
    refused = driver.call("decide", {})
    assert (refused.outcome, refused.error) == ("failed", "the hook 'decide' answered 409 nothing to decide")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys; input(); sys.exit('I am broken')", "ended with exit code 1; its last words: I am broken"),
        ("", "ended with exit code 0; its last words: nothing"),
        ("input(); print('not JSON', flush=True); input()", "did not answer with .*: 'not JSON'"),
        ("input(); print('[1]', flush=True); input()", r"did not answer with .*: '\[1\]'"),
        ("input(); print('{\"status\": true}', flush=True); input()", "did not answer with"),
        ("input(); print('{}', flush=True); input()", "did not answer with"),
        ("input(); print('[' * 9999, flush=True); input()", "did not answer with"),
        (f"input(); print('x' * {command.LIMIT + 1}, flush=True); input()", "more than 1048576 octets"),
        ("while True: print('{}')", "a line that nobody asked for: '{}'|did not answer"),
        ("input(); print('{\"status\": 200', end='', flush=True)", "ended with exit code 0"),
    ],
)
def test_a_program_that_does_otherwise_is_one_sentence(made: Made, text: str, said: str) -> None:
    """It names the program and what it did, and no run begins."""
    with pytest.raises(DriverTrouble, match=f"(?s)The program .*{said}.*correct it, or driver.command"):
        made(text).start()


def test_a_silent_program_is_given_up_after_the_profiles_seconds(made: Made) -> None:
    """With what it has started: a shell that waits for something that does not end."""
    driver = made("import subprocess; subprocess.run(['sleep', '600'])", seconds=0.2)
    called = driver.call("register", {})
    assert called.outcome == "failed"
    assert "asked for 'register'" in called.error
    assert called.error.endswith("gave no answer within 0.2 s")


def test_a_program_that_does_not_read_is_given_up_too(made: Made) -> None:
    """A request that is larger than what a pipe takes hangs nobody."""
    driver = made("import subprocess; subprocess.run(['sleep', '600'])", seconds=0.2)
    assert "gave no answer" in driver.call("hold", {"record": "x" * 1_000_000}).error


def test_after_a_breach_the_program_is_started_anew(made: Made, tmp_path: Path) -> None:
    """Where its answers stand in its output is not known any more; the next call is answered by a new one."""
    done = tmp_path / "done"
    text = f"import pathlib\ndone = pathlib.Path({str(done)!r})\nfirst = not done.exists()\ndone.touch()\n"
    driver = made(f"{text}while input():\n  print('hm', flush=True) if first else {ANSWER}")
    assert driver.call("state", {}).outcome == "failed"
    assert driver.call("state", {}).outcome == "done"
    assert driver.call("state", {}).outcome == "done"


def test_a_line_that_nobody_asked_for_is_no_answer_to_the_next_call(made: Made) -> None:
    """Two lines for one request: whose the second is, nobody knows."""
    driver = made(f"while input():\n  {ANSWER}\n  {ANSWER}")
    driver.start()
    assert driver._program is not None
    while driver._program._lines.empty():  # the second line is on its way: its thread will bring it
        assert driver._program._process.poll() is None
    called = driver.call("state", {})
    assert (called.outcome, "a line that nobody asked for" in called.error) == ("failed", True)


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """Its name, and what to correct."""
    driver = CommandDriver(("no-such-program", "x"), tmp_path / "adaptor.log", 1.0)
    with pytest.raises(DriverTrouble, match=r"no-such-program x .*cannot be started \(No such file.*driver.command"):
        driver.start()
