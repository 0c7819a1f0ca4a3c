"""The ``gp2gp`` command. Bad input ends with one sentence and exit code 2, our own failure with 3; never a traceback."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import gp2gp_conformance

if TYPE_CHECKING:
    from harness.conduct import Order
    from harness.profile import Profile
    from harness.report.model import RunView

BAD_INPUT, OUR_FAILURE = 2, 3
REPORTS = Path("reports")


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn every expected trouble into one sentence with exit code 2, and any other into exit code 3."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (click.ClickException, click.exceptions.Exit, SystemExit, BrokenPipeError):
            raise
        except (KeyboardInterrupt, click.Abort):
            _end("Stopped.", 130)
        except Exception as trouble:  # noqa: BLE001 - the last line of defence: no traceback ever reaches a user
            named = type(trouble).__name__
            if named.endswith(("Trouble", "InUse")):
                _end(str(trouble), BAD_INPUT)
            _end(f"This is a failure of ours, please report it: {named}: {trouble}", OUR_FAILURE)

    return run


class UseTrouble(Exception):
    """A command that cannot do what it was asked; one sentence for the user."""


def _end(sentence: str, code: int) -> None:
    click.echo(" ".join(sentence.split()), err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(gp2gp_conformance.__version__, prog_name="gp2gp")
def main() -> None:
    """A Spine you can run on a laptop: plays the other practice, drives a GP2GP system, judges what it saw."""


OUT = click.option("--out", type=click.Path(path_type=Path), help="Folder for the run; must be new or empty.")
SEED = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of everything synthetic."
)
ONLY = click.option("--only", multiple=True, help="Only scenarios with this case id, requirement id or part of a name.")
JOBS = click.option(
    "--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Transfers played side by side."
)
MIM = click.option(
    "--mim", type=click.Path(path_type=Path), help="Folder of the official schemas: their verdict beside ours."
)
STRICT = click.option("--strict", is_flag=True, help="REVIEW, WARN and NOT_TESTED end with exit code 1, too.")


@main.command()
@click.option("--profile", default="", help="Only this profile of the list (fixtures/profiles.toml).")
@OUT
@SEED
@ONLY
@JOBS
@STRICT
@guarded
def demo(profile: str, out: Path | None, seed: int, only: tuple[str, ...], jobs: int, strict: bool) -> None:
    """Play both roles against the bundled reference practice: everything under each profile of the list.

    With --out, --only or --profile: one run, of the reference profile or of the one that is named.
    """
    from harness import demo as demonstration

    chosen = demonstration.chosen(profile)
    command = f"gp2gp demo --profile {profile}" if profile else "gp2gp demo"
    view, order = _run(chosen.profile, out, seed, only, jobs, strict, command)
    if out or only or profile:
        sys.exit(view.exit_code)
    first = demonstration.played(chosen, view, order.out)
    sys.exit(demonstration.command(first, demonstration.Ask(seed, jobs, strict), REPORTS, order.run))


@main.command()
@click.option("--sut", type=click.Path(path_type=Path), help="Profile of the system under test (TOML).")
@click.option("--resume", type=click.Path(path_type=Path), help="Go on with the run in this folder, which was stopped.")
@click.option(
    "--records", type=click.Path(path_type=Path), help="Send each published extract of this folder as the record."
)
@click.option("--table", type=click.Path(path_type=Path), help="With --records: write the table of verdicts here.")
@OUT
@SEED
@ONLY
@JOBS
@STRICT
@MIM
@guarded
def run(
    sut: Path | None,
    resume: Path | None,
    records: Path | None,
    table: Path | None,
    out: Path | None,
    seed: int,
    only: tuple[str, ...],
    jobs: int,
    strict: bool,
    mim: Path | None,
) -> None:
    """Play and judge a system under test, or go on with a run that was stopped."""
    from harness import resuming, terminal

    if resume is not None:
        sys.exit(terminal.conduct(resuming.command(resume), REPORTS).exit_code)
    if sut is None:
        raise UseTrouble("Name a profile with --sut, or the folder of a run that was stopped with --resume.")
    if records is not None:
        from harness import records as published

        sys.exit(published.command(sut, records, table, out, seed, jobs))
    from harness.profile import load

    command = f"gp2gp run --sut {shlex.quote(str(sut))}" + (f" --mim {shlex.quote(str(mim))}" if mim else "")
    sys.exit(_run(load(sut), out, seed, only, jobs, strict, command, mim)[0].exit_code)


@main.command()
@click.option("--settings", type=click.Path(path_type=Path), help="Settings file of the Spine process (JSON or TOML).")
@click.option("--practices", type=click.Path(path_type=Path), help="Practices to register (TOML, [[practices]]).")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8443, show_default=True, help="Port of the messaging endpoints."
)
@click.option("--certificates", type=click.Path(path_type=Path), default=Path("certificates"), show_default=True)
@click.option("--sut", type=click.Path(path_type=Path), help="Profile: peers answer this system, and it is judged.")
@SEED
@OUT
@guarded
def serve(**options: Any) -> None:
    """Run Spine by itself: messaging over mutual TLS, SDS and PDS; with --sut, peers for one system, too."""
    from harness import serving

    sys.exit(serving.command(REPORTS, **options))


@main.command()
@click.option("--config", type=click.Path(path_type=Path), required=True)
@guarded
def reference(config: Path) -> None:
    """Run the bundled reference practice (used by demo)."""
    from harness.reference.__main__ import main as practice

    sys.exit(practice(["--config", str(config)]))


@main.command()
@click.option("--host", "hosts", multiple=True, help="Host name or address that the certificates are good for.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("certificates"), show_default=True)
@guarded
def certs(hosts: tuple[str, ...], out: Path) -> None:
    """Make a certificate authority, and server and client certificates for both ends."""
    from datetime import UTC, datetime

    from simulator.shell import certificates

    if (out / "ca.pem").exists():
        raise UseTrouble(f"{out} holds certificates already; name another folder with --out, or remove it.")
    certificates.make(out, ["localhost", "127.0.0.1", "::1", *hosts], now=datetime.now(UTC))
    click.echo(f"Certificates are in {out}: ca.pem, spine.pem, client.pem, sut.pem, each with its key.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--head", default="", help="The head that was printed at the end of the run.")
@guarded
def verify(folder: Path, head: str) -> None:
    """Check that nobody touched a run: chain, numbering, octets, and the head that the report names."""
    from harness import verifying

    sys.exit(verifying.command(folder, head))


@main.command()
@click.argument("left", type=click.Path(path_type=Path))
@click.argument("right", type=click.Path(path_type=Path))
@guarded
def diff(left: Path, right: Path) -> None:
    """Show what two runs did differently, with ids, times and people set aside."""
    from harness import diffing

    found = list(diffing.differences(left, right))
    for each in found:
        click.echo(str(each))
    click.echo(f"{len(found)} differences")
    sys.exit(1 if found else 0)


@main.command()
@click.argument("what", metavar="FILE|DIR|-", type=click.Path(path_type=Path, allow_dash=True, readable=False))
@click.option(
    "--profile",
    type=click.Choice(["1.1a", "2.2a", "2.2b", "redactions"]),
    default="redactions",
    show_default=True,
    help="The release whose rules are in force, with those before it.",
)
@MIM
@click.option("--json", "form", flag_value="json", help="Write JSON.")
@click.option("--sarif", "form", flag_value="sarif", help="Write SARIF 2.1.0.")
@click.option("--junit", "form", flag_value="junit", help="Write JUnit XML.")
@click.option("--out", type=click.Path(path_type=Path), help="Write into this file instead of the standard output.")
@guarded
def validate(what: Path, profile: str, mim: Path | None, form: str | None, out: Path | None) -> None:
    """Judge messages in files: exit code 0 without a FAIL, 1 with one, 2 when there is nothing to judge."""
    from harness.validation import command

    sys.exit(command.command(command.Order(what, profile, mim, form or "text", out)))


@main.command()
@click.option("--check", is_flag=True, help="Fail when a requirement has neither a check nor a reason.")
@guarded
def coverage(check: bool) -> None:
    """Show which checks look at which requirement, and which are proved."""
    from harness import covering

    for line in covering.lines(check=check):
        click.echo(line)
    sys.exit(1 if check and covering.faults() else 0)


@main.command(name="list")
@click.option("--checks", is_flag=True, help="List the checks instead of the scenarios.")
@click.option("--cases", is_flag=True, help="List the cases of the catalogue and what has become of each.")
@click.option("--groups", default="", help="List only the cases of these groups, by their letters.")
@guarded
def listing(checks: bool, cases: bool, groups: str) -> None:
    """List the scenarios, the checks, or the cases of the catalogue."""
    from harness import cases as catalogue
    from harness import explaining

    for line in catalogue.lines(groups) if cases or groups else explaining.listing(checks=checks):
        click.echo(line)


@main.command()
@click.argument("identifier")
@guarded
def explain(identifier: str) -> None:
    """Explain a requirement, a check, a rule, a case, a scenario, a mutation or a response code."""
    from harness import explaining

    lines = list(explaining.explain(identifier))
    if not lines:
        raise UseTrouble(f"There is nothing called {identifier!r}; see: gp2gp list, with --checks or --cases")
    click.echo("\n".join(lines))


@main.command()
@click.option("--sut", type=click.Path(path_type=Path), help="Profile (TOML); the reference practice when left out.")
@SEED
@ONLY
@click.option("--json", "form", flag_value="json", help="Write JSON.")
@click.option("--out", type=click.Path(path_type=Path), help="Write into this file instead of the standard output.")
@guarded
def plan(sut: Path | None, seed: int, only: tuple[str, ...], form: str | None, out: Path | None) -> None:
    """Print the load sheet of the next run: peers to configure, patients to load, and scripts."""
    from harness import conduct, planning
    from harness.profile import load

    planning.command(conduct.ordered(load(sut or _example()), seed, only, REPORTS), out, json_form=form == "json")


@main.command()
@OUT
@SEED
@click.option("--write", is_flag=True, help="Write fixtures/kill_matrix.json of this checkout.")
@click.option("--only", multiple=True, help="Only these mutations.")
@JOBS
@guarded
def prove(out: Path | None, seed: int, write: bool, only: tuple[str, ...], jobs: int) -> None:
    """Play every mutation of the reference practice and show which check kills it."""
    from harness import proving

    sys.exit(proving.command(out, seed, write, only, jobs))


def _example() -> Path:
    return gp2gp_conformance.root() / "fixtures" / "reference.toml"


def _run(
    profile: Profile,
    out: Path | None,
    seed: int,
    only: tuple[str, ...],
    jobs: int,
    strict: bool,
    command: str,
    mim: Path | None = None,
) -> tuple[RunView, Order]:
    from dataclasses import replace

    from harness import conduct, pool, terminal

    order = conduct.ordered(profile, seed, only, REPORTS)
    for warning in pool.of(order.profile).warnings():
        click.echo(f"warning: {warning}", err=True)
    again, folder = f"{command} --seed {seed}", (out or order.out).resolve()
    order = replace(order, out=folder, jobs=jobs, strict=strict, command=again, again=again, mim=mim)
    return terminal.conduct(order, REPORTS), order
