"""The mutations of the reference practice, as rows: what each changes, and which scenarios expose it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Mutation:
    """One changed behaviour.

    :param scenarios: at most three of the library that expose it; none when it ``needs`` what is not there yet.
    :param row: the whole row, as the reference practice reads it.
    """

    id: str
    summary: str
    scenarios: tuple[str, ...]
    row: dict[str, Any]
    needs: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the row: a changed mutation must be played again."""
        return hashlib.sha256(json.dumps(self.row, sort_keys=True).encode()).hexdigest()


@cache
def mutations() -> dict[str, Mutation]:
    """Every mutation by id. :raises ValueError: for an id that occurs twice, or a row without scenarios or with too many."""
    found: dict[str, Mutation] = {}
    text = files("fixtures").joinpath("mutations.toml").read_text("utf-8")
    for row in tomllib.loads(text)["mutation"]:
        mutation = Mutation(row["id"], row["summary"], tuple(row.get("scenarios", ())), row, row.get("needs", ""))
        named = 1 <= len(mutation.scenarios) <= 3
        if mutation.id in found or named is bool(mutation.needs):
            raise ValueError(f"fixtures/mutations.toml: {mutation.id}: one id, and one to three scenarios or what it needs")
        found[mutation.id] = mutation
    return found
