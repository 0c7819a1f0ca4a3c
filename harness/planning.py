"""``gp2gp plan``: the load sheet of a run, before anything starts: which peers to configure, and which patients to load."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from harness import worksheet
from harness.conduct import Order, left_out, selected
from harness.draw import WorldTrouble
from harness.staging import supplied
from harness.world import Casting, World, sut_practice
from scenarios import find, slug
from simulator.protocol.script import describe


class PlanTrouble(Exception):
    """A plan that cannot be written; one sentence for the user."""


@dataclass(slots=True)
class Sheet:
    """What a run would do, in the order of its cases; ``lacking`` says what the world does not have."""

    run: int
    seed: int
    cases: list[tuple[str, Casting]] = field(default_factory=list)
    lacking: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def peers(self) -> dict[str, dict[str, Any]]:
        """Every peer that plays, by its ODS code."""
        return {casting.plan["peer"]["ods"]: casting.plan["peer"] for _, casting in self.cases}


def sheet(order: Order) -> Sheet:
    """Cast everything that the order takes. :raises PoolTrouble, RunTrouble: as a run would."""
    supply = supplied(order)
    made = Sheet(
        order.run, order.seed, warnings=tuple(supply.pool.warnings()), by_hand=order.profile.driver.kind == "manual"
    )
    sut, taken = sut_practice(order.profile, {}, order.seed), supply.pool.identifiers()
    world = World(order.profile, sut, order.seed, order.run, "", _digest, taken, supply=supply)
    for wanted in selected(order):
        if why := left_out(wanted, order.profile.force):
            made.left_out.append((slug(wanted.transfer), why))
            continue
        try:
            made.cases.append((wanted.name, world.cast(find(wanted.transfer))))
        except WorldTrouble as trouble:
            made.lacking.append((slug(wanted.transfer), str(trouble)))
    return made


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def load(casting: Casting) -> str:
    """What the system must have of the patient before the case, in words."""
    documents, scenario = casting.plan["expects"]["documents"], casting.scenario
    if scenario.role == "requester":
        peer = casting.plan["peer"]
        back = ", who was registered here before" if casting.returning else ", who is new here"
        return f"nothing: the record is at {peer['ods']}; the run registers the patient{back}"
    if not scenario.holds:
        return "nothing: the system must not know the patient"
    attached = f"{documents} document{'' if documents == 1 else 's'}"
    kind = "a record with redactions" if scenario.redacted else "a record"
    return f"{kind}, {attached}; " + (
        "loaded before the run" if casting.loaded else "the run gives it to the hook 'hold'"
    )


def as_text(made: Sheet) -> Iterator[str]:
    """The load sheet for a person; before it the scripts, or the worksheet of a run by hand."""
    if made.by_hand:
        yield from worksheet.text(worksheet.sheet(casting for _, casting in made.cases))
    for name, casting in () if made.by_hand else made.cases:
        peer, patient = casting.plan["peer"], casting.patient
        yield f"{casting.case}: {name}"
        yield f"  peer {peer['ods']}, ASID {peer['asid']}, party key {peer['party_key']}"
        yield f"  patient {_person(casting)}, {patient['gender']}, {casting.postcode}"
        yield f"  load {load(casting)}"
        yield from (f"  {number}. {describe(step)}" for number, step in enumerate(casting.scenario.script, 1))
    yield from _not_played("NOT_TESTED", made.lacking)
    yield from _not_played("NOT_APPLICABLE", made.left_out)
    yield f"load sheet of run {made.run}, seed {made.seed}:"
    for ods, peer in made.peers.items():
        yield f"  peer {ods}, ASID {peer['asid']}, party key {peer['party_key']}, {peer['name']}"
    for _, casting in made.cases:
        yield f"  patient {_person(casting)}: {load(casting)}"
    yield from (f"warning: {each}" for each in made.warnings)
    totals = f"{len(made.peers)} peers to configure, {len(made.cases)} patients"
    yield f"{totals}; {len(made.cases)} cases are played, {len(made.lacking) + len(made.left_out)} are not"


def _not_played(word: str, cases: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The cases that nothing is played of, by the reason."""
    for reason in dict.fromkeys(reason for _, reason in cases):
        yield f"{word}, not played: {reason}"
        yield from (f"  {case}" for case, why in cases if why == reason)


def _person(casting: Casting) -> str:
    patient = casting.patient
    return f"{patient['nhs_number']} {patient['family']}, {patient['given']}, born {patient['birth_date']}"


def as_json(made: Sheet) -> str:
    """The load sheet for a program."""
    values = {
        "run": made.run,
        "seed": made.seed,
        "peers": [_peer(peer) for peer in made.peers.values()],
        "cases": [_case(name, casting) for name, casting in made.cases],
        "not_tested": [{"case": case, "reason": reason} for case, reason in made.lacking],
        "not_applicable": [{"case": case, "reason": reason} for case, reason in made.left_out],
        "warnings": made.warnings,
        "totals": {"peers": len(made.peers), "patients": len(made.cases), "not_tested": len(made.lacking)},
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _peer(peer: dict[str, Any]) -> dict[str, Any]:
    return {name: peer[name] for name in ("ods", "asid", "party_key", "name", "cpa_ids")}


def _case(name: str, casting: Casting) -> dict[str, Any]:
    return {
        "case": casting.case,
        "name": name,
        "role": casting.scenario.role,
        "peer": casting.plan["peer"]["ods"],
        "patient": {**casting.patient, "postcode": casting.postcode},
        "load": load(casting),
        "documents": casting.plan["expects"]["documents"],
        "script": [describe(step) for step in casting.scenario.script],
    }


def command(order: Order, out: Path | None, *, json_form: bool) -> None:
    """Print the load sheet, or write it into a file. :raises PlanTrouble: when that cannot be."""
    made = sheet(order)
    text = as_json(made) if json_form else "".join(f"{line}\n" for line in as_text(made))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as trouble:
        raise PlanTrouble(f"{out} cannot be written ({trouble.strerror}); name another file with --out.") from None
