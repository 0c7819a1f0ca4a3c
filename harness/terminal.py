"""A run for a person at a terminal: what it says while it plays, what it asks, and how to go on when it was stopped."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from harness import conduct as conducting
from harness import worksheet
from harness.report.console import Console
from harness.report.model import RunView
from harness.runs import near
from harness.staging import Order
from simulator import ledger

STOPPED = 130  # what a shell says of a program that was ended by Ctrl-C


def conduct(order: Order, reports: Path) -> RunView:
    """Play, judge and report a run; ends with 130 when it is stopped. :raises RunTrouble: and the troubles of rig and driver."""
    console, by_hand = Console(sys.stdout), order.profile.driver.kind == "manual"
    # Before a person each question has its number, and counting on the line of their answer would be in the way.
    progress = _silent if by_hand else _progress
    try:
        view = conducting.conduct(order, console.scenario_finished, progress, ask, begun=lambda: _begun(order, reports))
    except (KeyboardInterrupt, click.Abort):
        if order.profile.driver.kind == "reference" or not (order.out / ledger.LEDGER).is_file():
            raise
        click.echo(f"\nStopped. Go on with: gp2gp run --resume {shlex.quote(str(near(order.out)))}", err=True)
        sys.exit(STOPPED)
    if order.out.parent == (reports / "runs").resolve():
        conducting.point_latest(order.out)
    console.summary(view, near(order.out) / "index.html")
    return view


def _begun(order: Order, reports: Path) -> None:
    if not order.resume:
        conducting.enter(reports, order.run)
    if (order.out / worksheet.FILE).is_file():
        click.echo(
            f"The worksheet to print is {near(order.out / worksheet.FILE)}; Ctrl-C stops, and it can be gone on."
        )


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        click.echo(f"\rplayed {done} of {total} transfers{end}", err=True, nl=False)


def ask(text: str) -> str:
    """Put a question to the person; their answer. :raises click.Abort: when they stop, or nobody is there."""
    return str(click.prompt(text, default="", show_default=False, prompt_suffix=""))
