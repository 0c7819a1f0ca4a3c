"""Draws the cast of each case from a pool: what a scenario needs, who fits, and who is left.

A patient plays in one case of a run. Drawn first is who was never used, then who was used longest ago, by this case
alone: what a case leaves behind is a surprise to any other. So the same cases find somebody in every run, or in none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from harness.past import Past, Used
from harness.pool import HeldRecord, PatientRow, PeerRow, Pool
from harness.profile import WorldPart
from scenarios import Scenario

WORLD = "world: "


class WorldTrouble(Exception):
    """A cast that the world does not have: the case is NOT_TESTED, and this is why."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Who plays; ``None`` where somebody must be made. ``before``: the former use of the patient."""

    peer: PeerRow | None = None
    patient: PatientRow | None = None
    before: Used | None = None


@dataclass(slots=True)
class Supply:
    """What can be drawn in one run.

    :param loads: whether the system can be told to hold a record (hook ``hold``).
    :param renews: whether a patient who was used before is new to the system again: it forgets what a run has done.
    """

    world: WorldPart = field(default_factory=WorldPart)
    pool: Pool = field(default_factory=Pool)
    past: Past = field(default_factory=Past)
    loads: bool = True
    renews: bool = False
    drawn: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def draw(self, scenario: Scenario, case: str) -> Drawn:
        """The cast of ``case``. :raises WorldTrouble: naming what is missing."""
        if self.world.pds != "ours" and scenario.pds_fails:
            raise WorldTrouble(
                f"{WORLD}PDS is {_whose(self.world.pds)}, and the scenario needs one that can be made to fail"
            )
        if self.world.pds == "none" and scenario.registered != "requester":
            raise WorldTrouble(f"{WORLD}there is no PDS, and the scenario is about what it says")
        patient = None if self.pool.patients is None else self._patient(scenario, case, self.pool.patients)
        peer = None if self.pool.peers is None else self._peer(patient, self.pool.peers)
        if patient is None:
            return Drawn(peer)
        self.drawn[patient.nhs_number] = case
        return Drawn(peer, patient, self.past.patients.get(patient.nhs_number))

    def _peer(self, patient: PatientRow | None, peers: Sequence[PeerRow]) -> PeerRow:
        """The peer that the patient comes from or has gone to; else each in turn."""
        wanted = (patient.previous_practice or patient.registered) if patient else ""
        for peer in peers:
            if peer.ods == wanted:
                return peer
        self.asked += 1
        return peers[(self.asked - 1) % len(peers)]

    def _patient(self, scenario: Scenario, case: str, patients: Sequence[PatientRow]) -> PatientRow:
        needs = needed(scenario, self)
        fitting = [row for row in patients if all(fits(row) for _, fits in needs)]
        free = [row for row in fitting if not self._taken(row, case)]
        if not free:
            wanted = f"{WORLD}the scenario needs {', '.join(words for words, _ in needs)}"
            takers = sorted({self._taken(row, case) for row in fitting})
            left = f"the {len(fitting)} of the pool are taken ({', '.join(takers)})" if fitting else "the pool has none"
            raise WorldTrouble(f"{wanted}: {left}; load another one")
        return min(free, key=lambda row: (self._last(row), _spare(row)))

    def _taken(self, row: PatientRow, case: str) -> str:
        """By which case, and in which run; empty when the patient is free for this one."""
        if row.nhs_number in self.drawn:
            return self.drawn[row.nhs_number]
        before = self.past.patients.get(row.nhs_number)
        return f"{before.case}, run {before.run}" if before and before.case != case else ""

    def _last(self, row: PatientRow) -> int:
        before = self.past.patients.get(row.nhs_number)
        return before.run if before else 0

    def known(self, row: PatientRow) -> bool:
        """Whether the system has had this patient before."""
        return row.returning or (not self.renews and row.nhs_number in self.past.patients)


Need = tuple[str, Callable[[PatientRow], bool]]


def needed(scenario: Scenario, supply: Supply) -> tuple[Need, ...]:
    """What a scenario needs of its patient, each in words and as a test."""
    found: list[Need] = []
    if scenario.role == "requester":
        found.append(("a patient who joins from a peer", lambda row: bool(row.previous_practice)))
        if scenario.returning is not None:
            who = "returns to the system" if scenario.returning else "is new to the system"
            found.append((f"who {who}", lambda row: supply.known(row) is scenario.returning))
        return tuple(found)
    if scenario.holds:
        found.append((_record(scenario), lambda row: _holds(row.record, scenario, supply.loads)))
    else:
        found.append(("a patient whom nobody knows", lambda row: not row.previous_practice and row.record is None))
    if supply.world.pds == "theirs":
        peers = {peer.ods for peer in supply.pool.peers or ()}
        where = {"requester": "at a peer", "elsewhere": "at a practice that is no peer", "nowhere": "at no practice"}
        found.append((f"whom PDS has {where[scenario.registered]}", lambda row: _at(row, peers) == scenario.registered))
    return tuple(found)


def _record(scenario: Scenario) -> str:
    if scenario.files or scenario.note:
        return "a patient whose record is loaded by the hook 'hold'"
    bits = [f"at least {scenario.documents} documents" if scenario.documents else ""]
    bits += ["redactions" if scenario.redacted else ""]
    asked = " and ".join(bit for bit in bits if bit)
    return "a patient whose record the system holds" + (f", with {asked}" if asked else "")


def _holds(record: HeldRecord | None, scenario: Scenario, loads: bool) -> bool:
    """Whether the record will do: as it was loaded, or because the scenario's own can be loaded."""
    if record is None or record.by_hook:
        return record is not None and loads
    own = bool(scenario.files or scenario.note)
    return not own and record.documents >= scenario.documents and record.redacted is scenario.redacted


def _at(row: PatientRow, peers: Collection[str]) -> str | None:
    """Where a PDS that is not ours has the patient, in the words of scenarios; ``None`` where the pool does not say."""
    if not row.registered:
        return None if row.registered is None else "nowhere"
    return "requester" if row.registered in peers else "elsewhere"


def _spare(row: PatientRow) -> int:
    """How much of a patient a scenario without such needs would waste; one that takes any record is kept to the last."""
    record = row.record or HeldRecord()
    return sys.maxsize if record.by_hook else int(row.returning) + record.documents


def _whose(owner: str) -> str:
    return "not there" if owner == "none" else "not ours"


def adapted(scenario: Scenario, patient: PatientRow | None) -> Scenario:
    """``scenario`` as it is played with a patient whose record was loaded before."""
    if patient is None or patient.record is None or patient.record.by_hook or not scenario.holds:
        return scenario
    return replace(scenario, documents=patient.record.documents, redacted=patient.record.redacted)
