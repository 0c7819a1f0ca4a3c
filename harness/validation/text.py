"""The findings for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import click

from harness.report.words import clean
from harness.validation.report import NO_MESSAGE, SEVERITIES, UNREADABLE, FileReport, tally
from harness.validation.worded import Finding
from harness.verdict import Outcome

_COLOURS = {"FAIL": "red", "WARN": "yellow", "REVIEW": "cyan", "PASS": "green", UNREADABLE: "red", NO_MESSAGE: None}
_PARTS = {0: "envelope", 1: "payload"}
_PLACES = 5  # places of one rule in one file that are shown; the other formats have them all


def render(reports: Sequence[FileReport]) -> str:
    """All reports and a last line; with colours, which whoever prints it strips where they do not belong."""
    lines = [line for each in reports for line in (*_file(each), *([""] if each.findings else []))]
    counts = tally(reports)
    told = ", ".join(f"{counts[word]} {word}" for word in _COLOURS if counts[word])
    return "\n".join([*lines, f"{len(reports)} in all: {told}"]) + "\n"


def _file(report: FileReport) -> Iterator[str]:
    name = click.style(_one_line(report.name), bold=True)
    if report.reason:
        yield f"{name}: {_word(report.verdict)}: {_one_line(report.reason)}"
        return
    kind = ", ".join(each for each in (report.kind, report.interaction) if each)
    if not report.findings:
        yield f"{name} ({_one_line(kind)}): {_summary(report)}"
        return
    yield f"{name} ({_one_line(kind)})"
    seen: Counter[str] = Counter()
    totals = Counter(each.rule for each in report.findings)
    for finding in report.findings:
        seen[finding.rule] += 1
        if seen[finding.rule] <= _PLACES:
            yield from _finding(report, finding)
        elif seen[finding.rule] == totals[finding.rule]:
            yield f"  {'':<6} {finding.rule}: {totals[finding.rule] - _PLACES} more places (--json has them all)"
    yield f"  {_summary(report)}"


def _summary(report: FileReport) -> str:
    counts = ", ".join(
        f"{report.count(severity)} {severity.value}" for severity in SEVERITIES if report.count(severity)
    )
    said = ": ".join(each for each in (_word(report.verdict), counts) if each)
    if report.official is not None:
        said += f"; official schema: {report.official.verdict}"
        said += f" ({_one_line(report.official.missing)})" if report.official.missing else ""
    return said


def _finding(report: FileReport, finding: Finding) -> Iterator[str]:
    cited = ", ".join((*finding.requirements, finding.rule))
    yield f"  {_word(finding.severity.value, 6)} {cited}: {finding.sentence}"
    facts = {
        "where": _where(report, finding),
        "XPath": finding.path,
        "expected": finding.expected,
        "found": finding.found,
        "cause": finding.cause,
        "remedy": finding.remedy,
    }
    yield from (f"         {name:<9} {_one_line(value)}" for name, value in facts.items() if value)


def _where(report: FileReport, finding: Finding) -> str:
    """file:line, which editors and terminals open; then the part, and its own line where that is another one."""
    file = report.file or report.name
    bits = [f"{file}:{finding.file_line}" if finding.file_line > 0 else file]
    part = _PARTS.get(finding.part, f"part {finding.part}" if finding.part > 0 else "package")
    own = finding.line if finding.line > 0 and finding.line != finding.file_line else 0
    if finding.part != 1 or own:
        bits.append(f"{part} line {own}" if own else part)
    if report.expanded:
        bits.append("as expanded")
    return ", ".join(bits)


def _word(word: str, width: int = 0) -> str:
    return click.style(f"{word:<{width}}", fg=_COLOURS.get(word), bold=word in (Outcome.FAIL.value, UNREADABLE))


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
