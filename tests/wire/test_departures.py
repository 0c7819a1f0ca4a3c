"""The list of departures is closed, and each is one that octets can bring about."""

from __future__ import annotations

from simulator.wire.departures import D
from tests.wire import (
    test_description,
    test_ebxml,
    test_gp2gp,
    test_hl7,
    test_mime,
    test_mime_decode,
    test_reading,
    test_soap,
    test_xml,
)

# These are facts about the HTTP head, which no reader of wire is given: whoever takes the request reports them.
_OF_THE_SHELL = {D.CONTENT_LENGTH_LIES, D.SOAP_ACTION_MISSING}


def test_every_departure_is_expected_by_a_case_of_some_reader() -> None:
    """A code that no case brings about would be a promise that nobody tests."""
    tables = (
        test_description,
        test_mime,
        test_mime_decode,
        test_ebxml,
        test_soap,
        test_hl7,
        test_gp2gp,
        test_reading,
        test_xml,
    )
    expected = set().union(*(case[-1] for table in tables for case in table.CASES))
    assert expected == set(D) - _OF_THE_SHELL
