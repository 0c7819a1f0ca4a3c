"""``python -m tests.agreement``: how far our schemas and the official ones agree, as tables; fails below the mark."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.validation import schemas
from harness.validation.schemas import INTERACTIONS
from tests.agreement.comparison import KNOWN, Outcome, compare, engines_differ, known, make, some
from tests.agreement.grammars import Comparison
from tests.agreement.mutations import Mutant
from tests.agreement.samples import grammar, samples, valid
from tests.shared import SHARED

MARK = 0.995
"""The share of mutants on which the verdicts must agree."""
LEAST = 5_000
"""The number of mutants below which a run says nothing."""


def main() -> int:
    """Runs the comparison; 0 when the mark is reached and every disagreement is a known one."""
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--each", type=int, default=14, help="mutants of every sample by every operator (14)")
    parser.add_argument("--engines", type=int, default=500, help="mutants for the comparison of the engines (500)")
    options = parser.parse_args()
    if SHARED is None:
        print("the published samples and schemas are not beside the project", file=sys.stderr)
        return 2
    started = time.monotonic()
    well = _grammars(SHARED) & _samples(SHARED)
    made = make(SHARED, valid(SHARED), options.each)
    outcomes = list(compare(SHARED, made))
    well &= _mutants(SHARED, outcomes)
    differ = engines_differ([*samples(SHARED), *some(made, options.engines)])
    print(f"\nBoth engines on our schemas: all samples and {options.engines} mutants, {len(differ)} differences")
    _lines((each.name, each.interaction) for each in differ)
    print(f"\n{time.monotonic() - started:.0f} s")
    return 0 if well and not differ else 1


def _grammars(shared: Path) -> bool:
    print("Grammars, compared type by type:")
    well = True
    for interaction in INTERACTIONS:
        comparison = Comparison(grammar(shared, interaction), schemas.grammar(interaction))
        found = list(comparison.differences(interaction))
        print(f"  {interaction}: {comparison.pairs} types, {len(found)} differences")
        if found:
            print("\n".join(f"    {each}" for each in found))
        well &= not found
    print()
    return well


def _samples(shared: Path) -> bool:
    outcomes = list(compare(shared, (Mutant(each, "none", 0, each.root) for each in samples(shared))))
    print(f"Samples: {len(outcomes)}\n")
    _table("interaction", ((_of(each), each.agreed) for each in outcomes), _accepted(outcomes, _of))
    differing = [(each.mutant.sample.name, known(shared, each)) for each in outcomes if not each.agreed]
    print("\nSamples with another verdict, and the class of the disagreement:")
    _lines(differing)
    return all(name for _, name in differing)


def _mutants(shared: Path, outcomes: list[Outcome]) -> bool:
    agreed = sum(outcome.agreed for outcome in outcomes)
    share = agreed / max(len(outcomes), 1)
    print(f"\nMutants: {len(outcomes)}, agreed {agreed} ({share:.3%})\n")
    _table(
        "interaction", ((each.mutant.sample.interaction, each.agreed) for each in outcomes), _accepted(outcomes, _of)
    )
    print()
    _table("operator", ((each.mutant.operator, each.agreed) for each in outcomes), _accepted(outcomes, _by))
    classes = Counter(known(shared, each) or f"UNKNOWN: {each.error}" for each in outcomes if not each.agreed)
    print("\nClasses of disagreement:")
    _lines(sorted(classes.items()))
    return share >= MARK and len(outcomes) >= LEAST and all(name in KNOWN for name in classes)


def _of(outcome: Outcome) -> str:
    return outcome.mutant.sample.interaction


def _by(outcome: Outcome) -> str:
    return outcome.mutant.operator


def _accepted(outcomes: list[Outcome], key: Callable[[Outcome], str]) -> Counter[str]:
    return Counter(key(each) for each in outcomes if each.official)


def _table(title: str, rows: Iterable[tuple[str, bool]], accepted: Counter[str] | None = None) -> None:
    total: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    for name, same in rows:
        total[name] += 1
        agreed[name] += same
    last = "" if accepted is None else "  accepted"
    print(f"{title:24} {'number':>7} {'agreed':>7} {'share':>8}{last}")
    for name, number in total.items():
        valid_ones = "" if accepted is None else f"  {accepted[name]:8}"
        print(f"{name:24} {number:7} {agreed[name]:7} {agreed[name] / number:8.2%}{valid_ones}")


def _lines(rows: Iterable[tuple[str, object]]) -> None:
    print("\n".join(f"  {name}: {value}" for name, value in rows) or "  none")


if __name__ == "__main__":
    sys.exit(main())
