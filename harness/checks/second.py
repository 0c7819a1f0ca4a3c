"""Second readings: ten checks looked at again over raw octets, by standard-library ``email`` and regular expressions alone.

Peer, reference practice and checks share one reading of the standard, so a misreading would agree with itself everywhere.
These share nothing with the readers of ``simulator.wire``. When check and second reading disagree the scenario is an
ERROR of ours, whatever either of them says of the system under test. ``None`` is no opinion: the octets are beyond it.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from urllib.parse import unquote

from harness.evidence import Evidence
from harness.verdict import Finding, Outcome

UUID = r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
NEXT_MSH = "urn:oasis:names:tc:ebxml-msg:actor:nextMSH"


@dataclass(frozen=True, slots=True)
class Raw:
    """One post of the SUT: the decoded texts of envelope and payload, all parts, and what the HTTP head said."""

    envelope: str
    payload: str
    parts: tuple[Message, ...]
    soap_action: str
    octets: bytes

    def text(self, element: str) -> str:
        """The text of the first ``element`` of the envelope."""
        found = re.search(rf"<(?:[\w-]+:)?{element}\b[^>]*>([^<]*)<", self.envelope)
        return found[1].strip() if found else ""

    def tags(self, element: str) -> list[str]:
        """The start tags of ``element`` in the envelope."""
        return re.findall(rf"<(?:[\w-]+:)?{element}\b[^>]*>", self.envelope)

    def hl7(self, pattern: str) -> str:
        """The first group of ``pattern`` in the payload."""
        found = re.search(pattern, self.payload, re.DOTALL)
        return found[1] if found else ""


def posts(evidence: Evidence) -> list[Raw] | None:
    """Every message of the SUT, read anew; ``None`` when one of them is beyond ``email``."""
    found = []
    for entry in evidence.of("message.received"):
        octets = evidence.body(entry)
        content_type = str(entry.data["content_type"])
        if "multipart" not in content_type:
            continue
        raw = _raw(content_type, octets, str(entry.data["soap_action"]))
        if raw is None:
            return None
        found.append(raw)
    return found


def _raw(content_type: str, octets: bytes, soap_action: str) -> Raw | None:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    package = email.message_from_bytes(head + octets, policy=email.policy.compat32)
    parts = [part for part in package.walk() if not part.is_multipart()]
    if not package.is_multipart() or len(parts) < 2 or package.defects:
        return None
    texts = [(part.get_payload(decode=True) or b"") for part in parts[:2]]
    envelope, payload = (text.decode("utf-8", "replace") if isinstance(text, bytes) else "" for text in texts)
    first = re.search(r'href="cid:([^"]*)"', envelope)
    if first is None or unquote(first[1]) != unquote((parts[1].get("Content-Id") or "").strip("<> ")):
        return None  # the payload does not stand where it belongs; another check says so
    return Raw(envelope, payload, tuple(parts), soap_action.strip('"'), octets)


def _contract(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    for raw in all_:
        ack = raw.tags("AckRequested")
        yield (
            len(raw.tags("DuplicateElimination")) == 1
            and not raw.tags("SyncReply")
            and len(ack) == 1
            and all(text in ack[0] for text in (f'"{NEXT_MSH}"', 'signed="false"', 'version="2.0"'))
            and 'version="2.0"' in "".join(raw.tags("MessageHeader")[:1])
            and 'version="2.0"' in "".join(raw.tags("Manifest")[:1])
        )


def _interaction(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    for raw in all_:
        root = raw.hl7(r"<(?:[\w-]+:)?((?:RCMR|COPC|MCCI)_IN\d{6}UK\d\d)[\s>]")
        named = raw.hl7(r'<(?:[\w-]+:)?interactionId\b[^>]*extension="([^"]*)"')
        action = raw.text("Action")
        yield (
            root == named == action
            and raw.soap_action == f"{raw.text('Service')}/{action}"
            and "gp2gp" in raw.soap_action
        )


def _parties(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    sut, peer = evidence.plan["sut"], evidence.plan["peer"]
    for raw in all_:
        ends = []
        for end in ("From", "To"):
            found = re.search(rf"<(?:[\w-]+:)?{end}>.*?<(?:[\w-]+:)?PartyId\b([^>]*)>([^<]*)<", raw.envelope, re.DOTALL)
            ends.append((found[2], "urn:nhs:names:partyType:ocs+serviceInstance" in found[1]) if found else ("", False))
        cpa = raw.text("CPAId") == peer["cpa_ids"].get(raw.text("Action"), "")
        yield cpa and ends == [(sut["party_key"], True), (peer["party_key"], True)]


def _message_id(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    seen: dict[str, bytes] = {}
    for raw in all_:
        identifier = raw.text("MessageId")
        once = seen.setdefault(identifier.upper(), raw.octets) == raw.octets
        yield once and bool(re.fullmatch(UUID, identifier)) and _timed(raw.text("Timestamp"))


def _timed(text: str) -> bool:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)", text)
    try:
        return bool(found and datetime.fromisoformat(found[1]))
    except ValueError:
        return False


def _conversation(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    delivered = [evidence.body(entry) for entry in evidence.of("message.sent")]
    ours = {
        found[1].decode().upper() for octets in delivered if (found := re.search(rb"ConversationId>([^<]+)<", octets))
    }
    first = {raw.text("ConversationId").upper() for raw in all_[:1]} if evidence.role == "requester" else set()
    for raw in all_:
        identifier = raw.text("ConversationId")
        yield bool(re.fullmatch(UUID, identifier)) and identifier in ours | first


def _part_headers(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    parts = [(number, part) for raw in all_ for number, part in enumerate(raw.parts)]
    if any(number < 2 and not part.get("Content-Transfer-Encoding") for number, part in parts):
        return  # what that means is a registered ambiguity, and no matter of reading octets
    for _, part in parts:
        yield all(part.get(name) for name in ("Content-Type", "Content-Id", "Content-Transfer-Encoding"))


def _asids(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    own, other = evidence.plan["sut"]["asid"], evidence.plan["peer"]["asid"]
    names = ("communicationFunctionRcv", "communicationFunctionSnd", "author1")
    # Only up to the element's own end: an id of the next one must not stand in for a missing one.
    places = [rf'<(?:\w+:)?{name}\b(?:(?!</(?:\w+:)?{name}>).)*?extension="(\d*)"' for name in names]
    for raw in all_:
        yield [raw.hl7(place) for place in places] == [other, own, own]


def _same_id(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    for raw in all_:
        yield raw.hl7(r'<(?:[\w-]+:)?id root="([^"]*)"') == raw.text("MessageId")


def _final_positive(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    extracts = [
        found[1].decode().upper()
        for entry in evidence.of("message.sent")
        if str(entry.data["interaction"]).startswith("RCMR_IN03")
        and (found := re.search(rb"MessageId>([^<]+)<", evidence.body(entry)))
    ]
    acks = [raw for raw in all_ if raw.text("Action") == "MCCI_IN010000UK13"]
    cited = [raw.hl7(r'messageRef\b.*?root="([^"]*)"').upper() for raw in acks]
    positive = bool(acks) and 'acknowledgement typeCode="AA"' in acks[-1].payload
    yield positive and all(each in extracts for each in cited)


def _encoded(evidence: Evidence, all_: list[Raw]) -> Iterator[bool]:
    for raw in all_:
        for part in raw.parts[2:]:
            if raw.text("Action").startswith("RCMR_IN03"):
                yield (part.get("Content-Transfer-Encoding") or "").lower() == "base64" and _is_base64(part)


def _is_base64(part: Message) -> bool:
    try:
        base64.b64decode("".join(str(part.get_payload()).split()), validate=True)
    except binascii.Error:
        return False
    return True


Reading = Callable[[Evidence, list[Raw]], Iterator[bool]]

SECOND: dict[str, Reading] = {
    "E-contract": _contract,
    "E-interaction": _interaction,
    "E-parties": _parties,
    "E-message-id": _message_id,
    "E-conversation": _conversation,
    "E-part-headers": _part_headers,
    "H-asids": _asids,
    "H-same-id": _same_id,
    "F-positive": _final_positive,
    "D-encoded": _encoded,
}


def opinion(check: str, evidence: Evidence) -> bool | None:
    """Whether the octets are right for ``check``; ``None`` when there is no second reading, or nothing it could read."""
    reading = SECOND.get(check)
    if reading is None:
        return None
    raw = posts(evidence)
    seen = list(reading(evidence, raw)) if raw else []
    return all(seen) if seen else None


JUDGED = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.REVIEW})


def disagreement(findings: tuple[Finding, ...], evidence: Evidence) -> Finding | None:
    """An ERROR when the second reading of a check says otherwise than its findings."""
    first = findings[0]
    good = not any(each.outcome in (Outcome.FAIL, Outcome.WARN) for each in findings)
    # A finding that points at no part says that something did not come, which octets cannot tell.
    sure = all(each.outcome in JUDGED and each.where.part >= 0 for each in findings)
    second = opinion(first.check, evidence) if sure else None
    if second is None or second is good:
        return None
    said = f"the check says {'right' if good else 'wrong'}, its second reading {'right' if second else 'wrong'}"
    return Finding(
        first.check, first.requirements, Outcome.ERROR, first.sentence, actual=said, reason="our readings disagree"
    )
