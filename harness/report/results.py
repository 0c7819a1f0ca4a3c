"""results.json: the run for machines. Verdicts, findings and where to look; the octets stay in the ledger, once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from harness.report.anchors import Anchors, anchors, monitor_anchors
from harness.report.model import FeatureView, MessageView, PartView, RunView, ScenarioView, StepView
from harness.report.tally import grades, headline, verdicts
from harness.report.words import blob_path, clean, finding_word, scenario_word
from harness.verdict import Finding

Json = dict[str, Any]

FILE = "results.json"
FORMAT = "gp2gp-conformance-results/1"
_SCHEMA = Path(__file__).with_name("results.schema.json")


def dump(run: RunView) -> Json:
    """The run as plain JSON values, members in a fixed order; same run, same octets.

    ``id`` members are the anchors of the HTML report. Part texts and HTTP heads are left out: they are in the ledger.
    """
    ids = iter(anchors(run))
    return {
        "format": FORMAT,
        "tool_version": clean(run.tool_version),
        "product": clean(run.product),
        "product_version": clean(run.product_version),
        "environment": clean(run.environment),
        "executor": clean(run.executor),
        "release": clean(run.release),
        "started": clean(run.started),
        "finished": clean(run.finished),
        "seconds": run.seconds,
        "seed": run.seed,
        "run_number": run.run_number,
        "command": clean(run.command),
        "exit_code": run.exit_code,
        "headline": clean(headline(run)),
        "ledger": {"head": clean(run.head), "entries": run.entries},
        "verdicts": {outcome.value: number for outcome, number in verdicts(run).items()},
        "grades": {grade.value: {"passed": good, "tested": all_} for grade, (good, all_) in grades(run).items()},
        "features": [_feature(feature, [next(ids) for _ in feature.scenarios]) for feature in run.features],
        "monitors": [_finding(found, ident) for found, ident in zip(run.monitors, monitor_anchors(run), strict=True)],
    }


def write(run: RunView, folder: Path) -> Path:
    """Write ``results.json`` into an existing folder and return its path.

    :raises jsonschema.ValidationError: what we would write breaks our own schema: a bug of ours, so nothing is written.
    """
    document = dump(run)
    validator().validate(document)
    path = folder / FILE
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


@cache
def validator() -> Validator:
    """The compiled schema of ``results.json`` (JSON Schema, draft 2020-12)."""
    return jsonschema.Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _feature(feature: FeatureView, ids: list[Anchors]) -> Json:
    return {
        "name": clean(feature.name),
        "description": clean(feature.description),
        "path": clean(feature.path),
        "outcome": feature.outcome.value,
        "scenarios": [_scenario(view, names) for view, names in zip(feature.scenarios, ids, strict=True)],
    }


def _scenario(view: ScenarioView, names: Anchors) -> Json:
    return {
        "id": names.scenario,
        "case": clean(view.case),
        "name": clean(view.name),
        "role": clean(view.role),
        "tags": _texts(view.tags),
        "outcome": view.outcome.value,
        "verdict": scenario_word(view.outcome, view.findings),
        "reason": clean(view.reason),
        "seconds": view.seconds,
        "again": clean(view.again),
        "patients": _texts(view.patients),
        "conversations": _texts(view.conversations),
        "steps": [_step(step) for step in view.steps],
        "findings": [_finding(found, ident) for found, ident in zip(view.findings, names.findings, strict=True)],
        "messages": [_message(message, ident) for message, ident in zip(view.messages, names.messages, strict=True)],
    }


def _step(step: StepView) -> Json:
    return {
        "keyword": clean(step.keyword),
        "text": clean(step.text),
        "outcome": step.outcome.value,
        "findings": list(step.findings),
    }


def _finding(found: Finding, ident: str) -> Json:
    where = found.where
    return {
        "id": ident,
        "check": clean(found.check),
        "requirements": _texts(found.requirements),
        "outcome": found.outcome.value,
        "verdict": finding_word(found),
        "sentence": clean(found.sentence),
        "expected": clean(found.expected),
        "actual": clean(found.actual),
        "reason": clean(found.reason),
        "where": {
            "entry": where.entry,
            "part": where.part,
            "line": where.line,
            "offset": where.offset,
            "path": clean(where.path),
        },
        "basis": found.basis.value,
        "grade": found.grade.value,
        "layer": found.layer.value,
        "remedy": clean(found.remedy),
    }


def _message(message: MessageView, ident: str) -> Json:
    return {
        "id": ident,
        "entry": message.entry,
        "at": clean(message.at),
        "sender": clean(message.sender),
        "receiver": clean(message.receiver),
        "kind": clean(message.kind),
        "label": clean(message.label),
        "interaction": clean(message.interaction),
        "message_id": clean(message.message_id),
        "conversation_id": clean(message.conversation_id),
        "attempt": message.attempt,
        "status": message.status,
        "deliberate": clean(message.deliberate),
        "trouble": clean(message.trouble),
        "departures": _texts(message.departures),
        "size": message.size,
        "blob": blob_path(message.blob),
        "parts": [_part(part) for part in message.parts],
    }


def _part(part: PartView) -> Json:
    return {
        "number": part.number,
        "headers": [[clean(name), clean(value)] for name, value in part.headers],
        "size": part.size,
        "sha256": clean(part.sha256),
    }


def _texts(values: tuple[str, ...]) -> list[str]:
    return [clean(value) for value in values]
