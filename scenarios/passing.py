"""Scenarios in which time passes: minutes, days and weeks, on a clock that is moved.

The clock stops just before a limit and just after it, since what the system had to do meanwhile is done when it stops.
"""

from __future__ import annotations

from scenarios.model import Scenario
from scenarios.sending import ACCEPT, HOLD, REQUEST
from scenarios.steps import ACCEPT as REQUEST_ACCEPTED
from scenarios.steps import ACCEPTED, EXTRACT, FINAL, INTEGRATE, INTEGRATED, REGISTER, STATE
from scenarios.steps import REQUEST as REQUESTED
from simulator.protocol.script import Await, Elapse, Hold, Message, Send, Step

GIVEN_UP = Elapse("P15D")  # longer than any time after which a system is known to give up a request


def _passes(*durations: str) -> tuple[Step, ...]:
    return tuple(step for each in durations for step in (Elapse(each), Hold()))


# A practice that holds the extract back is to be seen doing so: nothing here waits for it.
ASKED = (HOLD, REQUEST, Await(Message.EXTRACT, optional=True), Hold())

SCENARIOS = (
    Scenario(
        "the final acknowledgement comes a day later",
        "sender",
        (),
        # To 19 and 21 minutes, then to a minute before and after 24 hours (S287).
        (*ASKED, *_passes("PT19M", "PT2M", "PT23H38M", "PT2M"), ACCEPT, Hold(), STATE),
    ),
    Scenario(
        "no final acknowledgement comes in eight days",
        "sender",
        ("SD-18",),
        (*ASKED, *_passes("P7DT23H59M"), STATE, *_passes("PT2M"), STATE),
    ),
    Scenario(
        "the user decides after nine days",
        "requester",
        ("RZ-07", "RT-09"),
        (*ACCEPTED, EXTRACT, Hold(), *_passes("P9D"), INTEGRATE, FINAL, STATE),
    ),
    Scenario(
        "three hours pass before the user decides",
        "requester",
        (),
        (*ACCEPTED, EXTRACT, Hold(), *_passes("PT3H"), INTEGRATE, FINAL, STATE),
    ),
    Scenario(
        "the extract comes two days later",
        "requester",
        (),
        (*ACCEPTED, Hold(), *_passes("P2D"), EXTRACT, Hold(), INTEGRATE, FINAL, STATE),
    ),
    Scenario(
        "Spine delivers the extract again after hours",
        "requester",
        (),
        (*INTEGRATED, Hold(), *_passes("PT3H"), Send(Message.EXTRACT, repeat="same id"), Hold()),
    ),
    Scenario(
        "the request is accepted after two weeks",
        "requester",
        ("RA-21",),
        (REGISTER, REQUESTED, Hold(), GIVEN_UP, Hold(), REQUEST_ACCEPTED, Hold(), STATE),
    ),
    Scenario(
        "the extract comes after two weeks",
        "requester",
        ("RT-01",),
        (*ACCEPTED, Hold(), GIVEN_UP, Hold(), EXTRACT, Hold(), STATE),
    ),
)
