"""The vocabulary of the protocol's tests: Spine, a system under test and a peer, in memory.

:class:`Sut` writes what a system under test would post. :class:`Pair` is a hub with a clock that is wound by hand; what
the hub asks of the shell is kept: notes in ``notes``, posts that the SUT still has to answer in ``posts``.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.protocol.case import Case, Status
from simulator.protocol.commands import Answer, Command, Note, Post
from simulator.protocol.demographics import Patient, PatientIndex
from simulator.protocol.directory import Contract, Directory, Practice
from simulator.protocol.hub import Arrival, Hub
from simulator.protocol.ids import Mint
from simulator.protocol.plan import Plan
from simulator.protocol.script import Step
from simulator.protocol.settings import Behaviour
from simulator.wire.interactions import Interaction
from simulator.wire.reading import Reading, read
from simulator.wire.writers import ebxml, gp2gp
from simulator.wire.writers.package import Outgoing, assemble
from simulator.wire.writers.times import ebxml_time, hl7_time

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UK05, UK06 = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id
ACK, COPC = Interaction.ACKNOWLEDGEMENT.id, Interaction.POINT_TO_POINT.id
FOLDER = b'<ehrFolder classCode="FOLDER" moodCode="EVN"/>'
NHS_NUMBER, NHS_NUMBER_OF_ANOTHER = "9990000026", "9990000018"
EVERY_SECONDS, PERSIST_SECONDS = 10, 60


def practice(number: int, *, ours: bool = False, name: str = "") -> Practice:
    """A practice with two retries ten seconds apart, and a minute in all."""
    return Practice(
        ods=f"X9000{number}",
        asid=f"99900000000{number}",
        party_key=f"X9000{number}-90000{number}",
        name=name,
        endpoint="" if ours else f"https://x9000{number}.invalid/",
        ours=ours,
        cpa_ids={each.id: f"{each.id}-{number}" for each in Interaction},
        contract=Contract(2, f"PT{EVERY_SECONDS}S", f"PT{PERSIST_SECONDS}S"),
    )


SUT, PEER, OTHER = practice(1, name="the SUT"), practice(2, ours=True, name="the peer"), practice(3)
PATIENT = Patient(NHS_NUMBER, "Test", "Patient", practice=SUT.ods)


@dataclass(frozen=True)
class Letter:
    """Something to post: the octets, and the two ids that others will cite."""

    out: Outgoing
    message_id: str
    conversation: str

    def with_body(self, old: bytes, new: bytes) -> Letter:
        """The letter with some octets changed."""
        assert old in self.out.body
        return replace(self, out=replace(self.out, body=self.out.body.replace(old, new)))


class Sut:
    """Writes the messages of a practice, by the book."""

    def __init__(self, own: Practice = SUT) -> None:
        self.own, self.mint, self.now = own, Mint(own.party_key.encode()), NOON

    def letter(
        self, to: Practice, action: str, message_id: str, conversation: str, payload: bytes, **more: str
    ) -> Letter:
        """A package around ``payload``."""
        header = ebxml.Header(
            from_party=self.own.party_key,
            to_party=to.party_key,
            cpa_id=to.cpa_ids[action],
            conversation_id=conversation,
            action=action,
            message_id=message_id,
            **{"timestamp": ebxml_time(self.now)} | more,
        )
        return Letter(assemble(header, payload), message_id, conversation)

    def _ids(self, conversation: str, to: Practice, asid: str = "") -> tuple[str, str, gp2gp.Ends]:
        message_id = self.mint.uuid("message")
        ends = gp2gp.Ends(message_id, hl7_time(self.now), self.own.asid, asid or to.asid)
        return message_id, conversation or self.mint.uuid("conversation"), ends

    def request(
        self, to: Practice = PEER, *, conversation: str = "", asid: str = "", nhs_number: str = NHS_NUMBER, **more: str
    ) -> Letter:
        """An EHR request. :param asid: the receiver's, where it is to be another. :param more: fields of the header."""
        message_id, conversation, ends = self._ids(conversation, to, asid)
        payload = gp2gp.ehr_request(
            ends,
            request_id=self.mint.uuid("request"),
            nhs_number=nhs_number,
            requesting_ods=self.own.ods,
            sending_ods=to.ods,
        )
        return self.letter(to, UK05, message_id, conversation, payload, **more)

    def extract(self, conversation: str, to: Practice = PEER, request_id: str = "") -> Letter:
        """An EHR extract."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.ehr_extract(
            ends,
            interaction=UK06,
            extract_id=self.mint.uuid("extract"),
            request_id=request_id or self.mint.uuid("request"),
            nhs_number=NHS_NUMBER,
            sending_ods=self.own.ods,
            requesting_ods=to.ods,
            time=hl7_time(self.now),
            folder=FOLDER,
        )
        return self.letter(to, UK06, message_id, conversation, payload)

    def acknowledgement(self, conversation: str, cited: str, code: str = "", to: Practice = PEER) -> Letter:
        """An application acknowledgement of ``cited``, negative with ``code``."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.acknowledgement(ends, message_ref=cited, code=code)
        return self.letter(to, ACK, message_id, conversation, payload)

    def continues(self, conversation: str, cited: str, to: Practice = PEER) -> Letter:
        """A continue."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.continue_message(
            ends,
            recipient_ods=to.ods,
            sender_ods=self.own.ods,
            extract_message_id=cited,
            body_id=self.mint.uuid("body"),
            inner_id=self.mint.uuid("inner"),
        )
        return self.letter(to, COPC, message_id, conversation, payload)

    def fragment(self, conversation: str, to: Practice = PEER) -> Letter:
        """A fragment."""
        message_id, conversation, ends = self._ids(conversation, to)
        payload = gp2gp.fragment(
            ends, recipient_ods=to.ods, sender_ods=self.own.ods, filename="a.txt", body_id=self.mint.uuid("body")
        )
        return self.letter(to, COPC, message_id, conversation, payload)

    def acknowledgment(self, post: Post, cited: str = "") -> bytes:
        """The ebXML Acknowledgment of a delivery."""
        return ebxml.acknowledgment(**self._signal(post, cited), received_timestamp=ebxml_time(self.now))

    def message_error(self, post: Post) -> bytes:
        """A MessageError about a delivery."""
        return ebxml.message_error(**self._signal(post), errors=[("ValueNotRecognized", "not for us")])

    def _signal(self, post: Post, cited: str = "") -> dict[str, str]:
        return {
            "from_party": self.own.party_key,
            "to_party": PEER.party_key,
            "cpa_id": "cpa",
            "conversation_id": "conversation",
            "message_id": self.mint.uuid("signal"),
            "ref_to_message_id": cited or str(post.facts["message_id"]),
            "now": ebxml_time(self.now),
        }


def plan(*script: Step, **more: Any) -> Plan:
    """A plan for the SUT in the requesting role, with a record of one empty folder."""
    values: dict[str, Any] = {
        "case": "case-1",
        "scenario": "a scenario",
        "role": "requester",
        "key": b"key",
        "sut": SUT,
        "peer": PEER,
        "patients": (PATIENT,),
        "folder": FOLDER,
    }
    return Plan(**values | {"script": script} | more)


class Pair:
    """Spine between the SUT and the peer. Whoever opens a case must play it to its end: see :meth:`finish`."""

    def __init__(self, **behaviour: Any) -> None:
        self.now = NOON
        self.hub = Hub(Directory([SUT, PEER, OTHER]), PatientIndex(), Behaviour(**behaviour), b"spine")
        self.notes: list[Note] = []
        self.posts: deque[Post] = deque()
        self.sut = Sut()
        self.cases: list[str] = []
        self.unfinished = ""

    # -- what happens ------------------------------------------------------------------------------------------------

    def open(self, *script: Step, **more: Any) -> Case:
        """Put a case on stage."""
        made = plan(*script, **more)
        self._do(self.hub.stage.open(made, self.now))
        self.cases.append(made.case)
        return self.case(made.case)

    def send(self, letter: Letter, *, soap_action: str | None = None) -> Answer:
        """The SUT posts a letter; Spine's answer."""
        return self.post(
            letter.out.content_type, letter.out.body, letter.out.soap_action if soap_action is None else soap_action
        )

    def post(self, content_type: str, body: bytes, soap_action: str = "") -> Answer:
        """Somebody posts octets to Spine; its answer."""
        digest = hashlib.sha256(body).hexdigest()
        about = {"content_type": content_type, "soap_action": soap_action}
        arrival = Arrival(read(content_type, body), content_type, soap_action, digest, body, about)
        answers = self._do(self.hub.receive(arrival, self.now))
        assert len(answers) == 1, "every post is answered once"
        return answers[0]

    def acknowledge(self) -> Post:
        """The SUT takes the oldest delivery and acknowledges it."""
        return self.answer(200, self.sut.acknowledgment(self.posts[0]))

    def answer(self, status: int | None, body: bytes = b"") -> Post:
        """The SUT answers the oldest delivery."""
        post = self.posts.popleft()
        reading = read("text/xml", body) if body else None
        self._do(
            self.hub.outcome(
                post.delivery, status, reading, {"headers": [["Content-Type", "text/xml"]]}, body, self.now
            )
        )
        return post

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)
        self.sut.now = self.now
        self._do(self.hub.due(self.now))

    def settle(self, case: str = "case-1") -> None:
        """The judge says that the SUT has no work left."""
        self._do(self.hub.stage.settled(case, self.case(case).revision, self.now))

    def asked(self, outcome: str = "done", case: str = "case-1") -> None:
        """The judge has performed the hook call that the script stands at."""
        self._do(self.hub.stage.asked(case, self.case(case).position, outcome, self.now))

    def _do(self, commands: Iterable[Command]) -> list[Answer]:
        answers = []
        for command in commands:
            match command:
                case Note():
                    self.notes.append(command)
                case Post():
                    self.posts.append(command)
                case Answer():
                    answers.append(command)
        return answers

    # -- what can be seen --------------------------------------------------------------------------------------------

    def case(self, case: str = "case-1") -> Case:
        """The case."""
        found = self.hub.stage.case(case)
        assert found is not None
        return found

    def said(self, kind: str) -> list[Mapping[str, Any]]:
        """The data of every note of a kind."""
        return [note.data for note in self.notes if note.kind == kind]

    def kinds(self) -> list[str]:
        """The kinds of all notes."""
        return [note.kind for note in self.notes]

    def finish(self) -> None:
        """Fail when a script was left unfinished or a delivery unanswered, unless the test says why in ``unfinished``."""
        if not self.unfinished:
            open_cases = {
                case: self.case(case).step for case in self.cases if self.case(case).status is not Status.DONE
            }
            assert not open_cases, f"left unfinished: {open_cases}"
            assert not self.posts, f"left unanswered: {self.posts[0].facts}"


def delivered(post: Post) -> Reading:
    """A delivery as the SUT reads it."""
    return read(post.content_type, post.body)


def answered(answer: Answer) -> Reading:
    """An answer of Spine as the SUT reads it."""
    return read(answer.content_type, answer.body)


def assert_acknowledged(answer: Answer, letter: Letter) -> None:
    """Spine took the letter and says so with an Acknowledgment of its MessageId."""
    assert answer.status == 202, answer.form
    assert answer.content_type == "text/xml"
    envelope = answered(answer).envelope
    assert envelope is not None
    assert envelope.acknowledged_id == letter.message_id
    assert envelope.ref_to_message_id == letter.message_id


def assert_refused(answer: Answer, code: str, text: str) -> None:
    """Spine answered with a MessageError of one error."""
    envelope = answered(answer).envelope
    assert answer.form == "MessageError"
    assert envelope is not None
    assert [(error.code, error.description) for error in envelope.errors] == [(code, text)]


def fault_tokens(answer: Answer) -> list[str]:
    """The descriptions in a SOAP fault of Spine's."""
    fault = answered(answer).fault
    assert fault is not None, answer.form
    return [error.description for error in fault.errors]
