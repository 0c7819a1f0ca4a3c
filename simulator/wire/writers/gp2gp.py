"""Writes the five GP2GP payloads, unindented: one live system answers 18 to white space between elements (RQ-13)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from simulator.wire import names
from simulator.wire.interactions import EXTRACTS, Interaction
from simulator.wire.writers import hl7
from simulator.wire.writers.hl7 import Ends
from simulator.wire.writers.xml import attribute, mandatory, text

__all__ = [
    "LIMITATION_ID",
    "Dialect",
    "Ends",
    "acknowledgement",
    "continue_message",
    "ehr_extract",
    "ehr_request",
    "fragment",
]

# Names the definition "entire record", not this extract (moodCode DEF), so one id serves all: the field does the same.
LIMITATION_ID = "6D3B1F52-0C8A-4E47-9A61-5B2E7C90D4F3"

_V3_0, _V3_1_10, _V4_2_00 = "V3NPfIT3.0", "V3NPfIT3.1.10", "V3NPfIT4.2.00"
_CONTINUE = f'code="0" codeSystem="{names.OID_RESPONSE_CODE}" displayName="Continue"'


class Dialect(StrEnum):
    """How a negative acknowledgement is spelt: the four forms seen in the field (Response Codes v1.7 §4, captures)."""

    REASON_ONLY = "reason only"  # AE, code in reason alone
    BOTH_ER = "both, detail ER"  # AR, detail typeCode ER without codeSystem, RIM type attributes
    BOTH_REPEATED = "both, detail repeats"  # AR, detail typeCode AR with codeSystem
    SPINE = "spine"  # AR, detail alone, code system of Spine errors, hl7: prefix


@dataclass(frozen=True, slots=True)
class _Form:
    """What makes a dialect. ``detail``: its typeCode, ``=`` to repeat that of the acknowledgement, empty for none."""

    type_code: str
    version: str = _V4_2_00
    detail: str = ""
    detail_system: str = ""
    reason: bool = True
    inverted: str = ""
    style: hl7.Style = hl7.PLAIN


_POSITIVE = _Form("AA", reason=False)
_NEGATIVE = {
    Dialect.REASON_ONLY: _Form("AE"),
    Dialect.BOTH_ER: _Form(
        "AR", version=_V3_1_10, detail="ER", inverted=' inverted="false"', style=hl7.Style(rim_types=True)
    ),
    Dialect.BOTH_REPEATED: _Form("AR", detail="=", detail_system=names.OID_RESPONSE_CODE),
    Dialect.SPINE: _Form(
        "AR",
        version="3NPfIT7.2.02",
        detail="ER",
        detail_system=names.OID_SPINE_ERROR,
        reason=False,
        style=hl7.Style(prefix="hl7:", declaration="<?xml version='1.0' encoding='UTF-8'?>\n"),
    ),
}


def ehr_request(ends: Ends, *, request_id: str, nhs_number: str, requesting_ods: str, sending_ods: str) -> bytes:
    """``RCMR_IN010000UK05``. :raises ValueError: for an empty field."""
    mandatory(request_id=request_id, nhs_number=nhs_number, requesting_ods=requesting_ods, sending_ods=sending_ods)
    subject = (
        f'<EhrRequest classCode="EXTRACT" moodCode="RQO"><id root="{attribute(request_id)}"/>{_patient(nhs_number)}'
        f'<author typeCode="AUT">{_organisation(requesting_ods)}</author>'
        f'<destination typeCode="DST">{_organisation(sending_ods)}</destination></EhrRequest>'
    )
    return hl7.message(ends, Interaction.EHR_REQUEST.id, _V3_1_10, subject=subject.encode())


def ehr_extract(
    ends: Ends,
    *,
    interaction: str,
    extract_id: str,
    request_id: str,
    nhs_number: str,
    sending_ods: str,
    requesting_ods: str,
    time: str,
    folder: bytes,
    limitation_id: str = LIMITATION_ID,
) -> bytes:
    """``RCMR_IN030000UK06`` or ``UK07`` around ``folder``: the octets of one ``ehrFolder``, default namespace HL7.

    :param time: when the extract was made, HL7 time; both ``availabilityTime`` and the author's time.
    :raises ValueError: for an empty field, another interaction, or a folder that is not an element.
    """
    mandatory(extract_id=extract_id, request_id=request_id, nhs_number=nhs_number, limitation_id=limitation_id)
    mandatory(sending_ods=sending_ods, requesting_ods=requesting_ods, time=time)
    if interaction not in EXTRACTS:
        raise ValueError(f"not an extract: {interaction!r}")
    if not folder.startswith(b"<") or folder.startswith(b"<?"):
        raise ValueError("the folder must be one element, without XML declaration")
    before = (
        f'<EhrExtract classCode="EXTRACT" moodCode="EVN"><id root="{attribute(extract_id)}"/>'
        f'<statusCode code="COMPLETE"/><availabilityTime value="{attribute(time)}"/>{_patient(nhs_number)}'
        f'<author typeCode="AUT"><time value="{attribute(time)}"/>{_organisation(sending_ods)}</author>'
        f'<destination typeCode="DST">{_organisation(requesting_ods)}</destination><component typeCode="COMP">'
    ).encode()
    subject = before + folder + _extract_end(request_id, limitation_id)
    return hl7.message(ends, interaction, _V3_1_10, subject=subject)


def continue_message(
    ends: Ends, *, recipient_ods: str, sender_ods: str, extract_message_id: str, body_id: str, inner_id: str
) -> bytes:
    """``COPC_IN000001UK01``, continue. ``extract_message_id`` is the ebXML MessageId of the core extract.

    The message type is that of the official example and of every system seen, not the one that the specification's
    figure prints (Handling Large Messages v1.1, Appendix 1). :raises ValueError: for an empty field.
    """
    mandatory(extract_message_id=extract_message_id, inner_id=inner_id)
    core = attribute(extract_message_id)
    body = (
        f'<gp:Gp2gpfragment><Message xmlns="{names.HL7}" type="Message"><id root="{attribute(inner_id)}"/>'
        f'<code {_CONTINUE}/><creationTime value="{attribute(ends.time)}"/>'
        f'{hl7.codes(Interaction.ACKNOWLEDGEMENT.id, "V3NPfIT3.1.09")}<acknowledgement typeCode="AA">'
        f'<acknowledgementDetail typeCode="IF"><code {_CONTINUE}/></acknowledgementDetail>'
        f'<messageRef><id root="{core}"/></messageRef></acknowledgement>{hl7.functions(ends)}</Message>'
        f'<gp:acknowledgedMessage><gp:id root="{core}"/></gp:acknowledgedMessage></gp:Gp2gpfragment>'
    )
    control = _control(
        ends.message_id, recipient_ods, sender_ods, "Continue Acknowledgement", "RCMR_MT000002GB01", "gp:"
    )
    subject = (
        f'<hl7:PayloadInformation xmlns:hl7="{names.HL7}" xmlns:gp="{names.GP2GP}" xmlns:npfitlc="{names.NPFITLC}"'
        f' classCode="OBS" moodCode="EVN">{_copc_code("GP2GP_PI", "GP2GP Payload Information")}'
        f"{control}{_body(_copc_code('GP2GP_PB', 'GP2GP Payload Body'), body_id, body)}</hl7:PayloadInformation>"
    )
    return hl7.message(ends, Interaction.POINT_TO_POINT.id, _V3_0, subject=subject.encode())


def fragment(ends: Ends, *, recipient_ods: str, sender_ods: str, filename: str, body_id: str) -> bytes:
    """``COPC_IN000001UK01``, attachment, fragment or index of fragments. :raises ValueError: for an empty field.

    The reference is a URL, so ``filename`` is percent-encoded there (AR16; the official schema takes no blank), not in
    the subject.
    """
    mandatory(filename=filename)
    information = _copc_code("GP2GPLMATTACHMENTINFO", "GP2GP Large Message Attachment Information")
    control = _control(ends.message_id, recipient_ods, sender_ods, f"Attachment: {filename}", "RCMR_MT000001GB01")
    attachment = _copc_code("GP2GPLMATTACHMENT", "GP2GP Large Message Attachment")
    body = f'<reference value="file://localhost/{quote(filename, safe="")}"/>'
    subject = (
        f'<PayloadInformation xmlns="{names.HL7}" xmlns:npfitlc="{names.NPFITLC}" classCode="OBS" moodCode="EVN">'
        f"{information}{control}{_body(attachment, body_id, body)}</PayloadInformation>"
    )
    return hl7.message(ends, Interaction.POINT_TO_POINT.id, _V3_0, subject=subject.encode())


def acknowledgement(
    ends: Ends,
    *,
    message_ref: str,
    code: str = "",
    text: str = "",
    dialect: Dialect = Dialect.REASON_ONLY,
    type_code: str = "",
) -> bytes:
    """``MCCI_IN010000UK13``: positive without ``code``, else negative in ``dialect``.

    :param type_code: ``AA``, ``AE`` or ``AR`` where it is not to be the dialect's own: ``BOTH_ER`` occurs with both.
    :raises ValueError: for an empty field, or a text that has no code to explain.
    """
    mandatory(message_ref=message_ref)
    if text and not code:
        raise ValueError("text explains a code, and there is none")
    form = _NEGATIVE[dialect] if code else _POSITIVE
    outer = type_code or form.type_code
    p, rim = form.style.prefix, form.style.rim
    detail = _detail(form, outer, code, text) if form.detail else ""
    inside = (
        f'<{p}acknowledgement{rim("Acknowledgement")} typeCode="{attribute(outer)}">{detail}'
        f'<{p}messageRef{rim("Message")}><{p}id root="{attribute(message_ref)}"/></{p}messageRef></{p}acknowledgement>'
    )
    reason = _reason(form, code, text) if form.reason else ""
    name = Interaction.ACKNOWLEDGEMENT.id
    return hl7.message(ends, name, form.version, acknowledgement=inside, reason=reason, style=form.style)


def _detail(form: _Form, outer: str, code: str, display: str) -> str:
    p = form.style.prefix
    own = outer if form.detail == "=" else form.detail
    return (
        f'<{p}acknowledgementDetail{form.style.rim("AcknowledgementDetail")} typeCode="{attribute(own)}">'
        f"<{p}code{_coded(code, form.detail_system, display)}/></{p}acknowledgementDetail>"
    )


def _reason(form: _Form, code: str, display: str) -> str:
    rim = form.style.rim
    return (
        f'<reason{rim("ActRelationship")} typeCode="RSON">'
        f'<justifyingDetectedIssueEvent{rim("Observation")} classCode="ALRT" moodCode="EVN">'
        f"<code{_coded(code, names.OID_RESPONSE_CODE, display)}><qualifier{form.inverted}>"
        f'<value code="ER" codeSystem="{names.OID_QUALIFIER}"/></qualifier></code>'
        f"</justifyingDetectedIssueEvent></reason>"
    )


def _coded(code: str, system: str, display: str) -> str:
    pairs = {"code": code, "codeSystem": system, "displayName": display}
    return "".join(f' {name}="{attribute(value)}"' for name, value in pairs.items() if value)


def _copc_code(code: str, display: str) -> str:
    return f"<code{_coded(code, names.OID_COPC_CODE, display)}/>"


def _patient(nhs_number: str) -> str:
    return (
        f'<recordTarget typeCode="RCT"><patient classCode="PAT">'
        f'<id root="{names.OID_NHS_NUMBER}" extension="{attribute(nhs_number)}"/></patient></recordTarget>'
    )


def _organisation(ods: str) -> str:
    return (
        f'<AgentOrgSDS classCode="AGNT"><agentOrganizationSDS classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="{names.OID_ODS}" extension="{attribute(ods)}"/></agentOrganizationSDS></AgentOrgSDS>'
    )


def _extract_end(request_id: str, limitation_id: str) -> bytes:
    return (
        f'</component><inFulfillmentOf typeCode="FLFS"><priorEhrRequest classCode="EXTRACT" moodCode="RQO">'
        f'<id root="{attribute(request_id)}"/></priorEhrRequest></inFulfillmentOf>'
        f'<limitation typeCode="LIMIT" inversionInd="true">'
        f'<limitingEhrExtractSpecification classCode="OBS" moodCode="DEF"><id root="{attribute(limitation_id)}"/>'
        f'<code code="37241000000102" codeSystem="{names.OID_SNOMED}"'
        f' displayName="Entire record available to originator (administrative concept)"/>'
        f"</limitingEhrExtractSpecification></limitation></EhrExtract>"
    ).encode()


def _control(
    message_id: str, recipient_ods: str, sender_ods: str, subject: str, message_type: str, prefix: str = ""
) -> str:
    # The message-id equals PayloadInformation/id and the ebXML MessageId (Handling Large Messages v1.1, Appendix 4).
    mandatory(recipient_ods=recipient_ods, sender_ods=sender_ods)
    g = prefix
    own = "" if prefix else f' xmlns="{names.GP2GP}"'
    return (
        f'<id root="{attribute(message_id)}"/>'
        f'<npfitlc:messageType root="{names.OID_COPC_MESSAGE_TYPE}" extension="{message_type}"/>'
        f"<value><{g}Gp2gpfragment{own}><{g}Version>01</{g}Version>"
        f"<{g}Recipients><{g}Recipient>{text(recipient_ods)}</{g}Recipient></{g}Recipients>"
        f"<{g}From>{text(sender_ods)}</{g}From><{g}subject>{text(subject)}</{g}subject>"
        f"<{g}message-id>{text(message_id)}</{g}message-id></{g}Gp2gpfragment></value>"
    )


def _body(code: str, body_id: str, value: str) -> str:
    mandatory(body_id=body_id)
    return (
        f'<pertinentInformation typeCode="PERT"><sequenceNumber value="1"/>'
        f'<pertinentPayloadBody classCode="OBS" moodCode="EVN">{code}<id root="{attribute(body_id)}"/>'
        f"<value>{value}</value></pertinentPayloadBody></pertinentInformation>"
    )
