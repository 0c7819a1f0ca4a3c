"""One message against everything that is known: can it be read, does it keep to the schemas, does it keep to the rules.

What a finding is worth follows from what it stands on: only a MUST that is published, or of an official validator, FAILs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.rules import RULES, Flaw, Rule
from harness.rules.register import PACKS
from harness.validation import schemas
from harness.validation.found import Found, Kind
from harness.validation.unreadable import in_reading
from harness.validation.worded import CAUSES, Finding
from harness.verdict import Basis, Outcome
from simulator.wire import xml
from simulator.wire.interactions import BY_ID

NEWEST = PACKS[-1]
_ORDER = (Outcome.FAIL, Outcome.WARN, Outcome.REVIEW)
_SCHEMA = "a message keeps to the schema of its interaction"
_ENVELOPE_SCHEMA = "an envelope keeps to the schemas of SOAP 1.1 and ebXML MS 2.0"
# S231 is about requests alone; S232 about whatever is sent.
_REQUIRED = {"RCMR_IN010000UK05": ("S231", "S232")}
_ALL = ("S232",)
_ENVELOPE = ("C-01",)


@dataclass(frozen=True, slots=True)
class Official:
    """What the official schema says. :param errors: of libxml2; ``missing``: why nothing was said, else empty."""

    errors: tuple[schemas.SchemaError, ...] = ()
    missing: str = ""

    @property
    def verdict(self) -> str:
        """``valid``, ``not valid``, or ``none`` when there was no schema."""
        return "none" if self.missing else "not valid" if self.errors else "valid"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings of one message, worst first and then in its order. ``official`` is ``None`` without ``--mim``."""

    findings: tuple[Finding, ...]
    official: Official | None = None

    def count(self, severity: Outcome) -> int:
        """How many findings are of a severity."""
        return sum(each.severity is severity for each in self.findings)


def judge(found: Found, pack: str = NEWEST, mim: Path | None = None) -> Judgement:
    """:param pack: the release whose rules are in force, one of ``PACKS``. :param mim: folder of the official schemas."""
    official = _official(found, mim) if mim is not None else None
    ours = tuple(_schema(found))
    findings = [
        *in_reading(found),
        *ours,
        *_in_envelope(found),
        *_compared(found, ours, official),
        *_rules(found, pack),
    ]
    if found.kind is Kind.EXTRACT:
        findings = [bared for each in findings if (bared := _without_wrapper(each))]
    findings.sort(key=lambda each: (_ORDER.index(each.severity), each.part, each.line))
    return Judgement(tuple(findings), official)


def severity(rule: Rule) -> Outcome:
    """What a flaw of a rule is worth."""
    if rule.level == "REVIEW":
        return Outcome.REVIEW
    binding = rule.level == "MUST" and rule.basis in (Basis.PUBLISHED, Basis.OFFICIAL)
    return Outcome.FAIL if binding else Outcome.WARN


def _rules(found: Found, pack: str) -> Iterator[Finding]:
    for each in RULES.values():
        if PACKS.index(each.since) <= PACKS.index(pack) and not _out_of_sight(each, found):
            for flaw in each.flaws(found.subject):
                yield _of_rule(each, flaw)


def _out_of_sight(rule: Rule, found: Found) -> bool:
    """Rules on MIME parts say nothing of an envelope that came without them."""
    return found.kind is Kind.ENVELOPE and rule.id.startswith("R-part-")


def _of_rule(rule: Rule, flaw: Flaw) -> Finding:
    return Finding(
        rule.id,
        rule.requirements,
        severity(rule),
        rule.basis,
        rule.sentence,
        part=flaw.part,
        line=flaw.line,
        path=flaw.path,
        expected=flaw.expected,
        found=flaw.found,
        remedy=rule.remedy,
    )


def _schema(found: Found) -> Iterator[Finding]:
    root, interaction = found.subject.root, found.subject.interaction
    if root is not None and interaction in schemas.INTERACTIONS:
        required = _REQUIRED.get(interaction, _ALL)
        for each in schemas.explain(root, interaction):
            yield _explained(Finding("X-schema", required, Outcome.FAIL, Basis.PUBLISHED, _SCHEMA), each)


def _in_envelope(found: Found) -> Iterator[Finding]:
    """The envelope against its schemas; a signal too, a SOAP fault not: it is Spine's to write.

    No receiver is known to refuse by these schemas, and two suppliers' envelopes break them: hence no FAIL. What Spine does
    refuse, rules say.
    """
    if found.subject.reading.envelope is None or not found.soap:
        return
    root, _ = xml.parse(found.soap)
    if root is not None:
        for each in schemas.explain(root, "Envelope"):
            yield _explained(
                Finding("X-envelope", _ENVELOPE, Outcome.WARN, Basis.FIELD, _ENVELOPE_SCHEMA, part=0), each
            )


def _explained(finding: Finding, said: schemas.Explanation) -> Finding:
    return replace(
        finding,
        line=said.line or -1,
        path=said.xpath,
        expected=", ".join(said.expected) or "nothing there",
        found=said.found,
        cause=said.cause.value,
        remedy=CAUSES[said.cause].format(element=said.element),
    )


def _official(found: Found, mim: Path) -> Official:
    root, interaction = found.subject.root, found.subject.interaction
    if root is None or not interaction:
        return Official(missing="there is no payload that could be read")
    try:
        return Official(schemas.verdict(root, interaction, schemas.official(mim, interaction)))
    except ValueError as trouble:
        return Official(missing=str(trouble))


def _compared(found: Found, ours: tuple[Finding, ...], official: Official | None) -> Iterator[Finding]:
    """Where the official schema refuses what ours lets pass; where we have none, its errors are the findings."""
    interaction = found.subject.interaction
    alone = interaction not in schemas.INTERACTIONS
    if official is not None and official.errors and (alone or not ours):
        for each in official.errors:
            yield Finding(
                "X-official",
                _REQUIRED.get(interaction, _ALL),
                Outcome.FAIL if alone else Outcome.REVIEW,
                Basis.OFFICIAL,
                "a message keeps to the official schema" + ("" if alone else ", though ours lets it pass"),
                line=each.line or -1,
                path=each.path,
                expected="what the official schema allows",
                found=each.text,
            )
    elif interaction in schemas.OFFICIAL_ONLY and (official is None or official.missing):
        yield Finding(
            "X-release",
            _ALL,
            Outcome.REVIEW,
            Basis.OFFICIAL,
            "an interaction of MIM 7.2.02 is checked against its official schema",
            path=f"/{interaction}",
            expected=f"{', '.join(BY_ID)}, or the official schemas (--mim)",
            found=interaction,
        )


def _without_wrapper(finding: Finding) -> Finding | None:
    """A finding in an EhrExtract that came without the wrapper we put around it; none when it is about the wrapper."""
    before, inside, after = finding.path.partition("/EhrExtract")
    if finding.rule.startswith("X-") and not finding.path:
        return finding
    return replace(finding, path=inside + after) if inside and before.startswith("/RCMR") else None
