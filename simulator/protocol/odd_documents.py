"""Variants of an extract's documents: their parts, the manifest entries that describe them, and the record's references."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

from simulator.protocol.patching import ODD, WRONG, Patch, Variant, both, literal, part, pattern, without_last_part
from simulator.wire.writers.package import Outgoing

_ENTRY = rb'<eb:Reference eb:id="[^"]*"(?:(?!</eb:Reference>).)*</eb:Reference>'
_GZIP = 31  # zlib's window bits for a gzip container, whose header then has no time


def _entry(change: Callable[[bytes], bytes]) -> Patch:
    """Change the last document's manifest entry."""

    def patch(out: Outgoing) -> Outgoing:
        found = list(re.finditer(_ENTRY, out.body, re.DOTALL))
        new = change(found[-1][0]) if found else b""
        if not found or new == found[-1][0]:
            raise ValueError("the variant finds no such manifest entry to change")
        return replace(out, body=out.body[: found[-1].start()] + new + out.body[found[-1].end() :])

    return patch


def _said(regex: bytes, new: bytes) -> Patch:
    """Change what the last document's description says."""
    return _entry(lambda entry: re.sub(regex, new, entry))


def _lines(data: bytes) -> bytes:
    return base64.encodebytes(data).rstrip(b"\n").replace(b"\n", b"\r\n")


def _compressed(out: Outgoing) -> Outgoing:
    """The last document as gzip, and its description says so: Length counts the octets of the base64 (LM24)."""
    length = 0

    def zipped(head: bytes, data: bytes) -> tuple[bytes, bytes]:
        nonlocal length
        packed = zlib.compress(base64.b64decode(data), wbits=_GZIP)
        length = len(base64.b64encode(packed))
        return head, _lines(packed)

    out = part(-1, zipped)(out)
    return both(_said(rb"Compressed=No", b"Compressed=Yes"), _said(rb"Length=\d+", b"Length=%d" % length))(out)


def _eight_bit(out: Outgoing) -> Outgoing:
    """The last document's own octets, which must be lines of text."""
    length = 0

    def raw(head: bytes, data: bytes) -> tuple[bytes, bytes]:
        nonlocal length
        if b"Content-Type: text/" not in head:
            raise ValueError("the variant needs a document of text")
        plain = base64.b64decode(data)
        length = len(plain)
        return head.replace(b"base64", b"8bit"), plain

    out = part(-1, raw)(out)
    return _said(rb"Length=\d+", b"Length=%d" % length)(out)


def _unlisted(out: Outgoing) -> Outgoing:
    """Neither the last document's part nor its manifest entry; the record still refers to it."""
    return _entry(lambda entry: b"")(without_last_part(out))


def _one_more(found: re.Match[bytes]) -> bytes:
    return b"Length=%d" % (int(found[1]) + 1)


def _underscores(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2].replace(b"_", b"%5f")


DOCUMENTS: dict[str, Variant] = {
    "attachment announced and not sent": Variant(WRONG, "code 21: manifest entry without its part", without_last_part),
    "document without manifest entry": Variant(WRONG, "RC-24, AR01: the record refers to what did not come", _unlisted),
    "description without file name": Variant(
        WRONG, "RC-25, LM24: Filename is mandatory", _said(rb'Filename="[^"]*" ', b"")
    ),
    "compressed document": Variant(ODD, "LM41: to be unpacked", _compressed),
    "text document in 8bit": Variant(ODD, "Q-40: text may come as it is", _eight_bit),
    "underscores encoded in the reference": Variant(
        ODD,
        "AR16, Q-101: one supplier writes %5f",
        pattern(rb'(<reference value="file://localhost/)([^"]*)', _underscores, count=0),
    ),
    "underscore in the HL7 id alone": Variant(
        ODD,
        "Q-65: an official sample has it so",
        both(
            pattern(rb'(<eb:Reference eb:id=")_', rb"\1", count=0),
            pattern(rb'(<referredToExternalDocument[^>]*><id root=")', rb"\1_", count=0),
        ),
    ),
    "documents of one name": Variant(
        ODD, "Q-54: to be told apart", pattern(rb'Filename="[^"]*"', b'Filename="letter.txt"', count=0)
    ),
    "description without length": Variant(ODD, "Q-58: absent in the field", _said(rb" Length=\d+", b"")),
    "length off by one": Variant(ODD, "Q-58: wrong by one in the field", pattern(rb"Length=(\d+)", _one_more, count=0)),
    "unknown key in the description": Variant(
        ODD, "RC-22: to be passed over", literal(b" OriginalBase64=", b" Colour=Blue OriginalBase64=", -1)
    ),
}
