"""The hook contract: every verb, its refusals, and the published description of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.reference.codes import TEXTS
from harness.reference.hooks import CONDITIONS, DECISIONS
from harness.reference.replies import HookError
from harness.reference.store import State
from harness.reference.web import hook_app
from tests.reference.world import FOLDER, ME, NHS, PEER, World

OPENAPI = json.loads((Path(__file__).parents[2] / "docs" / "hooks.openapi.json").read_text(encoding="utf-8"))


@pytest.fixture
def world() -> World:
    return World()


def _schema(verb: str, way: str) -> dict[str, Any]:
    operation = OPENAPI["paths"][f"/{verb}"]["post"]
    place = operation["requestBody"] if way == "in" else operation["responses"]["200"]
    return {**place["content"]["application/json"]["schema"], "components": OPENAPI["components"]}


def _check(verb: str, way: str, value: object) -> None:
    jsonschema.Draft202012Validator(_schema(verb, way)).validate(value)


def test_the_description_names_exactly_the_verbs_there_are(world: World) -> None:
    assert OPENAPI["openapi"].startswith("3.1")
    assert set(OPENAPI["paths"]) == {f"/{verb}" for verb in world.hooks.verbs}


def test_the_description_has_the_vocabularies_of_the_code() -> None:
    assert OPENAPI["components"]["schemas"]["State"]["enum"] == [state.value for state in State]
    assert _schema("configure", "in")["properties"]["condition"]["enum"] == list(CONDITIONS)
    assert _schema("decide", "in")["properties"]["decision"]["enum"] == list(DECISIONS)


def test_every_schema_of_the_description_is_one() -> None:
    for path in OPENAPI["paths"]:
        for way in ("in", "out"):
            jsonschema.Draft202012Validator.check_schema(_schema(path[1:], way))


def test_every_verb_takes_and_gives_what_the_description_says(world: World) -> None:
    patient = {"nhs_number": NHS, "given": "A", "family": "B", "birth_date": "1980-01-01", "gender": "other"}
    record = {"folder": world.file("f", FOLDER), "interaction": "RCMR_IN030000UK06", "documents": []}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("capabilities", {}),
        ("register", {"case": "c", "patient": patient, "previous_practice": PEER.ods, "returning": False}),
        ("hold", {"case": "c", "patient": patient, "record": record}),
        ("configure", {"case": "c", "condition": "disabled", "value": "off", "nhs_numbers": [NHS], "peers": []}),
        ("settle", {"case": "c"}),
        ("state", {"case": "c", "nhs_number": NHS}),
        ("filed", {"case": "c", "nhs_number": NHS}),
        ("notices", {"case": "c"}),
        ("clock", {"case": "c", "now": "2026-11-24T10:00:00Z"}),
        ("clock", {"case": "c", "now": None}),
        ("reset", {"case": "c"}),
    ]
    for verb, body in calls:
        _check(verb, "in", body)
        _check(verb, "out", world.hooks.call(verb, body))


def test_capabilities_name_the_practice_and_every_verb(world: World) -> None:
    said = world.hooks.call("capabilities", {})
    assert said["practice"] == {"ods": ME.ods, "asid": ME.asid, "party_key": ME.party_key}
    assert (said["roles"], said["verbs"]) == (["requester", "sender"], list(world.hooks.verbs))


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("fly", {"case": "c"}, 501),
        ("state", {"nhs_number": NHS}, 400),
        ("register", {"case": "c", "previous_practice": "X"}, 400),
        ("decide", {"case": "c", "nhs_number": NHS, "decision": "shred"}, 400),
        ("decide", {"case": "c", "nhs_number": NHS, "decision": "integrate"}, 409),
        ("configure", {"case": "c", "condition": "rain"}, 400),
        ("configure", {"case": "c", "condition": "mutation", "value": "no such"}, 400),
        ("configure", {"case": "c", "condition": "disabled", "peers": "X"}, 400),
        ("resend", {"case": "c", "nhs_number": NHS}, 409),
        ("clock", {"case": "c", "now": "yesterday"}, 400),
        ("clock", {"case": "c", "now": "2026-11-24T10:00:00"}, 400),
        ("hold", {"case": "c", "patient": {"nhs_number": NHS}}, 400),
    ],
)
def test_what_cannot_be_done_is_said_with_a_status(world: World, verb: str, body: dict[str, Any], status: int) -> None:
    answer = hook_app(world.hooks).test_client().post(f"/{verb}", json=body)
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error"}


def test_a_call_without_an_object_is_refused(world: World) -> None:
    answer = hook_app(world.hooks).test_client().post("/state", data="[1]")
    assert answer.status_code == 400


def test_a_file_that_is_not_the_announced_one_is_refused(world: World) -> None:
    folder = {**world.file("f", FOLDER), "sha256": "0" * 64}
    body = {"patient": {"nhs_number": NHS}, "record": {"folder": folder, "interaction": "RCMR_IN030000UK06"}}
    with pytest.raises(HookError, match="not the file"):
        world.hook("hold", **body)


def test_notices_carry_the_published_text(world: World) -> None:
    world.devices[PEER.ods] = 2
    world.register()
    assert world.hook("notices") == {"notices": [{"code": "24", "text": TEXTS["24"]}]}


def test_settle_waits_for_what_is_due_and_not_for_what_is_not(world: World) -> None:
    done: list[str] = []
    world.work.at("c", world.clock.now().replace(hour=11), lambda: done.append("later"))
    world.hooks.call("settle", {"case": "c"})
    assert done == []
    world.hooks.call("clock", {"case": "c", "now": "2026-11-24T11:00:00Z"})
    world.hooks.call("settle", {"case": "c"})
    assert done == ["later"]
