"""The cases on stage: opens them, moves their scripts on, and knows when each is at rest.

A case moves when something it awaits is heard, when the judge reports a hook call, or when a wait ends. A wait ends
because the judge says that the SUT has settled (``settled``), or because its seconds are over (``due``); both are noted
with how they ended, since a "must not send" is worth only the window it was watched for.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.protocol import facts
from simulator.protocol.case import Case, Status
from simulator.protocol.commands import Command, Note
from simulator.protocol.courier import Parcel
from simulator.protocol.ids import stamp
from simulator.protocol.plan import Plan
from simulator.protocol.script import Ask, Await, Elapse, Hold, Send, describe
from simulator.wire.reading import Reading, read

if TYPE_CHECKING:
    from simulator.protocol.hub import Hub


class Stage:
    """The cases of one hub. ``revision`` counts every change of any case: what long polls wait for."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._cases: dict[str, Case] = {}
        self._open: dict[str, Case] = {}
        self._timers: list[tuple[datetime, str, int]] = []
        self._debts: list[tuple[datetime, str, str]] = []
        self.revision = 0

    def case(self, case_id: str) -> Case | None:
        """The case of an id; ``None`` for what is not on stage."""
        return self._cases.get(case_id)

    def briefs(self) -> list[dict[str, Any]]:
        """What the judge is told of every case that is not done yet; one that is missing has come to its end."""
        return [case.brief() for case in self._open.values()]

    def open(self, plan: Plan, now: datetime) -> list[Command]:
        """Put a case on stage and play it until it waits. :raises ValueError: when the id is on stage already."""
        if plan.case in self._cases:
            raise ValueError(f"case {plan.case} is on stage already")
        case = Case.open(plan, now)
        self._cases[plan.case] = self._open[plan.case] = case
        self._hub.directory.add(plan.peer)
        for patient in plan.patients:
            self._hub.patients.put(patient)
        self._hub.attribution.bind(plan)
        return [Note("case.opened", case.id, dict(plan.facts)), *self._advance(case, now)]

    def heard(self, case: Case, reading: Reading, now: datetime) -> list[Command]:
        """The peer has received a message of the SUT: enter it, and let the script go on."""
        envelope = reading.envelope
        notes = self._enter(case, reading, "from sut")
        if envelope and case.books.conversation(envelope.conversation_id).requests:
            case.conversation = envelope.conversation_id
        return [*notes, *self._advance(case, now)]

    def asked(self, case_id: str, position: int, outcome: str, now: datetime) -> list[Command]:
        """The judge has performed the hook call the script stands at.

        :param outcome: "done"; "not offered" or "failed" end the script, unless the step is optional.
        :raises ValueError: when the script does not stand there.
        """
        case = self._cases.get(case_id)
        if case is None or case.status is not Status.ASKING or case.position != position:
            raise ValueError(f"case {case_id} does not ask anything at step {position}")
        step = case.step
        notes = [Note("ask.answered", case.id, {"step": position, "outcome": outcome})]
        if isinstance(step, Elapse) and outcome != "done":
            notes.append(self._elapse(case, -step.length, now))
        case.moved_to = None
        if outcome == "done" or (isinstance(step, Ask) and step.optional):
            case.position += 1
        else:
            case.position = len(case.plan.script)
        return [*notes, *self._advance(case, now)]

    def settled(self, case_id: str, revision: int, now: datetime) -> list[Command]:
        """The judge says that the SUT has no work left for this case, as of ``revision`` of the case.

        Nothing happens when the case has moved since: what the judge saw is out of date, and it will be asked again.
        """
        case = self._cases.get(case_id)
        if case is None or case.status is not Status.WAITING or case.revision != revision or not case.rests:
            return []
        return self.end_wait(case_id, "settled", now)

    def take_up(self, now: datetime) -> list[Command]:
        """Spine was away until ``now``: every window that is open is watched anew, for nobody was there to watch."""
        commands: list[Command] = []
        for case in self._open.values():
            commands.append(Note("case.interrupted", case.id, {"step": case.position, "status": case.status.value}))
            commands += self.watch_anew(case.id, now) if case.status is Status.WAITING else ()
            if case.moved_to is not None:
                case.moved_to = now + case.ahead
        return commands

    def watch_anew(self, case_id: str, now: datetime) -> list[Command]:
        """Watch the open window of a case from ``now`` on."""
        case = self._open[case_id]
        self._touch(case)
        self._arm(case, now)
        return [self._window(case, now)]

    def due(self, now: datetime) -> list[Command]:
        """Waits whose seconds are over at ``now``."""
        commands: list[Command] = []
        while self._debts and self._debts[0][0] <= now:
            until, case_id, message_id = heapq.heappop(self._debts)
            if self._cases[case_id].owed.get(message_id) == until:
                self.paid(case_id, message_id, now)
        while self._timers and self._timers[0][0] <= now:
            _, case_id, revision = heapq.heappop(self._timers)
            case = self._cases.get(case_id)
            if case and case.revision == revision and case.status is Status.WAITING and case.pending:
                self._arm(
                    case, now
                )  # What Spine itself still has to deliver ends by its contract, and then the watch begins.
            elif case and case.revision == revision and case.status in (Status.WAITING, Status.PASSING):
                commands += self.end_wait(case_id, "it passed" if case.until else f"{case.limit():g} s passed", now)
        return commands

    def next_timer(self) -> datetime | None:
        """When :meth:`due` will next have something to look at."""
        return min((heap[0][0] for heap in (self._timers, self._debts) if heap), default=None)

    def owes(self, case_id: str, message_id: str, until: datetime) -> None:
        """Spine has failed a message on purpose: its repeat is owed, and until then the case is not at rest (C-08)."""
        case = self._cases.get(case_id)
        if case is not None:
            case.owed[message_id] = until
            heapq.heappush(self._debts, (until, case_id, message_id))
            self._touch(case)

    def paid(self, case_id: str, message_id: str, now: datetime) -> None:
        """The message has come again, or its time is over."""
        case = self._cases.get(case_id)
        if case is not None and case.owed.pop(message_id, None) is not None:
            self.rest(case_id, now)

    def time(self, case_id: str, now: datetime) -> datetime:
        """The time by the clock of a case; that of Spine for what belongs to none."""
        case = self._cases.get(case_id)
        return now + case.ahead if case else now

    def pending(self, case_id: str, change: int) -> None:
        """A delivery of the case has begun (+1) or ended (-1)."""
        case = self._cases.get(case_id)
        if case is not None:
            case.pending += change

    def rest(self, case_id: str, now: datetime) -> None:
        """A delivery has moved: the case's picture has changed, and its wait, if it is waiting, begins anew."""
        case = self._cases.get(case_id)
        if case is not None:
            self._touch(case)
            self._arm(case, now)

    # -- moving on -------------------------------------------------------------------------------------------------

    def _advance(self, case: Case, now: datetime) -> list[Command]:
        commands: list[Command] = []
        if case.status is Status.DONE:
            return commands
        case.status = Status.RUNNING
        while not case.waits:
            step = case.step
            if isinstance(step, Elapse) and case.moved_to is None:
                commands.append(self._elapse(case, step.length, now))
            if isinstance(step, Ask | Elapse):
                case.status = Status.ASKING
                break
            assert isinstance(step, Send), "every other step waits"
            case.position += 1
            commands += self._send(case, step, now)
        else:
            commands += self._wait(case, now)
        self._touch(case)
        self._arm(case, now)
        return commands

    def _elapse(self, case: Case, length: timedelta, now: datetime) -> Note:
        """Move the clock of the case, before the SUT's: what follows from that may come before it says that it is done."""
        case.ahead += length
        case.moved_to = now + case.ahead
        self._hub.courier.elapse(case.id, length)
        data = {"step": case.position, "ahead_seconds": case.ahead.total_seconds(), "now": stamp(case.moved_to)}
        return Note("clock.moved", case.id, data)

    def _wait(self, case: Case, now: datetime) -> list[Command]:
        step = case.step
        if isinstance(step, Await) and case.takes(step):
            met = Note("await.met", case.id, {"step": case.position, "awaited": describe(step)})
            case.position += 1
            return [met, *self._advance(case, now)]
        if isinstance(step, Elapse):
            case.status = Status.PASSING
            if case.until is not None:
                return []
            case.until = now + step.length
        else:
            case.status = Status.WAITING
        return [self._window(case, now)]

    @staticmethod
    def _window(case: Case, now: datetime) -> Note:
        case.waiting_since = now + case.ahead
        awaited = describe(case.step) if case.step else "the end"
        return Note("window.opened", case.id, {"step": case.position, "for": awaited})

    def end_wait(self, case_id: str, how: str, now: datetime) -> list[Command]:
        """The wait of a case ends, and ``how``: the judge's word that the SUT has settled, or that its seconds are over."""
        case = self._open[case_id]
        step, time = case.step, now + case.ahead
        since, case.until = case.waiting_since or time, None
        data = {"step": case.position, "how": how, "seconds": round((time - since).total_seconds(), 3)}
        commands: list[Command] = [Note("window.closed", case.id, data)]
        if step is None:
            return [*commands, self._finish(case)]
        if isinstance(step, Await):
            commands.append(Note("await.unmet", case.id, {"step": case.position, "awaited": describe(step)}))
        going_on = isinstance(step, Hold | Elapse) or (isinstance(step, Await) and step.optional)
        case.position = case.position + 1 if going_on else len(case.plan.script)
        return commands + self._advance(case, now)

    def _finish(self, case: Case) -> Note:
        case.status = Status.DONE
        del self._open[case.id]
        self._touch(case)
        transfers = [{"conversation": c.id, "state": c.state.value} for c in case.books.all()]
        return Note("case.closed", case.id, {"transfers": transfers})

    def _send(self, case: Case, step: Send, now: datetime) -> list[Command]:
        conversation = case.books.conversation(case.conversation) if case.conversation else None
        try:
            composed = case.peer.compose(step, conversation, now + case.ahead)
        except ValueError as trouble:
            # The script asks for what the conversation cannot give: that ends it, and is evidence of why.
            case.position = len(case.plan.script)
            return [Note("send.impossible", case.id, {"step": describe(step), "why": str(trouble)})]
        case.conversation = composed.conversation
        reading = read(composed.outgoing.content_type, composed.outgoing.body)
        # A repeat of the same id is the same message once more: it moves no transfer, whoever sends it.
        notes = [] if step.repeat == "same id" else self._enter(case, reading, "to sut")
        parcel = Parcel(
            composed.outgoing,
            composed.message_id,
            composed.conversation,
            composed.interaction,
            facts.label(reading),
            composed.deliberate,
            composed.sort,
            facts.of(reading),
        )
        peer = case.plan.peer
        return [*notes, *self._hub.deliver(parcel, case.plan.sut, case.id, peer.name or peer.ods, now)]

    def _enter(self, case: Case, reading: Reading, direction: str) -> list[Command]:
        event, before, after, violation = case.books.enter(reading)
        if direction == "from sut":
            case.heard.append(event)
        data = {
            "direction": direction,
            "event": event.value,
            "from": before.value,
            "to": after.value,
            "violation": violation.value,
            "message_id": reading.envelope.message_id if reading.envelope else "",
            "conversation": reading.envelope.conversation_id if reading.envelope else "",
        }
        return [Note("transfer.moved", case.id, data)]

    def _arm(self, case: Case, now: datetime) -> None:
        if case.status in (Status.WAITING, Status.PASSING):
            until = case.until or now + timedelta(seconds=case.limit())
            heapq.heappush(self._timers, (until, case.id, case.revision))

    def _touch(self, case: Case) -> None:
        """Count the change. A wait that was armed before it is armed again, because what it waits on has moved."""
        self.revision += 1
        case.revision += 1
