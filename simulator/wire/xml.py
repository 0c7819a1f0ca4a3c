"""The one XML parser of the product: no DTD, no entities, no network, bounded size and depth."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from simulator.wire.departures import D, Departure, Departures, note

Element = etree._Element  # noqa: SLF001 -- lxml has no public name for it

MAX_BYTES = 64 * 1024 * 1024
# What libxml2 allows without its "huge" option, which also bounds one text node to 10 MB. Real extracts stay below 60.
MAX_DEPTH = 256

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{1,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})")
# xmlParserErrors: UNSUPPORTED_ENCODING and INVALID_ENCODING; NAME_TOO_LONG and RESOURCE_LIMIT.
_ENCODING_ERRORS = frozenset({32, 81})
_LIMIT_ERRORS = frozenset({110, 114})
# Python's names of what is read. A closed list: some encodings (UTF-7) would carry markup past the search for a DTD.
_ENCODINGS = frozenset({"ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-15", "cp1252"})
_XPATH_STRING = etree.XPath("string()", smart_strings=False)


def parse(
    data: bytes, *, part: int = -1, max_bytes: int = MAX_BYTES, charset: str = ""
) -> tuple[Element | None, Departures]:
    """The root element, or ``None`` with the reason as a departure. Line numbers survive as ``sourceline``.

    :param charset: the charset parameter of the MIME part. It decides where the document declares no encoding
        (RFC 7303), and is tried where the declared encoding does not fit the octets.
    """
    if len(data) > max_bytes:
        return None, (note(D.XML_TOO_LARGE, f"{len(data)} bytes, more than {max_bytes}", part=part),)
    data, found = _from_declaration(data, part)
    if not data.strip(_BLANK):
        return None, (note(D.XML_EMPTY, part=part),)
    if _has_doctype(data):
        return None, (*found, note(D.XML_DTD, part=part))
    declared = _declared(data)
    if declared and charset and not _same(declared, charset):
        found = (*found, note(D.XML_ENCODING_DIFFERS, f"document {declared}, part {charset}", part=part))
    if declared and _codec(declared) not in _ENCODINGS:
        return None, (*found, note(D.XML_MALFORMED, f"encoding {declared} is not read", part=part))
    root, failure = _parse_as(data, declared, charset if _codec(charset) in _ENCODINGS else "", part)
    return root, found if failure is None else (*found, failure)


def text_of(element: Element) -> str:
    """All text inside ``element`` as XPath's ``string()`` sees it: what a length check of Spine's counts."""
    # XPath costs ten times as much as what it finds in an element that holds text alone.
    return str(_XPATH_STRING(element)) if len(element) else element.text or ""


def line_of(element: Element) -> int:
    """The source line of ``element``, counted from 1; 0 when unknown."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _from_declaration(data: bytes, part: int) -> tuple[bytes, Departures]:
    """Move blank lines before the XML declaration behind it, where they are legal and line numbers stay right."""
    stripped = data.lstrip(_BOM + _BLANK)
    lead = data[: len(data) - len(stripped)]
    end = stripped.find(b"?>") + 2
    if not lead.strip(_BOM) or not stripped.startswith(b"<?xml") or end < len(b"<?xml?>"):
        return data, ()
    moved = stripped[:end] + b"\n" * lead.count(b"\n") + stripped[end:]
    return moved, (note(D.XML_BYTES_BEFORE_ROOT, f"{len(lead)} bytes", offset=0, part=part),)


def _has_doctype(data: bytes) -> bool:
    """Whether a document type declaration stands before the root: looked for before parsing, which would act on it."""
    if b"\0" in data[:4]:  # UTF-16 or UTF-32: the markup looked for is ASCII
        data = data.replace(b"\0", b"")
    position = max(data.find(b"<"), 0)
    while True:
        if data.startswith(b"<!DOCTYPE", position):
            return True
        close = b"?>" if data.startswith(b"<?", position) else b"-->" if data.startswith(b"<!--", position) else b""
        end = data.find(close, position + (4 if close == b"-->" else 2)) if close else -1
        position = data.find(b"<", end)
        if end < 0 or position < 0:
            return False


def _declared(data: bytes) -> str:
    match = _DECLARED.match(data)
    return match[1].decode("ascii") if match else ""


def _same(one: str, other: str) -> bool:
    return (_codec(one) or one.lower()) == (_codec(other) or other.lower())


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _parse_as(data: bytes, declared: str, charset: str, part: int) -> tuple[Element | None, Departure | None]:
    decides = bool(charset) and not declared and not data.startswith(_BOM)
    failure: Departure | None = None
    for encoding in dict.fromkeys((charset, "") if decides else ("", charset)):
        try:
            return etree.fromstring(data, _parser(encoding)), None
        except etree.XMLSyntaxError as error:
            failure = failure or note(_code(error), error.msg or "", part=part)
            if _number(error) not in _ENCODING_ERRORS:
                break
    return None, failure


def _parser(encoding: str) -> etree.XMLParser:
    """A parser for one document: sharing one between threads would make them wait for each other."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding=encoding or None
    )


def _code(error: etree.XMLSyntaxError) -> D:
    """Which bound was met, if any; an over-long comment shares its number with one that does not end."""
    message = error.msg or ""
    if _number(error) not in _LIMIT_ERRORS and "too big" not in message:
        return D.XML_MALFORMED
    return D.XML_TOO_DEEP if "depth" in message else D.XML_TOO_LARGE


def _number(error: etree.XMLSyntaxError) -> int:
    return int(getattr(error, "code", 0))
