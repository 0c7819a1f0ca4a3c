"""What Spine does wrong on purpose, in the words of a feature's When: selector, action and count become a ``Fault``.

"When Spine loses the request twice", "holds the extract for 3 hours", "answers the extract with a SOAP fault". Which way a
message goes follows from the system's role; what an action does is said in ``simulator.protocol.faults``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scenarios.model import Scenario
from simulator.protocol import faults
from simulator.protocol.script import Fault
from simulator.wire.interactions import Interaction

REQUEST, EXTRACT, ACK = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id, Interaction.ACKNOWLEDGEMENT.id

# Message: interaction, and which role sends it. Of each kind of acknowledgement a practice sends one and receives one.
MESSAGES = {
    "request": (REQUEST, "requester"),
    "extract": (EXTRACT, "sender"),
    "answer to the request": (ACK, "sender"),
    "final acknowledgement": (ACK, "requester"),
}
TIMES = {None: 1, "twice": 2, "three times": 3, "for good": 99}
UNITS = {"minute": "PT{}M", "hour": "PT{}H", "day": "P{}D"}

_THE = r"the (?P<message>" + "|".join(sorted(MESSAGES, key=len, reverse=True)) + ")"
_COUNT = r"( (?P<count>twice|three times|for good))?"

# In both columns: what is done to a message on its way to the system, and to one that the system has posted.
PHRASES: tuple[tuple[str, str, str], ...] = (
    (rf"loses the acknowledgement of {_THE}", faults.LOSE_THE_ANSWER, faults.LOSE_THE_ACKNOWLEDGEMENT),
    (rf"loses {_THE}{_COUNT}", faults.LOSE, ""),
    (rf"holds {_THE} for (?P<number>\d+) (?P<unit>minute|hour|day)s?", faults.HOLD_BACK, ""),
    (rf"delivers {_THE} after what follows it", faults.LET_OVERTAKE, ""),
    (rf"delivers {_THE} twice", faults.DELIVER_TWICE, ""),
    (rf"delivers {_THE} with a damaged octet", faults.DAMAGE_OCTET, ""),
    (rf"delivers {_THE} with a damaged field", faults.DAMAGE_FIELD, ""),
    (rf"delivers {_THE} without its payload", faults.LOSE_PART, ""),
    (rf"delivers {_THE} in another character set", faults.DAMAGE_CHARSET, ""),
    (rf"delivers {_THE} cut short", faults.CUT_SHORT, ""),
    (rf"delivers {_THE} when its time to live is over", faults.EXPIRE, ""),
    (rf"breaks off in the middle of {_THE}", faults.BREAK_OFF, ""),
    (rf"delivers {_THE} in drips", faults.DRIP, ""),
    (rf"delivers {_THE} under a certificate of an unknown authority", faults.STRANGE_CERTIFICATE, ""),
    (rf"delivers {_THE} under an expired certificate", faults.EXPIRED_CERTIFICATE, ""),
    (rf"delivers {_THE} without a certificate", faults.NO_CERTIFICATE, ""),
    (rf"answers {_THE} with 500{_COUNT}", "", faults.ANSWER_500),
    (rf"answers {_THE} with a SOAP fault", "", faults.SOAP_FAULT),
    (rf"answers {_THE} with a MessageError", "", faults.REFUSE),
    (rf"refuses {_THE} with an HL7 NACK", "", faults.NACK),
    (rf"breaks off instead of answering {_THE}", "", faults.BREAK_OFF_ANSWER),
    (rf"answers {_THE} in drips", "", faults.DRIP_ANSWER),
)


def fault(sentence: str, role: str) -> Fault:
    """The fault that a When names, for a system in ``role``. :raises ValueError: one sentence on what is wrong with it."""
    for phrase, delivered, posted in PHRASES:
        found = re.fullmatch(f"Spine {phrase}", sentence)
        if found is None:
            continue
        groups = found.groupdict()
        interaction, speaker = MESSAGES[groups["message"]]
        action = posted if speaker == role else delivered
        if not action:
            whose = "sends" if speaker == role else "receives"
            raise ValueError(f"{sentence!r} cannot happen to a message that the system {whose}")
        number, unit = groups.get("number"), groups.get("unit")
        return Fault(
            faults.ACTIONS[action].towards,
            action,
            interaction,
            count=TIMES[groups.get("count")],
            length=UNITS[unit].format(number) if unit else "",
        )
    raise ValueError(f"nobody knows how to play {sentence!r}")


def disturbed(scenario: Scenario, sentences: tuple[str, ...]) -> Scenario:
    """``scenario`` with what Spine does wrong in it. :raises ValueError: as :func:`fault`."""
    added = tuple(fault(sentence, scenario.role) for sentence in sentences)
    return replace(scenario, name=named(scenario.name, sentences), cases=(), faults=(*scenario.faults, *added))


def named(name: str, sentences: tuple[str, ...]) -> str:
    """How a scenario is called with what Spine does wrong in it."""
    return JOINT.join((name, *sentences))


JOINT = ", when "
