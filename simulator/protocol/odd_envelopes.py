"""Variants of envelope and packaging: what the field sends, and what is addressed to nobody here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from simulator.protocol.patching import ODD, UNTAKEABLE, Patch, Variant, literal, pattern
from simulator.wire import names
from simulator.wire.writers.package import Outgoing


def _lower_ids(out: Outgoing) -> Outgoing:
    uuid = rb"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
    return replace(out, body=re.sub(uuid, lambda m: m[0].lower(), out.body))


def _reframed(out: Outgoing) -> Outgoing:
    """Another boundary, another envelope Content-Id, and ``start`` without angle brackets."""
    boundary = b"Boundary_7f3c9c1e-6b0d-4c55-9d7a-3d1f0c2b4a69"
    body = out.body.replace(names.BOUNDARY.encode(), boundary)
    body = body.replace(b"<" + names.ENVELOPE_CONTENT_ID.encode() + b">", b"<soappart>")
    return replace(
        out,
        body=body,
        content_type=f'multipart/related; boundary="{boundary.decode()}";type="text/xml";charset="UTF-8";start="soappart"',
    )


def _payload_id(change: Callable[[bytes], bytes]) -> Patch:
    """Change the payload's Content-Id in manifest and part header alike."""

    def patch(out: Outgoing) -> Outgoing:
        found = re.search(rb'cid:([^"]+@spine\.nhs\.uk)"', out.body)
        if not found:
            raise ValueError("the variant finds no payload Content-Id")
        return replace(out, body=out.body.replace(found[1], change(found[1])))

    return patch


def _percent(content_id: bytes) -> bytes:
    return content_id.replace(b"-", b"%2D").replace(b"@", b"%40")


def _bare_lf(out: Outgoing) -> Outgoing:
    return replace(out, body=out.body.replace(b"\r\n", b"\n"))


ENVELOPES: dict[str, Variant] = {
    "timestamp with seven fraction digits": Variant(
        ODD, "EN-07: one supplier writes seven", pattern(rb"(<eb:Timestamp>[^<]*?)Z<", rb"\g<1>.1234567Z<")
    ),
    "duplicate elimination says always": Variant(
        ODD,
        "EN-08: two suppliers write the text",
        pattern(rb"<eb:DuplicateElimination\s*/>", b"<eb:DuplicateElimination>always</eb:DuplicateElimination>"),
    ),
    "another boundary and a start without brackets": Variant(ODD, "EN-09: two suppliers frame so", _reframed),
    "percent-encoded content id": Variant(ODD, "EN-10, AR07: must be accepted", _payload_id(_percent)),
    "payload namespace with capitals": Variant(
        ODD,
        "EN-11: Spine and one adaptor write ebXML, suppliers ebxml",
        literal(names.HL7EBXML_LOWER.encode(), names.HL7EBXML.encode()),
    ),
    "schema location with backslashes": Variant(
        ODD,
        "EN-12: two suppliers write a Windows path",
        pattern(
            rb'(<(?:RCMR|MCCI|COPC)_IN\d+UK\d\d) xmlns="urn:hl7-org:v3"',
            rb'\1 xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            rb'xsi:schemaLocation="urn:hl7-org:v3 ..\\Schemas\\Message.xsd"',
        ),
    ),
    "content id that contains mid": Variant(
        ODD, "EN-18: it is still a cid", _payload_id(lambda content_id: b"mid." + content_id)
    ),
    "line breaks without carriage return": Variant(ODD, "the MHS adaptor sends bare LF", _bare_lf),
    "time to live in the past": Variant(
        ODD,
        "EN-06: sources disagree whether it is dropped",
        pattern(rb"(</eb:Timestamp>)", rb"\1<eb:TimeToLive>2001-01-01T00:00:00Z</eb:TimeToLive>"),
    ),
    "lower-case ids": Variant(ODD, "Q-04: correlation must survive the case", _lower_ids),
    "to another party": Variant(
        UNTAKEABLE,
        "EN-04: addressed to nobody here",
        pattern(rb'(<eb:To><eb:PartyId eb:type="[^"]*">)[^<]+', rb"\1X99999-999999"),
    ),
}
