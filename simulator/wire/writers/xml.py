"""Escaping for the writers' templates, and the check that a mandatory text is there. Our own misuse raises."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\r\n'

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A parser turns CR into LF everywhere and every white space in an attribute into a blank (XML 1.0 §2.11, §3.3.3); only
# character references carry them through.
_IN_TEXT = {"\r": "&#13;"}
_IN_ATTRIBUTE = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def text(value: str) -> str:
    """``value`` as element content. :raises ValueError: for a character that XML 1.0 cannot hold."""
    return escape(_legal(value), _IN_TEXT)


def attribute(value: str) -> str:
    """``value`` as the content of an attribute in double quotes. :raises ValueError: as :func:`text`."""
    return escape(_legal(value), _IN_ATTRIBUTE)


def mandatory(**fields: str) -> None:
    """:raises ValueError: naming the first of ``fields`` that is empty or blank."""
    for name, value in fields.items():
        if not value.strip():
            raise ValueError(f"{name} must not be empty")


def _legal(value: str) -> str:
    found = _ILLEGAL.search(value)
    if found:
        raise ValueError(f"XML cannot hold the character U+{ord(found[0]):04X}")
    return value
