"""A system that is not there has refused nothing: what Spine did wrong was then seen by nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.checks import BY_SENTENCE, run
from harness.evidence import Evidence
from harness.verdict import Outcome
from scenarios import slug
from simulator.ledger import Blobs, Entry
from tests.harness import played

CASES = {
    "what arrives damaged is refused, on the transport or by an answer, and not silently lost": (
        "the record is sent, when Spine delivers the request with a damaged octet"
    ),
    "a delivery under a certificate that is not to be trusted, or without one, is refused": (
        "the record is sent, when Spine delivers the request under an expired certificate"
    ),
}


def _gone(entry: Entry) -> Entry:
    """As it is when nobody listens."""
    away = {"status": None, "error": "refused", "reason": "connection refused"}
    return replace(entry, data={**entry.data, **away}) if entry.kind == "delivery.outcome" else entry


@pytest.mark.socket
@pytest.mark.parametrize("sentence", CASES)
def test_no_answer_of_nobody_is_no_pass(sentence: str) -> None:
    seen = played.evidence()[slug(CASES[sentence])]
    assert {each.outcome for each in run(BY_SENTENCE[sentence], seen)} == {Outcome.PASS}
    alone = Evidence([_gone(each) for each in seen.entries], Blobs(played.RUN))
    assert {each.outcome for each in run(BY_SENTENCE[sentence], alone)} == {Outcome.INCONCLUSIVE}
