"""Faults: Spine misbehaves on purpose at the one seam where octets pass, and says so in the ledger.

A fault never changes what is written; it changes whether, how often and with what answer it travels.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.protocol.script import Fault

# Towards the SUT.
DELIVER_TWICE = "deliver twice"
LOSE_THE_ANSWER = "lose the answer"
# From the SUT: what Spine answers.
LOSE_THE_ACKNOWLEDGEMENT = "lose the acknowledgement"
ANSWER_500 = "answer 500"
REFUSE = "refuse"

ACTIONS: dict[str, str] = {
    DELIVER_TWICE: "Spine delivers the same octets a second time after they were acknowledged",
    LOSE_THE_ANSWER: "Spine behaves as if the receiver's answer had been lost, and sends again after the interval",
    LOSE_THE_ACKNOWLEDGEMENT: "Spine takes the message and delivers it, and its acknowledgement gets lost (500, empty)",
    ANSWER_500: "Spine takes nothing and answers 500 with nothing in it",
    REFUSE: "Spine refuses the message with an ebXML error that no repeat can mend",
}


class Armed:
    """The faults of one case, with what has been seen and used of each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """:raises ValueError: for an action that does not exist."""
        self._rows = [[fault, 0, 0] for fault in faults]
        for fault, _, _ in self._rows:
            if fault.action not in ACTIONS:
                raise ValueError(f"there is no fault called {fault.action!r}")

    def strike(self, towards: str, interaction: str) -> str:
        """The action that applies to this message now, or an empty string. Counts it as seen."""
        chosen = ""
        for row in self._rows:
            fault, seen, used = row
            if fault.towards != towards or fault.interaction not in ("", interaction):
                continue
            row[1] = seen + 1
            if seen + 1 >= fault.nth and used < fault.count and not chosen:
                row[2] = used + 1
                chosen = fault.action
        return chosen
