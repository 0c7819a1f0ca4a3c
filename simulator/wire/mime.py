"""Reads MIME multipart/related as the field sends it: every part byte for byte, every oddity as a departure.

Sources: RFC 2045 §5.1 (parameters), RFC 2046 §5.1 (boundaries), RFC 2387 (related), RFC 2392 (cid).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from simulator.wire import fields
from simulator.wire.departures import D, Departure, Departures, note

# A bound of our own on what one delivery may make us keep. The wire's own limit of 100 parts is a check's business.
MAX_PARTS = 2_000
_GUESS_WITHIN = 65_536
_USUAL = 300

_TOKEN = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)(\s*)=(\s*)("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_GUESS = re.compile(rb"(?:\A|\n)--([^\r\n>][^\r\n]{0,199})")
_AFTER_MARK = re.compile(rb"(--)?[ \t]*(?:(\r?\n)|\r?\Z)")
_LINE_LIMIT = 998  # RFC 5322 §2.1.1, without the line break
_ENCODINGS = frozenset({"7bit", "8bit", "binary", "base64", "quoted-printable"})
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_UNQUOTED = {"type": D.TYPE_UNQUOTED, "start": D.START_UNQUOTED, "boundary": D.BOUNDARY_UNQUOTED}


@dataclass(frozen=True, slots=True)
class Part:
    """One body part.

    :param headers: name and value in the order and spelling they came in; values unfolded.
    :param body: the octets between the blank line and the delimiter's line break, still transfer-encoded.
    :param offset: where ``body`` begins in the package, in bytes.
    :param content_id: without angle brackets, percent-decoded (RFC 2392); empty when there is none.
    :param content_type: media type in lower case without parameters; empty when there is none.
    :param charset: the charset parameter as written; empty when there is none.
    :param transfer_encoding: in lower case; empty when there is none, which RFC 2045 reads as 7bit.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    offset: int
    content_id: str
    content_type: str
    charset: str
    transfer_encoding: str


@dataclass(frozen=True, slots=True)
class Package:
    """The parts in the order they came: envelope first, HL7 second, attachments after (nobody relies on ``start``)."""

    parts: tuple[Part, ...]
    boundary: bytes


def read(content_type: str, body: bytes) -> tuple[Package | None, Departures]:
    """Split ``body`` into its parts. ``None`` only when not one part could be found."""
    media, parameters, departures = media_type(content_type)
    found = list(departures)
    if media and not media.startswith("multipart/"):
        found.append(note(D.NOT_MULTIPART, media))
    boundary, delimiters = _delimiters_of(body, parameters.get("boundary", ""), found)
    if not delimiters or delimiters[0].closing:
        return None, (*found, note(D.NO_PARTS))
    parts = _parts(body, delimiters, found)
    _check_related(parameters, parts[0], found)
    return Package(parts, boundary), tuple(found)


def decode(part: Part, number: int = -1) -> tuple[bytes, Departures]:
    """Undo the transfer encoding of ``part``: 7bit, 8bit, binary, base64 or quoted-printable.

    Only what decoding itself brings to light is reported here; what can be seen without it, ``read`` reports.
    """
    if part.transfer_encoding == "base64":
        return _decode_base64(part, number)
    if part.transfer_encoding == "quoted-printable":
        return binascii.a2b_qp(part.body), ()
    return part.body, ()


def media_type(value: str) -> tuple[str, dict[str, str], Departures]:
    """Read a Content-Type value tolerantly: media type in lower case, parameters by lower-case name.

    A value that is an RFC 2045 token needs no quotes, so its being unquoted is no departure. Of a repeated parameter
    the first counts.
    """
    if not value.strip():
        return "", {}, (note(D.CONTENT_TYPE_MISSING),)
    media, parameters, found = (_media_type if len(value) <= _USUAL else _media_type.__wrapped__)(value)
    return media, dict(parameters), found


# A sender says the same with every message, but what it says is its own: hence the bounds.
@lru_cache(maxsize=256)
def _media_type(value: str) -> tuple[str, dict[str, str], Departures]:
    parameters: dict[str, str] = {}
    found: list[Departure] = []
    for name, before, after, written in _PARAMETER.findall(value):
        if before or after:
            found.append(note(D.PARAMETER_SPACED, f"{name}{before}={after}"))
        quoted = len(written) > 1 and written[0] == written[-1] == '"'
        plain = re.sub(r"\\(.)", r"\1", written[1:-1]) if quoted else written.strip().lstrip('"')
        key = name.lower()
        if not quoted and key in _UNQUOTED and not _TOKEN.fullmatch(plain):
            found.append(note(_UNQUOTED[key], written))
        parameters.setdefault(key, plain)
    return value.partition(";")[0].strip().lower(), parameters, tuple(found)


# -- delimiters


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """One delimiter line, with the line break before it, which RFC 2046 counts to it. All are byte offsets."""

    begin: int
    line: int
    end: int
    closing: bool
    bare: int


def _delimiters_of(body: bytes, given: str, found: list[Departure]) -> tuple[bytes, list[_Delimiter]]:
    """The boundary in force and its delimiters: the declared one or, failing that, the one that the body shows."""
    boundary = given.encode("latin-1", "replace")
    if not boundary:
        found.append(note(D.BOUNDARY_MISSING))
    delimiters = list(_delimiters(body, boundary)) if boundary else []
    guess = None if delimiters else _GUESS.search(body[:_GUESS_WITHIN])
    if guess is not None:
        boundary = guess[1].rstrip()
        delimiters = list(_delimiters(body, boundary))
        found.append(note(D.BOUNDARY_GUESSED, boundary.decode("latin-1"), offset=guess.start(1)))
    return boundary, delimiters


def _delimiters(body: bytes, boundary: bytes) -> Iterator[_Delimiter]:
    """Delimiter lines up to the closing one, or up to one more than we keep."""
    mark = b"--" + boundary
    position, count = body.find(mark), 0
    while position >= 0 and count <= MAX_PARTS:
        at_line_start = position == 0 or body[position - 1] == 0x0A
        after = _AFTER_MARK.match(body, position + len(mark)) if at_line_start else None
        if after is not None:
            begin = position - (position > 0)
            crlf_before = begin > 0 and body[begin - 1] == 0x0D
            bare = begin if position > 0 and not crlf_before else after.start(2) if after[2] == b"\n" else -1
            yield _Delimiter(begin - crlf_before, position, after.end(), after[1] is not None, bare)
            if after[1] is not None:
                return
            count += 1
        position = body.find(mark, position + len(mark))


def _parts(body: bytes, delimiters: list[_Delimiter], found: list[Departure]) -> tuple[Part, ...]:
    first, last = delimiters[0], delimiters[-1]
    if body[: first.begin].strip():
        found.append(note(D.PREAMBLE, body[:200].decode("latin-1"), offset=0))
    if last.closing and body[last.end :].strip():
        found.append(note(D.EPILOGUE, body[last.end : last.end + 200].decode("latin-1"), offset=last.end))
    if len(delimiters) > MAX_PARTS and not last.closing:
        found.append(note(D.TOO_MANY_PARTS, f"more than {MAX_PARTS}", offset=last.line))
    elif not last.closing:
        found.append(note(D.CLOSING_MISSING, offset=len(body)))
    ends = [following.begin for following in delimiters[1:]] + ([] if last.closing else [len(body)])
    bare = [delimiter.bare for delimiter in delimiters if delimiter.bare >= 0]
    seen: set[str] = set()
    parts = []
    for number, (delimiter, end) in enumerate(zip(delimiters[:MAX_PARTS], ends, strict=False)):
        part = _part(body, delimiter.end, max(end, delimiter.end), number, found, bare)
        if part.content_id and part.content_id in seen:
            found.append(note(D.CONTENT_ID_DUPLICATE, part.content_id, offset=part.offset, part=number))
        seen.add(part.content_id)
        parts.append(part)
    if bare:  # once for the package: a sender that writes LF writes it everywhere
        found.append(note(D.BARE_LF, offset=min(bare)))
    return tuple(parts)


def _check_related(parameters: dict[str, str], root: Part, found: list[Departure]) -> None:
    """RFC 2387 §3: ``type`` is required; ``start`` is the root part's Content-Id, which has angle brackets."""
    if not parameters.get("type"):
        found.append(note(D.TYPE_MISSING))
    start = parameters.get("start", "")
    if not start:
        found.append(note(D.START_MISSING))
        return
    if not (start.startswith("<") and start.endswith(">")):
        found.append(note(D.START_NO_ANGLE_BRACKETS, start))
    if unquote(start.strip("<>")) != root.content_id:
        found.append(note(D.START_NOT_FIRST, start))


# -- one part


def _part(body: bytes, begin: int, end: int, number: int, found: list[Departure], bare: list[int]) -> Part:
    block = fields.read(body, begin, end, number)
    found.extend(block.departures)
    if block.bare_lf >= 0:
        bare.append(block.bare_lf)
    values = block.values
    written = values.get("content-type", "")
    media, parameters, departures = media_type(written) if written else ("", {}, (note(D.PART_TYPE_MISSING),))
    found.extend(Departure(d.code, begin, d.detail, number) for d in departures)
    content_id = _content_id(values.get("content-id", ""), begin, number, found)
    encoding = values.get("content-transfer-encoding", "").lower()
    data = body[block.end : end]
    found.extend(note(code, detail, offset=block.end, part=number) for code, detail in _encoding_facts(encoding, data))
    return Part(block.headers, data, block.end, content_id, media, parameters.get("charset", ""), encoding)


def _content_id(written: str, offset: int, number: int, found: list[Departure]) -> str:
    """The Content-Id as ``cid:`` addresses it. AR07: percent-encoded ones must be accepted."""
    if not written:
        found.append(note(D.CONTENT_ID_MISSING, offset=offset, part=number))
        return ""
    if not (written.startswith("<") and written.endswith(">")):
        found.append(note(D.CONTENT_ID_NO_ANGLE_BRACKETS, written, offset=offset, part=number))
    plain = written.strip("<>")
    decoded = unquote(plain)
    if decoded != plain:
        found.append(note(D.CONTENT_ID_PERCENT_ENCODED, plain, offset=offset, part=number))
    return decoded


def _encoding_facts(encoding: str, data: bytes) -> Iterator[tuple[D, str]]:
    if not encoding:
        yield D.ENCODING_MISSING, ""
    elif encoding not in _ENCODINGS:
        yield D.ENCODING_UNKNOWN, encoding
    if encoding in ("", "7bit") and not data.isascii():
        yield D.EIGHT_BIT_IN_SEVEN, encoding
    if encoding == "quoted-printable":
        yield D.QUOTED_PRINTABLE, ""
    if encoding == "base64" and _has_long_line(data):
        yield D.BASE64_UNWRAPPED, f"a line of more than {_LINE_LIMIT} octets"


def _has_long_line(data: bytes) -> bool:
    """Whether a line exceeds the limit. Lines of one length, the rule, are seen at once; else by steps of the limit."""
    stride = data.find(b"\n") + 1
    if 0 < stride <= _LINE_LIMIT:
        ends = data[stride - 1 :: stride]
        if ends.count(b"\n") == len(ends):
            return False
    position = 0
    while len(data) - position > _LINE_LIMIT:
        feed = data.rfind(b"\n", position, position + _LINE_LIMIT + 2)
        if feed < 0:
            return True
        position = feed + 1
    return False


def _decode_base64(part: Part, number: int) -> tuple[bytes, Departures]:
    """Strictly first; when that fails, whatever the alphabet's characters before the padding hold."""
    try:
        return binascii.a2b_base64(part.body.translate(None, b"\r\n\t "), strict_mode=True), ()
    except binascii.Error as error:
        kept = part.body.partition(b"=")[0].translate(None, _NOT_BASE64)
        kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
        data = binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
        return data, (note(D.BASE64_INVALID, str(error), offset=part.offset, part=number),)
