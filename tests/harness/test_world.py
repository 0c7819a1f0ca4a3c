"""The world of a run: what a scenario says of its record is what the peer, or the system under test, holds."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

import gp2gp_conformance
from fixtures.factory import Attachment
from harness.checks import BY_SENTENCE, run
from harness.draw import Supply
from harness.drivers.base import Called
from harness.evidence import Evidence
from harness.pool import HeldRecord, Pool
from harness.profile import load
from harness.session import Session, arguments
from harness.verdict import Outcome
from harness.world import Casting, World, sut_practice
from scenarios.model import Scenario
from simulator.ledger import Blobs, Entry
from tests.harness.played import RUN, evidence
from tests.harness.test_draw import PEERS, row

BLOBS: dict[str, bytes] = {}


def _put(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    BLOBS[digest] = data
    return digest


def _cast(kind: str = "reference", supply: Supply | None = None, **more: object) -> Casting:
    profile = load(gp2gp_conformance.root() / "fixtures" / "reference.toml")
    profile = profile.model_copy(update={"driver": profile.driver.model_copy(update={"kind": kind})})
    contract = {"retries": 2, "retry_interval": "PT1S", "persist_duration": "PT1H"}
    world = World(profile, sut_practice(profile, contract, 1), 1, 1, "http://services", _put, supply=supply or Supply())
    return world.cast(Scenario("a scenario", "sender", (), (), **more))  # type: ignore[arg-type] # data of a scenario


def _folder(casting: Casting) -> etree._Element:
    return etree.fromstring(BLOBS[casting.plan["record"]["folder"]["blob"]])


def test_documents_are_counted_and_begin_again_when_the_kinds_are_used_up() -> None:
    documents = _cast(documents=7).plan["record"]["documents"]
    names = [document["filename"] for document in documents]
    assert len(names) == 7
    assert names[:3] == names[3:6]
    assert len({document["blob"] for document in documents}) == 7
    assert len({document["id"] for document in documents}) == 7


def test_files_of_a_scenario_are_the_documents_of_its_record() -> None:
    casting = _cast(files=(Attachment("a (b).doc", "application/msword", data=b"octets"),))
    (document,) = casting.plan["record"]["documents"]
    assert (document["filename"], document["content_type"]) == ("a (b).doc", "application/msword")
    assert BLOBS[document["blob"]] == b"octets"
    assert casting.plan["expects"]["documents"] == 1
    assert casting.record["documents"][0]["sha256"] == document["blob"]


def test_a_note_stands_in_the_record_and_is_expected() -> None:
    casting = _cast(note="a < b & c")
    assert casting.plan["expects"]["text"] == "a < b & c"
    assert "a < b & c" in [element.text for element in _folder(casting).iter("{*}text")]


def test_consultations_make_the_record_as_big_as_it_is_wanted() -> None:
    small, big = (len(etree.tostring(_folder(_cast(consultations=count)))) for count in (6, 60))
    assert big > 5 * small


def _pooled(kind: str, **record: Any) -> Casting:
    """A case of a patient whose record the pool describes."""
    patient = row(3, record=HeldRecord(**record))
    return _cast(kind, Supply(pool=Pool(PEERS, (patient,))))


@pytest.mark.parametrize(("kind", "loaded"), [("http", True), ("manual", True), ("reference", False)])
def test_what_was_loaded_before_the_run_is_the_systems_own(kind: str, loaded: bool) -> None:
    """Its number of documents is known, and no more; the bundled practice begins empty, and is given what the pool says."""
    casting = _pooled(kind, documents=2)
    assert casting.loaded is loaded
    assert casting.plan["expects"]["documents"] == 2
    assert len(casting.plan["record"]["documents"]) == (0 if loaded else 2)
    assert bool(casting.record) is not loaded


def test_what_was_loaded_before_the_run_is_not_loaded_again() -> None:
    """The system is not asked; that the record is there is the word of whoever wrote the pool."""
    driver, rig = _Driver(), _Rig()
    session = Session(rig, driver)  # type: ignore[arg-type] # as much of them as is used
    for loaded, asked in ((True, []), (False, ["hold"])):
        assert session._called(_pooled("http", by_hook=not loaded), 0, "hold", {}).outcome == "done"
        assert driver.asked == asked
    assert [data["grade"] for kind, data in rig.notes if kind == "hook.called"] == ["attested", "hook"]


def test_a_peer_of_the_pool_is_the_same_in_every_case_and_no_condition_hangs_on_it() -> None:
    """Somebody has typed it in; another case has it, too."""
    one, two = _pooled("http"), _pooled("http", by_hook=True)
    assert one.plan["peer"] == two.plan["peer"]
    assert one.plan["peer"]["party_key"] == PEERS[0].party_key
    assert arguments(one, "configure", {})["peers"] == []
    assert arguments(_cast(), "configure", {})["peers"] != []


FIXED: dict[str, tuple[str, dict[str, Any]]] = {
    "the system at the previous practice that takes requests is looked up in SDS before the request": (
        "SDS",
        {"shared": True},
    ),
    "the current practice is read from PDS before the extract is sent": ("PDS", {"services": {"pds": "theirs"}}),
    "every document arrives as the record holds it": ("", {"loaded": True, "record": {"documents": []}}),
}


@pytest.mark.parametrize("sentence", FIXED)
def test_what_a_fixed_world_hides_is_not_tested(sentence: str) -> None:
    """A system that looks nothing up here may have had no need to; what its documents hold is not known here."""
    service, more = FIXED[sentence]
    played = next(each for each in evidence().values() if _passes(sentence, each))
    kept = [each for each in played.entries if not service or each.data.get("service") != service]
    if service:
        assert [found.outcome for found in run(BY_SENTENCE[sentence], Evidence(kept, Blobs(RUN)))] == [Outcome.FAIL]
    (found,) = run(BY_SENTENCE[sentence], Evidence([_changed(each, more) for each in kept], Blobs(RUN)))
    assert found.outcome is Outcome.NOT_TESTED
    assert found.reason.startswith("world: ")


def _passes(sentence: str, played: Evidence) -> bool:
    return bool(played.plan) and {Outcome.PASS} == {found.outcome for found in run(BY_SENTENCE[sentence], played)}


def _changed(entry: Entry, more: dict[str, Any]) -> Entry:
    return replace(entry, data={**entry.data, **more}) if entry.kind == "case.opened" else entry


class _Driver:
    parallel = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        self.asked.append(verb)
        return Called("done")


class _Rig:
    def __init__(self) -> None:
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, kind: str, case: str, data: dict[str, Any]) -> dict[str, Any]:
        self.notes.append((kind, data))
        return {"entries": len(self.notes)}
