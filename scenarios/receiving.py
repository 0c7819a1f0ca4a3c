"""Scenarios in which the record comes: extracts of every kind, and what the user decides."""

from __future__ import annotations

from scenarios.model import Scenario
from scenarios.steps import (
    ACCEPTED,
    EXTRACT,
    FINAL,
    INTEGRATE,
    INTEGRATE_IF_KEPT,
    INTEGRATED,
    OFF,
    STATE,
    odd,
)
from simulator.protocol.script import Ask, Hold, Message, Send
from simulator.wire.interactions import Interaction

AGAIN = Send(Message.EXTRACT, repeat="new id")
FAILING = "integration-failure"


def _odd(name: str, case: str, *variants: str, consultations: int = 6) -> Scenario:
    script = (*ACCEPTED, odd(*variants), Hold(), INTEGRATE, FINAL, STATE)
    return Scenario(name, "requester", (case,), script, consultations=consultations)


def _noted(name: str, case: str, *variants: str) -> Scenario:
    """Sources allow that it is taken, and that it is refused."""
    script = (*ACCEPTED, odd(*variants), Hold(), INTEGRATE_IF_KEPT, FINAL, STATE)
    return Scenario(name, "requester", (case,), script)


def _broken(name: str, case: str, *variants: str, documents: int = 0) -> Scenario:
    return Scenario(
        name, "requester", (case,), (*ACCEPTED, odd(*variants), FINAL, STATE), code="21", documents=documents
    )


def _decided(name: str, case: str, code: str, decision: str, *, returning: bool = False) -> Scenario:
    script = (*ACCEPTED, EXTRACT, Hold(), Ask("decide", {"decision": decision}), FINAL, STATE)
    return Scenario(name, "requester", (case,), script, code=code, returning=returning)


EXTRACTS = (
    Scenario(
        "a redacted record is integrated",
        "requester",
        ("RC-02",),
        (
            *(*ACCEPTED, Send(Message.EXTRACT, interaction=Interaction.EHR_EXTRACT_REDACTED.id)),
            *(Hold(), INTEGRATE, FINAL, STATE),
        ),
        redacted=True,
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
        (*ACCEPTED, EXTRACT, Hold(), AGAIN, FINAL, INTEGRATE, FINAL),
        code="12",
    ),
    Scenario(
        "a second extract comes after the first was integrated",
        "requester",
        ("RC-31",),
        (*INTEGRATED, AGAIN, FINAL),
        code="12",
    ),
    Scenario(
        "a second extract comes after the integration failed",
        "requester",
        ("RC-32",),
        (
            *(Ask("configure", {"condition": FAILING}), *ACCEPTED, EXTRACT, Hold(), INTEGRATE, FINAL),
            *(Ask("configure", {"condition": FAILING, "value": "off"}), AGAIN, Hold(), INTEGRATE, FINAL, STATE),
        ),
    ),
    Scenario(
        "an extract comes while GP2GP is switched off",
        "requester",
        (),
        (*ACCEPTED, OFF, EXTRACT, FINAL, Hold()),
        code="07",
    ),
    _broken("an extract comes that is not well-formed", "RC-26", "extract that does not end"),
    _broken("an extract of another patient comes", "RC-28", "extract of another patient"),
    _noted("the elements of the extract are in the wrong order", "RC-27", "elements in the wrong order"),
    _noted("the extract answers another request", "RC-35", "extract of another request"),
    _odd("the extract does not say who it is for", "RC-33", "destination unknown"),
    _odd("the author's time stands in the wrong attribute", "RC-34", "author time in the wrong attribute"),
    _odd(
        "the extract has codes and people that nobody knows",
        "RC-36",
        *("unknown code", "agent without a name", "two given names"),
    ),
    _odd("the extract comes in many lines", "RC-17", "extract in many lines"),
    _odd("the extract has three megabytes of entries", "RC-37", consultations=900),
    _odd("the text has characters of four octets", "RC-38", "four-octet characters"),
    _odd("the payload is in ISO-8859-1", "RC-38", "payload in ISO-8859-1"),
)

FAILED = (
    *(ACCEPTED[0], Ask("configure", {"condition": FAILING}), *ACCEPTED[1:]),
    *(EXTRACT, Hold(), INTEGRATE, FINAL, STATE),
)

DECISIONS = (
    Scenario("the integration fails", "requester", ("RZ-03",), FAILED, code="11"),
    Scenario(
        "the integration of a returning patient's record fails", "requester", (), FAILED, returning=True, code="11"
    ),
    _decided("the user rejects the record of a new patient", "RZ-04", "28", "reject-wrong-record"),
    _decided(
        "the user rejects the record of a returning patient", "RZ-05", "17", "reject-wrong-record", returning=True
    ),
    _decided("the user keeps the practice's own record", "RZ-06", "15", "suppress", returning=True),
)

SCENARIOS = (*EXTRACTS, *DECISIONS)
