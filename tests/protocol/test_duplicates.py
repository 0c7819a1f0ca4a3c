"""Is the MessageId new? A repeat is acknowledged each time and passed on once, for as long as it is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from simulator.wire.writers.times import ebxml_time
from tests.protocol.pair import Pair, assert_acknowledged
from tests.protocol.sut import EVERY_SECONDS, NOON, OTHER, PERSIST_SECONDS, SUT, practice


def _passed_on(pair: Pair) -> int:
    return len(pair.said("message.sent"))


def test_a_duplicate_is_acknowledged_each_time_and_passed_on_once(pair: Pair) -> None:
    letter = pair.sut.request(OTHER)
    for _ in range(3):
        assert_acknowledged(pair.send(letter), letter)
        pair.wait(1)
    assert _passed_on(pair) == 1
    assert [each["does"] for each in pair.said("exchange.decided")] == [
        "acknowledge and deliver",
        "acknowledge again, deliver nothing",
        "acknowledge again, deliver nothing",
    ]
    pair.acknowledge()


def test_the_id_is_the_same_in_either_case(pair: Pair) -> None:
    letter = pair.sut.request(OTHER)
    pair.send(letter)
    lower = letter.with_body(letter.message_id.encode(), letter.message_id.lower().encode())
    assert pair.send(lower).status == 202
    assert _passed_on(pair) == 1
    assert pair.said("exchange.decided")[-1]["does"].endswith("report the different bytes")
    pair.acknowledge()


def test_two_senders_may_use_one_id(pair: Pair) -> None:
    """The key is party and MessageId."""
    letter = pair.sut.request(OTHER)
    pair.send(letter)
    pair.send(letter.with_body(f">{SUT.party_key}<".encode(), f">{practice(8).party_key}<".encode()))
    assert _passed_on(pair) == 2
    pair.acknowledge()
    pair.acknowledge()


@pytest.mark.parametrize(("later", "times"), [(-1, 1), (0, 2), (1, 2)])
def test_within_persist_duration_once_and_after_it_again(pair: Pair, later: int, times: int) -> None:
    letter = pair.sut.request(OTHER)
    pair.send(letter)
    pair.acknowledge()
    pair.wait(PERSIST_SECONDS + later)
    assert_acknowledged(pair.send(letter), letter)
    assert _passed_on(pair) == times
    for _ in range(times - 1):
        pair.acknowledge()


@pytest.mark.parametrize(
    ("counted", "sent", "seconds"),
    [
        ("timestamp", ebxml_time(NOON - timedelta(seconds=20)), PERSIST_SECONDS - 20),
        ("receipt", ebxml_time(NOON - timedelta(seconds=20)), PERSIST_SECONDS),
        ("timestamp", "no time", PERSIST_SECONDS),
        ("timestamp", ebxml_time(NOON - timedelta(days=1)), PERSIST_SECONDS),
        ("timestamp", ebxml_time(NOON + timedelta(days=1)), PERSIST_SECONDS),
        ("timestamp", "9999-12-31T23:59:59Z", PERSIST_SECONDS),
        ("timestamp", "0001-01-01T00:00:00Z", PERSIST_SECONDS),
    ],
)
def test_persist_duration_is_counted_from_the_timestamp_where_that_makes_sense(
    pair_with: Callable[..., Pair], counted: str, sent: str, seconds: int
) -> None:
    """LMS §2.3.6; a time that is none, long past or to come would make Spine forget at once or never."""
    pair = pair_with(expiry_from=counted)
    letter = pair.sut.request(OTHER, timestamp=sent)
    pair.send(letter)
    pair.acknowledge()
    pair.wait(seconds - 1)
    pair.send(letter)
    assert _passed_on(pair) == 1
    pair.wait(1)
    pair.send(letter)
    assert _passed_on(pair) == 2
    pair.acknowledge()


def test_one_interval_is_less_than_persist_duration() -> None:
    """Or the tests of repeats above would prove nothing."""
    assert EVERY_SECONDS * 2 < PERSIST_SECONDS
