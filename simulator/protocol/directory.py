"""Who is who: practices, their accredited system, party key, contracts and endpoints. A look-up on values.

One CPA id per party and interaction: it names the *receiver's* contract, as captures show (three acknowledgements from
two senders to one receiver carry one CPA id). What SDS publishes is read from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from simulator.wire import names
from simulator.wire.times import duration


@dataclass(frozen=True, slots=True)
class Contract:
    """Contract properties as SDS publishes them; durations are ISO 8601 texts, kept as published.

    Defaults are the values of the integration environment for GP2GP's forward-reliable interactions.
    """

    retries: int = 2
    retry_interval: str = "PT2H"
    persist_duration: str = "PT4H10M"
    sync_reply_mode: str = "None"
    ack_requested: str = "always"
    duplicate_elimination: str = "always"
    actor: str = names.ACTOR_NEXT_MSH

    @property
    def interval(self) -> timedelta:
        """``retry_interval`` as a time span; a text that is no duration counts as none at all."""
        return duration(self.retry_interval) or timedelta(0)

    @property
    def persist(self) -> timedelta:
        """``persist_duration`` as a time span."""
        return duration(self.persist_duration) or timedelta(0)


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: the SUT, a peer of ours (``ours``), or one that is only registered.

    :param endpoint: URL that Spine delivers to; empty for a peer, which lives inside.
    :param cpa_ids: CPA id by interaction id; an interaction without one is not registered.
    """

    ods: str
    asid: str
    party_key: str
    name: str = ""
    endpoint: str = ""
    ours: bool = False
    cpa_ids: Mapping[str, str] = field(default_factory=dict)
    contract: Contract = Contract()
    contracts: Mapping[str, Contract] = field(default_factory=dict)

    def contract_for(self, interaction: str) -> Contract:
        """The contract of one interaction."""
        return self.contracts.get(interaction, self.contract)


class Directory:
    """Practices by party key, ASID and ODS code. Keys are compared as written: party keys are case-sensitive."""

    def __init__(self, practices: Iterable[Practice] = ()) -> None:
        self._by_party: dict[str, Practice] = {}
        self._by_asid: dict[str, Practice] = {}
        self._by_ods: dict[str, list[Practice]] = {}
        for practice in practices:
            self.add(practice)

    def add(self, practice: Practice) -> None:
        """Register ``practice``; the same party key again replaces the earlier row."""
        old = self._by_party.get(practice.party_key)
        if old is not None:
            self._by_ods[old.ods].remove(old)
            self._by_asid.pop(old.asid, None)
        self._by_party[practice.party_key] = practice
        self._by_asid[practice.asid] = practice
        self._by_ods.setdefault(practice.ods, []).append(practice)

    def by_party(self, party_key: str) -> Practice | None:
        """The practice of a party key."""
        return self._by_party.get(party_key)

    def by_asid(self, asid: str) -> Practice | None:
        """The practice of an accredited system."""
        return self._by_asid.get(asid)

    def by_ods(self, ods: str) -> tuple[Practice, ...]:
        """Every practice registered under an ODS code: usually one; codes 24 and 14 are about none and several."""
        return tuple(self._by_ods.get(ods, ()))

    def all(self) -> tuple[Practice, ...]:
        """Everybody, in the order of registration."""
        return tuple(self._by_party.values())
