"""Writing and then reading gives back what went in, without a single departure, whatever the fields hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from simulator.wire import ebxml as ebxml_read
from simulator.wire import gp2gp as gp2gp_read
from simulator.wire import mime
from simulator.wire import soap as soap_read
from simulator.wire.interactions import BY_ID, EXTRACTS, Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.writers import ebxml, gp2gp, soap
from simulator.wire.writers.gp2gp import Dialect, Ends
from simulator.wire.writers.package import Outgoing, assemble, assemble_from_spine
from simulator.wire.writers.xml import text
from tests.wire.made import Made, whatever_the_fields
from tests.wire.messages import PACKAGES, SIGNALS


def sent(out: Outgoing) -> Reading:
    """Read what was written; every one of our own messages must be without departure."""
    reading = read(out.content_type, out.body)
    assert reading.departures == ()
    return reading


def delivered(made: Made, action: Interaction, ends: Ends, payload: bytes) -> Any:
    """The typed message, after a journey in a package with any header."""
    reading = sent(assemble(made.header(action, ends.message_id), payload))
    wrapper, message = reading.wrapper, reading.message
    assert wrapper is not None
    assert message is not None
    assert reading.payload == payload
    assert (wrapper.interaction, wrapper.interaction_id, wrapper.author_asid) == (
        action.id,
        action.id,
        ends.sender_asid,
    )
    assert Ends(wrapper.id, wrapper.creation_time, wrapper.sender_asid, wrapper.receiver_asid) == ends
    return message


@whatever_the_fields
def test_header_manifest_and_attachments_come_back(made: Made) -> None:
    header = made.header(Interaction.EHR_EXTRACT, made.uuid())
    attachments, external = made.several(made.attachment), made.several(made.external)
    payload = gp2gp.acknowledgement(Ends(header.message_id, "20260701103000", "1", "2"), message_ref="r")
    reading = sent(assemble(header, payload, attachments=attachments, external=external))
    envelope, package = reading.envelope, reading.package
    assert envelope is not None
    assert package is not None
    assert envelope.kind is ebxml_read.Kind.MESSAGE
    assert {name: getattr(envelope, name) for name in header.__slots__} == {
        name: getattr(header, name) for name in header.__slots__
    }
    assert (envelope.duplicate_elimination, envelope.ack_requested, envelope.sync_reply) == (True, True, False)
    inline = [ebxml.Reference(f"cid:{one.content_id}", one.description, one.id) for one in attachments]
    assert [ebxml.Reference(one.href, one.description, one.id) for one in envelope.references[1:]] == inline + external
    assert [mime.decode(part)[0] for part in package.parts[2:]] == [one.data for one in attachments]


@whatever_the_fields
def test_a_request_comes_back(made: Made) -> None:
    ends, request_id, nhs, new, old = made.ends(), made.uuid(), made.nhs_number(), made.ods(), made.ods()
    payload = gp2gp.ehr_request(ends, request_id=request_id, nhs_number=nhs, requesting_ods=new, sending_ods=old)
    message = delivered(made, Interaction.EHR_REQUEST, ends, payload)
    assert message == gp2gp_read.EhrRequest(message.wrapper, request_id, nhs, new, old)


@whatever_the_fields
def test_an_extract_comes_back_with_the_references_of_its_folder(made: Made) -> None:
    ends, document, interaction = made.ends(), made.uuid(), made.pick(sorted(EXTRACTS))
    extract_id, request_id, nhs, old, new = made.uuid(), made.uuid(), made.nhs_number(), made.ods(), made.ods()
    folder = (
        f'<ehrFolder xmlns="urn:hl7-org:v3"><text>{text(made.text())}</text><referredToExternalDocument>'
        f'<id root="{document}"/><text><reference value="file://localhost/{document}_a.txt"/></text></referredToExternalDocument></ehrFolder>'
    ).encode()
    payload = gp2gp.ehr_extract(
        ends,
        interaction=interaction,
        extract_id=extract_id,
        request_id=request_id,
        nhs_number=nhs,
        sending_ods=old,
        requesting_ods=new,
        time=made.hl7(),
        folder=folder,
    )
    message = delivered(made, BY_ID[interaction], ends, payload)
    assert message == gp2gp_read.EhrExtract(
        message.wrapper, extract_id, request_id, nhs, old, new, (document,), (f"file://localhost/{document}_a.txt",)
    )
    assert message.redacted is (interaction == "RCMR_IN030000UK07")


@whatever_the_fields
def test_a_continue_comes_back(made: Made) -> None:
    ends, recipient, sender, core = made.ends(), made.ods(), made.ods(), made.uuid()
    payload = gp2gp.continue_message(
        ends,
        recipient_ods=recipient,
        sender_ods=sender,
        extract_message_id=core,
        body_id=made.uuid(),
        inner_id=made.uuid(),
    )
    message = delivered(made, Interaction.POINT_TO_POINT, ends, payload)
    assert message == gp2gp_read.Continue(
        message.wrapper,
        payload_id=ends.message_id,
        fragment_message_id=ends.message_id,
        recipients=(recipient,),
        sender=sender,
        subject="Continue Acknowledgement",
        version="01",
        message_ref=core,
        acknowledged_id=core,
    )


@whatever_the_fields
def test_a_fragment_comes_back_with_its_file_name(made: Made) -> None:
    ends, recipient, sender, filename = made.ends(), made.ods(), made.ods(), made.text()
    payload = gp2gp.fragment(ends, recipient_ods=recipient, sender_ods=sender, filename=filename, body_id=made.uuid())
    message = delivered(made, Interaction.POINT_TO_POINT, ends, payload)
    assert message == gp2gp_read.Fragment(
        message.wrapper,
        payload_id=ends.message_id,
        fragment_message_id=ends.message_id,
        recipients=(recipient,),
        sender=sender,
        subject=f"Attachment: {filename}",
        version="01",
        reference=message.reference,
    )
    assert unquote(message.reference) == f"file://localhost/{filename}"


@whatever_the_fields
def test_a_positive_acknowledgement_comes_back(made: Made) -> None:
    ends, ref = made.ends(), made.uuid()
    message = delivered(made, Interaction.ACKNOWLEDGEMENT, ends, gp2gp.acknowledgement(ends, message_ref=ref))
    assert message == gp2gp_read.ApplicationAcknowledgement(message.wrapper, "AA", ref, ())
    assert message.positive


@whatever_the_fields
def test_a_code_comes_back_in_every_dialect(made: Made) -> None:
    ends, ref, code, words = made.ends(), made.uuid(), made.digits("", 2), made.text()
    for dialect in Dialect:
        payload = gp2gp.acknowledgement(ends, message_ref=ref, code=code, text=words, dialect=dialect)
        message = delivered(made, Interaction.ACKNOWLEDGEMENT, ends, payload)
        assert (message.code, message.message_ref, message.positive) == (code, ref, False), dialect
        assert {one.display_name for one in message.codes} == {words}, dialect


@whatever_the_fields
def test_what_spine_originates_comes_back(made: Made) -> None:
    ends, words = made.ends(), made.text()
    header = replace(made.header(Interaction.ACKNOWLEDGEMENT, ends.message_id), ref_to_message_id=made.uuid())
    payload = gp2gp.acknowledgement(ends, message_ref=made.uuid(), code="506", text=words, dialect=Dialect.SPINE)
    reading = sent(assemble_from_spine(header, payload))
    assert reading.envelope is not None
    assert (reading.envelope.ref_to_message_id, reading.envelope.sync_reply) == (header.ref_to_message_id, True)
    assert isinstance(reading.message, gp2gp_read.ApplicationAcknowledgement)
    assert [one.display_name for one in reading.message.codes] == [words]


@whatever_the_fields
def test_an_acknowledgment_comes_back(made: Made) -> None:
    us, them, cpa, conversation, own, ref = (
        *(made.party(), made.party(), made.text()),
        *(made.uuid(), made.uuid(), made.uuid()),
    )
    received, now = made.utc(), made.utc()
    body = ebxml.acknowledgment(
        from_party=us,
        to_party=them,
        cpa_id=cpa,
        conversation_id=conversation,
        message_id=own,
        ref_to_message_id=ref,
        received_timestamp=received,
        now=now,
    )
    reading = read("text/xml", body)
    envelope = reading.envelope
    assert envelope is not None
    assert (envelope.kind, reading.departures) == (ebxml_read.Kind.ACKNOWLEDGMENT, ())
    assert (envelope.from_party, envelope.to_party, envelope.cpa_id) == (us, them, cpa)
    assert (envelope.conversation_id, envelope.message_id, envelope.timestamp) == (conversation, own, received)
    assert (envelope.ref_to_message_id, envelope.acknowledged_id) == (ref, ref)
    assert envelope.acknowledgment_timestamp == now


@whatever_the_fields
def test_a_message_error_comes_back(made: Made) -> None:
    us, them, own, ref = made.party(), made.party(), made.uuid(), made.uuid()
    errors = made.several(lambda: (made.text(), made.text()), least=1)
    body = ebxml.message_error(
        from_party=us,
        to_party=them,
        cpa_id="cpa",
        conversation_id="c",
        message_id=own,
        ref_to_message_id=ref,
        now=made.utc(),
        errors=errors,
    )
    reading = read("text/xml", body)
    envelope = reading.envelope
    assert envelope is not None
    assert (envelope.kind, reading.departures) == (ebxml_read.Kind.MESSAGE_ERROR, ())
    assert (envelope.from_party, envelope.to_party, envelope.ref_to_message_id) == (us, them, ref)
    assert [(one.code, one.description, one.severity) for one in envelope.errors] == [
        (code, words, "Error") for code, words in errors
    ]


@whatever_the_fields
def test_a_fault_comes_back(made: Made) -> None:
    errors = made.several(lambda: soap_read.FaultError(*(made.text() for _ in range(5))), least=1)
    reading = read("text/xml", soap.fault(errors))
    assert reading.fault == soap_read.Fault("SOAP:Server", "Application Exception", tuple(errors))
    assert reading.departures == ()


@pytest.mark.parametrize("name", PACKAGES)
def test_every_golden_package_is_read_without_departure(name: str) -> None:
    assert sent(PACKAGES[name]()).message is not None


@pytest.mark.parametrize("name", SIGNALS)
def test_every_golden_signal_is_read_without_departure(name: str) -> None:
    reading = read("text/xml", SIGNALS[name]())
    assert reading.departures == ()
    assert (reading.fault or reading.envelope) is not None
