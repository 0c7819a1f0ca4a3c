"""The requirement catalogue: loads ``fixtures/requirements.toml`` and answers for an id."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LEVELS = ("MUST", "SHOULD", "MAY", "REMOVED")
GRADES = ("wire", "service", "clock", "hook", "none")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: the published id, where it stands, how binding it is, whom it binds, and what it asks, in our words.

    :param seen: how it can be observed: wire, service, clock, hook, or none. :param release: from which it holds.
    :param needs: packs without which it does not hold (LM, AB ...). :param gp2gp: the capability it rolls up to.
    :param superseded: by what, in the default release. :param reason: why it cannot be tested here; empty when it can.
    """

    id: str
    source: str
    location: str
    level: str
    role: str
    text: str
    seen: str = "wire"
    release: str = "1.1a"
    needs: tuple[str, ...] = ()
    superseded: str = ""
    reason: str = ""
    gp2gp: str = ""

    @property
    def cited(self) -> str:
        """How reports cite it."""
        return f"{self.id} ({self.source} {self.location})"


def cite(what: str, identifiers: tuple[str, ...]) -> None:
    """:raises ValueError: when ``what`` (a check, a monitor, a rule) cites no requirement, or one that there is not."""
    unknown = [each for each in identifiers if each not in catalogue()]
    if unknown or not identifiers:
        raise ValueError(f"{what} cites unknown requirements {unknown}")


@cache
def catalogue() -> dict[str, Requirement]:
    """Every row by id. :raises ValueError: when an id occurs twice or a row is no row: a bad row stops the start."""
    rows = tomllib.loads(files("fixtures").joinpath("requirements.toml").read_text("utf-8"))["requirement"]
    found: dict[str, Requirement] = {}
    for number, row in enumerate(rows, 1):
        where = f"fixtures/requirements.toml, row {number}"
        try:
            requirement = Requirement(**{**row, "needs": tuple(row.get("needs", ()))})
        except TypeError as trouble:
            raise ValueError(f"{where}: {trouble}") from None
        if requirement.id in found:
            raise ValueError(f"{where}: {requirement.id} occurs twice")
        if requirement.level not in LEVELS or requirement.seen not in GRADES:
            raise ValueError(f"{where}: {requirement.level!r} is no level, or {requirement.seen!r} no grade")
        found[requirement.id] = requirement
    return found
