"""Spine misbehaves on purpose: each fault does what it says, as often as it says, and is recorded as deliberate."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.protocol import faults, seam
from simulator.protocol.faults import ACTIONS, FROM_SUT, ON_THE_WAY, SUT_ANSWER, TO_SUT, Armed
from simulator.protocol.script import Ask, Await, Elapse, Fault, Hold, Message, Send
from tests.protocol.pair import Pair, assert_acknowledged, assert_refused, fault_tokens
from tests.protocol.sut import ACK, EVERY_SECONDS, UK05, UK06


def test_every_action_is_tried_here() -> None:
    tried = {
        faults.DELIVER_TWICE,
        faults.LOSE_THE_ANSWER,
        faults.LOSE_THE_ACKNOWLEDGEMENT,
        faults.ANSWER_500,
        faults.REFUSE,
    }
    assert tried | DELIVERED | POSTED == set(ACTIONS)


DAMAGED = set(seam.DAMAGE)
DELIVERED = DAMAGED | faults.MANNERS | {faults.LOSE, faults.HOLD_BACK, faults.LET_OVERTAKE}
POSTED = {faults.SOAP_FAULT, faults.NACK, faults.BREAK_OFF_ANSWER, faults.DRIP_ANSWER}


def test_deliver_twice_sends_the_same_bytes_again_after_they_were_acknowledged(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), faults=(Fault(TO_SUT, faults.DELIVER_TWICE, UK05),))
    first = pair.acknowledge()
    assert not pair.case().rests
    second = pair.acknowledge()
    assert first.body == second.body
    assert pair.said("delivery.repeated") == [
        {"delivery": 1, "deliberate": "deliver twice", "attempt": 2, "message_id": first.facts["message_id"]}
    ]
    assert pair.case().rests
    pair.settle()


def test_lose_the_answer_repeats_as_if_none_had_come(pair: Pair) -> None:
    pair.open(
        Send(Message.REQUEST), Hold(), faults=(Fault(SUT_ANSWER, faults.LOSE_THE_ANSWER, UK05),), window_seconds=99.0
    )
    first = pair.acknowledge()
    outcome = pair.said("delivery.outcome")[0]
    assert (outcome["deliberate"], outcome["judged"]) == ("lose the answer", "the answer is lost on purpose")
    pair.wait(EVERY_SECONDS)
    assert pair.acknowledge().body == first.body
    assert pair.said("exchange.heard")[-1]["state"] == "acknowledged"
    pair.settle()
    pair.settle()


def test_lose_the_acknowledgement_delivers_and_answers_500(pair: Pair) -> None:
    """The repeat is a duplicate: acknowledged, and delivered to nobody."""
    pair.open(Await(Message.REQUEST), Hold(), faults=(Fault(FROM_SUT, faults.LOSE_THE_ACKNOWLEDGEMENT, UK05),))
    letter = pair.sut.request()
    answer = pair.send(letter)
    assert (answer.status, answer.body, answer.deliberate) == (500, b"", "lose the acknowledgement")
    assert pair.said("message.answered")[0]["deliberate"] == "lose the acknowledgement"
    assert len(pair.said("transfer.moved")) == 1
    assert not pair.case().rests, "the SUT owes a repeat"
    pair.settle()
    assert "window.closed" not in pair.kinds()
    assert_acknowledged(pair.send(letter), letter)
    assert len(pair.said("transfer.moved")) == 1
    assert pair.case().rests
    pair.settle()
    pair.settle()


def test_answer_500_takes_nothing(pair: Pair) -> None:
    """The repeat is the first that is taken."""
    fault = Fault(FROM_SUT, faults.ANSWER_500, UK05, count=2)
    pair.open(Await(Message.REQUEST), faults=(fault,), reply_seconds=99.0)
    letter = pair.sut.request()
    for _ in range(2):
        assert pair.send(letter).status == 500
        assert not pair.said("exchange.decided")
        pair.wait(EVERY_SECONDS)
    assert_acknowledged(pair.send(letter), letter)
    assert pair.said("exchange.decided")[0]["does"] == "acknowledge and deliver"
    pair.settle()


def test_a_repeat_that_never_comes_is_waited_for_two_intervals_and_a_second(pair: Pair) -> None:
    pair.open(
        Await(Message.REQUEST), faults=(Fault(FROM_SUT, faults.ANSWER_500),), reply_seconds=5.0, window_seconds=5.0
    )
    pair.send(pair.sut.request())
    pair.wait(EVERY_SECONDS * 2)
    assert not pair.case().rests
    pair.wait(1)
    assert pair.case().rests
    pair.wait(5)
    assert pair.said("await.unmet")
    pair.wait(5)


def test_a_newer_debt_outlives_the_time_of_the_older(pair: Pair) -> None:
    pair.open(Await(Message.REQUEST), faults=(Fault(FROM_SUT, faults.ANSWER_500, count=2),), reply_seconds=99.0)
    letter = pair.sut.request()
    pair.send(letter)
    pair.wait(EVERY_SECONDS)
    pair.send(letter)
    pair.wait(EVERY_SECONDS + 1)
    assert not pair.case().rests
    pair.send(letter)
    pair.settle()


def test_refuse_answers_with_an_error_that_no_repeat_can_mend(pair: Pair) -> None:
    pair.open(Await(Message.REQUEST, optional=True), faults=(Fault(FROM_SUT, faults.REFUSE, UK05),))
    answer = pair.send(pair.sut.request())
    assert_refused(answer, "DeliveryFailure", "refused on purpose")
    assert answer.deliberate == "refuse"
    assert not pair.said("exchange.decided")
    pair.settle()
    pair.settle()


# -- which message, and how often


def _struck(fault: Fault, *interactions: str, towards: str = FROM_SUT) -> list[bool]:
    armed = Armed([fault])
    return [bool(armed.strike(towards, each)) for each in interactions]


def test_a_fault_strikes_its_interaction_alone() -> None:
    assert _struck(Fault(FROM_SUT, faults.REFUSE, UK06), UK05, UK06, ACK) == [False, True, False]


def test_a_fault_without_interaction_strikes_any() -> None:
    assert _struck(Fault(FROM_SUT, faults.REFUSE), ACK, UK05) == [True, False]


def test_a_fault_strikes_from_the_nth_on_as_often_as_it_counts() -> None:
    assert _struck(Fault(FROM_SUT, faults.REFUSE, nth=2, count=2), *[UK05] * 4) == [False, True, True, False]


def test_a_fault_strikes_on_its_own_way_alone() -> None:
    assert _struck(Fault(FROM_SUT, faults.REFUSE), UK05, towards=TO_SUT) == [False]


def test_a_fault_that_had_to_stand_back_strikes_the_next_time() -> None:
    armed = Armed([Fault(FROM_SUT, faults.REFUSE), Fault(FROM_SUT, faults.ANSWER_500)])
    assert [armed.strike(FROM_SUT, UK05) for _ in range(3)] == [faults.REFUSE, faults.ANSWER_500, ""]


def test_of_two_faults_one_strikes_at_a_time_and_both_count() -> None:
    armed = Armed([Fault(FROM_SUT, faults.REFUSE), Fault(FROM_SUT, faults.ANSWER_500, nth=2)])
    assert [armed.strike(FROM_SUT, UK05) for _ in range(3)] == [faults.REFUSE, faults.ANSWER_500, ""]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(FROM_SUT, "explode"), "there is no fault called 'explode'"),
        (Fault("sut", faults.REFUSE), "the fault 'refuse' is 'from sut', not 'sut'"),
        (Fault(FROM_SUT, faults.DELIVER_TWICE), "the fault 'deliver twice' is 'to sut', not 'from sut'"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(fault: Fault, sentence: str) -> None:
    with pytest.raises(ValueError, match="fault") as trouble:
        Armed([fault])
    assert str(trouble.value) == sentence


# -- on the way to the system --------------------------------------------------------------------------------------------


def _on_the_way(action: str, interaction: str = UK05, **more: Any) -> dict[str, Any]:
    return {"faults": (Fault(ON_THE_WAY, action, interaction, **more),), "window_seconds": 999.0}


def test_what_is_lost_is_not_posted_and_sent_again_after_the_interval(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), **_on_the_way(faults.LOSE, count=2))
    assert not pair.posts
    pair.wait(EVERY_SECONDS)
    assert not pair.posts
    pair.wait(EVERY_SECONDS)
    pair.acknowledge()
    outcomes = pair.said("delivery.outcome")
    assert [(each["attempt"], each["deliberate"]) for each in outcomes] == [(1, "lose"), (2, "lose"), (3, "")]
    assert pair.said("message.sent")[0]["fault"].startswith("lose (Spine loses")
    assert pair.said("delivery.repeated")[0]["fault"].startswith("lose (Spine loses")
    pair.settle()


def test_what_is_held_back_comes_when_its_time_has_passed_and_lets_the_case_rest_till_then(pair: Pair) -> None:
    """A clock can be moved only while the case rests."""
    script = (Send(Message.REQUEST), Hold(), Elapse("PT2H59M"), Hold(), Elapse("PT1M"), Hold())
    case = pair.open(*script, **_on_the_way(faults.HOLD_BACK, length="PT3H"))
    assert (list(pair.posts), case.rests) == ([], True)
    for _ in range(2):
        pair.settle()
        pair.asked()
        pair.wait(0)
    assert not case.rests
    pair.acknowledge()
    assert [each["attempt"] for each in pair.said("delivery.released")] == [1]
    pair.settle()
    pair.settle()


def test_what_is_overtaken_follows_as_soon_as_something_else_was_delivered(pair: Pair) -> None:
    pair.open(
        Send(Message.REQUEST),
        Ask("state"),
        Send(Message.FINAL_ANSWER, cites="nothing"),
        **_on_the_way(faults.LET_OVERTAKE),
    )
    assert not pair.posts
    pair.asked()
    assert ACK in pair.acknowledge().soap_action
    assert UK05 in pair.acknowledge().soap_action
    pair.settle()


@pytest.mark.parametrize("action", sorted(DAMAGED))
def test_what_is_damaged_leaves_so_and_its_octets_are_in_the_ledger(pair: Pair, action: str) -> None:
    """What Spine holds stays whole: the repeat is as it should have been."""
    pair.open(Send(Message.REQUEST), **_on_the_way(action))
    (sent,) = (note for note in pair.notes if note.kind == "message.sent")
    (damaged,) = (note for note in pair.notes if note.kind == "delivery.damaged")
    assert pair.answer(500).body == damaged.octets != sent.octets
    pair.wait(EVERY_SECONDS)
    assert pair.acknowledge().body == sent.octets
    pair.settle()


@pytest.mark.parametrize("action", sorted(faults.MANNERS))
def test_what_the_shell_does_wrong_it_is_told_with_the_post(pair: Pair, action: str) -> None:
    pair.open(Send(Message.REQUEST), **_on_the_way(action))
    assert pair.answer(None).manner == action
    pair.wait(EVERY_SECONDS)
    assert pair.acknowledge().manner == ""
    pair.settle()


# -- in answer to the system ---------------------------------------------------------------------------------------------


def test_a_soap_fault_takes_nothing(pair: Pair) -> None:
    pair.open(Await(Message.REQUEST, optional=True), faults=(Fault(FROM_SUT, faults.SOAP_FAULT, UK05),))
    answer = pair.send(pair.sut.request())
    assert (answer.status, answer.deliberate, len(fault_tokens(answer))) == (500, "answer with a SOAP fault", 1)
    assert pair.said("transfer.moved") == []
    pair.settle()
    pair.settle()


def test_an_hl7_nack_follows_on_a_message_that_was_taken_and_not_delivered(pair: Pair) -> None:
    pair.open(Await(Message.REQUEST, optional=True), faults=(Fault(FROM_SUT, faults.NACK, UK05),))
    letter = pair.sut.request()
    assert_acknowledged(pair.send(letter), letter)
    assert b"506" in pair.acknowledge().body
    assert pair.said("transfer.moved") == []
    pair.settle()
    pair.settle()


@pytest.mark.parametrize(("action", "status"), [(faults.BREAK_OFF_ANSWER, 0), (faults.DRIP_ANSWER, 202)])
def test_an_answer_that_comes_badly_belongs_to_a_message_that_was_delivered(
    pair: Pair, action: str, status: int
) -> None:
    case = pair.open(Await(Message.REQUEST), faults=(Fault(FROM_SUT, action, UK05),), window_seconds=1.0)
    answer = pair.send(pair.sut.request())
    assert (answer.status, answer.manner, answer.deliberate) == (status, action, action)
    assert len(pair.said("transfer.moved")) == 1
    assert case.rests is (action == faults.DRIP_ANSWER), "one that has got no answer owes a repeat"
    pair.wait(60)
    pair.wait(60)


def test_a_length_belongs_to_what_is_held_back_alone() -> None:
    for fault in (Fault(ON_THE_WAY, faults.HOLD_BACK), Fault(ON_THE_WAY, faults.LOSE, length="PT1H")):
        with pytest.raises(ValueError, match="alone has a length"):
            Armed([fault])
