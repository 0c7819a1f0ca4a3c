"""The JSON Schemas: what the MHS adaptor takes and gives, and the profile."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

import gp2gp_conformance
from harness.profile import Profile
from tests.shared import SHARED, needs_shared

ROOT = gp2gp_conformance.root()
OUT = {"payload": "<a/>"}
FILE = {"is_base64": True, "content_type": "image/tiff", "payload": "SUkq", "description": "x"}


def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(files("fixtures").joinpath("schemas", f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("body", "good"),
    [
        (OUT, True),
        ({**OUT, "attachments": [FILE] * 98}, True),
        ({**OUT, "attachments": [FILE] * 99}, False),
        ({**OUT, "attachments": [{**FILE, "content_type": "application/x-novel"}]}, False),
        ({**OUT, "attachments": [{**FILE, "is_base64": "true"}]}, False),
        ({**OUT, "external_attachments": [{"message_id": "A", "description": "x"}]}, True),
        ({**OUT, "external_attachments": [{"message_id": "A", "description": "x", "title": "t"}]}, False),
        ({**OUT, "foo": 1}, False),
        ({"payload": ""}, False),
        ({}, False),
    ],
)
def test_the_outbound_body_is_taken_as_the_adaptor_was_seen_to_take_it(body: dict[str, Any], good: bool) -> None:
    assert _validator("mhs-outbound").is_valid(body) is good


def test_the_inbound_body_is_what_the_adaptor_puts_on_its_queue() -> None:
    given = {"document_id": None, "message_id": "A", "description": "x", "title": '"big.tif"'}
    body = {"ebXML": "<e/>", "payload": "<p/>", "attachments": [], "external_attachments": [given]}
    assert _validator("mhs-inbound").is_valid(body)
    assert not _validator("mhs-inbound").is_valid({"payload": "<p/>"})


@pytest.mark.shared
@needs_shared
def test_every_published_queue_message_fits() -> None:
    assert SHARED is not None
    seen = 0
    for path in sorted((SHARED / "samples").rglob("*")):
        if path.is_file() and path.suffix not in (".xml", ".ebxml", ".js", ".txt", ".tsv"):
            body = json.loads(path.read_text("utf-8"))
            if "ebXML" in body:
                _validator("mhs-inbound").validate(body)
                seen += 1
    assert seen > 20


def test_the_profile_has_a_schema_and_the_examples_fit_it() -> None:
    schema = json.loads((ROOT / "docs" / "profile.schema.json").read_text("utf-8"))
    assert schema == Profile.model_json_schema(), "make docs writes it anew"
    for name in ("reference", "http", "manual"):
        jsonschema.validate(tomllib.loads((ROOT / "examples" / f"{name}.toml").read_text("utf-8")), schema)
