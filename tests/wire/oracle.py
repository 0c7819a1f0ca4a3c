"""A second reading of what the writers write: the standard library's ``email`` and XPath, and nothing of ours.

It is deliberately naive: it knows where each field stands, and no tolerance. Imports nothing from the simulator.
"""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import Any

from lxml import etree

NAMESPACES = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "eb": "http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd",
    "xlink": "http://www.w3.org/1999/xlink",
    "h": "urn:hl7-org:v3",
    "gp": "urn:nhs:names:services:gp2gp",
    "lc": "NPFIT:HL7:Localisation",
    "nasp": "http://national.carerecords.nhs.uk/schema/",
}
_HEADER = "/soap:Envelope/soap:Header/eb:MessageHeader"
_ASID = "[@root='1.2.826.0.1285.0.2.0.107']/@extension"
_ODS = "h:AgentOrgSDS/h:agentOrganizationSDS/h:id[@root='1.2.826.0.1285.0.1.10']/@extension"
_EXTRACT = "/h:*/h:ControlActEvent/h:subject/h:EhrExtract"
_REQUEST = "/h:*/h:ControlActEvent/h:subject/h:EhrRequest"
_COPC = "/h:*/h:ControlActEvent/h:subject/h:PayloadInformation"
_CONTROL = f"{_COPC}/h:value/gp:Gp2gpfragment"
_BODY = f"{_COPC}/h:pertinentInformation[h:sequenceNumber/@value='1']/h:pertinentPayloadBody"
_INNER = f"{_BODY}/h:value/gp:Gp2gpfragment/h:Message"
_REASON = "/h:*/h:ControlActEvent/h:reason/h:justifyingDetectedIssueEvent/h:code"

ENVELOPE = {
    "from_party": f"{_HEADER}/eb:From/eb:PartyId[@eb:type='urn:nhs:names:partyType:ocs+serviceInstance']",
    "to_party": f"{_HEADER}/eb:To/eb:PartyId[@eb:type='urn:nhs:names:partyType:ocs+serviceInstance']",
    "cpa_id": f"{_HEADER}/eb:CPAId",
    "conversation_id": f"{_HEADER}/eb:ConversationId",
    "service": f"{_HEADER}/eb:Service",
    "action": f"{_HEADER}/eb:Action",
    "message_id": f"{_HEADER}/eb:MessageData/eb:MessageId",
    "timestamp": f"{_HEADER}/eb:MessageData/eb:Timestamp",
    "ref_to_message_id": f"{_HEADER}/eb:MessageData/eb:RefToMessageId",
    "time_to_live": f"{_HEADER}/eb:MessageData/eb:TimeToLive",
    "duplicate_elimination": f"name({_HEADER}/eb:DuplicateElimination)",
    "ack_actor": "//eb:AckRequested[@eb:version='2.0' and @eb:signed='false' and @soap:mustUnderstand='1']/@soap:actor",
    "sync_actor": "//eb:SyncReply[@eb:version='2.0' and @soap:mustUnderstand='1']/@soap:actor",
    "hrefs": "//eb:Manifest[@eb:version='2.0']/eb:Reference/@xlink:href",
    "reference_ids": "//eb:Manifest/eb:Reference/@eb:id",
    "descriptions": "//eb:Manifest/eb:Reference/eb:Description[@xml:lang='en']",
    "payload_hrefs": "//eb:Reference[*[local-name()='Payload' and @style='HL7' and @encoding='XML' and @version='3.0']]"
    "/@xlink:href",
    "schemas": "//eb:Reference/eb:Schema[@eb:version]/@eb:location",
    "acknowledged_id": "/soap:Envelope/soap:Header/eb:Acknowledgment/eb:RefToMessageId",
    "acknowledged_at": "/soap:Envelope/soap:Header/eb:Acknowledgment/eb:Timestamp",
    "acknowledged_by": "/soap:Envelope/soap:Header/eb:Acknowledgment/eb:From/eb:PartyId",
    "acknowledgment_actor": "//eb:Acknowledgment[@eb:version='2.0' and @soap:mustUnderstand='1']/@soap:actor",
    "error_codes": "//eb:ErrorList[@eb:highestSeverity='Error']/eb:Error[@eb:severity='Error']/@eb:errorCode",
    "error_contexts": "//eb:ErrorList/eb:Error/@eb:codeContext",
    "error_descriptions": "//eb:ErrorList/eb:Error/eb:Description",
    "fault_code": "/soap:Envelope/soap:Body/soap:Fault/faultcode",
    "fault_errors": "//detail/nasp:errorList/nasp:error/nasp:*[self::nasp:codeContext or self::nasp:errorCode"
    " or self::nasp:severity or self::nasp:location or self::nasp:description]",
}
PAYLOAD = {
    "root": "local-name(/h:*)",
    "hl7_id": "/h:*/h:id/@root",
    "creation_time": "/h:*/h:creationTime/@value",
    "version_code": "/h:*/h:versionCode/@code",
    "interaction_id": "/h:*/h:interactionId[@root='2.16.840.1.113883.2.1.3.2.4.12']/@extension",
    "modes": "/h:*/h:processingCode/@code | /h:*/h:processingModeCode/@code | /h:*/h:acceptAckCode/@code",
    "receiver_asid": f"/h:*/h:communicationFunctionRcv[@typeCode='RCV']/h:device/h:id{_ASID}",
    "sender_asid": f"/h:*/h:communicationFunctionSnd[@typeCode='SND']/h:device/h:id{_ASID}",
    "author_asid": f"/h:*/h:ControlActEvent/h:author1/h:AgentSystemSDS/h:agentSystemSDS/h:id{_ASID}",
    "type_code": "/h:*/h:acknowledgement/@typeCode",
    "message_ref": "/h:*/h:acknowledgement/h:messageRef/h:id/@root",
    "detail": "/h:*/h:acknowledgement/h:acknowledgementDetail/@typeCode"
    " | /h:*/h:acknowledgement/h:acknowledgementDetail/h:code/@*",
    "reason": f"{_REASON}/@*",
    "qualifier": f"{_REASON}/h:qualifier/h:value[@codeSystem='2.16.840.1.113883.2.1.3.2.4.17.104']/@code",
    "request_id": f"{_REQUEST}/h:id/@root | {_EXTRACT}/h:inFulfillmentOf/h:priorEhrRequest/h:id/@root",
    "nhs_number": "//h:recordTarget/h:patient/h:id[@root='2.16.840.1.113883.2.1.4.1']/@extension",
    "author_ods": f"{_REQUEST}/h:author/{_ODS} | {_EXTRACT}/h:author/{_ODS}",
    "destination_ods": f"{_REQUEST}/h:destination/{_ODS} | {_EXTRACT}/h:destination/{_ODS}",
    "extract_id": f"{_EXTRACT}/h:id/@root",
    "extract_times": f"{_EXTRACT}/h:availabilityTime/@value | {_EXTRACT}/h:author/h:time/@value",
    "folder_id": f"{_EXTRACT}/h:component/h:ehrFolder/h:id/@root",
    "limitation_id": f"{_EXTRACT}/h:limitation/h:limitingEhrExtractSpecification/h:id/@root",
    "copc_codes": f"{_COPC}/h:code/@code | {_BODY}/h:code/@code",
    "copc_id": f"{_COPC}/h:id/@root",
    "copc_type": f"{_COPC}/lc:messageType[@root='2.16.840.1.113883.2.1.3.2.4.18.17']/@extension",
    "fragment_children": f"{_CONTROL}/gp:*",
    "recipients": f"{_CONTROL}/gp:Recipients/gp:Recipient",
    "body_id": f"{_BODY}/h:id/@root",
    "reference": f"{_BODY}/h:value/h:reference/@value",
    "inner_id": f"{_INNER}/h:id/@root",
    "inner_functions": f"{_INNER}/h:communicationFunctionRcv/h:device/h:id{_ASID}"
    f" | {_INNER}/h:communicationFunctionSnd/h:device/h:id{_ASID}",
    "inner_refs": f"{_INNER}/h:acknowledgement[@typeCode='AA']"
    "[h:acknowledgementDetail[@typeCode='IF']/h:code/@code='0']/h:messageRef/h:id/@root"
    f" | {_BODY}/h:value/gp:Gp2gpfragment/gp:acknowledgedMessage/gp:id/@root",
}


def read(content_type: str, body: bytes) -> dict[str, Any]:
    """Every field found, by name: one text where there is one, a list where there are several, absent where none.

    For a package also ``parts`` (header pairs of each), ``bodies`` (decoded octets of each) and ``parameters``.
    """
    if content_type == "text/xml":
        return _fields(body, ENVELOPE)
    package = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts: Any = package.get_payload()
    bodies = [_decoded(part) for part in parts]
    return {
        **_fields(bodies[0], ENVELOPE),
        **_fields(bodies[1], PAYLOAD),
        "parameters": dict(package.get_params() or ()),
        "parts": [part.items() for part in parts],
        "bodies": bodies,
        "preamble": package.preamble,
        "epilogue": package.epilogue,
        "defects": list(package.defects),
    }


def _decoded(part: Any) -> bytes:
    assert isinstance(part, Message)
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets


def _fields(document: bytes, paths: dict[str, str]) -> dict[str, Any]:
    tree = etree.fromstring(document).getroottree()
    found: dict[str, Any] = {}
    for name, path in paths.items():
        result: Any = tree.xpath(path, namespaces=NAMESPACES)
        texts = [result] if isinstance(result, str) else [_text(node) for node in result]
        texts = [text for text in texts if isinstance(result, list) or text]
        if texts:
            found[name] = texts[0] if len(texts) == 1 else texts
    return found


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else "".join(node.itertext())
