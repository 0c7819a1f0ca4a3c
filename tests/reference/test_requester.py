"""The reference practice as requester, without sockets."""

from __future__ import annotations

import gzip

import pytest

from harness.reference.outbox import Reply
from harness.reference.replies import HookError
from simulator.wire import gp2gp as messages
from simulator.wire.writers.description import describe
from simulator.wire.writers.package import Attachment
from tests.reference.world import FAULT, INTERVAL, ME, NHS, PEER, START, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_registration_sends_one_request_to_the_previous_practice(world: World) -> None:
    world.register()
    assert world.kinds() == ["request"]
    request = world.sent[0].message
    assert isinstance(request, messages.EhrRequest)
    assert (request.nhs_number, request.requesting_ods, request.sending_ods) == (NHS, ME.ods, PEER.ods)
    assert (request.wrapper.sender_asid, request.wrapper.receiver_asid) == (ME.asid, PEER.asid)
    assert world.state() == "requested"


def test_the_request_has_the_contract_and_ids_of_the_specification(world: World) -> None:
    world.register()
    reading = world.sent[0].reading
    envelope = reading.envelope
    assert envelope is not None
    assert not reading.departures
    assert (envelope.from_party, envelope.to_party, envelope.cpa_id) == (ME.party_key, PEER.party_key, "cpa-of-peer")
    assert envelope.message_id == world.id_of(0)
    request = world.sent[0].message
    assert isinstance(request, messages.EhrRequest)
    ids = {envelope.message_id, envelope.conversation_id, request.request_id}
    assert len(ids) == 3
    assert all(i == i.upper() for i in ids)


@pytest.mark.parametrize(("systems", "codes"), [(0, []), (2, ["24"])])
def test_without_exactly_one_system_in_sds_nothing_is_sent(world: World, systems: int, codes: list[str]) -> None:
    world.devices[PEER.ods] = systems
    world.register()
    assert (world.sent, world.codes(), world.state()) == ([], codes, "none")


def test_sds_that_fails_is_a_spine_error_to_the_user_and_nothing_is_sent(world: World) -> None:
    world.sds_status = 503
    world.register()
    assert (world.sent, world.codes()) == ([], ["20"])


@pytest.mark.parametrize("contracts", [0, 2])
def test_without_exactly_one_contract_in_sds_nothing_is_sent(world: World, contracts: int) -> None:
    world.contracts = contracts
    world.register()
    assert (world.sent, world.codes(), world.state()) == ([], ["24"], "none")


def test_a_request_that_spine_does_not_take_is_repeated_byte_for_byte_by_the_contract(world: World) -> None:
    world.replies = [Reply(0), Reply(503), Reply(503)]
    world.register()
    assert len(world.sent) == 1
    for tries in (2, 3, 3):
        world.hook("clock", now=(world.clock.now("c") + INTERVAL).isoformat())
        assert len(world.sent) == tries
    assert len({sent.body for sent in world.sent}) == 1
    assert (world.codes(), world.state()) == (["20"], "request-refused")


def test_a_retry_is_not_sent_before_its_interval_is_over(world: World) -> None:
    world.replies = [Reply(503)]
    world.register()
    world.hook("clock", now=START.replace(minute=9, second=59).isoformat())
    assert len(world.sent) == 1


def test_a_request_that_spine_refuses_is_not_repeated(world: World) -> None:
    world.replies = [Reply(500, "text/xml", FAULT)]
    world.register()
    world.hook("clock", now=(START + 5 * INTERVAL).isoformat())
    assert (len(world.sent), world.codes(), world.state()) == (1, ["20"], "request-refused")


def test_a_positive_acknowledgement_of_the_request_is_noted_and_not_answered(world: World) -> None:
    world.register()
    world.acknowledge(world.id_of(0).lower())
    assert (world.kinds(), world.state()) == (["request"], "requested")


def test_a_refused_request_ends_the_transfer_and_shows_the_code_once(world: World) -> None:
    world.register()
    world.acknowledge(world.id_of(0), "06")
    world.acknowledge(world.id_of(0), "06")
    assert (world.kinds(), world.state(), world.codes()) == (["request"], "request-refused", ["06"])


def test_an_acknowledgement_of_a_message_never_sent_changes_nothing(world: World) -> None:
    world.register()
    world.acknowledge(world.new_id(), "06")
    assert (world.state(), world.codes()) == ("requested", [])


def test_an_extract_awaits_the_user_and_is_not_acknowledged_before(world: World) -> None:
    world.register()
    world.give()
    assert (world.kinds(), world.state()) == (["request"], "awaiting-decision")
    world.hook("decide", nhs_number=NHS, decision="defer")
    assert (world.kinds(), world.state()) == (["request"], "awaiting-decision")


@pytest.mark.parametrize(
    ("decision", "returning", "kind", "state"),
    [
        ("integrate", False, "AA", "integrated"),
        ("reject-wrong-record", False, "28", "rejected"),
        ("reject-wrong-record", True, "17", "rejected"),
        ("suppress", True, "15", "integrated"),
        ("file-as-attachment", True, "26", "integrated"),
    ],
)
def test_the_decision_is_the_final_acknowledgement(
    world: World, decision: str, returning: bool, kind: str, state: str
) -> None:
    world.register(returning=returning)
    extract = world.new_id()
    world.give(extract)
    world.hook("decide", nhs_number=NHS, decision=decision)
    assert (world.kinds(), world.state()) == (["request", kind], state)
    ack = world.sent[1].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert ack.message_ref == extract
    assert ack.type_code == ("AA" if kind == "AA" else "AE")
    envelope = world.sent[1].reading.envelope
    assert envelope is not None
    assert envelope.conversation_id == world.conversation


def test_a_decision_is_taken_once(world: World) -> None:
    world.register()
    world.give()
    world.hook("decide", nhs_number=NHS, decision="integrate")
    with pytest.raises(HookError):
        world.hook("decide", nhs_number=NHS, decision="integrate")
    assert world.kinds() == ["request", "AA"]


def test_a_failed_integration_is_answered_11(world: World) -> None:
    world.register()
    world.hook("configure", condition="integration-failure", value="on", nhs_numbers=[NHS], peers=[])
    world.give()
    world.hook("decide", nhs_number=NHS, decision="integrate")
    assert (world.kinds(), world.state()) == (["request", "11"], "integration-failed")


@pytest.mark.parametrize("integrated", [False, True])
def test_a_second_extract_is_a_duplicate_while_the_first_is_kept(world: World, integrated: bool) -> None:
    world.register()
    world.give()
    if integrated:
        world.hook("decide", nhs_number=NHS, decision="integrate")
    state, second = world.state(), world.new_id()
    world.give(second)
    ack = world.sent[-1].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert (ack.code, ack.message_ref, world.state()) == ("12", second, state)


def test_an_extract_sent_again_after_a_rejection_is_processed(world: World) -> None:
    world.register()
    world.give()
    world.hook("decide", nhs_number=NHS, decision="reject-wrong-record")
    world.give()
    assert (world.kinds(), world.state()) == (["request", "28"], "awaiting-decision")


def test_an_extract_that_nobody_requested_is_answered_09(world: World) -> None:
    world.give(conversation=world.new_id())
    assert world.kinds() == ["09"]


def test_an_extract_after_the_request_was_refused_is_not_requested(world: World) -> None:
    world.register()
    world.acknowledge(world.id_of(0), "19")
    world.give()
    assert (world.kinds(), world.state()) == (["request", "09"], "request-refused")


@pytest.mark.parametrize(
    "broken",
    [
        (b"</EhrExtract>", b"</EhrExtrakt>"),
        (b"<EhrExtract ", b"<EhrExtractt "),
        (b"ehrFolder", b"ehrFolded"),
        (b'extension="' + NHS.encode(), b'extension="'),
    ],
    ids=["not well-formed", "no extract", "no folder", "no NHS number"],
)
def test_an_extract_that_cannot_be_processed_is_answered_21(world: World, broken: tuple[bytes, bytes]) -> None:
    world.register()
    extract = world.new_id()
    world.give(extract, alter=broken)
    ack = world.sent[-1].message
    assert isinstance(ack, messages.ApplicationAcknowledgement)
    assert (ack.code, ack.message_ref) == ("21", extract)
    assert (ack.wrapper.receiver_asid, world.state(), world.codes()) == (PEER.asid, "rejected", ["21"])


def test_an_extract_of_another_patient_is_answered_21(world: World) -> None:
    world.register()
    world.give(nhs_number="9990000026")
    assert (world.kinds(), world.state()) == (["request", "21"], "rejected")


def test_a_malformed_second_extract_leaves_the_first_alone(world: World) -> None:
    world.register()
    world.give()
    world.give(alter=(b"ehrFolder", b"ehrFolded"))
    assert (world.kinds(), world.state()) == (["request", "21"], "awaiting-decision")


def _attachment(data: bytes, *, compressed: bool, name: str = "a.txt") -> Attachment:
    text = describe(name, "text/plain", compressed=compressed, large=False, original_base64=False, length=len(data))
    return Attachment("one", "text/plain", data, text, "_D1")


def test_attachments_are_filed_as_their_author_made_them(world: World) -> None:
    world.register()
    world.give(attachments=(_attachment(gzip.compress(b"hello"), compressed=True),))
    files = world.hook("filed", nhs_number=NHS)["files"]
    assert files == [
        {
            "name": "a.txt",
            "media_type": "text/plain",
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "bytes": 5,
        }
    ]


def test_a_compressed_attachment_that_is_none_is_answered_21(world: World) -> None:
    world.register()
    world.give(attachments=(_attachment(b"hello", compressed=True),))
    assert world.kinds() == ["request", "21"]


def test_a_part_that_the_manifest_names_and_that_is_missing_is_answered_21(world: World) -> None:
    world.register()
    attachment = _attachment(b"hello", compressed=False)
    world.give(attachments=(attachment,), alter=(b"cid:one", b"cid:two"))
    assert world.kinds() == ["request", "21"]


def test_a_disabled_practice_answers_an_extract_07(world: World) -> None:
    world.register()
    world.hook("configure", condition="disabled", value="on", nhs_numbers=[NHS], peers=[])
    world.give()
    assert (world.kinds(), world.state()) == (["request", "07"], "rejected")


def test_a_condition_of_other_patients_does_not_hold(world: World) -> None:
    world.register()
    world.hook("configure", condition="disabled", value="on", nhs_numbers=["9990000026"], peers=[])
    world.give()
    assert world.state() == "awaiting-decision"


def test_a_second_registration_waits_for_the_end_of_the_first(world: World) -> None:
    world.register()
    with pytest.raises(HookError, match="under way"):
        world.register()
    world.acknowledge(world.id_of(0), "06")
    world.register()
    first, second = (sent.reading.envelope for sent in world.sent)
    assert first is not None
    assert second is not None
    assert first.conversation_id != second.conversation_id


def test_an_integrated_record_can_be_sent_on_to_the_next_practice(world: World) -> None:
    world.register()
    world.give(attachments=(_attachment(b"hello", compressed=False),))
    world.hook("decide", nhs_number=NHS, decision="integrate")
    world.ask("CCCCCCCC-0000-4000-8000-000000000000")
    assert world.kinds()[2:] == ["extract", "AA"]
    package = world.sent[2].reading.package
    assert package is not None
    assert len(package.parts) == 3
