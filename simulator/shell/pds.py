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


def blueprint(runtime: Runtime) -> Blueprint:
    """``GET /Patient/{NHS number}``. A patient marked as failing gets a server error."""
    views = Blueprint("pds", __name__, url_prefix="/personal-demographics/FHIR/R4")

    @views.errorhandler(Refused)
    def refused(trouble: Refused) -> Response:
        return outcome(trouble, request.headers.get("X-Request-ID", "") or str(uuid.uuid4()), prefix=False)

    @views.get("/Patient/<nhs_number>")
    def read(nhs_number: str) -> Response:
        case = runtime.hub.attribution.of_key(nhs_number)
        patient = runtime.hub.patients.get(nhs_number)
        data = {"service": "PDS", "call": "Patient", "nhs_number": nhs_number, "found": int(patient is not None)}
        if not UUID.fullmatch(request.headers.get("X-Request-ID", "")):
            runtime.note("service.called", case, data | {"status": 412})
            raise Refused(412, "structure", "PRECONDITION_FAILED", "Invalid request with error - X-Request-ID header must be supplied to access this resource")
        if patient is not None and patient.failing:
            runtime.note("service.called", case, data | {"status": 500, "deliberate": "PDS fails on purpose"})
            raise Refused(500, "exception", "INTERNAL_SERVER_ERROR", "PDS fails on purpose")
        runtime.note("service.called", case, data | {"status": 200 if patient else 404})
        if patient is None:
            raise Refused(404, "not_found", "RESOURCE_NOT_FOUND", "Resource not found")
        response = answer(_resource(patient))
        response.headers["ETag"] = f'W/"{patient.version}"'
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
        return response

    return views


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
