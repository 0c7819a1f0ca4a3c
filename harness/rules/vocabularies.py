"""The closed vocabularies of ``fixtures/vocabularies.toml``, by name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def vocabulary(name: str) -> frozenset[str]:
    """The codes of one vocabulary. :raises KeyError: for a name that the file does not have."""
    return _all()[name]


@cache
def _all() -> dict[str, frozenset[str]]:
    tables = tomllib.loads(files("fixtures").joinpath("vocabularies.toml").read_text("utf-8"))
    return {name: frozenset(table["codes"]) for name, table in tables.items()}
