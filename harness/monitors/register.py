"""The register of monitors. A monitor is a check that no feature names: it is run on every case, and may see nothing."""

from __future__ import annotations

from collections.abc import Callable

from harness.checks.register import Check, Function
from harness.requirements import cite
from harness.verdict import Basis, Layer

MONITORS: dict[str, Check] = {}


def monitor(
    identifier: str,
    sentence: str,
    *requirements: str,
    layer: Layer = Layer.MESSAGE,
    remedy: str = "",
    notes: bool = False,
) -> Callable[[Function], Function]:
    """Register a monitor. :raises ValueError: for an unknown requirement, or an id used twice."""

    def put(function: Function) -> Function:
        cite(f"monitor {identifier}", requirements)
        if identifier in MONITORS:
            raise ValueError(f"monitor {identifier} is registered twice")
        row = Check(identifier, sentence, requirements, layer, Basis.PUBLISHED, remedy, function, notes)
        MONITORS[identifier] = row
        return function

    return put
