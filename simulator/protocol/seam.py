"""The seam where deliveries leave: here, and nowhere else, faults are done to a message on its way to the SUT.

What left is in the ledger: the octets as they were damaged, and each fault in words beside the sending that it struck.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from simulator.protocol import faults
from simulator.protocol.case import Case
from simulator.protocol.commands import Command, Note, Post
from simulator.protocol.courier import Courier, Delivery
from simulator.protocol.patching import Patch, literal, part, pattern
from simulator.protocol.script import Fault
from simulator.protocol.variants import VARIANTS
from simulator.wire import times
from simulator.wire.writers.package import Outgoing


def _cut_short(out: Outgoing) -> Outgoing:
    return replace(out, body=out.body[: len(out.body) // 2])


def _without_payload(out: Outgoing) -> Outgoing:
    """The part, its headers included; what stands before and behind it stays."""
    delimiter = re.match(rb"\s*(--[^\r\n]+)", out.body)
    assert delimiter is not None, "the strict writers begin with a delimiter"
    pieces = out.body.split(delimiter[1])
    return replace(out, body=delimiter[1].join([*pieces[:2], *pieces[3:]]))


def _in_utf_16(head: bytes, data: bytes) -> tuple[bytes, bytes]:
    return head, data.decode("utf-8").encode("utf-16")


DAMAGE: Mapping[str, Patch] = {
    faults.DAMAGE_OCTET: literal(b"</eb:MessageHeader>", b"</eb:MessageHeaddr>"),
    faults.DAMAGE_FIELD: pattern(rb"(<eb:From>.*?<eb:PartyId[^>]*>)[^<]*", rb"\g<1>"),
    faults.LOSE_PART: _without_payload,
    faults.DAMAGE_CHARSET: part(1, _in_utf_16),
    faults.CUT_SHORT: _cut_short,
    faults.EXPIRE: VARIANTS["time to live in the past"].apply,
}


class Seam:
    """What becomes of a delivery between the courier and the wire."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._overtaken: dict[str, list[tuple[Delivery, Post]]] = {}

    def pass_on(
        self, delivery: Delivery, note: Note, post: Post, case: Case | None, now: datetime
    ) -> Iterator[Command]:
        """A sending of ``delivery``, as it really leaves. ``note`` says that it does; it is told of the fault.

        Nothing is posted of what is lost (``delivery.lost`` then says so) or held back for now.
        """
        fault = case.faults.struck(faults.ON_THE_WAY, delivery.parcel.interaction) if case else None
        if case is None or fault is None:
            yield from (note, post)
            return
        yield replace(note, data={**note.data, "fault": f"{fault.action} ({faults.ACTIONS[fault.action].what})"})
        if fault.action == faults.LOSE:
            delivery.lost = True
        elif fault.action in (faults.HOLD_BACK, faults.LET_OVERTAKE):
            self._hold(delivery, post, case, fault, now)
        elif fault.action in DAMAGE:
            yield from _damaged(delivery, post, fault)
        else:
            yield replace(post, manner=fault.action)

    def _hold(self, delivery: Delivery, post: Post, case: Case, fault: Fault, now: datetime) -> None:
        """A case rests while Spine holds something of it: otherwise no clock could be moved, and nothing could overtake."""
        case.pending -= 1
        if fault.action == faults.LET_OVERTAKE:
            self._overtaken.setdefault(case.id, []).append((delivery, post))
            return
        length = times.duration(fault.length)
        assert length is not None, "a plan is refused whose fault has no such length"
        self._courier.hold(delivery, post, now + length)

    def released(self, delivery: Delivery, post: Post, case: Case | None) -> Iterator[Command]:
        """What was held is on its way."""
        if case is not None:
            case.pending += 1
        yield Note("delivery.released", delivery.case, {"delivery": delivery.number, "attempt": delivery.attempts})
        yield post

    def overtaken(self, case: Case | None) -> Iterator[Command]:
        """Something of the case has been delivered: what it was to overtake follows."""
        for delivery, post in self._overtaken.pop(case.id, ()) if case else ():
            yield from self.released(delivery, post, case)


def _damaged(delivery: Delivery, post: Post, fault: Fault) -> Iterator[Command]:
    damaged = DAMAGE[fault.action](delivery.parcel.outgoing)
    about: dict[str, Any] = {"delivery": delivery.number, "attempt": delivery.attempts, "fault": fault.action}
    yield Note("delivery.damaged", delivery.case, about, damaged.body)
    yield replace(post, body=damaged.body)
