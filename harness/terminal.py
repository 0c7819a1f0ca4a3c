"""A run for a person at a terminal: what it says while it plays, what it asks, and how to go on when it was stopped."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from harness import conduct as conducting
from harness import worksheet
from harness.report.console import Console
from harness.staging import Order
from simulator import ledger

STOPPED = 130  # what a shell says of a program that was ended by Ctrl-C


def conduct(order: Order, reports: Path) -> int:
    """Play, judge and report a run; its exit code. :raises RunTrouble: and the troubles of rig and driver."""
    console, by_hand = Console(sys.stdout), order.profile.driver.kind == "manual"
    # Before a person each question has its number, and counting on the line of their answer would be in the way.
    progress = _silent if by_hand else _progress
    try:
        view = conducting.conduct(order, console.scenario_finished, progress, ask, begun=lambda: _begun(order, reports))
    except (KeyboardInterrupt, click.Abort):
        if order.profile.driver.kind == "reference" or not (order.out / ledger.LEDGER).is_file():
            raise
        click.echo(f"\nStopped. Go on with: gp2gp run --resume {shlex.quote(str(_shown(order.out)))}", err=True)
        return STOPPED
    if order.out.parent == (reports / "runs").resolve():
        conducting.point_latest(order.out)
    console.summary(view, _shown(order.out) / "index.html")
    return view.exit_code


def _begun(order: Order, reports: Path) -> None:
    if not order.resume:
        conducting.enter(reports, order.run)
    if (order.out / worksheet.FILE).is_file():
        click.echo(
            f"The worksheet to print is {_shown(order.out / worksheet.FILE)}; Ctrl-C stops, and it can be gone on."
        )


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        click.echo(f"\rplayed {done} of {total} transfers{end}", err=True, nl=False)


def ask(text: str) -> str:
    """Put a question to the person; their answer. :raises click.Abort: when they stop, or nobody is there."""
    return str(click.prompt(text, default="", show_default=False, prompt_suffix=""))
