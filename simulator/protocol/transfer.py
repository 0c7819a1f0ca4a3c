"""The GP2GP flow: one transfer is one conversation, from request to final acknowledgement. One table, total.

It says what the standard allows at each point, whoever of the two practices is ours. A message that the table does not
allow never stops anything: the row names the violation, the ledger records it, and the run goes on.

Requirement ids stand in the margin. Large messaging widens this table; here a continue or a part is named and kept.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a transfer stands."""

    IDLE = "idle"
    REQUESTED = "requested"
    REFUSED = "refused"
    EXTRACTED = "extracted"
    CONTINUED = "continued"
    INTEGRATED = "integrated"
    REJECTED = "rejected"


class Event(Enum):
    """What a message means for the transfer. Only messages that were delivered count: repeats do not get here."""

    REQUEST = "EHR request"
    REQUEST_ACK = "positive acknowledgement of the request"
    REQUEST_NACK = "negative acknowledgement of the request"
    EXTRACT = "EHR extract"
    CONTINUE = "continue"
    PART = "attachment or fragment"
    PART_ANSWER = "acknowledgement of a part"
    FINAL_ACK = "positive acknowledgement of the extract"
    FINAL_NACK = "negative acknowledgement of the extract"
    STRAY_ACK = "acknowledgement of something that was not sent"
    UNKNOWN = "no GP2GP message"


class Violation(Enum):
    """What a message that came at the wrong time did."""

    NONE = ""
    NOT_REQUESTED = "nothing was requested in this conversation"
    REQUESTED_AGAIN = "the conversation has a request already"
    ANSWERED_AFTER_REFUSAL = "the request had been refused, which ends the transfer"
    ANSWERED_TWICE = "the request was answered already"
    SECOND_EXTRACT = "the conversation has an extract already"
    NOT_EXTRACTED = "no extract had been sent"
    NOT_CONTINUED = "no continue had been sent"
    FINISHED = "the transfer had ended"
    CITES_NOTHING = "it cites a message that was not sent in this conversation"
    NO_MESSAGE = "it is none of the five messages"


S, E, V = State, Event, Violation

TABLE: dict[tuple[State, Event], tuple[State, Violation]] = {
    # Nothing yet.
    (S.IDLE, E.REQUEST): (S.REQUESTED, V.NONE),  # TD14, S20
    (S.IDLE, E.REQUEST_ACK): (S.IDLE, V.NOT_REQUESTED),
    (S.IDLE, E.REQUEST_NACK): (S.IDLE, V.NOT_REQUESTED),
    (S.IDLE, E.EXTRACT): (S.IDLE, V.NOT_REQUESTED),  # TD27.1: to be answered with 09
    (S.IDLE, E.CONTINUE): (S.IDLE, V.NOT_EXTRACTED),
    (S.IDLE, E.PART): (S.IDLE, V.NOT_CONTINUED),
    (S.IDLE, E.PART_ANSWER): (S.IDLE, V.CITES_NOTHING),
    (S.IDLE, E.FINAL_ACK): (S.IDLE, V.NOT_EXTRACTED),
    (S.IDLE, E.FINAL_NACK): (S.IDLE, V.NONE),  # TD27.1: 09 cites the unsolicited extract
    # Requested: the positive answer may come before or after the extract (TD19.2), or, seen in the field, never.
    (S.REQUESTED, E.REQUEST): (S.REQUESTED, V.REQUESTED_AGAIN),
    (S.REQUESTED, E.REQUEST_ACK): (S.REQUESTED, V.NONE),  # TD19.2
    (S.REQUESTED, E.REQUEST_NACK): (S.REFUSED, V.NONE),  # S32, TD51
    (S.REQUESTED, E.EXTRACT): (S.EXTRACTED, V.NONE),  # TD52
    (S.REQUESTED, E.CONTINUE): (S.REQUESTED, V.NOT_EXTRACTED),
    (S.REQUESTED, E.PART): (S.REQUESTED, V.NOT_CONTINUED),
    (S.REQUESTED, E.PART_ANSWER): (S.REQUESTED, V.CITES_NOTHING),
    (S.REQUESTED, E.FINAL_ACK): (S.REQUESTED, V.NOT_EXTRACTED),
    (S.REQUESTED, E.FINAL_NACK): (S.REQUESTED, V.NOT_EXTRACTED),
    # Refused: terminal for both sides (S32).
    (S.REFUSED, E.REQUEST): (S.REFUSED, V.FINISHED),
    (S.REFUSED, E.REQUEST_ACK): (S.REFUSED, V.ANSWERED_AFTER_REFUSAL),
    (S.REFUSED, E.REQUEST_NACK): (S.REFUSED, V.ANSWERED_TWICE),
    (S.REFUSED, E.EXTRACT): (S.REFUSED, V.ANSWERED_AFTER_REFUSAL),
    (S.REFUSED, E.CONTINUE): (S.REFUSED, V.FINISHED),
    (S.REFUSED, E.PART): (S.REFUSED, V.FINISHED),
    (S.REFUSED, E.PART_ANSWER): (S.REFUSED, V.FINISHED),
    (S.REFUSED, E.FINAL_ACK): (S.REFUSED, V.FINISHED),
    (S.REFUSED, E.FINAL_NACK): (S.REFUSED, V.NONE),  # S60, TD27: an extract after a refusal may be refused in turn
    # Extracted: the requester decides; a second extract is answered with 12 and changes nothing (TD27.2).
    (S.EXTRACTED, E.REQUEST): (S.EXTRACTED, V.REQUESTED_AGAIN),
    (S.EXTRACTED, E.REQUEST_ACK): (S.EXTRACTED, V.NONE),  # TD62
    (S.EXTRACTED, E.REQUEST_NACK): (S.REFUSED, V.NONE),  # TD55, TD61: 20 when the sending fails
    (S.EXTRACTED, E.EXTRACT): (S.EXTRACTED, V.SECOND_EXTRACT),  # TD27.2
    (S.EXTRACTED, E.CONTINUE): (S.CONTINUED, V.NONE),  # LM12
    (S.EXTRACTED, E.PART): (S.EXTRACTED, V.NOT_CONTINUED),  # LM13
    (S.EXTRACTED, E.PART_ANSWER): (S.EXTRACTED, V.CITES_NOTHING),
    (S.EXTRACTED, E.FINAL_ACK): (S.INTEGRATED, V.NONE),  # S67, TD30.1
    (S.EXTRACTED, E.FINAL_NACK): (S.REJECTED, V.NONE),  # S68, TD28, TD30.2
    # Continued: parts and their answers in any order (LM29.2).
    (S.CONTINUED, E.REQUEST): (S.CONTINUED, V.REQUESTED_AGAIN),
    (S.CONTINUED, E.REQUEST_ACK): (S.CONTINUED, V.NONE),  # TD62
    (S.CONTINUED, E.REQUEST_NACK): (S.REFUSED, V.NONE),  # TD61
    (S.CONTINUED, E.EXTRACT): (S.CONTINUED, V.SECOND_EXTRACT),
    (S.CONTINUED, E.CONTINUE): (S.CONTINUED, V.FINISHED),
    (S.CONTINUED, E.PART): (S.CONTINUED, V.NONE),  # TD57
    (S.CONTINUED, E.PART_ANSWER): (S.CONTINUED, V.NONE),  # LM34
    (S.CONTINUED, E.FINAL_ACK): (S.INTEGRATED, V.NONE),  # S66
    (S.CONTINUED, E.FINAL_NACK): (S.REJECTED, V.NONE),  # LM35
    # Integrated: only the request's own answer may still be on its way.
    (S.INTEGRATED, E.REQUEST): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.REQUEST_ACK): (S.INTEGRATED, V.NONE),  # TD19.2
    (S.INTEGRATED, E.REQUEST_NACK): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.EXTRACT): (S.INTEGRATED, V.SECOND_EXTRACT),  # S60
    (S.INTEGRATED, E.CONTINUE): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.PART): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.PART_ANSWER): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.FINAL_ACK): (S.INTEGRATED, V.FINISHED),
    (S.INTEGRATED, E.FINAL_NACK): (S.INTEGRATED, V.NONE),  # S60: 12 for a second extract
    # Rejected: a re-send of the extract opens it again (TD65, TD66).
    (S.REJECTED, E.REQUEST): (S.REJECTED, V.FINISHED),
    (S.REJECTED, E.REQUEST_ACK): (S.REJECTED, V.NONE),  # TD19.2
    (S.REJECTED, E.REQUEST_NACK): (S.REJECTED, V.FINISHED),
    (S.REJECTED, E.EXTRACT): (S.EXTRACTED, V.NONE),  # TD65
    (S.REJECTED, E.CONTINUE): (S.REJECTED, V.FINISHED),
    (S.REJECTED, E.PART): (S.REJECTED, V.FINISHED),
    (S.REJECTED, E.PART_ANSWER): (S.REJECTED, V.NONE),  # LM35: parts under way are still answered
    (S.REJECTED, E.FINAL_ACK): (S.REJECTED, V.FINISHED),
    (S.REJECTED, E.FINAL_NACK): (S.REJECTED, V.FINISHED),
    # An acknowledgement of nothing and a message that is none change nothing anywhere.
    **{(state, E.STRAY_ACK): (state, V.CITES_NOTHING) for state in State},
    **{(state, E.UNKNOWN): (state, V.NO_MESSAGE) for state in State},
}


def step(state: State, event: Event) -> tuple[State, Violation]:
    """The next state of the transfer, and what the message did wrong, if anything."""
    return TABLE[state, event]
