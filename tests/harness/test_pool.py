"""The pool: what is right is taken, and every mistake is one sentence with file, row and remedy."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import pool
from harness.pool import PoolTrouble
from harness.profile import Profile, ProfileTrouble, load
from tests.tree import ROOT

POOL = (ROOT / "examples" / "pool.toml").read_text("utf-8")
WORLD = (ROOT / "examples" / "pool-world.toml").read_text("utf-8")


def profile(desk: Path, text: str, *, world: str = WORLD, name: str = "pool.toml") -> Profile:
    """The example's profile beside a pool of this text."""
    (desk / name).write_text(text, "utf-8")
    (desk / "world.toml").write_text(world.replace("pool.toml", name), "utf-8")
    return load(desk / "world.toml")


def test_the_example_has_three_peers_and_five_patients(tmp_path: Path) -> None:
    """As its profile says."""
    made = pool.of(profile(tmp_path, POOL))
    assert made.peers is not None
    assert made.patients is not None
    assert (len(made.peers), len(made.patients)) == (3, 5)
    assert list(made.warnings()) == []


def test_a_pool_may_be_json(tmp_path: Path) -> None:
    """The same rows in the other form are the same pool."""
    text = json.dumps(tomllib.loads(POOL), default=str)
    assert pool.of(profile(tmp_path, text, name="pool.json")) == pool.of(profile(tmp_path, POOL))


def test_peers_may_be_fixed_and_patients_made(tmp_path: Path) -> None:
    """Each of the two is a choice of its own."""
    made = pool.of(profile(tmp_path, POOL, world=WORLD.replace('patients = "pool.toml"', "")))
    assert made.peers is not None
    assert made.patients is None


def test_a_number_outside_the_test_range_is_a_warning(tmp_path: Path) -> None:
    """It may be somebody's, and that is for the user to know."""
    (said,) = pool.of(profile(tmp_path, POOL.replace("9990001014", "9434765919"))).warnings()
    assert "9434765919" in said
    assert "nobody's" in said


Change = Callable[[str], str]


def put(old: str, new: str) -> Change:
    """A pool that differs in its first ``old``."""
    return lambda text: text.replace(old, new, 1)


MISTAKES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "not TOML": (put("[[peers]]", "[[peers"), ("is not TOML", "line 4", "correct it")),
    "a key that is none": (put("family", "surname"), ("patients, row 1 (9990001014), family", "missing")),
    "a check digit": (put("9990001022", "9990001023"), ("patients, row 2 (9990001023), nhs_number", "check digit")),
    "a date": (put("1951-03-09", '"9 March"'), ("patients, row 1 (9990001014), birth_date", "date")),
    "an ASID": (put("999000000012", "99900000012"), ("peers, row 2 (X90012), asid", "12 digits")),
    "a party key": (put("X90013-900013", "X90013"), ("peers, row 3 (X90013), party_key", "hyphen")),
    "one peer twice": (put("X90012-900012", "X90011-900011"), ("party_key X90011-900011 stands twice", "correct one")),
    "the system among its peers": (put('"X90011"', '"X90000"'), ("ods X90000 stands twice", "profile")),
    "one patient twice": (put("9990001022", "9990001014"), ("nhs_number 9990001014 stands twice",)),
    "an unknown peer": (
        put('practice = "X90011"', 'practice = "X90099"'),
        ("9990001014", "X90011, X90012", "name a peer"),
    ),
    "joins and leaves": (
        put("record = { documents = 0 }", 'record = {}\nprevious_practice = "any"'),
        ("9990001030", "take one of them out"),
    ),
    "returns and does not join": (put("record = { documents = 0 }", "returning = true"), ("9990001030", "joins")),
    "no patients": (lambda text: text.partition("[[patients]]")[0], ("has no patients", "world.patients")),
    "no rows": (lambda text: "peers = 3\npatients = []\n", ("peers: ", "tuple")),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_a_sentence(tmp_path: Path, mistake: str) -> None:
    """Where it is, as a reader counts, and what to do."""
    change, named = MISTAKES[mistake]
    changed = change(POOL)
    assert changed != POOL
    with pytest.raises(PoolTrouble) as trouble:
        pool.of(profile(tmp_path, changed))
    said = str(trouble.value)
    assert "\n" not in said
    assert "pool.toml" in said
    assert all(each in said for each in named), said


@pytest.mark.parametrize(
    ("name", "octets", "said"),
    [("pool.json", b"[1,", "not JSON"), ("pool.toml", b"\xff\xfe", "not UTF-8"), ("pool.toml", None, "No such file")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, octets: bytes | None, said: str) -> None:
    """Its path, and why."""
    made = profile(tmp_path, POOL, name=name)
    (tmp_path / name).unlink() if octets is None else (tmp_path / name).write_bytes(octets)
    with pytest.raises(PoolTrouble, match=said):
        pool.of(made)


def test_peers_that_are_made_cannot_be_named(tmp_path: Path) -> None:
    """A patient may come from any of them."""
    with pytest.raises(PoolTrouble, match="the peers are generated"):
        pool.of(profile(tmp_path, POOL, world=WORLD.replace('peers = "pool.toml"', "")))


def world(**more: Any) -> str:
    """The example's profile with other services."""
    return WORLD.replace('pds = "ours"', "\n".join(f'{name} = "{value}"' for name, value in more.items()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (world(pds="yours"), "world.pds"),
        (world(pds="theirs").replace('patients = "pool.toml"', ""), "needs world.patients"),
        (world(hosts="ours"), "world.hosts: there is no such key"),
    ],
)
def test_a_wrong_world_is_refused_by_its_key(tmp_path: Path, text: str, said: str) -> None:
    """With the profile, before anything starts."""
    with pytest.raises(ProfileTrouble, match=said):
        profile(tmp_path, POOL, world=text)


def test_files_of_the_world_are_named_from_the_profile(tmp_path: Path) -> None:
    """As certificates are: a profile means the same from everywhere."""
    made = profile(tmp_path, POOL, world=WORLD.replace("# register", "register"))
    assert made.world.register_file == tmp_path / "register.json"
    assert made.world.peers == str(tmp_path / "pool.toml")
