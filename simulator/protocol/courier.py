"""Deliveries that Spine owes: what must be posted, how the receiver's answer is judged, when to try again.

"Delivered" is judged on the acknowledgement, synchronous or posted later, and never on the status code alone: receivers
in the field answer 200 or 202 with one, 200 empty and post it later, or 200 with a MessageError
(``simulator.protocol.exchange`` holds the table).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from simulator.protocol import facts
from simulator.protocol.commands import Post
from simulator.protocol.directory import Practice
from simulator.protocol.exchange import Happened, Next, Outbound, happened
from simulator.protocol.ids import stamp
from simulator.wire.ebxml import Kind
from simulator.wire.reading import Reading
from simulator.wire.writers.package import Outgoing


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to be delivered: its octets, and what is known of it.

    The ids are those that the receiver's acknowledgement will cite, also where the octets are wrong on purpose.

    :param label: what a person calls it. :param message: plain facts of its reading. :param digest: SHA-256 of the body
        when it is known already.
    """

    outgoing: Outgoing
    message_id: str
    conversation: str
    interaction: str
    label: str
    deliberate: str = ""
    sort: str = ""
    message: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""


@dataclass(slots=True)
class Delivery:
    """One parcel on its way to a practice.

    :param left: repeats that the contract still allows; ``deadline`` ends the whole (persistDuration).
    :param sender: who speaks: "Spine", or the name of the practice whose message this is.
    :param lost: its latest sending was lost on purpose; :param held: a sending that is held back on purpose.
    """

    number: int
    case: str
    parcel: Parcel
    to: Practice
    sender: str
    interval: timedelta
    left: int
    deadline: datetime
    attempts: int = 0
    state: Outbound = Outbound.AWAITING
    lost: bool = False
    held: Post | None = None

    def facts(self) -> dict[str, Any]:
        """What the ledger says about it when it begins."""
        parcel = self.parcel
        return {
            "delivery": self.number,
            "sender": self.sender,
            "to": self.to.party_key,
            "url": self.to.endpoint,
            "content_type": parcel.outgoing.content_type,
            "soap_action": parcel.outgoing.soap_action,
            "message_id": parcel.message_id,
            "conversation": parcel.conversation,
            "interaction": parcel.interaction,
            "label": parcel.label,
            "deliberate": parcel.deliberate,
            "sort": parcel.sort,
            "deadline": stamp(self.deadline),
            "message": dict(parcel.message),
        }

    def let_go(self) -> None:
        """Forget the octets once they will not be sent again: kept, a day of large messages would fill the memory."""
        if self.state is not Outbound.AWAITING:
            self.parcel = replace(self.parcel, outgoing=replace(self.parcel.outgoing, body=b""))


class Courier:
    """The deliveries of one hub, and the moments at which each must be looked at again."""

    def __init__(self) -> None:
        self._deliveries: dict[int, Delivery] = {}
        self._by_message: dict[str, int] = {}
        self._timers: list[tuple[datetime, int]] = []

    def add(self, delivery: Delivery) -> Post:
        """Take charge of ``delivery`` and say what to post first."""
        self._deliveries[delivery.number] = delivery
        self._by_message[delivery.parcel.message_id.upper()] = delivery.number
        return self._post(delivery)

    def get(self, number: int) -> Delivery:
        """The delivery of a number."""
        return self._deliveries[number]

    def of_message(self, message_id: str) -> Delivery | None:
        """The latest delivery of a MessageId: what an acknowledgement posted later refers to."""
        number = self._by_message.get(message_id.upper())
        return self._deliveries.get(number) if number is not None else None

    def heard(self, delivery: Delivery, event: Happened, now: datetime) -> Next:
        """Take an event into the table and arm the timer it asks for."""
        delivery.state, what = happened(delivery.state, event)
        if what is Next.WAIT_AND_RETRY:
            if now + delivery.interval > delivery.deadline:
                # What is left of persistDuration is for a late acknowledgement, as the last interval is after the last
                # retry; then it is over.
                delivery.left = 0
            heapq.heappush(self._timers, (min(now + delivery.interval, delivery.deadline), delivery.number))
        return what

    def due(self, now: datetime) -> list[Delivery]:
        """The deliveries whose interval is over at ``now`` and that still await an acknowledgement."""
        due = []
        while self._timers and self._timers[0][0] <= now:
            delivery = self._deliveries[heapq.heappop(self._timers)[1]]
            if delivery.state is Outbound.AWAITING:
                due.append(delivery)
        return due

    def rang(self, delivery: Delivery, now: datetime) -> None:
        """The timer of a delivery has rung: as in :meth:`due`, it does not ring again."""
        self._timers = [each for each in self._timers if each[1] != delivery.number or each[0] > now]
        heapq.heapify(self._timers)

    def hold(self, delivery: Delivery, post: Post, until: datetime) -> None:
        """Keep a sending back until a moment, when :meth:`due` names its delivery."""
        delivery.held = post
        heapq.heappush(self._timers, (until, delivery.number))

    def elapse(self, case: str, length: timedelta) -> None:
        """Time passes for the deliveries of a case: what they wait for comes nearer."""
        for delivery in self._deliveries.values():
            if delivery.case == case and delivery.state is Outbound.AWAITING:
                delivery.deadline -= length
        self._timers = [
            (moment - length if self._deliveries[number].case == case else moment, number)
            for moment, number in self._timers
        ]
        heapq.heapify(self._timers)

    def again(self, delivery: Delivery) -> Post:
        """Post the same bytes once more (same MessageId, same Timestamp: a repeat is byte-identical)."""
        delivery.left -= 1
        return self._post(delivery)

    def next_timer(self) -> datetime | None:
        """When :meth:`due` will next have something to say."""
        return self._timers[0][0] if self._timers else None

    @staticmethod
    def _post(delivery: Delivery) -> Post:
        delivery.attempts += 1
        out = delivery.parcel.outgoing
        return Post(
            delivery.number,
            delivery.case,
            delivery.to.endpoint,
            out.soap_action,
            out.content_type,
            out.body,
            {"attempt": delivery.attempts, "message_id": delivery.parcel.message_id},
        )


def passed_on(out: Outgoing, reading: Reading, *, label: str = "", digest: str = "") -> Parcel:
    """A message of somebody else's as it is passed on, known by its own envelope."""
    envelope = reading.envelope
    assert envelope is not None, "only what has an envelope is passed on"
    return Parcel(
        out,
        envelope.message_id,
        envelope.conversation_id,
        envelope.action,
        label or facts.label(reading),
        message=facts.of(reading),
        digest=digest,
    )


def judge(status: int | None, answer: Reading | None, message_id: str) -> tuple[Happened, str]:
    """What a receiver's answer means, and in a few words why.

    :param status: HTTP status, or ``None`` when there was no answer.
    :param answer: its body, read; ``None`` when it was empty.
    """
    if status is None:
        return Happened.FAILURE, "no answer"
    envelope = answer.envelope if answer else None
    if envelope is not None and envelope.kind is Kind.MESSAGE_ERROR and status < 600:
        return Happened.MESSAGE_ERROR, "; ".join(f"{e.code} {e.description}" for e in envelope.errors)
    if not 200 <= status < 300:
        return Happened.FAILURE, f"status {status}"
    if envelope is None or envelope.kind is not Kind.ACKNOWLEDGMENT:
        return Happened.NO_ACKNOWLEDGMENT, f"status {status} without an acknowledgment"
    acknowledged = envelope.acknowledged_id or envelope.ref_to_message_id
    if acknowledged.upper() != message_id.upper():
        return Happened.NO_ACKNOWLEDGMENT, f"it acknowledges {acknowledged or 'nothing'}"
    return Happened.ACKNOWLEDGMENT, "acknowledged"
