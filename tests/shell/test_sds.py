"""SDS: what clients route by, read from the directory; and the errors of the real service, word for word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from simulator.ledger import read
from simulator.shell import app
from simulator.shell.sds import INTERACTION, ODS, PARTY
from simulator.wire.interactions import Interaction
from tests.protocol.pair import plan
from tests.protocol.sut import EVERY_SECONDS, PEER, PERSIST_SECONDS, SUT, UK05
from tests.shell.faces import Spine

BASE = "/spine-directory/FHIR/R4"
ADDRESS = "https://spine.invalid/reliablemessaging/intermediary"
SERVICE = "urn:nhs:names:services:gp2gp"
UUID = "f0e1d2c3-0000-4000-8000-000000000001"


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[Spine]:
    """A running Spine."""
    with Spine(tmp_path) as running:
        yield running


@pytest.fixture
def client(spine: Spine) -> FlaskClient:
    """A client of its services."""
    return app.services(spine.runtime, ADDRESS).test_client()


def organisation(value: str) -> str:
    """The query parameter for an ODS code."""
    return f"organization={ODS}|{value}"


def interaction(value: str = UK05) -> str:
    """The query parameter for an interaction."""
    return f"identifier={INTERACTION}|{SERVICE}:{value}"


def party(value: str) -> str:
    """The query parameter for a party key."""
    return f"identifier={PARTY}|{value}"


def search(client: FlaskClient, kind: str, *query: str, status: int = 200, **headers: str) -> dict[str, Any]:
    """The body of an answer."""
    answer = client.get(f"{BASE}/{kind}?{'&'.join(query)}", headers=headers)
    assert answer.status_code == status, answer.data
    assert answer.headers["Content-Type"] == "application/fhir+json"
    body: dict[str, Any] = json.loads(answer.data)
    return body


def diagnostics(body: dict[str, Any]) -> str:
    """What an OperationOutcome says."""
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert issue["details"]["coding"][0]["code"] == "BAD_REQUEST"
    assert issue["details"]["coding"][0]["display"] == "Bad request"
    return str(issue["diagnostics"])


def test_a_device_names_asid_party_key_and_interactions(client: FlaskClient, spine: Spine) -> None:
    bundle = search(client, "Device", organisation(SUT.ods), interaction())
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 1)
    (entry,) = bundle["entry"]
    device = entry["resource"]
    assert entry["fullUrl"].endswith(f"{BASE}/Device/{device['id']}")
    assert [each["value"] for each in device["identifier"]] == [SUT.asid, SUT.party_key]
    assert device["owner"]["identifier"] == {"system": ODS, "value": SUT.ods}
    assert len(device["extension"]) == len(Interaction)
    assert spine.said("service.called") == [
        {
            "service": "SDS",
            "call": "Device",
            "query": {ODS: SUT.ods, INTERACTION: f"{SERVICE}:{UK05}"},
            "found": 1,
            "ods": SUT.ods,
        }
    ]


def test_an_endpoint_is_spines_own_address_with_the_contract_of_the_practice(client: FlaskClient) -> None:
    (entry,) = search(client, "Endpoint", organisation(SUT.ods), interaction())["entry"]
    endpoint = entry["resource"]
    assert endpoint["address"] == ADDRESS
    identifiers = {each["system"].rpartition("/")[2]: each["value"] for each in endpoint["identifier"]}
    assert identifiers["nhsMhsPartyKey"] == SUT.party_key
    assert identifiers["nhsMhsCPAId"] == identifiers["nhsMHSId"] == SUT.cpa_ids[UK05]
    terms = {each["url"]: list(each.values())[1] for each in endpoint["extension"][0]["extension"]}
    assert terms == {
        "nhsMHSSyncReplyMode": "None",
        "nhsMHSRetryInterval": f"PT{EVERY_SECONDS}S",
        "nhsMHSRetries": 2,
        "nhsMHSPersistDuration": f"PT{PERSIST_SECONDS}S",
        "nhsMHSDuplicateElimination": "always",
        "nhsMHSAckRequested": "always",
        "nhsMHSActor": "urn:oasis:names:tc:ebxml-msg:actor:nextMSH",
    }


@pytest.mark.parametrize("kind", ["Device", "Endpoint"])
def test_nobody_is_an_empty_bundle(client: FlaskClient, kind: str) -> None:
    """Code 24 is what a requester makes of that."""
    bundle = search(client, kind, organisation("X99999"), interaction())
    assert (bundle["total"], bundle["entry"]) == (0, [])


@pytest.mark.parametrize("kind", ["Device", "Endpoint"])
def test_two_systems_of_one_practice_are_two(client: FlaskClient, spine: Spine, kind: str) -> None:
    twin = replace(SUT, party_key="X90001-900009", asid="999000000009")
    spine.runtime.hub.directory.add(twin)
    assert search(client, kind, organisation(SUT.ods), interaction())["total"] == 2
    assert search(client, kind, organisation(SUT.ods), interaction(), party(twin.party_key))["total"] == 1


def test_an_interaction_that_is_not_registered_is_not_found(client: FlaskClient, spine: Spine) -> None:
    spine.runtime.hub.directory.add(replace(SUT, cpa_ids={UK05: "cpa"}))
    assert search(client, "Device", organisation(SUT.ods), interaction())["total"] == 1
    assert search(client, "Device", organisation(SUT.ods), interaction("RCMR_IN030000UK06"))["total"] == 0
    assert search(client, "Endpoint", organisation(SUT.ods), party(SUT.party_key))["total"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ((organisation(SUT.ods), party(SUT.party_key)), len(Interaction)),
        ((organisation(SUT.ods), party(PEER.party_key)), 0),
        ((interaction(), party(SUT.party_key)), 1),
        ((organisation(SUT.ods), interaction(), party(SUT.party_key)), 1),
    ],
)
def test_endpoints_are_found_by_any_two_of_three(client: FlaskClient, query: tuple[str, ...], found: int) -> None:
    assert search(client, "Endpoint", *query)["total"] == found


@pytest.mark.parametrize("bar", ["|", "%7C", "%7c"])
def test_the_bar_may_be_escaped_or_not(client: FlaskClient, bar: str) -> None:
    query = [each.replace("|", bar) for each in (organisation(SUT.ods), interaction())]
    assert search(client, "Device", *query)["total"] == 1


def test_the_system_may_be_escaped_too(client: FlaskClient) -> None:
    query = f"organization={quote(ODS, safe='')}%7C{SUT.ods}"
    assert search(client, "Device", query, interaction())["total"] == 1


def test_the_last_valid_value_of_a_system_wins(client: FlaskClient) -> None:
    """A later one without a value is none."""
    query = (organisation("X99999"), organisation(SUT.ods), organisation(" "), f"organization={ODS}", interaction())
    assert search(client, "Device", *query)["total"] == 1


@pytest.mark.parametrize(
    ("kind", "query", "text"),
    [
        (
            "Device",
            (interaction(),),
            f"Missing or invalid 'organization' query parameter. Should be 'organization={ODS}|value'",
        ),
        (
            "Device",
            (organisation(SUT.ods),),
            (
                "Missing or invalid 'identifier' query parameter. Should be one or both of: "
                f"['identifier={INTERACTION}|value', 'identifier={PARTY}|value'"
            ),
        ),
        (
            "Endpoint",
            (organisation(SUT.ods),),
            (
                "Missing or invalid query parameters. Should one of following combinations: "
                f"['organization={ODS}|value&identifier={INTERACTION}|value&identifier={PARTY}|value'"
                f"'organization={ODS}|value&identifier={INTERACTION}|value'"
                f"'organization={ODS}|value&identifier={PARTY}|value'"
                f"'identifier={INTERACTION}|value&identifier={PARTY}|value']"
            ),
        ),
        ("Device", (organisation(SUT.ods), interaction(), "colour=blue"), "Illegal query parameter 'colour'"),
        ("Endpoint", ("manufacturing-organization=x",), "Illegal query parameter 'manufacturing-organization'"),
    ],
)
def test_a_bad_query_is_told_in_the_words_of_the_service(
    client: FlaskClient, spine: Spine, kind: str, query: tuple[str, ...], text: str
) -> None:
    body = search(client, kind, *query, status=400)
    assert diagnostics(body) == f"HTTP 400: Bad Request ({text})"
    assert spine.said("service.called") == []


def test_the_correlation_id_comes_back_in_answers_and_errors(client: FlaskClient) -> None:
    url = f"{BASE}/Device?{organisation(SUT.ods)}&{interaction()}"
    assert client.get(url, headers={"X-Correlation-Id": UUID}).headers["X-Correlation-Id"] == UUID
    assert client.get(url).headers["X-Correlation-Id"]
    assert search(client, "Device", status=400, **{"X-Correlation-Id": UUID})["id"] == UUID


def test_a_correlation_id_that_is_none_is_an_error(client: FlaskClient) -> None:
    body = search(client, "Device", organisation(SUT.ods), interaction(), status=400, **{"X-Correlation-Id": "7"})
    assert diagnostics(body).startswith("HTTP 400: Bad Request (Invalid X-Correlation-ID header. Should be an UUIDv4")


def test_a_call_about_a_peer_belongs_to_its_case(client: FlaskClient, spine: Spine) -> None:
    spine.runtime.open_case(plan(peer=replace(PEER, cpa_ids={UK05: "cpa"})))
    search(client, "Device", organisation(PEER.ods), interaction())
    assert [entry.case for entry in read(spine.folder) if entry.kind == "service.called"] == ["case-1"]


def test_it_says_that_it_is_well(client: FlaskClient) -> None:
    answer = client.get(f"{BASE}/healthcheck")
    assert json.loads(answer.data) == {"status": "UP"}


def test_records_to_be_held_can_be_fetched_by_digest(client: FlaskClient, spine: Spine) -> None:
    digest = spine.runtime.blobs.put(b"octets")
    answer = client.get(f"/blobs/{digest}")
    assert (answer.data, answer.headers["Content-Type"]) == (b"octets", "application/octet-stream")
    for other in ("0" * 64, "nonsense"):
        answer = client.get(f"/blobs/{other}")
        assert (answer.status_code, answer.data) == (404, b"There are no such octets.\n")
