"""Every message equals, octet for octet, one that was written by hand from the published skeletons."""

from __future__ import annotations

import pytest

from tests.wire.messages import GOLDEN, PACKAGES, SIGNALS


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_and_its_http_values_equal_the_hand_written_one(name: str) -> None:
    """The golden file begins with the two HTTP headers that belong to the body."""
    out = PACKAGES[name]()
    head = f"SOAPAction: {out.soap_action}\r\nContent-Type: {out.content_type}\r\n\r\n".encode()
    assert head + out.body == (GOLDEN / f"{name}.mime").read_bytes()


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_equals_the_hand_written_one(name: str) -> None:
    assert SIGNALS[name]() == (GOLDEN / f"{name}.xml").read_bytes()


def test_every_golden_message_is_compared() -> None:
    """``folder.xml`` is an input: the record inside the extracts."""
    written = {f"{name}.mime" for name in PACKAGES} | {f"{name}.xml" for name in SIGNALS} | {"folder.xml"}
    assert {path.name for path in GOLDEN.iterdir()} == written


def test_checkouts_keep_the_line_ends() -> None:
    """CRLF and LF both matter here; a file that an editor or a checkout has normalised proves nothing."""
    assert (GOLDEN / "request.mime").read_bytes().count(b"\r\n") == 19
    assert b"'?>\n<hl7:" in (GOLDEN / "spine_nack.mime").read_bytes()
