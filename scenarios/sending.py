"""Scenarios in which the system under test holds the record, and our peer asks for it."""

from __future__ import annotations

from scenarios.model import Scenario
from simulator.protocol import faults
from simulator.protocol.script import Ask, Await, Fault, Hold, Message, Send
from simulator.wire.interactions import Interaction

HOLD = Ask("hold")
REQUEST = Send(Message.REQUEST)
EXTRACT = Await(Message.EXTRACT)
ANSWER = Await(Message.REQUEST_ANSWER)
ACCEPT = Send(Message.FINAL_ANSWER)
STATE = Ask("state", optional=True)

UK05, UK06 = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id
SENT = (HOLD, REQUEST, EXTRACT, ANSWER, ACCEPT, Hold(), STATE)


def _refused(name: str, case: str, code: str, *before: Ask, variants: tuple[str, ...] = (), **more: object) -> Scenario:
    script = (*before, Send(Message.REQUEST, variants=variants), ANSWER, Hold())
    return Scenario(name, "sender", (case,), script, code=code, **more)  # type: ignore[arg-type] # data, read at import


def _rejected(code: str, dialect: str = "reason only") -> Scenario:
    script = (HOLD, REQUEST, EXTRACT, ANSWER, Send(Message.FINAL_ANSWER, code=code, dialect=dialect), Hold(), STATE)
    return Scenario(f"the extract is refused with {code}", "sender", ("SD-09", "SD-10"), script, code=code)


def _odd(name: str, case: str, *variants: str) -> Scenario:
    script = (HOLD, Send(Message.REQUEST, variants=variants), EXTRACT, ANSWER, ACCEPT, Hold(), STATE)
    return Scenario(name, "sender", (case,) if case else (), script)


SMALL = (
    Scenario("the record is sent", "sender", ("SA-01", "SB-01", "SB-03", "SB-04", "SB-05", "SB-07", "SD-01"), SENT),
    Scenario("a redacted record is sent", "sender", ("SB-22",), SENT, redacted=True),
    Scenario(
        "a record with two documents is sent",
        "sender",
        ("SB-09", "SB-10", "SB-11", "SB-12", "SB-13", "SB-14"),
        SENT,
        documents=2,
    ),
)

REFUSALS = (
    _refused("the patient is not at the surgery", "SA-02", "06", holds=False),
    _refused("GP2GP is not enabled", "SA-03", "07", HOLD, Ask("configure", {"condition": "disabled"})),
    _refused(
        "the extract cannot be generated", "SA-20", "10", HOLD, Ask("configure", {"condition": "extract-failure"})
    ),
    _refused("the request has no NHS number", "SA-05", "18", HOLD, variants=("request without NHS number",)),
    _refused("the requester is not the current practice", "SA-07", "19", HOLD, registered="elsewhere"),
    _refused("the patient is suspended", "SA-08", "19", HOLD, registered="nowhere"),
    _refused("PDS fails", "SA-09", "20", HOLD, pds_fails=True),
    Scenario(
        "Spine refuses the extract",
        "sender",
        ("SB-08",),
        (HOLD, REQUEST, ANSWER, Hold()),
        faults=(Fault("from sut", faults.REFUSE, UK06, count=9),),
        code="20",
    ),
)

REPEATS = (
    Scenario(
        "Spine delivers the request twice",
        "sender",
        ("EN-05", "SD-25"),
        SENT,
        faults=(Fault("to sut", faults.DELIVER_TWICE, UK05),),
    ),
    Scenario(
        "the request is sent twice in one conversation",
        "sender",
        ("SA-14",),
        (HOLD, REQUEST, EXTRACT, ANSWER, Send(Message.REQUEST, repeat="new id"), Hold(), ACCEPT, Hold()),
    ),
    Scenario(
        "the acknowledgement of the extract is lost on the way back",
        "sender",
        ("EN-14",),
        SENT,
        faults=(Fault("from sut", faults.LOSE_THE_ACKNOWLEDGEMENT, UK06),),
    ),
)

ANSWERS = (
    _rejected("09"),
    _rejected("11"),
    _rejected("12"),
    _rejected("17"),
    _rejected("21", "both, detail ER"),
    _rejected("28", "both, detail repeats"),
    Scenario(
        "a final acknowledgement cites a message that was never sent",
        "sender",
        ("SD-13",),
        (HOLD, REQUEST, EXTRACT, ANSWER, Send(Message.FINAL_ANSWER, cites="nothing"), Hold(), STATE),
    ),
    Scenario(
        "a request is addressed to another party",
        "sender",
        ("EN-04",),
        (HOLD, Send(Message.REQUEST, variants=("to another party",)), Hold()),
    ),
    _odd("the request has ids in lower case", "SA-13", "lower-case ids"),
    _odd("the request is pretty-printed", "SA-10", "pretty-printed request"),
    _odd("the request has RIM type attributes", "SA-11", "RIM type attributes"),
    _odd("the line breaks have no carriage return", "", "line breaks without carriage return"),
)

SCENARIOS = (*SMALL, *REFUSALS, *REPEATS, *ANSWERS)
