"""Writes the HL7 v3 transmission wrapper and control act that all five payloads share.

Sources: MCCI_MT010101UK12, MCCI_MT020101UK12, MCAI_MT040101UK03. Every structural attribute is written: MIM 3.1.10
requires what later releases default.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.wire import names
from simulator.wire.writers.xml import DECLARATION, attribute, mandatory


@dataclass(frozen=True, slots=True)
class Ends:
    """Who speaks to whom, and the ids of one message.

    :param message_id: HL7 ``id/@root``, equal to the ebXML MessageId in what we send.
    :param time: HL7 time, ``yyyyMMddHHmmss``, UK local.
    """

    message_id: str
    time: str
    sender_asid: str
    receiver_asid: str


@dataclass(frozen=True, slots=True)
class Style:
    """How the same content is spelt.

    :param prefix: of every element, colon included; empty for a default namespace.
    :param rim_types: whether elements name their RIM class in a ``type`` attribute, as two systems do.
    """

    prefix: str = ""
    rim_types: bool = False
    declaration: str = DECLARATION

    def rim(self, name: str) -> str:
        """The ``type`` attribute for the RIM class ``name``, with a leading blank; empty in a style without them."""
        return f' type="{name}"' if self.rim_types else ""

    @property
    def namespace(self) -> str:
        """The declaration of the HL7 namespace, with a leading blank."""
        return f' xmlns{":" if self.prefix else ""}{self.prefix[:-1]}="{names.HL7}"'


PLAIN = Style()


def message(
    ends: Ends,
    interaction: str,
    version: str,
    *,
    acknowledgement: str = "",
    reason: str = "",
    subject: bytes = b"",
    style: Style = PLAIN,
) -> bytes:
    """The whole payload: wrapper around ``acknowledgement``, control act around ``reason`` and ``subject``.

    :param subject: the octets of the payload class inside ``subject``; an acknowledgement has none.
    :raises ValueError: for an empty field of ``ends``.
    """
    mandatory(
        message_id=ends.message_id, time=ends.time, sender_asid=ends.sender_asid, receiver_asid=ends.receiver_asid
    )
    p, rim = style.prefix, style.rim
    head = (
        f"{style.declaration}<{p}{interaction}{style.namespace}{rim('Message')}>"
        f'<{p}id root="{attribute(ends.message_id)}"/><{p}creationTime value="{attribute(ends.time)}"/>'
        f"{codes(interaction, version, style)}{acknowledgement}{functions(ends, style)}"
        f'<{p}ControlActEvent{rim("ControlAct")} classCode="CACT" moodCode="EVN">'
        f"{_author(ends.sender_asid, style)}{reason}"
    ).encode()
    tail = f"</{p}ControlActEvent></{p}{interaction}>".encode()
    if subject:
        subject = b'<subject typeCode="SUBJ" contextConductionInd="false">' + subject + b"</subject>"
    return head + subject + tail


def codes(interaction: str, version: str, style: Style = PLAIN) -> str:
    """``versionCode`` to ``acceptAckCode``: production, current processing, no accept acknowledgement."""
    p = style.prefix
    return (
        f'<{p}versionCode code="{version}"/>'
        f'<{p}interactionId root="{names.OID_INTERACTION}" extension="{interaction}"/>'
        f'<{p}processingCode code="P"/><{p}processingModeCode code="T"/><{p}acceptAckCode code="NE"/>'
    )


def functions(ends: Ends, style: Style = PLAIN) -> str:
    """The two communication functions, receiver first."""
    return _function("Rcv", "RCV", ends.receiver_asid, style) + _function("Snd", "SND", ends.sender_asid, style)


def asid(value: str, style: Style = PLAIN) -> str:
    """``id`` of an accredited system."""
    return f'<{style.prefix}id root="{names.OID_ASID}" extension="{attribute(value)}"/>'


def _function(which: str, code: str, value: str, style: Style) -> str:
    p, rim = style.prefix, style.rim
    return (
        f'<{p}communicationFunction{which}{rim("CommunicationFunction")} typeCode="{code}">'
        f'<{p}device{rim("Device")} classCode="DEV" determinerCode="INSTANCE">{asid(value, style)}</{p}device>'
        f"</{p}communicationFunction{which}>"
    )


def _author(value: str, style: Style) -> str:
    p, rim = style.prefix, style.rim
    return (
        f'<{p}author1{rim("Participation")} typeCode="AUT"><{p}AgentSystemSDS{rim("RoleHeir")} classCode="AGNT">'
        f'<{p}agentSystemSDS{rim("Device")} classCode="DEV" determinerCode="INSTANCE">{asid(value, style)}'
        f"</{p}agentSystemSDS></{p}AgentSystemSDS></{p}author1>"
    )
