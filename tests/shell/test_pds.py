"""PDS: who a patient's current practice is, and the three ways of not saying so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulator.ledger import read
from simulator.protocol.demographics import Patient
from simulator.shell import app
from tests.protocol.pair import plan
from tests.protocol.sut import NHS_NUMBER, NHS_NUMBER_OF_ANOTHER, SUT
from tests.shell.faces import Spine

REQUEST_ID = {"X-Request-ID": "F0E1D2C3-0000-4000-8000-000000000001"}


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[Spine]:
    """A running Spine."""
    with Spine(tmp_path) as running:
        yield running


@pytest.fixture
def client(spine: Spine) -> FlaskClient:
    """A client of its services."""
    return app.services(spine.runtime, "https://spine.invalid/").test_client()


def ask(client: FlaskClient, number: str = NHS_NUMBER, headers: dict[str, str] | None = None) -> TestResponse:
    """A read of a patient."""
    url = f"/personal-demographics/FHIR/R4/Patient/{number}"
    return client.get(url, headers=REQUEST_ID if headers is None else headers)


def trouble(answer: TestResponse) -> tuple[int, str, str, str]:
    """Status, issue, code and text of a refusal."""
    body: dict[str, Any] = json.loads(answer.data)
    (issue,) = body["issue"]
    return answer.status_code, issue["code"], issue["details"]["coding"][0]["code"], issue["diagnostics"]


def test_a_patient_has_a_practice_and_a_version(client: FlaskClient, spine: Spine) -> None:
    patient = Patient(NHS_NUMBER, "Test", "Patient", "1970-01-01", "female", SUT.ods, version=7)
    spine.runtime.hub.patients.put(patient)
    answer = ask(client)
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"7"')
    assert answer.headers["X-Request-ID"] == REQUEST_ID["X-Request-ID"]
    assert answer.headers["Content-Type"] == "application/fhir+json"
    body = json.loads(answer.data)
    assert (body["id"], body["birthDate"], body["gender"]) == (NHS_NUMBER, "1970-01-01", "female")
    assert body["meta"]["versionId"] == "7"
    assert body["name"] == [{"use": "usual", "given": ["Test"], "family": "Patient"}]
    assert body["generalPractitioner"][0]["identifier"]["value"] == SUT.ods


def test_a_suspended_patient_is_one_without_practice(client: FlaskClient, spine: Spine) -> None:
    """TD51.4.4 answers 19 to that."""
    spine.runtime.hub.patients.put(Patient(NHS_NUMBER))
    body = json.loads(ask(client).data)
    assert "generalPractitioner" not in body
    assert "birthDate" not in body


def test_an_unknown_number_is_not_found(client: FlaskClient) -> None:
    assert trouble(ask(client)) == (404, "not_found", "RESOURCE_NOT_FOUND", "Resource not found")


def test_a_failing_patient_gets_a_server_error_that_is_recorded_as_deliberate(
    client: FlaskClient, spine: Spine
) -> None:
    """TD51.4.2 answers 20 to that."""
    spine.runtime.hub.patients.put(Patient(NHS_NUMBER, failing=True))
    answer = ask(client)
    assert trouble(answer) == (500, "exception", "INTERNAL_SERVER_ERROR", "PDS fails on purpose")
    assert spine.said("service.called")[0]["deliberate"] == "PDS fails on purpose"


@pytest.mark.parametrize("headers", [{}, {"X-Request-ID": "7"}])
def test_without_a_request_id_nothing_is_told(client: FlaskClient, spine: Spine, headers: dict[str, str]) -> None:
    spine.runtime.hub.patients.put(Patient(NHS_NUMBER))
    status, _, code, text = trouble(ask(client, headers=headers))
    assert (status, code) == (412, "PRECONDITION_FAILED")
    assert text == "Invalid request with error - X-Request-ID header must be supplied to access this resource"


def test_an_error_can_be_told_apart_by_its_id(client: FlaskClient) -> None:
    assert json.loads(ask(client).data)["id"] == REQUEST_ID["X-Request-ID"]
    assert json.loads(ask(client, headers={}).data)["id"]


def test_a_call_belongs_to_the_case_of_its_patient(client: FlaskClient, spine: Spine) -> None:
    spine.runtime.open_case(plan())
    ask(client)
    ask(client, NHS_NUMBER_OF_ANOTHER)
    calls = [
        (entry.case, entry.data["status"], entry.data["found"])
        for entry in read(spine.folder)
        if entry.kind == "service.called"
    ]
    assert calls == [("case-1", 200, 1), ("", 404, 0)]
