"""What the two FHIR faces share: bundles, single resources, and OperationOutcomes."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Response, request

CODES = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1"
DISPLAY = {"BAD_REQUEST": "Bad request"}


@dataclass
class Refused(Exception):
    """An answer in the form of an OperationOutcome."""

    status: int
    issue: str
    code: str
    text: str


def answer(body: dict[str, Any], content_type: str = "application/fhir+json", status: int = 200) -> Response:
    """JSON, indented by two as the real service has it."""
    return Response(json.dumps(body, indent=2), status=status, content_type=content_type)


def outcome(trouble: Refused, correlation: str, *, prefix: bool = True) -> Response:
    """An OperationOutcome of the STU3 code system: the service sends R4 resources and STU3 errors."""
    coding: dict[str, str] = {"system": CODES, "code": trouble.code}
    if trouble.code in DISPLAY:
        coding["display"] = DISPLAY[trouble.code]
    text = f"HTTP 400: Bad Request ({trouble.text})" if prefix and trouble.status == 400 else trouble.text
    issue = {"severity": "error", "code": trouble.issue, "details": {"coding": [coding]}, "diagnostics": text}
    return answer({"resourceType": "OperationOutcome", "id": correlation, "issue": [issue]}, status=trouble.status)


def bundle(kind: str, resources: list[dict[str, Any]]) -> Response:
    """A searchset. Ids are fresh on every call: clients must not key on them."""
    base = request.base_url.rpartition("/")[0]
    entries = [
        {"fullUrl": f"{base}/{kind}/{each['id']}", "resource": each, "search": {"mode": "match"}} for each in resources
    ]
    return answer(
        {
            "resourceType": "Bundle",
            "id": str(uuid.uuid4()).upper(),
            "type": "searchset",
            "total": len(entries),
            "link": [{"relation": "self", "url": unquote(request.url)}],
            "entry": entries,
        }
    )
