"""What the ledger says about a message beside its octets: plain facts, for people and for attribution. No judgement."""

from __future__ import annotations

from typing import Any

from simulator.wire import gp2gp
from simulator.wire.reading import Reading, departure_names


def of(reading: Reading) -> dict[str, Any]:
    """Plain JSON facts of a reading: ids, parties, interaction, what it is, and the departures met."""
    facts: dict[str, Any] = {"departures": list(departure_names(reading))}
    if reading.envelope is not None:
        e = reading.envelope
        facts |= {
            "envelope": e.kind.value,
            "from": e.from_party,
            "to": e.to_party,
            "cpa": e.cpa_id,
            "action": e.action,
            "message_id": e.message_id,
            "conversation": e.conversation_id,
            "ref": e.acknowledged_id or e.ref_to_message_id,
        }
    if reading.wrapper is not None:
        w = reading.wrapper
        facts |= {"interaction": w.interaction, "hl7_id": w.id, "asid_to": w.receiver_asid, "asid_from": w.sender_asid}
    facts["label"] = label(reading)
    nhs = nhs_number(reading.message)
    if nhs:
        facts["nhs_number"] = nhs
    return facts


def nhs_number(message: gp2gp.Message | None) -> str:
    """The patient of a request or an extract; empty for the others."""
    return message.nhs_number if isinstance(message, gp2gp.EhrRequest | gp2gp.EhrExtract) else ""


def label(reading: Reading) -> str:
    """What a person calls the message."""
    match reading.message:
        case gp2gp.EhrRequest():
            return "EHR request"
        case gp2gp.EhrExtract() as extract:
            return "EHR extract with redaction" if extract.redacted else "EHR extract"
        case gp2gp.Continue():
            return "continue"
        case gp2gp.Fragment():
            return "attachment or fragment"
        case gp2gp.ApplicationAcknowledgement() as ack:
            return f"acknowledgement {ack.type_code} {ack.code}".strip()
        case _:
            return _signal_label(reading)


def _signal_label(reading: Reading) -> str:
    if reading.fault is not None:
        return "SOAP fault"
    if reading.envelope is None:
        return "unreadable"
    return reading.envelope.action or reading.envelope.kind.value
