"""The new practice: asks for a record, receives it, and answers once the user has decided.

Sources: Spine Technical Design v7.1 TD12-TD30; Use Case 1 (order of the checks); Response Codes v1.7. Large messaging
is not here yet: an extract with ``mid:`` references is answered as one that cannot be processed (the seam:
``_parts``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lxml import etree

from harness.reference import attachments
from harness.reference.lookup import UnansweredError
from harness.reference.outbox import Letter, Outbox, Outcome
from harness.reference.replies import Answering, HookError, Received
from harness.reference.store import Case, Gaining, Peer, Record, Scope, State, Store
from simulator.wire import names
from simulator.wire.gp2gp import ApplicationAcknowledgement, EhrExtract
from simulator.wire.interactions import Interaction
from simulator.wire.writers import gp2gp

ACTIVE = frozenset({State.REQUESTED, State.AWAITING_DECISION})
KEPT = frozenset({State.AWAITING_DECISION, State.INTEGRATED})
NEGATIVE = frozenset({"AE", "AR"})


class Requester:
    """The requester's half of the practice."""

    def __init__(self, store: Store, outbox: Outbox, answering: Answering) -> None:
        self._store, self._outbox, self._answering = store, outbox, answering

    # -- asking

    def register(self, case: Case, nhs_number: str, previous_practice: str, *, returning: bool) -> None:
        """Ask the previous practice for the record (TD12-TD18). Runs as a job.

        None of this is said on the wire when SDS knows no such system (paper), more than one (24), or fails (20), nor while
        GP2GP is switched off (section 7.1).
        """
        scope = Scope(case, nhs_number, previous_practice)
        off = scope.on("disabled") and scope.flag("disabled") != "ignored"
        if off or (returning and scope.flag("request") == "new-patients-only"):
            return None
        returning = returning and scope.flag("index") != "forgotten"
        if scope.flag("lookup") == "preset":
            return self._ask(scope, Peer(previous_practice, *case.preset), returning)
        try:
            devices = self._outbox.lookup.devices(previous_practice, Interaction.EHR_REQUEST)
        except UnansweredError:
            return self._answering.notice(scope, "20")
        flag = scope.flag("request")
        if len(devices) != 1 and flag != "despite-two-results":
            return self._answering.notice(scope, "24") if devices else None
        if devices:
            self._ask(scope, Peer(previous_practice, devices[0].asid, devices[0].party_key), returning)
            if flag == "twice":
                self._ask(scope, Peer(previous_practice, devices[0].asid, devices[0].party_key), returning)
        return None

    def refuse_second(self, case: Case, nhs_number: str) -> None:
        """:raises HookError: while a transfer of this patient is under way [ours: no document allows a second]."""
        transfer = case.latest(nhs_number)
        if isinstance(transfer, Gaining) and transfer.state in ACTIVE:
            raise HookError(409, "a transfer of this patient is under way")

    def _ask(self, scope: Scope, peer: Peer, returning: bool) -> None:
        case, me = scope.case, self._outbox.me
        conversation, message_id, request_id = (self._outbox.ids.new(case.id) for _ in range(3))
        before = case.latest(scope.nhs_number)
        if before is not None and scope.flag("request") == "same-conversation":
            conversation = before.conversation
        transfer = Gaining(case.id, scope.nhs_number, conversation, peer, State.REQUESTED, returning=returning)
        self._store.begin(transfer)
        self._store.sent(transfer, message_id)
        payload = gp2gp.ehr_request(
            self._outbox.ends(case.id, message_id, peer),
            request_id=request_id,
            nhs_number=scope.nhs_number,
            requesting_ods=me.ods,
            sending_ods=peer.ods,
        )
        transfer.last_sent = message_id
        letter = Letter(scope, "request", Interaction.EHR_REQUEST, peer, conversation, message_id, payload)
        self._outbox.deliver(letter, lambda outcome: self._asked(scope, transfer, outcome))

    def _asked(self, scope: Scope, transfer: Gaining, outcome: Outcome) -> None:
        """A request that did not get away ends the transfer (TD18.1); one that did may have been answered already."""
        if outcome is Outcome.ACCEPTED:
            if scope.flag("silence") == "impatient":
                self._answering.after(scope.case, timedelta(days=1), lambda: self._give_up(transfer))
            return
        with self._store.lock:
            if transfer.state is State.REQUESTED:
                # What Spine refused or did not take was not refused by an application, hence not ``nacked`` [ours].
                went = outcome in (Outcome.REFUSED, Outcome.UNDELIVERED)
                transfer.state = State.REQUEST_REFUSED if went else State.NONE
        self._answering.notice(scope, outcome.code)

    def _give_up(self, transfer: Gaining) -> None:
        """What a mutation alone does: take silence for the end."""
        transfer.nacked = transfer.nacked or transfer.state is State.REQUESTED

    def acknowledged(self, transfer: Gaining, ack: ApplicationAcknowledgement) -> None:
        """An application acknowledgement of our request: a positive one is noted (TD19.2), a negative one ends it."""
        if ack.type_code not in NEGATIVE:
            transfer.accepted = True
            return
        with self._store.lock:
            if transfer.state is not State.REQUESTED:
                return
            transfer.state, transfer.nacked = State.REQUEST_REFUSED, True
        scope = self._scope(transfer)
        self._answering.notice(scope, ack.code)
        if scope.flag("refused-request") == "asked-again":
            self._ask(scope, transfer.peer, transfer.returning)

    # -- receiving

    def extract(self, received: Received) -> None:
        """Receive an extract, or something sent as one that cannot be read (TD20-TD22, TD27). Runs as a job."""
        conversation = received.envelope.conversation_id
        transfer = self._store.transfer(conversation)
        gaining = transfer if isinstance(transfer, Gaining) else None
        files = attachments.incoming(
            received.reading, received.envelope, decompress=received.scope.flag("decompress") != "off"
        )
        with self._store.lock:
            code = self._fault(received, gaining, files)
            if code and gaining is not None and gaining.state is State.REQUESTED and code != "09":
                gaining.state = State.REJECTED
            elif not code:
                gaining = gaining or self._unsolicited(received)
                self._keep(gaining, received, files or ())
        if code:
            if code == "21":
                self._answering.notice(received.scope, code)
            self._answering.answer(received, self._peer(received, gaining), code, "final-ack")
        elif gaining is not None and received.scope.flag("final-ack") == "before-decision":
            self._final(gaining, "")
        elif gaining is not None and received.scope.flag("continue") == "needless":
            self._continue(received, gaining)

    def _fault(self, received: Received, gaining: Gaining | None, files: tuple[attachments.File, ...] | None) -> str:
        """The code that refuses this extract, or nothing: in the order of Use Case 1, disabled right after readable."""
        scope, message = received.scope, received.message
        readable = isinstance(message, EhrExtract) and bool(message.nhs_number) and _folder(received) is not None
        if not readable and scope.flag("malformed") != "accepted":
            return "21"
        if scope.on("disabled") and scope.flag("disabled") != "ignored":
            return "07"
        early = gaining is not None and not gaining.accepted and scope.flag("early-extract") == "refused"
        if early or ((gaining is None or gaining.nacked) and scope.flag("unsolicited") != "accepted"):
            return "09"
        if gaining is not None and gaining.state in KEPT and scope.flag("second-extract") != "accepted":
            return "12"
        return self._contents(received, gaining, files)

    def _contents(self, received: Received, gaining: Gaining | None, files: tuple[attachments.File, ...] | None) -> str:
        scope, message = received.scope, received.message
        missing = files is None or attachments.unresolved(received.reading, received.envelope)
        if (missing or self._parts(received)) and scope.flag("missing-part") != "accepted":
            return "21"
        other = gaining is not None and isinstance(message, EhrExtract) and message.nhs_number != gaining.nhs_number
        return "21" if other and scope.flag("other-patient") != "accepted" else ""

    def _parts(self, received: Received) -> bool:
        """Whether parts of the record come in messages of their own. Seam of large messaging."""
        return bool(attachments.external(received.envelope))

    def _keep(self, transfer: Gaining, received: Received, files: tuple[attachments.File, ...]) -> None:
        folder = _folder(received)
        found = () if received.scope.flag("underscore") == "literal" else files
        transfer.state, transfer.files, transfer.cited = State.AWAITING_DECISION, found, received.hl7_id
        if folder is not None:
            interaction = received.reading.wrapper.interaction if received.reading.wrapper else ""
            transfer.record = Record(folder, interaction, files)

    def _continue(self, received: Received, transfer: Gaining) -> None:
        """Ask for parts of which the extract announced none: what a mutation alone does."""
        case, peer, me = received.scope.case, transfer.peer, self._outbox.me
        message_id, body, inner = (self._outbox.ids.new(case.id) for _ in range(3))
        payload = gp2gp.continue_message(
            self._outbox.ends(case.id, message_id, peer),
            recipient_ods=peer.ods,
            sender_ods=me.ods,
            extract_message_id=received.envelope.message_id,
            body_id=body,
            inner_id=inner,
        )
        interaction, conversation = Interaction.POINT_TO_POINT, transfer.conversation
        letter = Letter(received.scope, "continue", interaction, peer, conversation, message_id, payload)
        self._outbox.deliver(letter, lambda outcome: None)

    def _unsolicited(self, received: Received) -> Gaining:
        case = received.scope.case
        conversation, nhs_number = received.envelope.conversation_id.upper(), received.scope.nhs_number
        transfer = Gaining(case.id, nhs_number, conversation, received.peer)
        self._store.begin(transfer)
        return transfer

    # -- deciding

    def decide(self, case: Case, nhs_number: str, decision: str) -> None:
        """The user's decision on a received record (TD28-TD30). :raises HookError: there is nothing to decide on."""
        with self._store.lock:
            transfer = case.received(nhs_number)
            if transfer is None or transfer.state is not State.AWAITING_DECISION:
                raise HookError(409, "no record of this patient awaits a decision")
            if decision == "defer":
                return
            scope = self._scope(transfer)
            code = self._decision(transfer, scope, decision)
        if scope.flag("final-ack") not in ("none", "before-decision"):
            again = {"twice": (code,), "then-positive": ("",)}.get(scope.flag("final-ack"), ())
            self._answering.later(case, lambda: self._final(transfer, code, *again))

    def _decision(self, transfer: Gaining, scope: Scope, decision: str) -> str:
        """The code of the final acknowledgement, and the state that follows.

        A record that was suppressed or filed is kept, so that a second one is a duplicate: it counts as integrated here
        though its acknowledgement is negative on the wire [ours: the vocabulary has one word for both].
        """
        if decision == "integrate" and scope.on("integration-failure"):
            transfer.state = State.INTEGRATION_FAILED
            return "" if scope.flag("final-ack") == "positive" else "11"
        if decision == "reject-wrong-record":
            transfer.state = State.REJECTED
            return "17" if transfer.returning else "28"
        transfer.state = State.INTEGRATED
        if decision == "integrate" and transfer.record is not None:
            self._store.case(transfer.case).held[transfer.nhs_number] = transfer.record
        return {"suppress": "15", "file-as-attachment": "26"}.get(decision, "")

    def _final(self, transfer: Gaining, *codes: str) -> None:
        for code in codes:  # one, unless a mutation wants more
            self._answering.acknowledge(
                self._scope(transfer), transfer, transfer.peer, transfer.cited, code, "final-ack"
            )

    def _scope(self, transfer: Gaining) -> Scope:
        return Scope(self._store.case(transfer.case), transfer.nhs_number, transfer.peer.ods)

    def _peer(self, received: Received, gaining: Gaining | None) -> Peer:
        """Whom to answer: as the message says, and what it does not say, as the conversation or SDS has it."""
        said = received.peer
        known = gaining.peer if gaining is not None else None
        if known is not None and not said.asid:
            return replace(said, asid=known.asid)
        return said


def _folder(received: Received) -> bytes | None:
    if received.reading.root is None:
        return None
    folder = next(received.reading.root.iter(f"{{{names.HL7}}}ehrFolder"), None)
    return None if folder is None else etree.tostring(folder, encoding="UTF-8", with_tail=False, xml_declaration=False)
