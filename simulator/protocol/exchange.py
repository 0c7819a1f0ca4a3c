"""ebXML reliability: one exchange is one ebXML message over one hop and its acknowledgement. Two tables, both total.

This file is where a duplicate MessageId is decided: ``INBOUND`` below, the row (ACCEPTED, SAME_MESSAGE).

The key of an inbound exchange is (From party, MessageId), remembered for the contract's persistDuration. A repeat is
acknowledged again, because the first acknowledgement may be what was lost, and is delivered to nobody (ebMS 2.0 §6.5.4,
"Duplicate Elimination"; contract property ``nhsMHSDuplicateElimination`` = always).
"""

from __future__ import annotations

from enum import Enum


class Inbound(Enum):
    """What Spine knows of a MessageId that somebody posted."""

    UNSEEN = "unseen"
    ACCEPTED = "accepted"


class Arrived(Enum):
    """What can come in under a MessageId."""

    MESSAGE = "message"  # bytes never seen under any id
    SAME_MESSAGE = "same message"  # the id and the bytes of an earlier one
    SAME_ID_OTHER_BYTES = "same id, other bytes"
    FORGOTTEN = "persistDuration over"


class Answer(Enum):
    """What Spine does about it."""

    ACKNOWLEDGE_AND_DELIVER = "acknowledge and deliver"
    ACKNOWLEDGE_AGAIN = "acknowledge again, deliver nothing"
    ACKNOWLEDGE_AGAIN_AND_REPORT = "acknowledge again, deliver nothing, report the different bytes"
    FORGET = "forget"


INBOUND: dict[tuple[Inbound, Arrived], tuple[Inbound, Answer]] = {
    (Inbound.UNSEEN, Arrived.MESSAGE): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AND_DELIVER),
    # The id is new, so what its bytes resemble is nobody's business: a re-send under a new id is a message (TD66).
    (Inbound.UNSEEN, Arrived.SAME_MESSAGE): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AND_DELIVER),
    (Inbound.UNSEEN, Arrived.SAME_ID_OTHER_BYTES): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AND_DELIVER),
    (Inbound.UNSEEN, Arrived.FORGOTTEN): (Inbound.UNSEEN, Answer.FORGET),
    # A known id never counts as new again while it is remembered.
    (Inbound.ACCEPTED, Arrived.MESSAGE): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AGAIN),
    (Inbound.ACCEPTED, Arrived.SAME_MESSAGE): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AGAIN),
    (Inbound.ACCEPTED, Arrived.SAME_ID_OTHER_BYTES): (Inbound.ACCEPTED, Answer.ACKNOWLEDGE_AGAIN_AND_REPORT),
    (Inbound.ACCEPTED, Arrived.FORGOTTEN): (Inbound.UNSEEN, Answer.FORGET),
}


class Outbound(Enum):
    """Where a message that Spine must deliver stands."""

    AWAITING = "awaiting"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    EXPIRED = "expired"


class Happened(Enum):
    """What can happen to a delivery, judged on the acknowledgement and not on the status code alone."""

    ACKNOWLEDGMENT = "acknowledgment"  # synchronous, or posted later as a signal
    MESSAGE_ERROR = "message error"
    NO_ACKNOWLEDGMENT = "2xx without acknowledgment"
    FAILURE = "no connection, no answer, 4xx or 5xx"
    INTERVAL_OVER = "retry interval over"
    PERSIST_OVER = "persistDuration or retries over"


class Next(Enum):
    """What the courier does next."""

    STOP = "stop"
    WAIT_AND_RETRY = "wait one interval, then send the same bytes"
    SEND_AGAIN = "send the same bytes now"
    GIVE_UP = "give up"
    NOTHING = "nothing"


_CLOSED = (Outbound.ACKNOWLEDGED, Outbound.REFUSED, Outbound.EXPIRED)

OUTBOUND: dict[tuple[Outbound, Happened], tuple[Outbound, Next]] = {
    (Outbound.AWAITING, Happened.ACKNOWLEDGMENT): (Outbound.ACKNOWLEDGED, Next.STOP),
    # ebMS 2.0 §4.2: an error is an answer, not a loss; the same bytes would meet the same error.
    (Outbound.AWAITING, Happened.MESSAGE_ERROR): (Outbound.REFUSED, Next.STOP),
    # One known listener answers 200 empty and posts its acknowledgement later: wait an interval before repeating.
    (Outbound.AWAITING, Happened.NO_ACKNOWLEDGMENT): (Outbound.AWAITING, Next.WAIT_AND_RETRY),
    (Outbound.AWAITING, Happened.FAILURE): (Outbound.AWAITING, Next.WAIT_AND_RETRY),
    (Outbound.AWAITING, Happened.INTERVAL_OVER): (Outbound.AWAITING, Next.SEND_AGAIN),
    (Outbound.AWAITING, Happened.PERSIST_OVER): (Outbound.EXPIRED, Next.GIVE_UP),
    # Whatever comes after the end changes nothing.
    **{(closed, event): (closed, Next.NOTHING) for closed in _CLOSED for event in Happened},
}


def arrived(state: Inbound, event: Arrived) -> tuple[Inbound, Answer]:
    """The next state of an inbound exchange, and what Spine does."""
    return INBOUND[state, event]


def happened(state: Outbound, event: Happened) -> tuple[Outbound, Next]:
    """The next state of an outbound exchange, and what the courier does."""
    return OUTBOUND[state, event]
