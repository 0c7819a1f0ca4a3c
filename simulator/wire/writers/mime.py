"""Writes MIME multipart/related strictly: CRLF, quoted parameters, the three headers of AR05 on every part."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.wire import names

_LINE = 76  # RFC 2045 §6.8: at most this many characters to a line of base64
_BLOCK = 57 * 256  # octets encoded at once: whole lines, and few enough to be cut up while they are in the cache
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")  # RFC 2046 §5.1.1
_CONTENT_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII but angle brackets, which are ours to add
_VALUE = re.compile(r"[ -~]+")
_PLAIN_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Out:
    """One part to write.

    :param content_id: without angle brackets; percent-encoding is the caller's business.
    :param data: the octets before transfer encoding; ``base64`` is wrapped at 76 characters with CRLF.
    :param transfer_encoding: ``8bit`` (XML), ``base64`` (attachments), or ``7bit``/``binary``.
    """

    content_id: str
    content_type: str
    data: bytes
    transfer_encoding: str = "8bit"


def write(parts: Sequence[Out], *, boundary: str = names.BOUNDARY, charset: str = "") -> tuple[str, bytes]:
    """``(Content-Type value, body)``; the first part is the one that ``start`` and ``type`` name (RFC 2387).

    :param charset: written as a parameter of the package where given: only Spine's own messages have one.
    :raises ValueError: when the boundary occurs inside a part (RFC 2046 §5.1.1), there is no part, or a value would
        break a header line.
    """
    if not parts:
        raise ValueError("a package needs at least one part")
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError(f"not a boundary: {boundary!r}")
    mark = boundary.encode()
    delimiter = b"--" + mark
    pieces: list[bytes] = []
    for part in parts:
        data = _encode(part)
        # Base64 cannot hold the hyphens before a boundary, so megabytes need no search.
        if part.transfer_encoding != "base64" and mark in data:
            raise ValueError(f"the boundary {boundary!r} occurs inside the part {part.content_id!r}")
        pieces += (delimiter, b"\r\n", _headers(part), b"\r\n", data, b"\r\n")
    pieces += (delimiter, b"--\r\n")
    return _content_type(parts[0], boundary, charset), b"".join(pieces)


def _content_type(root: Out, boundary: str, charset: str) -> str:
    # RFC 2045 §5.1: "=", "/", "<" and "@" make no token, so all these values must be quoted.
    media_type = root.content_type.partition(";")[0].strip()
    extra = f' charset="{charset}";' if charset else ""
    return f'multipart/related; boundary="{boundary}";{extra} type="{media_type}"; start="<{root.content_id}>"'


def _headers(part: Out) -> bytes:
    if not (_CONTENT_ID.fullmatch(part.content_id) and _VALUE.fullmatch(part.content_type)):
        raise ValueError(f"a header of the part {part.content_id!r} is empty or would break its line")
    return (
        f"Content-Id: <{part.content_id}>\r\n"
        f"Content-Type: {part.content_type}\r\n"
        f"Content-Transfer-Encoding: {part.transfer_encoding}\r\n"
    ).encode()


def _encode(part: Out) -> bytes:
    if part.transfer_encoding == "base64":
        view = memoryview(part.data)
        return b"\r\n".join([_wrapped(view[at : at + _BLOCK]) for at in range(0, len(view), _BLOCK)])
    if part.transfer_encoding not in _PLAIN_ENCODINGS:
        raise ValueError(f"not a transfer encoding that GP2GP uses: {part.transfer_encoding!r}")
    if part.transfer_encoding == "7bit" and not part.data.isascii():
        raise ValueError(f"the part {part.content_id!r} is declared 7bit and is not")
    return part.data


def _wrapped(block: memoryview) -> bytes:
    text = binascii.b2a_base64(block, newline=False)
    return b"\r\n".join([text[at : at + _LINE] for at in range(0, len(text), _LINE)])
