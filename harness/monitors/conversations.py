"""The evidence of a case, conversation by conversation: what the SUT posted, however often, and what it was sent.

Ids are compared in upper case: they are UUIDs, and one side writing them in lower case is another matter (Q-04).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from harness.evidence import Evidence, Received, Sent
from simulator.ledger import Entry
from simulator.wire import gp2gp
from simulator.wire.times import instant

NEGATIVE = frozenset({"AE", "AR"})
Answerable = type[gp2gp.EhrRequest | gp2gp.EhrExtract]


@dataclass(frozen=True, slots=True)
class Post:
    """One message of the SUT, whatever it took to get it to Spine: a repeat is the same id and the same octets.

    :param sent: its first posting; :param begun: the entry of that.
    :param delivered: whether Spine passed it on, at the first posting or at a repeat.
    :param taken: the entry by which Spine told the SUT that it has the message; 0 when it never did.
    """

    sent: Sent
    begun: int
    delivered: bool
    taken: int

    @property
    def conversation(self) -> str:
        """ConversationId, in upper case."""
        return self.sent.envelope.conversation_id.upper()

    @property
    def ids(self) -> frozenset[str]:
        """The ids under which the other side may cite it: ebXML and HL7, in upper case."""
        wrapper = self.sent.reading.wrapper
        return _ids(self.sent.envelope.message_id, wrapper.id if wrapper else "")

    @property
    def answer(self) -> gp2gp.ApplicationAcknowledgement | None:
        """The acknowledgement that it is."""
        message = self.sent.message
        return message if isinstance(message, gp2gp.ApplicationAcknowledgement) else None


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that Spine delivered to the SUT, however often.

    :param since: the entry by which the SUT acknowledged it on the transport; 0 when it never did.
    :param at: when that was, UTC.
    """

    received: Received
    since: int
    at: datetime | None

    @property
    def conversation(self) -> str:
        """ConversationId, in upper case."""
        return str(self.received.entry.data["conversation"]).upper()

    @property
    def ids(self) -> frozenset[str]:
        """The ids under which the SUT may cite it: ebXML and HL7, in upper case."""
        wrapper = self.received.reading.wrapper
        return _ids(self.received.message_id, wrapper.id if wrapper else "")

    @property
    def answer(self) -> gp2gp.ApplicationAcknowledgement | None:
        """The acknowledgement that it is."""
        message = self.received.reading.message
        return message if isinstance(message, gp2gp.ApplicationAcknowledgement) else None

    @property
    def right(self) -> bool:
        """Whether it is one that must be coped with: as it should be, or odd."""
        return str(self.received.entry.data.get("sort", "")) in ("", "odd")

    def is_a(self, kind: Answerable) -> bool:
        """Whether it is a request, or an extract, also when it was made unreadable on purpose."""
        return Evidence.is_a(self.received, kind)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Both sides of one conversation, each in the order of the ledger."""

    id: str
    posts: tuple[Post, ...]
    heard: tuple[Heard, ...]

    def cited(self, post: Post, kind: Answerable) -> tuple[Heard, ...]:
        """What ``post`` answers among the messages of a kind: one, or several that share an HL7 id (a re-send)."""
        reference = post.answer.message_ref.upper() if post.answer else ""
        return tuple(each for each in self.heard if each.is_a(kind) and reference in each.ids)


def posts(evidence: Evidence) -> tuple[Post, ...]:
    """Every message of the SUT in the case, once each; what could not be read at all is left out."""
    answers = {entry.data["arrival"]: entry for entry in evidence.of("message.answered")}
    decided = {entry.data["arrival"] for entry in evidence.of("exchange.decided")}
    groups: dict[tuple[str, bytes], list[Sent]] = {}
    for sent in evidence.sent:
        if sent.reading.envelope is not None:
            groups.setdefault((sent.envelope.message_id.upper(), sent.octets), []).append(sent)
    return tuple(
        Post(group[0], group[0].entry.seq, any(each.delivered for each in group), _taken(group, answers, decided))
        for group in groups.values()
    )


def _taken(group: Iterable[Sent], answers: dict[int, Entry], decided: set[int]) -> int:
    """A deliberate answer (500, or none) hides from the SUT that Spine has the message."""
    arrivals = [sent.entry.data["arrival"] for sent in group]
    told = [answers[n] for n in arrivals if n in decided and n in answers and answers[n].data["status"] == 202]
    return told[0].seq if told else 0


def heard(evidence: Evidence) -> tuple[Heard, ...]:
    """Everything that Spine delivered to the SUT in the case, once each."""
    since: dict[int, Entry] = {}
    for entry in evidence.of("exchange.heard"):
        if entry.data["event"] == "acknowledgment":
            since.setdefault(entry.data["delivery"], entry)
    found = []
    for each in evidence.received:
        told = since.get(each.entry.data["delivery"])
        found.append(Heard(each, told.seq if told else 0, instant(told.at) if told else None))
    return tuple(found)


def conversations(evidence: Evidence) -> tuple[Conversation, ...]:
    """The conversations of the case, in the order in which the SUT or its peer first spoke in them."""
    said, told = posts(evidence), heard(evidence)
    first = sorted(
        [(post.begun, post.conversation) for post in said]
        + [(each.received.entry.seq, each.conversation) for each in told]
    )
    return tuple(
        Conversation(
            name,
            tuple(post for post in said if post.conversation == name),
            tuple(each for each in told if each.conversation == name),
        )
        for name in dict.fromkeys(name for _, name in first)
    )


def _ids(*ids: str) -> frozenset[str]:
    return frozenset(each.upper() for each in ids if each)
