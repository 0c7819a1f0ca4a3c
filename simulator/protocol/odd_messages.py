"""Variants of the HL7 payload: requests, extracts and acknowledgements that are odd or wrong on purpose."""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.protocol.patching import ODD, UNTAKEABLE, WRONG, Patch, Variant, both, literal, only, part, pattern
from simulator.wire.writers.package import Outgoing

_REQUEST = b"RCMR_IN010000UK05"
_DEVICE = rb'(root="1\.2\.826\.0\.1285\.0\.2\.0\.107" extension=")\d+"'
_ANOTHER = rb'\1\g<2>999099999999"'
_SND, _AUTHOR = rb"(<communicationFunctionSnd.*?)", rb"(<author1.*?)"


def _pretty(out: Outgoing) -> Outgoing:
    head, found, payload = out.body.partition(b"<RCMR_IN010000UK05")
    return replace(out, body=head + found + re.sub(rb"><(?!/?RCMR_IN010000UK05)", b">\r\n  <", payload))


def _other_interaction(interaction: bytes) -> Patch:
    """Another interaction wherever the request names its own, the SOAPAction included."""

    def patch(out: Outgoing) -> Outgoing:
        return replace(
            out,
            body=out.body.replace(_REQUEST, interaction),
            soap_action=out.soap_action.replace(_REQUEST.decode(), interaction.decode()),
        )

    return only(_REQUEST, patch)


def _in_many_lines(out: Outgoing) -> Outgoing:
    """A line break between any two elements of the record."""
    head, found, payload = out.body.partition(b"<ehrFolder")
    record, end, rest = payload.partition(b"</ehrFolder>")
    return replace(out, body=head + found + record.replace(b"><", b">\r\n<") + b"\r\n" + end + rest)


def _latin(head: bytes, data: bytes) -> tuple[bytes, bytes]:
    """The payload in ISO-8859-1, with a letter in its first text that UTF-8 has otherwise."""
    if b"<text>" not in data:
        raise ValueError("the variant needs a text to change")
    text = data.decode("utf-8").replace("<text>", "<text>Caf\u00e9. ", 1).replace("UTF-8", "ISO-8859-1", 1)
    return head.replace(b"UTF-8", b"ISO-8859-1"), text.encode("iso-8859-1", "xmlcharrefreplace")


REQUESTS: dict[str, Variant] = {
    "request without NHS number": Variant(
        WRONG, "S32, code 18: not processable", pattern(rb"<recordTarget.*?</recordTarget>", b"")
    ),
    "request without author": Variant(
        WRONG, "S32, code 18: nobody to answer", pattern(rb'<author typeCode="AUT"><AgentOrgSDS.*?</author>', b"")
    ),
    "request without id": Variant(
        WRONG,
        "TD51.1, code 18: an extract could not say what it answers",
        pattern(rb"(<EhrRequest[^>]*>)<id [^>]*>", rb"\1"),
    ),
    "request without sending ASID": Variant(
        WRONG,
        "SA-06: nobody that HL7 could address",
        only(_REQUEST, both(pattern(_SND + rb"<id [^>]*/>", rb"\1"), pattern(_AUTHOR + rb"<id [^>]*/>", rb"\1"))),
    ),
    "request from another ASID": Variant(
        ODD,
        "SA-22: SDS has another one for this practice",
        only(_REQUEST, both(pattern(_SND + _DEVICE, _ANOTHER), pattern(_AUTHOR + _DEVICE, _ANOTHER))),
    ),
    "request that does not end": Variant(
        UNTAKEABLE, "TD51.1, code 18: not well-formed", literal(b"</EhrRequest>", b"")
    ),
    "unknown interaction": Variant(
        UNTAKEABLE, "SA-23: no interaction of GP2GP", _other_interaction(b"RCMR_IN990000UK01")
    ),
    "request UK06": Variant(
        UNTAKEABLE,
        "SA-24: of a domain version that the receiver does not have",
        _other_interaction(b"RCMR_IN010000UK06"),
    ),
    "pretty-printed request": Variant(ODD, "Q-32: white space between elements", only(_REQUEST, _pretty)),
    "RIM type attributes": Variant(
        ODD,
        "one supplier writes type on nearly every element",
        both(
            pattern(rb"<subject typeCode", b'<subject type="ActRelationship" typeCode'),
            pattern(rb"<EhrRequest classCode", b'<EhrRequest type="ActHeir" classCode'),
        ),
    ),
}

EXTRACTS: dict[str, Variant] = {
    "extract that does not end": Variant(UNTAKEABLE, "TD22, code 21: not well-formed", literal(b"</EhrExtract>", b"")),
    "extract of another patient": Variant(
        WRONG,
        "code 21, 28 or 17: never to be filed silently",
        pattern(rb'(root="2\.16\.840\.1\.113883\.2\.1\.4\.1" extension=")\d{10}"', rb'\g<1>9990000018"'),
    ),
    "extract of another request": Variant(
        WRONG,
        "RC-35: the request's own id is not this one",
        pattern(rb'(<priorEhrRequest[^>]*><id root=")[^"]*', rb"\g<1>0F0F0F0F-0F0F-4F0F-8F0F-0F0F0F0F0F0F"),
    ),
    "elements in the wrong order": Variant(
        WRONG,
        "RC-27, S233: well-formed and not valid",
        pattern(rb"(<EhrExtract[^>]*><id [^>]*/>)(<statusCode [^>]*/>)(<availabilityTime [^>]*/>)", rb"\1\3\2"),
    ),
    "destination unknown": Variant(
        ODD,
        "RC-33: an official sample has it",
        pattern(
            rb'(<destination typeCode="DST">.*?)<id root="[^"]*" extension="[^"]*"/>', rb'\1<id nullFlavor="UNK"/>'
        ),
    ),
    "author time in the wrong attribute": Variant(
        ODD,
        "RC-34: an official sample has the time in nullFlavor",
        pattern(rb'(<author typeCode="AUT"><time )value(="[^"]*"/><AgentOrgSDS)', rb"\1nullFlavor\2"),
    ),
    "agent without a name": Variant(
        ODD, "RC-36: a person of whom nothing is said", pattern(rb"(<agentPerson [^>]*>)<name.*?</name>", rb"\1")
    ),
    "two given names": Variant(
        ODD,
        "RC-36: two are allowed",
        pattern(rb"(<given>[^<]*</given>)(<family>)", rb"\1<given>Second</given>\2"),
    ),
    "unknown code": Variant(
        ODD,
        "RC-36, S80: degraded, not refused",
        pattern(
            rb'(<ObservationStatement[^>]*><id [^>]*/><code )code="[^"]*"([^>]*?)displayName="[^"]*"',
            rb'\1code="999999991000000101"\2displayName="A code that nobody knows"',
        ),
    ),
    "four-octet characters": Variant(
        ODD, "Q-34: beyond the basic plane", literal(b"<text>", "<text>\U0001d11e \U0001fa7a ".encode())
    ),
    "payload in ISO-8859-1": Variant(ODD, "Q-35: the declaration says so", part(1, _latin)),
    "extract in many lines": Variant(ODD, "Q-107: with and without line breaks", only(b"</ehrFolder>", _in_many_lines)),
}

ACKNOWLEDGEMENTS: dict[str, Variant] = {
    "acknowledgement without display name": Variant(
        ODD, "Q-17: optional", pattern(rb' displayName="[^"]*"', b"", count=0)
    ),
    "acknowledgement without reason": Variant(
        ODD, "Q-14: the code stands in acknowledgementDetail alone", pattern(rb"<reason[ >].*?</reason>", b"")
    ),
    "acknowledgement of type CA": Variant(
        ODD,
        "RC-POS: accepted by the commit protocol, which GP2GP does not use",
        pattern(rb'(<acknowledgement[^>]*typeCode=)"A\w"', rb'\1"CA"'),
    ),
    "acknowledgement of type XX": Variant(
        ODD,
        "RC-POS: no type at all, hence not positive",
        pattern(rb'(<acknowledgement[^>]*typeCode=)"A\w"', rb'\1"XX"'),
    ),
    "messageRef in small letters": Variant(
        ODD,
        "Q-04: it still cites the message",
        pattern(rb'(<messageRef[^>]*><id root=")([^"]*)', lambda found: found[1] + found[2].lower()),
    ),
    "code without its zero": Variant(
        ODD, "Q-18: one supplier once sent 6 for 06", pattern(rb'code="0(\d)"', rb'code="\1"', count=0)
    ),
}
