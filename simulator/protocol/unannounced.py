"""Transfers that nobody announced: by which plan a peer answers one. The plans are data, made by whoever serves."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from simulator.protocol.attribution import Attribution
from simulator.protocol.directory import Directory, Practice
from simulator.protocol.plan import Plan
from simulator.wire import gp2gp
from simulator.wire.reading import Reading


@dataclass(frozen=True, slots=True)
class Unannounced:
    """What the peers do.

    :param known: by NHS number, the plan for a request for each patient whose record a peer has.
    :param stranger: for a request for anybody else, or to a peer that does not have the record.
    :param unasked: for an extract that nobody requested.
    """

    known: Mapping[str, Plan]
    stranger: Plan
    unasked: Plan
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def begins(self, reading: Reading, directory: Directory, attribution: Attribution) -> Plan | None:
        """The plan of the transfer that a message of the system begins; ``None`` when it belongs to one already.

        The transfer is remembered before Spine takes the message: a repeat of what it refuses is the same transfer.
        """
        envelope = reading.envelope
        if envelope is None or attribution.follows(envelope):
            return None
        receiver, sender = directory.by_party(envelope.to_party), directory.by_party(envelope.from_party)
        if receiver is None or not receiver.ours or sender is None or sender.ours:
            return None
        plan = self._plan(reading, receiver)
        if plan is not None:
            attribution.remember(plan.case, message_id=envelope.message_id, conversation=envelope.conversation_id)
        return plan

    def _plan(self, reading: Reading, receiver: Practice) -> Plan | None:
        message = reading.message
        if isinstance(message, gp2gp.EhrRequest):
            known = self.known.get(message.nhs_number)
            at_home = known is not None and known.peer.party_key == receiver.party_key
            template = known if known is not None and at_home else self.stranger
        elif isinstance(message, gp2gp.EhrExtract):
            template = self.unasked
        else:
            return None
        plan = _cast(template, receiver, message.nhs_number, f"unannounced-{next(self.numbers):03d}")
        return replace(plan, conversation=reading.envelope.conversation_id if reading.envelope else "")


def _cast(template: Plan, receiver: Practice, nhs_number: str, case: str) -> Plan:
    """The template as one case; ids are its own, however often the patient comes."""
    theirs = tuple(each for each in template.patients if each.nhs_number == nhs_number)
    rows = [asdict(each) for each in theirs] or [{"nhs_number": nhs_number}]
    facts = {**template.facts, "case": case, "peer": asdict(receiver), "patients": rows}
    key = hashlib.sha256(template.key + case.encode()).digest()
    # Nobody becomes known to PDS by being asked for: a stranger is no patient of the plan.
    return replace(template, case=case, key=key, peer=receiver, patients=theirs, facts=facts)
