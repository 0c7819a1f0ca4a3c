"""The five GP2GP messages as typed values, told apart by payload and never by ``eb:Action`` alone.

Continue and fragment share COPC_IN000001UK01: only the payload says which it is (Handling Large Messages v1.1 §2.3,
Appendix 1). Positive and negative acknowledgement share MCCI_IN010000UK13.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.wire import names
from simulator.wire.departures import D, Departures, note
from simulator.wire.hl7 import Code, Wrapper, attribute, every, extension, first, namespace_of, text
from simulator.wire.xml import Element


@dataclass(frozen=True, slots=True)
class EhrRequest:
    """``RCMR_IN010000UK05``: the new practice asks for the record."""

    wrapper: Wrapper
    request_id: str
    nhs_number: str
    requesting_ods: str
    sending_ods: str


@dataclass(frozen=True, slots=True)
class EhrExtract:
    """``RCMR_IN030000UK06`` or ``UK07``: the record. The clinical content stays octets (``payload`` of the reading).

    :param request_id: ``inFulfillmentOf/priorEhrRequest/id``.
    :param document_ids: ids of every ``referredToExternalDocument``, as written, in document order.
    :param document_references: their ``text/reference/@value``, in the same order; empty where absent.
    """

    wrapper: Wrapper
    extract_id: str
    request_id: str
    nhs_number: str
    sending_ods: str
    requesting_ods: str
    document_ids: tuple[str, ...] = ()
    document_references: tuple[str, ...] = ()

    @property
    def redacted(self) -> bool:
        """Whether it is the interaction that can carry redactions."""
        return self.wrapper.interaction == "RCMR_IN030000UK07"


@dataclass(frozen=True, slots=True)
class Continue:
    """``COPC_IN000001UK01`` whose payload says "Continue Acknowledgement": send the rest.

    :param message_ref: inner ``acknowledgement/messageRef/id``; :param acknowledged_id: ``acknowledgedMessage/id``.
    """

    wrapper: Wrapper
    payload_id: str
    fragment_message_id: str
    recipients: tuple[str, ...]
    sender: str
    subject: str
    version: str
    message_ref: str
    acknowledged_id: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """``COPC_IN000001UK01`` that carries an attachment, a fragment of one, or an index of fragments."""

    wrapper: Wrapper
    payload_id: str
    fragment_message_id: str
    recipients: tuple[str, ...]
    sender: str
    subject: str
    version: str
    reference: str


@dataclass(frozen=True, slots=True)
class ApplicationAcknowledgement:
    """``MCCI_IN010000UK13``: the business answer to a request, an extract or a part.

    ``codes`` are the response codes of both places (reason first, then acknowledgementDetail), without repeats.
    """

    wrapper: Wrapper
    type_code: str
    message_ref: str
    codes: tuple[Code, ...]

    @property
    def positive(self) -> bool:
        """Only ``AA`` is positive (RC §4); every other type code is not."""
        return self.type_code == "AA"

    @property
    def code(self) -> str:
        """The first response code, or an empty string."""
        return self.codes[0].code if self.codes else ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A payload with a wrapper but none of the five messages inside."""

    wrapper: Wrapper


Message = EhrRequest | EhrExtract | Continue | Fragment | ApplicationAcknowledgement | Unknown


def read(root: Element, wrapper: Wrapper) -> tuple[Message, Departures]:
    """The typed message of a parsed payload."""
    subject = first(root, "ControlActEvent/subject")
    message: Message = Unknown(wrapper)
    expected: dict[str, str] = {}
    for name, reader in _READERS.items():
        payload = None if subject is None else first(subject, name)
        if payload is not None:
            message, expected = reader(payload, wrapper)
            return message, (*_missing(name, expected), *_fragment_namespace(payload))
    if first(root, "acknowledgement") is not None:
        message, expected = _acknowledgement(wrapper)
    return message, _missing("acknowledgement", expected)


# Each reader gives the message and, by path, what the message definition requires of it.
_Read = tuple[Message, dict[str, str]]

_ODS = "AgentOrgSDS/agentOrganizationSDS"
_NHS_NUMBER = "recordTarget/patient"
_FRAGMENT = "value/*:Gp2gpfragment"
_CONTINUE = "continue acknowledgement"


def _request(payload: Element, wrapper: Wrapper) -> _Read:
    message = EhrRequest(
        wrapper,
        request_id=attribute(payload, "id", "root"),
        nhs_number=extension(payload, _NHS_NUMBER, names.OID_NHS_NUMBER),
        requesting_ods=extension(payload, f"author/{_ODS}", names.OID_ODS),
        sending_ods=extension(payload, f"destination/{_ODS}", names.OID_ODS),
    )
    return message, {
        "id": message.request_id,
        _NHS_NUMBER: message.nhs_number,
        "author": message.requesting_ods,
        "destination": message.sending_ods,
    }


def _extract(payload: Element, wrapper: Wrapper) -> _Read:
    documents = list(payload.iter("{*}referredToExternalDocument"))
    message = EhrExtract(
        wrapper,
        extract_id=attribute(payload, "id", "root"),
        request_id=attribute(payload, "inFulfillmentOf/priorEhrRequest/id", "root"),
        nhs_number=extension(payload, _NHS_NUMBER, names.OID_NHS_NUMBER),
        sending_ods=extension(payload, f"author/{_ODS}", names.OID_ODS),
        requesting_ods=extension(payload, f"destination/{_ODS}", names.OID_ODS),
        document_ids=tuple(attribute(each, "id", "root") for each in documents),
        document_references=tuple(attribute(each, "text/reference", "value") for each in documents),
    )
    return message, {
        "id": message.extract_id,
        "inFulfillmentOf/priorEhrRequest": message.request_id,
        _NHS_NUMBER: message.nhs_number,
        "author": message.sending_ods,
        "destination": message.requesting_ods,
    }


def _point_to_point(payload: Element, wrapper: Wrapper) -> _Read:
    """Continue, when the subject says so or an acknowledgement stands in the payload body; else fragment.

    Suppliers differ in codes, message type and nesting, so none of these decides (Handling Large Messages, Appendix 1).
    """
    body = first(payload, "pertinentInformation/pertinentPayloadBody")
    inner = None if body is None else next(body.iter("{*}acknowledgement"), None)
    subject = text(payload, f"{_FRAGMENT}/*:subject")
    shared = {
        "payload_id": attribute(payload, "id", "root"),
        "fragment_message_id": text(payload, f"{_FRAGMENT}/*:message-id"),
        "sender": text(payload, f"{_FRAGMENT}/*:From"),
        "subject": subject,
        "version": text(payload, f"{_FRAGMENT}/*:Version"),
    }
    recipients = _recipients(payload)
    expected = {"id": shared["payload_id"], "Gp2gpfragment/message-id": shared["fragment_message_id"]}
    if inner is None and " ".join(subject.split()).lower() != _CONTINUE:
        reference = "" if body is None else attribute(body, "value/reference", "value")
        return Fragment(wrapper, recipients=recipients, reference=reference, **shared), expected
    message_ref = "" if inner is None else attribute(inner, "messageRef/id", "root")
    acknowledged = None if body is None else next(body.iter("{*}acknowledgedMessage"), None)
    acknowledged_id = "" if acknowledged is None else attribute(acknowledged, "id", "root")
    message = Continue(
        wrapper, recipients=recipients, message_ref=message_ref, acknowledged_id=acknowledged_id, **shared
    )
    return message, expected | {"messageRef": message_ref, "acknowledgedMessage": acknowledged_id}


def _recipients(payload: Element) -> tuple[str, ...]:
    return tuple((each.text or "").strip() for each in every(payload, f"{_FRAGMENT}/*:Recipients/*:Recipient"))


_READERS = {"EhrRequest": _request, "EhrExtract": _extract, "PayloadInformation": _point_to_point}


def _acknowledgement(wrapper: Wrapper) -> _Read:
    codes: list[Code] = []
    for code in (*wrapper.reasons, *wrapper.ack_details):
        if not any(_repeats(code, earlier) for earlier in codes):
            codes.append(code)
    message = ApplicationAcknowledgement(wrapper, wrapper.ack_type, wrapper.message_ref, tuple(codes))
    return message, {"@typeCode": message.type_code, "messageRef": message.message_ref}


def _repeats(code: Code, earlier: Code) -> bool:
    """One system leaves the code system out of acknowledgementDetail: an absent one differs from none."""
    return code.code == earlier.code and (code.code_system in ("", earlier.code_system) or not earlier.code_system)


def _missing(name: str, expected: dict[str, str]) -> Departures:
    return tuple(note(D.HL7_ELEMENT_MISSING, f"{name}/{path}") for path, value in expected.items() if not value)


def _fragment_namespace(payload: Element) -> Departures:
    """``Gp2gpfragment`` has the namespace of the service, not that of HL7."""
    fragment = first(payload, _FRAGMENT)
    if fragment is None or namespace_of(fragment) == names.GP2GP:
        return ()
    return (note(D.HL7_NAMESPACE, str(fragment.tag)),)
