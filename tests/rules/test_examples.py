"""The operations that examples of rules need beyond those of mutations."""

from __future__ import annotations

from harness.reference.patches import Patch, apply
from simulator.wire import mime
from tests.rules.bases import base, subject


def test_grow_lengthens_a_payload_without_changing_what_it_says() -> None:
    """Blanks behind the root element: the message is the same message, only larger."""
    wire = apply(Patch("mime", "grow", {"part": 1, "bytes": 10}), base("extract"), {})
    assert len(wire.body) == len(base("extract").body) + 10
    assert subject(wire).reading.message == subject(base("extract")).reading.message


def test_grow_lengthens_an_attachment_that_still_decodes() -> None:
    """Whole lines of base64 before the old ones."""
    wire = apply(Patch("mime", "grow", {"part": 2, "bytes": 1_000}), base("fragment"), {})
    package = subject(wire).reading.package
    assert package is not None
    data, departures = mime.decode(package.parts[2])
    assert data.endswith(b"\0\1\2" * 2_000)
    assert len(package.parts[2].body) >= 1_000
    assert departures == ()


def test_repeat_attachment_adds_parts_with_ids_of_their_own() -> None:
    """As many as asked for, each a copy of the last; a message without attachments stays as it is."""
    patch = Patch("mime", "repeat-attachment", {"times": 3})
    package = subject(apply(patch, base("fragment"), {})).reading.package
    assert package is not None
    assert len(package.parts) == 6
    assert len({part.content_id for part in package.parts}) == 6
    assert len({part.body for part in package.parts[2:]}) == 1
    assert apply(patch, base("request"), {}) == base("request")


def test_xpath_of_an_example_reaches_into_a_point_to_point_message() -> None:
    """Prefixes gp and lc stand for the namespaces of the service and of localisation."""
    for xpath in ("//gp:Version", "//lc:messageType"):
        assert apply(Patch("hl7", "delete", {"xpath": xpath}), base("fragment"), {}) != base("fragment")
