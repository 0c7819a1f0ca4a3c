"""What Spine itself checks on an incoming forward-reliable message, with the names of its published error bases.

The rows below are the assertions of Spine's own validation transforms, as facts; every failed one gives its own error,
so a message without AckRequested yields four. The *numbers* that real Spine puts beside these names are not public.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.wire import names
from simulator.wire.ebxml import Envelope
from simulator.wire.soap import FaultError

NOT_WELL_FORMED = "ErrorBaseTms.MESSAGE_NOT_WELL_FORMED"


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion: the token that a failure emits, and what must hold."""

    token: str
    holds: Callable[[Envelope], bool]


def _exactly_one(name: str, field: str) -> Assertion:
    """One, and not empty. Spine lets a value of blanks alone pass; what it then acknowledges nobody knows, and no
    acknowledgement can cite it, so that it is refused here [ours]."""
    return Assertion(
        f"{NOT_WELL_FORMED}[{name}]",
        lambda envelope: getattr(envelope.count, field) == 1 and bool(getattr(envelope, field, field).strip()),
    )


STRUCTURE = (
    _exactly_one("soapSchema.envelope", "envelope"),
    _exactly_one("soapSchema.header", "header"),
    _exactly_one("soapSchema.body", "body"),
    _exactly_one("ebXMLSchema.fromPartyId", "from_party"),
    _exactly_one("ebXMLSchema.toPartyId", "to_party"),
    _exactly_one("ebXMLSchema.cpaId", "cpa_id"),
    _exactly_one("ebXMLSchema.conversationId", "conversation_id"),
    _exactly_one("ebXMLSchema.service", "service"),
    _exactly_one("ebXMLSchema.action", "action"),
    _exactly_one("ebXMLSchema.messageData", "message_data"),
    _exactly_one("ebXMLSchema.messageId", "message_id"),
    _exactly_one("ebXMLSchema.timestamp", "timestamp"),
)

FORWARD_RELIABLE = (
    Assertion(
        "ErrorBaseTms.DUPLICATE_ELIMINATION_INCONSISTENT_WITH_CONTRACT", lambda e: e.count.duplicate_elimination == 1
    ),
    Assertion("ErrorBaseTms.INVALID_MESSAGE_HEADER_VERSION", lambda e: e.header_version == "2.0"),
    Assertion("ErrorBaseTms.ACK_REQUESTED_INCONSISTENT_WITH_CONTRACT", lambda e: e.count.ack_requested == 1),
    Assertion("ErrorBaseTms.SYNCREPLY_INCONSISTENT_WITH_CONTRACT", lambda e: e.count.sync_reply == 0),
    Assertion("ErrorBaseTms.ACK_REQUESTED_VERSION_INVALID", lambda e: e.ack_requested_version == "2.0"),
    Assertion("ErrorBaseTms.ACK_REQUESTED_SIGNED_INVALID", lambda e: e.ack_requested_signed == "false"),
    Assertion("ErrorBaseTms.ACK_REQUESTED_ACTOR_INVALID", lambda e: e.ack_requested_actor == names.ACTOR_NEXT_MSH),
    Assertion(
        "ErrorBaseTms.INVALID_MANIFEST_REFERENCE", lambda e: e.count.manifest == 0 or e.manifest_version == "2.0"
    ),
)


def broken(envelope: Envelope) -> tuple[str, ...]:
    """The tokens of every assertion that ``envelope`` fails, in the order of the transforms; empty when it is good."""
    return tuple(row.token for row in (*STRUCTURE, *FORWARD_RELIABLE) if not row.holds(envelope))


def fault_errors(tokens: tuple[str, ...]) -> tuple[FaultError, ...]:
    """The tokens as errors of a SOAP fault.

    201 is the published number of "The message is not well formed". The numbers of the contract errors are not public;
    300 stands in for them [ours], because the one client whose reaction is known does not repeat a message that gets
    it, while 200, 206 and 208 make it repeat what can never succeed.
    """
    return tuple(
        FaultError(names.TMS_ERROR_CONTEXT, _number(token), "Error", "Not Supported", token) for token in tokens
    )


def _number(token: str) -> str:
    return "201" if token.startswith(NOT_WELL_FORMED) else "300"
