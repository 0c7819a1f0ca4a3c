"""Faults: Spine misbehaves on purpose at the one seam where octets pass, and says so in the ledger.

A fault never changes what a message says; it changes whether, when, how often, how whole and with what answer it travels. A
message that is wrong in itself is a variant (``simulator.protocol.variants``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.protocol.script import Fault
from simulator.wire import times

TO_SUT, SUT_ANSWER, FROM_SUT = "to sut", "to sut answer", "from sut"
ON_THE_WAY = "on the way to sut"

DELIVER_TWICE = "deliver twice"
LOSE_THE_ANSWER = "lose the answer"
LOSE_THE_ACKNOWLEDGEMENT = "lose the acknowledgement"
ANSWER_500 = "answer 500"
REFUSE = "refuse"

LOSE = "lose"
HOLD_BACK = "hold back"
LET_OVERTAKE = "let overtake"

DAMAGE_OCTET = "damage an octet"
DAMAGE_FIELD = "damage a field"
LOSE_PART = "lose a part"
DAMAGE_CHARSET = "damage the character set"
CUT_SHORT = "cut short"
EXPIRE = "expire"

BREAK_OFF = "break off"
DRIP = "drip"
STRANGE_CERTIFICATE = "certificate of an unknown authority"
EXPIRED_CERTIFICATE = "expired certificate"
NO_CERTIFICATE = "no certificate"

SOAP_FAULT = "answer with a SOAP fault"
NACK = "refuse with an HL7 NACK"
BREAK_OFF_ANSWER = "break off instead of answering"
DRIP_ANSWER = "answer in drips"

MANNERS = frozenset({BREAK_OFF, DRIP, STRANGE_CERTIFICATE, EXPIRED_CERTIFICATE, NO_CERTIFICATE})
"""What is done to a delivery where the octets leave: for the shell to perform."""

REFUSALS = frozenset({ANSWER_500, REFUSE, SOAP_FAULT})
"""What takes nothing of the message."""

UNANSWERED = frozenset({ANSWER_500, LOSE_THE_ACKNOWLEDGEMENT, BREAK_OFF_ANSWER})
"""What leaves the SUT without an answer, so that it owes a repeat (C-08)."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that Spine can do wrong: on which way of a message, and in words."""

    towards: str
    what: str


ACTIONS: dict[str, Action] = {
    LOSE: Action(ON_THE_WAY, "Spine loses the message on the way, and sends again after the interval"),
    HOLD_BACK: Action(ON_THE_WAY, "Spine holds the message back for a time"),
    LET_OVERTAKE: Action(ON_THE_WAY, "Spine holds the message back until another delivery of the case has ended"),
    DAMAGE_OCTET: Action(ON_THE_WAY, "one octet of the envelope is damaged on the way, so that it is no XML"),
    DAMAGE_FIELD: Action(ON_THE_WAY, "a field of the envelope is damaged on the way: it does not say who sent it"),
    LOSE_PART: Action(ON_THE_WAY, "the payload's part is lost on the way; its manifest entry is there"),
    DAMAGE_CHARSET: Action(ON_THE_WAY, "the payload comes as UTF-16 and says that it is UTF-8"),
    CUT_SHORT: Action(ON_THE_WAY, "the second half of the message is lost on the way"),
    EXPIRE: Action(ON_THE_WAY, "the message comes when its TimeToLive is over"),
    BREAK_OFF: Action(ON_THE_WAY, "the connection breaks in the middle of the message"),
    DRIP: Action(ON_THE_WAY, "the message comes in small drips"),
    STRANGE_CERTIFICATE: Action(
        ON_THE_WAY, "the delivery is made under a certificate of an authority that nobody knows"
    ),
    EXPIRED_CERTIFICATE: Action(ON_THE_WAY, "the delivery is made under a certificate that has expired"),
    NO_CERTIFICATE: Action(ON_THE_WAY, "the delivery is made without a certificate"),
    DELIVER_TWICE: Action(TO_SUT, "Spine delivers the same octets a second time after they were acknowledged"),
    LOSE_THE_ANSWER: Action(
        SUT_ANSWER, "Spine behaves as if the receiver's answer had been lost, and sends again after the interval"
    ),
    LOSE_THE_ACKNOWLEDGEMENT: Action(
        FROM_SUT, "Spine takes the message and delivers it, and its acknowledgement gets lost (500, empty)"
    ),
    ANSWER_500: Action(FROM_SUT, "Spine takes nothing and answers 500 with nothing in it"),
    REFUSE: Action(FROM_SUT, "Spine refuses the message with an ebXML error that no repeat can mend"),
    SOAP_FAULT: Action(FROM_SUT, "Spine refuses the message with a SOAP fault that no repeat can mend"),
    NACK: Action(FROM_SUT, "Spine takes the message, does not deliver it, and sends its own HL7 refusal, 506"),
    BREAK_OFF_ANSWER: Action(FROM_SUT, "Spine takes the message and delivers it, and closes the connection unanswered"),
    DRIP_ANSWER: Action(FROM_SUT, "Spine's answer comes in small drips"),
}


@dataclass(slots=True)
class _Row:
    fault: Fault
    seen: int = 0
    used: int = 0


class Armed:
    """The faults of one case, with what has been seen and used of each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """:raises ValueError: for an action that does not exist, or not on that way: it would never strike."""
        self._rows = [_Row(fault) for fault in faults]
        for row in self._rows:
            action = ACTIONS.get(row.fault.action)
            if action is None:
                raise ValueError(f"there is no fault called {row.fault.action!r}")
            if action.towards != row.fault.towards:
                raise ValueError(f"the fault {row.fault.action!r} is {action.towards!r}, not {row.fault.towards!r}")
            if (row.fault.action == HOLD_BACK) != bool(times.duration(row.fault.length)):
                raise ValueError(f"the fault {HOLD_BACK!r} alone has a length, and it must be a duration")

    def strike(self, towards: str, interaction: str) -> str:
        """The action that applies to this message now, or an empty string. Counts it as seen."""
        fault = self.struck(towards, interaction)
        return fault.action if fault else ""

    def struck(self, towards: str, interaction: str) -> Fault | None:
        """As :meth:`strike`, the whole fault."""
        chosen: Fault | None = None
        for row in self._rows:
            if row.fault.towards != towards or row.fault.interaction not in ("", interaction):
                continue
            row.seen += 1
            if row.seen >= row.fault.nth and row.used < row.fault.count and chosen is None:
                row.used += 1
                chosen = row.fault
        return chosen
