"""Drivers: what becomes of a hook call, over HTTP and by a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from harness.drivers.base import DriverTrouble
from harness.drivers.http import HttpDriver
from harness.drivers.manual import ManualDriver, Place

BASE = "http://sut.invalid/hooks"


@responses.activate
def test_a_verb_that_the_system_does_not_name_is_not_offered() -> None:
    responses.post(f"{BASE}/capabilities", json={"verbs": ["register"]})
    driver = HttpDriver(BASE, 1.0)
    driver.start()
    assert driver.call("settle", {"case": "c"}).outcome == "not offered"


@responses.activate
@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_verb_that_the_system_answers_so_is_not_offered(status: int) -> None:
    responses.post(f"{BASE}/settle", status=status, json={})
    assert HttpDriver(BASE, 1.0).call("settle", {"case": "c"}).outcome == "not offered"


@responses.activate
def test_a_call_that_fails_says_why() -> None:
    responses.post(f"{BASE}/decide", status=409, json={"error": "nothing to decide"})
    called = HttpDriver(BASE, 1.0).call("decide", {"case": "c"})
    assert (called.outcome, called.error) == ("failed", "the hook 'decide' answered 409 nothing to decide")


@responses.activate
def test_an_answer_that_is_no_json_object_is_a_failure_and_no_exception() -> None:
    responses.post(f"{BASE}/state", body="<html/>")
    assert HttpDriver(BASE, 1.0).call("state", {"case": "c"}).outcome == "failed"
    responses.replace(responses.POST, f"{BASE}/state", json=[1])
    assert HttpDriver(BASE, 1.0).call("state", {"case": "c"}).outcome == "failed"


@responses.activate
def test_a_system_that_is_not_there_is_one_sentence_that_names_it() -> None:
    with pytest.raises(DriverTrouble, match=r"sut\.invalid.*start the system under test"):
        HttpDriver(BASE, 1.0).start()


@pytest.mark.parametrize(
    ("said", "outcome"), [("y", "done"), ("YES ", "done"), ("n", "failed"), ("", "failed"), ("it crashed", "failed")]
)
def test_a_persons_word_is_recorded_as_attested(said: str, outcome: str) -> None:
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return said

    body = {"case": "c-1", "nhs_number": "9990000018", "decision": "integrate"}
    called = ManualDriver(ask).call("decide", body)
    assert (called.outcome, called.grade) == (outcome, "attested")
    assert "9990000018" in asked[0]
    assert "integrate" in asked[0]
    assert said.strip() in called.error or outcome == "done"


@pytest.mark.parametrize("verb", ["settle", "clock", "filed", "reset", "capabilities", "dance"])
def test_what_no_person_can_do_is_not_offered(verb: str) -> None:
    driver = ManualDriver(lambda text: pytest.fail("nobody is to be asked"))
    assert driver.call(verb, {"case": "c"}).outcome == "not offered"
    assert verb not in driver.start()["verbs"]
    assert driver.call("configure", {"case": "c", "condition": "mutation", "value": "x"}).outcome == "not offered"


@pytest.mark.parametrize(
    ("verb", "said", "result"),
    [
        ("state", "Integrated", {"state": "integrated"}),
        ("state", "it looks fine", None),
        ("state", "y", None),
        ("notices", "none", {"notices": []}),
        ("notices", "06 No; 07", {"notices": [{"code": "06", "text": "No"}, {"code": "07", "text": ""}]}),
        ("notices", "perhaps 06", None),
        ("notices", "", None),
    ],
)
def test_what_a_person_has_seen_is_given_back_as_a_hook_would(
    verb: str, said: str, result: dict[str, object] | None
) -> None:
    """In the words of the contract; what is no answer to the question is not taken for one."""
    called = ManualDriver(lambda text: said).call(verb, {"case": "c", "nhs_number": "9990000018"})
    if result is None:
        assert (called.outcome, called.error) == ("failed", f"the person at the system said: {said or 'nothing'}")
    else:
        assert called.outcome == "done"
        assert called.result == {"attested": said, "holds": "", **result}


class Asked:
    """A person who says yes, and what they were asked; ``no`` is part of a question that they say no to."""

    def __init__(self, no: str = "nothing like this") -> None:
        self.no, self.questions = no, list[str]()

    def __call__(self, text: str) -> str:
        self.questions.append(text)
        return "cannot do that" if self.no in text else "y"


def grouped(asked: Asked, holds: str = "") -> ManualDriver:
    """A driver by a worksheet: two cases under a condition, one under another, one under none."""
    driver = ManualDriver(asked)
    off = Place(2, "disabled", ("1", "2"), ("P1", "P2"))
    places = {"a": off, "b": replace(off, number=3), "c": Place(4, "extract-failure", ("3",), ("P3",)), "d": Place(1)}
    driver.follow(places, holds)
    return driver


def configure(case: str, condition: str, **more: str) -> dict[str, object]:
    return {"case": case, "condition": condition, "nhs_numbers": ["1"], "peers": ["P1"], **more}


def test_a_condition_is_set_once_for_its_group_and_taken_away_before_the_next() -> None:
    """For all of its patients; what was not asked again is attested by what was."""
    asked = Asked()
    driver = grouped(asked)
    first = driver.call("configure", configure("a", "disabled"))
    assert "at least for NHS numbers 1, 2 and the practices P1, P2" in asked.questions[0]
    second = driver.call("configure", configure("b", "disabled"))
    assert (len(asked.questions), second.outcome, second.grade) == (1, "done", "attested")
    assert first.result["holds"] == second.result["holds"] == "disabled"
    third = driver.call("hold", {"case": "c", "patient": {}})
    assert "[4, c] Take the condition 'disabled' away again." in asked.questions[1]
    assert (len(asked.questions), third.outcome, third.result["holds"]) == (3, "done", "")


def test_a_condition_that_cannot_be_taken_away_stops_the_case_that_must_not_have_it() -> None:
    """And the next one is asked about it again."""
    asked = Asked(no="Take")
    driver = grouped(asked, holds="disabled")
    for _ in range(2):
        called = driver.call("register", {"case": "d", "patient": {}})
        assert (called.outcome, called.error) == ("failed", "the person at the system said: cannot do that")
        assert called.result == {"holds": "disabled"}
    assert len(asked.questions) == 2


def test_a_condition_that_could_not_be_set_does_not_hold() -> None:
    """The second case of its group is asked for it again."""
    asked = Asked(no="Set")
    driver = grouped(asked)
    assert driver.call("configure", configure("a", "disabled")).result == {"holds": ""}
    assert driver.call("configure", configure("b", "disabled")).outcome == "failed"


def test_a_case_that_ends_its_condition_itself_leaves_none() -> None:
    """Nothing is to be taken away after it."""
    asked = Asked()
    driver = grouped(asked)
    driver.call("configure", configure("c", "extract-failure"))
    assert driver.call("configure", configure("c", "extract-failure", value="off")).result["holds"] == ""
    driver.call("register", {"case": "d", "patient": {}})
    assert [text.partition("]")[2].split()[0] for text in asked.questions] == ["Set", "Take", "Register"]
