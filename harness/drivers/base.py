"""How a SUT is set going: one protocol for every driver, and the outcome of a hook call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


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
