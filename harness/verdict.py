"""Verdicts: one ordered list, with "our tool failed" and "not exercised" as members, and the roll-up.

No evidence is never a pass: a scenario without a single tested finding is NOT_TESTED, whatever else happened
(architecture, "Verdicts").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a finding says, worst first. The last three stand outside the order of tested findings."""

    ERROR = "ERROR"  # ours
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    REVIEW = "REVIEW"  # a registered ambiguity, or a case that rests on the field alone
    WARN = "WARN"  # a SHOULD
    UNPROVEN = "UNPROVEN"  # the check has no mutation that it kills
    PASS = "PASS"
    OBSERVED = "OBSERVED"  # a note; no verdict
    NOT_TESTED = "NOT_TESTED"  # always with its reason
    NOT_APPLICABLE = "NOT_APPLICABLE"


ORDER = (
    Outcome.ERROR,
    Outcome.FAIL,
    Outcome.INCONCLUSIVE,
    Outcome.REVIEW,
    Outcome.WARN,
    Outcome.UNPROVEN,
    Outcome.PASS,
)


class Basis(StrEnum):
    """On what a rule stands. Only the first two can FAIL."""

    PUBLISHED = "published id"
    OFFICIAL = "official validator or vector"
    FIELD = "observed in the field"
    PRODUCT = "one product's behaviour"


class Grade(StrEnum):
    """How it was seen."""

    WIRE = "wire"
    SERVICE = "service"
    HOOK = "hook"
    ATTESTED = "attested"


class Layer(StrEnum):
    """What a check reads: octets, messages and their order, service calls, or the hooks."""

    WIRE = "wire"
    MESSAGE = "message"
    SERVICE = "service"
    HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Where:
    """The place a finding points at: ledger entry, MIME part (0 is the envelope), line and byte offset; -1 = none."""

    entry: int = -1
    part: int = -1
    line: int = -1
    offset: int = -1
    path: str = ""

    def __str__(self) -> str:
        bits = [f"entry {self.entry}" if self.entry >= 0 else "", f"part {self.part}" if self.part >= 0 else ""]
        bits += [f"line {self.line}" if self.line >= 0 else "", f"byte {self.offset}" if self.offset >= 0 else ""]
        return ", ".join(bit for bit in (*bits, self.path) if bit)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw once.

    :param check: id of the check; ``requirements`` are the published ids it stands on.
    :param outcome: the finding's place in the order.
    :param expected: what the standard asks, in a few words; ``actual`` what was seen.
    :param reason: why it was not tested, not applicable, or is a review; empty otherwise.
    """

    check: str
    requirements: tuple[str, ...]
    outcome: Outcome
    sentence: str
    expected: str = ""
    actual: str = ""
    reason: str = ""
    where: Where = Where()
    basis: Basis = Basis.PUBLISHED
    grade: Grade = Grade.WIRE
    layer: Layer = Layer.MESSAGE
    remedy: str = ""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of the tested outcomes; NOT_TESTED when nothing was tested, NOT_APPLICABLE when nothing applied."""
    seen = set(outcomes)
    for outcome in ORDER:
        if outcome in seen:
            return outcome
    if Outcome.OBSERVED in seen:
        return Outcome.OBSERVED
    return Outcome.NOT_APPLICABLE if seen == {Outcome.NOT_APPLICABLE} else Outcome.NOT_TESTED


BAD = frozenset({Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNPROVEN})
STRICT = BAD | {Outcome.REVIEW, Outcome.WARN, Outcome.NOT_TESTED}


def exit_code(outcomes: Iterable[Outcome], *, strict: bool = False) -> int:
    """0 nothing worse than REVIEW, 1 a FAIL, INCONCLUSIVE or UNPROVEN, 3 our own failure. Empty is never green: 1."""
    seen = set(outcomes)
    if not seen:
        return 1
    if Outcome.ERROR in seen:
        return 3
    return 1 if seen & (STRICT if strict else BAD) else 0
