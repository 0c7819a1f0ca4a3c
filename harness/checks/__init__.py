"""The checks: pure functions from evidence to findings. Importing this package fills the register, once."""

from __future__ import annotations

from harness.checks import envelope, requester, sender, transport, wrapper
from harness.checks.register import BY_SENTENCE, CHECKS, Check, run

__all__ = ["BY_SENTENCE", "CHECKS", "Check", "envelope", "requester", "run", "sender", "transport", "wrapper"]
