"""The core of the practice: a delivery in, its transport answer out, everything else as work behind it.

It knows no socket: ``post`` and ``get`` are given, and so are the clock and the source of ids. Sources: ebMS 2.0
(acknowledgement, duplicate elimination), Spine Technical Design v7.1; the transport answer in the form of Spine's own
acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.reference.clock import Clock, Ids
from harness.reference.config import Identity
from harness.reference.lookup import Lookup
from harness.reference.outbox import Outbox, Post
from harness.reference.patches import Wire
from harness.reference.replies import Answering, Received, ods_of
from harness.reference.requester import Requester
from harness.reference.sender import Sender
from harness.reference.store import Gaining, Losing, Scope, Store
from harness.reference.work import Work
from simulator.wire import names
from simulator.wire.ebxml import Envelope, Kind
from simulator.wire.gp2gp import ApplicationAcknowledgement, Continue, EhrExtract, EhrRequest, Fragment, Message
from simulator.wire.interactions import BY_ID, EXTRACTS, Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.soap import FaultError
from simulator.wire.writers import ebxml, soap
from simulator.wire.writers.times import ebxml_time

REQUESTS = "RCMR_IN010000UK"
"""How the name of every EHR request begins, whatever its version."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP answer to a delivery."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the practice is given of the world."""

    post: Post
    lookup: Lookup
    work: Work
    clock: Clock = field(default_factory=Clock)
    ids: Ids = field(default_factory=lambda: Ids(0))


class Practice:
    """One GP practice, both roles."""

    def __init__(self, me: Identity, ports: Ports) -> None:
        self.me, self.work, self.clock, self.store = me, ports.work, ports.clock, Store()
        self._ids = ports.ids
        outbox = Outbox(me, ports.lookup, ports.post, ports.work, ports.clock, ports.ids)
        self._answering = Answering(self.store, outbox, ports.work)
        self.requester = Requester(self.store, outbox, self._answering)
        self.sender = Sender(self.store, outbox, self._answering)

    def receive(self, headers: Mapping[str, str], body: bytes, *, known: bool = True) -> Answer:
        """Take a delivery. It is acknowledged only once it is stored, and processed after that.

        :param known: whether whoever delivers it has shown a certificate.
        """
        reading = read(headers.get("Content-Type", ""), body)
        envelope = reading.envelope
        if envelope is None or not envelope.message_id or not envelope.from_party:
            return _unreadable()
        if envelope.kind is not Kind.MESSAGE:
            return Answer(200, (("Content-Type", "text/xml"),))
        scope = self._scope(reading, envelope)
        if not known and scope.flag("certificate") != "needless":
            return Answer(403)
        if envelope.to_party.upper() != self.me.party_key.upper() and scope.flag("wrong-party") != "processed":
            return self._wrong_party(scope, envelope)
        return self._store(Received(scope, reading, envelope))

    def _store(self, received: Received) -> Answer:
        envelope, scope = received.envelope, received.scope
        with self.store.lock:
            before = self.store.answered(envelope.from_party, envelope.message_id)
            if isinstance(before, Answer) and scope.flag("dedup") != "off":
                return self._acknowledgment(scope, envelope) if scope.flag("ack-again") == "anew" else before
            answer = self._acknowledgment(scope, envelope)
            self.store.remember(scope.case.id, envelope.from_party, envelope.message_id, answer)
            self.work.submit(scope.case.id, lambda: self._process(received))
        return answer

    def _process(self, received: Received) -> None:
        """Hand a message to the role it concerns, by what it is, and what cannot be read by what it was sent as."""
        message, action = received.message, received.envelope.action
        if action not in BY_ID:
            return self._unknown(received)
        if isinstance(message, ApplicationAcknowledgement):
            return self._acknowledged(received, message)
        if isinstance(message, EhrRequest):
            return self.sender.request(received)
        if isinstance(message, EhrExtract):
            return self.requester.extract(received)
        if isinstance(message, Continue | Fragment):
            return self._part(received)
        if action == Interaction.EHR_REQUEST.id:
            return self.sender.request(received)
        if action in EXTRACTS:
            return self.requester.extract(received)
        return None

    def _unknown(self, received: Received) -> None:
        """A request of a version that is not supported here is refused (TD51.1); all else is put aside [ours]."""
        flag, request = received.scope.flag("unknown-interaction"), received.envelope.action.startswith(REQUESTS)
        if request or flag == "answered":
            self._answering.answer(received, received.peer, "" if flag == "accepted" else "18", "ack-request")

    def _part(self, received: Received) -> None:
        """A message of large messaging: refused while disabled (Technical Design section 7.1). Seam for the rest."""
        if received.scope.on("disabled") and received.scope.flag("disabled") != "ignored":
            self._answering.answer(received, received.peer, "07", "final-ack")

    def _acknowledged(self, received: Received, ack: ApplicationAcknowledgement) -> None:
        """An application acknowledgement belongs to the message that it cites (TD19), and is never acknowledged."""
        transfer = self.store.citing(ack.message_ref)
        if isinstance(transfer, Gaining):
            self.requester.acknowledged(transfer, ack)
        elif isinstance(transfer, Losing):
            self.sender.acknowledged(transfer, ack)
        if received.scope.flag("ack-an-ack") == "on":
            self._answering.acknowledge_acknowledgement(received, ack)

    def _scope(self, reading: Reading, envelope: Envelope) -> Scope:
        message = reading.message
        transfer = self.store.transfer(envelope.conversation_id)
        nhs_number = _nhs_number(message) or (transfer.nhs_number if transfer else "")
        # An acknowledgement does not name the practice, and a party key need not begin with its ODS code.
        known = transfer.peer.ods if transfer and not isinstance(message, EhrRequest | EhrExtract) else ""
        ods = known or ods_of(envelope, message)
        asid = reading.wrapper.sender_asid if reading.wrapper else ""
        case = self.store.attribute(envelope.conversation_id, nhs_number, ods, asid, envelope.from_party)
        return Scope(case, nhs_number, ods)

    def _acknowledgment(self, scope: Scope, envelope: Envelope) -> Answer:
        flag = scope.flag("transport-ack")
        if flag:
            return Answer(500 if flag == "server-error" else 200, (("Content-Type", "text/xml"),))
        body = ebxml.acknowledgment(
            from_party=self.me.party_key,
            to_party=envelope.from_party,
            cpa_id=envelope.cpa_id,
            conversation_id=envelope.conversation_id,
            message_id=self._ids.new(scope.case.id),
            ref_to_message_id=envelope.message_id,
            received_timestamp=envelope.timestamp,
            now=ebxml_time(self.clock.now(scope.case.id)),
        )
        return self._signal(scope, envelope, names.SIGNAL_SOAP_ACTION, body)

    def _signal(self, scope: Scope, envelope: Envelope, action: str, body: bytes) -> Answer:
        wire = Wire((("Content-Type", "text/xml"), ("SOAPAction", action)), body)
        if scope.mutation is not None:
            context = {"uuid": self._ids.new(scope.case.id), "conversation": envelope.conversation_id}
            wire = scope.mutation.alter("transport-ack", wire, context)
        return Answer(200, wire.headers, wire.body)

    def _wrong_party(self, scope: Scope, envelope: Envelope) -> Answer:
        """The answer to a message for somebody else: an ebXML error with HTTP 200, and nothing is processed."""
        body = ebxml.message_error(
            from_party=self.me.party_key,
            to_party=envelope.from_party,
            cpa_id=envelope.cpa_id,
            conversation_id=envelope.conversation_id,
            message_id=self._ids.new(scope.case.id),
            ref_to_message_id=envelope.message_id,
            now=ebxml_time(self.clock.now(scope.case.id)),
            errors=[("ValueNotRecognized", "501314:Invalid To Party Type attribute")],
        )
        action = names.SIGNAL_SOAP_ACTION.replace("Acknowledgment", "MessageError")
        return self._signal(scope, envelope, action, body)


def _nhs_number(message: Message | None) -> str:
    return message.nhs_number if isinstance(message, EhrRequest | EhrExtract) else ""


def _unreadable() -> Answer:
    """What cannot be read as a message is a fault with HTTP 500: there is no id to acknowledge."""
    error = FaultError(names.TMS_ERROR_CONTEXT, "200", "Error", "MIME", "The message cannot be read")
    return Answer(500, (("Content-Type", "text/xml"),), soap.fault([error]))
