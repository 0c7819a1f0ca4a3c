"""The one funnel: everything that happens to Spine passes here, first asks a table, then becomes commands.

The hub reads no clock, opens nothing and is used under one lock. Each public method is something that can happen; each
returns commands for the shell, in order. What is decided is a ``Note`` before anything acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from simulator.protocol import answers, facts
from simulator.protocol.admission import Admission
from simulator.protocol.attribution import Attribution
from simulator.protocol.case import Case
from simulator.protocol.commands import Answer, Command, Note, Post
from simulator.protocol.courier import Courier, Delivery, Parcel, judge, passed_on
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory, Practice
from simulator.protocol.exchange import Answer as Doing
from simulator.protocol.exchange import Happened, Next, Outbound
from simulator.protocol.faults import (
    DELIVER_TWICE,
    FROM_SUT,
    LOSE_THE_ANSWER,
    NACK,
    REFUSALS,
    REFUSE,
    SOAP_FAULT,
    SUT_ANSWER,
    TO_SUT,
    UNANSWERED,
)
from simulator.protocol.ids import Mint
from simulator.protocol.seam import EMPTY_500, Seam, spoilt
from simulator.protocol.settings import Behaviour
from simulator.protocol.stage import Stage
from simulator.protocol.unannounced import Unannounced
from simulator.wire.ebxml import Envelope, Kind
from simulator.wire.reading import Reading, read
from simulator.wire.writers.package import Outgoing


@dataclass(frozen=True, slots=True)
class Arrival:
    """One POST to Spine, read. ``digest``: SHA-256 of the body; ``about``: plain facts of the HTTP request."""

    reading: Reading
    content_type: str
    soap_action: str
    digest: str
    body: bytes
    about: dict[str, Any]


class Hub:
    """Spine's decisions, and the cases that are being played through it."""

    def __init__(self, directory: Directory, patients: PatientIndex, behaviour: Behaviour, key: bytes) -> None:
        self.directory = directory
        self.patients = patients
        self.behaviour = behaviour
        self.attribution = Attribution()
        self.courier = Courier()
        self._seam = Seam(self.courier)
        self.stage = Stage(self)
        self._mint = Mint(key)
        self._admission = Admission(directory, behaviour, self._mint)
        self.unannounced: Unannounced | None = None
        self._arrivals = 0
        self._deliveries = 0

    # -- what can happen -------------------------------------------------------------------------------------------

    def receive(self, arrival: Arrival, now: datetime) -> list[Command]:
        """A practice has posted something to Spine."""
        self._arrivals += 1
        case, by = self.attribution.of(arrival.reading)
        begun = self.unannounced and self.unannounced.begins(arrival.reading, self.directory, self.attribution)
        opened = self.stage.open(begun, now) if begun else []
        case, by = (begun.case, "nobody announced it") if begun else (case, by)
        data = {"arrival": self._arrivals, "by": by, **arrival.about, "message": facts.of(arrival.reading)}
        commands: list[Command] = [*opened, Note("message.received", case, data, arrival.body, arrival.digest)]
        answer, more = self._decide(arrival, case, now)
        commands += [Note("message.answered", case, _answered(self._arrivals, answer), answer.body), answer, *more]
        return commands

    def outcome(
        self,
        number: int,
        status: int | None,
        answer: Reading | None,
        about: dict[str, Any],
        octets: bytes,
        now: datetime,
    ) -> list[Command]:
        """The shell has posted a delivery, and this came of it. ``about`` holds status line facts or the error."""
        delivery = self.courier.get(number)
        event, why = judge(status, answer, delivery.parcel.message_id)
        deliberate = ""
        case = self.stage.case(delivery.case)
        if event is Happened.ACKNOWLEDGMENT and case:
            action = case.faults.strike(SUT_ANSWER, delivery.parcel.interaction)
            if action == LOSE_THE_ANSWER:
                event, why, deliberate = Happened.FAILURE, "the answer is lost on purpose", action
        data = {"delivery": number, "attempt": delivery.attempts, "status": status, **about, "judged": why}
        data |= {"answer": facts.of(answer) if answer else {}, "deliberate": deliberate}
        return [Note("delivery.outcome", delivery.case, data, octets), *self._heard(delivery, event, now)]

    def due(self, now: datetime) -> list[Command]:
        """Time has come to ``now``: whatever was waiting for it happens."""
        commands: list[Command] = []
        for delivery in self.courier.due(now):
            commands += self.move_on(delivery, now)
        return commands + self.stage.due(now)

    def move_on(self, delivery: Delivery, now: datetime) -> list[Command]:
        """The time of a delivery has come: what was held back leaves, the same octets go out again, or it is given up."""
        held, delivery.held = delivery.held, None
        if held is not None:
            case = self.stage.case(delivery.case)
            assert case is not None, "a fault holds only what belongs to a case"
            return list(self._seam.released(delivery, held, case))
        if delivery.left > 0:
            self.courier.heard(delivery, Happened.INTERVAL_OVER, now)
            return self._again(delivery, now)
        return self._heard(delivery, Happened.PERSIST_OVER, now)

    def next_timer(self) -> datetime | None:
        """When :meth:`due` must be called next; ``None`` when nothing waits for time."""
        moments = [moment for moment in (self.courier.next_timer(), self.stage.next_timer()) if moment]
        return min(moments, default=None)

    # -- deciding what to answer -----------------------------------------------------------------------------------

    def _decide(self, arrival: Arrival, case_id: str, now: datetime) -> tuple[Answer, list[Command]]:
        envelope, time = arrival.reading.envelope, self.stage.time(case_id, now)
        if envelope is None:
            return answers.not_well_formed("soapSchema.envelope"), []
        if envelope.kind is not Kind.MESSAGE:
            return self._signal(envelope, now)
        refusal = self._admission.refusal(envelope, arrival.soap_action, time)
        if refusal is not None:
            return refusal, []
        case = self.stage.case(case_id)
        action = case.faults.strike(FROM_SUT, envelope.action) if case else ""
        self.stage.paid(case_id, envelope.message_id, now)
        if action in UNANSWERED:
            self.stage.owes(case_id, envelope.message_id, now + self._admission.patience(envelope))
        if action in REFUSALS:
            return self._refused_on_purpose(action, arrival, envelope, time), []
        doing = self._admission.exchange(envelope, arrival.digest, time)
        answer = spoilt(action, self._admission.accepted(envelope, time))
        commands: list[Command] = [Note("exchange.decided", case_id, {"arrival": self._arrivals, "does": doing.value})]
        if doing is Doing.ACKNOWLEDGE_AND_DELIVER:
            commands += self._route(arrival, envelope, case, case_id, now, refused=action == NACK)
        return answer, commands

    def _refused_on_purpose(self, action: str, arrival: Arrival, envelope: Envelope, time: datetime) -> Answer:
        answer = EMPTY_500
        if action == REFUSE:
            answer = self._admission.error(envelope, "DeliveryFailure", "refused on purpose", time)
        if action == SOAP_FAULT:
            answer = answers.unsupported(arrival.soap_action)
        return replace(answer, deliberate=action)

    # -- passing on ------------------------------------------------------------------------------------------------

    def _route(
        self, arrival: Arrival, envelope: Envelope, case: Case | None, case_id: str, now: datetime, *, refused: bool
    ) -> list[Command]:
        self.attribution.remember(case_id, message_id=envelope.message_id, conversation=envelope.conversation_id)
        receiver = self.directory.by_party(envelope.to_party)
        wrapper = arrival.reading.wrapper
        asid = wrapper.receiver_asid if wrapper else ""
        sender = self.directory.by_party(envelope.from_party)
        if receiver is None or asid != receiver.asid or refused:
            return self._undeliverable(envelope, wrapper.id if wrapper else "", sender, case_id, now)
        if receiver.ours:
            return self.stage.heard(case, arrival.reading, now) if case else []
        out = Outgoing(arrival.content_type, arrival.soap_action, arrival.body)
        name = sender.name or sender.ods if sender else envelope.from_party
        return self.deliver(passed_on(out, arrival.reading, digest=arrival.digest), receiver, case_id, name, now)

    def _undeliverable(
        self, envelope: Envelope, hl7_id: str, sender: Practice | None, case_id: str, now: datetime
    ) -> list[Command]:
        if sender is None or not sender.endpoint:
            why = "receiver ASID does not belong to the To party; nobody to tell"
            return [Note("undeliverable", case_id, {"why": why})]
        time = self.stage.time(case_id, now)
        out = answers.nack_506(envelope, hl7_id, sender, self._mint.uuid("nack"), time, self.behaviour)
        parcel = passed_on(out, read(out.content_type, out.body), label="NACK 506")
        return self.deliver(parcel, sender, case_id, "Spine", now)

    def deliver(self, parcel: Parcel, to: Practice, case_id: str, sender: str, now: datetime) -> list[Command]:
        """Take charge of one message for ``to``: noted, posted, repeated until acknowledged, refused or expired."""
        self._deliveries += 1
        terms = to.contract_for(parcel.interaction)
        deadline = now + terms.persist
        delivery = Delivery(self._deliveries, case_id, parcel, to, sender, terms.interval, terms.retries, deadline)
        self.attribution.remember(case_id, message_id=parcel.message_id, conversation=parcel.conversation)
        self.stage.pending(case_id, 1)
        post = self.courier.add(delivery)
        note = Note("message.sent", case_id, delivery.facts(), parcel.outgoing.body, parcel.digest)
        return self._leave(delivery, note, post, now)

    def _again(self, delivery: Delivery, now: datetime) -> list[Command]:
        post = self.courier.again(delivery)
        note = Note("delivery.repeated", delivery.case, {**post.facts, "delivery": delivery.number})
        return self._leave(delivery, note, post, now)

    def _leave(self, delivery: Delivery, note: Note, post: Post, now: datetime) -> list[Command]:
        """A sending leaves through the seam; one that is lost there has failed at once."""
        commands = list(self._seam.pass_on(delivery, note, post, self.stage.case(delivery.case), now))
        if delivery.lost:
            delivery.lost = False
            commands += self._heard(delivery, Happened.FAILURE, now)
        return commands

    # -- what came of it -------------------------------------------------------------------------------------------

    def _signal(self, envelope: Envelope, now: datetime) -> tuple[Answer, list[Command]]:
        """An ebXML Acknowledgment or MessageError posted by itself: the late half of an exchange of ours."""
        answer = Answer(200, form="200, empty")
        delivery = self.courier.of_message(envelope.acknowledged_id or envelope.ref_to_message_id)
        if delivery is None:
            return answer, []
        event = Happened.ACKNOWLEDGMENT if envelope.kind is Kind.ACKNOWLEDGMENT else Happened.MESSAGE_ERROR
        return answer, self._heard(delivery, event, now)

    def _heard(self, delivery: Delivery, event: Happened, now: datetime) -> list[Command]:
        before = delivery.state
        what = self.courier.heard(delivery, event, now)
        data = {"delivery": delivery.number, "event": event.value, "state": delivery.state.value, "does": what.value}
        commands: list[Command] = [Note("exchange.heard", delivery.case, data)]
        if before is Outbound.AWAITING and delivery.state is not Outbound.AWAITING:
            commands += list(self._again_on_purpose(delivery))
            delivery.let_go()
            self.stage.pending(delivery.case, -1)
            commands += list(self._seam.overtaken(self.stage.case(delivery.case)))
        self.stage.rest(delivery.case, now)
        if what is Next.GIVE_UP and self.behaviour.undeliverable == "message-error":
            data = {"delivery": delivery.number, "why": "DeliveryFailure"}
            commands.append(Note("undeliverable", delivery.case, data))
        return commands

    def _again_on_purpose(self, delivery: Delivery) -> Iterator[Command]:
        case = self.stage.case(delivery.case)
        if case is None or delivery.state is not Outbound.ACKNOWLEDGED:
            return
        if case.faults.strike(TO_SUT, delivery.parcel.interaction) == DELIVER_TWICE:
            self.stage.pending(delivery.case, 1)
            delivery.state = Outbound.AWAITING
            post = self.courier.again(delivery)
            data = {"delivery": delivery.number, "deliberate": DELIVER_TWICE, **post.facts}
            yield Note("delivery.repeated", delivery.case, data)
            yield post


def _answered(number: int, answer: Answer) -> dict[str, Any]:
    return {
        "arrival": number,
        "status": answer.status,
        "form": answer.form,
        "content_type": answer.content_type if answer.body else "",
        "soap_action": answer.soap_action,
        "deliberate": answer.deliberate,
    }
