"""What a system under test would post: its messages, by the book, and the practices that everybody knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from simulator.protocol.commands import Post
from simulator.protocol.demographics import Patient
from simulator.protocol.directory import Contract, Practice
from simulator.protocol.ids import Mint
from simulator.wire.interactions import Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.writers import ebxml, gp2gp
from simulator.wire.writers.package import Outgoing, assemble
from simulator.wire.writers.times import ebxml_time, hl7_time

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UK05, UK06 = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id
ACK, COPC = Interaction.ACKNOWLEDGEMENT.id, Interaction.POINT_TO_POINT.id
FOLDER = b'<ehrFolder classCode="FOLDER" moodCode="EVN"/>'
NHS_NUMBER, NHS_NUMBER_OF_ANOTHER = "9990000026", "9990000018"
EVERY_SECONDS, PERSIST_SECONDS = 10, 60


def practice(number: int, *, ours: bool = False, name: str = "") -> Practice:
    """A practice with two retries ten seconds apart, and a minute in all."""
    return Practice(
        ods=f"X9000{number}",
        asid=f"99900000000{number}",
        party_key=f"X9000{number}-90000{number}",
        name=name,
        endpoint="" if ours else f"https://x9000{number}.invalid/",
        ours=ours,
        cpa_ids={each.id: f"{each.id}-{number}" for each in Interaction},
        contract=Contract(2, f"PT{EVERY_SECONDS}S", f"PT{PERSIST_SECONDS}S"),
    )


SUT, PEER, OTHER = practice(1, name="the SUT"), practice(2, ours=True, name="the peer"), practice(3)
PATIENT = Patient(NHS_NUMBER, "Test", "Patient", practice=SUT.ods)


@dataclass(frozen=True)
class Letter:
    """Something to post: the octets, and the two ids that others will cite."""

    out: Outgoing
    message_id: str
    conversation: str

    def with_body(self, old: bytes, new: bytes) -> Letter:
        """The letter with some octets changed."""
        assert old in self.out.body
        return replace(self, out=replace(self.out, body=self.out.body.replace(old, new)))


class Sut:
    """Writes the messages of a practice, by the book."""

    def __init__(self, own: Practice = SUT) -> None:
        self.own, self.mint, self.now = own, Mint(own.party_key.encode()), NOON

    def letter(
        self, to: Practice, action: str, message_id: str, conversation: str, payload: bytes, **more: str
    ) -> Letter:
        """A package around ``payload``."""
        header = ebxml.Header(
            from_party=self.own.party_key,
            to_party=to.party_key,
            cpa_id=to.cpa_ids[action],
            conversation_id=conversation,
            action=action,
            message_id=message_id,
            **{"timestamp": ebxml_time(self.now)} | more,
        )
        return Letter(assemble(header, payload), message_id, conversation)

    def _ids(self, conversation: str, to: Practice, asid: str = "") -> tuple[str, str, gp2gp.Ends]:
        message_id = self.mint.uuid("message")
        ends = gp2gp.Ends(message_id, hl7_time(self.now), self.own.asid, asid or to.asid)
        return message_id, conversation or self.mint.uuid("conversation"), ends

    def request(
        self, to: Practice = PEER, *, conversation: str = "", asid: str = "", nhs_number: str = NHS_NUMBER, **more: str
    ) -> Letter:
        """An EHR request. :param asid: the receiver's, where it is to be another. :param more: fields of the header."""
        message_id, conversation, ends = self._ids(conversation, to, asid)
        payload = gp2gp.ehr_request(
            ends,
            request_id=self.mint.uuid("request"),
            nhs_number=nhs_number,
            requesting_ods=self.own.ods,
            sending_ods=to.ods,
        )
        return self.letter(to, UK05, message_id, conversation, payload, **more)

    def extract(self, conversation: str, to: Practice = PEER, request_id: str = "") -> Letter:
        """An EHR extract."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.ehr_extract(
            ends,
            interaction=UK06,
            extract_id=self.mint.uuid("extract"),
            request_id=request_id or self.mint.uuid("request"),
            nhs_number=NHS_NUMBER,
            sending_ods=self.own.ods,
            requesting_ods=to.ods,
            time=hl7_time(self.now),
            folder=FOLDER,
        )
        return self.letter(to, UK06, message_id, conversation, payload)

    def acknowledgement(self, conversation: str, cited: str, code: str = "", to: Practice = PEER) -> Letter:
        """An application acknowledgement of ``cited``, negative with ``code``."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.acknowledgement(ends, message_ref=cited, code=code)
        return self.letter(to, ACK, message_id, conversation, payload)

    def continues(self, conversation: str, cited: str, to: Practice = PEER) -> Letter:
        """A continue."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.continue_message(
            ends,
            recipient_ods=to.ods,
            sender_ods=self.own.ods,
            extract_message_id=cited,
            body_id=self.mint.uuid("body"),
            inner_id=self.mint.uuid("inner"),
        )
        return self.letter(to, COPC, message_id, conversation, payload)

    def fragment(self, conversation: str, to: Practice = PEER) -> Letter:
        """A fragment."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.fragment(
            ends, recipient_ods=to.ods, sender_ods=self.own.ods, filename="a.txt", body_id=self.mint.uuid("body")
        )
        return self.letter(to, COPC, message_id, conversation, payload)

    def acknowledgment(self, post: Post, cited: str = "") -> bytes:
        """The ebXML Acknowledgment of a delivery."""
        return ebxml.acknowledgment(**self._signal(post, cited), received_timestamp=ebxml_time(self.now))

    def message_error(self, post: Post) -> bytes:
        """A MessageError about a delivery."""
        return ebxml.message_error(**self._signal(post), errors=[("ValueNotRecognized", "not for us")])

    def _signal(self, post: Post, cited: str = "") -> dict[str, str]:
        envelope = delivered(post).envelope
        assert envelope is not None
        return {
            "from_party": self.own.party_key,
            "to_party": PEER.party_key,
            "cpa_id": "cpa",
            "conversation_id": "conversation",
            "message_id": self.mint.uuid("signal"),
            "ref_to_message_id": cited or envelope.message_id,
            "now": ebxml_time(self.now),
        }


def delivered(post: Post) -> Reading:
    """A delivery as the SUT reads it."""
    return read(post.content_type, post.body)
