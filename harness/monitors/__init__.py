"""The monitors: rules over every conversation of a run, whatever its scenario is about. Importing fills the register."""

from __future__ import annotations

from harness.monitors import addressing, clock, identity, order
from harness.monitors.register import MONITORS
from harness.monitors.run import QUIET, Watched, of_case, of_run, watch, watch_all, whole_run

__all__ = [
    "MONITORS",
    "QUIET",
    "Watched",
    "addressing",
    "clock",
    "identity",
    "of_case",
    "of_run",
    "order",
    "watch",
    "watch_all",
    "whole_run",
]
