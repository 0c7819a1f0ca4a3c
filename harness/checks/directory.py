"""Checks on what the system under test asks SDS before it sends its request. Layer: service."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, ok
from harness.evidence import Evidence, Meaning
from harness.verdict import Layer, Where
from simulator.ledger import Entry

REQUESTS = ("RCMR_IN010000UK05", "RCMR_IN010000UK06")


def _queries(evidence: Evidence, call: str) -> list[Entry]:
    """The queries of one kind that name an interaction of requests, and the previous practice or its party key."""
    names = {str(evidence.peer["ods"]), str(evidence.peer["party_key"])}
    return [
        each
        for each in evidence.services
        if each.data["service"] == "SDS"
        and each.data["call"] == call
        and names & set(each.data["query"].values())
        and any(str(value).endswith(REQUESTS) for value in each.data["query"].values())
    ]


def _asked_first(evidence: Evidence, call: str, what: str) -> Iterator[Saw]:
    requests = evidence.said(Meaning.REQUEST)
    if not requests:
        yield missing(evidence, "an EHR request")
        return
    calls = _queries(evidence, call)
    if not calls:
        yield bad(f"a query for {what} of {evidence.peer['ods']}", "none", at(requests[0]))
    elif calls[0].seq > requests[0].entry.seq:
        yield bad("before the request", "after it", Where(entry=calls[0].seq))
    else:
        yield ok(f"SDS {call} for {what} of {evidence.peer['ods']}", Where(entry=calls[0].seq))


@check(
    "Q-looks-up",
    "the system at the previous practice that takes requests is looked up in SDS before the request",
    "TD12",
    "S20",
    layer=Layer.SERVICE,
)
def looks_up(evidence: Evidence) -> Iterator[Saw]:
    """TD12: a directory query for systems, by the previous practice and the interaction UK05 or UK06."""
    yield from _asked_first(evidence, "Device", "the system")


@check(
    "Q-asks-contract",
    "the contract of the request is looked up in SDS, and the request follows",
    "TD13",
    "TD13.3",
    layer=Layer.SERVICE,
)
def asks_contract(evidence: Evidence) -> Iterator[Saw]:
    """TD13: a query for endpoints, by the interaction and the party key found; over FHIR the ODS code will do [ours]."""
    yield from _asked_first(evidence, "Endpoint", "the contract")
