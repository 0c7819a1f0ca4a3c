"""Whether Spine takes a message, and what it says when it does not: contract, addressee, time, and a new id.

A duplicate MessageId is decided by the table in ``simulator.protocol.exchange``; here it is only looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.protocol import answers, contract
from simulator.protocol.commands import Answer
from simulator.protocol.directory import Contract, Directory
from simulator.protocol.exchange import Answer as Doing
from simulator.protocol.exchange import Arrived, Inbound, arrived
from simulator.protocol.ids import Mint
from simulator.protocol.settings import Behaviour
from simulator.wire.ebxml import Envelope
from simulator.wire.times import instant


@dataclass(frozen=True, slots=True)
class Remembered:
    """An inbound exchange: what came under a (party, MessageId), and until when it is remembered."""

    digest: str
    until: datetime


class Admission:
    """The door of one hub. It keeps the inbound exchanges and decides nothing about what follows from a message."""

    def __init__(self, directory: Directory, behaviour: Behaviour, mint: Mint) -> None:
        self._directory = directory
        self._behaviour = behaviour
        self._mint = mint
        self._inbound: dict[tuple[str, str], Remembered] = {}

    def accepted(self, envelope: Envelope, now: datetime) -> Answer:
        """202 for a message that was taken."""
        return answers.accepted(envelope, self._mint.uuid("acknowledgment"), now, self._behaviour)

    def refusal(self, envelope: Envelope, soap_action: str, now: datetime) -> Answer | None:
        """Why Spine does not take the message, as the answer that says so; ``None`` when it takes it."""
        how = self._behaviour
        tokens = contract.broken(envelope)
        if tokens:
            return answers.contract_error(envelope, tokens, self._mint.uuid("error"), now, how)
        named = soap_action.strip().strip('"')
        if how.check_soap_action and named != f"{envelope.service}/{envelope.action}":
            return answers.unsupported(named)
        receiver = self._directory.by_party(envelope.to_party)
        if receiver is None:
            # The text is the one known producer's, "as per TMS Error Base v3.0".
            return self.error(envelope, "ValueNotRecognized", "501314:Invalid To Party Type attribute", now)
        if receiver.cpa_ids.get(envelope.action) != envelope.cpa_id:
            return self.error(envelope, "ValueNotRecognized", "501319:Unknown eb:CPAId", now)
        ends = instant(envelope.time_to_live)
        if how.enforce_time_to_live and ends is not None and ends < now:
            return self.error(envelope, "TimeToLiveExpired", f"TimeToLive {envelope.time_to_live}", now)
        return None

    def error(self, envelope: Envelope, code: str, text: str, now: datetime) -> Answer:
        """A MessageError with one error."""
        return answers.message_error(envelope, [(code, text)], self._mint.uuid("error"), now, self._behaviour)

    def exchange(self, envelope: Envelope, digest: str, now: datetime) -> Doing:
        """Ask the inbound table: is this (party, MessageId) new, a repeat, or an id used again for other bytes?"""
        key = (envelope.from_party, envelope.message_id.upper())
        known = self._inbound.get(key)
        if known is not None and known.until <= now:
            arrived(Inbound.ACCEPTED, Arrived.FORGOTTEN)
            del self._inbound[key]
            known = None
        event = Arrived.MESSAGE
        if known is not None:
            event = Arrived.SAME_MESSAGE if known.digest == digest else Arrived.SAME_ID_OTHER_BYTES
        _, doing = arrived(Inbound.UNSEEN if known is None else Inbound.ACCEPTED, event)
        if known is None:
            self._inbound[key] = Remembered(digest, self._expiry(envelope, now))
        return doing

    def patience(self, envelope: Envelope) -> timedelta:
        """How long a repeat may take: the contract's interval, and as much again for a slow start."""
        return self._terms(envelope).interval * 2 + timedelta(seconds=1)

    def _expiry(self, envelope: Envelope, now: datetime) -> datetime:
        """When the message's persistDuration ends, counted as the setting says.

        A Timestamp that is no time, lies in the future or is older than the duration is the sender's mistake and could
        make Spine forget at once or never: then the receipt counts [ours].
        """
        persist = self._terms(envelope).persist
        sent = instant(envelope.timestamp) if self._behaviour.expiry_from == "timestamp" else None
        return (sent if sent and now - persist < sent <= now else now) + persist

    def _terms(self, envelope: Envelope) -> Contract:
        receiver = self._directory.by_party(envelope.to_party)
        assert receiver is not None, "only what was not refused gets here"
        return receiver.contract_for(envelope.action)
