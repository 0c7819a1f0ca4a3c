"""Transfers that nobody announced: a peer answers by the patient's plan, or by the one for whoever is not its patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from simulator.protocol.attribution import EARLIER, UNATTRIBUTED
from simulator.protocol.demographics import Patient
from simulator.protocol.script import Await, Message, Send
from simulator.protocol.unannounced import Unannounced
from simulator.wire import gp2gp
from tests.protocol.pair import Pair, plan
from tests.protocol.sut import NHS_NUMBER, NHS_NUMBER_OF_ANOTHER, PEER, Letter, Sut, delivered, practice

ELSEWHERE = practice(7, ours=True)
CONVERSATION = "C0000000-0000-4000-8000-000000000001"
SENDS = plan(Await(Message.REQUEST), Send(Message.REQUEST_ANSWER), Send(Message.EXTRACT), case="known")
FACTS = {"scenario": "a scenario", "texts": {"06": "not at surgery", "09": "not requested"}}


def answers() -> Unannounced:
    """The plans: of a patient of the peer, of one of another peer, and for whoever and whatever else."""
    away = plan(case="away", peer=ELSEWHERE, patients=(Patient(NHS_NUMBER_OF_ANOTHER),))
    refused, unasked = Send(Message.REQUEST_ANSWER, code="06"), Send(Message.FINAL_ANSWER, code="09")
    return Unannounced(
        {NHS_NUMBER: SENDS, NHS_NUMBER_OF_ANOTHER: away},
        plan(Await(Message.REQUEST), refused, case="stranger", facts=FACTS),
        plan(Await(Message.EXTRACT), unasked, case="unasked", role="sender", facts=FACTS),
    )


@pytest.fixture
def served(pair_with: Callable[..., Pair]) -> Pair:
    """A Spine whose peer answers what nobody announced."""
    pair = pair_with(unannounced=answers())
    pair.unfinished = "whoever is served ends no case: each test sees what was sent"
    return pair


def said(pair: Pair) -> list[str]:
    """What the peer sends, in a word each: taken by the SUT, one after another."""
    words = []
    while pair.posts:
        message = delivered(pair.acknowledge()).message
        words.append((message.code or "AA") if isinstance(message, gp2gp.ApplicationAcknowledgement) else "extract")
    return words


ROWS: dict[str, tuple[Letter, list[str], str]] = {
    "a patient whose record the peer has": (Sut().request(), ["AA", "extract"], "unannounced-001"),
    "a patient whom nobody knows": (Sut().request(nhs_number="9990000034"), ["06"], "unannounced-001"),
    "a patient whose record another peer has": (
        Sut().request(nhs_number=NHS_NUMBER_OF_ANOTHER),
        ["06"],
        "unannounced-001",
    ),
    "an extract that nobody requested": (Sut().extract(CONVERSATION), ["09"], "unannounced-001"),
    "an acknowledgement of nothing": (Sut().acknowledgement(CONVERSATION, "nothing"), [], UNATTRIBUTED),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_peer_answers_by_the_book(served: Pair, row: str) -> None:
    """The message belongs to a case of its own, and what begins no transfer to none."""
    letter, expected, case = ROWS[row]
    assert served.send(letter).status == 202
    assert said(served) == expected
    assert [note.case for note in served.notes if note.kind == "message.received"] == [case]
    assert len(served.said("case.opened")) == (case != UNATTRIBUTED)


def test_the_case_says_who_plays_in_it(served: Pair) -> None:
    """Evidence reads peer and patient from the entry that opens a case."""
    sut = Sut()
    served.send(sut.request(nhs_number="9990000034"))
    (opened,) = served.said("case.opened")
    assert opened["patients"] == [{"nhs_number": "9990000034"}]
    assert opened["peer"] == asdict(PEER)
    assert served.hub.patients.get("9990000034") is None, "nobody becomes known by being asked for"
    served.send(sut.request())
    assert served.hub.patients.get(NHS_NUMBER) is not None


def test_each_transfer_is_a_case_with_ids_of_its_own(served: Pair) -> None:
    """Though patient and peer are the same, and though the first is not over."""
    sut = Sut()
    for _ in range(2):
        served.send(sut.request())
    ids = [data["message_id"] for data in served.said("message.sent")]
    assert len(set(ids)) == len(ids) == 4
    cases = [note.case for note in served.notes if note.kind == "message.received"]
    assert cases == ["unannounced-001", "unannounced-002"]


def test_what_follows_in_the_conversation_is_of_the_same_case(served: Pair) -> None:
    """A repeat of the request, another request in its conversation, and the answer at the end."""
    sut = Sut()
    letter = sut.request(conversation=CONVERSATION)
    for each in (
        letter,
        letter,
        sut.request(conversation=CONVERSATION.lower()),
        sut.acknowledgement(CONVERSATION, "x"),
    ):
        served.send(each)
    assert {note.case for note in served.notes if note.kind == "message.received"} == {"unannounced-001"}
    assert len(served.said("case.opened")) == 1


def test_a_request_that_spine_refuses_is_the_same_transfer_when_it_comes_again(served: Pair) -> None:
    """Its sender is told why, and corrects nothing but the envelope."""
    letter = Sut().request()
    broken = letter.with_body(PEER.cpa_ids["RCMR_IN010000UK05"].encode(), b"another")
    served.send(broken)
    served.send(letter)
    assert {note.case for note in served.notes if note.kind == "message.received"} == {"unannounced-001"}
    assert said(served) == ["AA", "extract"]


def test_what_a_former_run_left_is_not_begun_anew(pair_with: Callable[..., Pair]) -> None:
    """It has its own end, in that run."""
    pair = pair_with(unannounced=answers(), earlier={CONVERSATION: 3})
    pair.send(Sut().request(conversation=CONVERSATION))
    assert [note.case for note in pair.notes if note.kind == "message.received"] == [EARLIER]
    assert pair.said("case.opened") == []


@pytest.mark.parametrize("letter", [Sut().request(practice(3)), Sut(PEER).request(ELSEWHERE)])
def test_only_our_peers_answer_and_only_the_system(served: Pair, letter: Letter) -> None:
    """A practice that is not ours speaks for itself, and one that is ours is not served."""
    served.hub.directory.add(ELSEWHERE)
    served.send(letter)
    assert served.said("case.opened") == []
