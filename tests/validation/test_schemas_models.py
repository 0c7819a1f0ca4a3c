"""Content models are compared as languages."""

from __future__ import annotations

import pytest

from tests.agreement.models import EMPTY, Model, choice, difference, repeat, sequence

A, B, C = (Model("name", name=each) for each in "abc")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (choice(repeat(A, 0, 1), repeat(B, 0, 1)), repeat(choice(A, B), 0, 1)),
        (sequence(A, sequence(B, C)), sequence(sequence(A, B), C)),
        (choice(sequence(A, B), sequence(A, C)), sequence(A, choice(B, C))),
        (repeat(A, 1, 3), sequence(A, repeat(A, 0, 2))),
        (sequence(repeat(A, 0, None), A), repeat(A, 1, None)),
        (repeat(A, 0, 0), EMPTY),
    ],
)
def test_two_ways_to_write_one_language(left: Model, right: Model) -> None:
    assert difference(left, right) is None


@pytest.mark.parametrize(
    ("left", "right", "row"),
    [
        (sequence(A, B), sequence(B, A), ("a", "b")),
        (repeat(A, 0, 2), repeat(A, 0, 3), ("a", "a", "a")),
        (repeat(A, 0, None), repeat(A, 1, None), ()),
        (repeat(choice(A, B), 0, None), sequence(repeat(A, 0, None), repeat(B, 0, None)), ("b", "a")),
    ],
)
def test_the_shortest_row_that_one_allows_and_the_other_does_not(
    left: Model, right: Model, row: tuple[str, ...]
) -> None:
    assert difference(left, right) == row
