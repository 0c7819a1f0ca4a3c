"""What a peer does in a transfer that nobody announced (`gp2gp serve --sut`): no feature asks for these, so no run plays them."""

from __future__ import annotations

from scenarios.model import Scenario
from simulator.protocol.script import Await, Message, Send

# Of a patient whom the pool gives no script: the record is sent, and what becomes of it awaited.
DEFAULT = "the record is integrated"

# S30, TD51.3: a peer that does not have the patient says so.
STRANGER = Scenario(
    "a record is requested that the peer does not have",
    "requester",
    (),
    (Await(Message.REQUEST), Send(Message.REQUEST_ANSWER, code="06")),
    code="06",
)
# TD27.1, TD21: what was never asked for is refused.
UNASKED = Scenario(
    "an extract is sent that nobody requested",
    "sender",
    (),
    (Await(Message.EXTRACT), Send(Message.FINAL_ANSWER, code="09")),
    code="09",
)
