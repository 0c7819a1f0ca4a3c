"""Scenarios in which the system under test asks for the record: its request, and the answers to it."""

from __future__ import annotations

from scenarios.model import Scenario
from scenarios.steps import (
    ACCEPT,
    EXTRACT,
    FINAL,
    INTEGRATE,
    INTEGRATED,
    NOTICES,
    OFF,
    REGISTER,
    REQUEST,
    STATE,
    UK05,
)
from simulator.protocol import faults
from simulator.protocol.script import Fault, Hold, Message, Send, Step

REFUSED_06 = Send(Message.REQUEST_ANSWER, code="06")
RECEIVED = (EXTRACT, Hold(), INTEGRATE, FINAL)


def _refused(name: str, case: str, code: str, dialect: str, *variants: str) -> Scenario:
    answer = Send(Message.REQUEST_ANSWER, code=code, dialect=dialect, variants=variants)
    return Scenario(name, "requester", (case,), (REGISTER, REQUEST, answer, Hold(), STATE, NOTICES), code=code)


def _answered(name: str, case: str, *then: Step) -> Scenario:
    return Scenario(name, "requester", (case,), (REGISTER, REQUEST, *then))


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
        (REGISTER, REQUEST, ACCEPT, *RECEIVED),
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
        (REGISTER, REQUEST, ACCEPT, *RECEIVED),
        faults=(Fault("from sut", faults.LOSE_THE_ACKNOWLEDGEMENT, UK05),),
    ),
    Scenario("a patient registers while GP2GP is switched off", "requester", (), (OFF, REGISTER, Hold())),
    _answered(
        "the record is asked for again after a refusal",
        "RQ-18",
        *(REFUSED_06, Hold(), REGISTER, REQUEST, ACCEPT, *RECEIVED, STATE),
    ),
)

ANSWERS = (
    Scenario("the record is integrated", "requester", ("RA-01", "RC-01", "RD-10", "RZ-01"), INTEGRATED),
    _answered("the extract comes before the answer to the request", "RA-02", EXTRACT, ACCEPT, *RECEIVED[1:], STATE),
    _answered("the request is never answered but the extract comes", "RA-03", *RECEIVED, STATE),
    _refused("the request is refused: patient not at surgery", "RA-04", "06", "reason only"),
    _refused("the request is refused with AR 06 in both places", "RA-05", "06", "both, detail ER"),
    _refused("the request is refused: not enabled", "RA-08", "07", "reason only"),
    _refused("the request is refused: extract not generated", "RA-09", "10", "both, detail ER"),
    _refused("the request is refused: not one result in SDS", "RA-09", "24", "reason only"),
    _refused("the request is refused: unexpected condition", "RA-09", "99", "reason only"),
    _refused("the request is refused: requester without large messaging", "RA-10", "14", "reason only"),
    _refused("the request is refused: sender without large messaging", "RA-10", "23", "reason only"),
    _refused("the request is refused: not well-formed", "RA-06", "18", "both, detail repeats"),
    _refused("the request is refused: not the current practice", "RA-07", "19", "both, detail ER"),
    _refused("the request is refused: Spine error", "RA-11", "20", "reason only"),
    _refused(
        "the request is refused in the detail alone", "RA-12", "06", "both, detail ER", "acknowledgement without reason"
    ),
    _refused("Spine blocks the request", "RA-13", "SEF001", "spine"),
    _refused(
        "the request is refused without a display name",
        "RA-15",
        "06",
        "reason only",
        "acknowledgement without display name",
    ),
    _answered(
        # 6 counts as 06 or as a code that is not known: which one the user is told is not asked.
        "the request is refused with a code without its zero",
        "RA-16",
        *(Send(Message.REQUEST_ANSWER, code="06", variants=("code without its zero",)), Hold(), STATE),
    ),
    _answered(
        "a refusal cites a message that was never sent",
        "RA-17",
        *(Send(Message.REQUEST_ANSWER, code="06", cites="nothing"), Hold(), *RECEIVED, STATE),
    ),
    _answered(
        "an acceptance cites a message that was never sent",
        "RA-18",
        *(Send(Message.REQUEST_ANSWER, cites="nothing"), Hold(), STATE),
    ),
    Scenario(
        "the request is refused twice",
        "requester",
        ("RA-19",),
        (
            *(REGISTER, REQUEST, REFUSED_06, Hold()),
            *(Send(Message.REQUEST_ANSWER, code="06", repeat="new id"), Hold(), STATE, NOTICES),
        ),
        code="06",
    ),
    _answered("an extract comes after the request was refused", "RA-20", REFUSED_06, Hold(), EXTRACT, Hold(), STATE),
    _answered(
        "the request is answered with typeCode CA",
        "RA-22",
        *(Send(Message.REQUEST_ANSWER, variants=("acknowledgement of type CA",)), Hold(), STATE, *RECEIVED),
    ),
)

SCENARIOS = (*START, *ANSWERS)
