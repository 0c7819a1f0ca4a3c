"""``gp2gp run --records``: the peer sends published messages as the record, each in a transfer of its own.

The patient, the ids and the ASIDs of the running case go into the extract's wrapper; the clinical content stays as it is.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from fixtures.published import PublishedRecord, read
from harness import conduct
from harness.checks import BY_SENTENCE, run
from harness.draw import WorldTrouble
from harness.evidence import Evidence, by_case
from harness.monitors import MONITORS, QUIET, of_case, watch_all
from harness.profile import load
from harness.verdict import Finding, Outcome, exit_code, worst
from harness.world import Casting, World
from scenarios import LIBRARY, slug
from simulator import ledger

TRANSFER = "the record is integrated"
SENTENCES = (
    "every message that Spine delivers is acknowledged, citing its MessageId",
    "the integrated extract is acknowledged positively, citing it",
    "each extract gets one final acknowledgement",
    "nothing is acknowledged before the user decides",
    "acknowledgements are spelt as the standard has them",
)


class RecordsTrouble(Exception):
    """Records that cannot be used at all; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Row:
    """One published file and what became of it."""

    name: str
    interaction: str
    outcome: Outcome
    note: str


def command(sut: Path, records: Path, table: Path | None, out: Path | None, seed: int, jobs: int) -> int:
    """Play every record, print the table, and with ``table`` write it as Markdown; the exit code."""
    found = list(_read(records))
    usable = [record for record in found if record.reason is None]
    if not usable:
        reason = found[0].reason if found else f"{records} holds no EHR extract; name published messages that do."
        raise RecordsTrouble(str(reason))
    reports = Path("reports")
    number = conduct.next_run(reports)
    folder = (out or reports / "records" / f"{number:04d}").resolve()
    order = conduct.Order(load(sut), folder, seed, number, jobs)
    played = play(order, usable)
    conduct.enter(reports, number)
    rows = [*played, *(_unusable(record) for record in found if record.reason is not None)]
    rows.sort(key=lambda row: row.name)
    for row in rows:
        click.echo(f"{row.outcome:<13} {row.name}" + (f"  ({row.note})" if row.note else ""))
    click.echo(f"{len(usable)} records sent, {len(rows) - len(usable)} could not be; ledger in {folder}")
    if table is not None:
        table.write_text(markdown(rows, sut, records, table), "utf-8")
    return exit_code(row.outcome for row in rows)


def play(order: conduct.Order, records: Sequence[PublishedRecord]) -> list[Row]:
    """Send each record in a transfer of its own and judge what came of it."""
    with conduct.staged(order, input) as stage:
        cast = [_cast(stage.world, number, record) for number, record in enumerate(records, 1)]
        stage.session.play([casting for casting in cast if isinstance(casting, Casting)])
    cases, blobs = by_case(ledger.read(order.out)), ledger.Blobs(order.out)
    return [
        _judged(record, Evidence(cases[casting.case], blobs))
        if isinstance(casting, Casting)
        else Row(record.name, record.interaction, Outcome.NOT_TESTED, casting)
        for record, casting in zip(records, cast, strict=True)
    ]


def _cast(world: World, number: int, record: PublishedRecord) -> Casting | str:
    """The cast of one record's transfer; or why the world has none."""
    try:
        return world.cast(LIBRARY[TRANSFER], case=_case(number, record), published=record)
    except WorldTrouble as trouble:
        return str(trouble)


def _judged(record: PublishedRecord, evidence: Evidence) -> Row:
    sure = conduct.proof()
    checks = [BY_SENTENCE[sentence] for sentence in SENTENCES]
    findings = [sure.cap(finding, check) for check in checks for finding in run(check, evidence)]
    watched = of_case(watch_all({"": evidence}), "")
    findings += [sure.cap(each, MONITORS[each.check]) for each in watched if each.outcome not in QUIET]
    notes = [_told(finding) for finding in findings if finding.outcome is not Outcome.PASS]
    left = sum(attachment.data is None for attachment in record.attachments)
    if left:
        notes.append(f"{left} external attachment{'s' if left > 1 else ''} not sent")
    return Row(record.name, record.interaction, worst(f.outcome for f in findings), "; ".join(notes))


def _told(finding: Finding) -> str:
    return f"{finding.check}: {finding.actual or finding.reason}"


def _read(records: Path) -> Iterable[PublishedRecord]:
    try:
        yield from read(records)
    except ValueError as trouble:
        raise RecordsTrouble(f"{trouble}.") from None


def _unusable(record: PublishedRecord) -> Row:
    return Row(record.name, record.interaction, Outcome.NOT_TESTED, str(record.reason).removeprefix(f"{record.name}: "))


def _case(number: int, record: PublishedRecord) -> str:
    return f"record-{number:03d}-{slug(record.name)[-60:]}"


def markdown(rows: Sequence[Row], sut: Path, records: Path, table: Path) -> str:
    """The table as a page of docs/, with the command that makes it again."""
    command = f"gp2gp run --sut {shlex.quote(str(sut))} --records {shlex.quote(str(records))} --table {shlex.quote(str(table))}"
    lines = [
        "# Published messages as records",
        "",
        "Each published message that holds an EHR extract is sent by the peer as the patient's record: the running case's",
        "patient, ids and ASIDs stand in its wrapper, its clinical content is as it was published. Made again by",
        f"`make test-shared`, or `{command}`.",
        "",
        "| message | interaction | verdict | note |",
        "|---|---|---|---|",
        *(f"| {row.name} | {row.interaction} | {row.outcome} | {row.note} |" for row in rows),
        "",
    ]
    return "\n".join(lines)
