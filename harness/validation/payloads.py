"""XML to messages: HL7 of any interaction, an EhrExtract by itself, an ebXML envelope or signal, a SOAP fault."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.rules import Subject
from harness.validation.found import Found, Kind, NoMessage, Place
from simulator.wire import ebxml, gp2gp, hl7, names, soap, xml
from simulator.wire.departures import D, Departure, Departures
from simulator.wire.interactions import Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.writers import gp2gp as writer
from simulator.wire.xml import Element

INTERACTION = re.compile(r"[A-Z]{4}_IN\d{6}UK\d\d")
_CLAIMS = re.compile(rb"[A-Z]{4}_IN\d{6}UK\d\d|[<:]EhrExtract\b|ebxml-msg")
_CLAIMS_WITHIN = 65_536
SHORTEST_CLAIM = len(b"ebxml-msg")  # octets
_BOUNDARY = "=_parts-of-one-message"

# What stands in the wrapper that is put around an extract without one: nobody, and a time when it says none.
_NOBODY = ("999000000000", "999000000001")
_NO_ID = "00000000-0000-4000-8000-000000000000"
_NO_TIME = "20260101000000"


def claims_to_be_one(data: bytes) -> bool:
    """Whether octets that cannot be read were meant to be a message of GP2GP: they name an interaction, or ebXML."""
    return bool(_CLAIMS.search(data[:_CLAIMS_WITHIN].replace(b"\0", b"")))


def is_message(root: Element | None) -> bool:
    """Whether an element is the root of a message, of whatever interaction."""
    return root is not None and bool(INTERACTION.fullmatch(hl7.local_name(root)))


def xml_message(data: bytes) -> Found:
    """The message of an XML document. :raises NoMessage: when it is another document."""
    root, departures = xml.parse(data)
    if root is None:
        return _unreadable(data, departures)
    name = hl7.local_name(root)
    if is_message(root):
        return _payload(Kind.HL7, data, root, departures)
    if name == "EhrExtract":
        return _payload(Kind.EXTRACT, data, wrapped(root), departures)
    if name == "Envelope":
        return _soap(data, root, departures)
    raise NoMessage(f"it is XML whose root element {name[:60]!r} is none of a GP2GP message")


def _unreadable(data: bytes, departures: Departures) -> Found:
    if not claims_to_be_one(data):
        last = departures[-1]
        said = f" ({last.detail})" if last.detail else ""
        raise NoMessage(f"it begins like XML and cannot be read: {last.code.value.partition('.')[2]}{said}")
    departures = tuple(replace(each, part=1) for each in departures)
    return Found(Kind.HL7, Subject(Reading(None, None, None, data, None, None, None, departures)), {1: Place()})


def _payload(kind: Kind, data: bytes, root: Element, departures: Departures) -> Found:
    wrapper, in_wrapper = hl7.read(root)
    message, in_message = gp2gp.read(root, wrapper)
    said = tuple(replace(each, part=1) for each in (*departures, *in_wrapper, *in_message))
    return Found(kind, Subject(Reading(None, None, None, data, root, wrapper, message, said)), {1: Place()})


def wrapped(extract: Element) -> Element:
    """An EhrExtract inside a wrapper of ours, its lines kept: schema and rules know whole messages only.

    The interaction is the one that knows redactions where a confidentialityCode stands; the time is that of the author,
    after which nothing in the record can be.
    """
    time = hl7.attribute(extract, "author/time", "value") or _NO_TIME
    redacted = next(extract.iter("{*}confidentialityCode"), None) is not None
    interaction = Interaction.EHR_EXTRACT_REDACTED if redacted else Interaction.EHR_EXTRACT
    made = writer.ehr_extract(
        writer.Ends(_NO_ID, time, *_NOBODY),
        interaction=interaction.id,
        extract_id="x",
        request_id="x",
        nhs_number="x",
        sending_ods="x",
        requesting_ods="x",
        time="x",
        folder=b"<x/>",
    )
    root, _ = xml.parse(made)
    assert root is not None
    inside = next(root.iter(f"{{{names.HL7}}}EhrExtract"))
    parent = inside.getparent()
    assert parent is not None
    parent.replace(inside, extract)
    return root


def _soap(data: bytes, root: Element, departures: Departures) -> Found:
    fault = soap.read_root(root)
    envelope, found = (None, ()) if fault else ebxml.read_root(root)
    if fault is not None or envelope is None or envelope.kind is not ebxml.Kind.MESSAGE:
        kind = Kind.FAULT if fault else Kind.SIGNAL
        reading = Reading(None, envelope, fault, b"", None, None, None, (*departures, *found))
        return Found(kind, Subject(reading), {0: Place()}, data)
    # Rules on the manifest see each part that it names, with nothing in it.
    named = [each.target for each in envelope.references if each.scheme == "cid"]
    parts = [(f"<{target}>", "application/octet-stream", "base64", b"") for target in dict.fromkeys(named)]
    reading = read(*package([("<envelope>", "text/xml", "8bit", data), *parts]))
    kept = tuple(each for each in reading.departures if _of_envelope(each))
    return Found(Kind.ENVELOPE, Subject(replace(reading, departures=kept)), {0: Place()}, data)


def _of_envelope(departure: Departure) -> bool:
    return departure.part <= 0 and departure.code is not D.HL7_NO_PAYLOAD


def package(parts: list[tuple[str, str, str, bytes]]) -> tuple[str, bytes]:
    """Content-Type and body of a package made of parts: Content-Id, media type, transfer encoding and octets of each."""
    number = 0
    while any(f"{_BOUNDARY}{number}".encode() in each[3] for each in parts):
        number += 1
    boundary = f"{_BOUNDARY}{number}"
    pieces = [
        f"--{boundary}\r\nContent-Id: {one}\r\nContent-Type: {media}\r\nContent-Transfer-Encoding: {how}\r\n\r\n".encode()
        + octets
        for one, media, how, octets in parts
    ]
    body = b"\r\n".join([*pieces, f"--{boundary}--\r\n".encode()])
    return f'multipart/related; boundary="{boundary}"; type="text/xml"; start="{parts[0][0]}"', body
