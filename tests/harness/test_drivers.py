"""Drivers: what becomes of a hook call, over HTTP and by a person."""

from __future__ import annotations

import pytest
import responses

from harness.drivers.base import DriverTrouble
from harness.drivers.http import HttpDriver
from harness.drivers.manual import ManualDriver

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


def test_what_no_person_can_do_is_not_offered() -> None:
    driver = ManualDriver(lambda text: pytest.fail("nobody is to be asked"))
    assert driver.call("settle", {"case": "c"}).outcome == "not offered"
    assert "register" in driver.start()["verbs"]
