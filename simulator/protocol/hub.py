"""The one funnel: everything that happens to Spine passes here, first asks a table, then becomes commands.

The hub reads no clock, opens nothing and is used under one lock. Each public method is something that can happen; each
returns commands for the shell, in order. What is decided is a ``Note`` before anything acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.protocol import answers, contract, facts
from simulator.protocol.attribution import Attribution
from simulator.protocol.case import Case
from simulator.protocol.commands import Answer, Command, Note
from simulator.protocol.courier import Courier, Delivery, judge
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory, Practice
from simulator.protocol.exchange import Answer as Doing
from simulator.protocol.exchange import Arrived, Happened, Inbound, Next, Outbound, arrived
from simulator.protocol.faults import ANSWER_500, DELIVER_TWICE, LOSE_THE_ACKNOWLEDGEMENT, LOSE_THE_ANSWER, REFUSE
from simulator.protocol.ids import Mint, stamp
from simulator.protocol.settings import Behaviour
from simulator.protocol.stage import Stage
from simulator.wire.ebxml import Envelope, Kind
from simulator.wire.reading import Reading
from simulator.wire.times import instant
from simulator.wire.writers.package import Outgoing


@dataclass(frozen=True, slots=True)
class Arrival:
    """One POST to Spine, read. ``digest`` is the SHA-256 of the body; ``about`` holds plain facts of the HTTP request."""

    reading: Reading
    content_type: str
    soap_action: str
    digest: str
    body: bytes
    about: dict[str, Any]


@dataclass(slots=True)
class Remembered:
    """An inbound exchange: what came under a (party, MessageId), and until when it is remembered."""

    digest: str
    until: datetime
    state: Inbound = Inbound.ACCEPTED


class Hub:
    """Spine's decisions, and the cases that are being played through it."""

    def __init__(self, directory: Directory, patients: PatientIndex, behaviour: Behaviour, key: bytes) -> None:
        self.directory = directory
        self.patients = patients
        self.behaviour = behaviour
        self.attribution = Attribution()
        self.courier = Courier()
        self.stage = Stage(self)
        self._mint = Mint(key)
        self._inbound: dict[tuple[str, str], Remembered] = {}
        self._arrivals = 0
        self._deliveries = 0

    # -- what can happen -------------------------------------------------------------------------------------------

    def receive(self, arrival: Arrival, now: datetime) -> list[Command]:
        """A practice has posted something to Spine."""
        self._arrivals += 1
        case, by = self.attribution.of(arrival.reading)
        data = {"arrival": self._arrivals, "by": by, **arrival.about, "message": facts.of(arrival.reading)}
        commands: list[Command] = [Note("message.received", case, data, arrival.body, arrival.digest)]
        answer, more = self._decide(arrival, case, now)
        commands += [Note("message.answered", case, _answered(self._arrivals, answer), answer.body), answer, *more]
        return commands

    def outcome(
        self, number: int, status: int | None, answer: Reading | None, about: dict[str, Any], octets: bytes, now: datetime
    ) -> list[Command]:
        """The shell has posted a delivery, and this came of it. ``about`` holds status line facts or the error."""
        delivery = self.courier.get(number)
        event, why = judge(status, answer, delivery.message_id)
        deliberate = ""
        case = self.stage.case(delivery.case)
        if event is Happened.ACKNOWLEDGMENT and case:
            action = case.faults.strike("to sut answer", delivery.interaction)
            if action == LOSE_THE_ANSWER:
                event, why, deliberate = Happened.FAILURE, "the answer is lost on purpose", action
        data = {"delivery": number, "attempt": delivery.attempts, "status": status, **about, "judged": why}
        data |= {"answer": facts.of(answer) if answer else {}, "deliberate": deliberate}
        return [Note("delivery.outcome", delivery.case, data, octets), *self._heard(delivery, event, now)]

    def due(self, now: datetime) -> list[Command]:
        """Time has come to ``now``: whatever was waiting for it happens."""
        commands: list[Command] = []
        for delivery in self.courier.due(now):
            if delivery.left > 0:
                self.courier.heard(delivery, Happened.INTERVAL_OVER, now)
                post = self.courier.again(delivery)
                commands += [Note("delivery.repeated", delivery.case, dict(post.facts) | {"delivery": delivery.number}), post]
            else:
                commands += self._heard(delivery, Happened.PERSIST_OVER, now)
        return commands + self.stage.due(now)

    def next_timer(self) -> datetime | None:
        """When :meth:`due` must be called next; ``None`` when nothing waits for time."""
        moments = [moment for moment in (self.courier.next_timer(), self.stage.next_timer()) if moment]
        return min(moments, default=None)

    # -- deciding what to answer -----------------------------------------------------------------------------------

    def _decide(self, arrival: Arrival, case_id: str, now: datetime) -> tuple[Answer, list[Command]]:
        envelope = arrival.reading.envelope
        if envelope is None:
            return answers.not_well_formed("soapSchema.envelope"), []
        if envelope.kind is not Kind.MESSAGE:
            return self._signal(envelope, now)
        refusal = self._refusal(arrival, envelope, now)
        if refusal is not None:
            return refusal, []
        case = self.stage.case(case_id)
        action = case.faults.strike("from sut", envelope.action) if case else ""
        if action == ANSWER_500:
            return Answer(500, form="500, empty", deliberate=action), []
        if action == REFUSE:
            error = self._message_error(envelope, "DeliveryFailure", "refused on purpose", now)
            return Answer(error.status, error.body, soap_action=error.soap_action, form=error.form, deliberate=action), []
        doing = self._exchange(arrival, envelope, now)
        answer = answers.accepted(envelope, self._mint.uuid("acknowledgment"), now, self.behaviour)
        if action == LOSE_THE_ACKNOWLEDGEMENT:
            answer = Answer(500, form="500, empty", deliberate=action)
        commands: list[Command] = [Note("exchange.decided", case_id, {"arrival": self._arrivals, "does": doing.value})]
        if doing is Doing.ACKNOWLEDGE_AND_DELIVER:
            commands += self._route(arrival, envelope, case, case_id, now)
        return answer, commands

    def _refusal(self, arrival: Arrival, envelope: Envelope, now: datetime) -> Answer | None:
        tokens = contract.broken(envelope)
        if tokens:
            return answers.contract_error(envelope, tokens, self._mint.uuid("error"), now, self.behaviour)
        named = arrival.soap_action.strip().strip('"')
        if self.behaviour.check_soap_action and named != f"{envelope.service}/{envelope.action}":
            return answers.unsupported(named)
        receiver = self.directory.by_party(envelope.to_party)
        if receiver is None:
            # The text is the one known producer's, "as per TMS Error Base v3.0".
            return self._message_error(envelope, "ValueNotRecognized", "501314:Invalid To Party Type attribute", now)
        if receiver.cpa_ids.get(envelope.action) != envelope.cpa_id:
            return self._message_error(envelope, "ValueNotRecognized", "501319:Unknown eb:CPAId", now)
        ends = instant(envelope.time_to_live)
        if self.behaviour.enforce_time_to_live and ends is not None and ends < now:
            return self._message_error(envelope, "TimeToLiveExpired", f"TimeToLive {envelope.time_to_live}", now)
        return None

    def _message_error(self, envelope: Envelope, code: str, text: str, now: datetime) -> Answer:
        return answers.message_error(envelope, [(code, text)], self._mint.uuid("error"), now, self.behaviour)

    def _exchange(self, arrival: Arrival, envelope: Envelope, now: datetime) -> Doing:
        """Ask the inbound table: is this (party, MessageId) new, a repeat, or an id used again for other bytes?"""
        key = (envelope.from_party, envelope.message_id.upper())
        known = self._inbound.get(key)
        if known is not None and known.until <= now:
            arrived(known.state, Arrived.FORGOTTEN)
            del self._inbound[key]
            known = None
        event = Arrived.MESSAGE
        if known is not None:
            event = Arrived.SAME_MESSAGE if known.digest == arrival.digest else Arrived.SAME_ID_OTHER_BYTES
        state, doing = arrived(known.state if known else Inbound.UNSEEN, event)
        if known is None and state is Inbound.ACCEPTED:
            self._inbound[key] = Remembered(arrival.digest, self._expiry(envelope, now))
        return doing

    def _expiry(self, envelope: Envelope, now: datetime) -> datetime:
        """When the message's persistDuration ends, counted as the setting says, and never in the past of its receipt."""
        receiver = self.directory.by_party(envelope.to_party)
        persist = receiver.contract_for(envelope.action).persist if receiver else timedelta(0)
        sent = instant(envelope.timestamp) if self.behaviour.expiry_from == "timestamp" else None
        return (sent if sent and sent > now - persist else now) + persist

    # -- passing on ------------------------------------------------------------------------------------------------

    def _route(
        self, arrival: Arrival, envelope: Envelope, case: Case | None, case_id: str, now: datetime
    ) -> list[Command]:
        self.attribution.remember(case_id, message_id=envelope.message_id, conversation=envelope.conversation_id)
        receiver = self.directory.by_party(envelope.to_party)
        wrapper = arrival.reading.wrapper
        asid = wrapper.receiver_asid if wrapper else ""
        sender = self.directory.by_party(envelope.from_party)
        if receiver is None or asid != receiver.asid:
            return self._undeliverable(envelope, wrapper.id if wrapper else "", sender, case_id, now)
        if receiver.ours:
            return self.stage.heard(case, arrival.reading, now) if case else []
        out = Outgoing(arrival.content_type, arrival.soap_action, arrival.body)
        name = sender.name or sender.ods if sender else envelope.from_party
        return self.deliver(out, arrival.reading, receiver, case_id, name, now, digest=arrival.digest)

    def _undeliverable(
        self, envelope: Envelope, hl7_id: str, sender: Practice | None, case_id: str, now: datetime
    ) -> list[Command]:
        if sender is None or not sender.endpoint:
            return [Note("undeliverable", case_id, {"why": "receiver ASID does not belong to the To party; nobody to tell"})]
        out = answers.nack_506(envelope, hl7_id, sender, self._mint.uuid("nack"), now, self.behaviour)
        return self.deliver(out, None, sender, case_id, "Spine", now, label="NACK 506")

    def deliver(
        self,
        out: Outgoing,
        reading: Reading | None,
        to: Practice,
        case_id: str,
        sender: str,
        now: datetime,
        *,
        message_id: str = "",
        conversation: str = "",
        interaction: str = "",
        label: str = "",
        deliberate: str = "",
        sort: str = "",
        digest: str = "",
    ) -> list[Command]:
        """Take charge of one message for ``to``: noted, posted, repeated until acknowledged, refused or expired."""
        self._deliveries += 1
        envelope = reading.envelope if reading else None
        terms = to.contract_for(interaction or (envelope.action if envelope else ""))
        delivery = Delivery(
            number=self._deliveries,
            case=case_id,
            message_id=message_id or (envelope.message_id if envelope else self._mint.uuid("unnamed")),
            to=to,
            outgoing=out,
            sender=sender,
            interval=terms.interval,
            left=terms.retries,
            deadline=now + terms.persist,
            interaction=interaction or (envelope.action if envelope else ""),
            conversation=conversation or (envelope.conversation_id if envelope else ""),
            label=label or (facts.label(reading) if reading else "message"),
            deliberate=deliberate,
            sort=sort,
        )
        self.attribution.remember(case_id, message_id=delivery.message_id, conversation=delivery.conversation)
        self.stage.pending(case_id, 1)
        data = _delivery_facts(delivery) | {"message": facts.of(reading) if reading else {}}
        return [Note("message.sent", case_id, data, out.body, digest), self.courier.add(delivery)]

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
            self.stage.pending(delivery.case, -1)
        commands += self.stage.rest(delivery.case, now)
        if what is Next.GIVE_UP and self.behaviour.undeliverable == "message-error":
            commands.append(Note("undeliverable", delivery.case, {"delivery": delivery.number, "why": "DeliveryFailure"}))
        return commands

    def _again_on_purpose(self, delivery: Delivery) -> Iterator[Command]:
        case = self.stage.case(delivery.case)
        if case is None or delivery.state is not Outbound.ACKNOWLEDGED:
            return
        if case.faults.strike("to sut", delivery.interaction) == DELIVER_TWICE:
            self.stage.pending(delivery.case, 1)
            delivery.state = Outbound.AWAITING
            delivery.deliberate = DELIVER_TWICE
            post = self.courier.again(delivery)
            yield Note("delivery.repeated", delivery.case, {"delivery": delivery.number, "deliberate": DELIVER_TWICE, **post.facts})
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


def _delivery_facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery.number,
        "sender": delivery.sender,
        "to": delivery.to.party_key,
        "url": delivery.to.endpoint,
        "content_type": delivery.outgoing.content_type,
        "soap_action": delivery.outgoing.soap_action,
        "message_id": delivery.message_id,
        "conversation": delivery.conversation,
        "interaction": delivery.interaction,
        "label": delivery.label,
        "deliberate": delivery.deliberate,
        "sort": delivery.sort,
        "deadline": stamp(delivery.deadline),
    }
