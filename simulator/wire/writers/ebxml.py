"""Writes ebXML envelopes: the canonical forward-reliable message, Spine's Acknowledgment and its MessageError."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.wire import names
from simulator.wire.interactions import SERVICE, SIGNAL_SERVICE
from simulator.wire.writers.xml import DECLARATION, attribute, mandatory, text

# Spine's own documents differ in their first line: messages as captured, signals as its templates have them.
_SPINE_MESSAGE_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
_SIGNAL_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_HL7_SCHEMA = "http://www.nhsia.nhs.uk/schemas/HL7-Message.xsd"
_PAYLOAD = '<hl7ebxml:Payload style="HL7" encoding="XML" version="3.0"/>'


@dataclass(frozen=True, slots=True)
class Reference:
    """A manifest entry besides the HL7 payload. ``href`` is complete (``cid:``, ``mid:``), ``id`` with underscore."""

    href: str
    description: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What a message's header says. Times are ISO 8601 texts in UTC (``2026-11-24T10:00:00Z``)."""

    from_party: str
    to_party: str
    cpa_id: str
    conversation_id: str
    action: str
    message_id: str
    timestamp: str
    service: str = SERVICE
    ref_to_message_id: str = ""
    time_to_live: str = ""


def message(header: Header, payload_content_id: str, references: Sequence[Reference] = ()) -> bytes:
    """A forward-reliable message: DuplicateElimination, AckRequested nextMSH unsigned, no SyncReply.

    :raises ValueError: for an empty mandatory field; ``ref_to_message_id`` and ``time_to_live`` are optional.
    """
    mandatory(payload_content_id=payload_content_id)
    entries = "".join(map(_reference, references))
    return (
        f'{DECLARATION}<SOAP:Envelope xmlns:xsi="{names.XSI_AS_SENT}" xmlns:SOAP="{names.SOAP}" xmlns:eb="{names.EB}"'
        f' xmlns:hl7ebxml="{names.HL7EBXML_LOWER}" xmlns:xlink="{names.XLINK}"><SOAP:Header>'
        f'<eb:MessageHeader SOAP:mustUnderstand="1" eb:version="2.0">{_business(header)}<eb:DuplicateElimination/>'
        f'</eb:MessageHeader><eb:AckRequested SOAP:mustUnderstand="1" eb:version="2.0" eb:signed="false"'
        f' SOAP:actor="{names.ACTOR_NEXT_MSH}"/></SOAP:Header><SOAP:Body>'
        f'<eb:Manifest SOAP:mustUnderstand="1" eb:version="2.0">'
        f'<eb:Reference xlink:href="cid:{attribute(payload_content_id)}"><eb:Schema eb:location="{_HL7_SCHEMA}"'
        f' eb:version="1.0"/><eb:Description xml:lang="en">HL7 payload</eb:Description>{_PAYLOAD}</eb:Reference>'
        f"{entries}</eb:Manifest></SOAP:Body></SOAP:Envelope>\r\n"
    ).encode()


def spine_message(header: Header, payload_content_id: str) -> bytes:
    """A message that Spine itself originates (reliable variant): AckRequested toPartyMSH and SyncReply.

    :raises ValueError: for an empty mandatory field, ``ref_to_message_id`` included: what Spine says is an answer.
    """
    mandatory(payload_content_id=payload_content_id, ref_to_message_id=header.ref_to_message_id)
    action = attribute(header.action)
    return (
        f'{_SPINE_MESSAGE_DECLARATION}<soap:Envelope xmlns:xsi="{names.XSI_AS_SENT}" xmlns:soap="{names.SOAP}"'
        f' xmlns:eb="{names.EB}" xmlns:xlink="{names.XLINK}"><soap:Header>'
        f'<eb:MessageHeader eb:version="2.0" soap:mustUnderstand="1">{_business(header)}<eb:DuplicateElimination/>'
        f'</eb:MessageHeader><eb:AckRequested eb:version="2.0" soap:mustUnderstand="1"'
        f' soap:actor="{names.ACTOR_TO_PARTY_MSH}" eb:signed="false"/>'
        f'<eb:SyncReply eb:version="2.0" soap:mustUnderstand="1" soap:actor="{names.ACTOR_SYNC_REPLY}"/>'
        f'</soap:Header><soap:Body><eb:Manifest xmlns:hl7ebxml="{names.HL7EBXML}" eb:version="2.0">'
        f'<eb:Reference xlink:href="cid:{attribute(payload_content_id)}">'
        f'<eb:Schema eb:location="urn:hl7-org:v3_{action}.xsd" eb:version="{action[-2:]}"/>'
        f'<eb:Description xml:lang="en">The HL7 payload</eb:Description>{_PAYLOAD}</eb:Reference>'
        f"</eb:Manifest></soap:Body></soap:Envelope>\r\n"
    ).encode()


def acknowledgment(
    *,
    from_party: str,
    to_party: str,
    cpa_id: str,
    conversation_id: str,
    message_id: str,
    ref_to_message_id: str,
    received_timestamp: str,
    now: str,
) -> bytes:
    """The ebXML Acknowledgment in the form of Spine's own template: the header repeats the received timestamp.

    :raises ValueError: for an empty field: only a message that had them all is acknowledged.
    """
    mandatory(from_party=from_party, to_party=to_party, cpa_id=cpa_id, conversation_id=conversation_id)
    mandatory(message_id=message_id, ref_to_message_id=ref_to_message_id)
    mandatory(received_timestamp=received_timestamp, now=now)
    data = _message_data(message_id, received_timestamp, ref_to_message_id)
    # toPartyMSH although the message asked for nextMSH: no producer in the field writes what ebMS would have here.
    return (
        f'{_SIGNAL_DECLARATION}<soap:Envelope xmlns:xsi="{names.XSI_AS_SENT}" xmlns:soap="{names.SOAP}"'
        f' xmlns:eb="{names.EB}" xmlns:hl7ebxml="{names.HL7EBXML}" xmlns:xlink="{names.XLINK}"><soap:Header>'
        f'<eb:MessageHeader eb:version="2.0" soap:mustUnderstand="1">'
        f"{_routing(from_party, to_party, cpa_id, conversation_id, SIGNAL_SERVICE, 'Acknowledgment')}{data}"
        f'</eb:MessageHeader><eb:Acknowledgment eb:version="2.0" soap:mustUnderstand="1"'
        f' soap:actor="{names.ACTOR_TO_PARTY_MSH}"><eb:Timestamp>{text(now)}</eb:Timestamp>'
        f"<eb:RefToMessageId>{text(ref_to_message_id)}</eb:RefToMessageId>{_party('From', from_party)}"
        f"</eb:Acknowledgment></soap:Header><soap:Body/></soap:Envelope>"
    ).encode()


def message_error(
    *,
    from_party: str,
    to_party: str,
    cpa_id: str,
    conversation_id: str,
    message_id: str,
    ref_to_message_id: str,
    now: str,
    errors: Sequence[tuple[str, str]],
    context: str = names.EBXML_ERROR_CONTEXT,
) -> bytes:
    """A MessageError; ``errors`` are ``(errorCode, description)``, all of severity Error.

    :raises ValueError: without errors, or for an empty field of ours. ``to_party``, ``cpa_id``, ``conversation_id`` and
        ``ref_to_message_id`` only echo the bad message, and that one of them was missing may be the very error.
    """
    mandatory(from_party=from_party, message_id=message_id, now=now, context=context)
    if not errors:
        raise ValueError("errors must not be empty")
    data = _message_data(message_id, now, ref_to_message_id)
    entries = "".join(_error(code, description, context) for code, description in errors)
    return (
        f'{_SIGNAL_DECLARATION}<soap:Envelope xmlns:soap="{names.SOAP}" xmlns:eb="{names.EB}" xmlns:xsi="{names.XSI}">'
        f'<soap:Header><eb:MessageHeader eb:version="2.0" soap:mustUnderstand="1">'
        f"{_routing(from_party, to_party, cpa_id, conversation_id, SIGNAL_SERVICE, 'MessageError')}{data}"
        f'</eb:MessageHeader><eb:ErrorList eb:version="2.0" soap:mustUnderstand="1" eb:highestSeverity="Error">'
        f"{entries}</eb:ErrorList></soap:Header><soap:Body/></soap:Envelope>"
    ).encode()


def _business(header: Header) -> str:
    mandatory(
        from_party=header.from_party,
        to_party=header.to_party,
        cpa_id=header.cpa_id,
        conversation_id=header.conversation_id,
        service=header.service,
        action=header.action,
        message_id=header.message_id,
        timestamp=header.timestamp,
    )
    return _routing(
        header.from_party, header.to_party, header.cpa_id, header.conversation_id, header.service, header.action
    ) + _message_data(header.message_id, header.timestamp, header.ref_to_message_id, header.time_to_live)


def _routing(from_party: str, to_party: str, cpa_id: str, conversation_id: str, service: str, action: str) -> str:
    return (
        f"{_party('From', from_party)}{_party('To', to_party)}<eb:CPAId>{text(cpa_id)}</eb:CPAId>"
        f"<eb:ConversationId>{text(conversation_id)}</eb:ConversationId><eb:Service>{text(service)}</eb:Service>"
        f"<eb:Action>{text(action)}</eb:Action>"
    )


def _party(role: str, party: str) -> str:
    return f'<eb:{role}><eb:PartyId eb:type="{names.PARTY_TYPE}">{text(party)}</eb:PartyId></eb:{role}>'


def _message_data(message_id: str, timestamp: str, ref_to_message_id: str, time_to_live: str = "") -> str:
    # The order is that of the ebMS 2.0 schema: RefToMessageId before TimeToLive.
    ref = f"<eb:RefToMessageId>{text(ref_to_message_id)}</eb:RefToMessageId>" if ref_to_message_id else ""
    live = f"<eb:TimeToLive>{text(time_to_live)}</eb:TimeToLive>" if time_to_live else ""
    return (
        f"<eb:MessageData><eb:MessageId>{text(message_id)}</eb:MessageId>"
        f"<eb:Timestamp>{text(timestamp)}</eb:Timestamp>{ref}{live}</eb:MessageData>"
    )


def _reference(reference: Reference) -> str:
    mandatory(href=reference.href, description=reference.description)
    identity = f' eb:id="{attribute(reference.id)}"' if reference.id else ""
    return (
        f'<eb:Reference{identity} xlink:href="{attribute(reference.href)}">'
        f'<eb:Description xml:lang="en">{text(reference.description)}</eb:Description></eb:Reference>'
    )


def _error(code: str, description: str, context: str) -> str:
    # One client crashes on an error without context or description: neither may be left out.
    mandatory(code=code, description=description)
    return (
        f'<eb:Error eb:codeContext="{attribute(context)}" eb:severity="Error" eb:errorCode="{attribute(code)}">'
        f'<eb:Description xml:lang="en-GB">{text(description)}</eb:Description></eb:Error>'
    )
