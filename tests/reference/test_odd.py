"""The reference practice and what is odd: other versions, unknown messages, descriptions without names, types of documents."""

from __future__ import annotations

import pytest

from simulator.wire import description
from simulator.wire.ebxml import Kind
from simulator.wire.reading import read
from simulator.wire.writers.description import describe
from simulator.wire.writers.package import Attachment
from tests.reference.world import NHS, World

CONVERSATION = "AAAAAAAA-0000-4000-8000-000000000000"
KEYS = describe("a.txt", "text/plain", compressed=False, large=False, original_base64=False, length=4)
UK05 = b"RCMR_IN010000UK05"


@pytest.fixture
def world() -> World:
    world = World()
    world.hold()
    return world


def _given(description_: str) -> World:
    world = World()
    world.register()
    world.give(attachments=(Attachment("one", "text/plain", b"one", description_, "_D1"),))
    return world


@pytest.mark.parametrize("said", [KEYS, "a.txt", "Attachment"])
def test_a_description_is_keys_with_a_name_or_a_name_alone_or_nothing(said: str) -> None:
    assert _given(said).state() == "awaiting-decision"


def test_a_description_of_keys_without_a_name_makes_the_extract_unusable() -> None:
    world = _given(KEYS.replace('Filename="a.txt" ', ""))
    assert (world.kinds(), world.state()) == (["request", "21"], "rejected")


def test_a_document_that_spine_does_not_carry_travels_as_octets_and_keeps_its_type(world: World) -> None:
    world.hold(media_type="application/vnd.ms-excel")
    world.ask(CONVERSATION)
    reading = world.sent[0].reading
    assert reading.package is not None
    assert reading.envelope is not None
    assert reading.package.parts[2].content_type == "application/octet-stream"
    assert description.read(reading.envelope.references[1].description)[0].content_type == "application/vnd.ms-excel"


@pytest.mark.parametrize(("interaction", "said"), [(b"RCMR_IN010000UK06", ["18"]), (b"RCMR_IN990000UK01", [])])
def test_a_request_of_another_version_is_refused_and_what_is_unknown_put_aside(
    world: World, interaction: bytes, said: list[str]
) -> None:
    answer = world.ask(CONVERSATION, alter=(UK05, interaction))
    envelope = read("text/xml", answer.body).envelope
    assert envelope is not None
    assert (answer.status, envelope.kind) == (200, Kind.ACKNOWLEDGMENT)
    assert world.kinds() == said


def test_each_conversation_has_its_own_extract(world: World) -> None:
    other = CONVERSATION.replace("A", "B")
    world.ask(CONVERSATION)
    world.ask(other)
    assert world.kinds() == ["extract", "AA", "extract", "AA"]
    asked = [sent.reading.envelope.conversation_id for sent in world.sent if sent.reading.envelope]
    assert asked == [CONVERSATION] * 2 + [other] * 2


def test_the_same_patient_is_asked_for_in_a_new_conversation() -> None:
    world = World()
    world.register()
    world.acknowledge(world.id_of(0), code="06")
    world.register()
    assert world.kinds() == ["request", "request"]
    envelopes = [sent.reading.envelope for sent in world.sent]
    assert len({envelope.conversation_id for envelope in envelopes if envelope}) == 2
    assert NHS.encode() in world.sent[1].body
