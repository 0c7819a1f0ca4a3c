"""Rules on the published samples: none raises, and no MUST is what real systems do otherwise."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from harness.rules import RULES
from tests.rules.samples import FILES, name, subject
from tests.shared import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]

LIVE = frozenset({"EMIS", "TPP", "Vision"})


@cache
def _suppliers() -> dict[str, frozenset[str]]:
    """The live supplier whose system made a sample, where one did and it was left as it was, by the sample's name."""
    assert SHARED is not None
    head, *lines = (SHARED / "samples" / "index.tsv").read_text(encoding="utf-8").splitlines()
    columns = head.split("\t")
    rows = [dict(zip(columns, line.split("\t"), strict=False)) for line in lines]
    return {row["file"]: frozenset({row["supplier"]}) & LIVE for row in rows}


@pytest.mark.parametrize("file", FILES, ids=[name(file) for file in FILES])
def test_no_rule_raises_on_a_sample(file: Path) -> None:
    """Captures, templates, stubs and defective examples alike."""
    seen = subject(file)
    for rule in RULES.values():
        for each in rule.flaws(seen):
            assert each.expected, rule.id


def test_no_must_is_broken_by_two_live_systems() -> None:
    """What two suppliers do otherwise is no MUST that can fail a third: such a rule is for review, or wrong."""
    broken: dict[str, set[str]] = defaultdict(set)
    for file in FILES:
        seen = subject(file)
        for rule in RULES.values():
            if rule.severity == "FAIL" and rule.flaws(seen):
                broken[rule.id] |= _suppliers()[name(file)]
    assert {rule: sorted(suppliers) for rule, suppliers in broken.items() if len(suppliers) > 1} == {}
