"""Verdicts: the order, the roll-up, and the exit codes."""

from __future__ import annotations

import pytest

from harness.verdict import ORDER, Outcome, exit_code, worst


@pytest.mark.parametrize("place", range(len(ORDER)))
def test_a_scenario_takes_the_worst_of_its_tested_findings(place: int) -> None:
    assert worst(reversed(ORDER[place:])) is ORDER[place]


def test_what_was_not_tested_never_hides_what_was() -> None:
    assert worst([Outcome.NOT_TESTED, Outcome.PASS]) is Outcome.PASS
    assert worst([Outcome.NOT_TESTED, Outcome.NOT_APPLICABLE]) is Outcome.NOT_TESTED


def test_no_finding_at_all_is_never_a_pass() -> None:
    assert worst([]) is Outcome.NOT_TESTED
    assert worst([Outcome.NOT_APPLICABLE]) is Outcome.NOT_APPLICABLE
    assert worst([Outcome.OBSERVED, Outcome.NOT_TESTED]) is Outcome.OBSERVED


@pytest.mark.parametrize(
    ("outcomes", "plain", "strict"),
    [
        ([Outcome.PASS], 0, 0),
        ([Outcome.PASS, Outcome.REVIEW], 0, 1),
        ([Outcome.PASS, Outcome.WARN], 0, 1),
        ([Outcome.NOT_TESTED], 0, 1),
        ([Outcome.FAIL, Outcome.PASS], 1, 1),
        ([Outcome.INCONCLUSIVE], 1, 1),
        ([Outcome.UNPROVEN], 1, 1),
        ([Outcome.FAIL, Outcome.ERROR], 3, 3),
        ([], 1, 1),
    ],
)
def test_the_exit_code_says_what_the_worst_outcome_was(outcomes: list[Outcome], plain: int, strict: int) -> None:
    assert exit_code(outcomes) == plain
    assert exit_code(outcomes, strict=True) == strict
