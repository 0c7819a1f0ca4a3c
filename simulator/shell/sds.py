"""SDS over FHIR R4: ``Device`` and ``Endpoint``, read from the directory. What clients route by.

The address of an Endpoint is Spine's own: for GP2GP's forward-reliable interactions the real service replaces the
practice's address by that of the reliable intermediary. UK07 is not on the real service's list, so its address comes
back unrewritten there; here every interaction gets Spine's, or a redacted extract could not be sent at all [ours].
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, Response, request

from simulator.protocol.directory import Contract, Practice
from simulator.shell.fhir import Refused, answer, bundle, outcome
from simulator.shell.runtime import Runtime
from simulator.wire.interactions import SERVICE

ID = "https://fhir.nhs.uk/Id/"
EXTENSION = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-"
ODS, INTERACTION, PARTY = f"{ID}ods-organization-code", f"{ID}nhsServiceInteractionId", f"{ID}nhsMhsPartyKey"
CORRELATION = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MISSING_ORGANISATION = f"Missing or invalid 'organization' query parameter. Should be 'organization={ODS}|value'"
# Bracket and commas are missing in the published text too.
MISSING_IDENTIFIER = (
    "Missing or invalid 'identifier' query parameter. Should be one or both of: "
    f"['identifier={INTERACTION}|value', 'identifier={PARTY}|value'"
)
MISSING_COMBINATION = (
    "Missing or invalid query parameters. Should one of following combinations: "
    f"['organization={ODS}|value&identifier={INTERACTION}|value&identifier={PARTY}|value'"
    f"'organization={ODS}|value&identifier={INTERACTION}|value'"
    f"'organization={ODS}|value&identifier={PARTY}|value'"
    f"'identifier={INTERACTION}|value&identifier={PARTY}|value']"
)


def blueprint(runtime: Runtime, address: str) -> Blueprint:
    """The two searches. ``address`` is Spine's messaging URL, as it is advertised."""
    views = Blueprint("sds", __name__, url_prefix="/spine-directory/FHIR/R4")

    @views.errorhandler(Refused)
    def refused(trouble: Refused) -> Response:
        return outcome(trouble, _correlation())

    @views.get("/Device")
    def device() -> Response:
        query = _query({"organization", "identifier", "manufacturing-organization", "use_cpm"})
        for system, text in ((ODS, MISSING_ORGANISATION), (INTERACTION, MISSING_IDENTIFIER)):
            if system not in query:
                raise _bad(text)
        found = [_device(practice) for practice in _matches(runtime, query)]
        return _answer(runtime, "Device", query, found)

    @views.get("/Endpoint")
    def endpoint() -> Response:
        query = _query({"organization", "identifier", "use_cpm"})
        if len(query.keys() & {ODS, INTERACTION, PARTY}) < 2:
            raise _bad(MISSING_COMBINATION)
        pairs = _pairs(_matches(runtime, query), query.get(INTERACTION, ""))
        return _answer(runtime, "Endpoint", query, [_endpoint(*pair, address) for pair in pairs])

    @views.get("/healthcheck")
    def healthcheck() -> Response:
        return answer({"status": "UP"}, "application/json")

    return views


def _bad(text: str) -> Refused:
    return Refused(400, "required", "BAD_REQUEST", text)


def _correlation() -> str:
    return request.headers.get("X-Correlation-Id", "") or str(uuid.uuid4()).upper()


def _query(allowed: set[str]) -> dict[str, str]:
    """The search values by system; the last valid value of a system wins, as in the real service."""
    given = request.headers.get("X-Correlation-Id", "")
    if given and not CORRELATION.fullmatch(given):
        pattern = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
        text = f"Invalid X-Correlation-ID header. Should be an UUIDv4 matching regex '{pattern}'"
        raise _bad(text)
    found: dict[str, str] = {}
    for name, value in request.args.items(multi=True):
        if name not in allowed:
            raise _bad(f"Illegal query parameter '{name}'")
        system, bar, text = value.partition("|")
        if bar and text.strip():
            found[system] = text
    return found


def _matches(runtime: Runtime, query: dict[str, str]) -> list[Practice]:
    practices = runtime.hub.directory.by_ods(query[ODS]) if ODS in query else runtime.hub.directory.all()
    wanted = query.get(INTERACTION, "")
    return [
        practice
        for practice in practices
        if query.get(PARTY, practice.party_key) == practice.party_key
        and (not wanted or wanted in _interactions(practice))
    ]


def _pairs(practices: list[Practice], wanted: str) -> list[tuple[Practice, str]]:
    return [(row, each) for row in practices for each in _interactions(row) if wanted in ("", each)]


def _interactions(practice: Practice) -> list[str]:
    return [f"{SERVICE}:{interaction}" for interaction in practice.cpa_ids]


def _answer(runtime: Runtime, kind: str, query: dict[str, str], found: list[dict[str, Any]]) -> Response:
    ods, party = query.get(ODS, ""), query.get(PARTY, "")
    case = runtime.hub.attribution.of_key(ods, party)
    data = {"service": "SDS", "call": kind, "query": query, "found": len(found), "ods": ods}
    runtime.note("service.called", case, data)
    response = bundle(kind, found)
    response.headers["X-Correlation-Id"] = _correlation()
    return response


def _reference(url: str, system: str, value: str) -> dict[str, Any]:
    return {"url": url, "valueReference": {"identifier": {"system": system, "value": value}}}


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code, "display": display}


def _device(practice: Practice) -> dict[str, Any]:
    return {
        "resourceType": "Device",
        "id": str(uuid.uuid4()).upper(),
        "identifier": [
            {"system": f"{ID}nhsSpineASID", "value": practice.asid},
            {"system": PARTY, "value": practice.party_key},
        ],
        "extension": [
            _reference(f"{EXTENSION}NhsServiceInteractionId", INTERACTION, each) for each in _interactions(practice)
        ],
        "owner": {"identifier": {"system": ODS, "value": practice.ods}},
    }


def _endpoint(practice: Practice, interaction: str, address: str) -> dict[str, Any]:
    bare = interaction.rpartition(":")[2]
    cpa = practice.cpa_ids[bare]
    return {
        "resourceType": "Endpoint",
        "id": str(uuid.uuid4()).upper(),
        "status": "active",
        "connectionType": _coding("endpoint-connection-type", "hl7-fhir-msg", "HL7 FHIR Messaging"),
        "payloadType": [{"coding": [_coding("endpoint-payload-type", "any", "Any")]}],
        "address": address,
        "managingOrganization": {"identifier": {"system": ODS, "value": practice.ods}},
        "identifier": [
            {"system": f"{ID}nhsMhsFQDN", "value": f"{practice.ods.lower()}.gp2gp.invalid"},
            {"system": PARTY, "value": practice.party_key},
            {"system": f"{ID}nhsMhsCPAId", "value": cpa},
            {"system": f"{ID}nhsMHSId", "value": cpa},
        ],
        "extension": [
            {"url": f"{EXTENSION}ReliabilityConfiguration", "extension": _reliability(practice.contract_for(bare))},
            _reference(f"{EXTENSION}NhsServiceInteractionId", INTERACTION, interaction),
        ],
    }


def _reliability(contract: Contract) -> list[dict[str, Any]]:
    return [
        {"url": "nhsMHSSyncReplyMode", "valueString": contract.sync_reply_mode},
        {"url": "nhsMHSRetryInterval", "valueString": contract.retry_interval},
        {"url": "nhsMHSRetries", "valueInteger": contract.retries},
        {"url": "nhsMHSPersistDuration", "valueString": contract.persist_duration},
        {"url": "nhsMHSDuplicateElimination", "valueString": contract.duplicate_elimination},
        {"url": "nhsMHSAckRequested", "valueString": contract.ack_requested},
        {"url": "nhsMHSActor", "valueString": contract.actor},
    ]
