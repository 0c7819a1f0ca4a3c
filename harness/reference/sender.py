"""The old practice: answers a request with the record, or says why not, and hears what became of it.

Sources: Spine Technical Design v7.1 TD50-TD55, TD62-TD68; Use Case 1 (order of the checks); Attachment References v2.0.
Large messaging is not here yet: an extract over Spine's limits is answered 23, as by a practice without it (TD53.3.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from harness.reference import attachments
from harness.reference.lookup import UnansweredError
from harness.reference.outbox import Letter, Outbox, Outcome
from harness.reference.replies import Answering, HookError, Received
from harness.reference.store import Case, Losing, Record, Scope, State, Store
from simulator.wire.gp2gp import ApplicationAcknowledgement, EhrRequest
from simulator.wire.interactions import BY_ID
from simulator.wire.writers import gp2gp
from simulator.wire.writers.times import hl7_time

SILENCE = timedelta(days=8)
"""After how long without an answer to the extract the transfer counts as failed (S124)."""

RESEND_PERIOD = timedelta(weeks=12)
"""How long a re-send is possible, counted from the request (TD65)."""

NEGATIVE = frozenset({"AE", "AR"})
TROUBLES = frozenset({"10", "20"})
Then = Callable[[Outcome], None]


class Sender:
    """The sender's half of the practice."""

    def __init__(self, store: Store, outbox: Outbox, answering: Answering) -> None:
        self._store, self._outbox, self._answering = store, outbox, answering

    # -- answering a request

    def request(self, received: Received) -> None:
        """Answer a request, or something sent as one that cannot be read (TD50-TD62). Runs as a job."""
        message, scope = received.message, received.scope
        if not isinstance(message, EhrRequest) or not _processable(received, message):
            return self._answering.answer(received, received.peer, "18", "ack-request")
        transfer = self._begin(received, message)
        if transfer is None:
            return None
        if scope.flag("ack-request") == "first":
            self._acknowledge(scope, transfer, "")
        code = self._check(scope, message.requesting_ods)
        if code and scope.flag("refusal") != "extract-too":
            return self._refuse(scope, transfer, code)
        if code:
            self._refuse(scope, transfer, code)
        record = scope.case.held.get(message.nhs_number)
        if record is None or scope.on("extract-failure"):
            return None if code else self._refuse(scope, transfer, "10")
        try:
            self._build(scope, transfer, record)
        except ValueError:  # a record that cannot be written down is an extract that cannot be generated (TD52.2)
            return self._refuse(scope, transfer, "10")
        return self._send(scope, transfer, lambda outcome: self._sent(scope, transfer, outcome, refused=bool(code)))

    def _begin(self, received: Received, message: EhrRequest) -> Losing | None:
        """The new transfer; ``None`` for a further request in a known conversation, which is ignored."""
        conversation, message_id = received.envelope.conversation_id.upper(), received.envelope.message_id.upper()
        with self._store.lock:
            known = self._store.transfer(conversation)
            repeated = isinstance(known, Losing) and known.request_message == message_id
            flag = received.scope.flag("second-request")
            if known is not None and not repeated and flag != "answered":
                return None
            if flag == "ignored" and received.scope.case.latest(message.nhs_number) is not None:
                return None
            transfer = Losing(
                received.scope.case.id,
                message.nhs_number,
                conversation,
                received.peer,
                cited=received.hl7_id,
                request_message=message_id,
                request_id=message.request_id,
                requested_at=self._outbox.clock.now(received.scope.case.id),
            )
            self._store.begin(transfer)
        return transfer

    def _check(self, scope: Scope, requesting_ods: str) -> str:
        """The code that refuses a readable request, or nothing: the checks of TD51 in their order."""
        if scope.on("disabled") and scope.flag("disabled") != "ignored":
            return "07"
        if scope.nhs_number not in scope.case.index:
            return "06"
        if scope.flag("pds") == "skipped":
            return ""
        try:
            registered = self._outbox.lookup.registered_practice(scope.nhs_number)
        except UnansweredError:
            return "20"
        return "" if registered and registered.upper() == requesting_ods.upper() else "19"

    def _build(self, scope: Scope, transfer: Losing, record: Record) -> None:
        """Write the extract, with the documents as in-line attachments in base64 (TD52.3, TD52.4)."""
        case, new = scope.case.id, self._outbox.ids.new
        message_id, now = new(case), hl7_time(self._outbox.clock.now(case))
        transfer.interaction = record.interaction
        transfer.payload = gp2gp.ehr_extract(
            self._outbox.ends(case, message_id, transfer.peer),
            interaction=record.interaction,
            extract_id=new(case),
            request_id=transfer.request_id,
            nhs_number=transfer.nhs_number,
            sending_ods=self._outbox.me.ods,
            requesting_ods=transfer.peer.ods,
            time=now,
            folder=record.folder,
        )
        content_ids = [new(case) for _ in record.documents]
        transfer.attachments = attachments.outgoing(record.documents, record.folder, content_ids)
        self._store.sent(transfer, message_id)
        transfer.first_sent = message_id

    def _send(self, scope: Scope, transfer: Losing, then: Then, message_id: str = "") -> None:
        message_id = message_id or transfer.first_sent
        letter = Letter(
            scope,
            "extract",
            BY_ID[transfer.interaction],
            transfer.peer,
            transfer.conversation,
            message_id,
            transfer.payload,
            transfer.attachments,
            previous=transfer.last_sent,
        )
        transfer.last_sent = message_id
        self._outbox.deliver(letter, then)

    def _sent(self, scope: Scope, transfer: Losing, outcome: Outcome, *, refused: bool) -> None:
        """Only an extract that Spine accepted is followed by the positive acknowledgement of the request (TD62)."""
        if outcome is Outcome.ACCEPTED:
            with self._store.lock:
                if transfer.state is State.NONE:
                    transfer.state = State.SENT
            patience = SILENCE * 10 if scope.flag("silence") == "tenfold" else SILENCE
            self._answering.after(scope.case, patience, lambda: self._unanswered(transfer))
            if not refused and scope.flag("ack-request") not in ("none", "first"):
                self._acknowledge(scope, transfer, "")
                if scope.flag("ack-request") == "twice":
                    self._acknowledge(scope, transfer, "")
        elif scope.flag("ack-request") == "despite-refusal":
            self._acknowledge(scope, transfer, "")
        elif scope.flag("after-spine-refusal") != "silent":
            self._refuse(scope, transfer, outcome.code)

    def _unanswered(self, transfer: Losing) -> None:
        """Nobody has said what became of the extract: it counts as not integrated, and nothing is sent (S124)."""
        with self._store.lock:
            if transfer.state is State.SENT:
                transfer.state = State.INTEGRATION_FAILED

    def _refuse(self, scope: Scope, transfer: Losing, code: str) -> None:
        """What is the system's own trouble, or Spine's, the user here hears too (S41)."""
        if code in TROUBLES:
            self._answering.notice(scope, code)
        if scope.flag("refusal") != "silent":
            self._acknowledge(scope, transfer, code)

    def _acknowledge(self, scope: Scope, transfer: Losing, code: str) -> None:
        self._answering.acknowledge(scope, transfer, transfer.peer, transfer.cited, code, "ack-request")

    def switched_on(self, case: Case, nhs_number: str) -> None:
        """What was refused with 07 stays refused (section 7.1.2), unless a mutation takes it up."""
        transfer, record = case.latest(nhs_number), case.held.get(nhs_number)
        if (
            isinstance(transfer, Losing)
            and record is not None
            and self._scope(transfer).flag("disabled") == "postponed"
        ):
            scope = self._scope(transfer)
            self._build(scope, transfer, record)
            self._answering.later(case, lambda: self._send(scope, transfer, lambda _: None))

    # -- afterwards

    def acknowledged(self, transfer: Losing, ack: ApplicationAcknowledgement) -> None:
        """An application acknowledgement of our extract: the first one closes the transfer (TD63, TD64).

        It may overtake Spine's own answer to the extract, hence also in the state before ``sent``.
        """
        scope = self._scope(transfer)
        with self._store.lock:
            if transfer.state not in (State.NONE, State.SENT):
                return
            if ack.positive:
                transfer.state = State.ACKNOWLEDGED
            elif ack.type_code in NEGATIVE:
                transfer.state = State.REFUSED
        if transfer.state is State.REFUSED:
            self._answering.notice(scope, ack.code)
            if scope.flag("refused-extract") == "request-refused":
                self._acknowledge(scope, transfer, "20")
            elif scope.flag("refused-extract") == "sent-twice":
                self._again(scope, transfer)
                self._again(scope, transfer)

    def resend(self, case: Case, nhs_number: str) -> None:
        """Send the same extract again, when it was refused and the period is not over (TD65-TD68).

        :raises HookError: there is nothing that may be sent again.
        """
        transfer = case.latest(nhs_number)
        if not isinstance(transfer, Losing) or not transfer.payload:
            raise HookError(409, "no extract of this patient was sent")
        scope = self._scope(transfer)
        if transfer.state is not State.REFUSED and scope.flag("resend") != "without-refusal":
            raise HookError(409, "an extract is sent again only after it was refused")
        if transfer.requested_at and self._outbox.clock.now(case.id) - transfer.requested_at > RESEND_PERIOD:
            raise HookError(409, "the period in which an extract can be sent again is over")
        self._answering.later(case, lambda: self._again(scope, transfer))

    def _again(self, scope: Scope, transfer: Losing) -> None:
        """The same conversation and HL7 part under a new MessageId (TD66), after the same checks.

        The request has had its answer, so that a check that fails now, or Spine's refusal, is shown to the user and not
        sent [ours: TD68 has it recorded, and no document describes a second acknowledgement of one request].
        """
        code = self._check(scope, transfer.peer.ods)
        if code:
            return self._answering.notice(scope, code)
        flag = scope.flag("resend")
        message_id = transfer.first_sent if flag == "same-id" else self._outbox.ids.new(scope.case.id)
        with self._store.lock:
            self._store.sent(transfer, message_id)
            transfer.state = State.NONE
        again = transfer
        if flag == "new-conversation":
            again = replace(transfer, conversation=self._outbox.ids.new(scope.case.id))
        if flag == "new-payload":
            record = scope.case.held[transfer.nhs_number]
            self._build(scope, transfer, record)
        return self._send(scope, again, lambda outcome: self._resent(scope, transfer, outcome), message_id)

    def _resent(self, scope: Scope, transfer: Losing, outcome: Outcome) -> None:
        with self._store.lock:
            if transfer.state is State.NONE:
                transfer.state = State.SENT if outcome is Outcome.ACCEPTED else State.REFUSED
        if outcome is not Outcome.ACCEPTED:
            self._answering.notice(scope, outcome.code)

    def _scope(self, transfer: Losing) -> Scope:
        return Scope(self._store.case(transfer.case), transfer.nhs_number, transfer.peer.ods)


def _processable(received: Received, message: EhrRequest) -> bool:
    """Whether the request says all that an answer needs."""
    needed = (message.nhs_number, message.requesting_ods, message.sending_ods, message.request_id, received.peer.asid)
    return all(needed)
