"""The steps that scenarios are put together from: what our side says by the book, and what is asked of the system."""

from __future__ import annotations

from fixtures.factory import Attachment
from simulator.protocol.script import Ask, Await, Hold, Message, Send
from simulator.wire.interactions import Interaction

UK05, UK06, UK13 = (each.id for each in (Interaction.EHR_REQUEST, Interaction.EHR_EXTRACT, Interaction.ACKNOWLEDGEMENT))
STATE = Ask("state", optional=True)
NOTICES = Ask("notices", optional=True)

OFF = Ask("configure", {"condition": "disabled"})
ON = Ask("configure", {"condition": "disabled", "value": "off"})

# What an earlier practice sent in place of a document; it is a document of the record since.
PLACEHOLDER = Attachment(
    "old scan.tif",
    "text/plain",
    data=b"The following file could not be included with the Electronic Record:\r\nold scan.tif\r\n"
    b"X91099:0D4E2A66-9B1C-4C57-8F1B-2E5B3C7A9D10\r\nReason:02:File deleted",
    absent=True,
)

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
