"""To which case does something that arrived belong? First match wins, and the answer is written in the entry for good.

Order (architecture, "Cases"): peer party key, ASID or ODS code; known MessageId or RefToMessageId; ConversationId; NHS
number; else ``unattributed``, which makes the run red. Two things come from worlds that are not ours to make: a peer that
several cases have had tells them apart only when nothing else does, and what a former run left under way is of no case.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulator.protocol.directory import Practice
from simulator.protocol.plan import Plan
from simulator.wire import gp2gp
from simulator.wire.ebxml import Envelope
from simulator.wire.reading import Reading

UNATTRIBUTED = "unattributed"
EARLIER = "earlier run"


class Attribution:
    """The index from identifiers to cases. Ids are compared without regard to case.

    :param earlier: the run by ConversationId, in upper case, of the conversations that the system had in former runs.
    """

    def __init__(self, earlier: Mapping[str, int] = MappingProxyType({})) -> None:
        self._earlier = earlier
        self._peers: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        self._messages: dict[str, str] = {}
        self._conversations: dict[str, str] = {}
        self._patients: dict[str, str] = {}

    def bind(self, plan: Plan) -> None:
        """Bind the cast of a case: a later case that reuses a patient or a peer takes over."""
        for key in _keys(plan.peer):
            index = self._shared if self._peers.pop(key, "") or key in self._shared else self._peers
            index[key] = plan.case
        for patient in plan.patients:
            self._patients[patient.nhs_number] = plan.case

    def remember(self, case: str, *, message_id: str = "", conversation: str = "") -> None:
        """Remember ids that a case has used. What belongs to nobody stays free for the case that it turns out to be."""
        if case in (UNATTRIBUTED, EARLIER):
            return
        if message_id:
            self._messages.setdefault(message_id.upper(), case)
        if conversation:
            self._conversations.setdefault(conversation.upper(), case)

    def follows(self, envelope: Envelope) -> bool:
        """Whether a message repeats one that is known, or is of a conversation that is: of this run, or of a former one."""
        talk = envelope.conversation_id.upper()
        return talk in self._conversations or talk in self._earlier or envelope.message_id.upper() in self._messages

    def of(self, reading: Reading) -> tuple[str, str]:
        """``(case, by what)`` of a message."""
        envelope, wrapper, message = reading.envelope, reading.wrapper, reading.message
        peers = [envelope.to_party, envelope.from_party] if envelope else []
        peers += [wrapper.receiver_asid, wrapper.sender_asid] if wrapper else []
        if isinstance(message, gp2gp.EhrRequest | gp2gp.EhrExtract):
            peers += [message.sending_ods, message.requesting_ods]
        messages = [envelope.message_id, envelope.ref_to_message_id, envelope.acknowledged_id] if envelope else []
        if isinstance(message, gp2gp.ApplicationAcknowledgement):
            messages.append(message.message_ref)
        conversation = envelope.conversation_id.upper() if envelope else ""
        if conversation in self._earlier and conversation not in self._conversations:
            return EARLIER, f"conversation of run {self._earlier[conversation]}"
        patient = message.nhs_number if isinstance(message, gp2gp.EhrRequest | gp2gp.EhrExtract) else ""
        for by, index, keys in (
            ("peer", self._peers, peers),
            ("message id", self._messages, [each.upper() for each in messages]),
            ("conversation", self._conversations, [conversation]),
            ("patient", self._patients, [patient]),
            ("shared peer", self._shared, peers),
        ):
            for key in keys:
                if key and key in index:
                    return index[key], by
        return UNATTRIBUTED, "nothing"

    def of_key(self, *keys: str) -> str:
        """The case of a service call that names a peer's ODS code, party key or ASID, or a patient's NHS number."""
        for key in keys:
            case = self._peers.get(key) or self._shared.get(key) or self._patients.get(key)
            if case:
                return case
        return ""


def _keys(peer: Practice) -> tuple[str, ...]:
    return (peer.party_key, peer.asid, peer.ods)
