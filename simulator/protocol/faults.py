"""Faults: Spine misbehaves on purpose at the one seam where octets pass, and says so in the ledger.

A fault never changes what is written; it changes whether, how often and with what answer it travels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.protocol.script import Fault

TO_SUT, SUT_ANSWER, FROM_SUT = "to sut", "to sut answer", "from sut"

DELIVER_TWICE = "deliver twice"
LOSE_THE_ANSWER = "lose the answer"
LOSE_THE_ACKNOWLEDGEMENT = "lose the acknowledgement"
ANSWER_500 = "answer 500"
REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that Spine can do wrong: on which way of a message, and in words."""

    towards: str
    what: str


ACTIONS: dict[str, Action] = {
    DELIVER_TWICE: Action(TO_SUT, "Spine delivers the same octets a second time after they were acknowledged"),
    LOSE_THE_ANSWER: Action(
        SUT_ANSWER, "Spine behaves as if the receiver's answer had been lost, and sends again after the interval"
    ),
    LOSE_THE_ACKNOWLEDGEMENT: Action(
        FROM_SUT, "Spine takes the message and delivers it, and its acknowledgement gets lost (500, empty)"
    ),
    ANSWER_500: Action(FROM_SUT, "Spine takes nothing and answers 500 with nothing in it"),
    REFUSE: Action(FROM_SUT, "Spine refuses the message with an ebXML error that no repeat can mend"),
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

    def strike(self, towards: str, interaction: str) -> str:
        """The action that applies to this message now, or an empty string. Counts it as seen."""
        chosen = ""
        for row in self._rows:
            if row.fault.towards != towards or row.fault.interaction not in ("", interaction):
                continue
            row.seen += 1
            if row.seen >= row.fault.nth and row.used < row.fault.count and not chosen:
                row.used += 1
                chosen = row.fault.action
        return chosen
