"""The time of a case."""

from __future__ import annotations

from harness.casetime import in_case_time, moment
from simulator.ledger import Entry


def entry(number: int, kind: str, **data: object) -> Entry:
    return Entry(number, f"2026-11-24T12:00:0{number}.000Z", kind, "case-1", data, "")


def test_what_follows_a_move_of_the_clock_has_the_time_that_it_then_showed() -> None:
    """From the move itself on, until it is put back."""
    entries = [
        entry(1, "message.sent"),
        entry(2, "clock.moved", ahead_seconds=86_400.0),
        entry(3, "message.received"),
        entry(4, "clock.moved", ahead_seconds=0.0),
    ]
    assert [each.at for each in in_case_time(entries)] == [
        "2026-11-24T12:00:01.000Z",
        "2026-11-25T12:00:02.000Z",
        "2026-11-25T12:00:03.000Z",
        "2026-11-24T12:00:04.000Z",
    ]
    assert moment(entries[0]).second == 1
