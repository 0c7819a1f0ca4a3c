"""One pass from the octets of a delivery to a typed message: MIME, ebXML, HL7, message. The only path there is."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.wire import ebxml, gp2gp, hl7, mime, soap, xml
from simulator.wire.departures import D, Departure, Departures, note
from simulator.wire.xml import Element


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that could be read, as far as it could be read, and every departure met on the way.

    :param package: ``None`` for a signal sent as plain ``text/xml``, or when nothing could be split.
    :param payload: the decoded octets of the HL7 part.
    :param root: its root element, for XPath with line numbers.
    """

    package: mime.Package | None
    envelope: ebxml.Envelope | None
    fault: soap.Fault | None
    payload: bytes
    root: Element | None
    wrapper: hl7.Wrapper | None
    message: gp2gp.Message | None
    departures: Departures


def read(content_type: str, body: bytes) -> Reading:
    """Read a request or response body: a multipart package, a bare signal, or a SOAP fault."""
    media, parameters, departures = mime.media_type(content_type)
    if media.startswith("multipart/") or body[:_LOOK].lstrip()[:2] == b"--":
        package, departures = mime.read(content_type, body)
        if package is not None:
            return _package(package, departures)
    envelope, fault, found = _soap(body, parameters.get("charset", ""))
    if envelope is not None and envelope.kind is ebxml.Kind.MESSAGE:
        found = (*found, note(D.NOT_MULTIPART, media), note(D.HL7_NO_PAYLOAD))
    return Reading(None, envelope, fault, b"", None, None, None, (*departures, *found))


def departure_names(reading: Reading) -> tuple[str, ...]:
    """The distinct codes met, in order: what the ledger notes beside the octets."""
    return tuple(dict.fromkeys(d.code.value for d in reading.departures))


def _at(departures: Departures, part: int) -> Departures:
    return tuple(Departure(d.code, d.offset, d.detail, part) for d in departures)


_LOOK = 1_024


def _package(package: mime.Package, departures: Departures) -> Reading:
    data, decoding = mime.decode(package.parts[0], 0)
    envelope, fault, found = _soap(data, package.parts[0].charset)
    departures = (*departures, *decoding, *_at(found, 0), *_manifest_facts(package, envelope))
    number = _payload_number(package, envelope)
    if number is None:
        if fault is None and (envelope is None or envelope.kind is ebxml.Kind.MESSAGE):
            departures = (*departures, note(D.HL7_NO_PAYLOAD))
        return Reading(package, envelope, fault, b"", None, None, None, departures)
    part = package.parts[number]
    payload, decoding = mime.decode(part, number)
    root, found = xml.parse(payload, part=number, charset=part.charset)
    departures = (*departures, *decoding, *found)
    if root is None:
        return Reading(package, envelope, fault, payload, None, None, None, departures)
    wrapper, in_wrapper = hl7.read(root)
    message, in_message = gp2gp.read(root, wrapper)
    departures = (*departures, *_at((*in_wrapper, *in_message), number))
    return Reading(package, envelope, fault, payload, root, wrapper, message, departures)


def _soap(data: bytes, charset: str) -> tuple[ebxml.Envelope | None, soap.Fault | None, Departures]:
    """What a SOAP envelope holds: a fault or an ebXML header."""
    root, departures = xml.parse(data, charset=charset)
    if root is None:
        return None, None, departures
    fault = soap.read_root(root)
    if fault is not None:
        return None, fault, departures
    envelope, found = ebxml.read_root(root)
    return envelope, None, (*departures, *found)


def _references(envelope: ebxml.Envelope | None) -> list[str]:
    return [each.target for each in envelope.references if each.scheme == "cid"] if envelope is not None else []


def _payload_number(package: mime.Package, envelope: ebxml.Envelope | None) -> int | None:
    """The HL7 part: the one that the manifest's first ``cid`` names, as Spine finds it; failing that, the second."""
    references = _references(envelope)
    for number, part in enumerate(package.parts):
        if number and references and part.content_id == references[0]:
            return number
    return 1 if len(package.parts) > 1 else None


def _manifest_facts(package: mime.Package, envelope: ebxml.Envelope | None) -> Departures:
    if envelope is None:
        return ()
    references = dict.fromkeys(_references(envelope))
    parts = {part.content_id for part in package.parts[1:]}
    return (
        *(note(D.EBXML_CID_UNRESOLVED, target, part=0) for target in references if target not in parts),
        *(
            note(D.EBXML_PART_UNREFERENCED, part.content_id, part=number)
            for number, part in enumerate(package.parts)
            if number and part.content_id not in references
        ),
    )
