"""Messages that are odd or wrong on purpose: named patches of octets, applied after the strict writers.

The writers stay strict; whatever the peer does out of line it does here, under a name that the ledger records. An *odd*
variant is legal or common in the field and must be coped with; a *wrong* one must be refused as the standard says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator.wire import names
from simulator.wire.writers.package import Outgoing

Patch = Callable[[Outgoing], Outgoing]


class Sort(StrEnum):
    """What the receiver must do: cope with it, refuse it in its answer, or refuse it on the transport already."""

    ODD = "odd"
    WRONG = "wrong"
    UNTAKEABLE = "untakeable"


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant. ``why`` says where it was seen or which clause it breaks; it is what reports print."""

    sort: Sort
    why: str
    apply: Patch


def _body(old: bytes, new: bytes, count: int = 1) -> Patch:
    """Replace ``old`` once, and insist that it is there."""

    def patch(out: Outgoing) -> Outgoing:
        if old not in out.body:
            raise ValueError(f"the variant finds no {old!r} to change")
        return replace(out, body=out.body.replace(old, new, count))

    return patch


def _sub(pattern: bytes, new: bytes | Callable[[re.Match[bytes]], bytes], count: int = 1) -> Patch:
    def patch(out: Outgoing) -> Outgoing:
        body, changed = re.subn(pattern, new, out.body, count=count, flags=re.DOTALL)
        if not changed:
            raise ValueError(f"the variant finds no {pattern!r} to change")
        return replace(out, body=body)

    return patch


def _all(*patches: Patch) -> Patch:
    def patch(out: Outgoing) -> Outgoing:
        for each in patches:
            out = each(out)
        return out

    return patch


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


def _without_part(out: Outgoing) -> Outgoing:
    """Cut the last part out and leave its manifest entry."""
    delimiter = b"\r\n--" + names.BOUNDARY.encode()
    pieces = out.body.split(delimiter)
    if len(pieces) < 4:
        raise ValueError("the variant needs an attachment to leave out")
    return replace(out, body=delimiter.join([*pieces[:-2], pieces[-1]]))


def _pretty(out: Outgoing) -> Outgoing:
    head, found, payload = out.body.partition(b"<RCMR_IN010000UK05")
    if not found:
        raise ValueError("the variant is for EHR requests")
    return replace(out, body=head + found + re.sub(rb"><(?!/?RCMR_IN010000UK05)", b">\r\n  <", payload))


ODD, WRONG, UNTAKEABLE = Sort.ODD, Sort.WRONG, Sort.UNTAKEABLE

VARIANTS: dict[str, Variant] = {
    # -- envelope and packaging that the field sends
    "timestamp with seven fraction digits": Variant(
        ODD, "EN-07: one supplier writes seven", _sub(rb"(<eb:Timestamp>[^<]*?)Z<", rb"\g<1>.1234567Z<")
    ),
    "duplicate elimination says always": Variant(
        ODD,
        "EN-08: two suppliers write the text",
        _sub(rb"<eb:DuplicateElimination\s*/>", b"<eb:DuplicateElimination>always</eb:DuplicateElimination>"),
    ),
    "another boundary and a start without brackets": Variant(ODD, "EN-09: two suppliers frame so", _reframed),
    "percent-encoded content id": Variant(ODD, "EN-10, AR07: must be accepted", _payload_id(_percent)),
    "payload namespace with capitals": Variant(
        ODD,
        "EN-11: Spine and one adaptor write ebXML, suppliers ebxml",
        _body(names.HL7EBXML_LOWER.encode(), names.HL7EBXML.encode()),
    ),
    "schema location with backslashes": Variant(
        ODD,
        "EN-12: two suppliers write a Windows path",
        _sub(
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
        _sub(rb"(</eb:Timestamp>)", rb"\1<eb:TimeToLive>2001-01-01T00:00:00Z</eb:TimeToLive>"),
    ),
    "lower-case ids": Variant(ODD, "Q-04: correlation must survive the case", _lower_ids),
    "to another party": Variant(
        UNTAKEABLE,
        "EN-04: addressed to nobody here",
        _sub(rb'(<eb:To><eb:PartyId eb:type="[^"]*">)[^<]+', rb"\1X99999-999999"),
    ),
    # -- requests
    "request without NHS number": Variant(
        WRONG, "S32, code 18: not processable", _sub(rb"<recordTarget.*?</recordTarget>", b"")
    ),
    "request without author": Variant(
        WRONG, "S32, code 18: nobody to answer", _sub(rb'<author typeCode="AUT"><AgentOrgSDS.*?</author>', b"")
    ),
    "request that does not end": Variant(UNTAKEABLE, "TD51.1, code 18: not well-formed", _body(b"</EhrRequest>", b"")),
    "pretty-printed request": Variant(ODD, "Q-32: white space between elements", _pretty),
    "RIM type attributes": Variant(
        ODD,
        "one supplier writes type on nearly every element",
        _all(
            _sub(rb"<subject typeCode", b'<subject type="ActRelationship" typeCode'),
            _sub(rb"<EhrRequest classCode", b'<EhrRequest type="ActHeir" classCode'),
        ),
    ),
    # -- extracts
    "extract that does not end": Variant(UNTAKEABLE, "TD22, code 21: not well-formed", _body(b"</EhrExtract>", b"")),
    "attachment announced and not sent": Variant(WRONG, "code 21: manifest entry without its part", _without_part),
    "extract of another patient": Variant(
        WRONG,
        "code 21, 28 or 17: never to be filed silently",
        _sub(rb'(root="2\.16\.840\.1\.113883\.2\.1\.4\.1" extension=")\d{10}"', rb'\g<1>9990000018"'),
    ),
    "destination unknown": Variant(
        ODD,
        "RC-33: an official sample has it",
        _sub(rb'(<destination typeCode="DST">.*?)<id root="[^"]*" extension="[^"]*"/>', rb'\1<id nullFlavor="UNK"/>'),
    ),
    # -- acknowledgements
    "acknowledgement without display name": Variant(
        ODD, "Q-17: optional", _sub(rb' displayName="[^"]*"', b"", count=0)
    ),
    "code without its zero": Variant(
        ODD, "Q-18: one supplier once sent 6 for 06", _sub(rb'code="0(\d)"', rb'code="\1"', count=0)
    ),
}


def apply(variants: tuple[str, ...], out: Outgoing) -> Outgoing:
    """``out`` with each named variant applied in turn.

    :raises ValueError: for an unknown name, or a variant that changes nothing here: it would prove nothing.
    """
    for name in variants:
        if name not in VARIANTS:
            raise ValueError(f"there is no variant called {name!r}")
        before, out = out, VARIANTS[name].apply(out)
        if out == before:
            raise ValueError(f"the variant {name!r} changes nothing here")
    return out


def deliberate(variants: tuple[str, ...]) -> str:
    """What the ledger says about a message that was sent with ``variants``: empty when there were none."""
    return "; ".join(f"{name} ({VARIANTS[name].why})" for name in variants)


def sort_of(variants: tuple[str, ...]) -> str:
    """The worst sort among ``variants``; empty when there are none."""
    sorts = {VARIANTS[name].sort for name in variants}
    return next((sort.value for sort in (UNTAKEABLE, WRONG, ODD) if sort in sorts), "")
