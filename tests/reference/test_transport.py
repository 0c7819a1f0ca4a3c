"""What the reference practice answers to a delivery, and what it takes as new."""

from __future__ import annotations

import pytest

from simulator.wire import reading
from simulator.wire.ebxml import Envelope, Kind
from simulator.wire.gp2gp import EhrRequest
from simulator.wire.writers import ebxml
from tests.reference.world import ME, NHS, PEER, Answer, World

CONVERSATION = "AAAAAAAA-0000-4000-8000-000000000000"


@pytest.fixture
def world() -> World:
    world = World()
    world.hold()
    return world


def _envelope(answer: Answer) -> Envelope:
    headers = dict(answer.headers)
    envelope = reading.read(headers["Content-Type"], answer.body).envelope
    assert envelope is not None
    return envelope


def test_a_delivery_is_answered_by_an_acknowledgment_of_its_message_id(world: World) -> None:
    request = world.new_id()
    answer = world.ask(CONVERSATION, request)
    envelope = _envelope(answer)
    assert (answer.status, envelope.kind) == (200, Kind.ACKNOWLEDGMENT)
    assert {envelope.acknowledged_id, envelope.ref_to_message_id} == {request}
    assert (envelope.from_party, envelope.to_party) == (ME.party_key, PEER.party_key)
    assert dict(answer.headers)["SOAPAction"] == "urn:oasis:names:tc:ebxml-msg:service/Acknowledgment"


def test_a_message_that_comes_again_gets_the_same_answer_and_is_not_processed(world: World) -> None:
    request = world.new_id()
    first, second = world.ask(CONVERSATION, request), world.ask(CONVERSATION, request)
    assert first == second
    assert world.kinds() == ["extract", "AA"]


def test_a_repeated_extract_is_no_second_extract(world: World) -> None:
    world = World()
    world.register()
    extract = world.new_id()
    world.give(extract)
    world.give(extract)
    assert (world.kinds(), world.state()) == (["request"], "awaiting-decision")


def test_a_message_for_another_party_is_refused_and_not_processed(world: World) -> None:
    answer = world.ask(CONVERSATION, to="X99999-999999")
    envelope = _envelope(answer)
    assert (answer.status, envelope.kind) == (200, Kind.MESSAGE_ERROR)
    assert [(e.code, e.description) for e in envelope.errors] == [
        ("ValueNotRecognized", "501314:Invalid To Party Type attribute")
    ]
    assert world.sent == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"--x\r\n\r\n<a>\r\n--x--"])
def test_what_is_no_message_is_a_fault(world: World, body: bytes) -> None:
    answer = world.practice.receive({"Content-Type": 'multipart/related; boundary="x"'}, body)
    assert answer.status == 500
    assert reading.read("text/xml", answer.body).fault is not None


def test_a_signal_is_taken_without_an_acknowledgment(world: World) -> None:
    signal = ebxml.acknowledgment(
        from_party=PEER.party_key,
        to_party=ME.party_key,
        cpa_id="cpa",
        conversation_id=CONVERSATION,
        message_id=world.new_id(),
        ref_to_message_id=world.new_id(),
        received_timestamp="2026-11-24T10:00:00Z",
        now="2026-11-24T10:00:00Z",
    )
    answer = world.practice.receive({"Content-Type": "text/xml"}, signal)
    assert (answer.status, answer.body) == (200, b"")


def test_an_acknowledgement_is_never_answered(world: World) -> None:
    world.ask(CONVERSATION)
    for ref in (world.id_of(0), world.id_of(1), world.new_id()):
        assert _envelope(world.acknowledge(ref)).kind is Kind.ACKNOWLEDGMENT
    assert world.kinds() == ["extract", "AA"]


def test_what_nobody_knows_is_acknowledged_and_ignored(world: World) -> None:
    payload = b'<PRPA_IN999999UK01 xmlns="urn:hl7-org:v3"><id root="1"/></PRPA_IN999999UK01>'
    answer = world.deliver(payload, "PRPA_IN999999UK01", CONVERSATION, world.new_id())
    assert (_envelope(answer).kind, world.sent) == (Kind.ACKNOWLEDGMENT, [])


def test_cases_are_told_apart_by_patient_and_peer(world: World) -> None:
    world.hooks.call(
        "configure", {"case": "other", "condition": "disabled", "value": "on", "nhs_numbers": [], "peers": ["X93003"]}
    )
    world.ask(CONVERSATION)
    assert world.kinds() == ["extract", "AA"]


def test_many_cases_run_side_by_side_and_stay_apart() -> None:
    world = World(workers=8)
    cases = {f"case-{n}": f"99900{n:05}" for n in range(30)}
    for case, nhs_number in cases.items():
        body = {"case": case, "patient": {"nhs_number": nhs_number}, "previous_practice": PEER.ods}
        world.hooks.call("register", body)
    for case in cases:
        world.hooks.call("settle", {"case": case})
    requests = [sent.reading for sent in world.sent]
    for request in requests:
        assert request.envelope is not None
        assert isinstance(request.message, EhrRequest)
        world.give(conversation=request.envelope.conversation_id, nhs_number=request.message.nhs_number)
    for case, nhs_number in cases.items():
        world.hooks.call("settle", {"case": case})
        world.hooks.call("decide", {"case": case, "nhs_number": nhs_number, "decision": "integrate"})
        world.hooks.call("settle", {"case": case})
        assert world.hooks.call("state", {"case": case, "nhs_number": nhs_number}) == {"state": "integrated"}
    world.work.close()
    assert sorted(world.kinds()) == ["AA"] * 30 + ["request"] * 30
    assert len({sent.reading.envelope.conversation_id for sent in world.sent if sent.reading.envelope}) == 30


def test_a_forgotten_case_is_forgotten(world: World) -> None:
    world.ask(CONVERSATION)
    world.hook("reset")
    assert world.hook("state", nhs_number=NHS) == {"state": "none"}
    world.acknowledge(world.id_of(0), "11")
    assert world.codes() == []
    world.ask(CONVERSATION.replace("A", "B"))
    assert world.kinds() == ["extract", "AA", "06"]
