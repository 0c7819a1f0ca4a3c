"""JUnit XML for CI servers: a suite per feature, a case per scenario. Names are case ids: trends survive rewording."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from harness.report.diagram import text as diagram
from harness.report.model import FeatureView, RunView, ScenarioView
from harness.report.tally import message_of
from harness.report.words import (
    GRADES,
    RED,
    blob_path,
    clean,
    finding_word,
    requirements,
    scenario_word,
    why,
)
from harness.verdict import Finding, Outcome

FILE = "junit.xml"
_SKIPPED = (Outcome.NOT_TESTED, Outcome.NOT_APPLICABLE)


def render(run: RunView) -> bytes:
    """The run as JUnit XML, UTF-8, well-formed whatever the messages held.

    FAIL, INCONCLUSIVE and UNPROVEN are failures, ERROR (ours) is an error, NOT_TESTED and NOT_APPLICABLE are skipped
    with their reason; REVIEW and WARN pass, and say so in ``system-out``.
    """
    root = etree.Element("testsuites", name=clean(f"{run.product} {run.product_version}"), time=f"{run.seconds:.3f}")
    for feature in run.features:
        root.append(_suite(run, feature))
    if run.monitors:
        root.append(_suite(run, _whole_run(run)))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def write(run: RunView, folder: Path) -> Path:
    """Write ``junit.xml`` into an existing folder and return its path."""
    path = folder / FILE
    path.write_bytes(render(run))
    return path


def _whole_run(run: RunView) -> FeatureView:
    """The monitors as a suite of their own, one case per finding: an unattributed message must redden a CI too."""
    cases = tuple(
        ScenarioView(
            case=found.check,
            name=found.sentence,
            role="",
            tags=(),
            outcome=found.outcome,
            reason=found.reason,
            steps=(),
            findings=(found,),
            messages=(),
            seconds=0.0,
            again=run.command,
        )
        for found in run.monitors
    )
    return FeatureView("The run as a whole", "", "monitors", cases, Outcome.OBSERVED)


def _suite(run: RunView, feature: FeatureView) -> etree._Element:
    suite = etree.Element("testsuite", name=clean(feature.name), timestamp=clean(run.started[:19]))
    properties = etree.SubElement(suite, "properties")
    facts = {
        "product": run.product,
        "product_version": run.product_version,
        "release": run.release,
        "tool_version": run.tool_version,
        "seed": str(run.seed),
        "ledger_head": run.head,
    }
    for name, value in facts.items():
        etree.SubElement(properties, "property", name=name, value=clean(value))
    classname = clean(feature.path).removesuffix(".feature").replace("/", ".")
    cases = [_case(view, classname) for view in feature.scenarios]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(element) is not None for case in cases)))
    suite.set("time", f"{sum(view.seconds for view in feature.scenarios):.3f}")
    return suite


def _case(view: ScenarioView, classname: str) -> etree._Element:
    case = etree.Element("testcase", classname=classname, name=clean(view.case), time=f"{view.seconds:.3f}")
    if view.outcome in _SKIPPED:
        etree.SubElement(case, "skipped", message=_oneline(f"{_word(view)}: {_reason(view)}"))
    elif view.outcome in RED:
        element, kind = ("error", "harness") if view.outcome is Outcome.ERROR else ("failure", view.outcome.value)
        bad = [found for found in view.findings if found.outcome in RED]
        first = min(bad, key=lambda found: RED.index(found.outcome), default=None)
        message = f"{requirements(first)}: {first.sentence}" if first else f"{_word(view)}: {_reason(view)}"
        failure = etree.SubElement(case, element, type=kind, message=_oneline(message))
        blocks = [_block(view, found) for found in bad] or [f"{view.name}\n{_reason(view)}\nrun again: {view.again}\n"]
        failure.text = clean("\n".join(blocks))
    etree.SubElement(case, "system-out").text = clean(_account(view))
    return case


def _word(view: ScenarioView) -> str:
    return scenario_word(view.outcome, view.findings)


def _reason(view: ScenarioView) -> str:
    """Why the scenario has its verdict: its own reason, or those of its findings, each once."""
    said = dict.fromkeys(found.reason for found in view.findings if found.reason and found.outcome is view.outcome)
    return view.reason or "; ".join(said) or "no reason was recorded"


def _oneline(text: str) -> str:
    return " ".join(clean(text).split())


def _block(view: ScenarioView, found: Finding) -> str:
    """Requirement ids, sentence, expected, actual, where, why, and how to run it again."""
    message = message_of(view, found)
    facts = {
        "expected": found.expected,
        "actual": found.actual,
        "where": str(found.where),
        "octets": blob_path(message.blob) if message else "",
        "why": why(found),
        "remedy": found.remedy,
        "run again": view.again,
    }
    lines = [f"{finding_word(found)} {requirements(found)}: {found.sentence}"]
    return "\n".join([*lines, *(f"  {name + ':':<10} {value}" for name, value in facts.items() if value)]) + "\n"


def _account(view: ScenarioView) -> str:
    """The rest of the story: title, verdict and grade of every finding, and the diagram when it went wrong."""
    lines = [f"{view.case} {view.name}", f"verdict: {_word(view)}", f"tags: {' '.join(view.tags)}"]
    lines += [f"conversation: {one}" for one in view.conversations]
    for found in view.findings:
        tail = f" ({found.reason})" if found.reason else ""
        lines.append(f"{finding_word(found)} {requirements(found)}: {found.sentence}{tail}; {GRADES[found.grade]}")
    story = "\n".join(lines) + "\n"
    return f"{story}\n{diagram(view.messages)}" if view.outcome in RED else story
