"""What the peer composes, from what the conversation has brought; and what the books make of each message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.protocol.ids import Mint
from simulator.protocol.peer import Peer
from simulator.protocol.plan import Document
from simulator.protocol.script import TOKENS, Await, Hold, Message, Send
from simulator.wire import gp2gp
from simulator.wire.reading import Reading
from tests.protocol.pair import Pair, plan
from tests.protocol.sut import NHS_NUMBER, NOON, PEER, SUT, UK05, UK06, Letter, delivered


def _extract(reading: Reading) -> gp2gp.EhrExtract:
    assert isinstance(reading.message, gp2gp.EhrExtract)
    return reading.message


def _answer(reading: Reading) -> gp2gp.ApplicationAcknowledgement:
    assert isinstance(reading.message, gp2gp.ApplicationAcknowledgement)
    return reading.message


def _requested(pair: Pair, *script: Send | Hold, **more: object) -> Letter:
    """The SUT has requested, with ids that name the request; the peer goes on with ``script``."""
    pair.open(Await(Message.REQUEST), *script, **more)
    letter = pair.sut.request()
    pair.send(letter)
    return letter


def test_a_request_names_patient_and_both_practices(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST))
    reading = delivered(pair.acknowledge())
    assert isinstance(reading.message, gp2gp.EhrRequest)
    assert reading.envelope is not None
    assert reading.message.nhs_number == NHS_NUMBER
    assert (reading.message.requesting_ods, reading.message.sending_ods) == (PEER.ods, SUT.ods)
    assert (reading.envelope.cpa_id, reading.envelope.action) == (SUT.cpa_ids[UK05], UK05)
    assert (reading.message.wrapper.sender_asid, reading.message.wrapper.receiver_asid) == (PEER.asid, SUT.asid)
    pair.settle()


def test_an_extract_answers_the_request_in_its_conversation_with_its_documents(pair: Pair) -> None:
    document = Document("D0000000-0000-4000-8000-000000000001", "a.txt", "text/plain", b"synthetic")
    letter = _requested(pair, Send(Message.EXTRACT), documents=(document,))
    reading = delivered(pair.acknowledge())
    assert reading.envelope is not None
    assert reading.package is not None
    assert reading.envelope.conversation_id == letter.conversation
    assert _extract(reading).request_id == pair.case().books.conversation(letter.conversation).request_id
    assert reading.package.parts[2].content_id == f"{document.id}@spine.nhs.uk"
    assert "Length=12" in reading.envelope.references[1].description, "as transmitted, after base64 (LM24)"
    assert reading.departures == ()
    pair.settle()


def test_a_published_payload_is_sent_with_the_ids_of_this_case(pair: Pair) -> None:
    payload = "|".join(TOKENS.values()).encode()
    letter = _requested(pair, Send(Message.EXTRACT), payload=payload)
    post = pair.acknowledge()
    filled = delivered(post).payload.decode()
    message_id, _, request_id, extract_id = filled.split("|")
    assert "@@" not in filled
    assert message_id == post.facts["message_id"]
    assert request_id == pair.case().books.conversation(letter.conversation).request_id
    assert extract_id
    pair.settle()


@pytest.mark.parametrize(
    ("step", "type_code", "codes"),
    [
        (Send(Message.REQUEST_ANSWER), "AA", []),
        (Send(Message.REQUEST_ANSWER, code="06"), "AE", ["06"]),
        (Send(Message.REQUEST_ANSWER, code="19", dialect="both, detail repeats"), "AR", ["19"]),
    ],
)
def test_an_answer_cites_the_message_id_of_the_request(
    pair: Pair, step: Send, type_code: str, codes: list[str]
) -> None:
    letter = _requested(pair, step, facts={"texts": {"06": "Patient not at surgery"}})
    answer = _answer(delivered(pair.acknowledge()))
    assert (answer.type_code, [code.code for code in answer.codes]) == (type_code, codes)
    assert answer.message_ref == letter.message_id
    assert [code.display_name for code in answer.codes] == [
        "Patient not at surgery" if c == "06" else "" for c in codes
    ]
    pair.settle()


def test_where_the_two_ids_of_a_request_differ_the_message_id_is_cited(pair: Pair) -> None:
    """As live systems do (D26)."""
    pair.open(Await(Message.REQUEST), Send(Message.REQUEST_ANSWER))
    letter, hl7_id = pair.sut.request(), "B0000000-0000-4000-8000-000000000001"
    own = f'<id root="{letter.message_id}"'
    pair.send(letter.with_body(own.encode(), own.replace(letter.message_id, hl7_id).encode()))
    assert pair.case().books.all()[0].requests == [letter.message_id, hl7_id]
    assert _answer(delivered(pair.acknowledge())).message_ref == letter.message_id
    pair.settle()


def test_an_answer_can_cite_what_nobody_sent_or_the_other_message(pair: Pair) -> None:
    letter = _requested(pair, Send(Message.FINAL_ANSWER, cites="nothing"), Send(Message.FINAL_ANSWER, cites="request"))
    first, second = (_answer(delivered(pair.acknowledge())).message_ref for _ in range(2))
    assert first not in {letter.message_id, ""}
    assert second == letter.message_id
    assert [each["event"] for each in pair.said("transfer.moved")] == [
        "EHR request",
        "acknowledgement of something that was not sent",
        "positive acknowledgement of the request",
    ]
    pair.settle()


def test_a_repeat_under_the_same_id_is_the_same_bytes_and_moves_no_transfer(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), Send(Message.REQUEST, repeat="same id"))
    first, second = pair.acknowledge(), pair.acknowledge()
    assert first.body == second.body
    assert len(pair.said("transfer.moved")) == 1
    pair.settle()


def test_a_repeat_under_a_new_id_keeps_conversation_and_extract(pair: Pair) -> None:
    """S43: one version of an extract only."""
    _requested(pair, Send(Message.EXTRACT), Send(Message.EXTRACT, repeat="new id"))
    first, second = delivered(pair.acknowledge()), delivered(pair.acknowledge())
    assert first.envelope is not None
    assert second.envelope is not None
    assert first.envelope.message_id != second.envelope.message_id
    assert first.envelope.conversation_id == second.envelope.conversation_id
    assert _extract(first).extract_id == _extract(second).extract_id
    assert pair.said("transfer.moved")[-1]["violation"] == "the conversation has an extract already"
    pair.settle()


def test_an_extract_in_a_conversation_nobody_opened_cites_a_request_nobody_made(pair: Pair) -> None:
    letter = _requested(pair, Send(Message.EXTRACT, conversation="new"))
    reading = delivered(pair.acknowledge())
    assert reading.envelope is not None
    assert reading.envelope.conversation_id != letter.conversation
    assert _extract(reading).request_id != pair.case().books.conversation(letter.conversation).request_id
    assert pair.said("transfer.moved")[-1]["violation"] == "nothing was requested in this conversation"
    pair.settle()


def test_an_extract_before_any_conversation_opens_one(pair: Pair) -> None:
    pair.open(Send(Message.EXTRACT))
    assert _extract(delivered(pair.acknowledge())).nhs_number == NHS_NUMBER
    pair.settle()


def test_a_peer_that_has_begun_a_conversation_goes_on_in_it() -> None:
    peer = Peer(plan(), Mint(b"key"))
    first, second, other = (
        peer.compose(Send(Message.REQUEST, conversation=which), None, NOON).conversation
        for which in ("own", "own", "new")
    )
    assert first == second != other


def test_an_unregistered_interaction_is_sent_under_a_cpa_id_that_says_so(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), sut=replace(SUT, cpa_ids={UK06: "x"}))
    reading = delivered(pair.acknowledge())
    assert reading.envelope is not None
    assert reading.envelope.cpa_id == "unregistered"
    pair.settle()


def test_the_ids_of_a_case_come_from_its_key(pair: Pair) -> None:
    """The same run makes the same ids, whatever else runs beside it."""
    other = Pair()
    for each in (pair, other):
        each.open(Send(Message.REQUEST))
    assert pair.posts[0].body == other.posts[0].body
    pair.acknowledge()
    pair.settle()


# -- the books


def test_each_message_means_what_its_payload_and_its_citation_say(pair: Pair) -> None:
    """Large messages are named and kept; an id is cited in either case (Q-04)."""
    pair.open(window_seconds=99.0)
    sut, conversation = pair.sut, ""
    request = sut.request(conversation=conversation)
    conversation = request.conversation
    extract, fragment = sut.extract(conversation), sut.fragment(conversation)
    letters = [
        request,
        sut.acknowledgement(conversation, request.message_id.lower()),
        extract,
        sut.continues(conversation, extract.message_id),
        fragment,
        sut.acknowledgement(conversation, fragment.message_id),
        sut.acknowledgement(conversation, "nobody's"),
        sut.acknowledgement(conversation, extract.message_id, code="11"),
        sut.fragment(conversation).with_body(b"PayloadInformation", b"SomethingElse"),
    ]
    for letter in letters:
        pair.send(letter)
    moved = [(each["event"], each["to"]) for each in pair.said("transfer.moved")]
    assert moved == [
        ("EHR request", "requested"),
        ("positive acknowledgement of the request", "requested"),
        ("EHR extract", "extracted"),
        ("continue", "continued"),
        ("attachment or fragment", "continued"),
        ("acknowledgement of a part", "continued"),
        ("acknowledgement of something that was not sent", "continued"),
        ("negative acknowledgement of the extract", "rejected"),
        ("no GP2GP message", "rejected"),
    ]
    labels = [each["message"]["label"] for each in pair.said("message.received")]
    assert labels == [
        "EHR request",
        "acknowledgement AA",
        "EHR extract",
        "continue",
        "attachment or fragment",
        "acknowledgement AA",
        "acknowledgement AA",
        "acknowledgement AE 11",
        "COPC_IN000001UK01",
    ]
    pair.settle()


def test_a_conversation_is_the_same_in_either_case(pair: Pair) -> None:
    pair.open(window_seconds=99.0)
    letter = pair.sut.request()
    pair.send(letter)
    pair.send(pair.sut.request(conversation=letter.conversation.lower()))
    assert [c.id for c in pair.case().books.all()] == [letter.conversation]
    assert pair.said("transfer.moved")[-1]["violation"] == "the conversation has a request already"
    pair.settle()
