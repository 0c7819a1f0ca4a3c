"""Drawing from a pool: who fits a scenario, in which order, and that a later run finds whom the former one found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fixtures.factory import Attachment
from harness.draw import Supply, WorldTrouble, adapted
from harness.past import Past, Used
from harness.pool import HeldRecord, PatientRow, PeerRow, Pool
from harness.profile import WorldPart
from scenarios import ALL
from scenarios.model import Scenario

NUMBERS = ("9990001014", "9990001022", "9990001030", "9990001049", "9990001057", "9990001065")
PEERS = tuple(PeerRow(ods=f"X9001{n}", asid=f"99900000001{n}", party_key=f"X9001{n}-90001{n}") for n in (1, 2, 3))


def row(number: int, **more: Any) -> PatientRow:
    """A patient of the pool."""
    values = {"given": "A", "family": "B", "birth_date": date(1950, 1, 1), "gender": "female"}
    return PatientRow(nhs_number=NUMBERS[number], **values | more)  # type: ignore[arg-type] # checked by the model


JOINS, RETURNS = row(0, previous_practice="X90012"), row(1, previous_practice="any", returning=True)
HELD, DOCUMENTS = row(2, record=HeldRecord()), row(3, record=HeldRecord(documents=2))
UNKNOWN, HOOK = row(4), row(5, record=HeldRecord(by_hook=True))
EVERYBODY = (JOINS, RETURNS, HELD, DOCUMENTS, UNKNOWN, HOOK)


def scenario(role: str = "requester", **more: Any) -> Scenario:
    """A scenario with such needs."""
    return Scenario("s", role, (), (), **more)


def supply(*rows: PatientRow, past: Past | None = None, pds: Any = "ours", **more: Any) -> Supply:
    """What can be drawn."""
    return Supply(WorldPart(pds=pds), Pool(PEERS, rows or EVERYBODY), past or Past(), **more)


DRAWN: dict[str, tuple[Scenario, PatientRow, str]] = {
    "joins": (scenario(), JOINS, "X90012"),
    "is new": (scenario(returning=False), JOINS, "X90012"),
    "returns": (scenario(returning=True), RETURNS, "X90011"),
    "leaves": (scenario("sender"), HELD, "X90011"),
    "leaves with documents": (scenario("sender", documents=2), DOCUMENTS, "X90011"),
    "has a record of the scenario's": (scenario("sender", files=(Attachment("a.txt"),)), HOOK, "X90011"),
    "has a text of the scenario's": (scenario("sender", note="<"), HOOK, "X90011"),
    "is not at the surgery": (scenario("sender", holds=False), UNKNOWN, "X90011"),
}


@pytest.mark.parametrize("need", DRAWN)
def test_a_scenario_draws_who_fits_and_wastes_nobody(need: str) -> None:
    """The patient, and the peer that they come from or go to."""
    wanted, patient, peer = DRAWN[need]
    drawn = supply().draw(wanted, "a")
    assert drawn.patient == patient
    assert drawn.peer is not None
    assert drawn.peer.ods == peer


LACKING: dict[str, tuple[Scenario, Supply, str]] = {
    "nobody joins": (scenario(), supply(HELD), "a patient who joins from a peer: the pool has none"),
    "nobody returns": (scenario(returning=True), supply(JOINS), "who returns to the system"),
    "too few documents": (scenario("sender", documents=3), supply(HELD, DOCUMENTS), "with at least 3 documents"),
    "no redactions": (scenario("sender", redacted=True), supply(HELD), "with redactions"),
    "nothing can be loaded": (scenario("sender", note="<"), supply(HOOK, loads=False), "the hook 'hold'"),
    "everybody is known": (scenario("sender", holds=False), supply(HELD, JOINS), "whom nobody knows"),
    "PDS cannot fail": (scenario("sender", pds_fails=True), supply(pds="theirs"), "PDS is not ours"),
    "no PDS to say so": (scenario("sender", registered="nowhere"), supply(pds="none"), "there is no PDS"),
    "PDS has them elsewhere": (scenario("sender"), supply(HELD, pds="theirs"), "whom PDS has at a peer"),
    "taken by a former run": (
        scenario(),
        supply(JOINS, past=Past(None, {NUMBERS[0]: Used(4, "b")})),
        "the 1 of the pool are taken (b, run 4)",
    ),
}


@pytest.mark.parametrize("why", LACKING)
def test_what_is_missing_is_named(why: str) -> None:
    """In the words of the scenario's need."""
    wanted, among, said = LACKING[why]
    with pytest.raises(WorldTrouble) as trouble:
        among.draw(wanted, "a")
    assert str(trouble.value).startswith("world: ")
    assert said in str(trouble.value)


def test_their_pds_says_which_peer_asks() -> None:
    """A peer that is not the current practice would be refused with 19, and rightly."""
    drawn = supply(row(2, record=HeldRecord(), registered="X90013"), pds="theirs").draw(scenario("sender"), "a")
    assert drawn.peer == PEERS[2]
    elsewhere = row(3, record=HeldRecord(), registered="Y12345")
    assert supply(elsewhere, pds="theirs").draw(scenario("sender", registered="elsewhere"), "a").patient == elsewhere


def test_a_patient_plays_once_and_peers_take_turns() -> None:
    """Five patients are five cases; three peers are as many as are wanted."""
    among = supply(*(row(n, record=HeldRecord()) for n in range(5)))
    drawn = [among.draw(scenario("sender"), f"case {n}") for n in range(5)]
    assert len({each.patient.nhs_number for each in drawn if each.patient}) == 5
    assert [each.peer.ods for each in drawn if each.peer] == ["X90011", "X90012", "X90013", "X90011", "X90012"]
    with pytest.raises(WorldTrouble, match="the 5 of the pool are taken"):
        among.draw(scenario("sender"), "one too many")


def test_drawn_first_is_who_was_never_used_then_who_was_used_longest_ago_by_this_case() -> None:
    """And nobody in whose record another case has left its traces."""
    rows = [row(n, record=HeldRecord()) for n in range(4)]
    past = Past(None, {NUMBERS[0]: Used(3, "a"), NUMBERS[1]: Used(2, "a"), NUMBERS[2]: Used(1, "b")})
    among = supply(*rows, past=past)
    assert among.draw(scenario("sender"), "a").patient == rows[3]
    assert replace(among, drawn={NUMBERS[3]: "c"}).draw(scenario("sender"), "a").patient == rows[1]


def test_a_patient_whom_a_former_run_registered_is_new_only_to_a_system_that_forgets() -> None:
    """The code for a wrong record hangs on it: 28 for a new patient, 17 for a returning one."""
    past = Past(None, {NUMBERS[0]: Used(1, "a")})
    with pytest.raises(WorldTrouble, match="who is new to the system"):
        supply(JOINS, past=past).draw(scenario(returning=False), "a")
    assert supply(JOINS, past=past, renews=True).draw(scenario(returning=False), "a").patient == JOINS


@pytest.mark.parametrize("rows", [EVERYBODY, EVERYBODY[:3], (HELD, HOOK, DOCUMENTS), (JOINS, RETURNS)])
def test_the_cases_that_found_somebody_find_somebody_again(rows: tuple[PatientRow, ...]) -> None:
    """Run after run, for every scenario of the library, whichever patients there are."""
    past, found = Past(), []
    for run in (1, 2, 3):
        among = supply(*rows, past=past, renews=True)
        for each in ALL:
            try:
                among.draw(each, each.name)
            except WorldTrouble:
                continue
        found.append(set(among.drawn.values()))
        past.enter(run, among.drawn)
    assert found[0] == found[1] == found[2]
    assert found[0]


def test_a_scenario_is_played_with_the_record_that_is_there() -> None:
    """What it expects of the extract follows."""
    assert adapted(scenario("sender"), DOCUMENTS).documents == 2
    assert adapted(scenario("sender", documents=3), HOOK).documents == 3
    assert adapted(scenario("sender", holds=False), UNKNOWN) == scenario("sender", holds=False)
