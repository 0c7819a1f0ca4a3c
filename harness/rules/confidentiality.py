"""What the patient is not to see: only an extract with redaction says so, and only in one way."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.record import STATEMENTS, every, flaw, name
from harness.rules.register import EXTRACTS, REDACTED, Flaw, Subject, rule
from harness.verdict import Basis
from simulator.wire.interactions import Interaction

_SYSTEM = "2.16.840.1.113883.4.642.3.47"
_STATEMENTS = frozenset(STATEMENTS) - {"EhrEmpty"}


@rule(
    "R-confidentiality-01",
    "only an extract with redaction, RCMR_IN030000UK07, marks what the patient is not to see",
    "V-89",
    basis=Basis.OFFICIAL,
    interactions=(Interaction.EHR_EXTRACT.id,),
    remedy="Send the extract as RCMR_IN030000UK07 when anything in it is restricted.",
)
def only_where_redacted(subject: Subject) -> Iterator[Flaw]:
    """confidentialityCode in UK06, whose schema has none."""
    for code in every(subject, "confidentialityCode"):
        yield flaw("no confidentialityCode in UK06", code.get("code") or "one", code)


@rule(
    "R-confidentiality-02",
    "what the patient is not to see is marked NOPAT",
    "V-89",
    basis=Basis.FIELD,
    level="SHOULD",
    interactions=(REDACTED,),
)
def marked_nopat(subject: Subject) -> Iterator[Flaw]:
    """confidentialityCode/@code."""
    for code in every(subject, "confidentialityCode"):
        if code.get("code") != "NOPAT":
            yield flaw("NOPAT", code.get("code") or code.get("nullFlavor") or "none", code)


@rule(
    "R-confidentiality-03",
    "the mark NOPAT names the code system that it is of",
    "V-89",
    basis=Basis.FIELD,
    level="SHOULD",
    interactions=(REDACTED,),
)
def marked_by_system(subject: Subject) -> Iterator[Flaw]:
    """confidentialityCode/@codeSystem."""
    for code in every(subject, "confidentialityCode"):
        if code.get("codeSystem") != _SYSTEM:
            yield flaw(_SYSTEM, code.get("codeSystem") or "none", code)


@rule(
    "R-confidentiality-04",
    "only compositions, documents and the statements that can be restricted carry a mark, and each carries one",
    "V-89",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def marked_once(subject: Subject) -> Iterator[Flaw]:
    """Parents of confidentialityCode: ten classes of RCMR_MT030101UK05 have it, once."""
    seen = set()
    for code in every(subject, "confidentialityCode"):
        holder = code.getparent()
        if (
            holder is None
            or name(holder) not in _STATEMENTS | {"ehrComposition", "referredToExternalDocument"}
            or holder in seen
        ):
            yield flaw("one mark, in one of ten classes", "none" if holder is None else name(holder), code)
        seen.add(holder)
