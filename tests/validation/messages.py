"""Valid messages of every interaction, made by the writers and the record factory."""

from __future__ import annotations

from functools import cache

from lxml import etree

from fixtures.factory import Attachment, patient, record
from fixtures.identity import Names
from tests.fixtures.skeleton import message
from tests.wire import oracle
from tests.wire.messages import PACKAGES


@cache
def parts(name: str) -> tuple[bytes, bytes]:
    """The envelope and the payload of a package."""
    out = PACKAGES[name]()
    bodies = oracle.read(out.content_type, out.body)["bodies"]
    envelope, payload = bodies[0], bodies[1]
    assert isinstance(envelope, bytes)
    assert isinstance(payload, bytes)
    return envelope, payload


def payload(name: str) -> bytes:
    """The payload of a package, one element a line so that errors have lines."""
    return _in_lines(parts(name)[1])


@cache
def extract(interaction: str, *, redacted: bool = False) -> bytes:
    """A message around a synthetic record with two attachments."""
    names = Names(7, 1, "case")
    attachments = (Attachment("letter.txt"), Attachment("scan.tif", "image/tiff"))
    made = record(
        names,
        patient(names),
        practice_ods="X90001",
        time="20260301101500",
        consultations=6,
        attachments=attachments,
        redacted=redacted,
    )
    return _in_lines(message(interaction, made.folder))


def _in_lines(octets: bytes) -> bytes:
    return etree.tostring(etree.fromstring(octets.replace(b"><", b">\n<")))


def swap(octets: bytes, old: str, new: str) -> bytes:
    """``octets`` with the first ``old`` replaced; fails when there is none, so that no case tests the wrong thing."""
    text = octets.decode()
    assert old in text, old
    return text.replace(old, new, 1).encode()
