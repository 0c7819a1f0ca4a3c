"""Every field that goes into a writer is found again by the standard library's ``email`` and XPath alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire import messages, oracle
from tests.wire.messages import PACKAGES, SIGNALS, asid, document_id, message_id, party

HL7_SCHEMA = "http://www.nhsia.nhs.uk/schemas/HL7-Message.xsd"
RESPONSE_CODE = "2.16.840.1.113883.2.1.3.2.4.17.101"
TO_PARTY_MSH = "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"
PATIENT = {"request_id": messages.REQUEST, "nhs_number": messages.NHS_NUMBER}


def _base(n: int, action: str, cpa: str, sender: int, to: int, minute: int, version: str) -> dict[str, Any]:
    """What every message between practices says about itself, in its envelope and again in its payload."""
    return {
        "from_party": party(sender),
        "to_party": party(to),
        "cpa_id": cpa,
        "conversation_id": messages.CONVERSATION,
        "service": "urn:nhs:names:services:gp2gp",
        "action": action,
        "message_id": message_id(n),
        "timestamp": f"2026-07-01T09:{minute}:00Z",
        "duplicate_elimination": "eb:DuplicateElimination",
        "ack_actor": "urn:oasis:names:tc:ebxml-msg:actor:nextMSH",
        "hrefs": f"cid:{message_id(n)}@spine.nhs.uk",
        "payload_hrefs": f"cid:{message_id(n)}@spine.nhs.uk",
        "schemas": HL7_SCHEMA,
        "descriptions": "HL7 payload",
        "root": action,
        "hl7_id": message_id(n),
        "creation_time": f"2026070110{minute}00",
        "version_code": version,
        "interaction_id": action,
        "modes": ["P", "T", "NE"],
        "receiver_asid": asid(to),
        "sender_asid": asid(sender),
        "author_asid": asid(sender),
    }


def _extract(n: int, action: str, cpa: str) -> dict[str, Any]:
    return (
        _base(n, action, cpa, 2, 1, 31, "V3NPfIT3.1.10")
        | PATIENT
        | {
            "author_ods": "X90002",
            "destination_ods": "X90001",
            "extract_id": "B0000000-0000-4000-8000-000000000002",
            "extract_times": ["20260701103059", "20260701103059"],
            "folder_id": "F0000000-0000-4000-8000-000000000001",
        }
    )


def _copc(n: int, sender: int, to: int, minute: int, subject: str) -> dict[str, Any]:
    return _base(n, "COPC_IN000001UK01", f"S999000{to}A9990001", sender, to, minute, "V3NPfIT3.0") | {
        "copc_id": message_id(n),
        "fragment_children": ["01", f"X9000{to}", f"X9000{sender}", subject, message_id(n)],
        "recipients": f"X9000{to}",
        "body_id": f"B0000000-0000-4000-8000-{n:012}",
    }


def _ack(n: int, sender: int, to: int, version: str, ref: str, type_code: str) -> dict[str, Any]:
    return _base(n, "MCCI_IN010000UK13", f"S999000{to}A9990013", sender, to, 35, version) | {
        "message_ref": ref,
        "type_code": type_code,
    }


ATTACHMENT_CODES = ["GP2GPLMATTACHMENTINFO", "GP2GPLMATTACHMENT"]
EXPECTED: dict[str, dict[str, Any]] = {
    "request": _base(1, "RCMR_IN010000UK05", "S9990002A9990105", 1, 2, 30, "V3NPfIT3.1.10")
    | PATIENT
    | {"author_ods": "X90001", "destination_ods": "X90002"},
    "extract_uk06": _extract(2, "RCMR_IN030000UK06", "S9990001A9990306")
    | {
        "time_to_live": "2026-07-01T13:41:00Z",
        "limitation_id": "B0000000-0000-4000-8000-00000000000F",
        "hrefs": [
            f"cid:{message_id(2)}@spine.nhs.uk",
            "cid:E0000000-0000-4000-8000-000000000001",
            f"mid:{message_id(6)}",
        ],
        "reference_ids": [f"_{document_id(1)}", f"_{document_id(2)}"],
        "descriptions": [
            "HL7 payload",
            (
                f'Filename="{document_id(1)}_a & b.txt" ContentType=text/plain Compressed=No LargeAttachment=No '
                "OriginalBase64=No Length=110"
            ),
            (
                f'Filename="{document_id(2)}_big.mpg" ContentType=video/mpeg Compressed=No LargeAttachment=Yes '
                "OriginalBase64=No Length=9000000"
            ),
        ],
    },
    "extract_uk07": _extract(3, "RCMR_IN030000UK07", "S9990001A9990307")
    | {
        "limitation_id": "6D3B1F52-0C8A-4E47-9A61-5B2E7C90D4F3",
        "hrefs": [f"cid:{message_id(3)}@spine.nhs.uk", f"mid:{message_id(5)}"],
        "reference_ids": f"_{document_id(1)}",
        "descriptions": [
            "HL7 payload",
            (
                f'Filename="{document_id(1)}.gzip" ContentType=text/xml Compressed=Yes LargeAttachment=No '
                'OriginalBase64=No Length=302448 DomainData="X-GP2GP-Skeleton: Yes"'
            ),
        ],
    },
    "continue": _copc(4, 1, 2, 32, "Continue Acknowledgement")
    | {
        "copc_codes": ["GP2GP_PI", "GP2GP_PB"],
        "copc_type": "RCMR_MT000002GB01",
        "inner_id": "B0000000-0000-4000-8000-000000000014",
        "inner_functions": [asid(2), asid(1)],
        "inner_refs": [message_id(2), message_id(2)],
    },
    "fragment": _copc(5, 2, 1, 33, f"Attachment: {document_id(3)}_two words.txt")
    | {
        "copc_codes": ATTACHMENT_CODES,
        "copc_type": "RCMR_MT000001GB01",
        "reference": f"file://localhost/{document_id(3)}_two%20words.txt",
        "hrefs": [f"cid:{message_id(5)}@spine.nhs.uk", "cid:E0000000-0000-4000-8000-000000000005"],
        "descriptions": ["HL7 payload", "Attachment"],
    },
    "index": _copc(6, 2, 1, 34, f"Attachment: {document_id(2)}_big.mpg")
    | {
        "copc_codes": ATTACHMENT_CODES,
        "copc_type": "RCMR_MT000001GB01",
        "reference": f"file://localhost/{document_id(2)}_big.mpg",
        "hrefs": [f"cid:{message_id(6)}@spine.nhs.uk", f"mid:{message_id(0x16)}", f"mid:{message_id(0x26)}"],
        "descriptions": [
            "HL7 payload",
            *(
                f'Filename="{message_id(6)}_{n}.messageattachment" ContentType=video/mpeg Compressed=No '
                "LargeAttachment=No OriginalBase64=No Length=4500000"
                for n in (0, 1)
            ),
        ],
    },
    "ack_positive": _ack(7, 1, 2, "V3NPfIT4.2.00", message_id(2), "AA"),
    "ack_reason_only": _ack(8, 1, 2, "V3NPfIT4.2.00", message_id(2), "AE")
    | {"reason": ["11", RESPONSE_CODE, 'Text <1> & "2"'], "qualifier": "ER"},
    "ack_both_er": _ack(9, 2, 1, "V3NPfIT3.1.10", message_id(1), "AR")
    | {
        "timestamp": "2026-12-01T09:35:00Z",
        "creation_time": "20261201093500",  # winter: UK local is UTC
        "detail": ["ER", "06", "Patient not at surgery"],
        "reason": ["06", RESPONSE_CODE, "Patient not at surgery"],
        "qualifier": "ER",
    },
    "ack_both_repeated": _ack(10, 2, 1, "V3NPfIT4.2.00", message_id(4), "AR")
    | {
        "detail": ["AR", "30", RESPONSE_CODE, "Large Message general failure"],
        "reason": ["30", RESPONSE_CODE, "Large Message general failure"],
        "qualifier": "ER",
    },
    "spine_nack": _ack(11, 0, 2, "3NPfIT7.2.02", message_id(0xA2), "AR")
    | {
        "timestamp": "2026-07-01T09:31:05Z",
        "creation_time": "20260701103105",
        "ref_to_message_id": message_id(2),
        "ack_actor": TO_PARTY_MSH,
        "sync_actor": "http://schemas.xmlsoap.org/soap/actor/next",
        "schemas": "urn:hl7-org:v3_MCCI_IN010000UK13.xsd",
        "descriptions": "The HL7 payload",
        "detail": [
            "ER",
            "506",
            "2.16.840.1.113883.2.1.3.2.4.17.32",
            (
                "hl7:{interactionId}/hl7:communicationFunctionRcv/hl7:device/hl7:id/@extension"
                " is missing, empty, invalid or ACL violation"
            ),
        ],
    },
}
SIGNAL = {
    "to_party": party(1),
    "cpa_id": "S9990002A9990105",
    "conversation_id": messages.CONVERSATION,
    "service": "urn:oasis:names:tc:ebxml-msg:service",
    "ref_to_message_id": message_id(1),
}
TMS = "urn:nhs:names:error:tms"
EXPECTED_SIGNALS: dict[str, dict[str, Any]] = {
    "acknowledgment": SIGNAL
    | {
        "from_party": party(2),
        "action": "Acknowledgment",
        "message_id": message_id(12),
        "timestamp": "2026-07-01T09:30:00Z",  # of the message that is acknowledged
        "acknowledged_id": message_id(1),
        "acknowledged_at": "2026-07-01T09:30:01Z",
        "acknowledged_by": party(2),
        "acknowledgment_actor": TO_PARTY_MSH,
    },
    "message_error": SIGNAL
    | {
        "from_party": party(0),
        "action": "MessageError",
        "message_id": message_id(13),
        "timestamp": "2026-07-01T09:30:01Z",
        "error_codes": ["ValueNotRecognized", "200"],
        "error_contexts": ["urn:oasis:names:tc:ebxml-msg:service:errors"] * 2,
        "error_descriptions": ["501319:Unknown eb:CPAId", "System Failure to process message"],
    },
    "soap_fault": {
        "fault_code": "SOAP:Server",
        "fault_errors": [
            *(TMS, "200", "Error", "Not Supported", "System failure to process message - default"),
            *(TMS, "101", "Error", "HTTP Header - SOAPAction", "a < b & c"),
        ],
    },
}
OF_MIME = {"parameters", "parts", "bodies", "preamble", "epilogue", "defects"}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_oracle_finds_what_went_in_and_nothing_else(name: str) -> None:
    out = PACKAGES[name]()
    found = oracle.read(out.content_type, out.body)
    assert {key: value for key, value in found.items() if key not in OF_MIME} == EXPECTED[name]


@pytest.mark.parametrize("name", SIGNALS)
def test_the_oracle_finds_what_went_into_a_signal(name: str) -> None:
    assert oracle.read("text/xml", SIGNALS[name]()) == EXPECTED_SIGNALS[name]


@pytest.mark.parametrize("name", PACKAGES)
def test_the_standard_library_takes_the_package_apart_without_complaint(name: str) -> None:
    """No defect, nothing before the first delimiter or after the last, and ``start`` names the first part."""
    out = PACKAGES[name]()
    found = oracle.read(out.content_type, out.body)
    assert (found["defects"], found["preamble"], found["epilogue"]) == ([], None, "")
    assert found["parameters"]["start"] == dict(found["parts"][0])["Content-Id"] == "<ebXMLHeader@spine.nhs.uk>"
    assert found["parameters"]["type"] == "text/xml"
    assert all(
        [key for key, _ in part] == ["Content-Id", "Content-Type", "Content-Transfer-Encoding"]
        for part in found["parts"]
    )


def test_attachments_come_back_octet_for_octet_with_their_three_headers() -> None:
    """AR05: Content-Id, Content-Type and base64."""
    extract, fragment = messages.extract_uk06(), messages.fragment()
    found = oracle.read(extract.content_type, extract.body)
    assert found["bodies"][2:] == [messages.TEXT]
    assert dict(found["parts"][2]) == {
        "Content-Id": "<E0000000-0000-4000-8000-000000000001>",
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "base64",
    }
    assert oracle.read(fragment.content_type, fragment.body)["bodies"][2:] == [messages.HALF]


def test_the_folder_is_in_the_extract_unchanged() -> None:
    out = messages.extract_uk07()
    assert messages.FOLDER in oracle.read(out.content_type, out.body)["bodies"][1]
