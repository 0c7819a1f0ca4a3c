"""Scenarios in which the record's way is rough: messages get lost, come twice, and look different."""

from __future__ import annotations

from dataclasses import replace

from scenarios.model import Scenario
from scenarios.steps import ACCEPTED, FINAL, INTEGRATE, INTEGRATED, STATE, UK06, odd
from simulator.protocol import faults
from simulator.protocol.script import Fault, Hold
from simulator.wire.interactions import Interaction


def _odd(name: str, case: str, variant: str) -> Scenario:
    return Scenario(name, "requester", (case,), (*ACCEPTED, odd(variant), Hold(), INTEGRATE, FINAL, STATE))


SCENARIOS = (
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
        (*ACCEPTED[:2], odd("to another party"), Hold(), STATE),
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
