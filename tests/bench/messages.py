"""A prepared message that costs next to nothing to make unique: only its MessageId differs from post to post."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.wire.interactions import Interaction
from simulator.wire.writers import ebxml, gp2gp
from simulator.wire.writers.package import Attachment, assemble

SENDER = {"ods": "X90001", "asid": "999000000001", "party_key": "X90001-900001", "name": "Sender"}
RECEIVER = {"ods": "X90002", "asid": "999000000002", "party_key": "X90002-900002", "name": "Receiver"}
ACTION = Interaction.POINT_TO_POINT.id
CPA_IDS = {ACTION: "S9000000A9000000"}
PATH = "/reliablemessaging/forwardreliable"
_ID = "00000000-0000-4000-8000-000000000000"
_TIME = "20260105101500"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A part of a large message, ``size`` octets: ``start`` holds the MessageId, ``rest`` is the same for all."""

    start: bytes
    rest: memoryview
    content_type: str
    soap_action: str
    size: int

    def head(self, host: str) -> bytes:
        """The request line and headers, with the empty line."""
        return (
            f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nSOAPAction: {self.soap_action}\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {self.size}\r\n\r\n"
        ).encode()

    def named(self, number: int) -> bytes:
        """``start`` under the MessageId of ``number``."""
        return self.start.replace(_ID.encode(), f"00000000-0000-4000-8000-{number:012X}".encode())


def prepare(size: int) -> Prepared:
    """A message of ``size`` octets, less a line of base64 at most, from :data:`SENDER` to :data:`RECEIVER`."""
    # A line of base64 is 57 octets in 78, its line break included.
    body = _body((size - len(_body(0))) * 57 // 78)
    cut = body.rindex(_ID.encode()) + len(_ID)
    outgoing = assemble(_header(), b"<p/>")
    return Prepared(body[:cut], memoryview(body)[cut:], outgoing.content_type, outgoing.soap_action, len(body))


def _header() -> ebxml.Header:
    return ebxml.Header(
        from_party=SENDER["party_key"],
        to_party=RECEIVER["party_key"],
        cpa_id=CPA_IDS[ACTION],
        conversation_id="11111111-1111-4111-8111-111111111111",
        action=ACTION,
        message_id=_ID,
        timestamp="2026-01-05T10:15:00Z",
    )


def _body(octets: int) -> bytes:
    """The package of a part that carries ``octets`` of attachment."""
    payload = gp2gp.fragment(
        gp2gp.Ends(_ID, _TIME, SENDER["asid"], RECEIVER["asid"]),
        recipient_ods=RECEIVER["ods"],
        sender_ods=SENDER["ods"],
        filename="part",
        body_id="22222222-2222-4222-8222-222222222222",
    )
    data = (bytes(range(256)) * (octets // 256 + 1))[:octets]
    attached = Attachment("attachment@x", "application/octet-stream", data, 'Filename="part"')
    return assemble(_header(), payload, attachments=[attached]).body
