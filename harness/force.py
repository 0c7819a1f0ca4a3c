"""What is in force: which requirements the release of a profile takes, and what its switches leave out.

The release and the switches stand in the plan of a case, so that it can be judged again from its ledger alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from harness.requirements import Requirement, catalogue
from harness.rules.register import PACKS, Rule
from harness.verdict import Finding, Outcome

DEFAULT = "S43-6.0.1"
EVERYTHING = "everything"
"""No release: every requirement at once, so that ``gp2gp prove`` can show that each check bites."""
_SWITCHES = {"LM": "large messaging", "AB": "A-B-A"}


@dataclass(frozen=True, slots=True)
class Release:
    """One release. ``takes``: whose requirements; ``packs``: with what; ``unheld``: what of it has no text here."""

    id: str
    text: str
    takes: tuple[str, ...]
    packs: tuple[str, ...]
    unheld: tuple[str, ...] = ()


@cache
def releases() -> Mapping[str, Release]:
    """Every release by id (``fixtures/releases.toml``)."""
    rows = tomllib.loads(files("fixtures").joinpath("releases.toml").read_text("utf-8"))["release"]
    return {
        row["id"]: Release(
            row["id"], row["text"], tuple(row["takes"]), tuple(row["packs"]), tuple(row.get("unheld", ()))
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Force:
    """What is in force under one profile. :param off: packs that the profile has switched off."""

    release: str = DEFAULT
    off: frozenset[str] = frozenset()

    @classmethod
    def of(cls, plan: Mapping[str, Any]) -> Force:
        """What the plan of a case says; a plan that says nothing means the default."""
        said = plan.get("force") or {}
        return cls(str(said.get("release", DEFAULT)), frozenset(said.get("off", ())))

    def facts(self) -> dict[str, Any]:
        """As it stands in a plan."""
        return {"release": self.release, "off": sorted(self.off)}

    def why_not(self, identifier: str, *, shape: bool = False) -> str:
        """Why a requirement is not in force; empty when it is.

        :param shape: asked for a rule of message shape, which holds whatever the requirement says of lacking a pack.
        """
        row = catalogue()[identifier]
        if self.release == EVERYTHING:
            return ""
        release = releases()[self.release]
        if row.release not in release.takes:
            return f"{row.id} is of release {row.release}, which {release.id} does not take"
        if row.superseded in set(release.takes) - set(release.unheld):
            return f"{row.id} is superseded by the {row.superseded} in {release.id}"
        return next((why for need in row.packs if (why := self._lacks(need, row, shape))), "")

    def _lacks(self, need: str, row: Requirement, shape: bool) -> str:
        """Why what a requirement needs is not so; empty when it is."""
        wanted, pack = not need.startswith("no "), need.removeprefix("no ")
        if self.on(pack) is wanted or (shape and not wanted):
            return ""
        if not wanted:
            return f"{row.id} holds without {_SWITCHES.get(pack, pack)} alone"
        how = "switched off in the profile" if pack in self.off else f"no part of release {self.release}"
        return f"{row.id} needs {_SWITCHES.get(pack, pack)}, which is {how}"

    def on(self, pack: str) -> bool:
        """Whether a pack belongs to the release and is not switched off."""
        return self.release == EVERYTHING or (pack in releases()[self.release].packs and pack not in self.off)

    def rule(self, rule: Rule) -> bool:
        """Whether a rule of message shape is in force: from its own release on, with the requirement it stands on."""
        if self.release == EVERYTHING:
            return True
        packs = {each for each in PACKS if each in releases()[self.release].takes}
        return rule.since in packs and not self.why_not(rule.requirements[0], shape=True)

    def cap(self, finding: Finding) -> Finding:
        """A failure that rests on a text which is not held here is for a person to decide."""
        row = catalogue().get(finding.requirements[0]) if finding.requirements else None
        if row is None or finding.outcome is not Outcome.FAIL or self.release == EVERYTHING:
            return finding
        unheld = [each for each in releases()[self.release].unheld if each in (row.superseded, *row.packs)]
        if not unheld:
            return finding
        relation = "is superseded by" if row.superseded in unheld else "rests on"
        reason = f"{row.id} {relation} {unheld[0]}, whose text is not held here: a person decides"
        return replace(finding, outcome=Outcome.REVIEW, reason=reason)
