"""``gp2gp serve --sut``: peers that answer the transfers that nobody announced, and the verdict on these at the end.

No scenario says what must come of such a transfer, so that the checks of every message and the monitors judge alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fixtures import factory
from fixtures.identity import Names
from harness.conduct import Order, capped, conversations, proof, view_of, write
from harness.draw import Supply
from harness.evidence import Evidence, by_case
from harness.judging import Judging, Wanted
from harness.monitors import of_run, watch_all, whole_run
from harness.pool import PatientRow, PeerRow, Pool
from harness.report.model import FeatureView, RunView, ScenarioView
from harness.runs import prepare
from harness.staging import free, settings, supplied
from harness.verdict import worst
from harness.world import World, sut_practice
from scenarios import LIBRARY, Scenario, named
from scenarios.unannounced import DEFAULT, STRANGER, UNASKED
from simulator import ledger
from simulator.protocol.script import Ask, Elapse
from simulator.shell import serve
from simulator.shell.settings import Settings

PEERS, PATIENTS = 2, 5
"""How many are made where the profile names no pool."""

SENTENCES = (
    "every message is framed as MIME and HTTP demand",
    "every message keeps the forward-reliable contract",
    "Service, Action, SOAPAction and payload name one interaction",
    "From, To and CPAId are those of the two practices' contracts",
    "the manifest names the payload first and every part of the package",
    "MessageIds are upper-case UUIDs, each used for one message",
    "every MIME part has the three headers that GP2GP asks for",
    "every message is valid against its schema",
    "every message keeps the rules of its kind",
    "every message that Spine delivers is acknowledged, citing its MessageId",
)
"""What must be true of every message, whatever its transfer is about."""


def people(order: Order, supply: Supply) -> Pool:
    """The pool of the profile; where it names none, a few who are made from the seed."""
    names = Names(order.seed, order.run, "served")
    peers = supply.pool.peers or tuple(_peer(names, n) for n in range(PEERS))
    patients = supply.pool.patients
    if patients is None:
        made = (factory.patient(names, n) for n in range(PATIENTS))
        patients = tuple(_patient(each, peers[n % len(peers)].ods) for n, each in enumerate(made))
    return Pool(peers, patients)


def _peer(names: Names, n: int) -> PeerRow:
    ods = names.ods_code("peer", n)
    return PeerRow(ods=ods, asid=names.asid("peer", n), party_key=names.party_key(ods, "peer", n), name=f"Peer {ods}")


def _patient(made: factory.Patient, previous: str) -> PatientRow:
    return PatientRow(
        nhs_number=made.nhs_number,
        given=made.given,
        family=made.family,
        birth_date=made.birth_date,
        gender=made.gender,
        postcode=made.address[-1],
        previous_practice=previous,
    )


def offered(order: Order, pool: Pool) -> dict[str, Any]:
    """The settings that peers are played by: who there is, and the plan for each patient and for everybody else."""
    blobs, sut = ledger.Blobs(order.out), sut_practice(order.profile, {}, order.seed)
    world = World(order.profile, sut, order.seed, order.run, "", blobs.put, pool.identifiers())
    sut["contract"] = world.contract()
    joining = (row for row in pool.patients or () if row.previous_practice)
    plans = [
        _plan(world, named(row.script) or LIBRARY[DEFAULT], Pool(pool.peers, (row,)), row.nhs_number) for row in joining
    ]
    stranger, unasked = (_plan(world, each, Pool(pool.peers), each.name) for each in (STRANGER, UNASKED))
    peers = [{**row.practice(world.contract()), "ours": True} for row in pool.peers or ()]
    practices = [
        {name: sut[name] for name in sut if name != "endpoint"} | {"endpoint": order.profile.practice.endpoint}
    ]
    return {
        "practices": practices + peers,
        "unannounced": {"known": plans, "stranger": stranger, "unasked": unasked},
    }


def _plan(world: World, scenario: Scenario, pool: Pool, case: str) -> dict[str, Any]:
    """What a scenario does without what is asked of the system, or of its clock: nobody is there to ask it."""
    script = tuple(step for step in scenario.script if not isinstance(step, Ask | Elapse))
    # Whoever is served is not judged by what the scenario is about: neither faults nor a state of PDS are its own.
    scenario = replace(scenario, script=script, returning=None, registered="requester", pds_fails=False)
    return replace(world, supply=Supply(pool=pool)).cast(scenario, case=f"served {case}").plan


def told(pool: Pool) -> Iterator[str]:
    """Whom a user may ask, and for whom."""
    for peer in pool.peers or ():
        yield f"peer       {peer.ods}, ASID {peer.asid}, party key {peer.party_key}, {peer.name}"
    first = pool.peers[0].ods if pool.peers else ""
    for row in pool.patients or ():
        at = f"record at {first if row.previous_practice == 'any' else row.previous_practice}"
        named_so = f"patient    {row.nhs_number} {row.family}, {row.given}, born {row.birth_date}"
        yield f"{named_so}; {at if row.previous_practice else 'no peer has a record'}"


def run(order: Order, ready: Callable[[serve.Addresses, Pool], None], stop: threading.Event) -> RunView | None:
    """Serve until stopped, then judge; ``None`` when no transfer came.

    :raises PoolTrouble, RunTrouble: for a pool or a register that cannot be used. :raises PortInUse: for a port.
    """
    started, supply = datetime.now(UTC), supplied(order)
    pool = people(order, supply)
    free(order.profile)
    prepare(order.out)
    values = settings(order) | offered(order, pool) | {"earlier": supply.past.before(order.run), "token": ""}
    try:
        serve.serve(Settings.model_validate(values), lambda addresses: ready(addresses, pool), stop)
    finally:
        if (order.out / ledger.LEDGER).is_file():
            supply.past.enter(order.run, _played(order.out, pool), conversations(order.out))
    return judged(order, started)


def _played(out: Path, pool: Pool) -> dict[str, str]:
    """The patients of the pool whom a transfer was about, with its case."""
    known = {row.nhs_number for row in pool.patients or ()}
    opened = (entry for entry in ledger.read(out) if entry.kind == "case.opened")
    return {
        patient["nhs_number"]: entry.case
        for entry in opened
        for patient in entry.data["patients"]
        if patient["nhs_number"] in known
    }


def judged(order: Order, started: datetime) -> RunView | None:
    """The verdict on a folder that was served, and its reports; ``None`` when no transfer came."""
    cases, blobs, sure = by_case(ledger.read(order.out)), ledger.Blobs(order.out), proof()
    evidences = {case: Evidence(entries, blobs) for case, entries in cases.items()}
    views = tuple(_view(case, each, order.again) for case, each in evidences.items() if each.plan)
    monitors = (*whole_run(cases), *capped(of_run(watch_all(evidences)), sure))
    if not views and not whole_run(cases):
        return None
    name, path = "Transfers that nobody announced", "served"
    shown = FeatureView(name, "What came while Spine was served.", path, views, worst(view.outcome for view in views))
    view = view_of(order, (shown,), monitors, started)
    write(view, order.out)
    return view


def _view(case: str, evidence: Evidence, again: str) -> ScenarioView:
    name = str(evidence.plan["scenario"])
    steps = (("Given", name), *(("Then", sentence) for sentence in SENTENCES))
    judging = Judging(Wanted("served", name, (), steps, name, ""), case, evidence, proof(), again)
    judging.begin(name)
    for sentence in SENTENCES:
        judging.judge(sentence)
    return judging.view()
