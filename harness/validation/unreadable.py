"""Departures of the readers that a message cannot be judged with: they are findings, not exceptions.

What else the readers depart on is told by rules (headers, manifest, descriptions) or by the schemas (elements).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.validation.found import Found, Kind
from harness.validation.worded import Finding
from harness.verdict import Basis, Outcome
from simulator.wire.departures import D, Departure

# libxml2 ends its sentences with the place.
_LINE = re.compile(r",? line (\d+), column \d+$")

# By code: requirement, severity, the rule in a sentence, what was expected, remedy.
_Row = tuple[str, Outcome, str, str, str]
_XML = "envelope and payload are well-formed XML without a document type"
_ROWS: dict[D, _Row] = {
    D.XML_MALFORMED: (
        "W-04",
        Outcome.FAIL,
        _XML,
        "well-formed XML in the encoding that it declares",
        "Write XML with a library, never by joining text; declare each prefix, and the encoding that is used.",
    ),
    D.XML_DTD: (
        "W-04",
        Outcome.FAIL,
        _XML,
        "no document type",
        "Remove the DOCTYPE and every entity that it declares.",
    ),
    D.XML_TOO_DEEP: (
        "W-04",
        Outcome.FAIL,
        "a message can be read by an XML parser with its usual limits",
        "256 levels at most",
        "Nest statements no deeper than the record needs; real extracts have fewer than 60 levels.",
    ),
    D.XML_TOO_LARGE: (
        "W-04",
        Outcome.FAIL,
        "a message can be read by an XML parser with its usual limits",
        "10,000,000 characters of one text at most",
        "Send documents as attachments, not inside the XML.",
    ),
    D.XML_EMPTY: ("W-04", Outcome.FAIL, _XML, "an XML document", "Send the envelope and the payload."),
    D.XML_BYTES_BEFORE_ROOT: (
        "W-04",
        Outcome.WARN,
        "nothing stands before an XML declaration",
        "<?xml as the first octets",
        "Remove blanks and line breaks before the XML declaration.",
    ),
    D.XML_ENCODING_DIFFERS: (
        "W-04",
        Outcome.WARN,
        "an XML part and its MIME header name the same encoding",
        "one encoding",
        "Write UTF-8, and say so in both places.",
    ),
    D.NO_PARTS: ("W-01", Outcome.FAIL, "a message is a MIME package", "parts between boundaries", ""),
    D.NOT_MULTIPART: ("W-03", Outcome.FAIL, "a message is a MIME package", "multipart/related", ""),
    D.EBXML_NOT_SOAP: ("C-01", Outcome.FAIL, "the first part is a SOAP envelope", "SOAP 1.1 Envelope", ""),
    D.HL7_NO_PAYLOAD: ("C-04", Outcome.FAIL, "a message has an HL7 payload", "an HL7 part behind the envelope", ""),
}


def in_reading(found: Found) -> Iterator[Finding]:
    """What keeps a message, or a part of it, from being read; and an interaction that is none of GP2GP."""
    for each in found.subject.reading.departures:
        if each.code in _ROWS and not _our_doing(found, each):
            yield _finding(each)
        elif each.code is D.HL7_UNKNOWN_INTERACTION and found.kind is not Kind.EXTRACT:
            yield from _unknown(found)


def _our_doing(found: Found, departure: Departure) -> bool:
    """The adaptor's JSON is no package, and what stands before a declaration in a file is often an editor's."""
    return found.kind is Kind.FAULT or (
        found.kind in (Kind.HL7, Kind.EXTRACT) and departure.code is D.XML_BYTES_BEFORE_ROOT
    )


def _finding(departure: Departure) -> Finding:
    requirement, severity, sentence, expected, remedy = _ROWS[departure.code]
    place = _LINE.search(departure.detail)
    return Finding(
        f"X-{departure.code.value}",
        (requirement,),
        severity,
        Basis.PUBLISHED,
        sentence,
        part=max(departure.part, 0) if departure.code.value.startswith("xml.") else departure.part,
        line=int(place[1]) if place else -1,
        expected=expected,
        found=_LINE.sub("", departure.detail) or departure.code.value.partition(".")[2].replace("-", " "),
        cause=departure.code.value,
        remedy=remedy,
    )


def _unknown(found: Found) -> Iterator[Finding]:
    from harness.validation.schemas import INTERACTIONS, OFFICIAL_ONLY

    interaction = found.subject.interaction
    if interaction not in (*INTERACTIONS, *OFFICIAL_ONLY):
        yield Finding(
            "X-interaction",
            ("C-02",),
            Outcome.FAIL,
            Basis.PUBLISHED,
            "the payload is one of the five interactions of GP2GP",
            line=1,
            path=f"/{interaction}",
            expected=", ".join(INTERACTIONS),
            found=interaction,
            remedy="The root element of the payload bears the name of the interaction.",
        )
