"""The JSON of the MHS adaptor: what its inbound queue holds (with ``ebXML``), and what its outbound API is asked (without).

The delivery is put together again and read like any other. What JSON does not tell of the wire (headers, line ends) is
written as it should be, so that nobody is blamed for it. Shapes: MHS adaptor, inbound and outbound message.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from harness.rules import Subject
from harness.validation import bounds, payloads
from harness.validation.found import Found, Kind, NoMessage, Place, Unusable
from simulator.wire import ebxml
from simulator.wire.reading import read

_BLANK = re.compile(r"[ \t\r\n]*")
_DECLARED = re.compile(r"""(<\?xml[^>]{1,200}?encoding\s{0,9}=\s{0,9}["'])[A-Za-z0-9._-]{1,40}""")
_LINE = 76  # RFC 2045 §6.8: JSON has the text without its line breaks
_Part = tuple[str, str, str, bytes]


def message(data: bytes, first_line: int = 1) -> Found:
    """The message of one JSON document. :param first_line: the line of the file on which it begins.

    :raises NoMessage: when it is other JSON. :raises Unusable: when its parts are not what the adaptor writes.
    """
    text = _text(data)
    members = _members(text)
    envelope, payload = (members.get(name, ("", 0)) for name in ("ebXML", "payload"))
    if not isinstance(envelope[0], str) or not isinstance(payload[0], str):
        raise NoMessage('it is JSON whose "ebXML" and "payload" are no texts, as those of the MHS adaptor are')
    if not envelope[0] and not payloads.claims_to_be_one(_octets(payload[0])):
        raise NoMessage('it is JSON without an "ebXML" or "payload" that holds a message, as the MHS adaptor writes it')
    places = {n: Place(first_line + text.count("\n", 0, at), False) for n, (_, at) in enumerate((envelope, payload))}
    soap = _octets(envelope[0])
    parts = [("<envelope>", "text/xml; charset=UTF-8", "8bit", soap)]
    if payload[0]:
        parts.append(("", "application/xml; charset=UTF-8", "8bit", _octets(payload[0])))
    attachments = map(_attachment, _list(members, "attachments"))
    parts += attachments if soap else (("", *each[1:]) for each in attachments)
    parts = _named(parts, soap)
    reading = read(*payloads.package(parts))
    if not soap:  # the adaptor writes envelope and Content-Ids itself
        kept = tuple(each for each in reading.departures if each.part > 0)
        reading = replace(reading, departures=kept)
    kind = Kind.QUEUE if soap else Kind.REQUEST
    line = places[1].line
    return Found(kind, Subject(reading), places | {n: Place(line, False) for n in range(2, len(parts))}, soap)


def _text(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Unusable(f"it begins like JSON and is not {error.encoding}: byte {error.start}") from None


def _members(text: str) -> dict[str, tuple[Any, int]]:
    """The members of the one object, each with the offset of its value: the json module tells no places."""
    decoder, found = json.JSONDecoder(), dict[str, tuple[Any, int]]()
    try:
        position = _skip(text, _skip(text, 0) + 1)
        while text[position] == '"':
            name, position = decoder.raw_decode(text, position)
            position = _skip(text, position)
            if text[position] != ":":
                raise NoMessage("it begins like JSON and is not")
            start = _skip(text, position + 1)
            value, position = decoder.raw_decode(text, start)
            found[name] = value, start
            position = _skip(text, position)
            if text[position] == ",":
                position = _skip(text, position + 1)
        if text[position] != "}" or text[position + 1 :].strip():
            raise NoMessage("it begins like JSON and is not")
    except (ValueError, IndexError) as error:
        raise NoMessage(f"it begins like JSON and is not: {error}") from None
    except RecursionError:
        raise NoMessage("it is JSON that is nested too deep for a message of the MHS adaptor") from None
    return found


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _list(members: dict[str, tuple[Any, int]], name: str) -> list[dict[str, Any]]:
    value = members.get(name, (None, 0))[0] or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unusable(f'"{name}" of the JSON is no list of objects')
    return value


def _octets(text: str) -> bytes:
    """XML that was decoded into JSON's text, as octets of UTF-8; what it declares is made true."""
    octets = _DECLARED.sub(r"\1UTF-8", text.removeprefix("\ufeff"), count=1).encode("utf-8", "surrogatepass")
    bounds.check(octets)
    return octets


def _named(parts: list[_Part], soap: bytes) -> list[_Part]:
    """The parts with a Content-Id each: where JSON tells none, it is the manifest's next ``cid``, in whose order they are."""
    envelope = ebxml.read(soap)[0] if soap else None
    targets = [each.target for each in envelope.references if each.scheme == "cid"] if envelope is not None else []
    left = iter([each for each in targets if _plain(each) and f"<{each}>" not in {part[0] for part in parts}])
    return [(part[0] or f"<{next(left, f'part-{number}')}>", *part[1:]) for number, part in enumerate(parts)]


def _attachment(entry: dict[str, Any]) -> _Part:
    content_id, media = str(entry.get("content_id", "")), str(entry.get("content_type", ""))
    octets = str(entry.get("payload", "")).encode("utf-8", "surrogatepass")
    # A Boolean by the adaptor's contract; published test messages also write it as text.
    encoded = str(entry.get("is_base64", "")).lower() == "true"
    if encoded and b"\n" not in octets:
        octets = b"\r\n".join(octets[at : at + _LINE] for at in range(0, len(octets), _LINE))
    named = f"<{content_id}>" if _plain(content_id) else ""
    return named, media if _plain(media) else "", "base64" if encoded else "8bit", octets


def _plain(text: str) -> bool:
    """Whether a text can stand in a header."""
    return bool(text) and text.isprintable() and text.isascii()
