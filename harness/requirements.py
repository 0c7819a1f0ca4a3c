"""The requirement catalogue: loads ``fixtures/requirements.toml`` and answers for an id."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: the published id, where it stands, how binding it is, whom it binds, and what it asks, in our words."""

    id: str
    source: str
    location: str
    level: str
    role: str
    text: str

    @property
    def cited(self) -> str:
        """How reports cite it."""
        return f"{self.id} ({self.source} {self.location})"


@cache
def catalogue() -> dict[str, Requirement]:
    """Every row by id. :raises ValueError: when an id occurs twice or a row is no row: a bad row stops the start."""
    rows = tomllib.loads(files("fixtures").joinpath("requirements.toml").read_text("utf-8"))["requirement"]
    found: dict[str, Requirement] = {}
    for number, row in enumerate(rows, 1):
        try:
            requirement = Requirement(**row)
        except TypeError as trouble:
            raise ValueError(f"fixtures/requirements.toml, row {number}: {trouble}") from None
        if requirement.id in found:
            raise ValueError(f"fixtures/requirements.toml, row {number}: {requirement.id} occurs twice")
        if requirement.level not in ("MUST", "SHOULD"):
            raise ValueError(f"fixtures/requirements.toml, row {number}: {requirement.level!r} is no level")
        found[requirement.id] = requirement
    return found
