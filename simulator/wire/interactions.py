"""The GP2GP interactions: one row each, named by meaning, with the standard's id beside it.

Sources: Spine Technical Design v7.1 §7, Handling Large Messages v1.1 §2.3.5 (COPC uses the gp2gp service), and the
persist durations published for each contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SERVICE = "urn:nhs:names:services:gp2gp"
SIGNAL_SERVICE = "urn:oasis:names:tc:ebxml-msg:service"


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction: its id, what it is for, and the published ``persistDuration`` of its contract (ISO 8601)."""

    id: str
    purpose: str
    persist_duration: str


class Interaction(Enum):
    """Interactions that a GP2GP practice sends or receives."""

    EHR_REQUEST = Row("RCMR_IN010000UK05", "EHR request", "PT4H10M")
    EHR_EXTRACT = Row("RCMR_IN030000UK06", "EHR extract", "PT4H10M")
    EHR_EXTRACT_REDACTED = Row("RCMR_IN030000UK07", "EHR extract with redaction", "PT4H10M")
    POINT_TO_POINT = Row("COPC_IN000001UK01", "continue, attachment or fragment", "PT7H")
    ACKNOWLEDGEMENT = Row("MCCI_IN010000UK13", "application acknowledgement", "PT4M")

    @property
    def id(self) -> str:
        """The interaction id, which is also the root element, ``eb:Action`` and the end of ``SOAPAction``."""
        return self.value.id

    @property
    def sds_id(self) -> str:
        """The service-qualified form that SDS registers: a colon between service and interaction."""
        return f"{SERVICE}:{self.id}"

    @property
    def soap_action(self) -> str:
        """The form of the HTTP header: a slash between service and interaction."""
        return f"{SERVICE}/{self.id}"


BY_ID: dict[str, Interaction] = {row.value.id: row for row in Interaction}
EXTRACTS = frozenset({Interaction.EHR_EXTRACT.id, Interaction.EHR_EXTRACT_REDACTED.id})
