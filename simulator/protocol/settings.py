"""Everything about Spine's behaviour that sources leave open, as one frozen value with a default that has a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this Spine behaves where the published sources disagree or are silent.

    :param party_key: and ``asid``: Spine's own identity in what it originates (the form of the test environments).
    :param refusal: "soap-fault" (HTTP 500), "message-error-200" or "message-error-500" for contract errors.
    :param value_error_status: HTTP status of a MessageError: 200, as the one comment about the real Spine has it (D4).
    :param ack_body: whether a 202 carries the Acknowledgment; some clients read it, none minds it (D2).
    :param enforce_time_to_live: refuse what is past TimeToLive; off, since the real Spine does not require one (D20).
    :param expiry_from: count persistDuration from the message's own "timestamp" (LMS §2.3.6) or from "receipt".
    :param check_soap_action: refuse a SOAPAction that is not Service/Action.
    :param maximum_bytes: the size above which a message is noted as too large for Spine (D23).
    :param undeliverable: when retries are over: "silence" or "message-error" (ebMS DeliveryFailure); not published.
    """

    party_key: str = "YES-0000806"
    asid: str = "999000000806"
    refusal: Literal["soap-fault", "message-error-200", "message-error-500"] = "soap-fault"
    value_error_status: int = 200
    ack_body: bool = True
    enforce_time_to_live: bool = False
    expiry_from: Literal["timestamp", "receipt"] = "timestamp"
    check_soap_action: bool = True
    maximum_bytes: int = 5_000_000
    undeliverable: Literal["silence", "message-error"] = "silence"
