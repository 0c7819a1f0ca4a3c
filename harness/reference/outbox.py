"""Sends messages through Spine: looks the contract up, writes the envelope, posts, and repeats as the contract says.

Sources: Spine Technical Design v7.1 TD13, TD18 (forward reliable, errors); ebMS 2.0 (a retry is the same octets with
the same MessageId).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from harness.reference.clock import Clock, Ids
from harness.reference.config import Identity
from harness.reference.lookup import Endpoint, Lookup, UnansweredError
from harness.reference.patches import Wire
from harness.reference.store import Peer, Scope
from harness.reference.work import Work
from simulator.wire.interactions import Interaction
from simulator.wire.reading import read
from simulator.wire.writers import ebxml, gp2gp, package
from simulator.wire.writers.times import ebxml_time, hl7_time

MAX_MESSAGE = 5_000_000
MAX_ATTACHMENTS = 99
"""Spine's limits (Handling Large Messages v1.1 LM01): a bigger extract needs large messaging."""

HELD_BACK = {"late": timedelta(hours=25), "slow": timedelta(minutes=20, seconds=30)}
"""How long mutations hold an extract back: longer than a day (S287), or than 20 minutes (S36)."""


class Outcome(Enum):
    """How sending ended."""

    ACCEPTED = auto()  # 202 from Spine
    REFUSED = auto()  # a SOAP fault or a MessageError: not to be repeated
    UNDELIVERED = auto()  # every try of the contract failed
    UNROUTABLE = auto()  # SDS gave no contract, or more than one
    LOOKUP_FAILED = auto()  # SDS did not answer
    UNWRITABLE = auto()  # the message cannot be put into the wire's form
    TOO_LARGE = auto()  # over Spine's limits, and this practice has no large messaging

    @property
    def code(self) -> str:
        """The response code that says so: 20 unless there is a more specific one."""
        return _CODES.get(self, "20")


_CODES = {Outcome.ACCEPTED: "", Outcome.UNROUTABLE: "24", Outcome.TOO_LARGE: "23", Outcome.UNWRITABLE: "10"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a post. Status 0: no connection, or none that held."""

    status: int
    content_type: str = ""
    body: bytes = b""


Post = Callable[[str, Mapping[str, str], bytes], Reply]
Then = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to send, before its envelope.

    :param kind: its meaning, as a mutation's target names it; :param previous: MessageId of our message before it.
    """

    scope: Scope
    kind: str
    interaction: Interaction
    peer: Peer
    conversation: str
    message_id: str
    payload: bytes
    attachments: tuple[package.Attachment, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A letter with its envelope: exactly the octets that every try posts, unless told to misbehave."""

    letter: Letter
    url: str
    wire: Wire
    endpoint: Endpoint
    timestamp: str


class Outbox:
    """Everything the practice posts to Spine. ``deliver`` is called from a job and may post at once."""

    def __init__(self, me: Identity, lookup: Lookup, post: Post, work: Work, clock: Clock, ids: Ids) -> None:
        self.me, self.lookup, self.clock, self.ids = me, lookup, clock, ids
        self._post, self._work = post, work

    def ends(self, case: str, message_id: str, peer: Peer) -> gp2gp.Ends:
        """The wrapper's values for a message from us to ``peer``."""
        return gp2gp.Ends(message_id, hl7_time(self.clock.now(case)), self.me.asid, peer.asid)

    def deliver(self, letter: Letter, then: Then) -> None:
        """Send ``letter``; ``then`` is told once how it ended, now or after the last retry."""
        held = HELD_BACK.get(letter.scope.flag("extract")) if letter.kind == "extract" else None
        if held is not None:
            late = self.clock.now(letter.scope.case.id) + held
            return self._work.at(letter.scope.case.id, late, lambda: self._deliver(letter, then))
        return self._deliver(letter, then)

    def _deliver(self, letter: Letter, then: Then) -> None:
        if letter.scope.flag("address") == "third-practice":
            letter = self._misdirect(letter)
        try:
            endpoints = self._endpoints(letter)
        except UnansweredError:
            return then(Outcome.LOOKUP_FAILED)
        if len(endpoints) != 1:
            return then(Outcome.UNROUTABLE)
        try:
            parcel = self._pack(letter, endpoints[0])
        except ValueError:
            return then(Outcome.UNWRITABLE)
        if len(parcel.wire.body) > MAX_MESSAGE or len(letter.attachments) > MAX_ATTACHMENTS:
            return then(Outcome.TOO_LARGE)
        return self._try(parcel, 0, then)

    def _endpoints(self, letter: Letter) -> tuple[Endpoint, ...]:
        if letter.scope.flag("lookup") == "any-contract":
            return self.lookup.all_endpoints(letter.peer.ods, letter.peer.party_key, letter.interaction)
        return self.lookup.endpoints(letter.peer.party_key, letter.interaction)

    def _pack(self, letter: Letter, endpoint: Endpoint) -> _Parcel:
        timestamp = ebxml_time(self.clock.now(letter.scope.case.id))
        header = ebxml.Header(
            from_party=self.me.party_key,
            to_party=letter.peer.party_key,
            cpa_id=endpoint.cpa_id,
            conversation_id=letter.conversation,
            action=letter.interaction.id,
            message_id=letter.message_id,
            timestamp=timestamp,
        )
        out = package.assemble(header, letter.payload, attachments=letter.attachments)
        wire = Wire((("SOAPAction", out.soap_action), ("Content-Type", out.content_type)), out.body)
        mutation = letter.scope.mutation
        if mutation is not None:
            wire = mutation.alter(letter.kind, wire, self.context(letter))
        return _Parcel(letter, endpoint.address, wire, endpoint, timestamp)

    def context(self, letter: Letter) -> dict[str, str]:
        """The ids that a patch may name."""
        return {
            "uuid": self.ids.new(letter.scope.case.id),
            "conversation": letter.conversation,
            "previous": letter.previous or letter.message_id,
            "ods": self.me.ods,
            "asid": self.me.asid,
            "party": self.me.party_key,
            "peer_ods": letter.peer.ods,
            "peer_asid": letter.peer.asid,
            "peer_party": letter.peer.party_key,
        }

    def _try(self, parcel: _Parcel, number: int, then: Then) -> None:
        outcome = judge(self._post(parcel.url, dict(parcel.wire.headers), parcel.wire.body))
        flag = parcel.letter.scope.flag("retry")
        refused_is_final = flag != "after-refusal"
        if outcome is Outcome.ACCEPTED or (outcome is Outcome.REFUSED and refused_is_final):
            return then(outcome)
        change = {"never": -parcel.endpoint.retries, "early": -1, "once-more": 1}.get(flag, 0)
        if number >= parcel.endpoint.retries + change:
            return then(outcome)
        again = self._altered(parcel, flag)
        case = parcel.letter.scope.case.id
        due = self.clock.now(case) + (timedelta() if flag == "at-once" else parcel.endpoint.interval)
        return self._work.at(case, due, lambda: self._try(again, number + 1, then))

    def _altered(self, parcel: _Parcel, flag: str) -> _Parcel:
        """The octets of the next try: the same, unless a mutation says otherwise."""
        old, new, case = "", "", parcel.letter.scope.case.id
        if flag == "new-id":
            old, new = parcel.letter.message_id, self.ids.new(case)
        elif flag == "new-time":
            old, new = parcel.timestamp, ebxml_time(self.clock.now(case) + parcel.endpoint.interval)
        if not old:
            return parcel
        body = re.sub(re.escape(old.encode()), new.encode(), parcel.wire.body)
        letter = replace(parcel.letter, message_id=new) if flag == "new-id" else parcel.letter
        return replace(parcel, letter=letter, wire=Wire(parcel.wire.headers, body), timestamp=new)

    def _misdirect(self, letter: Letter) -> Letter:
        ods = letter.scope.third_practice
        try:
            devices = self.lookup.devices(ods, letter.interaction) if ods else ()
        except UnansweredError:
            devices = ()
        if not devices:
            return letter
        return replace(letter, peer=Peer(ods, devices[0].asid, devices[0].party_key))


def judge(reply: Reply) -> Outcome:
    """What Spine's answer to a post means: accepted, refused for good, or to be tried again (UNDELIVERED)."""
    if reply.body:
        reading = read(reply.content_type, reply.body)
        if reading.fault is not None or (reading.envelope is not None and reading.envelope.errors):
            return Outcome.REFUSED
    return Outcome.ACCEPTED if reply.status == 202 else Outcome.UNDELIVERED
