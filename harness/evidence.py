"""Evidence: the ledger of one case, read through typed views. The octets are read again here, by the readers alone.

Nothing in it knows why the player did anything: entries hold plain facts, and the views pair them by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from harness.casetime import in_case_time, moment
from simulator.ledger import Blobs, Entry
from simulator.wire import gp2gp, reading
from simulator.wire.ebxml import Envelope, Kind
from simulator.wire.interactions import BY_ID, EXTRACTS, Interaction
from simulator.wire.reading import Reading


class Meaning(Enum):
    """What a message of the SUT means in its conversation."""

    REQUEST = "request"
    EXTRACT = "extract"
    POINT_TO_POINT = "continue, attachment or fragment"
    REQUEST_ANSWER = "answer to the request"
    FINAL_ANSWER = "final acknowledgement"
    STRAY_ANSWER = "acknowledgement of something it was not sent"
    UNKNOWN = "none of the five messages"


@dataclass(frozen=True)
class Sent:
    """Something the SUT posted to Spine.

    :param answer: what Spine answered; ``delivered``: whether it passed it on; ``first``: whether the id was new then.
    """

    entry: Entry
    octets: bytes
    answer: Mapping[str, Any]
    delivered: bool
    first: bool

    @cached_property
    def reading(self) -> Reading:
        """The octets, read."""
        return reading.read(str(self.entry.data["content_type"]), self.octets)

    @property
    def envelope(self) -> Envelope:
        """The envelope; an empty one when none could be read."""
        return self.reading.envelope or Envelope(Kind.MESSAGE)

    @property
    def message(self) -> gp2gp.Message | None:
        """The typed message."""
        return self.reading.message

    @property
    def at(self) -> datetime:
        """When it was received, UTC."""
        return moment(self.entry)

    @property
    def head(self) -> str:
        """The HTTP head, as it was on the wire."""
        return str(self.entry.data.get("head", ""))


@dataclass(frozen=True)
class Attempt:
    """One sending of a delivery to the SUT and what came back."""

    sent: Entry
    outcome: Entry | None
    octets: bytes

    @property
    def status(self) -> int | None:
        """HTTP status of the SUT's answer; ``None`` when there was none."""
        return self.outcome.data["status"] if self.outcome else None

    @property
    def lost_on_purpose(self) -> bool:
        """Whether Spine behaved as if it had not got the answer."""
        return bool(self.outcome and self.outcome.data.get("deliberate"))

    @property
    def fault(self) -> str:
        """What Spine did wrong with this sending on its way; empty when nothing."""
        return str(self.sent.data.get("fault", ""))

    @property
    def arrived_whole(self) -> bool:
        """Whether the SUT had it as it was meant, however late or slowly, from whom it can trust."""
        slow = self.fault.partition(" (")[0] in ("hold back", "let overtake", "drip") and self.outcome is not None
        return not self.lost_on_purpose and (slow or not self.fault)

    @cached_property
    def answer(self) -> Reading | None:
        """The SUT's answer, read; ``None`` when it had no body."""
        if not self.outcome or not self.octets:
            return None
        headers = {str(name).lower(): str(value) for name, value in self.outcome.data.get("headers", ())}
        return reading.read(headers.get("content-type", ""), self.octets)


@dataclass(frozen=True)
class Received:
    """A message that Spine delivered to the SUT, with every attempt."""

    entry: Entry
    octets: bytes
    attempts: tuple[Attempt, ...]

    @cached_property
    def reading(self) -> Reading:
        """The octets, read."""
        return reading.read(str(self.entry.data["content_type"]), self.octets)

    @property
    def message_id(self) -> str:
        """ebXML MessageId."""
        return str(self.entry.data["message_id"])

    @property
    def deliberate(self) -> str:
        """Why it is odd or wrong on purpose; empty when it is not."""
        return str(self.entry.data.get("deliberate", ""))


@dataclass(frozen=True)
class Hook:
    """A hook call: what was asked, and what came of it."""

    entry: Entry

    @property
    def verb(self) -> str:
        """The verb."""
        return str(self.entry.data["verb"])

    @property
    def begun(self) -> int:
        """Number of the entry at which the call began."""
        return int(self.entry.data["begun"])

    @property
    def done(self) -> bool:
        """Whether the SUT did it."""
        return str(self.entry.data["outcome"]) == "done"

    @property
    def result(self) -> Mapping[str, Any]:
        """What it gave back."""
        result: Mapping[str, Any] = self.entry.data["result"]
        return result


class Evidence:
    """One case. Everything is in the order of the ledger."""

    def __init__(self, entries: Sequence[Entry], blobs: Blobs) -> None:
        """:param entries: the entries of the case, in order; their times become those of the case's own clock."""
        self.entries = tuple(in_case_time(entries))
        self._blobs = blobs

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """The plan the case was opened with; empty when it was never opened."""
        return next((entry.data for entry in self.of("case.opened")), {})

    @property
    def role(self) -> str:
        """The SUT's role."""
        return str(self.plan.get("role", ""))

    @property
    def sut(self) -> Mapping[str, Any]:
        """The SUT's practice."""
        sut: Mapping[str, Any] = self.plan["sut"]
        return sut

    @property
    def peer(self) -> Mapping[str, Any]:
        """The peer's practice."""
        peer: Mapping[str, Any] = self.plan["peer"]
        return peer

    @property
    def nhs_number(self) -> str:
        """The patient of the case."""
        return str(self.plan["patients"][0]["nhs_number"])

    def owner(self, service: str) -> str:
        """Whose a Spine service is in this world: "ours", "theirs" or "none"."""
        return str(self.plan.get("services", {}).get(service, "ours"))

    def of(self, *kinds: str) -> Iterable[Entry]:
        """The entries of these kinds."""
        return (entry for entry in self.entries if entry.kind in kinds)

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """Everything the SUT posted for this case: messages and repeats, whatever Spine answered. Signals are left out."""
        answers = {entry.data["arrival"]: entry.data for entry in self.of("message.answered")}
        does = {entry.data["arrival"]: entry.data["does"] for entry in self.of("exchange.decided")}
        found: list[Sent] = []
        ids = set()
        for entry in self.of("message.received"):
            number, identifier = entry.data["arrival"], entry.data["message"].get("message_id", "")
            delivered = does.get(number) == "acknowledge and deliver"
            sent = Sent(entry, self.body(entry), answers.get(number, {}), delivered, identifier not in ids)
            ids.add(identifier)
            if sent.envelope.kind is Kind.MESSAGE:
                found.append(sent)
        return tuple(found)

    @cached_property
    def received(self) -> tuple[Received, ...]:
        """Everything Spine delivered to the SUT for this case."""
        outcomes: dict[tuple[int, int], Entry] = {
            (entry.data["delivery"], entry.data["attempt"]): entry for entry in self.of("delivery.outcome")
        }
        repeats: dict[int, list[Entry]] = {}
        for entry in self.of("delivery.repeated"):
            repeats.setdefault(entry.data["delivery"], []).append(entry)
        found = []
        for entry in self.of("message.sent"):
            number = entry.data["delivery"]
            sendings = [entry, *repeats.get(number, ())]
            attempts = tuple(
                Attempt(sending, outcome, self.body(outcome) if outcome else b"")
                for count, sending in enumerate(sendings, 1)
                for outcome in [outcomes.get((number, count))]
            )
            found.append(Received(entry, self.body(entry), attempts))
        return tuple(found)

    @cached_property
    def messages(self) -> tuple[Sent, ...]:
        """What the SUT said, once each: the posts that Spine took and passed on."""
        return tuple(each for each in self.sent if each.delivered)

    def said(self, *meanings: Meaning) -> tuple[Sent, ...]:
        """The delivered messages of the SUT that meant one of ``meanings``."""
        return tuple(each for each in self.messages if self.meaning(each) in meanings)

    def meaning(self, sent: Sent) -> Meaning:
        """What a message of the SUT means: told by its payload, and for an answer by what it cites (without regard to case)."""
        match sent.message:
            case gp2gp.EhrRequest():
                return Meaning.REQUEST
            case gp2gp.EhrExtract():
                return Meaning.EXTRACT
            case gp2gp.Continue() | gp2gp.Fragment():
                return Meaning.POINT_TO_POINT
            case gp2gp.ApplicationAcknowledgement() as ack if ack.message_ref.upper() in self._ids(gp2gp.EhrRequest):
                return Meaning.REQUEST_ANSWER
            case gp2gp.ApplicationAcknowledgement() as ack if ack.message_ref.upper() in self._ids(gp2gp.EhrExtract):
                return Meaning.FINAL_ANSWER
            case gp2gp.ApplicationAcknowledgement():
                return Meaning.STRAY_ANSWER
            case _:
                return Meaning.UNKNOWN

    def _ids(self, kind: type[gp2gp.EhrRequest | gp2gp.EhrExtract]) -> set[str]:
        """Every id, ebXML and HL7, under which messages of a kind were delivered to the SUT, in upper case."""
        found = set()
        for each in self.received:
            if self.is_a(each, kind):
                wrapper = each.reading.wrapper
                found |= {each.message_id.upper(), wrapper.id.upper() if wrapper else ""}
        return found - {""}

    @staticmethod
    def is_a(received: Received, kind: type[gp2gp.EhrRequest | gp2gp.EhrExtract]) -> bool:
        """Told by the payload, or by the Action when the payload was made unreadable on purpose."""
        if received.reading.message is not None:
            return isinstance(received.reading.message, kind)
        row = BY_ID.get(str(received.entry.data["interaction"]))
        extract = row is not None and row.id in EXTRACTS
        return extract if kind is gp2gp.EhrExtract else row is Interaction.EHR_REQUEST

    def heard(self, kind: type[gp2gp.Message]) -> tuple[Received, ...]:
        """The deliveries to the SUT of one kind of message."""
        return tuple(each for each in self.received if isinstance(each.reading.message, kind))

    @cached_property
    def hooks(self) -> tuple[Hook, ...]:
        """Every hook call."""
        return tuple(Hook(entry) for entry in self.of("hook.called"))

    def hook(self, verb: str) -> Hook | None:
        """The last call of a verb."""
        return next((hook for hook in reversed(self.hooks) if hook.verb == verb), None)

    @cached_property
    def services(self) -> tuple[Entry, ...]:
        """The service calls (SDS, PDS) attributed to this case."""
        return tuple(self.of("service.called"))

    def window(self) -> Entry | None:
        """How the watch for anything more ended: its entry says for how long and on whose word. ``None``: it never ended."""
        return next(iter(reversed([*self.of("window.closed")])), None)

    def unmet(self) -> Entry | None:
        """The first thing awaited that did not come."""
        return next(iter(self.of("await.unmet")), None)

    def stopped(self) -> str:
        """Why the script could not be played to its end; empty when it was. What was optional stops nothing."""
        script = self.plan.get("script", ())
        for entry in self.of("ask.answered"):
            step = int(entry.data.get("step", -1))
            optional = 0 <= step < len(script) and script[step].get("optional", False)
            if entry.data["outcome"] != "done" and not optional:
                failed = [hook for hook in self.hooks if hook.entry.seq < entry.seq and not hook.done]
                return str(failed[-1].entry.data["error"]) if failed else str(entry.data["outcome"])
        return next((str(entry.data["why"]) for entry in self.of("send.impossible")), "")

    def octets(self, digest: str) -> bytes:
        """Stored octets."""
        return self._blobs.get(digest)

    def body(self, entry: Entry) -> bytes:
        """The octets that an entry is about: in the entry itself when they are small, else in a file of their own."""
        if "text" in entry.data:
            return str(entry.data["text"]).encode()
        digest = entry.data.get("blob", "")
        return self._blobs.get(digest) if digest else b""


def by_case(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries of a run, case by case."""
    cases: dict[str, list[Entry]] = {}
    for entry in entries:
        cases.setdefault(entry.case, []).append(entry)
    return cases
