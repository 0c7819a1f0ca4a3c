"""Scenarios in which the system under test asks for the record, and our peer holds it."""

from __future__ import annotations

from dataclasses import replace

from scenarios.model import Scenario
from simulator.protocol import faults
from simulator.protocol.script import Ask, Await, Fault, Hold, Message, Send
from simulator.wire.interactions import Interaction

REGISTER = Ask("register")
REQUEST = Await(Message.REQUEST)
ACCEPT = Send(Message.REQUEST_ANSWER)
EXTRACT = Send(Message.EXTRACT)
INTEGRATE = Ask("decide", {"decision": "integrate"})
FINAL = Await(Message.FINAL_ANSWER)
STATE = Ask("state", optional=True)
NOTICES = Ask("notices", optional=True)

UK05, UK06 = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id

INTEGRATED = (REGISTER, REQUEST, ACCEPT, EXTRACT, Hold(), INTEGRATE, FINAL, STATE)


def _refused(name: str, case: str, code: str, dialect: str, *variants: str) -> Scenario:
    answer = Send(Message.REQUEST_ANSWER, code=code, dialect=dialect, variants=variants)
    return Scenario(name, "requester", (case,), (REGISTER, REQUEST, answer, Hold(), STATE, NOTICES), code=code)


def _odd(name: str, case: str, *variants: str) -> Scenario:
    script = (REGISTER, REQUEST, ACCEPT, Send(Message.EXTRACT, variants=variants), Hold(), INTEGRATE, FINAL, STATE)
    return Scenario(name, "requester", (case,), script)


def _decided(name: str, case: str, code: str, decision: str, *, returning: bool = False) -> Scenario:
    decide = Ask("decide", {"decision": decision})
    script = (REGISTER, REQUEST, ACCEPT, EXTRACT, Hold(), decide, FINAL, STATE)
    return Scenario(name, "requester", (case,), script, code=code, returning=returning)


def _broken(name: str, case: str, *variants: str, documents: int = 0) -> Scenario:
    script = (REGISTER, REQUEST, ACCEPT, Send(Message.EXTRACT, variants=variants), FINAL, STATE)
    return Scenario(name, "requester", (case,), script, code="21", documents=documents)


START = (
    Scenario(
        "a patient registers",
        "requester",
        ("RQ-01", "RQ-07", "RQ-08", "RQ-09", "RQ-10", "RQ-11", "RQ-12", "RQ-13"),
        (REGISTER, REQUEST, Hold()),
    ),
    Scenario(
        "Spine answers the request with 500 twice",
        "requester",
        ("RQ-15",),
        (REGISTER, REQUEST, ACCEPT, EXTRACT, Hold(), INTEGRATE, FINAL),
        faults=(Fault("from sut", faults.ANSWER_500, UK05, count=2),),
    ),
    Scenario(
        "Spine never takes the request",
        "requester",
        ("RQ-15",),
        (REGISTER, Hold(), STATE, NOTICES),
        faults=(Fault("from sut", faults.ANSWER_500, UK05, count=99),),
        code="20",
    ),
    Scenario(
        "Spine refuses the request",
        "requester",
        ("RQ-15",),
        (REGISTER, Hold(), STATE, NOTICES),
        faults=(Fault("from sut", faults.REFUSE, UK05, count=9),),
        code="20",
    ),
    Scenario(
        "the acknowledgement of the request is lost",
        "requester",
        ("EN-14", "RQ-15"),
        (REGISTER, REQUEST, ACCEPT, EXTRACT, Hold(), INTEGRATE, FINAL),
        faults=(Fault("from sut", faults.LOSE_THE_ACKNOWLEDGEMENT, UK05),),
    ),
)

ANSWERS = (
    Scenario("the record is integrated", "requester", ("RA-01", "RC-01", "RZ-01"), INTEGRATED),
    Scenario(
        "the extract comes before the answer to the request",
        "requester",
        ("RA-02",),
        (REGISTER, REQUEST, EXTRACT, ACCEPT, Hold(), INTEGRATE, FINAL, STATE),
    ),
    Scenario(
        "the request is never answered but the extract comes",
        "requester",
        ("RA-03",),
        (REGISTER, REQUEST, EXTRACT, Hold(), INTEGRATE, FINAL, STATE),
    ),
    _refused("the request is refused: patient not at surgery", "RA-04", "06", "reason only"),
    _refused("the request is refused: not enabled", "RA-08", "07", "reason only"),
    _refused("the request is refused: extract not generated", "RA-09", "10", "both, detail ER"),
    _refused("the request is refused: not well-formed", "RA-06", "18", "both, detail repeats"),
    _refused("the request is refused: not the current practice", "RA-07", "19", "both, detail ER"),
    _refused("the request is refused: Spine error", "RA-11", "20", "reason only"),
    _refused(
        "the request is refused without a display name",
        "RA-15",
        "06",
        "reason only",
        "acknowledgement without display name",
    ),
    Scenario(
        "a refusal cites a message that was never sent",
        "requester",
        ("RA-17",),
        (
            REGISTER,
            REQUEST,
            Send(Message.REQUEST_ANSWER, code="06", cites="nothing"),
            Hold(),
            EXTRACT,
            Hold(),
            INTEGRATE,
            FINAL,
            STATE,
        ),
    ),
)

EXTRACTS = (
    Scenario(
        "a redacted record is integrated",
        "requester",
        ("RC-02",),
        (
            REGISTER,
            REQUEST,
            ACCEPT,
            Send(Message.EXTRACT, interaction=Interaction.EHR_EXTRACT_REDACTED.id),
            Hold(),
            INTEGRATE,
            FINAL,
            STATE,
        ),
        redacted=True,
    ),
    Scenario(
        "a record with two documents is integrated",
        "requester",
        ("RC-03",),
        (*INTEGRATED, Ask("filed", optional=True)),
        documents=2,
    ),
    Scenario(
        "an extract comes that nobody requested",
        "requester",
        ("RC-29",),
        (Send(Message.EXTRACT, conversation="new"), FINAL),
        code="09",
    ),
    Scenario(
        "a second extract comes while the first waits for the user",
        "requester",
        ("RC-30",),
        (REGISTER, REQUEST, ACCEPT, EXTRACT, Hold(), Send(Message.EXTRACT, repeat="new id"), FINAL, INTEGRATE, FINAL),
        code="12",
    ),
    Scenario(
        "a second extract comes after the first was integrated",
        "requester",
        ("RC-31",),
        (*INTEGRATED, Send(Message.EXTRACT, repeat="new id"), FINAL),
        code="12",
    ),
    _broken("an extract comes that is not well-formed", "RC-26", "extract that does not end"),
    _broken(
        "an extract comes without an attachment it announces", "RC-23", "attachment announced and not sent", documents=1
    ),
    _broken("an extract of another patient comes", "RC-28", "extract of another patient"),
    _odd("the extract does not say who it is for", "RC-33", "destination unknown"),
)

DECISIONS = (
    Scenario(
        "the integration fails",
        "requester",
        ("RZ-03",),
        (
            REGISTER,
            Ask("configure", {"condition": "integration-failure"}),
            REQUEST,
            ACCEPT,
            EXTRACT,
            Hold(),
            INTEGRATE,
            FINAL,
            STATE,
        ),
        code="11",
    ),
    _decided("the user rejects the record of a new patient", "RZ-04", "28", "reject-wrong-record"),
    _decided(
        "the user rejects the record of a returning patient", "RZ-05", "17", "reject-wrong-record", returning=True
    ),
    _decided("the user keeps the practice's own record", "RZ-06", "15", "suppress", returning=True),
)

TRANSPORT = (
    replace(
        Scenario("Spine delivers the extract twice", "requester", ("EN-05",), INTEGRATED),
        faults=(Fault("to sut", faults.DELIVER_TWICE, UK06),),
    ),
    replace(
        Scenario("the acknowledgement of the extract is lost", "requester", ("EN-05", "EN-13"), INTEGRATED),
        faults=(Fault("to sut answer", faults.LOSE_THE_ANSWER, UK06),),
    ),
    replace(
        Scenario("Spine answers the final acknowledgement with 500", "requester", ("EN-14",), INTEGRATED),
        faults=(Fault("from sut", faults.ANSWER_500, Interaction.ACKNOWLEDGEMENT.id),),
    ),
    Scenario(
        "an extract is addressed to another party",
        "requester",
        ("EN-04",),
        (REGISTER, REQUEST, Send(Message.EXTRACT, variants=("to another party",)), Hold(), STATE),
    ),
    _odd("the timestamp has seven fraction digits", "EN-07", "timestamp with seven fraction digits"),
    _odd("duplicate elimination says always", "EN-08", "duplicate elimination says always"),
    _odd("the package is framed in another way", "EN-09", "another boundary and a start without brackets"),
    _odd("the content id is percent-encoded", "EN-10", "percent-encoded content id"),
    _odd("the payload namespace has capitals", "EN-11", "payload namespace with capitals"),
    _odd("the schema location has backslashes", "EN-12", "schema location with backslashes"),
    _odd("the content id contains mid", "EN-18", "content id that contains mid"),
    _odd("the time to live is over", "EN-06", "time to live in the past"),
)

SCENARIOS = (*START, *ANSWERS, *EXTRACTS, *DECISIONS, *TRANSPORT)
