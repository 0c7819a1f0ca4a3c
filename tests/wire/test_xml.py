"""The hardened XML parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from simulator.wire import xml
from simulator.wire.departures import D
from tests.wire.received import codes

_BOM = b"\xef\xbb\xbf"
_UTF8 = b'<?xml version="1.0" encoding="UTF-8"?>'
_LATIN = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
_UTF16 = '<?xml version="1.0" encoding="UTF-16"?><a>é</a>'

# sentence, octets, charset of the part, text of the root or None, departures
CASES: list[tuple[str, bytes, str, str | None, set[D]]] = [
    ("plain", b"<a>\xc3\xa9</a>", "", "é", set()),
    ("declared", _UTF8 + b"<a>\xc3\xa9</a>", "UTF-8", "é", set()),
    ("byte order mark", _BOM + _UTF8 + b"<a>\xc3\xa9</a>", "", "é", set()),
    ("byte order mark decides over the charset", _BOM + b"<a>\xc3\xa9</a>", "ISO-8859-1", "é", set()),
    ("blank before the root alone is legal", b"\r\n <a/>\n", "", "", set()),
    ("blank before the declaration", b"\r\n\n" + _UTF8 + b"<a>x</a>", "", "x", {D.XML_BYTES_BEFORE_ROOT}),
    ("blank and mark", b"\n" + _BOM + _UTF8 + b"<a>x</a>", "", "x", {D.XML_BYTES_BEFORE_ROOT}),
    ("blank before an unfinished declaration", b"\n<?xml ", "", None, {D.XML_MALFORMED}),
    ("UTF-16 with mark", _UTF16.encode("utf-16"), "", "é", set()),
    ("UTF-16 without mark", _UTF16.encode("utf-16-le"), "UTF-16", "é", set()),
    ("declared UTF-16 and is not", b'<?xml version="1.0" encoding="UTF-16"?><a/>', "", None, {D.XML_MALFORMED}),
    ("charset decides without declaration", b"<a>\xe9</a>", "ISO-8859-1", "é", set()),
    ("charset does not fit", b"<a>\xc3\xa9</a>", "US-ASCII", "é", set()),
    ("charset that nobody knows", b"<a>\xc3\xa9</a>", "banana", "é", set()),
    ("charset with a zero octet", b"<a>x</a>", "a\0b", "x", set()),
    ("charset against declaration", _UTF8 + b"<a>\xc3\xa9</a>", "ISO-8859-1", "é", {D.XML_ENCODING_DIFFERS}),
    ("declaration wrong, charset right", _UTF8 + b"<a>\xe9</a>", "latin1", "é", {D.XML_ENCODING_DIFFERS}),
    ("same codec by two names", _LATIN + b"<a>\xe9</a>", "latin1", "é", set()),
    ("unknown charset against declaration", _UTF8 + b"<a>x</a>", "banana", "x", {D.XML_ENCODING_DIFFERS}),
    ("declaration wrong", _UTF8 + b"<a>\xe9</a>", "", None, {D.XML_MALFORMED}),
    ("declared encoding unknown", b'<?xml version="1.0" encoding="banana"?><a/>', "", None, {D.XML_MALFORMED}),
    ("UTF-7 is refused", b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', "", None, {D.XML_MALFORMED}),
    ("empty", b"", "", None, {D.XML_EMPTY}),
    ("blank", b" \r\n\t", "", None, {D.XML_EMPTY}),
    ("mark alone", _BOM, "", None, {D.XML_MALFORMED}),
    ("zero octet", b"<a>\0</a>", "", None, {D.XML_MALFORMED}),
    ("rubbish behind", b"<a/>rubbish", "", None, {D.XML_MALFORMED}),
    ("undeclared prefix", b"<x:a/>", "", None, {D.XML_MALFORMED}),
    ("undefined entity", b"<a>&x;</a>", "", None, {D.XML_MALFORMED}),
    ("DTD", b"<!DOCTYPE a><a/>", "", None, {D.XML_DTD}),
    ("DTD behind prolog", _UTF8 + b"<!--> <a--> <?x <b?>\n<!DOCTYPE a><a/>", "", None, {D.XML_DTD}),
    ("DTD in UTF-16", "<!DOCTYPE a><a/>".encode("utf-16"), "", None, {D.XML_DTD}),
    ("unfinished comment before it", b"<!-- <!DOCTYPE a><a/>", "", None, {D.XML_MALFORMED}),
    ("comment and nothing", b"<!-- -->", "", None, {D.XML_MALFORMED}),
    (
        "the word in a comment or CDATA is no DTD",
        b"<!--<!DOCTYPE a>--><a><![CDATA[<!DOCTYPE]]></a>",
        "",
        "<!DOCTYPE",
        set(),
    ),
    ("as deep as allowed", b"<a>" * xml.MAX_DEPTH + b"x" + b"</a>" * xml.MAX_DEPTH, "", "x", set()),
    ("deeper", b"<a>" * 257, "", None, {D.XML_TOO_DEEP}),
    ("a text of more than 10 MB", b"<a>" + b"x" * 10_000_001 + b"</a>", "", None, {D.XML_TOO_LARGE}),
    ("a comment of more than 10 MB", b"<a><!--" + b"x" * 10_000_001 + b"--></a>", "", None, {D.XML_TOO_LARGE}),
]


def test_a_document_is_read_or_the_reason_why_not_is_told() -> None:
    """The root's text and the departures of each case, in the part that was named."""
    told = {}
    for case, data, charset, _, _ in CASES:
        root, departures = xml.parse(data, part=3, charset=charset)
        told[case] = (None if root is None else xml.text_of(root), codes(departures))
        assert all(departure.part == 3 for departure in departures), case
    assert told == {case: (expected, found) for case, _, _, expected, found in CASES}


def test_the_size_is_bounded() -> None:
    """A document above the bound is not even looked at."""
    assert xml.parse(b"<a/>", max_bytes=4)[0] is not None
    root, departures = xml.parse(b"<a/> ", max_bytes=4)
    assert root is None
    assert codes(departures) == {D.XML_TOO_LARGE}


@pytest.mark.parametrize("lead", [b"", b"\r\n\r\n"])
def test_line_numbers_survive_what_stands_before_the_declaration(lead: bytes) -> None:
    """The line told is the line of the octets that came."""
    root, _ = xml.parse(lead + _UTF8 + b"\n<a>\n<b/></a>")
    assert root is not None
    assert xml.line_of(root) == lead.count(b"\n") + 2
    assert xml.line_of(root[0]) == lead.count(b"\n") + 3


def test_an_element_that_was_not_parsed_has_no_line() -> None:
    """Zero stands for unknown."""
    assert xml.line_of(etree.Element("a")) == 0


def test_entities_are_not_expanded_however_they_are_nested() -> None:
    """A billion laughs is refused before it laughs; expanded, it would not fit into memory."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{entities}]><a b="&e9;">&e9;</a>'.encode()
    assert xml.parse(bomb)[0] is None


def test_text_leaves_comments_out() -> None:
    """Text is what XPath's string() gives."""
    root, _ = xml.parse(b"<a>t<!--c--><b>u</b><?p q?></a>")
    assert root is not None
    assert xml.text_of(root) == "tu"


_TOKENS = [
    b"<a>",
    b"</a>",
    b"<?xml",
    b"?>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE",
    b'encoding="',
    b"\xff\xfe",
    b"\0",
    b"\n",
    b"&#0;",
]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=4)), st.text(max_size=8))
def test_no_octets_make_it_raise(pieces: list[bytes], charset: str) -> None:
    """Either a root or a departure, whatever came."""
    root, departures = xml.parse(b"".join(pieces), charset=charset)
    assert root is not None or departures
