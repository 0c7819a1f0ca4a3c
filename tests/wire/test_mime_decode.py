"""Undoing the transfer encoding of a part."""

from __future__ import annotations

from simulator.wire import mime
from simulator.wire.departures import D
from tests.wire.received import codes


def _part_of(encoding: str, body: bytes) -> mime.Part:
    return mime.Part((), body, 7, "", "", "", encoding)


# sentence, encoding, octets, decoded, departures
CASES: list[tuple[str, str, bytes, bytes, set[D]]] = [
    ("none", "", b"a=", b"a=", set()),
    ("8bit", "8bit", b"\xe9", b"\xe9", set()),
    ("unknown", "gzip", b"x", b"x", set()),
    ("quoted-printable", "quoted-printable", b"a=3D=\r\nb", b"a=b", set()),
    ("quoted-printable spoilt", "quoted-printable", b"=zz=", b"=zz", set()),
    ("base64 in CRLF lines", "base64", b"YW\r\nJj\r\n", b"abc", set()),
    ("base64 in LF lines", "base64", b"YW\nJj\n", b"abc", set()),
    ("base64 empty", "base64", b"\r\n", b"", set()),
    ("base64 padded", "base64", b"YQ==", b"a", set()),
    ("base64 without padding", "base64", b"YQ", b"a", {D.BASE64_INVALID}),
    ("base64 one character over", "base64", b"YWJjZ", b"abc", {D.BASE64_INVALID}),
    ("base64 with a stranger", "base64", b"YW!Jj", b"abc", {D.BASE64_INVALID}),
    ("base64 and more behind the padding", "base64", b"YQ==YQ==", b"a", {D.BASE64_INVALID}),
    ("no base64", "base64", b"\xff\0====", b"", {D.BASE64_INVALID}),
]


def test_a_part_is_decoded_as_far_as_it_can_be() -> None:
    """Valid data exactly, invalid data as far as it goes."""
    told = {}
    for case, encoding, body, _, _ in CASES:
        data, departures = mime.decode(_part_of(encoding, body), 2)
        told[case] = (data, codes(departures))
        assert all((departure.part, departure.offset) == (2, 7) for departure in departures), case
    assert told == {case: (expected, found) for case, _, _, expected, found in CASES}
