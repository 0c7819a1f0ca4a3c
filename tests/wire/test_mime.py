"""The MIME reader: what the field sends is split byte for byte, and every oddity is told."""

# ruff: noqa: E501 -- a case is a row of a table

from __future__ import annotations

import base64
import email

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.wire import fields, mime
from simulator.wire.departures import D, Departure
from tests.wire.received import CONTENT_TYPE, DELIMITER, codes, package, part, swap

_TIFF = b"II*\0" * 30
_WRAPPED = base64.encodebytes(_TIFF).replace(b"\n", b"\r\n").strip()
GOOD = package("<e/>", "<p/>", part("<a1>", "image/tiff", "base64", _WRAPPED))
_SMALL = package("<e/>", "<p/>")
_HEAD = b"Content-Id: <ebXMLHeader@spine.nhs.uk>\r\n"
_ID = D.CONTENT_ID_MISSING


def _attached(octets: bytes) -> bytes:
    """A package with a third part that is written out whole."""
    return _SMALL[: -len(DELIMITER) - 4] + DELIMITER + b"\r\n" + octets + b"\r\n" + DELIMITER + b"--\r\n"


def _with(
    content_id: str = "<a1>", content_type: str = "image/tiff", encoding: str = "base64", body: bytes = b""
) -> bytes:
    return package("<e/>", "<p/>", part(content_id, content_type, encoding, body or _WRAPPED))


def _headed(*lines: bytes) -> bytes:
    """A third part with these header lines and the body ``xxxx``."""
    return _attached(b"\r\n".join([*lines, b"", b"xxxx"]))


_TYPE, _CID, _CTE = b"Content-Type: image/tiff", b"Content-Id: <a1>", b"Content-Transfer-Encoding: base64"

# sentence, Content-Type, body, number of parts, departures
CASES: list[tuple[str, str, bytes, int, set[D]]] = [
    ("as the standard has it", CONTENT_TYPE, GOOD, 3, set()),
    ("CRLF before the first delimiter is no preamble", CONTENT_TYPE, b"\r\n" + GOOD, 3, set()),
    ("padded delimiter", CONTENT_TYPE, GOOD.replace(b"Boundary\r\n", b"Boundary \t\r\n"), 3, set()),
    ("no line end at the very end", CONTENT_TYPE, GOOD[:-2], 3, set()),
    ("half a line end at the very end", CONTENT_TYPE, GOOD[:-1], 3, set()),
    # -- the header value
    (
        "the MHS adaptor's header",
        'multipart/related; boundary="--=_MIME-Boundary"; type=text/xml; start=ebXMLHeader@spine.nhs.uk',
        GOOD,
        3,
        {D.TYPE_UNQUOTED, D.START_UNQUOTED, D.START_NO_ANGLE_BRACKETS},
    ),
    ("boundary unquoted", swap(CONTENT_TYPE, '"--=_MIME-Boundary"', "--=_MIME-Boundary"), GOOD, 3, {D.BOUNDARY_UNQUOTED}),
    ("a token needs no quotes", swap(CONTENT_TYPE, '"--=_MIME-Boundary"', "b"), GOOD.replace(b"--=_MIME-Boundary", b"b"), 3, set()),
    ("blank before =", swap(CONTENT_TYPE, "type=", "type ="), GOOD, 3, {D.PARAMETER_SPACED}),
    ("blank behind =", swap(CONTENT_TYPE, "type=", "type= "), GOOD, 3, {D.PARAMETER_SPACED}),
    ("any case", swap(swap(CONTENT_TYPE, "multipart", "MultiPart"), "boundary", "BOUNDARY"), GOOD, 3, set()),
    ("quoted pair", swap(CONTENT_TYPE, "MIME-", r"M\IME\-"), GOOD, 3, set()),
    ("repeated parameter: the first counts", CONTENT_TYPE + '; boundary="x"', GOOD, 3, set()),
    ("quote not closed", 'multipart/related; type="text/xml"; start="<ebXMLHeader@spine.nhs.uk>"; boundary="--=_MIME-Boundary', GOOD, 3, {D.BOUNDARY_UNQUOTED}),
    ("no type", swap(CONTENT_TYPE, ' type="text/xml";', ""), GOOD, 3, {D.TYPE_MISSING}),
    ("no start", swap(CONTENT_TYPE, '; start="<ebXMLHeader@spine.nhs.uk>"', ""), GOOD, 3, {D.START_MISSING}),
    ("start without brackets", swap(CONTENT_TYPE, "<ebXMLHeader@spine.nhs.uk>", "ebXMLHeader@spine.nhs.uk"), GOOD, 3, {D.START_NO_ANGLE_BRACKETS}),
    ("start names another part", swap(CONTENT_TYPE, "ebXMLHeader@spine.nhs.uk", "a1"), GOOD, 3, {D.START_NOT_FIRST}),
    ("start percent-encoded", swap(CONTENT_TYPE, "Header@", "Header%40"), GOOD, 3, set()),
    ("no boundary", swap(CONTENT_TYPE, ' boundary="--=_MIME-Boundary";', ""), GOOD, 3, {D.BOUNDARY_MISSING, D.BOUNDARY_GUESSED}),
    ("wrong boundary", swap(CONTENT_TYPE, "--=_MIME", "other"), GOOD, 3, {D.BOUNDARY_GUESSED}),
    ("boundary in no character set of the wire", swap(CONTENT_TYPE, "--=_MIME", "\u2026"), GOOD, 3, {D.BOUNDARY_GUESSED}),
    ("no header at all", "", GOOD, 3, {D.CONTENT_TYPE_MISSING, D.BOUNDARY_MISSING, D.BOUNDARY_GUESSED, D.TYPE_MISSING, D.START_MISSING}),
    ("another media type", swap(CONTENT_TYPE, "multipart/related", "text/xml"), GOOD, 3, {D.NOT_MULTIPART}),
    # -- delimiters
    ("LF alone", CONTENT_TYPE, GOOD.replace(b"\r\n", b"\n"), 3, {D.BARE_LF}),
    ("LF in one delimiter", CONTENT_TYPE, GOOD.replace(b"Boundary\r\n", b"Boundary\n", 1), 3, {D.BARE_LF}),
    ("LF before one delimiter", CONTENT_TYPE, GOOD.replace(b"<e/>\r\n", b"<e/>\n"), 3, {D.BARE_LF}),
    ("LF in one header", CONTENT_TYPE, GOOD.replace(b"8bit\r\n", b"8bit\n", 1), 3, {D.BARE_LF}),
    ("LF in the blank line", CONTENT_TYPE, GOOD.replace(b"8bit\r\n\r\n", b"8bit\r\n\n", 1), 3, {D.BARE_LF}),
    ("LF first of all", CONTENT_TYPE, b"\n" + GOOD, 3, {D.BARE_LF}),
    ("LF in data is no departure", CONTENT_TYPE, package("<e>\n</e>", "<p/>"), 2, set()),
    ("preamble", CONTENT_TYPE, b"This is MIME\r\n" + GOOD, 3, {D.PREAMBLE}),
    ("epilogue", CONTENT_TYPE, GOOD + b"the end", 3, {D.EPILOGUE}),
    ("not closed", CONTENT_TYPE, GOOD[: -len(DELIMITER) - 4], 3, {D.CLOSING_MISSING}),
    ("not closed, a dash short", CONTENT_TYPE, GOOD[:-3], 3, {D.CLOSING_MISSING}),
    ("delimiter inside a line is data", CONTENT_TYPE, _with(encoding="binary", body=b"x" + DELIMITER + b"\r\n"), 3, set()),
    ("longer boundary is data", CONTENT_TYPE, _with(encoding="binary", body=DELIMITER + b"x\r\n"), 3, set()),
    ("no part", CONTENT_TYPE, DELIMITER + b"--\r\n", 0, {D.NO_PARTS}),
    ("nothing", CONTENT_TYPE, b"", 0, {D.NO_PARTS}),
    ("a bare envelope", CONTENT_TYPE, b"<e>\n-->\n</e>", 0, {D.NO_PARTS}),
    ("a delimiter beyond where we look", CONTENT_TYPE, b"x" * 70_000 + b"\n--b\n", 0, {D.NO_PARTS}),
    ("only a delimiter", CONTENT_TYPE, DELIMITER, 1, {D.CLOSING_MISSING, D.HEADERS_UNTERMINATED, _ID, D.PART_TYPE_MISSING, D.ENCODING_MISSING, D.START_NOT_FIRST}),
    ("an empty part", CONTENT_TYPE, GOOD.replace(b"----=_MIME-Boundary--", DELIMITER + b"\r\n" + DELIMITER + b"--"), 4, {D.HEADERS_UNTERMINATED, _ID, D.PART_TYPE_MISSING, D.ENCODING_MISSING}),
    ("exactly as many parts as we keep", CONTENT_TYPE, package("<e/>", "<p/>", *[part("", "a/b", "8bit", b"")] * (mime.MAX_PARTS - 2)), mime.MAX_PARTS, {_ID}),
    ("more parts than we keep", CONTENT_TYPE, package("<e/>", "<p/>", *[part("", "a/b", "8bit", b"")] * mime.MAX_PARTS), mime.MAX_PARTS, {D.TOO_MANY_PARTS, _ID}),
    # -- header fields of a part
    ("no blank behind the colon", CONTENT_TYPE, GOOD.replace(b"Content-Id: ", b"Content-Id:"), 3, set()),
    ("any case of names and encodings", CONTENT_TYPE, GOOD.replace(b"Content-Id", b"CONTENT-ID").replace(b"base64", b"Base64"), 3, set()),
    ("percent-encoded name", CONTENT_TYPE, GOOD.replace(b"Content-Id", b"Content%2DId"), 3, {D.HEADER_MALFORMED}),
    ("blank before the colon", CONTENT_TYPE, GOOD.replace(b"Content-Id:", b"Content-Id :"), 3, {D.HEADER_MALFORMED}),
    ("folded", CONTENT_TYPE, GOOD.replace(b"text/xml; charset", b"text/xml;\r\n\tcharset"), 3, set()),
    ("folded right away", CONTENT_TYPE, GOOD.replace(b"Content-Id: ", b"Content-Id:\r\n "), 3, set()),
    ("a line that is no field", CONTENT_TYPE, _headed(_TYPE, b"what is this", _CID, _CTE), 3, {D.HEADER_MALFORMED}),
    ("repeated", CONTENT_TYPE, _headed(_CID, _TYPE, _CTE, b"content-id: <a2>"), 3, {D.HEADER_DUPLICATE}),
    ("repeated and empty", CONTENT_TYPE, _headed(_CID, _TYPE, _CTE, b"X:", b"X:"), 3, {D.HEADER_DUPLICATE}),
    ("no blank line before markup", CONTENT_TYPE, GOOD.replace(b"8bit\r\n\r\n<e/>", b"8bit\r\n<e/>"), 3, {D.HEADERS_UNTERMINATED}),
    ("no blank line before indented markup", CONTENT_TYPE, GOOD.replace(b"8bit\r\n\r\n<e/>", b"8bit\r\n\t<e/>"), 3, {D.HEADERS_UNTERMINATED}),
    ("no blank line before data", CONTENT_TYPE, GOOD.replace(b"base64\r\n\r\n", b"base64\r\n"), 3, {D.HEADERS_UNTERMINATED}),
    ("no header at all", CONTENT_TYPE, _attached(b"\r\nxxxx"), 3, {_ID, D.PART_TYPE_MISSING, D.ENCODING_MISSING}),
    ("markup right away", CONTENT_TYPE, _attached(b"\t<p/>"), 3, {D.HEADERS_UNTERMINATED, _ID, D.PART_TYPE_MISSING, D.ENCODING_MISSING}),
    ("more header lines than we read", CONTENT_TYPE, _headed(_CID, _TYPE, _CTE, b"X: y", *[b" x"] * fields.MAX_LINES), 3, {D.HEADERS_UNTERMINATED}),
    ("no Content-Id", CONTENT_TYPE, _with(content_id=""), 3, {_ID}),
    ("Content-Id without brackets", CONTENT_TYPE, _with(content_id="a1"), 3, {D.CONTENT_ID_NO_ANGLE_BRACKETS}),
    ("Content-Id percent-encoded", CONTENT_TYPE, _with(content_id="<a%201>"), 3, {D.CONTENT_ID_PERCENT_ENCODED}),
    ("Content-Id repeated", CONTENT_TYPE, _with(content_id="<ebXMLHeader@spine.nhs.uk>"), 3, {D.CONTENT_ID_DUPLICATE}),
    ("no Content-Type", CONTENT_TYPE, _with(content_type=""), 3, {D.PART_TYPE_MISSING}),
    ("blank beside = in a part", CONTENT_TYPE, _with(content_type="image/tiff; name = x"), 3, {D.PARAMETER_SPACED}),
    # -- transfer encodings
    ("no encoding", CONTENT_TYPE, _with(encoding=""), 3, {D.ENCODING_MISSING}),
    ("no encoding and 8bit data", CONTENT_TYPE, _with(encoding="", body=b"\xe9"), 3, {D.ENCODING_MISSING, D.EIGHT_BIT_IN_SEVEN}),
    ("7bit", CONTENT_TYPE, _with(encoding="7bit", body=b"e"), 3, set()),
    ("7bit and 8bit data", CONTENT_TYPE, _with(encoding="7bit", body=b"\xe9"), 3, {D.EIGHT_BIT_IN_SEVEN}),
    ("binary", CONTENT_TYPE, _with(encoding="binary", body=_TIFF), 3, set()),
    ("quoted-printable", CONTENT_TYPE, _with(encoding="quoted-printable", body=b"=e9"), 3, {D.QUOTED_PRINTABLE}),
    ("unknown", CONTENT_TYPE, _with(encoding="gzip"), 3, {D.ENCODING_UNKNOWN}),
    ("a line as long as allowed", CONTENT_TYPE, _with(body=b"A" * 996 + b"==\r\n" + b"A" * 998), 3, set()),
    ("a line longer", CONTENT_TYPE, _with(body=b"A" * 999), 3, {D.BASE64_UNWRAPPED}),
    ("a later line longer", CONTENT_TYPE, _with(body=_WRAPPED * 9 + b"\n" + b"A" * 1000 + b"\n"), 3, {D.BASE64_UNWRAPPED}),
]  # fmt: skip


def test_every_oddity_is_tolerated_and_told() -> None:
    """The number of parts and the departures; every part is a slice of what came."""
    told = []
    for case, content_type, body, count, _ in CASES:
        read, departures = mime.read(content_type, body)
        parts = () if read is None else read.parts
        told.append((case, len(parts), codes(departures)))
        assert all(body[each.offset : each.offset + len(each.body)] == each.body for each in parts), case
        assert all(-1 <= d.offset <= len(body) and d.part < max(count, 1) for d in departures), case
    assert told == [(case, count, found) for case, _, _, count, found in CASES]


def test_every_case_survives_being_cut_at_every_part_and_followed_by_rubbish() -> None:
    """Octets that stop at, before or behind a delimiter, or go on with rubbish, are read without raising."""
    for _, content_type, body, _, _ in (case for case in CASES if len(case[2]) < 10_000):
        cuts = {len(body)}
        position = body.find(b"--")
        while position >= 0:
            cuts |= {position - 2, position, position + 2, position + len(DELIMITER), position + len(DELIMITER) + 2}
            position = body.find(b"--", position + 4)
        for number, cut in enumerate(sorted(cuts)):
            rubbish = (b"", b"\r\n--\r\n\xff\0", b"\r\n" + DELIMITER + b"\r\n<")[number % 3]
            read, _ = mime.read(content_type, body[: max(cut, 0)] + rubbish)
            assert read is None or read.parts


def test_a_part_is_told_as_it_was_written() -> None:
    """Header spelling, order, unfolded values; the body to the octet."""
    read, _ = mime.read(CONTENT_TYPE, GOOD.replace(b"image/tiff", b'Image/TIFF;\r\n\t Charset="A";\r\n name=\xc3\xa9'))
    assert read is not None
    assert read.boundary == b"--=_MIME-Boundary"
    third = read.parts[2]
    assert third.headers == (
        ("Content-Id", "<a1>"),
        ("Content-Type", 'Image/TIFF; Charset="A"; name=é'),
        ("Content-Transfer-Encoding", "base64"),
    )
    assert third.body == _WRAPPED
    assert (third.content_id, third.content_type, third.charset, third.transfer_encoding) == (
        "a1",
        "image/tiff",
        "A",
        "base64",
    )


def test_the_percent_encoded_id_is_decoded() -> None:
    """AR07: both spellings name the same part."""
    read, _ = mime.read(CONTENT_TYPE, _with(content_id="<a%201@x>"))
    assert read is not None
    assert read.parts[2].content_id == "a 1@x"


def test_a_header_in_no_known_character_set_is_kept() -> None:
    """What is not UTF-8 is taken octet by octet."""
    read, _ = mime.read(CONTENT_TYPE, _headed(_CID, _TYPE, _CTE, b"X: \xe9"))
    assert read is not None
    assert read.parts[2].headers[-1] == ("X", "é")


def test_of_a_repeated_header_the_first_counts() -> None:
    """Both are kept as written."""
    read, _ = mime.read(CONTENT_TYPE, _headed(_CID, _TYPE, _CTE, b"content-id: <a2>"))
    assert read is not None
    assert read.parts[2].content_id == "a1"
    assert len(read.parts[2].headers) == 4


def test_the_body_without_blank_line_loses_nothing() -> None:
    """It begins at the first line that is no field."""
    read, _ = mime.read(CONTENT_TYPE, _SMALL.replace(b"8bit\r\n\r\n<e/>", b"8bit\r\n\t<e>\r\n</e>"))
    assert read is not None
    assert read.parts[0].body == b"\t<e>\r\n</e>"
    assert read.parts[0].transfer_encoding == "8bit"


def test_a_part_that_ends_among_its_headers_is_empty() -> None:
    """Cut off in the header block."""
    read, departures = mime.read(CONTENT_TYPE, DELIMITER + b"\r\n" + _HEAD)
    assert read is not None
    assert read.parts[0].body == b""
    assert D.HEADERS_UNTERMINATED in codes(departures)


def test_a_large_package_is_split_and_decoded() -> None:
    """4.5 MB, every octet value; how fast is the business of the benchmarks."""
    raw = bytes(range(256)) * 13_000
    body = package("<e/>", "<p/>", part("<a>", "image/tiff", "base64", base64.encodebytes(raw).replace(b"\n", b"\r\n")))
    read, departures = mime.read(CONTENT_TYPE, body)
    assert departures == ()
    assert read is not None
    assert mime.decode(read.parts[2]) == (raw, ())


def test_a_detail_is_one_printable_line() -> None:
    """Whatever was sent, the report can print it."""
    _, departures = mime.read(CONTENT_TYPE, b"\x1b[31m\r\nred\t" + b"x" * 999 + b"\r\n" + GOOD)
    assert departures == (Departure(D.PREAMBLE, 0, "?[31m red " + "x" * 189),)


_PIECES = [
    b"--b", b"--", b"\r\n", b"\n", b"\r", b":", b"<", b" ", b"Content-Id: <a>", b"Content-Type: text/xml", b"=", b"%41",
    b"Content-Transfer-Encoding: base64",
]  # fmt: skip


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.lists(st.sampled_from(_PIECES) | st.binary(max_size=3), max_size=30), st.sampled_from(["; boundary=b", "", ";="])
)
def test_no_octets_make_it_raise(pieces: list[bytes], parameter: str) -> None:
    """Whatever comes is split or declined, and what is split can be decoded."""
    read, departures = mime.read("multipart/related" + parameter, b"".join(pieces))
    assert departures
    for number, each in enumerate(() if read is None else read.parts):
        mime.decode(each, number)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.text(max_size=40))
def test_no_header_value_makes_it_raise(value: str) -> None:
    """Whatever the header says."""
    mime.media_type(value)
    mime.read(value, b"--b\r\n\r\n\r\n--b--")


_LINE = st.binary(max_size=12).map(lambda b: bytes(c for c in b if c not in b"\r\n\x0b\x0c\x1c\x1d\x1e\x85"))


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["base64", "8bit", "7bit"]), st.lists(_LINE, max_size=4)), min_size=1, max_size=4
    ),
    st.sampled_from([b"\r\n", b"\n"]),
)
def test_it_agrees_with_the_standard_library(contents: list[tuple[str, list[bytes]]], eol: bytes) -> None:
    """The same parts, with the same headers and octets, as the standard library's parser finds."""
    body = b"".join(
        part(f"<{number}>", "application/x", encoding, eol.join(lines), eol)
        for number, (encoding, lines) in enumerate(contents)
    ) + DELIMITER + b"--" + eol  # fmt: skip
    theirs = email.message_from_bytes(b"Content-Type: " + CONTENT_TYPE.encode() + b"\r\n\r\n" + body).get_payload()
    ours, _ = mime.read(CONTENT_TYPE, body)
    assert ours is not None
    assert [(dict(p.headers), p.body) for p in ours.parts] == [
        (dict(p.items()), p._payload.encode("ascii", "surrogateescape")) for p in theirs  # type: ignore[union-attr]
    ]  # fmt: skip
