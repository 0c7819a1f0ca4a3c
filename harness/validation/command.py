"""``gp2gp validate``: is this message right, and if not, where and why?"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from harness.validation import exports, gather, schemas, text
from harness.validation.found import Item
from harness.validation.report import FileReport, exit_code, report

FORMS = ("text", "json", "sarif", "junit")
_QUIET = 2.0  # seconds before progress is shown


class ValidateTrouble(Exception):
    """Nothing could be judged; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to validate, and how. :param pack: the release whose rules are in force. :param form: one of ``FORMS``."""

    what: Path
    pack: str
    mim: Path | None = None
    form: str = "text"
    out: Path | None = None


def command(order: Order) -> int:
    """Judge everything, write it down, and return the exit code.

    :raises ValidateTrouble: when there is no message to judge, or the result cannot be written.
    :raises SchemaTrouble: when the folder of official schemas holds none.
    """
    if order.mim is not None:
        schemas.need(order.mim)
    reports = list(_reports(order))
    judged = [each for each in reports if not each.reason]
    if not judged:
        raise ValidateTrouble(_nothing(order.what, reports))
    _write(_rendered(reports, order), order.out)
    return exit_code(reports)


def _reports(order: Order) -> Iterator[FileReport]:
    if str(order.what) == "-":
        yield from (report(each, order.pack, order.mim) for each in gather.from_stream(sys.stdin.buffer))
        return
    if not os.path.lexists(order.what):
        raise ValidateTrouble(f"{order.what} does not exist.")
    shown = Progress(sum(1 for _ in gather.files(order.what)))
    for item in gather.from_path(order.what):
        yield report(item, order.pack, order.mim)
        shown.step(item)
    shown.end()


class Progress:
    """How far we are: on a terminal, of several files, and only when it takes a while."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = time.monotonic()
        self._seen: set[str] = set()
        self._wanted = total > 1 and sys.stderr.isatty()
        self._shown = False

    def step(self, item: Item) -> None:
        """One more item is done."""
        self._seen.add(item.file)
        if self._wanted and time.monotonic() - self._begun > _QUIET:
            self._shown = True
            click.echo(f"\rvalidated {min(len(self._seen), self._total)} of {self._total} files", err=True, nl=False)

    def end(self) -> None:
        """Everything is done: the line is left."""
        if self._shown:
            click.echo("", err=True)


def _nothing(what: Path, reports: list[FileReport]) -> str:
    name = "standard input" if str(what) == "-" else str(what)
    if not reports:
        return f"{name} holds no file to validate."
    if len(reports) == 1 and not what.is_dir():
        return f"{name} cannot be validated: {reports[0].reason}."
    worst = next((each for each in reports if each.failed), reports[0])
    return f"{name} holds no message that can be validated; of {worst.name}: {worst.reason}."


def _rendered(reports: list[FileReport], order: Order) -> str:
    if order.form == "json":
        return exports.as_json(reports, order.pack)
    if order.form == "sarif":
        return exports.as_sarif(reports)
    return exports.as_junit(reports) if order.form == "junit" else text.render(reports)


def _write(rendered: str, out: Path | None) -> None:
    if out is None:
        # click strips colours where the output is no terminal; NO_COLOR (no-color.org) strips them everywhere.
        click.echo(rendered, nl=False, color=False if os.environ.get("NO_COLOR") else None)
        return
    try:
        out.write_text(click.unstyle(rendered), "utf-8")
    except OSError as error:
        raise ValidateTrouble(f"{out} cannot be written: {error.strerror}.") from None
