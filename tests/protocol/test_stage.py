"""Scripts on stage: when a case moves, when it waits, how a wait ends, and what the judge is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.protocol.case import Status
from simulator.protocol.script import Ask, Await, Elapse, Fault, Hold, Message, Send
from tests.protocol.pair import Pair, assert_acknowledged
from tests.protocol.sut import NOON

REQUEST, EXTRACT, ANSWER = Await(Message.REQUEST), Send(Message.EXTRACT), Send(Message.REQUEST_ANSWER)


def test_a_whole_transfer_is_played_and_closed(pair: Pair) -> None:
    """The SUT requests; the peer answers and sends; the SUT acknowledges; nothing more comes."""
    case = pair.open(Ask("register", {"patient": "p"}), REQUEST, ANSWER, EXTRACT, Await(Message.FINAL_ANSWER), Hold())
    assert case.brief()["ask"] == {"verb": "register", "arguments": {"patient": "p"}, "optional": False}
    pair.asked()
    assert (case.status, case.brief()["step"], case.brief()["ask"]) == (Status.WAITING, "await request", None)
    letter = pair.sut.request()
    assert_acknowledged(pair.send(letter), letter)
    pair.acknowledge()
    extract = pair.acknowledge()
    final = pair.sut.acknowledgement(letter.conversation, str(extract.facts["message_id"]))
    pair.send(final)
    assert case.brief()["step"] == "expect nothing"
    pair.settle()
    assert case.brief()["step"] == "closing window"
    pair.settle()
    assert case.status is Status.DONE
    assert pair.said("case.closed") == [{"transfers": [{"conversation": letter.conversation, "state": "integrated"}]}]
    assert not [each for each in pair.said("transfer.moved") if each["violation"]]
    assert [each["step"] for each in pair.said("await.met")] == [1, 4]


def test_what_came_before_it_was_awaited_is_not_lost(pair: Pair) -> None:
    """Order is no promise of the transport (TD19.2); each message meets one Await."""
    pair.open(
        Send(Message.REQUEST), Await(Message.REQUEST_ANSWER), Await(Message.EXTRACT), Await(Message.ANY, optional=True)
    )
    request = pair.acknowledge()
    conversation = pair.case().conversation
    pair.send(pair.sut.extract(conversation))
    assert pair.case().brief()["step"] == "await request answer"
    pair.send(pair.sut.acknowledgement(conversation, str(request.facts["message_id"])))
    assert pair.case().brief()["step"] == "await any message (optional)"
    pair.settle()
    pair.settle()


def test_a_negative_answer_meets_an_await_too(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), Await(Message.REQUEST_ANSWER))
    request = pair.acknowledge()
    pair.send(pair.sut.acknowledgement(pair.case().conversation, str(request.facts["message_id"]), code="06"))
    pair.settle()
    assert pair.said("case.closed")[0]["transfers"][0]["state"] == "refused"


def test_an_unmet_await_ends_the_script_and_opens_the_closing_window(pair: Pair) -> None:
    case = pair.open(REQUEST, EXTRACT)
    pair.settle()
    assert pair.said("await.unmet") == [{"step": 0, "awaited": "await request"}]
    assert not pair.posts
    assert case.brief()["step"] == "closing window"
    pair.settle()


def test_an_optional_await_goes_on(pair: Pair) -> None:
    pair.open(Await(Message.REQUEST, optional=True), Send(Message.REQUEST))
    pair.settle()
    assert pair.said("await.unmet")
    pair.acknowledge()
    pair.settle()


def test_a_wait_ends_when_its_seconds_are_over(pair: Pair) -> None:
    """An Await waits for the reply's seconds, a Hold and the end for the window's; the entry says for how long."""
    pair.open(REQUEST, Hold(), reply_seconds=20.0, window_seconds=5.0)
    pair.wait(19)
    assert not pair.said("window.closed")
    pair.wait(1)
    pair.wait(5)
    assert pair.said("window.closed") == [
        {"step": 0, "how": "20 s passed", "seconds": 20.0},
        {"step": 2, "how": "5 s passed", "seconds": 5.0},
    ]


def test_a_hold_is_passed_when_the_sut_has_settled(pair: Pair) -> None:
    pair.open(Hold(), Send(Message.REQUEST))
    pair.wait(3)
    pair.settle()
    assert pair.said("window.closed")[0] == {"step": 0, "how": "settled", "seconds": 3.0}
    pair.acknowledge()
    pair.settle()


def test_settled_with_an_out_of_date_revision_does_nothing(pair: Pair) -> None:
    """The case has moved since the judge looked: it will be asked again."""
    case = pair.open(REQUEST)
    before = case.revision
    pair.send(pair.sut.request())
    assert pair.hub.stage.settled("case-1", before, pair.now) == []
    assert case.status is Status.WAITING
    pair.settle()


def test_settled_does_nothing_while_a_delivery_is_under_way(pair: Pair) -> None:
    case = pair.open(Send(Message.REQUEST))
    assert not case.brief()["rest"]
    pair.settle()
    assert case.status is Status.WAITING
    pair.acknowledge()
    assert case.brief()["rest"]
    pair.settle()


def test_settled_means_nothing_for_a_case_that_asks_or_is_not_there(pair: Pair) -> None:
    case = pair.open(Ask("hold"))
    pair.settle()
    assert case.status is Status.ASKING
    assert pair.hub.stage.settled("nobody", 0, pair.now) == []
    pair.asked()
    pair.settle()


def test_a_delivery_that_moves_makes_the_wait_begin_anew(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST), window_seconds=5.0)
    pair.wait(4)
    pair.acknowledge()
    pair.wait(4)
    assert not pair.said("window.closed")
    pair.wait(1)
    assert pair.said("window.closed")[0]["seconds"] == 9.0


@pytest.mark.parametrize(
    ("outcome", "optional", "goes_on"),
    [
        ("done", False, True),
        ("not offered", False, False),
        ("failed", False, False),
        ("not offered", True, True),
        ("failed", True, True),
    ],
)
def test_a_hook_that_is_not_there_ends_the_script_unless_it_is_optional(
    pair: Pair, outcome: str, optional: bool, goes_on: bool
) -> None:
    pair.open(Ask("hold", optional=optional), Send(Message.REQUEST))
    pair.asked(outcome)
    assert bool(pair.posts) is goes_on
    assert pair.said("ask.answered") == [{"step": 0, "outcome": outcome}]
    if goes_on:
        pair.acknowledge()
    pair.settle()


@pytest.mark.parametrize("position", [0, 2])
def test_an_answer_for_another_step_is_refused(pair: Pair, position: int) -> None:
    pair.open(REQUEST, Ask("hold"))
    with pytest.raises(ValueError, match="case case-1 does not ask anything at step 0"):
        pair.asked()
    pair.send(pair.sut.request())
    with pytest.raises(ValueError, match=f"does not ask anything at step {position}"):
        pair.hub.stage.asked("case-1", position, "done", pair.now)
    pair.asked()
    pair.settle()


def test_an_answer_for_a_case_that_is_not_there_is_refused(pair: Pair) -> None:
    with pytest.raises(ValueError, match="case nobody does not ask anything at step 0"):
        pair.hub.stage.asked("nobody", 0, "done", NOON)


def test_a_case_opens_once(pair: Pair) -> None:
    pair.open()
    with pytest.raises(ValueError, match="case case-1 is on stage already"):
        pair.open()
    pair.settle()


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Send(Message.FINAL_ANSWER), "there is no extract to cite yet"),
        (Send(Message.REQUEST_ANSWER), "there is no request to cite yet"),
        (Send(Message.ANY), "the peer cannot send any message"),
        (Send(Message.EXTRACT, repeat="same id"), "there is no extract to send again"),
        (Send(Message.REQUEST, variants=("code without its zero",)), "the variant finds no "),
        (Send(Message.EXTRACT, interaction="UK99"), "not an extract: 'UK99'"),
    ],
)
def test_an_impossible_send_ends_the_script_and_says_why(pair: Pair, step: Send, why: str) -> None:
    case = pair.open(step, Send(Message.REQUEST))
    assert pair.said("send.impossible")[0]["why"].startswith(why)
    assert not pair.posts
    assert (case.position, case.brief()["step"]) == (2, "closing window")
    pair.settle()


def test_the_peer_answers_in_the_conversation_of_a_request_alone(pair: Pair) -> None:
    """What else the SUT sends in a conversation of its own is entered, and is not what the peer talks about."""
    pair.open(Await(Message.EXTRACT), REQUEST, ANSWER)
    pair.send(pair.sut.extract(""))
    assert pair.case().conversation == ""
    letter = pair.sut.request()
    pair.send(letter)
    pair.acknowledge()
    assert pair.said("message.sent")[0]["conversation"] == letter.conversation
    pair.settle()


def test_what_comes_after_the_end_is_entered_and_moves_nothing(pair: Pair) -> None:
    case = pair.open()
    pair.settle()
    revision = case.revision
    letter = pair.sut.request()
    assert_acknowledged(pair.send(letter), letter)
    assert pair.said("transfer.moved")[0]["event"] == "EHR request"
    assert (case.status, case.revision) == (Status.DONE, revision)


def test_no_wait_ends_while_spine_has_still_to_deliver(pair: Pair) -> None:
    """The system cannot have answered what it has not got; the contract bounds how long that may take."""
    case = pair.open(Send(Message.REQUEST), window_seconds=1.0)
    pair.answer(500)
    pair.wait(9)
    assert not pair.said("window.closed")
    pair.wait(1)
    pair.acknowledge()
    pair.wait(1)
    assert case.status is Status.DONE


def test_a_late_delivery_of_a_case_that_is_done_changes_its_picture_alone(pair: Pair) -> None:
    held = Fault("on the way to sut", "hold back", length="PT1H")
    case = pair.open(Send(Message.REQUEST), faults=(held,), window_seconds=1.0)
    pair.wait(1)
    assert case.status is Status.DONE
    pair.wait(3600)
    before = pair.hub.stage.revision
    pair.acknowledge()
    assert pair.hub.stage.revision > before
    assert case.brief()["rest"]


def test_the_judge_is_told_of_every_case_and_every_change(pair: Pair) -> None:
    before = pair.hub.stage.revision
    pair.open()
    assert pair.hub.stage.revision > before
    assert [brief["case"] for brief in pair.hub.stage.briefs()] == ["case-1"]
    pair.settle()
    assert pair.hub.stage.briefs() == [], "one that is missing has come to its end"


def test_the_next_timer_is_the_wait_that_ends_first(pair: Pair) -> None:
    pair.open(window_seconds=5.0)
    assert pair.hub.next_timer() == NOON + timedelta(seconds=5)
    pair.settle()


def test_debts_and_deliveries_of_no_case_touch_nothing(pair: Pair) -> None:
    stage = pair.hub.stage
    stage.owes("nobody", "m", NOON)
    stage.paid("nobody", "m", NOON)
    stage.pending("nobody", 1)
    stage.rest("nobody", NOON)
    assert (stage.revision, stage.next_timer()) == (0, None)


# -- time that passes ----------------------------------------------------------------------------------------------------


def test_time_passes_by_the_systems_clock_which_the_judge_sets(pair: Pair) -> None:
    """The case's clock is moved first: what the SUT says at once, by its own new time, must not seem to come from the future."""
    case = pair.open(Send(Message.REQUEST), Hold(), Elapse("P8D"), Send(Message.FINAL_ANSWER, cites="nothing"), Hold())
    pair.acknowledge()
    pair.settle()
    later = NOON + timedelta(days=8)
    assert case.brief()["ask"] == {
        "verb": "clock",
        "arguments": {"now": later.isoformat(timespec="milliseconds").replace("+00:00", "Z")},
        "optional": False,
    }
    pair.sut.now = later
    letter = pair.sut.extract(case.conversation)
    assert_acknowledged(pair.send(letter), letter)
    pair.asked()
    assert b"20261202" in pair.posts[0].body, "the peer writes by the clock of the case"
    pair.acknowledge()
    pair.settle()
    pair.settle()
    assert case.status is Status.DONE
    assert [each["ahead_seconds"] for each in pair.said("clock.moved")] == [8 * 86_400]


def test_a_clock_that_the_system_does_not_offer_ends_the_script_and_is_put_back(pair: Pair) -> None:
    case = pair.open(Elapse("PT20M"), Send(Message.REQUEST))
    pair.asked("not offered")
    pair.settle()
    assert (case.status, case.ahead) == (Status.DONE, timedelta())
    assert [each["ahead_seconds"] for each in pair.said("clock.moved")] == [1200, 0]


def test_what_spine_still_owes_comes_nearer_when_time_passes(pair: Pair) -> None:
    """A retry whose interval is over is posted at once, and no other case's is."""
    pair.open(Send(Message.REQUEST), Ask("state"), Elapse("PT10S"), Hold())
    other = pair.open(Send(Message.REQUEST), case="case-2", key=b"other")
    pair.answer(500)
    pair.answer(500)
    pair.asked()
    pair.wait(0)
    assert [post.case for post in pair.posts] == ["case-1"]
    pair.acknowledge()
    pair.asked()
    pair.wait(10)
    pair.acknowledge()
    pair.settle(other.id)
    pair.settle()
    pair.settle()
    assert len(pair.said("delivery.repeated")) == 2


def test_real_time_is_waited_for_whatever_the_system_says(pair: Pair) -> None:
    """It is counted from its beginning, and neither a message nor a word of the judge makes it shorter or longer."""
    case = pair.open(Send(Message.REQUEST), Elapse("PT20M"), Hold(), clock="real")
    pair.acknowledge()
    assert (case.status, case.brief()["ask"]) == (Status.PASSING, None)
    pair.wait(600)
    pair.settle()
    pair.send(pair.sut.extract(case.conversation))
    pair.wait(599)
    assert case.status is Status.PASSING
    pair.wait(1)
    assert case.brief()["step"] == "expect nothing"
    pair.settle()
    pair.settle()
    (passed, *_) = pair.said("window.closed")
    assert (passed["how"], passed["seconds"]) == ("it passed", 1200)
    assert pair.said("clock.moved") == []
