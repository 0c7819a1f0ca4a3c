"""Reads the ebXML MS 2.0 SOAP envelope: business message, Acknowledgment or MessageError.

Sources: ebXML Message Service 2.0; Spine Technical Design v7.1; Handling Large Messages v1.1 §2.3 (manifest);
Attachment References v2.0 (AR01-AR16).
"""

from __future__ import annotations

from collections import defaultdict

from simulator.wire import names, times, xml
from simulator.wire.departures import D, Departure, Departures, note
from simulator.wire.envelope import Count, Envelope, Error, Kind, Reference
from simulator.wire.interactions import SIGNAL_SERVICE
from simulator.wire.xml import Element

__all__ = ["Count", "Envelope", "Error", "Kind", "Reference", "read", "read_root"]


def read(data: bytes, *, charset: str = "") -> tuple[Envelope | None, Departures]:
    """The envelope, or ``None`` when the octets are no SOAP envelope at all."""
    root, departures = xml.parse(data, charset=charset)
    if root is None:
        return None, departures
    envelope, found = read_root(root)
    return envelope, departures + found


def read_root(root: Element) -> tuple[Envelope | None, Departures]:
    """The envelope of a document that is parsed already."""
    if root.tag != _SOAP + "Envelope":
        return None, (note(D.EBXML_NOT_SOAP, str(root.tag)),)
    reader = _Reader(root)
    return reader.envelope(), tuple(reader.found)


_SOAP = f"{{{names.SOAP}}}"
_EB = f"{{{names.EB}}}"
_PAYLOAD = (f"{{{names.HL7EBXML}}}Payload", f"{{{names.HL7EBXML_LOWER}}}Payload")
# What must occur exactly once (Spine's structural checks), and what may occur once at most.
_ONCE = {
    "header": "Header",
    "body": "Body",
    "message_header": "MessageHeader",
    "from_party": "From/PartyId",
    "to_party": "To/PartyId",
    "cpa_id": "CPAId",
    "conversation_id": "ConversationId",
    "service": "Service",
    "action": "Action",
    "message_data": "MessageData",
    "message_id": "MessageData/MessageId",
    "timestamp": "MessageData/Timestamp",
}
_AT_MOST_ONCE = {
    "duplicate_elimination": "DuplicateElimination",
    "ack_requested": "AckRequested",
    "sync_reply": "SyncReply",
    "manifest": "Manifest",
    "acknowledgment": "Acknowledgment",
}
_EXPECTED = _ONCE | _AT_MOST_ONCE
_FILLED = frozenset(
    {"from_party", "to_party", "cpa_id", "conversation_id", "service", "action", "message_id", "timestamp"}
)
_SIGNALS = {
    "Acknowledgment": (Kind.ACKNOWLEDGMENT, "Acknowledgment"),
    "MessageError": (Kind.MESSAGE_ERROR, "ErrorList"),
}


class _Reader:
    """Reads one envelope. Like Spine it looks only into the first MessageHeader, From, To and MessageData."""

    def __init__(self, root: Element) -> None:
        self.found: list[Departure] = []
        header, body = root.findall(_SOAP + "Header"), root.findall(_SOAP + "Body")
        headers = _by_name(header)
        message_header = headers["MessageHeader"]
        first = _by_name(message_header[:1])
        self.data = _by_name(first["MessageData"][:1])
        self.at = {
            "header": header,
            "body": body,
            "message_header": message_header,
            "from_party": _inside(first["From"][:1], "PartyId"),
            "to_party": _inside(first["To"][:1], "PartyId"),
            "cpa_id": first["CPAId"],
            "conversation_id": first["ConversationId"],
            "service": first["Service"],
            "action": first["Action"],
            "message_data": first["MessageData"],
            "message_id": self.data["MessageId"],
            "timestamp": self.data["Timestamp"],
            "duplicate_elimination": first["DuplicateElimination"],
            "ack_requested": headers["AckRequested"],
            "sync_reply": headers["SyncReply"],
            "manifest": _inside(body, "Manifest"),
            "acknowledgment": headers["Acknowledgment"],
        }
        self.error_lists = headers["ErrorList"]

    def envelope(self) -> Envelope:
        count = self._count()
        self._judge(count)
        at, acknowledgment = self.at, self.at["acknowledgment"][:1]
        return Envelope(
            kind=self._kind(count),
            from_party=_text(at["from_party"]),
            from_party_type=self._party_type("from_party"),
            to_party=_text(at["to_party"]),
            to_party_type=self._party_type("to_party"),
            cpa_id=_text(at["cpa_id"]),
            conversation_id=_text(at["conversation_id"]),
            service=_text(at["service"]),
            action=_text(at["action"]),
            message_id=_text(at["message_id"]),
            timestamp=self._time(at["timestamp"]),
            time_to_live=self._time(self.data["TimeToLive"]),
            ref_to_message_id=_text(self.data["RefToMessageId"]),
            duplicate_elimination=count.duplicate_elimination > 0,
            header_version=self._attribute(at["message_header"], _EB, "version"),
            ack_requested=count.ack_requested > 0,
            ack_requested_version=self._attribute(at["ack_requested"], _EB, "version"),
            ack_requested_signed=self._attribute(at["ack_requested"], _EB, "signed"),
            ack_requested_actor=self._attribute(at["ack_requested"], _SOAP, "actor"),
            sync_reply=count.sync_reply > 0,
            manifest_version=self._attribute(at["manifest"], _EB, "version"),
            references=tuple(self._reference(each) for each in _inside(at["manifest"][:1], "Reference")),
            acknowledged_id=_text(_inside(acknowledgment, "RefToMessageId")),
            acknowledgment_timestamp=self._time(_inside(acknowledgment, "Timestamp")),
            acknowledgment_actor=self._attribute(acknowledgment, _SOAP, "actor"),
            errors=tuple(self._error(each) for each in _inside(self.error_lists[:1], "Error")),
            count=count,
        )

    def _count(self) -> Count:
        """Spine counts the texts that are not empty: white space alone is not empty."""
        numbers = {
            name: len(elements) if name not in _FILLED else sum(1 for each in elements if xml.text_of(each))
            for name, elements in self.at.items()
        }
        return Count(envelope=1, **numbers)

    def _judge(self, count: Count) -> None:
        for name, element in _EXPECTED.items():
            times_seen = getattr(count, name)
            if times_seen == 0 and name in _ONCE:
                self.found.append(note(D.EBXML_ELEMENT_MISSING, element))
            if times_seen > 1:
                self.found.append(note(D.EBXML_ELEMENT_REPEATED, element))

    def _kind(self, count: Count) -> Kind:
        """A message that carries a payload may carry an acknowledgment besides (ebMS 2.0 §6.5.1): still a message."""
        service = _text(self.at["service"])
        if service != SIGNAL_SERVICE and count.manifest:
            return Kind.MESSAGE
        if self.error_lists:
            return Kind.MESSAGE_ERROR
        if count.acknowledgment:
            return Kind.ACKNOWLEDGMENT
        kind, element = _SIGNALS.get(_text(self.at["action"]) if service == SIGNAL_SERVICE else "", (Kind.MESSAGE, ""))
        if element:
            self.found.append(note(D.EBXML_ELEMENT_MISSING, element))
        return kind

    def _time(self, elements: list[Element]) -> str:
        text = xml.text_of(elements[0]) if elements else ""
        if text and times.instant(text) is None:
            self.found.append(note(D.EBXML_TIMESTAMP, f"{_local(elements[0])} {text}"))
        elif text and not times.has_zone(text):
            self.found.append(note(D.EBXML_TIMESTAMP_NO_ZONE, f"{_local(elements[0])} {text}"))
        return text

    def _party_type(self, name: str) -> str:
        elements = self.at[name]
        kind = self._attribute(elements, _EB, "type")
        if elements and kind != names.PARTY_TYPE:
            self.found.append(note(D.EBXML_PARTY_TYPE, f"{_ONCE[name]} {kind}"))
        return kind

    def _attribute(self, elements: list[Element], namespace: str, name: str) -> str:
        """The attribute of the first element. ebMS qualifies its attributes; an unqualified one is read too."""
        if not elements:
            return ""
        value, plain = elements[0].get(namespace + name), elements[0].get(name)
        if value is None and plain is not None:
            self.found.append(note(D.EBXML_ATTRIBUTE_UNQUALIFIED, f"{_local(elements[0])}/@{name}"))
        return str(value if value is not None else plain or "")

    def _reference(self, element: Element) -> Reference:
        href = self._attribute([element], f"{{{names.XLINK}}}", "href").strip()
        if not href:
            self.found.append(note(D.EBXML_REFERENCE_NO_HREF, f"line {xml.line_of(element)}"))
        description = _inside([element], "Description")[:1]
        return Reference(
            href=href,
            id=self._attribute([element], _EB, "id"),
            description="".join(xml.text_of(each) for each in description),
            language="".join(str(each.get(f"{{{names.XML}}}lang", "")) for each in description),
            is_payload=next(element.iterchildren(*_PAYLOAD), None) is not None,
            line=xml.line_of(element),
        )

    def _error(self, element: Element) -> Error:
        return Error(
            code=self._attribute([element], _EB, "errorCode"),
            severity=self._attribute([element], _EB, "severity"),
            context=self._attribute([element], _EB, "codeContext"),
            description="".join(xml.text_of(each) for each in _inside([element], "Description")[:1]),
        )


def _by_name(parents: list[Element]) -> defaultdict[str, list[Element]]:
    """The ebXML children of ``parents`` by their names, in one pass."""
    found = defaultdict[str, list[Element]](list)
    for parent in parents:
        for child in parent.iterchildren(_EB + "*"):
            found[str(child.tag)[len(_EB) :]].append(child)
    return found


def _inside(parents: list[Element], name: str) -> list[Element]:
    return [child for parent in parents for child in parent.iterchildren(_EB + name)]


def _text(elements: list[Element]) -> str:
    return xml.text_of(elements[0]).strip() if elements else ""


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
