"""Scenarios in which the system under test has sent the record, and our peer tells what became of it."""

from __future__ import annotations

from scenarios.model import Scenario
from scenarios.sending import ACCEPT, ANSWER, EXTRACT, HOLD, REQUEST
from scenarios.steps import NOTICES, STATE
from simulator.protocol.script import Hold, Message, Send, Step

GIVEN = (HOLD, REQUEST, EXTRACT, ANSWER)
REFUSED_11 = Send(Message.FINAL_ANSWER, code="11")


def _rejected(code: str, *cases: str, dialect: str = "reason only", name: str = "", variant: str = "") -> Scenario:
    final = Send(Message.FINAL_ANSWER, code=code, dialect=dialect, variants=(variant,) if variant else ())
    script = (*GIVEN, final, Hold(), STATE, NOTICES)
    return Scenario(name or f"the extract is refused with {code}", "sender", cases or ("SD-09",), script, code=code)


def _ended(name: str, case: str, *finals: Step, code: str = "") -> Scenario:
    return Scenario(name, "sender", (case,), (*GIVEN, *finals, Hold(), STATE), code=code)


def _accepted(name: str, case: str, variant: str) -> Scenario:
    return _ended(name, case, Send(Message.FINAL_ANSWER, variants=(variant,)))


SCENARIOS = (
    _rejected("09"),
    _rejected("11"),
    _rejected("12"),
    _rejected("17"),
    _rejected("21", dialect="both, detail ER"),
    _rejected("28", dialect="both, detail repeats"),
    _rejected("30", "SD-05", dialect="both, detail repeats"),
    _rejected("31", "SD-08"),
    _rejected("99"),
    _rejected(
        *("11", "SD-10"),
        dialect="both, detail ER",
        name="the extract is refused in the detail alone",
        variant="acknowledgement without reason",
    ),
    _rejected(
        *("11", "SD-12"),
        name="the extract is refused without a display name",
        variant="acknowledgement without display name",
    ),
    _accepted("the extract is acknowledged in small letters", "SD-03", "messageRef in small letters"),
    _accepted("the extract is acknowledged with typeCode XX", "SD-17", "acknowledgement of type XX"),
    _ended(
        "a final acknowledgement cites a message that was never sent",
        "SD-13",
        Send(Message.FINAL_ANSWER, cites="nothing"),
    ),
    _ended(
        "an acknowledgement comes in a conversation that nobody opened",
        "SD-14",
        Send(Message.FINAL_ANSWER, cites="nothing", conversation="new"),
    ),
    _ended("the extract is acknowledged and then refused", "SD-16", ACCEPT, Hold(), REFUSED_11),
    _ended("the extract is refused and then acknowledged", "SD-16", REFUSED_11, Hold(), ACCEPT, code="11"),
    Scenario(
        "the final acknowledgement comes before the request is acknowledged",
        "sender",
        ("SD-15",),
        (HOLD, REQUEST, EXTRACT, ACCEPT, ANSWER, Hold(), STATE),
    ),
)
