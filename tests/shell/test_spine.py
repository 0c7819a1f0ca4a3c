"""The messaging endpoints: octets in, octets out, and exactly the headers that clients of the real Spine expect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from simulator.shell import app
from simulator.shell.spine import PATHS
from tests.protocol.sut import Sut
from tests.shell.faces import Spine

LIMIT = 100_000


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[Spine]:
    """A running Spine."""
    with Spine(tmp_path) as running:
        yield running


@pytest.fixture
def client(spine: Spine) -> FlaskClient:
    """A client of its messaging plane."""
    return app.messaging(spine.runtime, LIMIT).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_a_message_is_taken_at_every_address_that_clients_use(client: FlaskClient, spine: Spine, path: str) -> None:
    """202, and a Content-Type of exactly text/xml: one known client fails on any parameter."""
    out = Sut().request().out
    headers = {"Content-Type": out.content_type, "SOAPAction": f'"{out.soap_action}"'}
    answer = client.post(path, data=out.body, headers=headers)
    assert answer.status_code == 202
    assert answer.headers.get_all("Content-Type") == ["text/xml"]
    assert answer.headers["SOAPAction"].endswith("service/Acknowledgment")
    assert answer.data.startswith(b"<?xml")
    received = spine.said("message.received")[0]
    assert (received["path"], received["content_type"]) == (path, out.content_type)
    assert received["soap_action"] == f'"{out.soap_action}"'
    assert received["body_problem"] == ""


def test_a_refusal_has_its_status_and_no_soap_action(client: FlaskClient) -> None:
    answer = client.post("/", data=b"nonsense")
    assert answer.status_code == 500
    assert "SOAPAction" not in answer.headers
    assert answer.headers["Content-Type"] == "text/xml"


def test_a_body_over_the_limit_is_not_read(client: FlaskClient, spine: Spine) -> None:
    answer = client.post("/", data=b"x" * (LIMIT + 1))
    assert answer.status_code == 500
    assert spine.said("message.received")[0]["body_problem"]


def test_nothing_is_to_be_had_by_get(client: FlaskClient) -> None:
    assert client.get("/").status_code == 405
    assert client.post("/elsewhere").status_code == 404
