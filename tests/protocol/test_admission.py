"""What Spine asks before it takes a message, and what it answers when it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from simulator.protocol import contract
from simulator.protocol.commands import Answer
from simulator.wire.ebxml import Envelope
from simulator.wire.reading import read
from simulator.wire.writers.times import ebxml_time
from tests.protocol.pair import Pair, answered, assert_acknowledged, assert_refused, fault_tokens
from tests.protocol.sut import ACK, NOON, OTHER, SUT, Letter, Sut, delivered, practice

# -- the contract: one row of Spine's transforms each


def _good() -> Envelope:
    out = Sut().request().out
    envelope = read(out.content_type, out.body).envelope
    assert envelope is not None
    return envelope


def _count(field: str, number: int) -> Callable[[Envelope], Envelope]:
    return lambda envelope: replace(envelope, count=replace(envelope.count, **{field: number}))


def _value(field: str, value: str) -> Callable[[Envelope], Envelope]:
    changed: dict[str, Any] = {field: value}
    return lambda envelope: replace(envelope, **changed)


STRUCTURE = {
    "soapSchema.envelope": "envelope",
    "soapSchema.header": "header",
    "soapSchema.body": "body",
    "ebXMLSchema.fromPartyId": "from_party",
    "ebXMLSchema.toPartyId": "to_party",
    "ebXMLSchema.cpaId": "cpa_id",
    "ebXMLSchema.conversationId": "conversation_id",
    "ebXMLSchema.service": "service",
    "ebXMLSchema.action": "action",
    "ebXMLSchema.messageData": "message_data",
    "ebXMLSchema.messageId": "message_id",
    "ebXMLSchema.timestamp": "timestamp",
}
RELIABLE = {
    "DUPLICATE_ELIMINATION_INCONSISTENT_WITH_CONTRACT": _count("duplicate_elimination", 0),
    "INVALID_MESSAGE_HEADER_VERSION": _value("header_version", "1.0"),
    "ACK_REQUESTED_INCONSISTENT_WITH_CONTRACT": _count("ack_requested", 2),
    "SYNCREPLY_INCONSISTENT_WITH_CONTRACT": _count("sync_reply", 1),
    "ACK_REQUESTED_VERSION_INVALID": _value("ack_requested_version", ""),
    "ACK_REQUESTED_SIGNED_INVALID": _value("ack_requested_signed", "true"),
    "ACK_REQUESTED_ACTOR_INVALID": _value("ack_requested_actor", "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"),
    "INVALID_MANIFEST_REFERENCE": _value("manifest_version", "1.0"),
}


def test_every_assertion_of_the_contract_is_broken_by_a_test() -> None:
    rows = [*contract.STRUCTURE, *contract.FORWARD_RELIABLE]
    named = {f"ErrorBaseTms.MESSAGE_NOT_WELL_FORMED[{name}]" for name in STRUCTURE}
    assert {row.token for row in rows} == named | {f"ErrorBaseTms.{name}" for name in RELIABLE}
    assert contract.broken(_good()) == ()


def test_none_and_two_of_an_element_give_exactly_its_token() -> None:
    good = _good()
    for (name, field), number in product(STRUCTURE.items(), (0, 2)):
        broken = contract.broken(_count(field, number)(good))
        assert broken == (f"ErrorBaseTms.MESSAGE_NOT_WELL_FORMED[{name}]",), number


def test_a_broken_reliability_term_gives_exactly_its_token() -> None:
    good = _good()
    assert {name: contract.broken(breaks(good)) for name, breaks in RELIABLE.items()} == {
        name: (f"ErrorBaseTms.{name}",) for name in RELIABLE
    }


def test_without_a_manifest_its_version_is_not_asked_for() -> None:
    """The transform lets a message without a Manifest pass."""
    assert contract.broken(_value("manifest_version", "")(_count("manifest", 0)(_good()))) == ()


def _without(letter: Letter, start: bytes, end: bytes) -> Letter:
    body = letter.out.body
    at = body.index(start)
    return letter.with_body(body[at : body.index(end, at) + len(end)], b"")


def test_a_message_without_ack_requested_yields_four_tokens(pair: Pair) -> None:
    answer = pair.send(_without(pair.sut.request(), b"<eb:AckRequested", b"/>"))
    assert answer.status == 500
    assert [token.removeprefix("ErrorBaseTms.ACK_REQUESTED_") for token in fault_tokens(answer)] == [
        "INCONSISTENT_WITH_CONTRACT",
        "VERSION_INVALID",
        "SIGNED_INVALID",
        "ACTOR_INVALID",
    ]
    assert pair.kinds() == ["message.received", "message.answered"]


@pytest.mark.parametrize("element", ["MessageId", "ConversationId", "Timestamp", "CPAId", "Service", "Action"])
def test_an_element_of_blanks_alone_is_refused_and_not_a_crash(pair: Pair, element: str) -> None:
    """No acknowledgement could cite it."""
    letter = pair.sut.request()
    start, end = f"<eb:{element}>".encode(), f"</eb:{element}>".encode()
    value = letter.out.body.partition(start)[2].partition(end)[0]
    answer = pair.send(letter.with_body(start + value + end, start + b" \n " + end))
    assert answer.status == 500
    assert "NOT_WELL_FORMED" in fault_tokens(answer)[0]


@pytest.mark.parametrize(
    ("refusal", "status"), [("soap-fault", 500), ("message-error-200", 200), ("message-error-500", 500)]
)
def test_the_form_of_a_contract_error_is_a_setting(pair_with: Callable[..., Pair], refusal: str, status: int) -> None:
    pair = pair_with(refusal=refusal)
    answer = pair.send(pair.sut.request().with_body(b"<eb:DuplicateElimination/>", b""))
    token = "ErrorBaseTms.DUPLICATE_ELIMINATION_INCONSISTENT_WITH_CONTRACT"
    assert answer.status == status
    if refusal == "soap-fault":
        fault = answered(answer).fault
        assert fault is not None
        assert [(error.code, error.description) for error in fault.errors] == [("300", token)]
    else:
        assert_refused(answer, "Inconsistent", token)


def test_what_is_not_well_formed_is_a_fault_whatever_the_setting(pair_with: Callable[..., Pair]) -> None:
    """A MessageError must cite an id, and there may be none."""
    pair = pair_with(refusal="message-error-200")
    answer = pair.send(_without(pair.sut.request(), b"<eb:MessageId", b"</eb:MessageId>"))
    fault = answered(answer).fault
    assert fault is not None
    assert fault.errors[0].code == "201"


@pytest.mark.parametrize("body", [b"", b"nonsense", b"<html/>", b"--=_MIME-Boundary\r\n\r\n"])
def test_octets_without_an_envelope_get_a_fault(pair: Pair, body: bytes) -> None:
    answer = pair.post("text/plain", body)
    assert answer.status == 500
    assert fault_tokens(answer) == ["ErrorBaseTms.MESSAGE_NOT_WELL_FORMED[soapSchema.envelope]"]
    assert pair.notes[0].case == "unattributed"


# -- who it is for


@pytest.mark.parametrize("soap_action", ["", "urn:nhs:names:services:gp2gp/RCMR_IN030000UK06", "nonsense"])
def test_a_soap_action_that_names_something_else_gets_fault_101(pair: Pair, soap_action: str) -> None:
    answer = pair.send(pair.sut.request(), soap_action=soap_action)
    fault = answered(answer).fault
    assert fault is not None
    assert (answer.status, fault.faultcode, fault.errors[0].code) == (500, "SOAP:Client", "101")


def test_a_soap_action_may_be_quoted(pair: Pair) -> None:
    letter = pair.sut.request()
    assert_acknowledged(pair.send(letter, soap_action=f' "{letter.out.soap_action}" '), letter)


def test_the_soap_action_is_ignored_when_the_setting_says_so(pair_with: Callable[..., Pair]) -> None:
    pair = pair_with(check_soap_action=False)
    letter = pair.sut.request()
    assert_acknowledged(pair.send(letter, soap_action="nonsense"), letter)


def test_an_unknown_to_party_gets_a_message_error(pair: Pair) -> None:
    answer = pair.send(pair.sut.request(practice(9)))
    assert_refused(answer, "ValueNotRecognized", "501314:Invalid To Party Type attribute")
    assert answer.status == 200


@pytest.mark.parametrize("cpa", ["unknown", SUT.cpa_ids[ACK]])
def test_an_unknown_cpa_id_gets_message_error_501319(pair: Pair, cpa: str) -> None:
    """Unknown is also that of another party, or of another interaction."""
    letter = pair.sut.request()
    known = letter.out.body.partition(b"<eb:CPAId>")[2].partition(b"<")[0]
    answer = pair.send(letter.with_body(b"<eb:CPAId>" + known, b"<eb:CPAId>" + cpa.encode()))
    assert_refused(answer, "ValueNotRecognized", "501319:Unknown eb:CPAId")
    envelope = answered(answer).envelope
    assert envelope is not None
    assert envelope.ref_to_message_id == letter.message_id
    assert envelope.from_party == pair.hub.behaviour.party_key
    assert answer.soap_action.endswith("/MessageError")


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize("past", [False, True])
def test_time_to_live_is_enforced_only_by_setting(pair_with: Callable[..., Pair], enforced: bool, past: bool) -> None:
    pair = pair_with(enforce_time_to_live=enforced)
    ends = ebxml_time(NOON + timedelta(seconds=-1 if past else 1))
    letter = pair.sut.request(time_to_live=ends)
    answer = pair.send(letter)
    if enforced and past:
        assert_refused(answer, "TimeToLiveExpired", f"TimeToLive {ends}")
    else:
        assert_acknowledged(answer, letter)


def test_a_time_to_live_that_is_no_time_is_not_past(pair_with: Callable[..., Pair]) -> None:
    pair = pair_with(enforce_time_to_live=True)
    letter = pair.sut.request(time_to_live="tomorrow")
    assert_acknowledged(pair.send(letter), letter)


def test_the_acknowledgement_has_no_body_when_the_setting_says_so(pair_with: Callable[..., Pair]) -> None:
    pair = pair_with(ack_body=False)
    assert pair.send(pair.sut.request()) == Answer(202, form="202, empty")


# -- the receiver's ASID


@pytest.mark.parametrize("asid", [OTHER.asid, "999000000999"])
def test_an_asid_that_is_not_of_the_to_party_is_taken_and_answered_with_nack_506(pair: Pair, asid: str) -> None:
    """202 first: the NACK is Spine's own message, which refers to the one it is about."""
    letter = pair.sut.request(asid=asid)
    assert_acknowledged(pair.send(letter), letter)
    nack = delivered(pair.posts[0])
    assert nack.envelope is not None
    assert nack.wrapper is not None
    assert nack.envelope.ref_to_message_id == letter.message_id
    assert nack.envelope.from_party == pair.hub.behaviour.party_key
    assert (nack.wrapper.message_ref, nack.wrapper.receiver_asid) == (letter.message_id, SUT.asid)
    assert [code.code for code in nack.wrapper.ack_details] == ["506"]
    assert pair.said("message.sent")[0]["label"] == "NACK 506"
    pair.acknowledge()
    assert pair.said("exchange.heard")[-1]["state"] == "acknowledged"


def test_a_payload_that_cannot_be_read_gets_nack_506_for_the_message_id(pair: Pair) -> None:
    """There is no HL7 id to cite and no ASID to go by."""
    letter = pair.sut.request().with_body(b"</EhrRequest>", b"")
    assert_acknowledged(pair.send(letter), letter)
    nack = delivered(pair.posts[0]).wrapper
    assert nack is not None
    assert nack.message_ref == letter.message_id
    pair.acknowledge()


def test_without_an_address_of_the_sender_nobody_is_told(pair: Pair) -> None:
    stranger = Sut(practice(8))
    letter = stranger.request(asid="999000000999")
    assert_acknowledged(pair.send(letter), letter)
    assert pair.kinds()[-1] == "undeliverable"
