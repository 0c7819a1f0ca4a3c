"""The three tables are total, and their meaningful rows say what the standard says."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from itertools import product
from typing import Any

import pytest

from simulator.protocol import exchange, transfer
from simulator.protocol.exchange import Answer, Arrived, Happened, Inbound, Next, Outbound
from simulator.protocol.transfer import Event, State, Violation

TABLES = (
    (exchange.INBOUND, Inbound, Arrived, Inbound, Answer, exchange.arrived),
    (exchange.OUTBOUND, Outbound, Happened, Outbound, Next, exchange.happened),
    (transfer.TABLE, State, Event, State, Violation, transfer.step),
)


@pytest.mark.parametrize("row", TABLES, ids=["inbound", "outbound", "transfer"])
def test_every_state_and_event_has_a_row_and_the_table_has_no_other(
    row: tuple[dict[Any, Any], type[Enum], type[Enum], type[Enum], type[Enum], Callable[[Any, Any], Any]],
) -> None:
    """Nothing can happen that the table does not foresee, and every row leads to a state and a reaction that exist."""
    table, states, events, after, does, ask = row
    assert set(table) == set(product(states, events))
    for state, event in product(states, events):
        result = ask(state, event)
        assert result == table[state, event]
        assert isinstance(result[0], after)
        assert isinstance(result[1], does)


def test_a_transfer_moves_only_by_what_is_allowed_then() -> None:
    """Every cell is a move, a stay, or a named violation, which moves nothing: a message out of place spoils no transfer."""
    for (state, event), (after, violation) in transfer.TABLE.items():
        assert after is state or violation is Violation.NONE, (state, event)
        assert bool(violation.value) is (violation is not Violation.NONE)
    moves = {(state, after) for (state, _), (after, _) in transfer.TABLE.items()}
    assert {after for _, after in moves} == set(State), "a state that nothing leads to"


# -- inbound


def test_a_duplicate_is_acknowledged_again_and_delivered_to_nobody() -> None:
    assert exchange.arrived(Inbound.ACCEPTED, Arrived.SAME_MESSAGE) == (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AGAIN)


def test_the_same_id_with_other_bytes_is_acknowledged_again_and_reported() -> None:
    _, answer = exchange.arrived(Inbound.ACCEPTED, Arrived.SAME_ID_OTHER_BYTES)
    assert answer is Answer.ACKNOWLEDGE_AGAIN_AND_REPORT


def test_when_persist_duration_is_over_the_id_is_forgotten() -> None:
    assert exchange.arrived(Inbound.ACCEPTED, Arrived.FORGOTTEN) == (Inbound.UNSEEN, Answer.FORGET)


@pytest.mark.parametrize("event", set(Arrived) - {Arrived.FORGOTTEN})
def test_a_new_id_is_delivered_whatever_its_bytes_resemble(event: Arrived) -> None:
    """A re-send under a new id is a message (TD66)."""
    assert exchange.arrived(Inbound.UNSEEN, event) == (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AND_DELIVER)


@pytest.mark.parametrize("event", set(Arrived))
def test_a_known_id_is_never_delivered_again_while_it_is_remembered(event: Arrived) -> None:
    assert exchange.arrived(Inbound.ACCEPTED, event)[1] is not Answer.ACKNOWLEDGE_AND_DELIVER


# -- outbound


def test_a_message_error_is_an_answer_and_is_not_retried() -> None:
    assert exchange.happened(Outbound.AWAITING, Happened.MESSAGE_ERROR) == (Outbound.REFUSED, Next.STOP)


@pytest.mark.parametrize("event", [Happened.FAILURE, Happened.NO_ACKNOWLEDGMENT])
def test_what_is_not_acknowledged_is_sent_again_after_the_interval(event: Happened) -> None:
    """A status of 2xx without an acknowledgment delivers nothing."""
    assert exchange.happened(Outbound.AWAITING, event) == (Outbound.AWAITING, Next.WAIT_AND_RETRY)
    assert exchange.happened(Outbound.AWAITING, Happened.INTERVAL_OVER) == (Outbound.AWAITING, Next.SEND_AGAIN)


def test_an_acknowledgment_ends_it_and_so_does_persist_duration() -> None:
    assert exchange.happened(Outbound.AWAITING, Happened.ACKNOWLEDGMENT) == (Outbound.ACKNOWLEDGED, Next.STOP)
    assert exchange.happened(Outbound.AWAITING, Happened.PERSIST_OVER) == (Outbound.EXPIRED, Next.GIVE_UP)


def test_whatever_comes_after_the_end_changes_nothing() -> None:
    for state, event in product(set(Outbound) - {Outbound.AWAITING}, Happened):
        assert exchange.happened(state, event) == (state, Next.NOTHING), (state, event)


# -- transfer

LARGE = (Event.REQUEST, Event.EXTRACT, Event.CONTINUE, Event.PART, Event.PART_ANSWER, Event.FINAL_ACK)


def walk(*events: Event) -> tuple[State, list[Violation]]:
    """The state after ``events``, and what each did wrong."""
    state, violations = State.IDLE, []
    for event in events:
        state, violation = transfer.step(state, event)
        violations.append(violation)
    return state, violations


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((Event.REQUEST, Event.REQUEST_ACK, Event.EXTRACT, Event.FINAL_ACK), State.INTEGRATED),
        (
            (Event.REQUEST, Event.EXTRACT, Event.REQUEST_ACK, Event.FINAL_ACK),
            State.INTEGRATED,
        ),  # TD19.2: extract before answer
        ((Event.REQUEST, Event.EXTRACT, Event.FINAL_ACK, Event.REQUEST_ACK), State.INTEGRATED),
        ((Event.REQUEST, Event.REQUEST_NACK), State.REFUSED),  # S32
        ((Event.REQUEST, Event.EXTRACT, Event.REQUEST_NACK), State.REFUSED),  # TD55
        (
            (Event.REQUEST, Event.EXTRACT, Event.FINAL_NACK, Event.EXTRACT, Event.FINAL_ACK),
            State.INTEGRATED,
        ),  # TD65: resend reopens
        (LARGE, State.INTEGRATED),  # LM12, LM34, S66
        ((*LARGE[:4], Event.FINAL_NACK, Event.PART_ANSWER), State.REJECTED),  # LM35
        ((Event.FINAL_NACK,), State.IDLE),  # TD27.1: 09 to an unsolicited extract
    ],
)
def test_a_transfer_that_the_standard_allows_has_no_violation(events: tuple[Event, ...], state: State) -> None:
    end, violations = walk(*events)
    assert end is state
    assert set(violations) == {Violation.NONE}


@pytest.mark.parametrize(
    ("events", "violation"),
    [
        ((Event.EXTRACT,), Violation.NOT_REQUESTED),
        ((Event.REQUEST, Event.REQUEST), Violation.REQUESTED_AGAIN),
        (
            (Event.REQUEST, Event.REQUEST_NACK, Event.EXTRACT),
            Violation.ANSWERED_AFTER_REFUSAL,
        ),  # S32: a refusal is terminal
        ((Event.REQUEST, Event.REQUEST_NACK, Event.REQUEST_ACK), Violation.ANSWERED_AFTER_REFUSAL),
        ((Event.REQUEST, Event.REQUEST_NACK, Event.REQUEST_NACK), Violation.ANSWERED_TWICE),
        ((Event.REQUEST, Event.EXTRACT, Event.EXTRACT), Violation.SECOND_EXTRACT),  # TD27.2
        ((Event.REQUEST, Event.FINAL_ACK), Violation.NOT_EXTRACTED),
        ((Event.REQUEST, Event.EXTRACT, Event.PART), Violation.NOT_CONTINUED),  # LM13
        ((Event.REQUEST, Event.EXTRACT, Event.FINAL_ACK, Event.REQUEST), Violation.FINISHED),
    ],
)
def test_a_message_at_the_wrong_time_is_named(events: tuple[Event, ...], violation: Violation) -> None:
    *before, last = walk(*events)[1]
    assert set(before) <= {Violation.NONE}
    assert last is violation


def test_strays_and_unknown_messages_change_nothing() -> None:
    for state in State:
        assert transfer.step(state, Event.STRAY_ACK) == (state, Violation.CITES_NOTHING)
        assert transfer.step(state, Event.UNKNOWN) == (state, Violation.NO_MESSAGE)


def test_nothing_leads_out_of_a_refusal() -> None:
    """Refused is terminal for both sides (S32)."""
    assert {transfer.step(State.REFUSED, event)[0] for event in Event} == {State.REFUSED}
