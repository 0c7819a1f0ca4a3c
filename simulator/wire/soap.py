"""Reads a SOAP fault with ``nasp:errorList``, the form in which Spine refuses (wire form of TMS errors)."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.wire import names, xml
from simulator.wire.departures import D, Departures, note
from simulator.wire.xml import Element


@dataclass(frozen=True, slots=True)
class FaultError:
    """One ``nasp:error``: all five children, as written."""

    code_context: str
    code: str
    severity: str
    location: str
    description: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault."""

    faultcode: str
    faultstring: str
    errors: tuple[FaultError, ...]


def read(data: bytes, *, charset: str = "") -> tuple[Fault | None, Departures]:
    """The fault, or ``None`` when the octets hold none."""
    root, departures = xml.parse(data, charset=charset)
    if root is None:
        return None, departures
    if root.tag != _SOAP + "Envelope":
        return None, (*departures, note(D.EBXML_NOT_SOAP, str(root.tag)))
    return read_root(root), departures


def read_root(root: Element) -> Fault | None:
    """The fault of a document that is parsed already. Its own children bear no namespace in SOAP 1.1 (§4.4)."""
    fault = root.find(f"{_SOAP}Body/{_SOAP}Fault") if root.tag == _SOAP + "Envelope" else None
    if fault is None:
        return None
    return Fault(
        faultcode=_text(fault, "faultcode"),
        faultstring=_text(fault, "faultstring"),
        errors=tuple(_error(each) for each in fault.iterfind(f"{{*}}detail/{_NASP}errorList/{_NASP}error")),
    )


_SOAP = f"{{{names.SOAP}}}"
_NASP = f"{{{names.NASP}}}"


def _error(element: Element) -> FaultError:
    return FaultError(
        code_context=_text(element, "codeContext"),
        code=_text(element, "errorCode"),
        severity=_text(element, "severity"),
        location=_text(element, "location"),
        description=_text(element, "description"),
    )


def _text(parent: Element, name: str) -> str:
    child = parent.find("{*}" + name)
    return "" if child is None else xml.text_of(child).strip()
