"""A practice without sockets, and the world around it: Spine as a list of posts, SDS and PDS as a few settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.reference.clock import Clock, Ids
from harness.reference.config import Identity
from harness.reference.hooks import Hooks
from harness.reference.lookup import FHIR_ID, RELIABILITY, Lookup
from harness.reference.outbox import Reply
from harness.reference.practice import Answer, Ports, Practice
from harness.reference.work import Work
from simulator.wire import gp2gp as messages
from simulator.wire.interactions import BY_ID, SERVICE
from simulator.wire.reading import Reading, read
from simulator.wire.soap import FaultError
from simulator.wire.writers import ebxml, gp2gp, package, soap

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ME = Identity(ods="X91001", asid="999000010011", party_key="X91001-910001", name="Reference")
PEER = Identity(ods="X92002", asid="999000020022", party_key="X92002-920002", name="Peer")
THIRD = Identity(ods="X93003", asid="999000030033", party_key="X93003-930003", name="Third")
NHS = "9990000018"
SPINE = "https://spine.example/reliablemessaging/intermediary"
INTERVAL, RETRIES = timedelta(minutes=10), 2
FOLDER = (
    b'<ehrFolder xmlns="urn:hl7-org:v3" classCode="FOLDER" moodCode="EVN">'
    b'<id root="0B7F3C0E-2D50-4D71-8C39-0A8B9D4F1E01"/>'
    b'<component typeCode="COMP"><ehrComposition classCode="COMPOSITION" moodCode="EVN"><referredToExternalDocument>'
    b'<id root="5D1C6E32-7A04-4B38-9C22-1F60E2A7B901"/><text><reference value='
    b'"file://localhost/5D1C6E32-7A04-4B38-9C22-1F60E2A7B901_a%20letter.txt"/></text>'
    b"</referredToExternalDocument></ehrComposition></component></ehrFolder>"
)
LETTER_ID = "5D1C6E32-7A04-4B38-9C22-1F60E2A7B901"
LETTER = b"Dear doctor, " * 20
FAULT = soap.fault([FaultError("urn:nhs:names:error:tms", "200", "Error", "x", "refused")])


@dataclass
class Sent:
    """One post of the practice, as Spine reads it."""

    headers: dict[str, str]
    body: bytes
    at: datetime = START

    @property
    def reading(self) -> Reading:
        return read(self.headers["Content-Type"], self.body)

    @property
    def message(self) -> messages.Message:
        message = self.reading.message
        assert message is not None
        return message

    @property
    def kind(self) -> str:
        """What it is in a word: request, extract, AA, or the code of a refusal."""
        if isinstance(self.message, messages.ApplicationAcknowledgement):
            return "AA" if self.message.positive else self.message.code
        return {"EhrRequest": "request", "EhrExtract": "extract"}.get(type(self.message).__name__, "?")


@dataclass
class World:
    """Everything around one practice."""

    seed: int = 1
    sent: list[Sent] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)  # for the posts to come; 202 when there is none left
    devices: dict[str, int] = field(default_factory=lambda: {PEER.ods: 1, THIRD.ods: 1, ME.ods: 1})
    contracts: int = 1
    sds_status: int = 200
    pds_status: int = 200
    registered_at: str = PEER.ods
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # the URLs that were fetched
    number: int = 0
    workers: int = 0

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: START)
        self.work = Work(self.clock, self.workers)
        lookup = Lookup(self.get, "http://sds", "http://pds", SPINE)
        self.practice = Practice(ME, Ports(self.post, lookup, self.work, self.clock, Ids(self.seed)))
        self.hooks = Hooks(self.practice, self.get)

    # -- what the practice is given

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        assert url == SPINE
        self.sent.append(Sent(dict(headers), body, self.clock.now("c")))
        return self.replies.pop(0) if self.replies else Reply(202)

    def get(self, url: str, _: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append(url)
        parts, query = urlsplit(url), [v for _, v in parse_qsl(urlsplit(url).query)]
        if url in self.files:
            return 200, self.files[url]
        if parts.netloc == "pds":
            practice = [{"identifier": {"value": self.registered_at}}] if self.registered_at else []
            return self.pds_status, json.dumps({"generalPractitioner": practice}).encode()
        if parts.path == "/Device":
            ods = query[0].rpartition("|")[2]
            found = [_device(ods)] * self.devices.get(ods, 0)
            return self.sds_status, json.dumps({"entry": [{"resource": r} for r in found]}).encode()
        assert parts.path == "/Endpoint", unquote(url)
        return self.sds_status, json.dumps({"entry": [{"resource": _endpoint()}] * self.contracts}).encode()

    # -- what the rig does

    def hook(self, verb: str, **body: Any) -> dict[str, Any]:
        """Call a verb for the case "c", and let the practice come to rest."""
        answer = self.hooks.call(verb, {"case": "c", **body})
        self.work.drain()
        return answer

    def register(self, **more: Any) -> None:
        self.hook("register", patient={"nhs_number": NHS}, previous_practice=PEER.ods, **more)

    def hold(
        self, *, folder: bytes = FOLDER, interaction: str = "RCMR_IN030000UK06", media_type: str = "text/plain"
    ) -> None:
        self.hook(
            "hold",
            patient={"nhs_number": NHS},
            record={
                "folder": self.file("folder", folder),
                "interaction": interaction,
                "documents": [
                    {"id": LETTER_ID, "filename": "x.txt", "content_type": media_type, **self.file("letter", LETTER)}
                ],
            },
        )

    def mutate(self, name: str) -> None:
        self.hook(
            "configure",
            condition="mutation",
            value=name,
            nhs_numbers=[NHS],
            peers=[PEER.ods, THIRD.ods],
            asids=[PEER.asid],
            party_keys=[PEER.party_key],
        )

    def file(self, name: str, data: bytes) -> dict[str, Any]:
        url = f"http://files/{name}"
        self.files[url] = data
        return {"url": url, "sha256": sha256(data).hexdigest(), "bytes": len(data)}

    def state(self) -> str:
        return str(self.hook("state", nhs_number=NHS)["state"])

    def codes(self) -> list[str]:
        return [notice["code"] for notice in self.hook("notices")["notices"]]

    def kinds(self) -> list[str]:
        return [sent.kind for sent in self.sent]

    # -- what the peer does

    def new_id(self) -> str:
        self.number += 1
        return f"00000000-0000-4000-8000-{self.number:012X}"

    def deliver(
        self,
        payload: bytes,
        interaction: str,
        conversation: str,
        message_id: str,
        attachments: tuple[package.Attachment, ...] = (),
        *,
        to: str = ME.party_key,
        alter: tuple[bytes, bytes] = (b"", b""),
        **more: Any,
    ) -> Answer:
        """Deliver a message of the peer's, and let the practice come to rest."""
        header = ebxml.Header(
            PEER.party_key, to, "cpa-of-me", conversation, interaction, message_id, "2026-11-24T10:00:00Z"
        )
        out = package.assemble(header, payload, attachments=attachments)
        body = out.body.replace(*alter) if alter[0] else out.body
        answer = self.practice.receive({"Content-Type": out.content_type, "SOAPAction": out.soap_action}, body, **more)
        self.work.drain()
        return answer

    def ends(self, message_id: str) -> gp2gp.Ends:
        return gp2gp.Ends(message_id, "20261124100000", PEER.asid, ME.asid)

    def ask(self, conversation: str, message_id: str = "", *, lower: bool = False, **more: Any) -> Answer:
        """The peer's request for the record of the patient."""
        message_id = message_id or self.new_id()
        payload = gp2gp.ehr_request(
            self.ends(message_id.lower() if lower else message_id),
            request_id="E1" * 4 + "-0000-4000-8000-000000000000",
            nhs_number=NHS,
            requesting_ods=PEER.ods,
            sending_ods=ME.ods,
        )
        ids = (conversation.lower(), message_id.lower()) if lower else (conversation, message_id)
        return self.deliver(payload, "RCMR_IN010000UK05", *ids, **more)

    def give(self, message_id: str = "", *, conversation: str = "", nhs_number: str = NHS, **more: Any) -> Answer:
        """The peer's extract, for the request that the practice sent first."""
        message_id = message_id or self.new_id()
        conversation = conversation or self.conversation
        payload = gp2gp.ehr_extract(
            self.ends(message_id),
            interaction="RCMR_IN030000UK06",
            extract_id=self.new_id(),
            request_id=self.new_id(),
            nhs_number=nhs_number,
            sending_ods=PEER.ods,
            requesting_ods=ME.ods,
            time="20261124100000",
            folder=FOLDER,
        )
        return self.deliver(payload, "RCMR_IN030000UK06", conversation, message_id, **more)

    def acknowledge(self, ref: str, code: str = "", **more: Any) -> Answer:
        """The peer's application acknowledgement."""
        message_id = self.new_id()
        payload = gp2gp.acknowledgement(self.ends(message_id), message_ref=ref, code=code, text="text" if code else "")
        return self.deliver(payload, "MCCI_IN010000UK13", self.conversation, message_id, **more)

    @property
    def conversation(self) -> str:
        envelope = self.sent[0].reading.envelope
        assert envelope is not None
        return envelope.conversation_id.upper()

    def id_of(self, number: int) -> str:
        """HL7 id of the practice's post number ``number``."""
        return self.sent[number].message.wrapper.id


def _device(ods: str) -> dict[str, Any]:
    one = next((p for p in (PEER, THIRD, ME) if p.ods == ods), PEER)
    return {
        "identifier": [
            {"system": FHIR_ID + "nhsSpineASID", "value": one.asid},
            {"system": FHIR_ID + "nhsMhsPartyKey", "value": one.party_key},
        ]
    }


def _endpoint() -> dict[str, Any]:
    terms = [{"url": "nhsMHSRetries", "valueInteger": RETRIES}, {"url": "nhsMHSRetryInterval", "valueString": "PT10M"}]
    return {
        "address": SPINE,
        "identifier": [{"system": FHIR_ID + "nhsMhsCPAId", "value": "cpa-of-peer"}],
        "extension": [{"url": RELIABILITY, "extension": terms}],
    }


__all__ = ["BY_ID", "FAULT", "ME", "NHS", "PEER", "SERVICE", "THIRD", "Answer", "Sent", "World"]
