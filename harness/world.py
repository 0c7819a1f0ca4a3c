"""The world of a run: makes the cast, the patients and the records of each case from the seed, and the plan that Spine plays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from fixtures import factory
from fixtures.identity import Names
from fixtures.published import PublishedRecord, retarget
from fixtures.response_codes import codes
from harness.draw import Drawn, Supply, adapted
from harness.profile import Profile
from scenarios import Scenario, slug
from simulator.protocol.script import TOKENS, Elapse, Message, Send, to_json
from simulator.wire import times
from simulator.wire.interactions import Interaction

RECORD_TIME = "20260105101500"
DOCUMENTS = (
    factory.Attachment("referral letter.txt", "text/plain", size=2_400),
    factory.Attachment("ecg.pdf", "application/pdf", size=6_000),
    factory.Attachment("wound.jpeg", "image/jpeg", size=9_001),
)


def attachments(scenario: Scenario) -> tuple[factory.Attachment, ...]:
    """The documents of a scenario's record: its own, or as many as it counts, each kind again when there are more."""
    counted = (DOCUMENTS[n % len(DOCUMENTS)] for n in range(scenario.documents))
    return scenario.files or tuple(counted)


@dataclass(frozen=True, slots=True)
class Casting:
    """A case ready to be played: the plan for Spine, and what the hooks need to be told.

    :param shared: ODS code of a peer that other cases have, too, which are played before or after; else empty.
    :param loaded: whether the system held the record before the run: nobody needs to be told to load it.
    :param again: whether a former run has used the patient for this case.
    """

    case: str
    scenario: Scenario
    plan: dict[str, Any]
    patient: dict[str, Any]
    record: dict[str, Any]
    postcode: str = ""
    shared: str = ""
    loaded: bool = False
    again: bool = False
    returning: bool = False

    @property
    def moves_clock(self) -> bool:
        """Whether it moves the system's clock."""
        return self.plan["clock"] == "hook" and any(isinstance(step, Elapse) for step in self.scenario.script)


@dataclass(frozen=True, slots=True)
class World:
    """Everything a case is made from. ``put`` stores octets in the run and returns their digest.

    ``taken`` holds the identifiers given out so far: no two cases of a run share a patient, nor a practice that was made
    for them; ``supply`` is what is not made but drawn.
    ``mim`` is the folder of the official schemas, empty without; it stands in the plan, where the judges read it.
    """

    profile: Profile
    sut: dict[str, Any]
    seed: int
    run: int
    services: str
    put: Callable[[bytes], str]
    taken: set[str] = field(default_factory=set)
    mim: str = ""
    verbs: frozenset[str] = frozenset()
    supply: Supply = field(default_factory=Supply)

    def cast(self, scenario: Scenario, *, case: str = "", published: PublishedRecord | None = None) -> Casting:
        """Cast ``scenario`` as ``case``. :param published: an extract that the peer sends instead of a made record.

        :raises WorldTrouble: when the pool has nobody who is needed.
        """
        case = case or slug(scenario.name)
        names, drawn = Names(self.seed, self.run, case), self.supply.draw(scenario, case)
        scenario = adapted(scenario, drawn.patient)
        peer = self._peer(names) if drawn.peer is None else drawn.peer.practice(self.contract())
        person = self._made(names) if drawn.patient is None else drawn.patient.person()
        patient = _patient(person)
        loaded = self._loaded(drawn)
        if published is not None:
            record = self._published(published, peer, person.nhs_number)
            scenario = _sending(scenario, published.interaction or Interaction.EHR_EXTRACT.id)
        else:
            record = {"documents": []} if loaded else self._record(scenario, names, person, peer["ods"])
        plan = self._plan(scenario, case, peer, patient, record) | {"shared": drawn.peer is not None, "loaded": loaded}
        return Casting(
            case,
            scenario,
            plan,
            patient,
            {} if loaded else self._held(scenario, record),
            postcode=person.address[-1],
            shared=drawn.peer.ods if drawn.peer else "",
            loaded=loaded,
            again=drawn.before is not None,
            returning=bool(scenario.returning) if drawn.patient is None else self.supply.known(drawn.patient),
        )

    def _made(self, names: Names) -> factory.Patient:
        return replace(factory.patient(names), nhs_number=self._take(names.nhs_number("patient", taken=self.taken)))

    def _loaded(self, drawn: Drawn) -> bool:
        """Whether the system holds the record already. The bundled practice begins empty: it is loaded case by case."""
        record = drawn.patient.record if drawn.patient else None
        return record is not None and not record.by_hook and self.profile.driver.kind != "reference"

    def _plan(
        self, scenario: Scenario, case: str, peer: dict[str, Any], patient: dict[str, Any], record: dict[str, Any]
    ) -> dict[str, Any]:
        requester = self.sut["ods"] if scenario.role == "requester" else peer["ods"]
        where = {
            "requester": requester,
            "elsewhere": Names(self.seed, self.run, case).ods_code("elsewhere", taken=self.taken),
            "nowhere": "",
        }
        on_pds = {**patient, "practice": where[scenario.registered], "failing": scenario.pds_fails}
        used = {step.code for step in scenario.script if isinstance(step, Send) and step.code}
        return {
            "case": case,
            "scenario": scenario.name,
            "role": scenario.role,
            "mim": self.mim,
            "key": hashlib.sha256(f"{self.seed}/{self.run}/{case}".encode()).hexdigest(),
            "sut": self.sut,
            "peer": peer,
            "patients": [on_pds],
            "script": to_json(scenario.script),
            "faults": [asdict(fault) for fault in scenario.faults],
            "record": record,
            "texts": {code: codes()[code].text for code in used},
            "expects": {
                "code": scenario.code,
                "redacted": scenario.redacted,
                "holds": scenario.holds,
                "documents": len(attachments(scenario)),
                "text": scenario.note,
            },
            "cases": list(scenario.cases),
            "readings": self.profile.readings.model_dump(),
            "force": self.profile.force.facts(),
            "services": {"sds": self.profile.world.sds, "pds": self.profile.world.pds},
            "reply_seconds": self.profile.time.reply_seconds,
            "window_seconds": self.profile.time.window_seconds,
            "clock": self._clock(scenario),
        }

    def _peer(self, names: Names) -> dict[str, Any]:
        ods = self._take(names.ods_code("peer", taken=self.taken))
        return {
            "ods": ods,
            "asid": self._take(names.asid("peer", taken=self.taken)),
            "party_key": names.party_key(ods, "peer"),
            "name": f"Peer {ods}",
            "cpa_ids": {row.id: names.cpa_id(f"peer {row.id}") for row in Interaction},
            "contract": self.contract(),
        }

    def _clock(self, scenario: Scenario) -> str:
        """How time passes in a case: for real where the system's clock cannot be moved and the profile has the patience.

        With neither ("none") the hook is asked for all the same, and its absence is the reason why nothing is tested.
        """
        length = sum((step.length for step in scenario.script if isinstance(step, Elapse)), timedelta())
        patience = times.duration(self.profile.time.real) or timedelta()
        return "hook" if "clock" in self.verbs else "real" if length <= patience else "none"

    def _take(self, identifier: str) -> str:
        self.taken.add(identifier)
        return identifier

    def contract(self) -> dict[str, Any]:
        """The contract properties that SDS publishes in this run."""
        time = self.profile.time
        return {
            "retries": time.retries,
            "retry_interval": time.retry_interval,
            "persist_duration": time.persist_duration,
        }

    def _published(self, record: PublishedRecord, peer: dict[str, Any], nhs_number: str) -> dict[str, Any]:
        payload = retarget(
            record,
            interaction=record.interaction or Interaction.EHR_EXTRACT.id,
            sender_asid=peer["asid"],
            receiver_asid=self.sut["asid"],
            nhs_number=nhs_number,
            sending_ods=peer["ods"],
            requesting_ods=self.sut["ods"],
            **TOKENS,
        )
        documents = [
            {
                "id": each.document_id.removeprefix("_"),
                "filename": "",
                "content_type": each.content_type or "application/octet-stream",
                "blob": self.put(each.data),
                "bytes": len(each.data),
                "description": each.description or "Attachment",
            }
            for each in record.attachments
            if each.data is not None
        ]
        return {"payload": {"blob": self.put(payload)}, "documents": documents}

    def _record(self, scenario: Scenario, names: Names, person: factory.Patient, peer: str) -> dict[str, Any]:
        holder = self.sut["ods"] if scenario.role == "sender" else peer
        made = factory.record(
            names,
            person,
            practice_ods=holder,
            time=RECORD_TIME,
            consultations=scenario.consultations,
            attachments=attachments(scenario),
            redacted=scenario.redacted,
            note=scenario.note,
        )
        documents = [
            {
                "id": each.id,
                "filename": each.filename,
                "content_type": each.content_type,
                "blob": self.put(each.data),
                "bytes": len(each.data),
            }
            for each in made.attachments
        ]
        return {"folder": {"blob": self.put(made.folder), "bytes": len(made.folder)}, "documents": documents}

    def _held(self, scenario: Scenario, record: dict[str, Any]) -> dict[str, Any]:
        """The record as the hook ``hold`` is told of it: files by URL with their digest."""
        if scenario.role != "sender":
            return {}
        interaction = Interaction.EHR_EXTRACT_REDACTED if scenario.redacted else Interaction.EHR_EXTRACT
        return {
            "folder": self._file(record["folder"]),
            "interaction": interaction.id,
            "documents": [
                {
                    **self._file(each),
                    "id": each["id"],
                    "filename": each["filename"],
                    "content_type": each["content_type"],
                }
                for each in record["documents"]
            ],
        }

    def _file(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"{self.services}/blobs/{row['blob']}", "sha256": row["blob"], "bytes": row["bytes"]}


def _patient(person: factory.Patient) -> dict[str, Any]:
    """The patient as the hooks and PDS are told of them."""
    return {
        "nhs_number": person.nhs_number,
        "given": person.given,
        "family": person.family,
        "birth_date": str(person.birth_date),
        "gender": person.gender,
    }


def _sending(scenario: Scenario, interaction: str) -> Scenario:
    """``scenario`` with its extracts under another interaction."""
    script = tuple(
        replace(step, interaction=interaction) if isinstance(step, Send) and step.message is Message.EXTRACT else step
        for step in scenario.script
    )
    return replace(scenario, script=script)


def sut_practice(profile: Profile, contract: dict[str, Any], seed: int) -> dict[str, Any]:
    """The system under test as a practice of the directory."""
    names = Names(seed, 0, "sut")
    identity = profile.practice
    return {
        "ods": identity.ods,
        "asid": identity.asid,
        "party_key": identity.party_key,
        "name": "SUT",
        "endpoint": identity.endpoint,
        "cpa_ids": {row.id: names.cpa_id(f"sut {row.id}") for row in Interaction},
        "contract": contract,
    }
