"""The checks: pure functions from evidence to findings. Importing this package fills the register, once."""

from __future__ import annotations

from harness.checks import (
    answering,
    directory,
    disturbed,
    documents,
    envelope,
    notes,
    receiving,
    requester,
    sender,
    shape,
    switched,
    telling,
    transport,
    wrapper,
)
from harness.checks.register import BY_SENTENCE, CHECKS, Check, run

__all__ = [
    "BY_SENTENCE",
    "CHECKS",
    "Check",
    "answering",
    "directory",
    "disturbed",
    "documents",
    "envelope",
    "notes",
    "receiving",
    "requester",
    "run",
    "sender",
    "shape",
    "switched",
    "telling",
    "transport",
    "wrapper",
]
