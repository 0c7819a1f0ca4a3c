"""The patient index behind PDS: who is registered where. State, so that codes 06, 19 and 20 come from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient as PDS knows them.

    :param practice: ODS code of the current primary-care provider; empty when suspended (TD51.4.4 answers 19 to that).
    :param failing: PDS answers a read of this patient with a server error (TD51.4.2 answers 20 to that).
    """

    nhs_number: str
    given: str = ""
    family: str = ""
    birth_date: str = ""
    gender: str = "unknown"
    practice: str = ""
    version: int = 1
    failing: bool = False


class PatientIndex:
    """Patients by NHS number."""

    def __init__(self) -> None:
        self._patients: dict[str, Patient] = {}

    def put(self, patient: Patient) -> None:
        """Add or replace a patient."""
        self._patients[patient.nhs_number] = patient

    def get(self, nhs_number: str) -> Patient | None:
        """The patient, if PDS knows the number."""
        return self._patients.get(nhs_number)
