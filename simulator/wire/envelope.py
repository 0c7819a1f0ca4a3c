"""What an ebXML envelope says, as values. ``simulator.wire.ebxml`` reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote


class Kind(StrEnum):
    """What an envelope is for. A signal is an Acknowledgment or a MessageError."""

    MESSAGE = "message"
    ACKNOWLEDGMENT = "acknowledgment"
    MESSAGE_ERROR = "message error"


@dataclass(frozen=True, slots=True)
class Reference:
    """One ``eb:Reference`` of the manifest.

    :param href: as written, for instance ``cid:...`` or ``mid:...``.
    :param id: ``eb:id`` as written, underscore included; empty when absent.
    :param description: text of ``eb:Description``, white space as it came.
    :param language: its ``xml:lang``; empty when absent.
    :param is_payload: whether it carries ``hl7ebxml:Payload``.
    :param line: source line in the envelope part.
    """

    href: str
    id: str = ""
    description: str = ""
    language: str = ""
    is_payload: bool = False
    line: int = 0

    @property
    def scheme(self) -> str:
        """``cid`` or ``mid``, from the prefix alone: a Content-Id that contains "mid" is still a cid (EN-18)."""
        return self.href.partition(":")[0].lower()

    @property
    def target(self) -> str:
        """What follows the scheme, percent-decoded (RFC 2392, AR07)."""
        return unquote(self.href.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Error:
    """One ``eb:Error`` of a MessageError."""

    code: str
    severity: str
    context: str
    description: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often each element of the header occurs, and the value of the first: what Spine's own checks look at."""

    envelope: int = 0
    header: int = 0
    body: int = 0
    from_party: int = 0
    to_party: int = 0
    cpa_id: int = 0
    conversation_id: int = 0
    service: int = 0
    action: int = 0
    message_data: int = 0
    message_id: int = 0
    timestamp: int = 0
    duplicate_elimination: int = 0
    ack_requested: int = 0
    sync_reply: int = 0
    manifest: int = 0
    message_header: int = 0
    acknowledgment: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """An ebXML envelope as read. Absent texts are empty strings; times are kept as written.

    ``message_id``, ``conversation_id`` and ``ref_to_message_id`` are as written, with surrounding blanks removed.
    ``ack_requested_*``, ``header_version`` and ``manifest_version`` are the attribute values, empty when absent.
    For a signal, ``acknowledged_id`` is ``Acknowledgment/RefToMessageId`` (Spine reads that one) and
    ``ref_to_message_id`` is the one of ``MessageData``.
    """

    kind: Kind
    from_party: str = ""
    from_party_type: str = ""
    to_party: str = ""
    to_party_type: str = ""
    cpa_id: str = ""
    conversation_id: str = ""
    service: str = ""
    action: str = ""
    message_id: str = ""
    timestamp: str = ""
    time_to_live: str = ""
    ref_to_message_id: str = ""
    duplicate_elimination: bool = False
    header_version: str = ""
    ack_requested: bool = False
    ack_requested_version: str = ""
    ack_requested_signed: str = ""
    ack_requested_actor: str = ""
    sync_reply: bool = False
    manifest_version: str = ""
    references: tuple[Reference, ...] = ()
    acknowledged_id: str = ""
    acknowledgment_timestamp: str = ""
    acknowledgment_actor: str = ""
    errors: tuple[Error, ...] = ()
    count: Count = field(default_factory=Count)
