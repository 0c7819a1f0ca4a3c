"""The ebXML reader: business messages, acknowledgments and errors, counted as Spine counts."""

# ruff: noqa: E501 -- a case is a row of a table

from __future__ import annotations

import dataclasses

import pytest

from simulator.wire import ebxml
from simulator.wire.departures import D
from simulator.wire.ebxml import Kind, Reference
from tests.wire.received import (
    ACKNOWLEDGMENT,
    CONVERSATION,
    ENVELOPE,
    FAULT,
    MESSAGE,
    MESSAGE_ERROR,
    OTHER,
    OURS,
    PAYLOAD_CID,
    PAYLOAD_REFERENCE,
    THEIRS,
    codes,
    signal,
    swap,
)

_STAMP = "2026-11-24T10:00:00Z"
_SECOND = '<eb:Reference eb:id="_D1" xlink:href="mid:x"/>'


def _without(element: str) -> str:
    """The message without one element of the header; its content goes with it."""
    begin = ENVELOPE.index(f"<eb:{element}")
    close = f"</eb:{element}>"
    end = ENVELOPE.index(close, begin) + len(close) if close in ENVELOPE else ENVELOPE.index("/>", begin) + 2
    return ENVELOPE[:begin] + ENVELOPE[end:]


def _twice(element: str) -> str:
    begin = ENVELOPE.index(f"<eb:{element}")
    close = f"</eb:{element}>"
    end = ENVELOPE.index(close, begin) + len(close) if close in ENVELOPE else ENVELOPE.index("/>", begin) + 2
    return ENVELOPE[:end] + ENVELOPE[begin:end] + ENVELOPE[end:]


_MISSING, _REPEATED = {D.EBXML_ELEMENT_MISSING}, {D.EBXML_ELEMENT_REPEATED}

# sentence, envelope, departures
CASES: list[tuple[str, str, set[D]]] = [
    ("canonical", ENVELOPE, set()),
    ("other prefixes", ENVELOPE.replace("eb:", "q:").replace("xmlns:eb", "xmlns:q").replace("S:", "SOAP-ENV:").replace("xmlns:S=", "xmlns:SOAP-ENV="), set()),
    ("two prefixes for one namespace", swap(swap(ENVELOPE, "<S:Envelope", '<S:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'), "S:actor", "s:actor"), set()),
    ("DuplicateElimination with text", swap(ENVELOPE, "<eb:DuplicateElimination/>", "<eb:DuplicateElimination>always</eb:DuplicateElimination>"), set()),
    ("the Payload namespace of Spine", swap(ENVELOPE, "transport/ebxml/", "transport/ebXML/"), set()),
    ("acknowledgment", ACKNOWLEDGMENT, set()),
    ("error", MESSAGE_ERROR, set()),
    ("3 fraction digits", swap(ENVELOPE, _STAMP, "2026-11-24T10:00:00.682Z"), set()),
    ("7 fraction digits", swap(ENVELOPE, _STAMP, "2026-11-24T10:00:00.1234567Z"), set()),
    ("offset with colon", swap(ENVELOPE, _STAMP, "2026-11-24T10:00:00+00:00"), set()),
    ("offset without colon", swap(ENVELOPE, _STAMP, "2026-11-24T10:00:00+0000"), set()),
    ("no zone", swap(ENVELOPE, _STAMP, "2026-11-24T10:00:00"), {D.EBXML_TIMESTAMP_NO_ZONE}),
    ("no time", swap(ENVELOPE, _STAMP, "yesterday"), {D.EBXML_TIMESTAMP}),
    ("TimeToLive no time", swap(ENVELOPE, "</eb:MessageData>", "<eb:TimeToLive>x</eb:TimeToLive></eb:MessageData>"), {D.EBXML_TIMESTAMP}),
    ("time of acknowledgement no time", swap(ACKNOWLEDGMENT, "10:00:01Z", "?"), {D.EBXML_TIMESTAMP}),
    ("other party type", swap(ENVELOPE, "partyType", "partytype"), {D.EBXML_PARTY_TYPE}),
    ("no party type", swap(ENVELOPE, 'eb:type="urn:nhs:names:partyType:ocs+serviceInstance"', ""), {D.EBXML_PARTY_TYPE}),
    ("unqualified version", swap(ENVELOPE, 'eb:version="2.0" eb:signed', 'version="2.0" eb:signed'), {D.EBXML_ATTRIBUTE_UNQUALIFIED}),
    ("unqualified href", swap(ENVELOPE, "xlink:href", "href"), {D.EBXML_ATTRIBUTE_UNQUALIFIED}),
    ("no href", swap(ENVELOPE, f' xlink:href="cid:{PAYLOAD_CID}"', ""), {D.EBXML_REFERENCE_NO_HREF}),
    ("no SOAP", "<a/>", {D.EBXML_NOT_SOAP}),
    ("no XML", "a", {D.XML_MALFORMED}),
    ("nothing", "", {D.XML_EMPTY}),
    ("an empty envelope", '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"/>', _MISSING),
    ("a fault", FAULT, _MISSING),
    ("signal without its element", signal("Acknowledgment", ""), _MISSING),
    ("error without its list", signal("MessageError", ""), _MISSING),
    ("another service's signal", signal("Ping", ""), set()),
    *[(f"no {name}", _without(name), _MISSING) for name in ("From", "To", "CPAId", "ConversationId", "Service", "Action", "MessageData", "MessageId", "Timestamp", "MessageHeader")],
    *[(f"no {name}", _without(name), set()) for name in ("AckRequested", "DuplicateElimination", "Manifest")],
    *[(f"two {name}", _twice(name), _REPEATED) for name in ("MessageHeader", "CPAId", "ConversationId", "Service", "Action", "MessageData", "MessageId", "Timestamp", "AckRequested", "DuplicateElimination", "Manifest")],
    *[(f"two {name}: the second is not looked at", _twice(name), set()) for name in ("From", "To", "Reference")],
    ("two PartyId", swap(ENVELOPE, "</eb:PartyId></eb:From>", "</eb:PartyId><eb:PartyId>x</eb:PartyId></eb:From>"), _REPEATED),
    ("white space is not empty", swap(ENVELOPE, "S9990000000001", " "), set()),
    ("empty is missing", swap(ENVELOPE, "S9990000000001", "<!-- -->"), _MISSING),
]  # fmt: skip


def test_every_oddity_is_tolerated_and_told() -> None:
    """The departures of each case; only what is no SOAP envelope gives none."""
    read = [(case, *ebxml.read(envelope.encode())) for case, envelope, _ in CASES]
    none = {D.EBXML_NOT_SOAP, D.XML_MALFORMED, D.XML_EMPTY}
    assert [(case, codes(departures), envelope is None) for case, envelope, departures in read] == [
        (case, found, bool(found & none)) for case, _, found in CASES
    ]


def _read(envelope: str) -> ebxml.Envelope:
    read, _ = ebxml.read(envelope.encode())
    assert read is not None
    return read


def test_a_message_is_read_whole() -> None:
    """Every field of the canonical message."""
    party_type = "urn:nhs:names:partyType:ocs+serviceInstance"
    read = _read(ENVELOPE)
    assert dataclasses.replace(read, count=ebxml.Count()) == ebxml.Envelope(
        kind=Kind.MESSAGE,
        from_party=THEIRS,
        from_party_type=party_type,
        to_party=OURS,
        to_party_type=party_type,
        cpa_id="S9990000000001",
        conversation_id=CONVERSATION,
        service="urn:nhs:names:services:gp2gp",
        action="RCMR_IN010000UK05",
        message_id=MESSAGE,
        timestamp=_STAMP,
        duplicate_elimination=True,
        header_version="2.0",
        ack_requested=True,
        ack_requested_version="2.0",
        ack_requested_signed="false",
        ack_requested_actor="urn:oasis:names:tc:ebxml-msg:actor:nextMSH",
        manifest_version="2.0",
        references=(
            Reference(f"cid:{PAYLOAD_CID}", description="HL7 payload", language="en", is_payload=True, line=2),
        ),
    )
    assert read.count == ebxml.Count(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0)


def test_texts_lose_the_blanks_around_them_but_times_and_descriptions_do_not() -> None:
    """Ids are compared, times and descriptions are judged as written."""
    text = swap(swap(swap(ENVELOPE, MESSAGE + "<", f"\n {MESSAGE} <"), _STAMP, f" {_STAMP}"), "HL7 payload", "a\n\tb ")
    read = _read(text)
    assert read.message_id == MESSAGE
    assert read.timestamp == f" {_STAMP}"
    assert read.references[0].description == "a\n\tb "


def test_the_manifest_keeps_its_order_and_its_kinds() -> None:
    """Document references follow the payload; each knows its scheme and target."""
    more = '<eb:Reference xlink:href=" CID:mid%20wife "/><eb:Reference/>'
    read = _read(swap(ENVELOPE, PAYLOAD_REFERENCE, PAYLOAD_REFERENCE + _SECOND + more))
    assert [(r.scheme, r.target, r.id, r.is_payload) for r in read.references] == [
        ("cid", PAYLOAD_CID, "", True),
        ("mid", "x", "_D1", False),
        ("cid", "mid wife", "", False),
        ("", "", "", False),
    ]


def test_an_acknowledgment_names_what_it_acknowledges() -> None:
    """Spine reads the id inside Acknowledgment; the one of MessageData is kept beside it."""
    read = _read(swap(ACKNOWLEDGMENT, f"<eb:RefToMessageId>{OTHER}<", "<eb:RefToMessageId>another<"))
    assert read.kind is Kind.ACKNOWLEDGMENT
    assert (read.acknowledged_id, read.ref_to_message_id) == (OTHER, "another")
    assert read.acknowledgment_timestamp == "2026-11-24T10:00:01Z"
    assert read.acknowledgment_actor == "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"


def test_an_error_lists_its_errors() -> None:
    """All four values of each error, empty when absent."""
    read = _read(MESSAGE_ERROR)
    assert read.kind is Kind.MESSAGE_ERROR
    assert read.errors == (
        ebxml.Error("ValueNotRecognized", "Error", "urn:c", "501319:Unknown"),
        ebxml.Error("X", "", "", ""),
    )


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        (signal("Acknowledgment", ""), Kind.ACKNOWLEDGMENT),
        (signal("MessageError", ""), Kind.MESSAGE_ERROR),
        (signal("Ping", ""), Kind.MESSAGE),
        (swap(ENVELOPE, "</S:Header>", "<eb:Acknowledgment/></S:Header>"), Kind.MESSAGE),
        (swap(_without("Manifest"), "</S:Header>", "<eb:Acknowledgment/></S:Header>"), Kind.ACKNOWLEDGMENT),
        (_without("Manifest"), Kind.MESSAGE),
    ],
)
def test_the_kind_follows_what_the_envelope_carries(envelope: str, kind: Kind) -> None:
    """A payload makes a message, even when it also acknowledges; else the signal's element; else the signal's action."""
    assert _read(envelope).kind is kind


def test_only_the_first_header_is_looked_into() -> None:
    """As Spine does: the second MessageHeader counts but is not read."""
    read = _read(
        swap(_twice("MessageHeader"), "</eb:MessageHeader><eb:MessageHeader", "</eb:MessageHeader><eb:MessageHeader")
    )
    assert read.count.message_header == 2
    assert read.count.cpa_id == 1


def test_an_unqualified_attribute_is_read_and_a_qualified_one_preferred() -> None:
    """Both forms at once: the qualified one is the standard's."""
    assert _read(swap(ENVELOPE, "eb:signed", "signed")).ack_requested_signed == "false"
    assert _read(swap(ENVELOPE, "eb:signed", 'signed="true" eb:signed')).ack_requested_signed == "false"
