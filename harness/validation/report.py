"""What ``gp2gp validate`` tells of one file, and of all: plain values, so that nothing of the messages is kept."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.validation.found import Found, Item, Kind
from harness.validation.judge import Judgement, Official, judge
from harness.validation.worded import Finding
from harness.verdict import Outcome

SEVERITIES = (Outcome.FAIL, Outcome.WARN, Outcome.REVIEW)
NO_MESSAGE, UNREADABLE = "NO MESSAGE", "UNREADABLE"
_LARGE = 1_000_000
_FAULT = "it is a SOAP fault, with which Spine refuses: nothing in it is the practice's to write"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One message, or one file without.

    :param file: empty for standard input. :param expanded: whether lines count in what gzip held.
    :param reason: why there is no verdict; empty when there is one. :param failed: whether there ought to be one.
    """

    name: str
    file: str
    kind: str = ""
    interaction: str = ""
    findings: tuple[Finding, ...] = ()
    official: Official | None = None
    expanded: bool = False
    reason: str = ""
    failed: bool = False

    @property
    def verdict(self) -> str:
        """The worst severity, ``PASS`` without any finding, or why there is none in a word."""
        if self.reason:
            return UNREADABLE if self.failed else NO_MESSAGE
        return next((each.value for each in SEVERITIES if self.count(each)), Outcome.PASS.value)

    def count(self, severity: Outcome) -> int:
        """How many findings are of a severity."""
        return sum(each.severity is severity for each in self.findings)


def report(item: Item, pack: str, mim: Path | None) -> FileReport:
    """Judge one item."""
    found = item.found
    if found is None or found.kind is Kind.FAULT:
        return FileReport(item.name, item.file, reason=item.reason or _FAULT, failed=item.failed)
    judged: Judgement = judge(found, pack, mim)
    if len(found.subject.reading.payload) > _LARGE:
        gc.collect()  # the one before, whose nodes point to each other: two of them at most are kept
    interaction = found.subject.interaction or (
        found.subject.reading.envelope.action if found.subject.reading.envelope else ""
    )
    return FileReport(
        item.name,
        item.file,
        kind=", in ".join((found.kind, *reversed(found.around))),
        interaction=interaction[:200],
        findings=tuple(replace(each, file_line=_line(found, each)) for each in judged.findings),
        official=judged.official,
        expanded="gzip" in found.around,
    )


def _line(found: Found, finding: Finding) -> int:
    """The line of the file, or the line on which the part stands; -1 for what is about the package."""
    place = found.places.get(finding.part)
    return -1 if place is None else place.of(finding.line)


def exit_code(reports: Iterable[FileReport]) -> int:
    """0 no FAIL, 1 a FAIL, 2 something that ought to have been judged and could not be."""
    seen = {each.verdict for each in reports}
    return 1 if Outcome.FAIL.value in seen else 2 if UNREADABLE in seen else 0


def tally(reports: Sequence[FileReport]) -> Counter[str]:
    """How many files have each verdict."""
    return Counter(each.verdict for each in reports)
