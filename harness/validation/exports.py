"""The findings for programs: JSON of our own, SARIF 2.1.0 for code scanning, JUnit XML for CI servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
from lxml import etree

import gp2gp_conformance
from harness.report.words import clean
from harness.rules import RULES, Rule
from harness.validation.judge import severity
from harness.validation.report import SEVERITIES, UNREADABLE, FileReport, tally
from harness.validation.worded import Finding
from harness.verdict import Outcome

Json = dict[str, Any]

FORMAT = "gp2gp-validate/1"
SCHEMA = Path(__file__).with_name("validate.schema.json")
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Outcome.FAIL: "error", Outcome.WARN: "warning", Outcome.REVIEW: "none"}


@cache
def schema() -> Json:
    """The JSON Schema of :func:`as_json`."""
    read: Json = json.loads(SCHEMA.read_text("utf-8"))
    return read


def as_json(reports: Sequence[FileReport], pack: str) -> str:
    """Everything. :raises jsonschema.ValidationError: when it breaks its own schema, which is a bug of ours."""
    counts = tally(reports)
    document: Json = {
        "format": FORMAT,
        "tool_version": gp2gp_conformance.__version__,
        "profile": pack,
        "summary": {"files": len(reports), "verdicts": dict(sorted(counts.items()))},
        "files": [_file(each) for each in reports],
    }
    jsonschema.validate(document, schema())
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _file(report: FileReport) -> Json:
    official = report.official
    return {
        "name": clean(report.name),
        "file": clean(report.file),
        "kind": report.kind,
        "interaction": clean(report.interaction),
        "verdict": report.verdict,
        "reason": clean(report.reason),
        "official": None
        if official is None
        else {
            "verdict": official.verdict,
            "reason": clean(official.missing),
            "errors": [{"line": e.line, "path": clean(e.path), "text": clean(e.text)} for e in official.errors],
        },
        "findings": [_finding(each) for each in report.findings],
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "requirements": list(finding.requirements),
        "severity": finding.severity.value,
        "basis": finding.basis.value,
        "sentence": finding.sentence,
        "part": finding.part,
        "line": finding.line,
        "file_line": finding.file_line,
        "path": clean(finding.path),
        "expected": clean(finding.expected),
        "found": clean(finding.found),
        "cause": clean(finding.cause),
        "remedy": clean(finding.remedy),
    }


# -- SARIF


def as_sarif(reports: Sequence[FileReport]) -> str:
    """SARIF 2.1.0. A REVIEW is of that kind, and then has no level (§3.27.9, §3.27.10)."""
    rules = {each.id: _sarif_rule(each) for each in RULES.values()}
    for report in reports:
        for finding in report.findings:
            rules.setdefault(finding.rule, _found_rule(finding))
    numbers = {identifier: number for number, identifier in enumerate(rules)}
    driver = {
        "name": "gp2gp validate",
        "version": gp2gp_conformance.__version__,
        "rules": list(rules.values()),
    }
    results = [_result(report, each, numbers) for report in reports for each in report.findings]
    notes = [_notification(each) for each in reports if each.failed]
    invocation = {"executionSuccessful": not notes, "toolExecutionNotifications": notes}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: Rule) -> Json:
    about = _described(rule.id, rule.sentence, rule.requirements, rule.remedy, severity(rule))
    return {**about, "fullDescription": {"text": rule.doc or rule.sentence}}


def _found_rule(finding: Finding) -> Json:
    """The rule of what a reader or a schema found."""
    return _described(finding.rule, finding.sentence, finding.requirements, finding.remedy, finding.severity)


def _described(identifier: str, sentence: str, required: tuple[str, ...], remedy: str, worth: Outcome) -> Json:
    help_text = " ".join((remedy, f"It stands on {', '.join(required)}; see: gp2gp explain {required[0]}")).strip()
    return {
        "id": identifier,
        "shortDescription": {"text": sentence},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[worth]},
        "properties": {"tags": list(required)},
    }


def _result(report: FileReport, finding: Finding, numbers: dict[str, int]) -> Json:
    physical: Json = {"artifactLocation": {"uri": _uri(report)}}
    if finding.file_line > 0 and not report.expanded:
        physical["region"] = {"startLine": finding.file_line}
    place: Json = {"physicalLocation": physical}
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": clean(finding.path)}]
    facts = (
        ("Expected", finding.expected),
        ("Found", finding.found),
        ("Cause", finding.cause),
        ("Remedy", finding.remedy),
    )
    text = ". ".join((finding.sentence.rstrip("."), *(f"{name}: {clean(value)}" for name, value in facts if value)))
    return {
        "ruleId": finding.rule,
        "ruleIndex": numbers[finding.rule],
        "kind": "review" if finding.severity is Outcome.REVIEW else "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [place],
    }


def _notification(report: FileReport) -> Json:
    return {
        "level": "error",
        "message": {"text": clean(report.reason)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(report)}}}],
    }


def _uri(report: FileReport) -> str:
    """Relative to where the command runs, as code scanning wants it; a whole one for a file elsewhere."""
    if not report.file:
        return "stdin"
    path = Path(report.file).absolute()
    if path.is_relative_to(Path.cwd()):
        return quote(path.relative_to(Path.cwd()).as_posix())
    return path.as_uri()


# -- JUnit


def as_junit(reports: Sequence[FileReport]) -> str:
    """A case for each message: FAIL is a failure, what could not be judged an error, what is no message is skipped."""
    suite = etree.Element("testsuite", name="gp2gp validate")
    suite.extend(_case(each) for each in reports)
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(element) is not None for case in suite)))
    suite.set("tests", str(len(reports)))
    root = etree.Element("testsuites")
    root.append(suite)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True).decode("utf-8")


def _case(report: FileReport) -> etree._Element:
    case = etree.Element("testcase", classname=clean(report.interaction or "file"), name=clean(report.name))
    if report.reason:
        element = "error" if report.verdict == UNREADABLE else "skipped"
        etree.SubElement(case, element, message=clean(report.reason))
        return case
    failed = [each for each in report.findings if each.severity is Outcome.FAIL]
    if failed:
        failure = etree.SubElement(
            case, "failure", type="FAIL", message=f"{len(failed)} FAIL, first: {failed[0].sentence}"
        )
        failure.text = clean("\n".join(_lines(report, failed)))
    others = [each for each in report.findings if each.severity is not Outcome.FAIL]
    if others:
        etree.SubElement(case, "system-out").text = clean("\n".join(_lines(report, others)))
    return case


def _lines(report: FileReport, findings: Sequence[Finding]) -> Iterator[str]:
    for each in sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        where = f"{report.file}:{each.file_line}" if each.file_line > 0 else report.file
        yield f"{each.severity.value} {', '.join(each.requirements)} {each.rule}: {each.sentence}"
        yield f"  {where} {each.path}; expected: {each.expected}; found: {each.found}"
