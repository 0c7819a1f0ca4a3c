"""Rules beyond XSD. Importing this package fills the register, once."""

from __future__ import annotations

from harness.rules import (  # noqa: F401 -- imported for the rules that they register
    acknowledgement,
    allergies,
    attachments,
    codes,
    confidentiality,
    copc,
    dates,
    descriptions,
    directory,
    documents,
    envelope,
    extract,
    identifiers,
    large,
    linksets,
    manifest,
    medication,
    placeholders,
    pmip,
    references,
    request,
    settings,
    statements,
    structure,
    values,
    wrapper,
)
from harness.rules.register import RULES, Flaw, Rule, Subject

__all__ = ["RULES", "Flaw", "Rule", "Subject"]
