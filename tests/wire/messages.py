"""One of each: what the writers are asked for in the golden, schema and oracle tests. All identifiers are synthetic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from simulator.wire.interactions import Interaction
from simulator.wire.soap import FaultError
from simulator.wire.writers import ebxml, gp2gp, soap
from simulator.wire.writers.description import SKELETON, describe
from simulator.wire.writers.package import Attachment, Outgoing, assemble, assemble_from_spine
from simulator.wire.writers.times import ebxml_time, hl7_time

GOLDEN = Path(__file__).parent / "golden"
FOLDER = (GOLDEN / "folder.xml").read_bytes()
CONVERSATION = "C0000000-0000-4000-8000-000000000001"
REQUEST = "B0000000-0000-4000-8000-000000000001"
NHS_NUMBER = "9990000018"
TEXT = b"Synthetic attachment, long enough to need two lines of base64 text: 0123456789.\n"
HALF = b"Second half of a split file"
FROM_SPINE, NEW, OLD = 0, 1, 2  # Spine, the requesting practice, the sending practice


def message_id(n: int) -> str:
    return f"A0000000-0000-4000-8000-{n:012X}"


def document_id(n: int) -> str:
    return f"D0000000-0000-4000-8000-{n:012X}"


def party(n: int) -> str:
    return f"X9000{n}-90000{n}"


def asid(n: int) -> str:
    return f"99900000000{n}"


def _moment(minute: int, second: int = 0, month: int = 7) -> datetime:
    return datetime(2026, month, 1, 9, minute, second, tzinfo=UTC)


def _header(n: int, sender: int, to: int, cpa: str, action: Interaction, when: datetime, **more: str) -> ebxml.Header:
    return ebxml.Header(party(sender), party(to), cpa, CONVERSATION, action.id, message_id(n), ebxml_time(when), **more)


def _ends(n: int, sender: int, to: int, when: datetime) -> gp2gp.Ends:
    return gp2gp.Ends(message_id(n), hl7_time(when), asid(sender), asid(to))


def request() -> Outgoing:
    payload = gp2gp.ehr_request(
        _ends(1, NEW, OLD, _moment(30)),
        request_id=REQUEST,
        nhs_number=NHS_NUMBER,
        requesting_ods="X90001",
        sending_ods="X90002",
    )
    return assemble(_header(1, NEW, OLD, "S9990002A9990105", Interaction.EHR_REQUEST, _moment(30)), payload)


def _extract(n: int, interaction: Interaction, limitation_id: str) -> bytes:
    return gp2gp.ehr_extract(
        _ends(n, OLD, NEW, _moment(31)),
        interaction=interaction.id,
        extract_id="B0000000-0000-4000-8000-000000000002",
        request_id=REQUEST,
        nhs_number=NHS_NUMBER,
        sending_ods="X90002",
        requesting_ods="X90001",
        time=hl7_time(_moment(30, 59)),
        folder=FOLDER,
        limitation_id=limitation_id,
    )


def extract_uk06() -> Outgoing:
    inline = describe(
        f"{document_id(1)}_a & b.txt",
        "text/plain",
        compressed=False,
        large=False,
        original_base64=False,
        length=110,
    )
    external = describe(
        f"{document_id(2)}_big.mpg",
        "video/mpeg",
        compressed=False,
        large=True,
        original_base64=False,
        length=9_000_000,
    )
    action = Interaction.EHR_EXTRACT
    live = ebxml_time(datetime(2026, 7, 1, 13, 41, tzinfo=UTC))
    return assemble(
        _header(2, OLD, NEW, "S9990001A9990306", action, _moment(31), time_to_live=live),
        _extract(2, action, "B0000000-0000-4000-8000-00000000000F"),
        attachments=[
            Attachment("E0000000-0000-4000-8000-000000000001", "text/plain", TEXT, inline, f"_{document_id(1)}")
        ],
        external=[ebxml.Reference(f"mid:{message_id(6)}", external, f"_{document_id(2)}")],
    )


def extract_uk07() -> Outgoing:
    skeleton = describe(
        f"{document_id(1)}.gzip",
        "text/xml",
        compressed=True,
        large=False,
        original_base64=False,
        length=302_448,
        domain_data=SKELETON,
    )
    action = Interaction.EHR_EXTRACT_REDACTED
    return assemble(
        _header(3, OLD, NEW, "S9990001A9990307", action, _moment(31)),
        _extract(3, action, gp2gp.LIMITATION_ID),
        external=[ebxml.Reference(f"mid:{message_id(5)}", skeleton, f"_{document_id(1)}")],
    )


def continue_message() -> Outgoing:
    payload = gp2gp.continue_message(
        _ends(4, NEW, OLD, _moment(32)),
        recipient_ods="X90002",
        sender_ods="X90001",
        extract_message_id=message_id(2),
        body_id="B0000000-0000-4000-8000-000000000004",
        inner_id="B0000000-0000-4000-8000-000000000014",
    )
    return assemble(_header(4, NEW, OLD, "S9990002A9990001", Interaction.POINT_TO_POINT, _moment(32)), payload)


def _fragment(n: int, filename: str, minute: int) -> tuple[ebxml.Header, bytes]:
    payload = gp2gp.fragment(
        _ends(n, OLD, NEW, _moment(minute)),
        recipient_ods="X90001",
        sender_ods="X90002",
        filename=filename,
        body_id=f"B0000000-0000-4000-8000-00000000000{n}",
    )
    return _header(n, OLD, NEW, "S9990001A9990001", Interaction.POINT_TO_POINT, _moment(minute)), payload


def fragment() -> Outgoing:
    header, payload = _fragment(5, f"{document_id(3)}_two words.txt", 33)
    data = Attachment("E0000000-0000-4000-8000-000000000005", "application/octet-stream", HALF, "Attachment")
    return assemble(header, payload, attachments=[data])


def index() -> Outgoing:
    header, payload = _fragment(6, f"{document_id(2)}_big.mpg", 34)
    parts = [
        ebxml.Reference(
            f"mid:{message_id(0x16 + 0x10 * n)}",
            describe(
                f"{message_id(6)}_{n}.messageattachment",
                "video/mpeg",
                compressed=False,
                large=False,
                original_base64=False,
                length=4_500_000,
            ),
        )
        for n in (0, 1)
    ]
    return assemble(header, payload, external=parts)


def ack_positive() -> Outgoing:
    payload = gp2gp.acknowledgement(_ends(7, NEW, OLD, _moment(35)), message_ref=message_id(2))
    return assemble(_header(7, NEW, OLD, "S9990002A9990013", Interaction.ACKNOWLEDGEMENT, _moment(35)), payload)


def ack_reason_only() -> Outgoing:
    payload = gp2gp.acknowledgement(
        _ends(8, NEW, OLD, _moment(35)), message_ref=message_id(2), code="11", text='Text <1> & "2"'
    )
    return assemble(_header(8, NEW, OLD, "S9990002A9990013", Interaction.ACKNOWLEDGEMENT, _moment(35)), payload)


def ack_both_er() -> Outgoing:
    winter = _moment(35, month=12)
    payload = gp2gp.acknowledgement(
        _ends(9, OLD, NEW, winter),
        message_ref=message_id(1),
        code="06",
        text="Patient not at surgery",
        dialect=gp2gp.Dialect.BOTH_ER,
    )
    return assemble(_header(9, OLD, NEW, "S9990001A9990013", Interaction.ACKNOWLEDGEMENT, winter), payload)


def ack_both_repeated() -> Outgoing:
    payload = gp2gp.acknowledgement(
        _ends(10, OLD, NEW, _moment(35)),
        message_ref=message_id(4),
        code="30",
        text="Large Message general failure",
        dialect=gp2gp.Dialect.BOTH_REPEATED,
    )
    return assemble(_header(10, OLD, NEW, "S9990001A9990013", Interaction.ACKNOWLEDGEMENT, _moment(35)), payload)


def spine_nack() -> Outgoing:
    payload = gp2gp.acknowledgement(
        _ends(11, FROM_SPINE, OLD, _moment(31, 5)),
        message_ref=message_id(0xA2),
        code="506",
        text="hl7:{interactionId}/hl7:communicationFunctionRcv/hl7:device/hl7:id/@extension"
        " is missing, empty, invalid or ACL violation",
        dialect=gp2gp.Dialect.SPINE,
    )
    header = _header(
        11,
        FROM_SPINE,
        OLD,
        "S9990002A9990013",
        Interaction.ACKNOWLEDGEMENT,
        _moment(31, 5),
        ref_to_message_id=message_id(2),
    )
    return assemble_from_spine(header, payload)


def acknowledgment() -> bytes:
    return ebxml.acknowledgment(
        from_party=party(OLD),
        to_party=party(NEW),
        cpa_id="S9990002A9990105",
        conversation_id=CONVERSATION,
        message_id=message_id(12),
        ref_to_message_id=message_id(1),
        received_timestamp=ebxml_time(_moment(30)),
        now=ebxml_time(_moment(30, 1)),
    )


def message_error() -> bytes:
    return ebxml.message_error(
        from_party=party(FROM_SPINE),
        to_party=party(NEW),
        cpa_id="S9990002A9990105",
        conversation_id=CONVERSATION,
        message_id=message_id(13),
        ref_to_message_id=message_id(1),
        now=ebxml_time(_moment(30, 1)),
        errors=[("ValueNotRecognized", "501319:Unknown eb:CPAId"), ("200", "System Failure to process message")],
    )


def soap_fault() -> bytes:
    tms = "urn:nhs:names:error:tms"
    return soap.fault(
        [
            FaultError(tms, "200", "Error", "Not Supported", "System failure to process message - default"),
            FaultError(tms, "101", "Error", "HTTP Header - SOAPAction", "a < b & c"),
        ]
    )


PACKAGES: dict[str, Callable[[], Outgoing]] = {
    "request": request,
    "extract_uk06": extract_uk06,
    "extract_uk07": extract_uk07,
    "continue": continue_message,
    "fragment": fragment,
    "index": index,
    "ack_positive": ack_positive,
    "ack_reason_only": ack_reason_only,
    "ack_both_er": ack_both_er,
    "ack_both_repeated": ack_both_repeated,
    "spine_nack": spine_nack,
}
SIGNALS: dict[str, Callable[[], bytes]] = {
    "acknowledgment": acknowledgment,
    "message_error": message_error,
    "soap_fault": soap_fault,
}

WRITTEN = {
    "request": "RCMR_IN010000UK05",
    "extract_uk06": "RCMR_IN030000UK06",
    "extract_uk07": "RCMR_IN030000UK07",
    "continue": "COPC_IN000001UK01",
    "fragment": "COPC_IN000001UK01",
    "index": "COPC_IN000001UK01",
    "ack_positive": "MCCI_IN010000UK13",
    "ack_reason_only": "MCCI_IN010000UK13",
    "ack_both_er": "MCCI_IN010000UK13",
    "ack_both_repeated": "MCCI_IN010000UK13",
    "spine_nack": "MCCI_IN010000UK13",
}
"""The packages of the writers' tests, and the interaction of each."""
