"""What is known of the conversations of one case: which ids were used for what, and so what each message means.

Both directions go through here, so that peer, SUT and tables read a conversation the same way. Ids are compared without
regard to case: they are UUIDs, and one side writing them in lower case is a finding and not another message (Q-04).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.protocol.transfer import Event, State, Violation, step
from simulator.wire import gp2gp
from simulator.wire.reading import Reading


@dataclass(slots=True)
class Conversation:
    """One conversation. ``requests``, ``extracts`` and ``parts`` hold every id, ebXML and HL7, that may be cited."""

    id: str
    state: State = State.IDLE
    request_id: str = ""
    nhs_number: str = ""
    requests: list[str] = field(default_factory=list)
    extracts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


class Books:
    """The conversations of a case."""

    def __init__(self) -> None:
        self._conversations: dict[str, Conversation] = {}

    def conversation(self, identifier: str) -> Conversation:
        """The conversation of this id, opened when it is new."""
        return self._conversations.setdefault(identifier.upper(), Conversation(identifier))

    def all(self) -> tuple[Conversation, ...]:
        """Every conversation, in the order of its first message."""
        return tuple(self._conversations.values())

    def enter(self, reading: Reading) -> tuple[Event, State, State, Violation]:
        """Enter one delivered message: what it means, the state before and after, and what it did wrong."""
        envelope = reading.envelope
        conversation = self.conversation(envelope.conversation_id if envelope else "")
        event = self.meaning(conversation, reading)
        before = conversation.state
        conversation.state, violation = step(before, event)
        self._note(conversation, event, reading)
        return event, before, conversation.state, violation

    def meaning(self, conversation: Conversation, reading: Reading) -> Event:
        """What the message means in this conversation: told by its payload, and for answers by what they cite."""
        match reading.message:
            case gp2gp.EhrRequest():
                return Event.REQUEST
            case gp2gp.EhrExtract():
                return Event.EXTRACT
            case gp2gp.Continue():
                return Event.CONTINUE
            case gp2gp.Fragment():
                return Event.PART
            case gp2gp.ApplicationAcknowledgement() as ack:
                return self._answer(conversation, ack)
            case _:
                return Event.UNKNOWN

    def _answer(self, conversation: Conversation, ack: gp2gp.ApplicationAcknowledgement) -> Event:
        cited = ack.message_ref.upper()
        if cited in conversation.requests:
            return Event.REQUEST_ACK if ack.positive else Event.REQUEST_NACK
        if cited in conversation.extracts:
            return Event.FINAL_ACK if ack.positive else Event.FINAL_NACK
        return Event.PART_ANSWER if cited in conversation.parts else Event.STRAY_ACK

    def _note(self, conversation: Conversation, event: Event, reading: Reading) -> None:
        ids = [i.upper() for i in (_message_id(reading), reading.wrapper.id if reading.wrapper else "") if i]
        if event is Event.REQUEST and isinstance(reading.message, gp2gp.EhrRequest):
            conversation.requests += ids
            conversation.request_id = reading.message.request_id
            conversation.nhs_number = reading.message.nhs_number
        elif event is Event.EXTRACT:
            conversation.extracts += ids
        elif event is Event.PART:
            conversation.parts += ids


def _message_id(reading: Reading) -> str:
    return reading.envelope.message_id if reading.envelope else ""
