"""Renders the evidence of a case as what really happened: one arrow for each sending, answer and call, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.evidence import Evidence
from harness.report.model import MessageView, PartView
from simulator.ledger import Entry
from simulator.wire import reading

INLINE = 32 * 1024
SUT, SPINE = "SUT", "Spine"


def messages(evidence: Evidence) -> Iterator[MessageView]:
    """The arrows of one case, in the order of the ledger."""
    attempts: dict[int, int] = {}
    for entry in evidence.entries:
        make = MAKERS.get(entry.kind)
        if make is not None:
            yield make(evidence, entry, attempts)


def _received(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    facts = entry.data["message"]
    same = [
        e for e in evidence.of("message.received") if e.data["message"].get("message_id") == facts.get("message_id")
    ]
    return _message(evidence, entry, SUT, SPINE, facts, attempt=1 + [e.seq for e in same].index(entry.seq))


def _answered(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    data = entry.data
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender=SPINE,
        receiver=SUT,
        kind="answer",
        label=str(data["form"] or data["status"]),
        status=data["status"],
        deliberate=str(data.get("deliberate", "")),
        blob=str(data.get("blob", "")),
        size=int(data.get("size", 0)),
        parts=_parts(str(data.get("content_type", "")), evidence.body(entry)),
    )


def _sent(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    attempts[entry.data["delivery"]] = 1
    return _message(evidence, entry, str(entry.data["sender"]), SUT, entry.data["message"])


def _repeated(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    first = next(e for e in evidence.of("message.sent") if e.data["delivery"] == entry.data["delivery"])
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender=SPINE,
        receiver=SUT,
        kind="message",
        label=str(first.data["label"]),
        interaction=str(first.data["interaction"]),
        message_id=str(first.data["message_id"]),
        conversation_id=str(first.data["conversation"]),
        attempt=int(entry.data["attempt"]),
        deliberate=_on_purpose(entry.data),
        blob=str(first.data.get("blob", "")),
        size=int(first.data.get("size", 0)),
    )


def _outcome(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    data = entry.data
    answer = data.get("answer", {})
    label = str(answer.get("label", "")) or ("no answer" if data["status"] is None else f"{data['status']}")
    content_type = next((str(v) for n, v in data.get("headers", ()) if str(n).lower() == "content-type"), "")
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender=SUT,
        receiver=SPINE,
        kind="answer",
        label=label if data["status"] is None else f"{data['status']} {label}".strip(),
        status=data["status"],
        deliberate=str(data.get("deliberate", "")),
        trouble="" if data["judged"] == "acknowledged" else str(data.get("error") or data["judged"]),
        blob=str(data.get("blob", "")),
        size=int(data.get("size", 0)),
        head="".join(f"{name}: {value}\r\n" for name, value in data.get("headers", ())),
        parts=_parts(content_type, evidence.body(entry)),
    )


def _service(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    data = entry.data
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender=SUT,
        receiver=SPINE,
        kind="service call",
        label=f"{data['service']} {data['call']}, {data['found']} found",
        deliberate=str(data.get("deliberate", "")),
    )


def _hook(evidence: Evidence, entry: Entry, attempts: dict[int, int]) -> MessageView:
    data = entry.data
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender="Judge",
        receiver=SUT,
        kind="hook",
        label=f"{data['verb']}{_clock(data)}: {data['outcome']}",
        trouble=str(data.get("error", "")),
    )


def _clock(data: Mapping[str, Any]) -> str:
    return f" {data['sent']['now']}" if data["verb"] == "clock" else ""


def _on_purpose(data: Mapping[str, Any]) -> str:
    """What is wrong on purpose with a message itself, and with its way."""
    return "; ".join(str(data[name]) for name in ("deliberate", "fault") if data.get(name))


def _message(
    evidence: Evidence, entry: Entry, sender: str, receiver: str, facts: dict[str, Any], attempt: int = 1
) -> MessageView:
    data = entry.data
    return MessageView(
        entry=entry.seq,
        at=entry.at,
        sender=sender,
        receiver=receiver,
        kind="signal" if facts.get("envelope") not in (None, "message") else "message",
        label=str(facts.get("label", "")),
        interaction=str(facts.get("action", "")),
        message_id=str(facts.get("message_id", "")),
        conversation_id=str(facts.get("conversation", "")),
        attempt=attempt,
        deliberate=_on_purpose(data),
        departures=tuple(facts.get("departures", ())),
        blob=str(data.get("blob", "")),
        size=int(data.get("size", 0)),
        head=str(data.get("head", "")),
        parts=_parts(str(data.get("content_type", "")), evidence.body(entry)),
    )


def _parts(content_type: str, octets: bytes) -> tuple[PartView, ...]:
    if not octets:
        return ()
    package = reading.read(content_type, octets).package
    if package is None:
        return (_part(0, (("Content-Type", content_type),), octets),)
    return tuple(_part(number, part.headers, part.body) for number, part in enumerate(package.parts))


def _part(number: int, headers: tuple[tuple[str, str], ...], octets: bytes) -> PartView:
    text = None
    if len(octets) <= INLINE:
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            text = octets.decode("latin-1") if b"\0" not in octets else None
    return PartView(number, headers, len(octets), hashlib.sha256(octets).hexdigest(), text)


MAKERS: dict[str, Callable[[Evidence, Entry, dict[int, int]], MessageView]] = {
    "message.received": _received,
    "message.answered": _answered,
    "message.sent": _sent,
    "delivery.repeated": _repeated,
    "delivery.outcome": _outcome,
    "service.called": _service,
    "hook.called": _hook,
}
