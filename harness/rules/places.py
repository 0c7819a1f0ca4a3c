"""What the rules on wrapper, envelope and manifest look at together: patterns, and places in the envelope's XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from harness.rules.register import Flaw, Subject, once
from simulator.wire import description, mime, names, xml
from simulator.wire.envelope import Envelope, Kind, Reference
from simulator.wire.xml import Element

UUID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")
ANY_UUID = re.compile(UUID.pattern, re.IGNORECASE)
# The Schematron of Handling Large Messages, Appendix 4.
ODS = re.compile(r"[A-Z0-9]{3,12}")
NAMESPACES = {"SOAP": names.SOAP, "eb": names.EB, "xlink": names.XLINK}


def value(element: Element, name: str) -> str:
    """An attribute as written; empty when absent."""
    return str(element.get(name, ""))


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def said(text: str) -> str:
    """What stood there, fit for a report: a word for nothing, and never more than a line."""
    return " ".join(text.split())[:200] or "nothing"


def envelope(subject: Subject) -> Envelope | None:
    """The envelope of a message; ``None`` for a signal, or when there is none (a bare payload)."""
    found = subject.reading.envelope
    return found if found is not None and found.kind is Kind.MESSAGE else None


def spot(expected: str, found: str, at: Element | str = "", line: int = -1) -> Flaw:
    """A flaw in the envelope part, at an element or at a path."""
    if isinstance(at, str):
        return Flaw(expected, said(found), 0, line, at)
    return Flaw(expected, said(found), 0, xml.line_of(at) or -1, local(at))


def in_soap(subject: Subject, path: str) -> list[Element]:
    """Elements of an XPath over a message's envelope (prefixes ``SOAP``, ``eb``, ``xlink``); none without its octets."""
    for root in _soap(subject):
        found = _xpath(path)(root)
        return [each for each in found if isinstance(each, Element)] if isinstance(found, list) else []
    return []


@once
def _soap(subject: Subject) -> Iterator[Element]:
    """The root of a message's envelope, with line numbers; nothing without its octets."""
    package = subject.reading.package
    if package is not None and envelope(subject) is not None:
        part = package.parts[0]
        root = xml.parse(mime.decode(part)[0], charset=part.charset)[0]
        if root is not None:
            yield root


@lru_cache(maxsize=64)
def _xpath(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES, smart_strings=False)


@once
def beside(subject: Subject) -> list[Reference]:
    """The manifest's references to anything but the HL7 payload."""
    found = envelope(subject)
    return [each for each in found.references[1:] if not each.is_payload] if found is not None else []


@once
def attachments(subject: Subject) -> list[tuple[int, mime.Part]]:
    """The MIME parts behind envelope and payload, with their numbers."""
    package = subject.reading.package
    return list(enumerate(package.parts))[2:] if package is not None else []


@lru_cache(maxsize=256)
def described(text: str) -> tuple[description.Description, frozenset[str]]:
    """A description, and the codes of what was odd about it."""
    read, departures = description.read(text)
    return read, frozenset(each.code.value for each in departures)
