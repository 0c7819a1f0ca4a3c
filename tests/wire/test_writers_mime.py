"""The MIME writer is strict with what it sends, and refuses what would break on the way."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.wire.writers.mime import Out, write

XML = Out("one@spine.nhs.uk", "text/xml; charset=UTF-8", b"<a/>")


def test_every_line_that_is_ours_ends_in_crlf_and_the_package_is_closed() -> None:
    _, body = write([XML])
    assert body == (
        b"----=_MIME-Boundary\r\n"
        b"Content-Id: <one@spine.nhs.uk>\r\n"
        b"Content-Type: text/xml; charset=UTF-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n"
        b"\r\n"
        b"<a/>\r\n"
        b"----=_MIME-Boundary--\r\n"
    )


def test_all_parameters_of_the_package_are_quoted() -> None:
    """Unquoted, this boundary makes parsers see no multipart at all."""
    assert write([XML], charset="UTF-8")[0] == (
        'multipart/related; boundary="--=_MIME-Boundary"; charset="UTF-8"; type="text/xml"; start="<one@spine.nhs.uk>"'
    )


@pytest.mark.parametrize(("size", "lines"), [(0, 1), (57, 1), (58, 2), (57 * 256, 256), (57 * 512 + 1, 513)])
def test_base64_is_wrapped_at_76_characters_with_crlf(size: int, lines: int) -> None:
    """57 octets fill a line exactly (RFC 2045 §6.8); an empty attachment leaves an empty line."""
    _, body = write([XML, Out("two", "image/tiff", bytes(size), "base64")])
    data = body.partition(b"base64\r\n\r\n")[2].partition(b"\r\n----=")[0].split(b"\r\n")
    assert len(data) == lines
    assert all(len(line) <= 76 for line in data)
    assert all(len(line) == 76 for line in data[:-1])


@given(st.lists(st.tuples(st.binary(max_size=300), st.sampled_from(["base64", "binary"])), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_standard_library_gets_every_octet_back(contents: list[tuple[bytes, str]]) -> None:
    """For binary the boundary is one that generated octets do not hit; the library wants ASCII line ends only."""
    parts = [
        Out(f"p{n}", "application/octet-stream", data.replace(b"\r", b"").replace(b"\n", b""), encoding)
        for n, (data, encoding) in enumerate(contents)
    ]
    content_type, body = write(parts, boundary="a-boundary-that-nobody-hits")
    package = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert [part.get_payload(decode=True) for part in package.walk() if not part.is_multipart()] == [
        part.data for part in parts
    ]


def test_a_part_that_holds_the_boundary_is_refused() -> None:
    """RFC 2046 §5.1.1: the delimiter must not occur inside a part; one client lets it through, and breaks."""
    with pytest.raises(ValueError, match="boundary"):
        write([XML, Out("two", "text/xml", b"<a>\r\n----=_MIME-Boundary\r\n</a>")])


def test_base64_may_hold_any_octets_whatever_the_boundary() -> None:
    _, body = write([XML, Out("two", "text/plain", b"\r\n----=_MIME-Boundary--\r\n", "base64")])
    assert body.count(b"----=_MIME-Boundary") == 3


@pytest.mark.parametrize(
    ("parts", "boundary", "about"),
    [
        ([], "b", "at least one part"),
        ([XML], "", "not a boundary"),
        ([XML], 'a"b', "not a boundary"),
        ([XML], "ends in a blank ", "not a boundary"),
        ([XML], "x" * 71, "not a boundary"),
        ([Out("", "text/xml", b"")], "b", "header"),
        ([Out("<a>", "text/xml", b"")], "b", "header"),
        ([Out("a", "text/xml\r\nX-Other: 1", b"")], "b", "header"),
        ([Out("a", "text/xml", b"", "quoted-printable")], "b", "transfer encoding"),
        ([Out("a", "text/xml", b"\xe9", "7bit")], "b", "7bit"),
    ],
)
def test_our_own_misuse_raises(parts: list[Out], boundary: str, about: str) -> None:
    with pytest.raises(ValueError, match=about):
        write(parts, boundary=boundary)


def test_7bit_data_declared_so_is_written_as_it_is() -> None:
    assert b"7bit\r\n\r\nplain\r\n" in write([Out("a", "text/plain", b"plain", "7bit")])[1]
