"""What the standard leaves open, or two suppliers do otherwise with good reason, breaks no rule that could fail it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reference.patches import Patch, Wire, apply
from harness.rules import RULES
from simulator.wire.writers.description import SKELETON
from tests.rules.bases import NAMES, base, subject

_POINTER = f'"{NAMES.uuid("core")}.gzip" ContentType=text/xml Compressed=Yes LargeAttachment=No OriginalBase64=No'
_CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "seven digits of a second": ("request", {"layer": "ebxml", "pattern": "09:30:00Z", "value": "09:30:00.1234567Z"}),
    "no time to live": ("request", {"layer": "ebxml", "pattern": "<eb:TimeToLive>[^<]*</eb:TimeToLive>", "value": ""}),
    "duplicate elimination in words": (
        "ack",
        {
            "layer": "ebxml",
            "pattern": "<eb:DuplicateElimination/>",
            "value": "<eb:DuplicateElimination>always</eb:DuplicateElimination>",
        },
    ),
    "another prefix": ("ack", {"layer": "ebxml", "pattern": "SOAP(?=[:=])", "value": "soap"}),
    "a CPAId of today": ("ack", {"layer": "ebxml", "pattern": "S999000[0-9A]+", "value": "5fef4308f95efd146e87"}),
    "pairs on lines of their own": ("index", {"layer": "ebxml", "pattern": " (?=[A-Z][A-Za-z0-9]+=)", "value": "\n\t"}),
    "a length without line breaks": (
        "extract-documents",
        {"layer": "ebxml", "pattern": "Length=2738", "value": "Length=2668"},
    ),
    "an encoded content id": (
        "request",
        {"layer": "ebxml", "pattern": "(cid:[0-9A-F-]+)@", "value": r"\g<1>%40"},
    ),
    "a straight apostrophe": (
        "nack",
        {
            "layer": "hl7",
            "pattern": 'code="11" (.*) displayName="[^"]*"',
            "value": r'code="19" \1 displayName="Sender check indicates that Requester is not the patient'
            "'"
            r's current healthcare provider"',
        },
    ),
    "the message type that the figure prints": (
        "continue",
        {"layer": "hl7", "pattern": "RCMR_MT000002GB01", "value": "COPC_MT000001UK01"},
    ),
    "rim types": ("request", {"layer": "hl7", "pattern": "<creationTime ", "value": '<creationTime type="TS" '}),
}


def _failing(wire: Wire) -> dict[str, Any]:
    seen = subject(wire)
    return {rule.id: flaws for rule in RULES.values() if rule.severity == "FAIL" and (flaws := rule.flaws(seen))}


@pytest.mark.parametrize("case", _CASES)
def test_a_permitted_variant_fails_no_rule(case: str) -> None:
    """Each variant occurs in published samples or in the text of the specifications."""
    name, do = _CASES[case]
    wire = apply(Patch(do["layer"], "substitute", do), base(name), {})
    assert wire != base(name)
    assert _failing(wire) == {}


def test_soap_action_may_be_quoted() -> None:
    """One client quotes it, the others do not."""
    wire = base("request")
    assert _failing(wire.with_header("SOAPAction", f'"{wire.header("SOAPAction")}"')) == {}


@pytest.mark.parametrize("eb_id", ["", f'eb:id="_{NAMES.uuid("core")}" '])
def test_a_skeleton_needs_no_reference_for_what_its_documents_are(eb_id: str) -> None:
    """The documents of the record are in the part that follows, so references beside a skeleton have no document here."""
    reference = (
        f'<eb:Reference {eb_id}xlink:href="mid:{NAMES.uuid("piece")}"><eb:Description xml:lang="en">'
        f'Filename={_POINTER} Length=302448 DomainData="{SKELETON}"</eb:Description></eb:Reference>'
    )
    orphan = (
        f'<eb:Reference eb:id="_{NAMES.uuid("film")}" xlink:href="mid:{NAMES.uuid("index")}"><eb:Description'
        ' xml:lang="en">Filename="film.mpg" ContentType=video/mpeg Compressed=No LargeAttachment=Yes OriginalBase64=No'
        " Length=9000000</eb:Description></eb:Reference>"
    )
    wire = base("extract")
    for xml in (reference, orphan):
        wire = apply(Patch("ebxml", "insert", {"xpath": "//eb:Manifest", "xml": xml}), wire, {})
    assert _failing(wire) == {}
    assert not RULES["R-reference-02"].flaws(subject(wire))
