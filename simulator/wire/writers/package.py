"""Puts a whole delivery together: envelope, payload and attachments, with the HTTP values that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.wire import names
from simulator.wire.writers import ebxml, mime
from simulator.wire.writers.mime import Out

__all__ = ["Attachment", "Out", "Outgoing", "assemble", "assemble_from_spine"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An in-line attachment: the raw octets, and its manifest entry. ``content_id`` has no angle brackets."""

    content_id: str
    content_type: str
    data: bytes
    description: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes on the wire: the two header values and the body."""

    content_type: str
    soap_action: str
    body: bytes


def assemble(
    header: ebxml.Header,
    payload: bytes,
    *,
    attachments: Sequence[Attachment] = (),
    external: Sequence[ebxml.Reference] = (),
) -> Outgoing:
    """The delivery of one message. The payload part's Content-Id is ``<MessageId>@spine.nhs.uk``.

    The manifest names the payload, then the in-line attachments, then the external ones, as every system seen does.

    :raises ValueError: for an empty mandatory field, or when the boundary occurs in the payload.
    """
    inline = [ebxml.Reference(f"cid:{one.content_id}", one.description, one.id) for one in attachments]
    payload_id = _payload_id(header)
    parts = [
        Out(
            names.ENVELOPE_CONTENT_ID,
            "text/xml; charset=UTF-8",
            ebxml.message(header, payload_id, [*inline, *external]),
        ),
        Out(payload_id, "application/xml; charset=UTF-8", payload),
        *(Out(one.content_id, one.content_type, one.data, "base64") for one in attachments),
    ]
    return Outgoing(*_typed(mime.write(parts), header))


def assemble_from_spine(header: ebxml.Header, payload: bytes) -> Outgoing:
    """The delivery of a message that Spine itself originates: its reliable reply, and its part and package headers.

    :raises ValueError: as :func:`assemble`, and without ``ref_to_message_id``.
    """
    payload_id = _payload_id(header)
    parts = [
        Out(names.ENVELOPE_CONTENT_ID, "text/xml", ebxml.spine_message(header, payload_id)),
        Out(payload_id, "application/xml", payload),
    ]
    return Outgoing(*_typed(mime.write(parts, charset="UTF-8"), header))


def _payload_id(header: ebxml.Header) -> str:
    return f"{header.message_id}@spine.nhs.uk"


def _typed(written: tuple[str, bytes], header: ebxml.Header) -> tuple[str, str, bytes]:
    content_type, body = written
    return content_type, f"{header.service}/{header.action}", body
