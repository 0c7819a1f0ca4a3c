"""What a file turned out to hold: a message with its place in the file, or one sentence why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.rules import Subject


class Kind(StrEnum):
    """In which form a message was found."""

    HTTP = "HTTP request"
    MIME = "MIME package"
    ENVELOPE = "ebXML envelope alone"
    SIGNAL = "ebXML signal"
    FAULT = "SOAP fault"
    HL7 = "HL7 message"
    EXTRACT = "EhrExtract alone"
    QUEUE = "MHS adaptor JSON, inbound"
    REQUEST = "MHS adaptor JSON, outbound"


class NoMessage(Exception):
    """These octets hold no message, and do not claim to; the text is one sentence without the file's name."""


class Unusable(Exception):
    """These octets cannot be judged: too large, cut off, not readable; the text is one sentence without the file's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part begins in its file.

    :param line: line of the file, from 1, on which the part's first line stands.
    :param exact: whether the part's lines are lines of the file; they are not where it is base64, or text of JSON.
    """

    line: int = 1
    exact: bool = True

    def of(self, line: int) -> int:
        """The line of the file for a line of the part (from 1; less where unknown)."""
        return self.line + max(line, 1) - 1 if self.exact else self.line


@dataclass(frozen=True, slots=True)
class Found:
    """One message.

    :param around: what it was taken out of, outermost first: ``gzip``, ``JavaScript``.
    :param places: by part number: 0 the envelope, 1 the payload, then the attachments.
    :param soap: the envelope's octets; empty when there is none.
    """

    kind: Kind
    subject: Subject
    places: Mapping[int, Place] = field(default_factory=dict)
    soap: bytes = b""
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A message of a file, or what the file is instead.

    :param name: for people: the file, and which of its messages where it has several.
    :param file: the file that holds the octets; empty for standard input.
    :param found: the message; ``None`` says that there is none, and ``reason`` why.
    :param failed: whether it ought to have been judged and could not be.
    """

    name: str
    file: str
    found: Found | None
    reason: str = ""
    failed: bool = False
