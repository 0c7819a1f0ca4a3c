"""The steps that scenarios are put together from: what our side says by the book, and what is asked of the system."""

from __future__ import annotations

from simulator.protocol.script import Ask, Await, Hold, Message, Send
from simulator.wire.interactions import Interaction

UK05, UK06 = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id
STATE = Ask("state", optional=True)
NOTICES = Ask("notices", optional=True)

# The system under test asks for the record.
REGISTER = Ask("register")
REQUEST = Await(Message.REQUEST)
ACCEPT = Send(Message.REQUEST_ANSWER)
EXTRACT = Send(Message.EXTRACT)
INTEGRATE = Ask("decide", {"decision": "integrate"})
FINAL = Await(Message.FINAL_ANSWER)
FILED = Ask("filed", optional=True)

# It may have refused the extract by itself, and then there is nothing to decide.
INTEGRATE_IF_KEPT = Ask("decide", {"decision": "integrate"}, optional=True)

ACCEPTED = (REGISTER, REQUEST, ACCEPT)
INTEGRATED = (*ACCEPTED, EXTRACT, Hold(), INTEGRATE, FINAL, STATE)


def odd(*variants: str) -> Send:
    """The extract with variants."""
    return Send(Message.EXTRACT, variants=variants)
