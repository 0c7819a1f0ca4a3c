"""Reads the ``key=value`` text of a manifest entry's ``eb:Description``, as the field sends it.

Sources: Handling Large Messages v1.1 §2.3.1, LM23, LM24; Attachment References v2.0 example 1. Seen besides the form of
the specification: pairs parted by tabs and line breaks, or, after one messaging adaptor has removed those, by nothing;
a bare file name without any key; the single word "Attachment".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from simulator.wire.departures import D, Departure, Departures, note

KEYS = ("Filename", "ContentType", "Compressed", "LargeAttachment", "OriginalBase64", "Length", "DomainData")
# LM24 demands these for every part; OriginalBase64 is not on its list, DomainData belongs to a skeleton alone.
MANDATORY = ("Filename", "ContentType", "Compressed", "LargeAttachment", "Length")
NO_NAME = "Attachment"  # what the official examples say where the payload beside it names the file

_KNOWN = f"(?:{'|'.join(KEYS)})="
_PAIR = re.compile(r"([A-Za-z][\w.\-]*)=")
_WORD = re.compile(rf"\S*?(?=\s|{_KNOWN}|\Z)")  # an unquoted value without blanks
_WORDS = re.compile(rf"(?s:.*?)(?={_KNOWN}|\Z)")  # one that may hold blanks: only a known key ends it
_DIGITS = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Description:
    """One description. What it does not say is ``None``, or an empty text.

    :param filename: without quotes; a bare file name counts.
    :param content_type: the original media type, as written.
    :param length: bytes after compression and base64.
    :param unknown: pairs with a key that nobody defined, in order.
    :param free_text: what stood there and was no pair.
    """

    filename: str = ""
    content_type: str = ""
    compressed: bool | None = None
    large: bool | None = None
    original_base64: bool | None = None
    length: int | None = None
    domain_data: str = ""
    unknown: tuple[tuple[str, str], ...] = ()
    free_text: str = ""

    @property
    def skeleton(self) -> bool:
        """Whether the entry is the HL7 removed from a skeleton. Blanks and case do not matter: systems differ."""
        return "".join(self.domain_data.split()).lower() == "x-gp2gp-skeleton:yes"


@dataclass(slots=True)
class _Scan:
    """What one pass over the text has found so far."""

    pairs: dict[str, str] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)

    def note(self, code: D, detail: str = "", offset: int = -1) -> None:
        self.departures.append(note(code, detail, offset=offset))


def read(text: str) -> tuple[Description, Departures]:
    """The description and what was odd about it. Offsets count characters of ``text``. Linear in its length."""
    scan = _Scan()
    at = _blank(text, 0)
    while at < len(text):
        end = _step(text, at, scan)
        at = _blank(text, end)
        if at == end < len(text):
            scan.note(D.DESCRIPTION_UNSPACED, text[end : end + 20], end)
    return _value(text, scan), tuple(scan.departures)


def _step(text: str, at: int, scan: _Scan) -> int:
    """Take one pair or one loose word at ``at``, and return where it ends."""
    pair = _PAIR.match(text, at)
    if pair is None:
        end = _end(_WORD, text, at)
        scan.loose.append(text[at:end])
        return end
    key, at = pair[1], pair.end()
    value, end = _quoted(text, at, scan) if text.startswith('"', at) else _unquoted(text, at, key, scan)
    if key not in KEYS:
        scan.note(D.DESCRIPTION_KEY_UNKNOWN, key, pair.start())
        scan.unknown.append((key, value))
    elif key in scan.pairs:
        scan.note(D.DESCRIPTION_KEY_REPEATED, key, pair.start())
    else:
        scan.pairs[key] = value
    return end


def _quoted(text: str, at: int, scan: _Scan) -> tuple[str, int]:
    close = text.find('"', at + 1)
    if close < 0:
        scan.note(D.DESCRIPTION_QUOTE_OPEN, text[at : at + 20], at)
        return text[at + 1 :].rstrip(), len(text)
    return text[at + 1 : close], close + 1


def _unquoted(text: str, at: int, key: str, scan: _Scan) -> tuple[str, int]:
    if key not in ("Filename", "DomainData"):
        end = _end(_WORD, text, at)
        return text[at:end], end
    scan.note(D.DESCRIPTION_UNQUOTED, key, at)
    value = text[at : _end(_WORDS, text, at)].rstrip()
    return value, at + len(value)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    assert found is not None  # both patterns match the empty text
    return found.end()


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _value(text: str, scan: _Scan) -> Description:
    pairs, free = scan.pairs, " ".join(scan.loose)
    if not pairs:
        free = text.strip()
        scan.note(D.DESCRIPTION_NO_PAIRS, free, 0)
        return Description(filename="" if free == NO_NAME else free, free_text=free)
    for key in MANDATORY:
        if not pairs.get(key):
            scan.note(D.DESCRIPTION_KEY_MISSING, key)
    if free:
        scan.note(D.DESCRIPTION_LOOSE_TEXT, free)
    return Description(
        filename=pairs.get("Filename", ""),
        content_type=pairs.get("ContentType", ""),
        compressed=_flag("Compressed", scan),
        large=_flag("LargeAttachment", scan),
        original_base64=_flag("OriginalBase64", scan),
        length=_length(scan),
        domain_data=pairs.get("DomainData", ""),
        unknown=tuple(scan.unknown),
        free_text=free,
    )


def _flag(key: str, scan: _Scan) -> bool | None:
    value = scan.pairs.get(key, "")
    if value in ("", "Yes", "No"):
        return value == "Yes" if value else None
    scan.note(D.DESCRIPTION_VALUE, f"{key}={value}")
    return {"yes": True, "no": False}.get(value.lower())


def _length(scan: _Scan) -> int | None:
    value = scan.pairs.get("Length", "")
    if _DIGITS.fullmatch(value):
        return int(value)
    if value:
        scan.note(D.DESCRIPTION_VALUE, f"Length={value}")
    return None
