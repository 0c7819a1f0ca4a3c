"""Reads the header fields at the beginning of a MIME part, and finds where they end when nothing marks it.

Sources: RFC 5322 §2.2 (fields, folding), RFC 2045 §5.1 and §6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from simulator.wire.departures import D, Departure, Departures, note

# Five fields are usual. A bound of our own: what stands behind so many lines is taken as body.
MAX_LINES = 200

_NAME = re.compile(rb"([!-9;=-~][!-9;-~]{0,99})([ \t]*):")
_ANGLE_ID = re.compile(rb"[ \t]+<[^<>\s]*>\s*")


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of one part.

    :param headers: name and value in the order and spelling they came in; values unfolded.
    :param values: the first value of each name, by lower-case name.
    :param end: byte offset at which the body begins.
    :param bare_lf: byte offset of the first line end that lacks its CR, or -1.
    """

    headers: tuple[tuple[str, str], ...]
    values: dict[str, str]
    end: int
    bare_lf: int
    departures: Departures


def read(data: bytes, begin: int, end: int, number: int) -> Fields:
    """Read the fields of part ``number``, which is ``data[begin:end]``.

    Without a blank line the body begins at the first line that is no field (INPS captures go straight on to the
    envelope), except that a line followed by a further field is taken as a spoilt field.
    """
    block = _Block(data, end, number)
    position, terminated = block.walk(begin)
    if not terminated:
        block.found.append(note(D.HEADERS_UNTERMINATED, offset=position, part=number))
    headers = tuple((name, _decode(b" ".join(filter(None, pieces)))) for name, pieces in block.fields)
    values: dict[str, str] = {}
    for name, value in headers:
        key = unquote(name).lower()
        if key in values:
            block.found.append(note(D.HEADER_DUPLICATE, name, offset=begin, part=number))
        elif key != name.lower():
            block.found.append(note(D.HEADER_MALFORMED, name, offset=begin, part=number))
        values.setdefault(key, value)
    return Fields(headers, values, position, block.bare_lf, tuple(block.found))


class _Block:
    """The walk over one header block."""

    def __init__(self, data: bytes, end: int, number: int) -> None:
        self.data, self.end, self.number = data, end, number
        self.fields: list[tuple[str, list[bytes]]] = []
        self.found: list[Departure] = []
        self.bare_lf = -1

    def walk(self, position: int) -> tuple[int, bool]:
        """Where the body begins, and whether a blank line stands before it."""
        for _ in range(MAX_LINES):
            feed = self.data.find(b"\n", position, self.end)
            line = self.data[position : feed if feed >= 0 else self.end]
            following = feed + 1 if feed >= 0 else self.end
            if line in (b"", b"\r") and feed >= 0:
                self._line_end(feed)
                return following, True
            if position == self.end or not self._take(line, position, following):
                return position, False
            self._line_end(feed)
            position = following
        return position, False

    def _take(self, line: bytes, position: int, following: int) -> bool:
        """Take a line in; false when it is body already."""
        name = _NAME.match(line)
        if name is not None:
            self.fields.append((_decode(name[1]), [line[name.end() :].strip()]))
            if name[2]:
                self._malformed("blank before the colon", position)
        elif self.fields and _continues(self.fields[-1][1], line):
            self.fields[-1][1].append(line.strip())
        elif line.lstrip()[:1] != b"<" and _NAME.match(self.data, following, self.end) is not None:
            self._malformed(_decode(line[:200]), position)
        else:
            return False
        return True

    def _malformed(self, detail: str, position: int) -> None:
        self.found.append(note(D.HEADER_MALFORMED, detail, offset=position, part=self.number))

    def _line_end(self, feed: int) -> None:
        if feed >= 0 and self.data[feed - 1 : feed] != b"\r" and self.bare_lf < 0:
            self.bare_lf = feed


def _continues(field: list[bytes], line: bytes) -> bool:
    """Whether a line continues a field. Markup does not, unless it is the id that an empty Content-Id waits for."""
    if line[:1] not in (b" ", b"\t"):
        return False
    return line.lstrip()[:1] != b"<" or (field == [b""] and _ANGLE_ID.fullmatch(line) is not None)


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
