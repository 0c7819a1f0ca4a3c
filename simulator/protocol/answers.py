"""What Spine answers on the wire: acknowledgement, SOAP fault, MessageError, and the HL7 NACK that it originates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.protocol import contract
from simulator.protocol.commands import Answer
from simulator.protocol.directory import Practice
from simulator.protocol.settings import Behaviour
from simulator.wire import names
from simulator.wire.ebxml import Envelope
from simulator.wire.interactions import Interaction
from simulator.wire.soap import FaultError
from simulator.wire.writers import ebxml, gp2gp, soap
from simulator.wire.writers.package import Outgoing, assemble_from_spine
from simulator.wire.writers.times import ebxml_time, hl7_time

# The exact text of Spine's code 506, braces included: it is literal in the capture of a live NACK.
CODE_506 = "506"
TEXT_506 = (
    "hl7:{interactionId}/hl7:communicationFunctionRcv/hl7:device/hl7:id/@extension is missing, empty, invalid or "
    "ACL violation"
)
ERROR_SOAP_ACTION = names.SIGNAL_SOAP_ACTION.replace("Acknowledgment", "MessageError")


def accepted(envelope: Envelope, message_id: str, now: datetime, behaviour: Behaviour) -> Answer:
    """202, with the ebXML Acknowledgment of Spine's own template unless the setting says empty."""
    if not behaviour.ack_body:
        return Answer(202, form="202, empty")
    body = ebxml.acknowledgment(
        from_party=envelope.to_party,
        to_party=envelope.from_party,
        cpa_id=envelope.cpa_id,
        conversation_id=envelope.conversation_id,
        message_id=message_id,
        ref_to_message_id=envelope.message_id,
        received_timestamp=envelope.timestamp,
        now=ebxml_time(now),
    )
    return Answer(202, body, soap_action=names.SIGNAL_SOAP_ACTION, form="202 + Acknowledgment")


def fault(errors: Sequence[FaultError], status: int = 500) -> Answer:
    """A SOAP fault with one ``nasp:error`` for each thing wrong."""
    return Answer(status, soap.fault(errors), form="SOAP fault")


def not_well_formed(what: str) -> Answer:
    """The fault for octets in which no envelope can be read; ``what`` names the part that is missing."""
    return fault(contract.fault_errors((f"{contract.NOT_WELL_FORMED}[{what}]",)))


def unsupported(soap_action: str) -> Answer:
    """The fault for a SOAPAction that does not name the message's service and interaction (code 101)."""
    text = "The service/interaction is not supported for the requested URI"
    error = FaultError(names.TMS_ERROR_CONTEXT, "101", "Error", "HTTP Header - SOAPAction", text)
    form = f"SOAP fault 101 ({soap_action or 'no SOAPAction'})"
    return Answer(500, soap.fault([error], faultcode="SOAP:Client"), form=form)


def contract_error(
    envelope: Envelope, tokens: tuple[str, ...], message_id: str, now: datetime, how: Behaviour
) -> Answer:
    """The refusal of a message that breaks the forward-reliable contract, in the form that the setting chooses."""
    if how.refusal == "soap-fault" or any(token.startswith(contract.NOT_WELL_FORMED) for token in tokens):
        return fault(contract.fault_errors(tokens))
    status = 500 if how.refusal.endswith("500") else 200
    return message_error(envelope, [("Inconsistent", token) for token in tokens], message_id, now, how, status)


def message_error(
    envelope: Envelope,
    errors: Sequence[tuple[str, str]],
    message_id: str,
    now: datetime,
    how: Behaviour,
    status: int = 0,
) -> Answer:
    """An ebXML MessageError from Spine itself (D9: its own key, since the refusal is its own)."""
    body = ebxml.message_error(
        from_party=how.party_key,
        to_party=envelope.from_party,
        cpa_id=envelope.cpa_id,
        conversation_id=envelope.conversation_id,
        message_id=message_id,
        ref_to_message_id=envelope.message_id,
        now=ebxml_time(now),
        errors=errors,
    )
    return Answer(status or how.value_error_status, body, soap_action=ERROR_SOAP_ACTION, form="MessageError")


def nack_506(
    envelope: Envelope, hl7_id: str, sender: Practice, message_id: str, now: datetime, how: Behaviour
) -> Outgoing:
    """The application NACK that Spine sends when the receiver's ASID is missing, or not that of the addressed party.

    Without an HL7 id that could be read it cites the MessageId [ours]: something must be cited, and live systems take
    either (D26).
    """
    interaction = Interaction.ACKNOWLEDGEMENT.id
    payload = gp2gp.acknowledgement(
        gp2gp.Ends(message_id, hl7_time(now), how.asid, sender.asid),
        message_ref=hl7_id.strip() or envelope.message_id,
        code=CODE_506,
        text=TEXT_506,
        dialect=gp2gp.Dialect.SPINE,
    )
    header = ebxml.Header(
        from_party=how.party_key,
        to_party=sender.party_key,
        cpa_id=sender.cpa_ids.get(interaction, "unregistered"),
        conversation_id=envelope.conversation_id,
        action=interaction,
        message_id=message_id,
        timestamp=ebxml_time(now),
        ref_to_message_id=envelope.message_id,
    )
    return assemble_from_spine(header, payload)
