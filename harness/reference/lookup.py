"""Asks SDS and PDS, over their FHIR interfaces, what the specification has the practice ask them.

Sources: Spine Technical Design v7.1 TD12, TD13, TD51.4 (there over LDAP and HL7 v3); the FHIR forms of the same
look-ups.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from simulator.wire.interactions import Interaction
from simulator.wire.times import duration

FHIR_ID = "https://fhir.nhs.uk/Id/"
RELIABILITY = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ReliabilityConfiguration"
Get = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
"""Fetches a URL: status (0 when nothing answered) and body."""


class UnansweredError(Exception):
    """A directory or demographics service failed to answer: what the specification calls a Spine error (code 20)."""


@dataclass(frozen=True, slots=True)
class Device:
    """An accredited system: what TD12 looks up."""

    asid: str
    party_key: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A contract: what TD13 looks up. ``interval`` is the time between two sends; ``retries`` those after the first."""

    address: str
    cpa_id: str
    retries: int
    interval: timedelta


class Lookup:
    """The look-ups of the practice. Nothing is cached: what SDS says may change between two messages."""

    def __init__(self, get: Get, sds_url: str, pds_url: str, default_address: str = "") -> None:
        self._get = get
        self._sds = sds_url.rstrip("/")
        self._pds = pds_url.rstrip("/")
        self._default_address = default_address

    def devices(self, ods: str, interaction: Interaction) -> tuple[Device, ...]:
        """The systems of a practice that support an interaction. :raises UnansweredError: SDS failed."""
        organization = quote(f"{FHIR_ID}ods-organization-code|{ods}")
        bundle = self._fhir(f"{self._sds}/Device?organization={organization}&identifier={_interaction(interaction)}")
        return tuple(
            Device(_identifier(r, "nhsSpineASID"), _identifier(r, "nhsMhsPartyKey")) for r in _resources(bundle)
        )

    def endpoints(self, party_key: str, interaction: Interaction) -> tuple[Endpoint, ...]:
        """The contracts of a party for an interaction. :raises UnansweredError: SDS failed."""
        party = quote(f"{FHIR_ID}nhsMhsPartyKey|{party_key}")
        bundle = self._fhir(f"{self._sds}/Endpoint?identifier={_interaction(interaction)}&identifier={party}")
        return tuple(self._endpoint(resource) for resource in _resources(bundle))

    def all_endpoints(self, ods: str, party_key: str, interaction: Interaction) -> tuple[Endpoint, ...]:
        """The same, chosen here from all contracts of a practice: how a mutation asks. :raises UnansweredError: SDS failed."""
        organization = quote(f"{FHIR_ID}ods-organization-code|{ods}")
        party = quote(f"{FHIR_ID}nhsMhsPartyKey|{party_key}")
        bundle = self._fhir(f"{self._sds}/Endpoint?organization={organization}&identifier={party}")
        return tuple(self._endpoint(each) for each in _resources(bundle) if interaction.sds_id in json.dumps(each))

    def registered_practice(self, nhs_number: str) -> str:
        """ODS code of the patient's practice on PDS, empty when there is none. :raises UnansweredError: PDS failed."""
        patient = self._fhir(f"{self._pds}/Patient/{quote(nhs_number, safe='')}")
        practices = patient.get("generalPractitioner") or [{}]
        try:
            value = practices[0].get("identifier", {}).get("value", "")
        except (AttributeError, KeyError, TypeError) as error:
            raise UnansweredError("PDS answered something that is no patient") from error
        return str(value)

    def _endpoint(self, resource: dict[str, Any]) -> Endpoint:
        terms = {
            part["url"]: part.get("valueString", part.get("valueInteger"))
            for extension in resource.get("extension", [])
            if extension.get("url") == RELIABILITY
            for part in extension.get("extension", [])
        }
        retries = str(terms.get("nhsMHSRetries", "0"))
        return Endpoint(
            address=resource.get("address") or self._default_address,
            cpa_id=_identifier(resource, "nhsMhsCPAId") or _identifier(resource, "nhsMHSId"),
            retries=int(retries) if re.fullmatch(r"[0-9]{1,3}", retries) else 0,
            interval=duration(str(terms.get("nhsMHSRetryInterval", ""))) or timedelta(0),
        )

    def _fhir(self, url: str) -> dict[str, Any]:
        request = str(uuid.uuid4())
        status, body = self._get(url, {"X-Request-ID": request, "X-Correlation-ID": request, "apikey": "reference"})
        if status != 200:
            raise UnansweredError(f"HTTP {status} from {url.partition('?')[0]}")
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise UnansweredError("the answer is no JSON") from error
        if not isinstance(answer, dict):
            raise UnansweredError("the answer is no FHIR resource")
        return answer


def _interaction(interaction: Interaction) -> str:
    return quote(f"{FHIR_ID}nhsServiceInteractionId|{interaction.sds_id}")


def _resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle.get("entry") or [] if isinstance(entry.get("resource"), dict)]


def _identifier(resource: dict[str, Any], system: str) -> str:
    for identifier in resource.get("identifier", []):
        if identifier.get("system") == FHIR_ID + system:
            return str(identifier.get("value", ""))
    return ""
