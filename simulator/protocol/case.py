"""One case being played: its script, where it stands, and whether it is at rest. Advanced by the stage alone."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from simulator.protocol.books import Books
from simulator.protocol.faults import Armed
from simulator.protocol.ids import Mint, stamp
from simulator.protocol.peer import Peer
from simulator.protocol.plan import Plan
from simulator.protocol.script import Ask, Await, Elapse, Hold, Message, Step, describe
from simulator.protocol.transfer import Event

MEANS: dict[Message, frozenset[Event]] = {
    Message.REQUEST: frozenset({Event.REQUEST}),
    Message.EXTRACT: frozenset({Event.EXTRACT}),
    Message.REQUEST_ANSWER: frozenset({Event.REQUEST_ACK, Event.REQUEST_NACK}),
    Message.FINAL_ANSWER: frozenset({Event.FINAL_ACK, Event.FINAL_NACK}),
    Message.ANY: frozenset(Event),
}


class Status(StrEnum):
    """Where a case stands. ``WAITING`` covers an unmet Await, a Hold and the closing window: the SUT is to move.

    ``PASSING``: real time must pass, whatever the SUT does.
    """

    RUNNING = "running"
    ASKING = "asking"
    WAITING = "waiting"
    PASSING = "passing"
    DONE = "done"


@dataclass(slots=True)
class Case:
    """The state of one case.

    :param pending: how many deliveries are neither acknowledged nor given up.
    :param owed: MessageIds that Spine failed on purpose, and until when the SUT may take to repeat each.
    :param ahead: how far the case's clock is ahead of Spine's; :param moved_to: what the SUT's is to be moved to.
    :param until: when the real time of the present step has passed.
    """

    plan: Plan
    opened: datetime
    mint: Mint
    peer: Peer
    faults: Armed
    books: Books = field(default_factory=Books)
    position: int = 0
    status: Status = Status.RUNNING
    heard: deque[Event] = field(default_factory=deque)
    pending: int = 0
    owed: dict[str, datetime] = field(default_factory=dict)
    revision: int = 0
    waiting_since: datetime | None = None
    ahead: timedelta = timedelta()
    moved_to: datetime | None = None
    until: datetime | None = None
    conversation: str = ""

    @classmethod
    def open(cls, plan: Plan, now: datetime) -> Case:
        """A case at the start of its script."""
        mint = Mint(plan.key)
        return cls(plan, now, mint, Peer(plan, mint), Armed(plan.faults))

    @property
    def id(self) -> str:
        """The case id."""
        return self.plan.case

    @property
    def step(self) -> Step | None:
        """The step that the script stands at; ``None`` once it has come to its end and only the window is open."""
        return self.plan.script[self.position] if self.position < len(self.plan.script) else None

    def takes(self, step: Await) -> bool:
        """Whether something awaited has been heard, which uses it up; order is no promise of the transport (TD19.2)."""
        for event in self.heard:
            if event in MEANS[step.message]:
                self.heard.remove(event)
                return True
        return False

    @property
    def rests(self) -> bool:
        """Whether nothing is under way: no delivery of Spine's, and no repeat that the SUT owes."""
        return not self.pending and not self.owed

    def limit(self) -> float:
        """Seconds after which the present wait ends when nobody can say that the SUT has settled."""
        return self.plan.reply_seconds if isinstance(self.step, Await) else self.plan.window_seconds

    def brief(self) -> dict[str, Any]:
        """What the judge is told about the case."""
        step = self.step
        return {
            "case": self.id,
            "status": self.status.value,
            "position": self.position,
            "step": describe(step) if step else "closing window",
            "ask": self._ask() if self.status is Status.ASKING else None,
            "rest": self.rests,
            "revision": self.revision,
        }

    def _ask(self) -> dict[str, Any] | None:
        match self.step:
            case Ask() as step:
                return {"verb": step.verb, "arguments": dict(step.arguments), "optional": step.optional}
            case Elapse() if self.moved_to:
                return {"verb": "clock", "arguments": {"now": stamp(self.moved_to)}, "optional": False}
        return None

    @property
    def waits(self) -> bool:
        """Whether the case stands still at its step until the SUT moves or its time is over."""
        if isinstance(self.step, Elapse):
            return self.plan.clock == "real"
        return self.step is None or isinstance(self.step, Await | Hold)
