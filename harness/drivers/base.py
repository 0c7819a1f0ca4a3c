"""How a SUT is set going: one protocol for every driver, and what the drivers that carry hook calls have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

# A status that says "this system has no such verb", over HTTP and in the answer line of a program alike.
NOT_OFFERED = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a hook call.

    :param outcome: "done", "not offered" (the verb is missing) or "failed".
    :param result: what the hook gave back. :param grade: "hook", or "attested" for a person's word.
    """

    outcome: str
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    grade: str = "hook"


class DriverTrouble(Exception):
    """The system under test cannot be reached or does not say what it can; one sentence for the user."""


class Driver(Protocol):
    """A driver. Every method may be called from several threads at once, except of the manual one."""

    parallel: bool

    def start(self) -> dict[str, Any]:
        """Reach the system and return its capabilities. :raises DriverTrouble: when it is not there."""
        ...

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Call one verb of the hook contract. Never raises for what the system does."""
        ...

    def stop(self) -> None:
        """Let go of the system."""
        ...


class HookDriver:
    """A driver that carries each call to something of the supplier's; how, is :meth:`carry`.

    :param where: how the user knows what is called. :param remedy: what to do when it does not answer at all.
    """

    parallel = True

    def __init__(self, where: str, remedy: str) -> None:
        self._where, self._remedy = where, remedy
        self._verbs: frozenset[str] | None = None

    def start(self) -> dict[str, Any]:
        """Ask what the system can do."""
        called = self.call("capabilities", {})
        if called.outcome != "done":
            said = called.error or called.outcome
            raise DriverTrouble(f"{self._where} not answer 'capabilities' ({said}); {self._remedy}.")
        verbs = called.result.get("verbs", ())
        self._verbs = frozenset(map(str, verbs if isinstance(verbs, list) else ()))
        return called.result

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Call one verb."""
        if self._verbs is not None and verb not in self._verbs:
            return _missing(verb)
        return self.carry(verb, body)

    def carry(self, verb: str, body: dict[str, Any]) -> Called:
        """Carry one call over and its answer back. Never raises for what the system does."""
        raise NotImplementedError


def answered(verb: str, status: int, result: object) -> Called:
    """What an answer means, whatever carried it (docs/hooks.openapi.json): a status as in HTTP, and an object."""
    if status in NOT_OFFERED:
        return _missing(verb)
    if status >= 400 or not isinstance(result, dict):
        said = result.get("error", "") if isinstance(result, dict) else ""
        return Called("failed", error=f"the hook '{verb}' answered {status} {said}".strip())
    return Called("done", result)


def _missing(verb: str) -> Called:
    return Called("not offered", error=f"the system does not offer the hook '{verb}'")
