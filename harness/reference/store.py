"""Everything the practice remembers: cases, patients, records, transfers, and whose case a message belongs to.

In memory, behind one lock. Ids are compared in upper case throughout, because lower-case GUIDs occur in the field.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from harness.reference.attachments import File
from harness.reference.mutations import Mutation
from harness.reference.mutations import table as mutations
from simulator.wire.writers.package import Attachment

REMEMBERED = 100_000
OFF = frozenset({"", "off", "no", "none", "false"})


class State(StrEnum):
    """Where a transfer stands, in the closed vocabulary of the hook contract."""

    NONE = "none"
    REQUESTED = "requested"
    REQUEST_REFUSED = "request-refused"
    AWAITING_DECISION = "awaiting-decision"
    INTEGRATED = "integrated"
    REJECTED = "rejected"
    INTEGRATION_FAILED = "integration-failed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Peer:
    """The practice at the other end, as far as it is known."""

    ods: str
    asid: str
    party_key: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is held for a patient: the octets of one ``ehrFolder``, and the documents it refers to."""

    folder: bytes
    interaction: str
    documents: tuple[File, ...] = ()


@dataclass(slots=True)
class Transfer:
    """One conversation, whichever side of it we are.

    :param sent: ids by which the other side may cite our message: the request as requester, the extract as sender.
    :param cited: the id that our acknowledgement cites: of the extract as requester, of the request as sender.
    :param last_sent: MessageId of our last message in it.
    """

    case: str
    nhs_number: str
    conversation: str
    peer: Peer
    state: State = State.NONE
    sent: set[str] = field(default_factory=set)
    cited: str = ""
    last_sent: str = ""


@dataclass(slots=True)
class Gaining(Transfer):
    """A transfer that we requested.

    :param accepted: the request was acknowledged and not refused.
    :param nacked: the request was refused by an application acknowledgement, so that no request is outstanding.
    """

    returning: bool = False
    accepted: bool = False
    nacked: bool = False
    files: tuple[File, ...] = ()
    record: Record | None = None


@dataclass(slots=True)
class Losing(Transfer):
    """A transfer that was requested of us.

    :param request_message: MessageId of the request; :param request_id: its ``EhrRequest/id``.
    :param first_sent: MessageId of the extract when it was first sent.
    :param payload: the HL7 part of the extract, kept for a re-send (TD66).
    """

    request_message: str = ""
    request_id: str = ""
    requested_at: datetime | None = None
    interaction: str = ""
    first_sent: str = ""
    payload: bytes = b""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds for messages of these patients or peers; of the whole case when it names none."""

    name: str
    value: str
    nhs_numbers: frozenset[str]
    peers: tuple[str, ...]

    def covers(self, nhs_number: str, ods: str) -> bool:
        """Whether it holds for a message about this patient or of this peer."""
        if not self.nhs_numbers and not self.peers:
            return True
        return nhs_number in self.nhs_numbers or ods in self.peers


@dataclass(slots=True)
class Case:
    """What belongs to one case. The case without a name takes what nobody announced."""

    id: str
    index: set[str] = field(default_factory=set)
    held: dict[str, Record] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    preset: tuple[str, str] = ("", "")
    """ASID and party key of the peer, as somebody typed them in: what a practice uses that does not ask SDS."""

    def latest(self, nhs_number: str) -> Transfer | None:
        """The transfer of this patient that began last."""
        return next((t for t in reversed(self.transfers) if t.nhs_number == nhs_number), None)

    def received(self, nhs_number: str) -> Gaining | None:
        """The transfer that last brought this patient's record, one that awaits a decision before all others."""
        found = [t for t in reversed(self.transfers) if t.nhs_number == nhs_number and isinstance(t, Gaining)]
        return next((t for t in found if t.state is State.AWAITING_DECISION), found[0] if found else None)


@dataclass(frozen=True, slots=True)
class Scope:
    """A case seen from one message: which conditions hold, and which behaviour is altered."""

    case: Case
    nhs_number: str = ""
    ods: str = ""

    def on(self, name: str) -> bool:
        """Whether the condition holds here."""
        condition = self.case.conditions.get(name)
        return condition is not None and condition.value not in OFF and condition.covers(self.nhs_number, self.ods)

    @property
    def mutation(self) -> Mutation | None:
        """The one behaviour that is altered here."""
        return mutations()[self.case.conditions["mutation"].value] if self.on("mutation") else None

    def flag(self, behaviour: str) -> str:
        """How ``behaviour`` is altered; empty when it is as it should be."""
        mutation = self.mutation
        return mutation.value if mutation is not None and mutation.behaviour == behaviour else ""

    @property
    def third_practice(self) -> str:
        """ODS code of a configured peer that is not the one this message is exchanged with."""
        condition = self.case.conditions.get("mutation")
        return next((ods for ods in condition.peers if ods != self.ods), "") if condition else ""


class Store:
    """All cases, and the indexes by which a message finds its own. Hold ``lock`` around what must not be torn."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._cases: dict[str, Case] = {}
        self._conversations: dict[str, Transfer] = {}
        self._messages: dict[str, Transfer] = {}
        self._owners: dict[str, str] = {}
        self._answers: OrderedDict[tuple[str, str], tuple[str, object]] = OrderedDict()

    def case(self, name: str) -> Case:
        """The case, made when it is new."""
        with self.lock:
            return self._cases.setdefault(name, Case(name))

    def bind(self, case: str, *keys: str) -> None:
        """Note that patients (NHS number) or peers (ODS, ASID, party key) belong to ``case``; the last word counts."""
        with self.lock:
            self._owners.update((key.upper(), case) for key in keys if key)

    def attribute(self, conversation: str, *keys: str) -> Case:
        """The case of a message: by conversation, else the first of ``keys`` that is bound, else nameless."""
        with self.lock:
            transfer = self.transfer(conversation)
            owner = transfer.case if transfer else ""
            return self.case(owner or next((self._owners[k.upper()] for k in keys if k.upper() in self._owners), ""))

    def begin(self, transfer: Transfer) -> None:
        """Remember a new transfer under its conversation."""
        with self.lock:
            self.case(transfer.case).transfers.append(transfer)
            self._conversations[transfer.conversation.upper()] = transfer
            peer = transfer.peer
            if transfer.case:
                self.bind(transfer.case, peer.ods, peer.asid, peer.party_key, transfer.nhs_number)

    def sent(self, transfer: Transfer, *ids: str) -> None:
        """Remember ids by which the other side may cite what we are about to send."""
        with self.lock:
            transfer.sent.update(i.upper() for i in ids)
            self._messages.update((i.upper(), transfer) for i in ids)

    def transfer(self, conversation: str) -> Transfer | None:
        """The transfer of a conversation."""
        return self._conversations.get(conversation.upper())

    def citing(self, message_ref: str) -> Transfer | None:
        """The transfer in which we sent the message that ``message_ref`` names."""
        return self._messages.get(message_ref.upper())

    def answered(self, party: str, message_id: str) -> object | None:
        """What was answered to this message when it came before (duplicate elimination), or ``None``."""
        entry = self._answers.get((party.upper(), message_id.upper()))
        return entry[1] if entry else None

    def remember(self, case: str, party: str, message_id: str, answer: object) -> None:
        """Keep the answer to a message; the oldest go when there are too many."""
        with self.lock:
            self._answers[(party.upper(), message_id.upper())] = (case, answer)
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)

    def reset(self, name: str) -> None:
        """Forget a case and everything that leads to it."""
        with self.lock:
            self._cases.pop(name, None)
            self._conversations = {k: t for k, t in self._conversations.items() if t.case != name}
            self._messages = {k: t for k, t in self._messages.items() if t.case != name}
            self._owners = {k: owner for k, owner in self._owners.items() if owner != name}
            self._answers = OrderedDict((k, v) for k, v in self._answers.items() if v[0] != name)
