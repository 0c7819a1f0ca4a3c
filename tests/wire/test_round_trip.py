"""Writing and then reading gives back what went in, without a single departure, whatever the fields hold."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.wire import ebxml as ebxml_read
from simulator.wire import gp2gp as gp2gp_read
from simulator.wire import mime
from simulator.wire import soap as soap_read
from simulator.wire.interactions import BY_ID, EXTRACTS, Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.writers import ebxml, gp2gp, soap
from simulator.wire.writers.gp2gp import Dialect, Ends
from simulator.wire.writers.package import Attachment, Outgoing, assemble, assemble_from_spine
from simulator.wire.writers.xml import text
from tests.wire.messages import PACKAGES, SIGNALS
from tests.wire.strategies import (
    ATTACHMENTS,
    CODES,
    ENDS,
    EXTERNAL,
    HL7_TIMES,
    NHS_NUMBERS,
    ODS,
    PARTIES,
    TEXTS,
    UTC_TIMES,
    UUIDS,
    headers,
)

MANY = settings(max_examples=12, deadline=None, derandomize=True)


def sent(out: Outgoing) -> Reading:
    """Read what was written; every one of our own messages must be without departure."""
    reading = read(out.content_type, out.body)
    assert reading.departures == ()
    return reading


def delivered(data: st.DataObject, action: Interaction, ends: Ends, payload: bytes) -> Any:
    """The typed message, after a journey in a package with any header."""
    reading = sent(assemble(data.draw(headers(action, ends.message_id)), payload))
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


@MANY
@given(
    headers(Interaction.EHR_EXTRACT, "A0000000-0000-4000-8000-000000000001"),
    st.lists(ATTACHMENTS, max_size=3, unique_by=lambda one: one.content_id),
    st.lists(EXTERNAL, max_size=3),
)
def test_header_manifest_and_attachments_come_back(
    header: ebxml.Header, attachments: list[Attachment], external: list[ebxml.Reference]
) -> None:
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


@MANY
@given(st.data(), ENDS, UUIDS, NHS_NUMBERS, ODS, ODS)
def test_a_request_comes_back(data: st.DataObject, ends: Ends, request_id: str, nhs: str, new: str, old: str) -> None:
    payload = gp2gp.ehr_request(ends, request_id=request_id, nhs_number=nhs, requesting_ods=new, sending_ods=old)
    message = delivered(data, Interaction.EHR_REQUEST, ends, payload)
    assert message == gp2gp_read.EhrRequest(message.wrapper, request_id, nhs, new, old)


@MANY
@given(st.data(), st.sampled_from(sorted(EXTRACTS)), ENDS, UUIDS, UUIDS, NHS_NUMBERS, ODS, ODS, HL7_TIMES, UUIDS, TEXTS)
def test_an_extract_comes_back_with_the_references_of_its_folder(
    data: st.DataObject,
    interaction: str,
    ends: Ends,
    extract_id: str,
    request_id: str,
    nhs: str,
    old: str,
    new: str,
    time: str,
    document: str,
    note: str,
) -> None:
    folder = (
        f'<ehrFolder xmlns="urn:hl7-org:v3"><text>{text(note)}</text><referredToExternalDocument>'
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
        time=time,
        folder=folder,
    )
    message = delivered(data, BY_ID[interaction], ends, payload)
    assert message == gp2gp_read.EhrExtract(
        message.wrapper, extract_id, request_id, nhs, old, new, (document,), (f"file://localhost/{document}_a.txt",)
    )
    assert message.redacted is (interaction == "RCMR_IN030000UK07")


@MANY
@given(st.data(), ENDS, ODS, ODS, UUIDS, UUIDS, UUIDS)
def test_a_continue_comes_back(
    data: st.DataObject, ends: Ends, recipient: str, sender: str, core: str, body_id: str, inner_id: str
) -> None:
    payload = gp2gp.continue_message(
        ends,
        recipient_ods=recipient,
        sender_ods=sender,
        extract_message_id=core,
        body_id=body_id,
        inner_id=inner_id,
    )
    message = delivered(data, Interaction.POINT_TO_POINT, ends, payload)
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


@MANY
@given(st.data(), ENDS, ODS, ODS, TEXTS, UUIDS)
def test_a_fragment_comes_back_with_its_file_name(
    data: st.DataObject, ends: Ends, recipient: str, sender: str, filename: str, body_id: str
) -> None:
    payload = gp2gp.fragment(ends, recipient_ods=recipient, sender_ods=sender, filename=filename, body_id=body_id)
    message = delivered(data, Interaction.POINT_TO_POINT, ends, payload)
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


@MANY
@given(st.data(), ENDS, UUIDS)
def test_a_positive_acknowledgement_comes_back(data: st.DataObject, ends: Ends, ref: str) -> None:
    payload = gp2gp.acknowledgement(ends, message_ref=ref)
    message = delivered(data, Interaction.ACKNOWLEDGEMENT, ends, payload)
    assert message == gp2gp_read.ApplicationAcknowledgement(message.wrapper, "AA", ref, ())
    assert message.positive


@pytest.mark.parametrize("dialect", Dialect)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(data=st.data(), ends=ENDS, ref=UUIDS, code=CODES, words=TEXTS)
def test_a_code_comes_back_in_every_dialect(
    dialect: Dialect, data: st.DataObject, ends: Ends, ref: str, code: str, words: str
) -> None:
    payload = gp2gp.acknowledgement(ends, message_ref=ref, code=code, text=words, dialect=dialect)
    message = delivered(data, Interaction.ACKNOWLEDGEMENT, ends, payload)
    assert (message.code, message.message_ref, message.positive) == (code, ref, False)
    assert {one.display_name for one in message.codes} == {words}


@MANY
@given(st.data(), ENDS, UUIDS, TEXTS)
def test_what_spine_originates_comes_back(data: st.DataObject, ends: Ends, ref: str, words: str) -> None:
    header = data.draw(headers(Interaction.ACKNOWLEDGEMENT, ends.message_id).filter(lambda one: one.ref_to_message_id))
    payload = gp2gp.acknowledgement(ends, message_ref=ref, code="506", text=words, dialect=Dialect.SPINE)
    reading = sent(assemble_from_spine(header, payload))
    assert reading.envelope is not None
    assert (reading.envelope.ref_to_message_id, reading.envelope.sync_reply) == (header.ref_to_message_id, True)
    assert isinstance(reading.message, gp2gp_read.ApplicationAcknowledgement)
    assert [one.display_name for one in reading.message.codes] == [words]


@MANY
@given(PARTIES, PARTIES, TEXTS, UUIDS, UUIDS, UUIDS, UTC_TIMES, UTC_TIMES)
def test_an_acknowledgment_comes_back(
    us: str, them: str, cpa: str, conversation: str, own: str, ref: str, received: str, now: str
) -> None:
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


@MANY
@given(PARTIES, PARTIES, UUIDS, UUIDS, UTC_TIMES, st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
def test_a_message_error_comes_back(
    us: str, them: str, own: str, ref: str, now: str, errors: list[tuple[str, str]]
) -> None:
    body = ebxml.message_error(
        from_party=us,
        to_party=them,
        cpa_id="cpa",
        conversation_id="c",
        message_id=own,
        ref_to_message_id=ref,
        now=now,
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


@MANY
@given(st.lists(st.builds(soap_read.FaultError, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=3))
def test_a_fault_comes_back(errors: list[soap_read.FaultError]) -> None:
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
