"""One pair for each test, which must play to its end what it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.protocol.pair import Pair


@pytest.fixture
def pair_with() -> Iterator[Callable[..., Pair]]:
    """Makes pairs with settings of Spine's behaviour; at the end of the test each must be finished."""
    pairs: list[Pair] = []

    def make(**behaviour: Any) -> Pair:
        pairs.append(Pair(**behaviour))
        return pairs[-1]

    yield make
    for pair in pairs:
        pair.finish()


@pytest.fixture
def pair(pair_with: Callable[..., Pair]) -> Pair:
    """A pair with Spine's usual behaviour."""
    return pair_with()
