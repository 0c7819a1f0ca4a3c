"""The mutations of the reference practice, as rows: what each changes, and which scenarios expose it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from fixtures.examples import examples


@dataclass(frozen=True)
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

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the row: a changed mutation must be played again."""
        return hashlib.sha256(json.dumps(self.row, sort_keys=True).encode()).hexdigest()


# Which transfers make the reference practice send a message of the kind that a rule's example is made from.
BASES: dict[str, tuple[str, ...]] = {
    "request": ("a patient registers",),
    "extract": ("the record is sent",),
    "extract-documents": ("a record with two documents is sent",),
    "extract-redacted": ("a redacted record is sent",),
    "ack": ("the record is integrated",),
    "nack": ("the patient is not at the surgery",),
}
LATER = "large messaging"


@cache
def mutations() -> dict[str, Mutation]:
    """Every mutation by id, the examples of the rules among them.

    :raises ValueError: for an id that occurs twice, or a row that names neither scenarios nor what it needs.
    """
    rows = tomllib.loads(files("fixtures").joinpath("mutations.toml").read_text("utf-8"))["mutation"]
    made = [Mutation(r["id"], r["summary"], tuple(r.get("scenarios", ())), r, r.get("needs", "")) for r in rows]
    found: dict[str, Mutation] = {}
    for mutation in (*made, *_examples()):
        named = 1 <= len(mutation.scenarios) <= 3
        if mutation.id in found or named is bool(mutation.needs):
            raise ValueError(f"{mutation.id}: one id, and one to three scenarios or what it needs")
        found[mutation.id] = mutation
    return found


def _examples() -> Iterator[Mutation]:
    """The generic mutation: an outgoing message patched with the example that breaks a rule (fixtures/rules)."""
    for name, row in examples():
        scenarios = () if "alone" in row else BASES.get(row["base"], ())
        needs = "" if scenarios else row.get("alone", LATER)
        yield Mutation(name, f"breaks {row['id']}", scenarios, row, needs)
