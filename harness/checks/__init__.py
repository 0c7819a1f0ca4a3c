"""The checks: pure functions from evidence to findings. Importing this package fills the register, once."""

from __future__ import annotations

from harness.checks import (
    answering,
    disturbed,
    documents,
    envelope,
    notes,
    receiving,
    requester,
    sender,
    shape,
    transport,
    wrapper,
)
from harness.checks.register import BY_SENTENCE, CHECKS, Check, run

__all__ = [
    "BY_SENTENCE",
    "CHECKS",
    "Check",
    "answering",
    "disturbed",
    "documents",
    "envelope",
    "notes",
    "receiving",
    "requester",
    "run",
    "sender",
    "shape",
    "transport",
    "wrapper",
]
