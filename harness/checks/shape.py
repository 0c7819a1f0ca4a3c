"""The shape of every message: our own schemas, and the rules that no schema can say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.checks.envelope import at, every
from harness.checks.register import Saw, bad, check, ok
from harness.evidence import Evidence, Sent
from harness.force import Force
from harness.rules import RULES, Subject
from harness.validation import schemas
from harness.verdict import Basis, Outcome, Where
from simulator.wire.interactions import BY_ID


@check("V-schema", "every message is valid against its schema", "S232", "S231", "TD16", basis=Basis.OFFICIAL)
def schema(evidence: Evidence) -> Iterator[Saw]:
    """S232: no schema-invalid message may arrive. The schemas are ours; `--mim` puts the official verdict beside it."""

    def look(sent: Sent) -> Iterator[Saw]:
        root, wrapper = sent.reading.root, sent.reading.wrapper
        if root is None or wrapper is None:
            yield bad("an HL7 payload", "none could be read", at(sent, 1))
            return
        if wrapper.interaction not in BY_ID:
            yield bad("an interaction of GP2GP", wrapper.interaction, at(sent, 1))
            return
        errors = schemas.explain(root, wrapper.interaction)
        for error in errors:
            yield bad(
                " or ".join(error.expected) or "nothing",
                f"{error.found} ({error.cause.value})",
                at(sent, 1, error.line, error.xpath),
            )
        official = _official(evidence, sent, wrapper.interaction)
        for other in official or ():
            where = at(sent, 1, other.line, other.path)
            yield bad("a message that the official schema accepts", other.text, where)
        if not errors and not official:
            said = "" if official is None else ", and the official schema accepts it"
            yield ok(f"a valid {wrapper.interaction}{said}", at(sent, 1))

    yield from every(evidence, look)


def _official(evidence: Evidence, sent: Sent, interaction: str) -> tuple[schemas.SchemaError, ...] | None:
    """What the official schema refuses; ``None`` when the run has no official schemas, or none for the interaction."""
    folder, root = evidence.plan.get("mim"), sent.reading.root
    if not folder or root is None:
        return None
    try:
        return schemas.verdict(root, interaction, schemas.official(Path(folder), interaction))
    except ValueError:
        return None


@check("V-rules", "every message keeps the rules of its kind", "S232", basis=Basis.OFFICIAL)
def rules(evidence: Evidence) -> Iterator[Saw]:
    """The rules beyond XSD; a broken one stands in the findings under its own id and requirement."""

    force = Force.of(evidence.plan)
    known = [rule for rule in RULES.values() if force.rule(rule)]

    def look(sent: Sent) -> Iterator[Saw]:
        subject = Subject(sent.reading, str(sent.entry.data["soap_action"]).strip('"'))
        broken = False
        for rule in known:
            for each in rule.flaws(subject):
                broken = True
                where = Where(entry=sent.entry.seq, part=each.part, line=each.line, path=each.path)
                yield Saw(Outcome.FAIL, each.found, each.expected, where=where, rule=rule)
        if not broken:
            yield ok(f"{len(known)} rules looked at {sent.envelope.action}", at(sent, 1))

    yield from every(evidence, look)
