"""Our schemas judge published messages, and messages made wrong from them, as the official ones do."""

from __future__ import annotations

from functools import cache

import pytest

from harness.validation import schemas
from harness.validation.schemas import INTERACTIONS, schema
from tests.agreement.comparison import KNOWN, compare, engines_differ, known, make, second_engine, some
from tests.agreement.grammars import Comparison
from tests.agreement.mutations import Mutant
from tests.agreement.samples import Sample, grammar, samples, valid
from tests.shared import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]


@cache
def _samples() -> list[Sample]:
    assert SHARED is not None
    return samples(SHARED)


@cache
def _mutants() -> list[Sample]:
    assert SHARED is not None
    return some(make(SHARED, valid(SHARED), 1, 3), 200)


def test_all_published_payloads_are_compared() -> None:
    assert len(_samples()) == 72


def test_a_published_payload_gets_the_official_verdict_but_for_known_differences() -> None:
    assert SHARED is not None
    outcomes = compare(SHARED, (Mutant(each, "none", 0, each.root) for each in _samples()))
    differing = [each for each in outcomes if not each.agreed]
    assert {known(SHARED, each) for each in differing} == {"D1 digits of a time"}
    assert len(differing) == 3


@pytest.mark.parametrize("interaction", INTERACTIONS)
def test_the_grammars_are_the_same_type_by_type(interaction: str) -> None:
    assert SHARED is not None
    comparison = Comparison(grammar(SHARED, interaction), schemas.grammar(interaction))
    assert list(comparison.differences(interaction)) == []
    assert comparison.pairs > 70


def test_the_comparison_of_grammars_notices_what_uk07_has_and_uk06_has_not() -> None:
    assert SHARED is not None
    comparison = Comparison(grammar(SHARED, "RCMR_IN030000UK07"), schemas.grammar("RCMR_IN030000UK06"))
    left, right = (each.types for each in (grammar(SHARED, "RCMR_IN030000UK07"), schemas.grammar("RCMR_IN030000UK06")))
    found = list(comparison.types(left["RCMR_MT030101UK05.EhrComposition"], right["Composition"], "x"))
    assert any("confidentialityCode" in each for each in found)


def test_two_hundred_mutants_get_the_official_verdict_but_for_known_differences() -> None:
    assert SHARED is not None
    outcomes = list(compare(SHARED, (Mutant(each, each.name, 0, each.root) for each in _mutants())))
    assert len(outcomes) == 200
    assert sum(each.official for each in outcomes) > 20, "mutants that are all wrong compare little"
    assert {known(SHARED, each) for each in outcomes if not each.agreed} <= set(KNOWN)


def test_both_engines_agree_on_every_sample_and_on_mutants() -> None:
    assert engines_differ([*_samples(), *_mutants()[:50]]) == []


def test_the_comparison_notices_a_schema_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An acknowledgement measured against the wrong schema: the official one accepts what this one refuses."""
    assert SHARED is not None
    monkeypatch.setattr("tests.agreement.comparison.schema", lambda _: schema("RCMR_IN010000UK05"))
    good = [each for each in valid(SHARED) if each.interaction == "MCCI_IN010000UK13"]
    outcomes = list(compare(SHARED, (Mutant(each, "none", 0, each.root) for each in good)))
    assert outcomes
    assert not any(each.agreed or known(SHARED, each) for each in outcomes)
    assert all(second_engine(each) for each in good)
