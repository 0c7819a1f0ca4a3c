"""From the octets of a delivery to a typed message, in one pass."""

# ruff: noqa: E501 -- a case is a row of a table

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from simulator.wire import ebxml, gp2gp, reading, xml
from simulator.wire.departures import D
from tests.wire.received import (
    ACKNOWLEDGMENT,
    CONTENT_TYPE,
    CONTINUE,
    DELIMITER,
    ENVELOPE,
    EXTRACT,
    FAULT,
    FRAGMENT,
    MESSAGE_ERROR,
    PAYLOAD_CID,
    PAYLOAD_REFERENCE,
    REQUEST,
    codes,
    package,
    part,
    swap,
)
from tests.wire.test_gp2gp import acknowledgement

_XML = "text/xml"
_ATTACHED = part("<a 1>", "image/tiff", "base64", b"AAAA")
_REFERENCE = '<eb:Reference eb:id="_D" xlink:href="cid:a%201"/>'
_TWO = swap(ENVELOPE, PAYLOAD_REFERENCE, PAYLOAD_REFERENCE + _REFERENCE)
_LATIN = part(
    f"<{PAYLOAD_CID}>", "application/xml; charset=ISO-8859-1", "8bit", swap(REQUEST, "V3NPfIT", "é").encode("latin-1")
)
_HEAD = part("<ebXMLHeader@spine.nhs.uk>", "text/xml", "8bit", ENVELOPE.encode())
_END = DELIMITER + b"--\r\n"
_GUESSED = {D.BOUNDARY_MISSING, D.BOUNDARY_GUESSED, D.TYPE_MISSING, D.START_MISSING}

# sentence, Content-Type, body, what comes out, departures; the outcome is a message type, an envelope kind or "fault"
CASES: list[tuple[str, str, bytes, object, set[D]]] = [
    ("request", CONTENT_TYPE, package(), gp2gp.EhrRequest, set()),
    ("extract with attachment", CONTENT_TYPE, package(_TWO, EXTRACT, _ATTACHED), gp2gp.EhrExtract, set()),
    ("continue", CONTENT_TYPE, package(ENVELOPE, CONTINUE), gp2gp.Continue, set()),
    ("fragment", CONTENT_TYPE, package(_TWO, FRAGMENT, _ATTACHED), gp2gp.Fragment, set()),
    ("positive acknowledgement", CONTENT_TYPE, package(ENVELOPE, acknowledgement("AA")), gp2gp.ApplicationAcknowledgement, set()),
    ("LF alone", CONTENT_TYPE, package(eol=b"\n"), gp2gp.EhrRequest, {D.BARE_LF}),
    ("no Content-Type", "", package(), gp2gp.EhrRequest, {D.CONTENT_TYPE_MISSING, *_GUESSED}),
    ("multipart called text/xml", _XML, b"\r\n" + package(), gp2gp.EhrRequest, {D.NOT_MULTIPART, *_GUESSED}),
    ("payload in latin-1 without declaration", CONTENT_TYPE, _HEAD + _LATIN + _END, gp2gp.EhrRequest, set()),
    ("envelope in latin-1 without declaration", CONTENT_TYPE, part("<ebXMLHeader@spine.nhs.uk>", "text/xml; charset=ISO-8859-1", "8bit", ACKNOWLEDGMENT.replace("S9", "é").encode("latin-1")) + _END, ebxml.Kind.ACKNOWLEDGMENT, set()),
    ("payload in base64", CONTENT_TYPE, _HEAD + part(f"<{PAYLOAD_CID}>", "application/xml", "base64", b"PGEvPg==") + _END, gp2gp.Unknown, {D.HL7_NAMESPACE, D.HL7_UNKNOWN_INTERACTION, D.HL7_ELEMENT_MISSING}),
    ("payload in no base64", CONTENT_TYPE, _HEAD + part(f"<{PAYLOAD_CID}>", "application/xml", "base64", b"!") + _END, ebxml.Kind.MESSAGE, {D.BASE64_INVALID, D.XML_EMPTY}),
    ("payload no XML", CONTENT_TYPE, package(payload="rubbish"), ebxml.Kind.MESSAGE, {D.XML_MALFORMED}),
    ("payload behind an attachment", CONTENT_TYPE, _HEAD + _ATTACHED + package()[len(_HEAD) + 15 :], gp2gp.EhrRequest, {D.EBXML_PART_UNREFERENCED}),
    ("attachment not in the manifest", CONTENT_TYPE, package(ENVELOPE, REQUEST, _ATTACHED), gp2gp.EhrRequest, {D.EBXML_PART_UNREFERENCED}),
    ("manifest entry without part", CONTENT_TYPE, package(_TWO), gp2gp.EhrRequest, {D.EBXML_CID_UNRESOLVED}),
    ("payload of another name", CONTENT_TYPE, package(swap(ENVELOPE, f"cid:{PAYLOAD_CID}", "cid:x")), gp2gp.EhrRequest, {D.EBXML_CID_UNRESOLVED, D.EBXML_PART_UNREFERENCED}),
    ("no manifest entry by cid", CONTENT_TYPE, package(swap(ENVELOPE, f"cid:{PAYLOAD_CID}", "mid:x")), gp2gp.EhrRequest, {D.EBXML_PART_UNREFERENCED}),
    ("no payload", CONTENT_TYPE, _HEAD + _END, ebxml.Kind.MESSAGE, {D.EBXML_CID_UNRESOLVED, D.HL7_NO_PAYLOAD}),
    ("envelope no XML", CONTENT_TYPE, package("rubbish"), gp2gp.EhrRequest, {D.XML_MALFORMED}),
    ("envelope no SOAP", CONTENT_TYPE, package("<a/>"), gp2gp.EhrRequest, {D.EBXML_NOT_SOAP}),
    ("neither envelope nor payload", CONTENT_TYPE, part("<ebXMLHeader@spine.nhs.uk>", "text/xml", "8bit", b"") + _END, None, {D.XML_EMPTY, D.HL7_NO_PAYLOAD}),
    ("signal in a package", CONTENT_TYPE, part("<ebXMLHeader@spine.nhs.uk>", "text/xml", "8bit", ACKNOWLEDGMENT.encode()) + _END, ebxml.Kind.ACKNOWLEDGMENT, set()),
    ("fault in a package", CONTENT_TYPE, part("<ebXMLHeader@spine.nhs.uk>", "text/xml", "8bit", FAULT.encode()) + _END, "fault", set()),
    ("bare acknowledgment", _XML, ACKNOWLEDGMENT.encode(), ebxml.Kind.ACKNOWLEDGMENT, set()),
    ("bare error", "text/xml; charset=UTF-8", MESSAGE_ERROR.encode(), ebxml.Kind.MESSAGE_ERROR, set()),
    ("bare fault", _XML, FAULT.encode(), "fault", set()),
    ("bare acknowledgment called multipart", CONTENT_TYPE, ACKNOWLEDGMENT.encode(), ebxml.Kind.ACKNOWLEDGMENT, {D.NO_PARTS}),
    ("bare acknowledgment without Content-Type", "", ACKNOWLEDGMENT.encode(), ebxml.Kind.ACKNOWLEDGMENT, {D.CONTENT_TYPE_MISSING}),
    ("bare message", _XML, ENVELOPE.encode(), ebxml.Kind.MESSAGE, {D.NOT_MULTIPART, D.HL7_NO_PAYLOAD}),
    ("rubbish", "text/plain", b"500: Internal Server Error", None, {D.XML_MALFORMED}),
    ("rubbish in a package", CONTENT_TYPE, b"\0\xff", None, {D.NO_PARTS, D.XML_MALFORMED}),
    ("nothing", _XML, b"", None, {D.XML_EMPTY}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content_type", "body", "outcome", "found"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_every_body_is_read_as_far_as_it_goes(content_type: str, body: bytes, outcome: object, found: set[D]) -> None:
    """What comes out of each case, and the departures."""
    read = reading.read(content_type, body)
    assert _outcome(read) == outcome
    assert codes(read.departures) == found
    assert {D(name) for name in reading.departure_names(read)} == found


def _outcome(read: reading.Reading) -> object:
    if read.message is not None:
        return type(read.message)
    return "fault" if read.fault is not None else read.envelope.kind if read.envelope is not None else None


def test_what_is_read_hangs_together() -> None:
    """Package, envelope, payload, root, wrapper and message are of one delivery; the root knows its lines."""
    read = reading.read(CONTENT_TYPE, package(payload="<?xml version='1.0'?>\n\n" + REQUEST))
    assert read.package is not None
    assert read.payload == read.package.parts[1].body
    assert read.root is not None
    assert xml.line_of(read.root) == 3
    assert read.message is not None
    assert read.message.wrapper is read.wrapper
    assert read.envelope is not None
    assert read.fault is None


@pytest.mark.parametrize("action", ["COPC_IN000001UK01", "RCMR_IN030000UK06", "MCCI_IN010000UK13", "Acknowledgment"])
def test_the_action_decides_nothing(action: str) -> None:
    """The payload alone says what the message is."""
    read = reading.read(CONTENT_TYPE, package(swap(ENVELOPE, "RCMR_IN010000UK05", action)))
    assert isinstance(read.message, gp2gp.EhrRequest)


def test_each_departure_says_in_which_part_it_is() -> None:
    """The envelope is 0, the payload 1."""
    read = reading.read(
        CONTENT_TYPE, package(swap(ENVELOPE, "eb:signed", "signed"), swap(REQUEST, "versionCode", "other"))
    )
    assert [(d.code, d.part) for d in read.departures] == [
        (D.EBXML_ATTRIBUTE_UNQUALIFIED, 0),
        (D.HL7_ELEMENT_MISSING, 1),
    ]


def test_every_case_survives_being_cut_and_followed_by_rubbish() -> None:
    """A body that ends at, before or behind any delimiter, or goes on with rubbish, is read without raising."""
    for _, content_type, body, _, _ in CASES:
        position = body.find(b"--")
        cuts = {0, len(body)}
        while position >= 0:
            cuts |= {max(position - 2, 0), position + 2, position + len(DELIMITER) + 2}
            position = body.find(b"--", position + len(DELIMITER))
        for cut in cuts:
            reading.read(content_type, body[:cut] + b"\r\n--\xff<\0")


_BODIES = [package(_TWO, text, _ATTACHED) for text in (EXTRACT, CONTINUE, FRAGMENT, acknowledgement("AR"))]
_SPLICE = st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from([b"", b"<", b">", b"/", b'"', b"\0", b"\xff", b"\r\n--", b"<a>"]))  # fmt: skip


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.sampled_from(_BODIES), st.lists(_SPLICE, max_size=3))
def test_no_damage_makes_it_raise(body: bytes, splices: list[tuple[float, int, bytes]]) -> None:
    """Octets cut out and put in anywhere."""
    for place, length, new in splices:
        at = int(place * len(body))
        body = body[:at] + new + body[at + length :]
    read = reading.read(CONTENT_TYPE, body)
    assert read.package is not None or read.departures


_ELEMENT = st.tuples(st.integers(0, 60), st.sampled_from(["drop", "rename", "empty", "bare", "double"]))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.sampled_from([ENVELOPE, MESSAGE_ERROR, ACKNOWLEDGMENT, FAULT, EXTRACT, CONTINUE]), st.lists(_ELEMENT, max_size=4)
)
def test_no_missing_or_strange_element_makes_it_raise(text: str, changes: list[tuple[int, str]]) -> None:
    """Well-formed documents whose elements were dropped, renamed, emptied, stripped of attributes or doubled."""
    root = etree.fromstring(text.encode())
    for index, change in changes:
        element = list(root.iter("*"))[index % len(list(root.iter("*")))]
        parent = element.getparent()
        if change == "rename":
            element.tag = "other"
        elif change == "empty":
            element.clear()
        elif change == "bare":
            element.attrib.clear()
        elif parent is not None and change == "drop":
            parent.remove(element)
        elif parent is not None:
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    octets = etree.tostring(root).decode()
    reading.read("text/xml", octets.encode())
    reading.read(CONTENT_TYPE, package(octets, octets))
