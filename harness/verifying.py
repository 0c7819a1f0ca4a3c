"""``gp2gp verify``: proves that a run is what was recorded."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator import ledger


class VerifyTrouble(Exception):
    """A folder that holds no run; one sentence for the user."""


def command(folder: Path, head: str) -> int:
    """Print what was found; 0 when everything is whole, 1 when something was touched."""
    if not (folder / ledger.LEDGER).is_file():
        raise VerifyTrouble(f"{folder} holds no {ledger.LEDGER}; name the folder of a run.")
    found = ledger.verify(folder)
    problems = [*found.problems, *_against(folder, head, found)]
    for problem in problems:
        click.echo(problem)
    if found.torn:
        click.echo(
            f"The last line is torn: the run was cut off after entry {found.entries}; what stands before it is whole."
        )
    click.echo(f"{found.entries} entries, head {found.head}")
    click.echo("NOT WHOLE" if problems else "whole")
    return 1 if problems else 0


def _against(folder: Path, head: str, found: ledger.Verification) -> list[str]:
    """What the ledger must agree with: the head that the user holds, and the one in the results."""
    problems = []
    if head and head != found.head:
        problems.append(f"the head is {found.head}, and you hold {head}: this is not the run that printed it")
    results = folder / "results.json"
    if results.is_file():
        try:
            said = json.loads(results.read_text("utf-8"))["ledger"]["head"]
        except (ValueError, KeyError, TypeError):
            return [*problems, "results.json cannot be read, or names no ledger head"]
        if said != found.head:
            problems.append(f"results.json names the head {said}, and the ledger has {found.head}")
    return problems
