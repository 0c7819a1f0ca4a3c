"""The reference practice as sender, without sockets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from harness.reference.outbox import MAX_MESSAGE, Reply
from harness.reference.replies import HookError
from simulator.wire import gp2gp as messages
from simulator.wire import mime
from tests.reference.world import FAULT, FOLDER, INTERVAL, LETTER, LETTER_ID, ME, NHS, PEER, START, World

CONVERSATION = "AAAAAAAA-0000-4000-8000-000000000000"


@pytest.fixture
def world() -> World:
    world = World()
    world.hold()
    return world


def test_a_request_is_answered_by_the_extract_and_then_by_its_acknowledgement(world: World) -> None:
    request = world.new_id()
    world.ask(CONVERSATION, request)
    assert (world.kinds(), world.state()) == (["extract", "AA"], "sent")
    extract, ack = world.sent[0].message, world.sent[1].message
    assert isinstance(extract, messages.EhrExtract)
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert extract.request_id == "E1" * 4 + "-0000-4000-8000-000000000000"
    assert (extract.nhs_number, extract.sending_ods, extract.requesting_ods) == (NHS, ME.ods, PEER.ods)
    assert ack.message_ref == request
    assert not world.sent[0].reading.departures


@pytest.mark.parametrize("interaction", ["RCMR_IN030000UK06", "RCMR_IN030000UK07"])
def test_the_extract_is_the_interaction_that_the_record_was_held_as(world: World, interaction: str) -> None:
    world.hold(interaction=interaction)
    world.ask(CONVERSATION)
    envelope = world.sent[0].reading.envelope
    assert envelope is not None
    assert {envelope.action, world.sent[0].message.wrapper.interaction} == {interaction}


def test_documents_travel_in_line_as_the_manifest_describes_them(world: World) -> None:
    world.ask(CONVERSATION)
    reading = world.sent[0].reading
    assert reading.package is not None
    assert reading.envelope is not None
    reference, part = reading.envelope.references[1], reading.package.parts[2]
    assert (reference.id, reference.target, part.transfer_encoding) == (f"_{LETTER_ID}", part.content_id, "base64")
    assert mime.decode(part)[0] == LETTER
    assert f'Filename="{LETTER_ID}_a letter.txt"' in reference.description
    assert reference.description.endswith(f"Length={len(part.body)}")


@pytest.mark.parametrize(("condition", "code"), [("disabled", "07"), ("extract-failure", "10")])
def test_a_condition_refuses_the_request(world: World, condition: str, code: str) -> None:
    world.hook("configure", condition=condition, value="on", nhs_numbers=[NHS], peers=[])
    world.ask(CONVERSATION)
    assert (world.kinds(), world.state()) == ([code], "none")


def test_a_patient_who_is_not_here_is_answered_06() -> None:
    world = World()
    request = world.new_id()
    world.ask(CONVERSATION, request)
    ack = world.sent[0].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert (ack.code, ack.type_code, ack.message_ref) == ("06", "AE", request)


@pytest.mark.parametrize(("registered", "status", "code"), [("X93003", 200, "19"), ("", 200, "19"), ("", 503, "20")])
def test_pds_decides_whether_the_requester_may_have_the_record(
    world: World, registered: str, status: int, code: str
) -> None:
    world.registered_at, world.pds_status = registered, status
    world.ask(CONVERSATION)
    assert world.kinds() == [code]


@pytest.mark.parametrize(
    "broken",
    [
        (b"</EhrRequest>", b"</EhrRequezt>"),
        (b'extension="' + NHS.encode(), b'extension="'),
        (b"<EhrRequest ", b"<EhrRequestt "),
        (b'<id root="E1', b'<ID root="E1'),
    ],
    ids=["not well-formed", "no NHS number", "no request", "no request id"],
)
def test_a_request_that_cannot_be_processed_is_answered_18(world: World, broken: tuple[bytes, bytes]) -> None:
    request = world.new_id()
    world.ask(CONVERSATION, request, alter=broken)
    ack = world.sent[0].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert (ack.code, ack.message_ref, ack.wrapper.receiver_asid) == ("18", request, PEER.asid)


def test_the_checks_are_made_in_the_order_of_the_specification(world: World) -> None:
    world.hook("configure", condition="disabled", value="on", nhs_numbers=[], peers=[PEER.ods])
    world.registered_at = ""
    world.ask(CONVERSATION)
    world.hook("configure", condition="disabled", value="off", nhs_numbers=[], peers=[])
    world.ask(CONVERSATION.replace("A", "B"))
    assert world.kinds() == ["07", "19"]


def test_an_extract_that_spine_refuses_is_answered_20_and_not_acknowledged(world: World) -> None:
    world.replies = [Reply(500, "text/xml", FAULT)]
    world.ask(CONVERSATION)
    assert (world.kinds(), world.state()) == (["extract", "20"], "none")


def test_the_request_is_acknowledged_only_once_spine_took_the_extract(world: World) -> None:
    world.replies = [Reply(503)]
    world.ask(CONVERSATION)
    assert world.kinds() == ["extract"]
    world.hook("clock", now=(START + INTERVAL).isoformat())
    assert world.kinds() == ["extract", "extract", "AA"]


def test_an_extract_over_the_limits_is_answered_23_by_a_practice_without_large_messaging(world: World) -> None:
    world.hold(folder=b'<ehrFolder xmlns="urn:hl7-org:v3">' + b"x" * MAX_MESSAGE + b"</ehrFolder>")
    world.ask(CONVERSATION)
    assert world.kinds() == ["23"]


@pytest.mark.parametrize(
    "record",
    [{"media_type": "no media type"}, {"folder": FOLDER.replace(b"<component", b"<!----=_MIME-Boundary--><component")}],
    ids=["a document of no type", "the boundary in the text"],
)
def test_a_record_that_cannot_be_written_down_is_answered_10(world: World, record: dict[str, Any]) -> None:
    world.hold(**record)
    world.ask(CONVERSATION)
    assert world.kinds() == ["10"]


def test_directory_without_exactly_one_contract_for_the_extract_is_told_as_24(world: World) -> None:
    world.contracts = 2
    world.ask(CONVERSATION)
    assert (world.kinds(), world.codes()) == ([], ["24"])  # no contract for the acknowledgement either


@pytest.mark.parametrize("again", [CONVERSATION, CONVERSATION.lower()])
def test_a_second_request_in_the_conversation_is_ignored(world: World, again: str) -> None:
    world.ask(CONVERSATION)
    assert world.ask(again).status == 200
    assert world.kinds() == ["extract", "AA"]


def test_a_request_in_another_conversation_is_a_transfer_of_its_own(world: World) -> None:
    world.ask(CONVERSATION)
    world.ask(CONVERSATION.replace("A", "B"))
    assert world.kinds() == ["extract", "AA"] * 2


def test_lower_case_ids_are_understood_and_answered_in_upper_case(world: World) -> None:
    request = "ABCDEF00-0000-4000-8000-000000000000"
    world.ask(CONVERSATION, request, lower=True)
    ack = world.sent[1].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert (ack.message_ref, world.conversation) == (request, CONVERSATION)
    world.acknowledge(world.id_of(0).lower())
    assert world.state() == "acknowledged"


@pytest.mark.parametrize(("code", "state"), [("", "acknowledged"), ("28", "refused")])
def test_the_first_final_acknowledgement_closes_the_transfer(world: World, code: str, state: str) -> None:
    world.ask(CONVERSATION)
    world.acknowledge(world.id_of(0), code)
    world.acknowledge(world.id_of(0), "" if code else "11")
    assert (world.state(), world.codes()) == (state, [code] if code else [])
    assert world.kinds() == ["extract", "AA"]


def test_an_acknowledgement_that_cites_something_else_closes_nothing(world: World) -> None:
    world.ask(CONVERSATION)
    world.acknowledge(CONVERSATION, "28")
    assert world.state() == "sent"


def test_a_refused_extract_is_sent_again_in_the_same_words_under_a_new_id(world: World) -> None:
    world.ask(CONVERSATION)
    world.acknowledge(world.id_of(0), "11")
    world.hook("clock", now=(START + timedelta(days=3)).isoformat())
    world.hook("resend", nhs_number=NHS)
    first, again = world.sent[0].reading, world.sent[2].reading
    assert (world.kinds(), world.state()) == (["extract", "AA", "extract"], "sent")
    assert first.envelope is not None
    assert again.envelope is not None
    assert first.payload == again.payload
    assert first.envelope.conversation_id == again.envelope.conversation_id
    assert first.envelope.message_id != again.envelope.message_id
    assert first.envelope.timestamp != again.envelope.timestamp
    for cited in (again.envelope.message_id, world.id_of(0)):
        assert world.practice.store.citing(cited) is not None


@pytest.mark.parametrize("code", ["", None])
def test_an_extract_that_was_not_refused_is_not_sent_again(world: World, code: str | None) -> None:
    world.ask(CONVERSATION)
    if code is not None:
        world.acknowledge(world.id_of(0), code)
    with pytest.raises(HookError, match="only after it was refused"):
        world.hook("resend", nhs_number=NHS)


def test_after_twelve_weeks_nothing_is_sent_again(world: World) -> None:
    world.ask(CONVERSATION)
    world.acknowledge(world.id_of(0), "11")
    world.hook("clock", now=(START + timedelta(days=85)).isoformat())
    with pytest.raises(HookError, match="period"):
        world.hook("resend", nhs_number=NHS)


def test_before_sending_again_pds_is_asked_again(world: World) -> None:
    world.ask(CONVERSATION)
    world.acknowledge(world.id_of(0), "11")
    world.registered_at = "X93003"
    world.hook("resend", nhs_number=NHS)
    assert (world.kinds(), world.codes()) == (["extract", "AA"], ["11", "19"])
