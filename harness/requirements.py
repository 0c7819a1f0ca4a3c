"""The requirement catalogue: loads ``fixtures/requirements.toml`` and answers for an id."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LEVELS = ("MUST", "SHOULD", "MAY", "REMOVED")
GRADES = ("wire", "service", "clock", "hook", "none")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: the published id, where it stands, how binding it is, whom it binds, and what it asks, in our words.

    :param seen: how it can be observed: wire, service, clock, hook, or none. :param release: from which it holds.
    :param packs: packs without which it does not hold (LM, AB ...). :param gp2gp: the capability it rolls up to.
    :param superseded: by what, in the default release.
    :param needs: what is still to come without which it cannot be tested: a name of ``fixtures/capabilities.toml``.
    :param reason: why it cannot be tested here at all. :param unseen: what of it no check sees, though some look at it.
    """

    id: str
    source: str
    location: str
    level: str
    role: str
    text: str
    seen: str = "wire"
    release: str = "1.1a"
    packs: tuple[str, ...] = ()
    superseded: str = ""
    needs: str = ""
    reason: str = ""
    unseen: str = ""
    gp2gp: str = ""

    @property
    def cited(self) -> str:
        """How reports cite it."""
        return f"{self.id} ({self.source} {self.location})"

    @property
    def fault(self) -> str:
        """What makes the row no row, as a sentence's end; empty when nothing does."""
        if self.level not in LEVELS or self.seen not in GRADES:
            return f"{self.level!r} is no level, or {self.seen!r} no grade"
        if self.needs and self.needs not in capabilities():
            return f"{self.needs!r} is no name of fixtures/capabilities.toml"
        return "it gives both a need and a reason" if self.needs and self.reason else ""


def cite(what: str, identifiers: tuple[str, ...]) -> None:
    """:raises ValueError: when ``what`` (a check, a monitor, a rule) cites no requirement, or one that there is not."""
    unknown = [each for each in identifiers if each not in catalogue()]
    if unknown or not identifiers:
        raise ValueError(f"{what} cites unknown requirements {unknown}")


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("fixtures").joinpath(name).read_text("utf-8"))


@cache
def capabilities() -> dict[str, str]:
    """What is still to come: each by its name, and what it brings. A ``needs`` names one of these and nothing else."""
    return _table("capabilities.toml")


@cache
def catalogue() -> dict[str, Requirement]:
    """Every row by id. :raises ValueError: when an id occurs twice or a row is no row: a bad row stops the start."""
    found: dict[str, Requirement] = {}
    for number, row in enumerate(_table("requirements.toml")["requirement"], 1):
        where = f"fixtures/requirements.toml, row {number}"
        try:
            requirement = Requirement(**{**row, "packs": tuple(row.get("packs", ()))})
        except TypeError as trouble:
            raise ValueError(f"{where}: {trouble}") from None
        if requirement.id in found:
            raise ValueError(f"{where}: {requirement.id} occurs twice")
        if requirement.fault:
            raise ValueError(f"{where}: {requirement.fault}")
        found[requirement.id] = requirement
    return found
