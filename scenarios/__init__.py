"""What our side will do: the library that features cite by name. Typed data, no logic; frozen once imported."""

from __future__ import annotations

from types import MappingProxyType

from scenarios import documents, ending, passing, receiving, requesting, sending, travelling
from scenarios.disturbing import JOINT, disturbed
from scenarios.model import Scenario

ALL: tuple[Scenario, ...] = (
    *requesting.SCENARIOS,
    *receiving.SCENARIOS,
    *documents.SCENARIOS,
    *travelling.SCENARIOS,
    *sending.SCENARIOS,
    *ending.SCENARIOS,
    *passing.SCENARIOS,
)
LIBRARY = MappingProxyType({scenario.name: scenario for scenario in ALL})
if len(LIBRARY) != len(ALL):
    raise ValueError("two scenarios have one name")


def find(name: str) -> Scenario:
    """The scenario of a name, which may go on: ", when Spine loses the request twice".

    :raises KeyError: when there is no such scenario. :raises ValueError: for a disturbance that nobody can play in it.
    """
    plain, *sentences = name.split(JOINT)
    return disturbed(LIBRARY[plain], tuple(sentences)) if sentences else LIBRARY[plain]


__all__ = ["ALL", "LIBRARY", "Scenario", "find"]
