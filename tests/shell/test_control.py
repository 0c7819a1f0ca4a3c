"""The control plane: every verb of the judge, behind a token, and every trouble one sentence of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from simulator.shell import app
from tests.protocol.sut import OTHER, PEER, SUT
from tests.shell.faces import AUTHORISED, TOKEN, Spine

PLAN: dict[str, Any] = {
    "case": "case-1",
    "scenario": "a scenario",
    "role": "sender",
    "key": "00",
    "peer": {"ods": PEER.ods, "asid": PEER.asid, "party_key": PEER.party_key},
    "patients": [{"nhs_number": "9990000026"}],
    "script": [{"step": "ask", "verb": "hold", "arguments": {"record": "r"}}],
}


class Control:
    """The control plane of a running Spine. ``sut``: whom it takes for the system under test."""

    def __init__(self, spine: Spine, token: str = TOKEN) -> None:
        self.spine, self.sut, self.stopped = spine, SUT.party_key, 0
        self.app: Flask = app.controlling(spine.runtime, token, lambda: self.sut, self._stop)
        self.client: FlaskClient = self.app.test_client()

    def _stop(self) -> None:
        self.stopped += 1

    def call(self, verb: str, body: Any = None, *, status: int = 200, method: str = "POST") -> dict[str, Any]:
        """Call a verb with JSON; its answer."""
        answer = self.client.open(f"/control/{verb}", method=method, json=body, headers=AUTHORISED)
        assert answer.status_code == status, answer.data
        result: dict[str, Any] = json.loads(answer.data)
        return result

    def refused(self, verb: str, body: Any) -> str:
        """The sentence with which a call is refused."""
        return str(self.call(verb, body, status=409)["error"])


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    """The control plane of a running Spine."""
    with Spine(tmp_path) as spine:
        yield Control(spine)


# -- the token


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} ", "Bearer ü"]
)
def test_without_the_token_nothing_can_be_done(control: Control, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for verb in ("status", "stop", "entries"):
        answer = control.client.open(f"/control/{verb}", method="GET" if verb == "status" else "POST", headers=headers)
        assert answer.status_code == 401
        assert json.loads(answer.data) == {"error": "The control plane wants the token of this run."}
    assert control.stopped == 0


def test_an_empty_token_closes_the_plane(control: Control) -> None:
    closed = Control(control.spine, token="")
    assert closed.client.get("/control/status", headers={"Authorization": "Bearer "}).status_code == 401


# -- the verbs


def test_octets_are_stored_and_named(control: Control) -> None:
    answer = control.client.post("/control/blobs", data=b"octets", headers=AUTHORISED)
    assert control.spine.runtime.blobs.get(json.loads(answer.data)["blob"]) == b"octets"


def test_a_practice_is_registered_and_that_is_an_entry(control: Control) -> None:
    row = {"ods": "X90007", "asid": "999000000007", "party_key": "X90007-900007", "endpoint": "https://x.invalid/"}
    control.call("practices", row)
    (found,) = control.spine.runtime.hub.directory.by_ods("X90007")
    assert (found.endpoint, found.ours) == ("https://x.invalid/", False)
    assert control.spine.said("practice.registered") == [row]


def test_a_case_is_opened_asked_and_settled(control: Control) -> None:
    control.call("cases", PLAN)
    status = control.call("status?since=-1&wait=0", method="GET")
    (case,) = status["cases"]
    assert case["ask"] == {"verb": "hold", "arguments": {"record": "r"}, "optional": False}
    control.call("cases/case-1/asked", {"position": 0, "outcome": "done"})
    (case,) = control.call("status", method="GET")["cases"]
    control.call("cases/case-1/settled", {"revision": case["revision"]})
    assert control.spine.said("case.closed")


def test_entries_of_the_judge_are_written_and_the_head_is_told(control: Control) -> None:
    rows = [{"kind": "check.finding", "case": "case-1", "data": {"n": 1}}, {"kind": "scenario.began", "data": {}}]
    answer = control.call("entries", rows)
    assert answer == {"head": control.spine.runtime.ledger.head, "entries": 2}
    assert control.spine.said("check.finding") == [{"n": 1}]


def test_stop_asks_the_process_to_end(control: Control) -> None:
    control.call("stop")
    assert control.stopped == 1


# -- troubles


@pytest.mark.parametrize(
    ("verb", "body", "sentence"),
    [
        ("practices", {"ods": "X90007"}, "the request has no asid, party_key"),
        ("practices", [], "the request has no ods, asid, party_key"),
        (
            "practices",
            {"ods": "1", "asid": "2", "party_key": "3", "contract": {"speed": 1}},
            "the practice is no practice: Contract.__init__() got an unexpected keyword argument 'speed'",
        ),
        ("cases", {}, "the plan has no 'case'"),
        ("cases", PLAN | {"patients": []}, "the plan has no patient"),
        ("cases", [], "the plan is no plan: 'list' object has no attribute 'get'"),
        ("cases/case-1/asked", {"position": 0}, "the request has no outcome"),
        ("cases/case-1/asked", {"position": 0, "outcome": "done"}, "case case-1 does not ask anything at step 0"),
        ("cases/case-1/settled", {}, "the request has no revision"),
        ("entries", [{"kind": "k"}], "the request has no data"),
        ("entries", [7], "the request has no kind, data"),
    ],
)
def test_a_call_that_cannot_be_done_is_refused_with_one_sentence(
    control: Control, verb: str, body: Any, sentence: str
) -> None:
    assert control.refused(verb, body) == sentence


def test_a_case_needs_a_system_under_test(control: Control) -> None:
    control.sut = "nobody"
    assert control.refused("cases", PLAN) == "the system under test is not registered yet"


def test_a_case_opens_once(control: Control) -> None:
    control.call("cases", PLAN)
    assert control.refused("cases", PLAN) == "case case-1 is on stage already"


def test_no_entry_is_written_when_one_of_them_is_none(control: Control) -> None:
    control.refused("entries", [{"kind": "k", "data": {}}, {}])
    assert control.spine.runtime.ledger.seq == 0


def test_what_is_not_json_and_what_is_no_verb_are_json_troubles_too(control: Control) -> None:
    answer = control.client.post("/control/cases", data=b"{", headers=AUTHORISED | {"Content-Type": "application/json"})
    assert (answer.status_code, list(json.loads(answer.data))) == (400, ["error"])
    assert OTHER in control.spine.runtime.hub.directory.all()
