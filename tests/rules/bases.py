"""Good messages, one of each kind, that every rule must leave alone; patched, they break one rule each."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from fixtures import factory
from fixtures.identity import Names
from fixtures.response_codes import codes
from harness.reference.attachments import encoded_length
from harness.reference.patches import Wire
from harness.rules import Subject
from simulator.wire.interactions import Interaction
from simulator.wire.reading import read
from simulator.wire.writers import ebxml, gp2gp
from simulator.wire.writers.description import describe
from simulator.wire.writers.package import Attachment, Outgoing, assemble
from simulator.wire.writers.times import ebxml_time, hl7_time

NAMES = Names(7, 1, "rules")
PATIENT = factory.patient(NAMES)
NEW, OLD = 1, 2  # the requesting practice, the sending practice
ODS = {NEW: "X90001", OLD: "X90002"}
PARTY = {NEW: "X90001-900001", OLD: "X90002-900002"}
ASID = {NEW: "999000000001", OLD: "999000000002"}
AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
CONVERSATION = NAMES.uuid("conversation")
REQUEST_ID = NAMES.uuid("request")
LIVES_UNTIL = ebxml_time(datetime(2026, 7, 1, 13, 40, tzinfo=UTC))
_CONTRACTS = {
    Interaction.EHR_REQUEST: "05",
    Interaction.EHR_EXTRACT: "06",
    Interaction.EHR_EXTRACT_REDACTED: "07",
    Interaction.POINT_TO_POINT: "01",
    Interaction.ACKNOWLEDGEMENT: "13",
}
_PLACEHOLDER = "The following file could not be included with the Electronic Record:"


def _header(purpose: str, sender: int, interaction: Interaction) -> ebxml.Header:
    to = NEW + OLD - sender
    cpa = f"S999000{to}A99901{_CONTRACTS[interaction]}"
    return ebxml.Header(
        PARTY[sender],
        PARTY[to],
        cpa,
        CONVERSATION,
        interaction.id,
        NAMES.uuid(purpose),
        ebxml_time(AT),
        time_to_live=LIVES_UNTIL,
    )


def _ends(purpose: str, sender: int) -> gp2gp.Ends:
    return gp2gp.Ends(NAMES.uuid(purpose), hl7_time(AT), ASID[sender], ASID[NEW + OLD - sender])


def request() -> Outgoing:
    """The new practice asks for the record."""
    payload = gp2gp.ehr_request(
        _ends("asks", NEW),
        request_id=REQUEST_ID,
        nhs_number=PATIENT.nhs_number,
        requesting_ods=ODS[NEW],
        sending_ods=ODS[OLD],
    )
    return assemble(_header("asks", NEW, Interaction.EHR_REQUEST), payload)


def _record(*attachments: factory.Attachment, redacted: bool = False) -> factory.Record:
    return factory.record(
        NAMES,
        PATIENT,
        practice_ods=ODS[OLD],
        time=hl7_time(AT),
        consultations=6,
        attachments=attachments,
        redacted=redacted,
    )


def _payload(interaction: Interaction, record: factory.Record) -> bytes:
    return gp2gp.ehr_extract(
        _ends("gives", OLD),
        interaction=interaction.id,
        extract_id=NAMES.uuid("extract"),
        request_id=REQUEST_ID,
        nhs_number=PATIENT.nhs_number,
        sending_ods=ODS[OLD],
        requesting_ods=ODS[NEW],
        time=hl7_time(AT),
        folder=record.folder,
    )


def extract(interaction: Interaction = Interaction.EHR_EXTRACT) -> Outgoing:
    """A record without documents."""
    record = _record(redacted=interaction is Interaction.EHR_EXTRACT_REDACTED)
    return assemble(_header("gives", OLD, interaction), _payload(interaction, record))


def extract_redacted() -> Outgoing:
    """A record of which the patient may not see all."""
    return extract(Interaction.EHR_EXTRACT_REDACTED)


def _inline(n: int, document: factory.Document, *, compressed: bool = False) -> Attachment:
    data = gzip.compress(document.data, mtime=0) if compressed else document.data
    said = describe(
        document.transfer_name,
        document.content_type,
        compressed=compressed,
        large=False,
        original_base64=False,
        length=encoded_length(len(data)),
    )
    media_type = "application/octet-stream" if compressed else document.content_type
    return Attachment(NAMES.uuid("content", n), media_type, data, said, f"_{document.id}")


def extract_documents() -> Outgoing:
    """Documents in line (plain, compressed, a placeholder), and a film that follows in messages of its own."""
    lines = (_PLACEHOLDER, "old scan.tif", f"{ODS[OLD]}:{CONVERSATION}", "Reason:02:File deleted")
    record = _record(
        factory.Attachment("a letter.txt"),
        factory.Attachment("scan.pdf", "application/pdf"),
        factory.Attachment("notes.txt", size=9_000),
        factory.Attachment("old scan.tif", "text/plain", data="\r\n".join(lines).encode(), absent=True),
        factory.Attachment("film.mpg", "video/mpeg", size=10),
    )
    letter, scan, notes, absent, film = record.attachments
    far = describe(
        film.transfer_name,
        film.content_type,
        compressed=False,
        large=True,
        original_base64=False,
        length=9_000_000,
    )
    interaction = Interaction.EHR_EXTRACT
    return assemble(
        _header("gives", OLD, interaction),
        _payload(interaction, record),
        attachments=[_inline(1, letter), _inline(2, scan), _inline(3, notes, compressed=True), _inline(4, absent)],
        external=[ebxml.Reference(f"mid:{NAMES.uuid('index')}", far, f"_{film.id}")],
    )


def continue_message() -> Outgoing:
    """Send the rest."""
    payload = gp2gp.continue_message(
        _ends("continue", NEW),
        recipient_ods=ODS[OLD],
        sender_ods=ODS[NEW],
        extract_message_id=NAMES.uuid("gives"),
        body_id=NAMES.uuid("body"),
        inner_id=NAMES.uuid("inner"),
    )
    return assemble(_header("continue", NEW, Interaction.POINT_TO_POINT), payload)


def _part(purpose: str, filename: str) -> tuple[ebxml.Header, bytes]:
    payload = gp2gp.fragment(
        _ends(purpose, OLD),
        recipient_ods=ODS[NEW],
        sender_ods=ODS[OLD],
        filename=filename,
        body_id=NAMES.uuid(f"{purpose} body"),
    )
    return _header(purpose, OLD, Interaction.POINT_TO_POINT), payload


def fragment() -> Outgoing:
    """One piece of the film."""
    header, payload = _part("piece", f"{NAMES.uuid('index')}_0.messageattachment")
    data = Attachment(NAMES.uuid("content", 9), "application/octet-stream", b"\0\1\2" * 2_000, "Attachment")
    return assemble(header, payload, attachments=[data])


def index() -> Outgoing:
    """The list of the film's pieces."""
    header, payload = _part("index", f"{NAMES.uuid('film')}_film.mpg")
    said = [
        describe(
            f"{NAMES.uuid('index')}_{n}.messageattachment",
            "video/mpeg",
            compressed=False,
            large=False,
            original_base64=False,
            length=4_500_000,
        )
        for n in (0, 1)
    ]
    pieces = [NAMES.uuid("piece"), NAMES.uuid("next piece")]
    external = [ebxml.Reference(f"mid:{one}", text) for one, text in zip(pieces, said, strict=True)]
    return assemble(header, payload, external=external)


def ack() -> Outgoing:
    """The record is integrated."""
    payload = gp2gp.acknowledgement(_ends("thanks", NEW), message_ref=NAMES.uuid("gives"))
    return assemble(_header("thanks", NEW, Interaction.ACKNOWLEDGEMENT), payload)


def nack() -> Outgoing:
    """The record could not be integrated, as Response Codes v1.7 §4.2 spells it."""
    payload = gp2gp.acknowledgement(
        _ends("sorry", NEW), message_ref=NAMES.uuid("gives"), code="11", text=codes()["11"].text
    )
    return assemble(_header("sorry", NEW, Interaction.ACKNOWLEDGEMENT), payload)


BASES: dict[str, Callable[[], Outgoing]] = {
    "request": request,
    "extract": extract,
    "extract-documents": extract_documents,
    "extract-redacted": extract_redacted,
    "continue": continue_message,
    "fragment": fragment,
    "index": index,
    "ack": ack,
    "nack": nack,
}


@cache
def base(name: str) -> Wire:
    """A base message as it goes over the wire."""
    made = BASES[name]()
    return Wire((("Content-Type", made.content_type), ("SOAPAction", made.soap_action)), made.body)


def subject(wire: Wire) -> Subject:
    """A delivery as rules see it."""
    return Subject(read(wire.header("Content-Type"), wire.body), wire.header("SOAPAction"))
