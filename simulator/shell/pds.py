"""PDS over FHIR R4, reading only: who a patient's current practice is (what codes 19 and 20 hang on)."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, Response, request

from simulator.protocol.demographics import Patient
from simulator.shell.fhir import Refused, answer, outcome
from simulator.shell.runtime import Runtime

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

NO_REQUEST_ID = "Invalid request with error - X-Request-ID header must be supplied to access this resource"
REFUSALS = {
    412: ("structure", "PRECONDITION_FAILED", NO_REQUEST_ID),
    404: ("not_found", "RESOURCE_NOT_FOUND", "Resource not found"),
    500: ("exception", "INTERNAL_SERVER_ERROR", "PDS fails on purpose"),
}


def blueprint(runtime: Runtime) -> Blueprint:
    """``GET /Patient/{NHS number}``. A patient marked as failing gets a server error."""
    views = Blueprint("pds", __name__, url_prefix="/personal-demographics/FHIR/R4")

    @views.errorhandler(Refused)
    def refused(trouble: Refused) -> Response:
        return outcome(trouble, request.headers.get("X-Request-ID", "") or str(uuid.uuid4()), prefix=False)

    @views.get("/Patient/<nhs_number>")
    def read(nhs_number: str) -> Response:
        patient = runtime.hub.patients.get(nhs_number)
        status = _status(patient)
        data = {"service": "PDS", "call": "Patient", "nhs_number": nhs_number, "found": int(patient is not None)}
        deliberate = {"deliberate": "PDS fails on purpose"} if status == 500 else {}
        runtime.note(
            "service.called", runtime.hub.attribution.of_key(nhs_number), {**data, "status": status, **deliberate}
        )
        if patient is None or status != 200:
            raise Refused(status, *REFUSALS[status])
        response = answer(_resource(patient))
        response.headers["ETag"] = f'W/"{patient.version}"'
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
        return response

    return views


def _status(patient: Patient | None) -> int:
    if not UUID.fullmatch(request.headers.get("X-Request-ID", "")):
        return 412
    if patient is None:
        return 404
    return 500 if patient.failing else 200


def _resource(patient: Patient) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "id": patient.nhs_number,
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": patient.nhs_number}],
        "meta": {"versionId": str(patient.version)},
        "name": [{"use": "usual", "given": [patient.given], "family": patient.family}],
        "gender": patient.gender,
    }
    if patient.birth_date:
        resource["birthDate"] = patient.birth_date
    # A suspended patient is one without generalPractitioner.
    if patient.practice:
        organisation = {"system": ODS, "value": patient.practice}
        resource["generalPractitioner"] = [{"type": "Organization", "identifier": organisation}]
    return resource
