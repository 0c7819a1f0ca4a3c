"""Stable ids for deep links: the same scenario and check get the same id in every report of every run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.report.model import RunView
from harness.report.tally import scenarios


@dataclass(frozen=True, slots=True)
class Anchors:
    """The ids of one scenario, its findings and its messages, in the order of the view."""

    scenario: str
    findings: tuple[str, ...]
    messages: tuple[str, ...]


class Names:
    """Hands out ids that are unique in one document; a repeat gets ``-2``, ``-3`` in order of appearance."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, text: str) -> str:
        """An id made of lower-case ASCII letters, digits and hyphens."""
        wanted = re.sub(r"[^a-z0-9]+", "-", text[:120].lower()).strip("-")
        name, number = wanted, self._next.get(wanted, 1)
        while name in self._used:
            number += 1
            name = f"{wanted}-{number}"
        self._next[wanted] = number
        self._used.add(name)
        return name


def anchors(run: RunView) -> tuple[Anchors, ...]:
    """The ids of every scenario, in order. The first letter says what it is: s(cenario), f(inding), m(essage)."""
    names = Names()
    return tuple(
        Anchors(
            names.take(f"s-{view.case}"),
            tuple(names.take(f"f-{view.case}-{found.check}") for found in view.findings),
            tuple(names.take(f"m-{view.case}-{message.entry}") for message in view.messages),
        )
        for view in scenarios(run)
    )


def monitor_anchors(run: RunView) -> tuple[str, ...]:
    """The ids of the findings about the run as a whole."""
    names = Names()
    return tuple(names.take(f"run-{found.check}") for found in run.monitors)
