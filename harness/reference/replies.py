"""What both roles share: a received message with its sender, application acknowledgements, and notices to the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from harness.reference import codes
from harness.reference.lookup import UnansweredError
from harness.reference.outbox import Letter, Outbox, Outcome
from harness.reference.store import Case, Peer, Scope, Store, Transfer
from harness.reference.work import Work
from simulator.wire.ebxml import Envelope
from simulator.wire.gp2gp import ApplicationAcknowledgement, EhrExtract, EhrRequest, Message
from simulator.wire.interactions import Interaction
from simulator.wire.reading import Reading
from simulator.wire.writers import gp2gp


class HookError(Exception):
    """A verb that cannot be done: HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """A message that arrived, acknowledged at transport level, with the case it belongs to."""

    scope: Scope
    reading: Reading
    envelope: Envelope

    @property
    def message(self) -> Message | None:
        """The typed payload; ``None`` when it could not be read."""
        return self.reading.message

    @property
    def hl7_id(self) -> str:
        """The id that an acknowledgement cites: HL7's, or the MessageId when HL7's cannot be read.

        ``messageRef`` is by its definition the id in the wrapper; the two are equal in what a careful sender sends.
        """
        return (self.reading.wrapper.id if self.reading.wrapper else "") or self.envelope.message_id

    @property
    def peer(self) -> Peer:
        """The sender, as far as the message says."""
        asid = self.reading.wrapper.sender_asid if self.reading.wrapper else ""
        return Peer(ods_of(self.envelope, self.message), asid, self.envelope.from_party)


def ods_of(envelope: Envelope, message: Message | None) -> str:
    """ODS code of the sender: from the payload where it says so, else what its party key begins with."""
    if isinstance(message, EhrRequest):
        return message.requesting_ods
    if isinstance(message, EhrExtract) and message.sending_ods:
        return message.sending_ods
    return envelope.from_party.partition("-")[0]


class Answering:
    """Application acknowledgements, and what the user is shown."""

    def __init__(self, store: Store, outbox: Outbox, work: Work) -> None:
        self._store, self._outbox, self._work = store, outbox, work

    def later(self, case: Case, job: Callable[[], None]) -> None:
        """Do ``job`` when a worker is free."""
        self._work.submit(case.id, job)

    def after(self, case: Case, delay: timedelta, job: Callable[[], None]) -> None:
        """Do ``job`` when ``delay`` has passed by the clock of the case."""
        self._work.at(case.id, self._outbox.clock.now(case.id) + delay, job)

    def notice(self, scope: Scope, code: str) -> None:
        """Show a response code to the user, with its text."""
        if scope.flag("notices") != "hidden":
            with self._store.lock:
                text = "" if scope.flag("notices") == "wordless" else codes.text(code)
                scope.case.notices.append((code, text))

    def answer(self, received: Received, peer: Peer, code: str, kind: str) -> None:
        """Acknowledge a received message that opened no transfer, or must not change it."""
        if received.scope.flag("refusal") == "silent" and kind == "ack-request":
            return
        conversation = received.envelope.conversation_id.upper()
        transfer = self._store.transfer(conversation)
        self._send(received.scope, transfer, conversation, peer, received.hl7_id, code, kind)

    def acknowledge(self, scope: Scope, transfer: Transfer, peer: Peer, cited: str, code: str, kind: str) -> None:
        """Acknowledge within a transfer: positively without ``code``."""
        self._send(scope, transfer, transfer.conversation, peer, cited, code, kind)

    def acknowledge_acknowledgement(self, received: Received, message: ApplicationAcknowledgement) -> None:
        """What no practice does, and a mutation makes this one do: answer an acknowledgement with another."""
        conversation = received.envelope.conversation_id.upper()
        transfer = self._store.transfer(conversation)
        self._send(received.scope, transfer, conversation, received.peer, message.wrapper.id, "", "ack-ack")

    def _send(
        self,
        scope: Scope,
        transfer: Transfer | None,
        conversation: str,
        peer: Peer,
        cited: str,
        code: str,
        kind: str,
    ) -> None:
        peer = self._complete(peer)
        if not (peer.asid and conversation):
            return  # nobody can be answered: acknowledged at transport level, and ignored
        message_id = self._outbox.ids.new(scope.case.id)
        payload = self._payload(scope, peer, message_id, cited, code)
        previous = transfer.last_sent if transfer is not None else ""
        if transfer is not None:
            transfer.last_sent = message_id
        acknowledgement = Interaction.ACKNOWLEDGEMENT
        letter = Letter(scope, kind, acknowledgement, peer, conversation, message_id, payload, previous=previous)

        def again() -> None:
            self._send(scope, transfer, conversation, peer, cited, code, kind)

        self._outbox.deliver(letter, lambda outcome: self._sent(scope, outcome, again))

    def _payload(self, scope: Scope, peer: Peer, message_id: str, cited: str, code: str) -> bytes:
        """The acknowledgement in the published form (Response Codes section 4.2): AE, and the code as its reason."""
        flag = scope.flag("nack-code")
        code = "99" if flag and code == flag.partition(">")[0] else code
        return gp2gp.acknowledgement(
            self._outbox.ends(scope.case.id, message_id, peer),
            message_ref=cited.upper(),
            code=code,
            text=codes.text(code),
            dialect=gp2gp.Dialect.REASON_ONLY,
        )

    def _sent(self, scope: Scope, outcome: Outcome, again: Callable[[], None]) -> None:
        """An acknowledgement that could not be sent is only recorded (TD31): a 20 about a 20 would not end."""
        if outcome is not Outcome.ACCEPTED:
            self.notice(scope, outcome.code)
        if outcome is Outcome.REFUSED and scope.flag("after-spine-refusal") == "told-again":
            again()

    def _complete(self, peer: Peer) -> Peer:
        """Ask SDS for the ASID when the message did not say it."""
        if peer.asid:
            return peer
        try:
            devices = self._outbox.lookup.devices(peer.ods, Interaction.ACKNOWLEDGEMENT)
        except UnansweredError:
            devices = ()
        asid = next((d.asid for d in devices if d.party_key == peer.party_key), "")
        return replace(peer, asid=asid)
