"""Rules beyond XSD. Importing this package fills the register, once."""

from __future__ import annotations

from harness.rules.register import RULES, Flaw, Rule, Subject

__all__ = ["RULES", "Flaw", "Rule", "Subject"]
