"""The declared list of profiles (``fixtures/profiles.toml``): the reference practice under each release and switch."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import gp2gp_conformance
from harness.profile import Profile, ProfileTrouble, load


@dataclass(frozen=True, slots=True)
class Named:
    """A profile of the list. :param pinned: it pins every reading, so that nothing of a good system is a REVIEW."""

    name: str
    text: str
    profile: Profile
    pinned: bool = True


@cache
def profiles() -> tuple[Named, ...]:
    """Every profile of the list, the reference first."""
    rows = tomllib.loads(files("fixtures").joinpath("profiles.toml").read_text("utf-8"))["profile"]
    plain = load(gp2gp_conformance.root() / "fixtures" / "reference.toml").model_dump(exclude_none=True)
    return tuple(
        Named(
            row["name"],
            row["text"],
            Profile.model_validate(plain | row.get("changes", {})),
            row.get("pinned", True),
        )
        for row in rows
    )


def named(name: str) -> Named:
    """The profile of a name. :raises ProfileTrouble: when there is none, naming those that there are."""
    for each in profiles():
        if each.name == name:
            return each
    known = ", ".join(each.name for each in profiles())
    raise ProfileTrouble(f"There is no profile {name!r} in the list of the demonstration; there are {known}.")
