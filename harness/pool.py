"""The pool of a system whose world is not ours to make: the peers in its configuration, and the patients loaded last week.

TOML or JSON, ``[[peers]]`` and ``[[patients]]`` in one file or in two; docs/pool.schema.json is its schema.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from fixtures import factory
from fixtures.identity import Names, valid_nhs_number
from harness.profile import GENERATED, Model, Profile, said
from scenarios import named
from simulator.wire.interactions import Interaction

ANY = "any"
"""The previous practice of a patient who may come from whichever peer."""

TEST_RANGE = "999"
"""How NHS numbers begin that are nobody's."""


class PoolTrouble(Exception):
    """A pool that cannot be used; its text is one sentence for the user."""


def _number(text: str) -> str:
    if not valid_nhs_number(text):
        raise ValueError(f"{text!r} is not an NHS number, ten digits of which the last is the check digit")
    return text


class PeerRow(Model):
    """A practice that the system knows by its configuration. Without ``cpa_ids`` they are made from the party key."""

    ods: str = Field(pattern=r"^[A-Z0-9]{3,12}$")
    asid: str = Field(pattern=r"^[0-9]{12}$")
    party_key: str = Field(pattern=r"^[A-Z0-9]{3,12}-[0-9]{6,7}$")
    name: str = ""
    cpa_ids: dict[str, str] = Field(default_factory=dict)

    def practice(self, contract: Mapping[str, Any]) -> dict[str, Any]:
        """The peer as a plan has it. Its CPA ids are the same in every run: somebody has typed them in."""
        names = Names(0, 0, self.party_key)
        cpa_ids = {each.id: names.cpa_id(f"peer {each.id}") for each in Interaction} | self.cpa_ids
        return {**self.model_dump(), "cpa_ids": cpa_ids, "contract": dict(contract)}


class HeldRecord(Model):
    """The record that the system holds: loaded before the run, or, with ``by_hook``, when a scenario asks for it."""

    documents: int = Field(default=0, ge=0)
    redacted: bool = False
    by_hook: bool = False


class PatientRow(Model):
    """A patient who is there already: one who joins has a previous practice, one who leaves a record, one unknown neither.

    :param previous_practice: ODS code of the peer that has the record, or "any".
    :param returning: whether the system had the patient before (of one who joins).
    :param record: what the system holds (of one who leaves).
    :param script: name of the scenario by which `gp2gp serve` answers a request for the record that nobody announced.
    :param registered: ODS code of the current practice in a PDS that is not ours; empty when there is none.
    """

    nhs_number: Annotated[str, AfterValidator(_number)]
    given: str = Field(min_length=1)
    family: str = Field(min_length=1)
    birth_date: date
    gender: Literal["male", "female"]
    postcode: str = "ZZ99 9ZZ"
    previous_practice: str = ""
    returning: bool = False
    record: HeldRecord | None = None
    registered: str | None = None
    script: str = ""

    def person(self) -> factory.Patient:
        """The patient as records are made of one."""
        return factory.Patient(
            self.nhs_number, self.given, self.family, self.birth_date, self.gender, ("", "", self.postcode)
        )


class Rows(Model):
    """One file of a pool."""

    peers: tuple[PeerRow, ...] = ()
    patients: tuple[PatientRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Who there is; ``None`` where they are made for each run."""

    peers: tuple[PeerRow, ...] | None = None
    patients: tuple[PatientRow, ...] | None = None

    def identifiers(self) -> set[str]:
        """What must not be given to anybody else."""
        found = {each for row in self.peers or () for each in (row.ods, row.asid)}
        return found | {row.nhs_number for row in self.patients or ()}

    def warnings(self) -> Iterator[str]:
        """What is allowed and should be looked at twice."""
        for row in self.patients or ():
            if not row.nhs_number.startswith(TEST_RANGE):
                yield (
                    f"NHS number {row.nhs_number} does not begin with {TEST_RANGE}, as numbers for tests do: "
                    "make sure that it is nobody's."
                )


def of(profile: Profile) -> Pool:
    """The pool that a profile names. :raises PoolTrouble: one sentence naming file, line or row, and what to do."""
    world, files = profile.world, dict[str, Rows]()
    for name in {world.peers, world.patients} - {GENERATED}:
        files[name] = read(Path(name))
    peers = None if world.peers == GENERATED else files[world.peers].peers
    patients = None if world.patients == GENERATED else files[world.patients].patients
    for file, kind, rows in ((world.peers, "peers", peers), (world.patients, "patients", patients)):
        if rows == ():
            raise PoolTrouble(
                f"The pool {file} has no {kind}; write [[{kind}]], or take world.{kind} out of the profile."
            )
    _related(profile, peers or (), patients or ())
    return Pool(peers, patients)


def read(path: Path) -> Rows:
    """One file of a pool, each row right by itself. :raises PoolTrouble: as :func:`of` does."""
    values: Any = None
    try:
        text = path.read_text("utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return Rows.model_validate(values)
    except (OSError, UnicodeDecodeError) as trouble:
        reason = getattr(trouble, "strerror", None) or "it is not UTF-8"
        raise PoolTrouble(f"The pool {path} cannot be read ({reason}); name a TOML or JSON file that can.") from None
    except ValidationError as trouble:
        raise PoolTrouble(
            f"The pool {path}: {said(trouble, lambda loc: _row(loc, values))}; correct it there."
        ) from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as trouble:
        form = "JSON" if path.suffix == ".json" else "TOML"
        raise PoolTrouble(f"The pool {path} is not {form}: {trouble}; correct it there.") from None
    except (ValueError, RecursionError):
        raise PoolTrouble(
            f"The pool {path} is nested too deep, or holds what no pool does; correct it there."
        ) from None


def _row(loc: tuple[str | int, ...], values: Any) -> str:
    """Where a mistake is, as a reader counts: the row by its number, and by what it is known by where it says that."""
    kind, rest = str(loc[0]) if loc else "", loc[1:]
    if not rest or not isinstance(rest[0], int):
        return ".".join(map(str, loc))
    row = values[kind][rest[0]]
    known = row.get("nhs_number") or row.get("ods") if isinstance(row, dict) else ""
    named = f"{kind}, row {rest[0] + 1}" + (f" ({known})" if known else "")
    return ", ".join([named, ".".join(map(str, rest[1:]))]) if rest[1:] else named


def _related(profile: Profile, peers: Sequence[PeerRow], patients: Sequence[PatientRow]) -> None:
    """What one row alone cannot tell."""
    world, known, own = profile.world, {peer.ods for peer in peers}, profile.practice
    for name in ("ods", "asid", "party_key"):
        _once(world.peers, f"peers: {name}", [getattr(own, name), *(getattr(peer, name) for peer in peers)])
    _once(world.patients, "patients: nhs_number", [row.nhs_number for row in patients])
    for row in patients:
        at = f"The pool {world.patients}: patient {row.nhs_number}:"
        if row.previous_practice and row.record is not None:
            raise PoolTrouble(
                f"{at} previous_practice says that they join, record that they leave; take one of them out."
            )
        if row.returning and not row.previous_practice:
            raise PoolTrouble(f"{at} returning is of one who joins; give previous_practice, or take it out.")
        played = named(row.script)
        if row.script and (played is None or played.role != "requester"):
            raise PoolTrouble(f"{at} script {row.script!r} is no scenario in which the system asks; see: gp2gp list")
        if row.previous_practice not in {"", ANY, *known}:
            among = f"none of the peers ({', '.join(sorted(known))})" if known else "nobody's: the peers are generated"
            raise PoolTrouble(f'{at} previous_practice {row.previous_practice!r} is {among}; name a peer, or "{ANY}".')


def _once(file: str, what: str, values: Sequence[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise PoolTrouble(
                f"The pool {file}: {what} {value} stands twice, here or in the profile; correct one of them."
            )
