"""The world of a run: what a scenario says of its record is what the peer, or the system under test, holds."""

from __future__ import annotations

import hashlib

from lxml import etree

import gp2gp_conformance
from fixtures.factory import Attachment
from harness.profile import load
from harness.world import Casting, World, sut_practice
from scenarios.model import Scenario

BLOBS: dict[str, bytes] = {}


def _put(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    BLOBS[digest] = data
    return digest


def _cast(**more: object) -> Casting:
    profile = load(gp2gp_conformance.root() / "fixtures" / "reference.toml")
    contract = {"retries": 2, "retry_interval": "PT1S", "persist_duration": "PT1H"}
    world = World(profile, sut_practice(profile, contract, 1), 1, 1, "http://services", _put)
    return world.cast(Scenario("a scenario", "sender", (), (), **more))  # type: ignore[arg-type] # data of a scenario


def _folder(casting: Casting) -> etree._Element:
    return etree.fromstring(BLOBS[casting.plan["record"]["folder"]["blob"]])


def test_documents_are_counted_and_begin_again_when_the_kinds_are_used_up() -> None:
    documents = _cast(documents=7).plan["record"]["documents"]
    names = [document["filename"] for document in documents]
    assert len(names) == 7
    assert names[:3] == names[3:6]
    assert len({document["blob"] for document in documents}) == 7
    assert len({document["id"] for document in documents}) == 7


def test_files_of_a_scenario_are_the_documents_of_its_record() -> None:
    casting = _cast(files=(Attachment("a (b).doc", "application/msword", data=b"octets"),))
    (document,) = casting.plan["record"]["documents"]
    assert (document["filename"], document["content_type"]) == ("a (b).doc", "application/msword")
    assert BLOBS[document["blob"]] == b"octets"
    assert casting.plan["expects"]["documents"] == 1
    assert casting.record["documents"][0]["sha256"] == document["blob"]


def test_a_note_stands_in_the_record_and_is_expected() -> None:
    casting = _cast(note="a < b & c")
    assert casting.plan["expects"]["text"] == "a < b & c"
    assert "a < b & c" in [element.text for element in _folder(casting).iter("{*}text")]


def test_consultations_make_the_record_as_big_as_it_is_wanted() -> None:
    small, big = (len(etree.tostring(_folder(_cast(consultations=count)))) for count in (6, 60))
    assert big > 5 * small
