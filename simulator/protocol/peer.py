"""The other practice: composes what the script says it sends, from what the conversation has brought so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from simulator.protocol import variants
from simulator.protocol.books import Conversation
from simulator.protocol.ids import Mint
from simulator.protocol.plan import Document, Plan
from simulator.protocol.script import TOKENS, Message, Send
from simulator.wire.interactions import Interaction
from simulator.wire.writers import ebxml, gp2gp
from simulator.wire.writers.description import describe
from simulator.wire.writers.package import Attachment, Outgoing, assemble
from simulator.wire.writers.times import ebxml_time, hl7_time

REQUEST_ID_OF_NOBODY = "request nobody made"


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to go: its octets, its ids, and why and how it is odd or wrong on purpose (empty: it is not)."""

    outgoing: Outgoing
    message_id: str
    conversation: str
    interaction: str
    deliberate: str
    sort: str


@dataclass(slots=True)
class Peer:
    """One peer practice in one case. ``now`` and the texts of response codes are arguments; ids come from the mint."""

    plan: Plan
    mint: Mint
    conversation_id: str = ""
    extract_id: str = ""
    sent: dict[Message, Composed] = field(default_factory=dict)

    def compose(self, step: Send, conversation: Conversation | None, now: datetime) -> Composed:
        """The message that ``step`` asks for. :raises ValueError: when the conversation lacks what it needs."""
        if step.repeat == "same id":
            if step.message not in self.sent:
                raise ValueError(f"there is no {step.message} to send again")
            return self.sent[step.message]
        conversation_id = self._conversation_id(step, conversation)
        message_id = self.mint.uuid(f"{step.message} message")
        interaction = self._interaction(step)
        payload, attachments = self._payload(step, conversation, message_id, interaction, now)
        header = ebxml.Header(
            from_party=self.plan.peer.party_key,
            to_party=self.plan.sut.party_key,
            cpa_id=self.plan.sut.cpa_ids.get(interaction, "unregistered"),
            conversation_id=conversation_id,
            action=interaction,
            message_id=message_id,
            timestamp=ebxml_time(now),
        )
        outgoing = variants.apply(step.variants, assemble(header, payload, attachments=attachments))
        composed = Composed(
            outgoing,
            message_id,
            conversation_id,
            interaction,
            variants.deliberate(step.variants),
            variants.sort_of(step.variants),
        )
        self.sent[step.message] = composed
        return composed

    def _conversation_id(self, step: Send, conversation: Conversation | None) -> str:
        if step.conversation == "new" or (conversation is None and not self.conversation_id):
            self.conversation_id = self.mint.uuid("conversation")
        elif conversation is not None:
            self.conversation_id = conversation.id
        return self.conversation_id

    @staticmethod
    def _interaction(step: Send) -> str:
        if step.message is Message.REQUEST:
            return Interaction.EHR_REQUEST.id
        if step.message is Message.EXTRACT:
            return step.interaction or Interaction.EHR_EXTRACT.id
        return Interaction.ACKNOWLEDGEMENT.id

    def _payload(
        self, step: Send, conversation: Conversation | None, message_id: str, interaction: str, now: datetime
    ) -> tuple[bytes, tuple[Attachment, ...]]:
        ends = gp2gp.Ends(message_id, hl7_time(now), self.plan.peer.asid, self.plan.sut.asid)
        match step.message:
            case Message.REQUEST:
                return self._request(ends), ()
            case Message.EXTRACT:
                return self._extract(ends, step, conversation, interaction, now)
            case Message.REQUEST_ANSWER | Message.FINAL_ANSWER:
                return self._answer(ends, step, conversation), ()
            case _:
                raise ValueError(f"the peer cannot send {step.message}")

    def _request(self, ends: gp2gp.Ends) -> bytes:
        return gp2gp.ehr_request(
            ends,
            request_id=self.mint.uuid("request"),
            nhs_number=self.plan.patients[0].nhs_number,
            requesting_ods=self.plan.peer.ods,
            sending_ods=self.plan.sut.ods,
        )

    def _extract(
        self, ends: gp2gp.Ends, step: Send, conversation: Conversation | None, interaction: str, now: datetime
    ) -> tuple[bytes, tuple[Attachment, ...]]:
        known = conversation if conversation and step.conversation == "own" else None
        request_id = known.request_id if known and known.request_id else self.mint.uuid(REQUEST_ID_OF_NOBODY)
        nhs_number = (known and known.nhs_number) or self.plan.patients[0].nhs_number
        # S43: one version of an extract only, so that a repeat under a new message id keeps the extract's own id.
        self.extract_id = self.extract_id or self.mint.uuid("extract")
        if self.plan.payload:
            payload = self._published(ends, request_id)
        else:
            payload = gp2gp.ehr_extract(
                ends,
                interaction=interaction,
                extract_id=self.extract_id,
                request_id=request_id,
                nhs_number=nhs_number,
                sending_ods=self.plan.peer.ods,
                requesting_ods=self.plan.sut.ods,
                time=hl7_time(now),
                folder=self.plan.folder,
            )
        return payload, tuple(self._attachment(document) for document in self.plan.documents)

    def _published(self, ends: gp2gp.Ends, request_id: str) -> bytes:
        payload, values = self.plan.payload, {"message_id": ends.message_id, "time": ends.time}
        values |= {"request_id": request_id, "extract_id": self.extract_id}
        for name, token in TOKENS.items():
            payload = payload.replace(token.encode(), values[name].encode())
        return payload

    def _attachment(self, document: Document) -> Attachment:
        return Attachment(
            content_id=f"{document.id or self.mint.uuid('content')}@spine.nhs.uk",
            content_type=document.content_type,
            data=document.data,
            description=document.description or _described(document),
            id=f"_{document.id}" if document.id else "",
        )

    def _answer(self, ends: gp2gp.Ends, step: Send, conversation: Conversation | None) -> bytes:
        return gp2gp.acknowledgement(
            ends,
            message_ref=self._cited(step, conversation),
            code=step.code,
            text=self.plan.facts.get("texts", {}).get(step.code, "") if step.code else "",
            dialect=gp2gp.Dialect(step.dialect),
        )

    def _cited(self, step: Send, conversation: Conversation | None) -> str:
        default = "request" if step.message is Message.REQUEST_ANSWER else "extract"
        cites = step.cites or default
        known = [] if conversation is None else conversation.requests if cites == "request" else conversation.extracts
        if cites == "nothing":
            return self.mint.uuid("message nobody sent")
        if not known:
            raise ValueError(f"there is no {cites} to cite yet")
        # The first id noted is the ebXML MessageId, which is what live systems cite where the two differ (D26).
        return known[0]


def _described(document: Document) -> str:
    return describe(
        f"{document.id}_{document.filename}",
        document.content_type,
        compressed=False,
        large=False,
        original_base64=False,
        # LM24: Length counts the data as transmitted, after base64; line breaks are framing and not data.
        length=-(-len(document.data) // 3) * 4,
    )
