"""The vocabulary of the protocol's tests: Spine, a system under test and a peer, in memory.

:class:`Pair` is a hub with a clock that is wound by hand; what the hub asks of the shell is kept: notes in ``notes``,
posts that the SUT still has to answer in ``posts``. What the SUT says is written by ``tests.protocol.sut``.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from simulator.protocol.attribution import Attribution
from simulator.protocol.case import Case, Status
from simulator.protocol.commands import Answer, Command, Note, Post
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Arrival, Hub
from simulator.protocol.plan import Plan
from simulator.protocol.script import Step
from simulator.protocol.settings import Behaviour
from simulator.protocol.unannounced import Unannounced
from simulator.wire.reading import Reading, read
from tests.protocol.sut import FOLDER, NOON, OTHER, PATIENT, PEER, SUT, Letter, Sut


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

    def __init__(
        self, *, unannounced: Unannounced | None = None, earlier: Mapping[str, int] | None = None, **behaviour: Any
    ) -> None:
        self.now = NOON
        directory, how = Directory([SUT, PEER, OTHER]), Behaviour(**behaviour)
        self.hub = Hub(directory, PatientIndex(), how, b"spine")
        self.hub.attribution, self.hub.unannounced = Attribution(earlier or {}), unannounced
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
