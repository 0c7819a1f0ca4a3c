"""The case catalogue: what could be tested, with its basis, and what has become of each case here."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


class CaseTrouble(Exception):
    """Cases that there are not; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the catalogue.

    :param scenarios: names of the library that play it; :param needs: the capability that it waits for.
    :param pack: "adaptor" for one product's behaviour, which counts for no supplier. :param reason: why it is not played.
    :param record: noted as observed, without a verdict, since sources disagree or are silent.
    """

    id: str
    group: str
    role: str
    stimulus: str
    expected: str
    basis: str
    requirements: tuple[str, ...] = ()
    record: bool = False
    pack: str = ""
    needs: str = ""
    scenarios: tuple[str, ...] = ()
    reason: str = ""

    @property
    def state(self) -> str:
        """In a word: scenario, need, pack or reason; a scenario before all."""
        if self.scenarios:
            return "scenario"
        return "pack" if self.pack else "need" if self.needs else "reason"


@cache
def cases() -> dict[str, Case]:
    """Every case by id. :raises ValueError: for a row that is no case."""
    rows = tomllib.loads(files("fixtures").joinpath("cases.toml").read_text("utf-8"))["case"]
    found: dict[str, Case] = {}
    for number, row in enumerate(rows, 1):
        lists = {key: tuple(row.get(key, ())) for key in ("requirements", "scenarios")}
        try:
            case = Case(**{**row, **lists})
        except TypeError as trouble:
            raise ValueError(f"fixtures/cases.toml, row {number}: {trouble}") from None
        found[case.id] = case
    return found


def lines(groups: str = "") -> Iterator[str]:
    """One line for each case, and the numbers of each group.

    :param groups: letters; empty for all. :raises CaseTrouble: for a letter that is no group.
    """
    known = {case.group for case in cases().values()}
    if strange := set(groups.upper()) - known:
        raise CaseTrouble(f"There is no group {' '.join(sorted(strange))}; there is {' '.join(sorted(known))}.")
    chosen = [case for case in cases().values() if not groups or case.group in groups.upper()]
    for case in chosen:
        told = "; ".join(case.scenarios) or case.pack or case.needs or case.reason
        yield f"{case.id:<6} {case.role:<10} {case.basis:<10} {case.state:<9} {told[:110]}"
    for group in sorted({case.group for case in chosen}):
        counts = Counter(case.state for case in chosen if case.group == group)
        yield f"group {group}: " + ", ".join(
            f"{counts[state]} {state}" for state in ("scenario", "reason", "need", "pack")
        )
    counts = Counter(case.state for case in chosen)
    outside = len(chosen) - counts["pack"]
    share = counts["reason"] / outside if outside else 0.0
    yield (
        f"{len(chosen)} cases: {counts['scenario']} with a scenario, {counts['reason']} with a reason "
        f"({share:.0%} of those outside the adaptor pack), {counts['need']} with a need, {counts['pack']} in the adaptor pack"
    )
