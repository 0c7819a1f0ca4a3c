"""What Spine owes a receiver: the same bytes again until they are acknowledged, refused, or too old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from simulator.protocol.courier import judge
from simulator.protocol.exchange import Happened
from simulator.wire.reading import read
from tests.protocol.pair import Pair, answered
from tests.protocol.sut import EVERY_SECONDS, NOON, OTHER, PERSIST_SECONDS, Letter, Sut


def _passed_on(pair: Pair) -> Letter:
    letter = pair.sut.request(OTHER)
    pair.send(letter)
    return letter


def test_a_message_is_passed_on_as_it_came_and_once_acknowledged_rests(pair: Pair) -> None:
    letter = _passed_on(pair)
    post = pair.acknowledge()
    assert (post.body, post.content_type, post.soap_action) == (
        letter.out.body,
        letter.out.content_type,
        letter.out.soap_action,
    )
    assert post.url == OTHER.endpoint
    pair.wait(PERSIST_SECONDS * 2)
    assert not pair.posts
    assert pair.said("exchange.heard") == [
        {"delivery": 1, "event": "acknowledgment", "state": "acknowledged", "does": "stop"}
    ]


@pytest.mark.parametrize(("status", "judged"), [(None, "no answer"), (500, "status 500"), (202, "status 202 without")])
def test_what_is_not_acknowledged_comes_again_after_the_interval_byte_for_byte(
    pair: Pair, status: int | None, judged: str
) -> None:
    _passed_on(pair)
    first = pair.answer(status)
    assert pair.said("delivery.outcome")[0]["judged"].startswith(judged)
    pair.wait(EVERY_SECONDS - 1)
    assert not pair.posts
    pair.wait(1)
    second = pair.acknowledge()
    assert second.body == first.body
    assert (second.soap_action, second.content_type, second.url) == (first.soap_action, first.content_type, first.url)
    assert pair.said("delivery.repeated") == [{"delivery": 1, "attempt": 2, "message_id": first.facts["message_id"]}]


def test_it_comes_as_often_as_the_contract_allows_and_then_expires(pair: Pair) -> None:
    """Two retries make three attempts; one more interval is left for a late acknowledgement."""
    _passed_on(pair)
    for _ in range(3):
        pair.answer(500)
        pair.wait(EVERY_SECONDS)
    assert not pair.posts
    assert pair.said("exchange.heard")[-1] == {
        "delivery": 1,
        "event": "persistDuration or retries over",
        "state": "expired",
        "does": "give up",
    }
    assert "undeliverable" not in pair.kinds()


def test_it_expires_when_persist_duration_is_over_whatever_retries_are_left(pair: Pair) -> None:
    _passed_on(pair)
    pair.now += timedelta(seconds=PERSIST_SECONDS - EVERY_SECONDS + 1)  # the SUT took that long to answer
    pair.answer(500)
    pair.wait(EVERY_SECONDS - 1)
    assert not pair.posts
    assert pair.said("exchange.heard")[-1]["state"] == "expired"


def test_who_wants_it_is_told_that_a_delivery_was_given_up(pair_with: Callable[..., Pair]) -> None:
    pair = pair_with(undeliverable="message-error")
    _passed_on(pair)
    for _ in range(3):
        pair.answer(None)
        pair.wait(EVERY_SECONDS)
    assert pair.said("undeliverable") == [{"delivery": 1, "why": "DeliveryFailure"}]


def test_a_message_error_in_the_answer_ends_it(pair: Pair) -> None:
    """The same bytes would meet the same error."""
    _passed_on(pair)
    pair.answer(500, pair.sut.message_error(pair.posts[0]))
    assert pair.said("exchange.heard")[-1]["state"] == "refused"
    pair.wait(PERSIST_SECONDS)
    assert not pair.posts


@pytest.mark.parametrize("signal", ["acknowledgment", "message error"])
def test_a_signal_posted_later_ends_the_exchange(pair: Pair, signal: str) -> None:
    """One known listener answers 200 with nothing in it and posts its acknowledgement by itself."""
    _passed_on(pair)
    post = pair.answer(200)
    body = pair.sut.acknowledgment(post) if signal == "acknowledgment" else pair.sut.message_error(post)
    answer = pair.post("text/xml", body)
    assert (answer.status, answer.body) == (200, b"")
    assert pair.said("exchange.heard")[-1]["event"] == signal
    pair.wait(PERSIST_SECONDS)
    assert not pair.posts
    pair.post("text/xml", body)
    assert pair.said("exchange.heard")[-1]["does"] == "nothing"


def test_a_signal_about_nothing_of_ours_changes_nothing(pair: Pair) -> None:
    _passed_on(pair)
    post = pair.acknowledge()
    before = len(pair.said("exchange.heard"))
    assert pair.post("text/xml", pair.sut.acknowledgment(post, cited="nobody's")).status == 200
    assert len(pair.said("exchange.heard")) == before


def test_the_next_timer_is_the_earliest_thing_that_waits(pair: Pair) -> None:
    assert pair.hub.next_timer() is None
    _passed_on(pair)
    assert pair.hub.next_timer() is None, "the answer is not there yet"
    pair.answer(500)
    assert pair.hub.next_timer() == NOON + timedelta(seconds=EVERY_SECONDS)
    pair.wait(EVERY_SECONDS)
    pair.acknowledge()


# -- how an answer is judged


def _answer_of(pair: Pair, *, cited: str = "") -> bytes:
    return pair.sut.acknowledgment(pair.posts[0], cited)


JUDGED: dict[tuple[int | None, str], Happened] = {
    (200, "acknowledgment"): Happened.ACKNOWLEDGMENT,
    (202, "acknowledgment"): Happened.ACKNOWLEDGMENT,
    (500, "acknowledgment"): Happened.FAILURE,
    (200, "lower"): Happened.ACKNOWLEDGMENT,
    (200, "another"): Happened.NO_ACKNOWLEDGMENT,
    (200, "request"): Happened.NO_ACKNOWLEDGMENT,
    (200, "error"): Happened.MESSAGE_ERROR,
    (500, "error"): Happened.MESSAGE_ERROR,
    (200, "nonsense"): Happened.NO_ACKNOWLEDGMENT,
    (200, ""): Happened.NO_ACKNOWLEDGMENT,
    (302, ""): Happened.FAILURE,
    (None, ""): Happened.FAILURE,
}


def test_an_answer_is_judged_on_its_acknowledgment(pair: Pair) -> None:
    """Never on the status alone."""
    letter = _passed_on(pair)
    post = pair.acknowledge()
    bodies = {
        "acknowledgment": pair.sut.acknowledgment(post),
        "lower": pair.sut.acknowledgment(post, letter.message_id.lower()),
        "another": pair.sut.acknowledgment(post, "another"),
        "error": pair.sut.message_error(post),
        "nonsense": b"OK",
    }
    readings = {kind: read("text/xml", body) for kind, body in bodies.items()}
    readings["request"] = read(letter.out.content_type, letter.out.body)
    assert {
        (status, kind): judge(status, readings.get(kind), letter.message_id)[0] for status, kind in JUDGED
    } == JUDGED


def test_an_acknowledgment_that_says_the_id_in_message_data_alone_counts(pair: Pair) -> None:
    """Spine's two readers take it from different places."""
    letter = _passed_on(pair)
    post = pair.acknowledge()
    head, found, tail = pair.sut.acknowledgment(post).partition(b"<eb:Acknowledgment ")
    cited = f"<eb:RefToMessageId>{letter.message_id}</eb:RefToMessageId>".encode()
    assert cited in tail
    reading = read("text/xml", head + found + tail.replace(cited, b""))
    assert judge(200, reading, letter.message_id) == (Happened.ACKNOWLEDGMENT, "acknowledged")
    reading = read("text/xml", head.replace(cited, b"") + found + tail.replace(cited, b""))
    assert judge(200, reading, letter.message_id) == (Happened.NO_ACKNOWLEDGMENT, "it acknowledges nothing")


def test_a_stranger_is_named_by_its_party_key(pair: Pair) -> None:
    """The sender need not be in the directory; what it sends is passed on all the same."""
    stranger = Sut(OTHER)
    pair.hub.directory.add(OTHER)
    letter = stranger.request(pair.sut.own)
    assert answered(pair.send(letter)).envelope is not None
    assert pair.said("message.sent")[0]["sender"] == OTHER.ods
    pair.acknowledge()
