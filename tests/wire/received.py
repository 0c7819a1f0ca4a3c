"""Messages as they may arrive, written by hand: the readers' tests use no writer of ours."""

from __future__ import annotations

from simulator.wire.departures import D, Departures

NHS_NUMBER = "9990000018"
OURS, THEIRS = "X90001-900001", "X90002-900002"
ODS_OURS, ODS_THEIRS = "X90001", "X90002"
ASID_OURS, ASID_THEIRS = "999000000001", "999000000002"
CONVERSATION = "5E0F2C31-6D0A-4C4F-9C1B-0A1B2C3D4E5F"
MESSAGE = "0D1C2B3A-1111-4222-8333-444455556666"
OTHER = "AAAABBBB-1111-4222-8333-CCCCDDDDEEEE"
PAYLOAD_CID = f"{MESSAGE}@spine.nhs.uk"
CONTENT_TYPE = 'multipart/related; boundary="--=_MIME-Boundary"; type="text/xml"; start="<ebXMLHeader@spine.nhs.uk>"'
DELIMITER = b"----=_MIME-Boundary"

SOAP_NS = 'xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"'
EB_NS = 'xmlns:eb="http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd"'
_PARTY_TYPE = "urn:nhs:names:partyType:ocs+serviceInstance"


def codes(departures: Departures) -> set[D]:
    """The codes alone."""
    return {departure.code for departure in departures}


def swap(text: str, old: str, new: str) -> str:
    """``text`` with ``old`` replaced; fails when there is nothing to replace, so that no case tests the wrong thing."""
    assert old in text, old
    return text.replace(old, new)


def message_header(service: str, action: str, ref: str = "") -> str:
    """A MessageHeader."""
    return (
        '<eb:MessageHeader S:mustUnderstand="1" eb:version="2.0">'
        f'<eb:From><eb:PartyId eb:type="{_PARTY_TYPE}">{THEIRS}</eb:PartyId></eb:From>'
        f'<eb:To><eb:PartyId eb:type="{_PARTY_TYPE}">{OURS}</eb:PartyId></eb:To>'
        "<eb:CPAId>S9990000000001</eb:CPAId>"
        f"<eb:ConversationId>{CONVERSATION}</eb:ConversationId>"
        f"<eb:Service>{service}</eb:Service><eb:Action>{action}</eb:Action>"
        f"<eb:MessageData><eb:MessageId>{MESSAGE}</eb:MessageId><eb:Timestamp>2026-11-24T10:00:00Z</eb:Timestamp>{ref}"
        "</eb:MessageData><eb:DuplicateElimination/></eb:MessageHeader>"
    )


PAYLOAD_REFERENCE = (
    f'<eb:Reference xlink:href="cid:{PAYLOAD_CID}"><eb:Description xml:lang="en">HL7 payload</eb:Description>'
    '<p:Payload xmlns:p="urn:hl7-org:transport/ebxml/DSTUv1.0" style="HL7"/></eb:Reference>'
)
ENVELOPE = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope {SOAP_NS} {EB_NS} xmlns:xlink="http://www.w3.org/1999/xlink">'
    "<S:Header>"
    + message_header("urn:nhs:names:services:gp2gp", "RCMR_IN010000UK05")
    + '<eb:AckRequested S:mustUnderstand="1" eb:version="2.0" eb:signed="false"'
    ' S:actor="urn:oasis:names:tc:ebxml-msg:actor:nextMSH"/></S:Header>'
    f'<S:Body><eb:Manifest eb:version="2.0">{PAYLOAD_REFERENCE}</eb:Manifest></S:Body></S:Envelope>'
)


def signal(action: str, extra: str) -> str:
    """An Acknowledgment or MessageError envelope."""
    ref = f"<eb:RefToMessageId>{OTHER}</eb:RefToMessageId>"
    header = message_header("urn:oasis:names:tc:ebxml-msg:service", action, ref)
    return f"<S:Envelope {SOAP_NS} {EB_NS}><S:Header>{header}{extra}</S:Header><S:Body/></S:Envelope>"


ACKNOWLEDGMENT = signal(
    "Acknowledgment",
    '<eb:Acknowledgment eb:version="2.0" S:actor="urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH">'
    f"<eb:Timestamp>2026-11-24T10:00:01Z</eb:Timestamp><eb:RefToMessageId> {OTHER}\n</eb:RefToMessageId>"
    "</eb:Acknowledgment>",
)
MESSAGE_ERROR = signal(
    "MessageError",
    '<eb:ErrorList eb:version="2.0" eb:highestSeverity="Error"><eb:Error eb:codeContext="urn:c" eb:severity="Error"'
    ' eb:errorCode="ValueNotRecognized"><eb:Description xml:lang="en-GB">501319:Unknown</eb:Description></eb:Error>'
    '<eb:Error eb:errorCode="X"/></eb:ErrorList>',
)
FAULT = (
    f"<S:Envelope {SOAP_NS}><S:Body><S:Fault><faultcode>SOAP:Server</faultcode><faultstring> Application Exception"
    '</faultstring><detail><n:errorList xmlns:n="http://national.carerecords.nhs.uk/schema/"><n:error>'
    "<n:codeContext>urn:nhs:names:error:tms</n:codeContext><n:errorCode>200</n:errorCode><n:severity>Error</n:severity>"
    "<n:location>Not Supported</n:location><n:description>Down</n:description></n:error><n:error/></n:errorList>"
    "</detail></S:Fault></S:Body></S:Envelope>"
)


def _device(name: str, asid: str) -> str:
    return f'<{name}><device><id root="1.2.826.0.1285.0.2.0.107" extension="{asid}"/></device></{name}>'


def hl7(interaction: str, *, act: str = "", acknowledgement: str = "") -> str:
    """A payload: the transmission wrapper around ``act``."""
    return (
        f'<{interaction} xmlns="urn:hl7-org:v3"><id root="{MESSAGE}"/><creationTime value="20261124100000"/>'
        '<versionCode code="V3NPfIT3.1.10"/>'
        f'<interactionId root="2.16.840.1.113883.2.1.3.2.4.12" extension="{interaction}"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f"{acknowledgement}"
        + _device("communicationFunctionRcv", ASID_OURS)
        + _device("communicationFunctionSnd", ASID_THEIRS)
        + '<ControlActEvent classCode="CACT" moodCode="EVN"><author1 typeCode="AUT"><AgentSystemSDS><agentSystemSDS>'
        f'<id root="1.2.826.0.1285.0.2.0.107" extension="{ASID_THEIRS}"/></agentSystemSDS></AgentSystemSDS></author1>'
        f"{act}</ControlActEvent></{interaction}>"
    )


def _organisation(name: str, ods: str) -> str:
    identifier = f'<id root="1.2.826.0.1285.0.1.10" extension="{ods}"/>'
    return f"<{name}><AgentOrgSDS><agentOrganizationSDS>{identifier}</agentOrganizationSDS></AgentOrgSDS></{name}>"


_PATIENT = (
    f'<recordTarget><patient><id root="2.16.840.1.113883.2.1.4.1" extension="{NHS_NUMBER}"/></patient></recordTarget>'
)
REQUEST = hl7(
    "RCMR_IN010000UK05",
    act=f'<subject><EhrRequest><id root="{OTHER}"/>{_PATIENT}'
    + _organisation("author", ODS_THEIRS)
    + _organisation("destination", ODS_OURS)
    + "</EhrRequest></subject>",
)
EXTRACT = hl7(
    "RCMR_IN030000UK07",
    act=f'<subject><EhrExtract><id root="{CONVERSATION}"/>{_PATIENT}'
    + _organisation("author", ODS_THEIRS)
    + _organisation("destination", ODS_OURS)
    + '<component><ehrFolder><referredToExternalDocument><id root="_D1"/><text><reference value="file://localhost/a"/>'
    "</text></referredToExternalDocument><x><referredToExternalDocument><id root='D2'/></referredToExternalDocument>"
    f'</x></ehrFolder></component><inFulfillmentOf><priorEhrRequest><id root="{OTHER}"/></priorEhrRequest>'
    "</inFulfillmentOf></EhrExtract></subject>",
)


def point_to_point(subject: str, body: str) -> str:
    """A COPC whose payload body holds ``body``."""
    return hl7(
        "COPC_IN000001UK01",
        act=f'<subject><PayloadInformation><id root="{MESSAGE}"/><value>'
        '<g:Gp2gpfragment xmlns:g="urn:nhs:names:services:gp2gp"><g:Version>01</g:Version>'
        f"<g:Recipients><g:Recipient>{ODS_OURS}</g:Recipient><g:Recipient/></g:Recipients><g:From>{ODS_THEIRS}</g:From>"
        f"<g:subject>{subject}</g:subject><g:message-id>{MESSAGE}</g:message-id></g:Gp2gpfragment></value>"
        f"{body}</PayloadInformation></subject>",
    )


def payload_body(value: str) -> str:
    """The pertinentInformation of a COPC."""
    body = f"<pertinentPayloadBody><value>{value}</value></pertinentPayloadBody>"
    return f"<pertinentInformation>{body}</pertinentInformation>"


INNER_ACKNOWLEDGEMENT = (
    '<g:Gp2gpfragment xmlns:g="urn:nhs:names:services:gp2gp"><Message><acknowledgement typeCode="AA"><messageRef>'
    f'<id root="{OTHER}"/></messageRef></acknowledgement>'
    f'<communicationFunctionRcv><device root="1.2.826.0.1285.0.2.0.107" extension="{ASID_OURS}"/>'
    "</communicationFunctionRcv></Message>"
    f'<g:acknowledgedMessage><g:id root="{OTHER}"/></g:acknowledgedMessage></g:Gp2gpfragment>'
)
CONTINUE = point_to_point("Continue Acknowledgement", payload_body(INNER_ACKNOWLEDGEMENT))
FRAGMENT = point_to_point("Attachment: a.tif", payload_body('<reference value="file://localhost/a.tif"/>'))


def part(content_id: str, content_type: str, encoding: str, body: bytes, eol: bytes = b"\r\n") -> bytes:
    """One part behind its delimiter, with the three headers; a header that is empty is left out."""
    lines = [DELIMITER]
    for name, value in (
        ("Content-Id", content_id),
        ("Content-Type", content_type),
        ("Content-Transfer-Encoding", encoding),
    ):
        lines += [f"{name}: {value}".encode()] if value else []
    return eol.join([*lines, b"", body, b""])


def package(envelope: str = ENVELOPE, payload: str = REQUEST, *attachments: bytes, eol: bytes = b"\r\n") -> bytes:
    """A whole body: envelope, payload, attachments, closing delimiter."""
    return (
        part("<ebXMLHeader@spine.nhs.uk>", "text/xml; charset=UTF-8", "8bit", envelope.encode(), eol)
        + part(f"<{PAYLOAD_CID}>", "application/xml; charset=UTF-8", "8bit", payload.encode(), eol)
        + b"".join(attachments)
        + DELIMITER
        + b"--"
        + eol
    )
