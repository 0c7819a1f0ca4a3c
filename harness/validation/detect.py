"""Octets to messages: what a file holds is told by its content, never by its name.

HTTP request with a MIME package, a package alone, an ebXML envelope or signal, HL7 (a whole message or its EhrExtract), the
JSON of the MHS adaptor in both directions; each also in a template literal of JavaScript, or compressed by gzip. The octets
are somebody's: work and memory are bounded, and every failure becomes one sentence. ``fixtures.encodings`` reads the same
forms for their clinical content; here every octet, line and departure counts, so the readers of the wire do it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace

from harness.rules import Subject
from harness.validation import adaptor, bounds, payloads
from harness.validation.found import Found, Kind, NoMessage, Place, Unusable
from simulator.wire import mime
from simulator.wire.departures import D
from simulator.wire.reading import Reading, read

_REQUEST = re.compile(rb"[A-Z]{3,10} \S{1,2000} HTTP/1\.[01]\r?\n")
_HEAD = re.compile(rb"(?:[A-Za-z-]{1,60}:[^\n]{0,8000}\n(?:[ \t][^\n]{0,8000}\n){0,20}){1,100}\r?\n")
_LITERAL_MARK = re.compile(rb"\\.|`", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_GZIP = b"\x1f\x8b"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_MARK = b"\xef\xbb\xbf"
# What a package without its head cannot have.
_OF_THE_HEAD = frozenset(
    {D.CONTENT_TYPE_MISSING, D.BOUNDARY_MISSING, D.BOUNDARY_GUESSED, D.TYPE_MISSING, D.START_MISSING, D.NOT_MULTIPART}
)


def detect(data: bytes, depth: int = 0) -> list[Found]:
    """Every message in ``data``, several only in source code.

    :raises NoMessage: when there is none. :raises Unusable: when it cannot be told, or not be judged.
    """
    bounds.check(data)
    text = data.lstrip()
    if not text:
        raise Unusable("it is empty")
    if text.startswith(_GZIP):
        return _gzip(text, depth)
    if text.startswith(_WIDE):
        return [payloads.xml_message(data)]
    start = text.removeprefix(_MARK).lstrip()
    if start.startswith(b"<"):
        return [payloads.xml_message(data)]
    if start.startswith(b"{"):
        return [adaptor.message(data)]
    if _REQUEST.match(start) or start.startswith(b"--") or b"multipart/" in start[:2048].lower():
        return [_request(start, Place(_line(data, len(data) - len(start))))]
    if b"`" in start:
        return list(_literals(data))
    raise NoMessage("it is neither XML, a MIME package, JSON of the MHS adaptor nor source code that holds one of them")


def delivery(content_type: str, body: bytes, soap_action: str, place: Place, kind: Kind = Kind.HTTP) -> Found:
    """A request as it came over the wire. :param place: where its body begins."""
    bounds.check_parts(content_type, body)
    reading = read(content_type, body)
    return _found(reading, body, soap_action, place, kind)


def _found(reading: Reading, body: bytes, soap_action: str, place: Place, kind: Kind) -> Found:
    parts = reading.package.parts if reading.package is not None else ()
    soap = mime.decode(parts[0])[0] if parts else body
    places = {
        number: Place(
            place.of(_line(body, part.offset)),
            place.exact and part.transfer_encoding not in ("base64", "quoted-printable"),
        )
        for number, part in enumerate(parts)
    }
    return Found(kind, Subject(reading, soap_action), places or {0: place}, soap)


def _gzip(data: bytes, depth: int) -> list[Found]:
    if depth == bounds.MAX_DEPTH:
        raise Unusable(f"it is compressed more than {bounds.MAX_DEPTH} times over")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        inside = unpacker.decompress(data, bounds.MAX_BYTES + 1)
    except zlib.error as error:
        raise Unusable(f"it begins like gzip and cannot be expanded: {error}") from None
    if len(inside) > bounds.MAX_BYTES:
        raise Unusable(f"it expands to more than {bounds.MAX_BYTES // 1_048_576} MiB")
    if not unpacker.eof:
        raise Unusable("it is gzip that is cut off")
    return [replace(each, around=("gzip", *each.around)) for each in detect(inside, depth + 1)]


def _request(data: bytes, place: Place) -> Found:
    """A package, with or without its head. The length that a head states is not asked: editors change line ends."""
    request = _REQUEST.match(data)
    head = _HEAD.match(data, request.end() if request else 0)
    if head is None and request is not None:
        raise NoMessage("it is a HTTP request whose head does not end")
    headers = _headers(head[0]) if head else {}
    body = data[head.end() :] if head else data
    at = Place(place.line + data.count(b"\n", 0, head.end() if head else 0), place.exact)
    if request and body.lstrip()[:1] == b"{":
        return adaptor.message(body, at.line)
    found = delivery(
        headers.get("content-type", ""), body, headers.get("soapaction", ""), at, Kind.HTTP if request else Kind.MIME
    )
    reading = found.subject.reading
    if reading.envelope is None and not payloads.is_message(reading.root) and not payloads.claims_to_be_one(data):
        raise NoMessage("it is a package, or begins like one, and holds neither envelope nor HL7")
    if not headers:
        kept = tuple(each for each in reading.departures if each.code not in _OF_THE_HEAD)
        return replace(found, subject=Subject(replace(reading, departures=kept)))
    return found


def _headers(head: bytes) -> dict[str, str]:
    lines = re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()
    pairs = [line.decode("latin-1").partition(":") for line in lines if b":" in line]
    return {name.strip().lower(): value.strip() for name, _, value in reversed(pairs)}


def _literals(data: bytes) -> Iterator[Found]:
    number = 0
    for start, literal in _split(data):
        text = re.sub(rb"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), literal, flags=re.DOTALL)
        if not payloads.claims_to_be_one(text):
            continue
        try:
            found = detect(text)
        except NoMessage:
            continue
        base = Place(_line(data, start), rb"\n" not in literal)
        if number > bounds.MAX_LITERALS:
            raise Unusable(f"it is source code that holds more than {bounds.MAX_LITERALS} messages")
        for each in found:
            number += 1
            places = {part: Place(base.of(at.line), base.exact and at.exact) for part, at in each.places.items()}
            yield replace(each, places=places, around=("JavaScript", *each.around))
    if not number:
        raise NoMessage("it is text, or source code, in which no template literal holds a message")


def _split(source: bytes) -> Iterator[tuple[int, bytes]]:
    """What stands between one unescaped backtick and the next, in one pass, and where; too little for a message is left out."""
    start = -1
    for mark in _LITERAL_MARK.finditer(source):
        if mark[0] != b"`":
            continue
        if start < 0:
            start = mark.end()
        else:
            if mark.start() - start >= payloads.SHORTEST_CLAIM:
                yield start, source[start : mark.start()]
            start = -1


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
