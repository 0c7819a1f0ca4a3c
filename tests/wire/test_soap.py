"""The SOAP fault reader."""

# ruff: noqa: E501 -- a case is a row of a table

from __future__ import annotations

from lxml import etree

from simulator.wire import soap
from simulator.wire.departures import D
from simulator.wire.soap import Fault, FaultError
from tests.wire.received import ACKNOWLEDGMENT, FAULT, SOAP_NS, codes, swap

_FIRST = FaultError("urn:nhs:names:error:tms", "200", "Error", "Not Supported", "Down")
_EMPTY = FaultError("", "", "", "", "")
_BARE = f"<S:Envelope {SOAP_NS}><S:Body><S:Fault/></S:Body></S:Envelope>"

# sentence, octets, fault, departures
CASES: list[tuple[str, str, Fault | None, set[D]]] = [
    ("Spine's form", FAULT, Fault("SOAP:Server", "Application Exception", (_FIRST, _EMPTY)), set()),
    ("no detail", swap(FAULT, "detail>", "other>"), Fault("SOAP:Server", "Application Exception", ()), set()),
    ("qualified children", swap(FAULT, "faultcode>", "S:faultcode>"), Fault("SOAP:Server", "Application Exception", (_FIRST, _EMPTY)), set()),
    ("bare", _BARE, Fault("", "", ()), set()),
    ("no fault", ACKNOWLEDGMENT, None, set()),
    ("no SOAP", "<html/>", None, {D.EBXML_NOT_SOAP}),
    ("no XML", "Internal Server Error", None, {D.XML_MALFORMED}),
    ("nothing", "", None, {D.XML_EMPTY}),
]  # fmt: skip


def test_a_fault_is_read_or_there_is_none() -> None:
    """All five values of each error, empty when absent."""
    read = {case: soap.read(text.encode()) for case, text, _, _ in CASES}
    assert {case: (fault, codes(departures)) for case, (fault, departures) in read.items()} == {
        case: (fault, found) for case, _, fault, found in CASES
    }


def test_what_is_no_envelope_holds_no_fault() -> None:
    """A document that is parsed already."""
    assert soap.read_root(etree.fromstring(b"<a/>")) is None
