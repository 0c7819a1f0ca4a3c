"""``gp2gp serve``: Spine by itself, for a person at a terminal, or as the process of a run."""

from __future__ import annotations

import secrets
import shlex
import shutil
import signal
import sys
import threading
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.shell import certificates as making
from simulator.shell import serve
from simulator.shell.server import PortInUse
from simulator.shell.settings import Settings, SettingsTrouble, load, sentence

if TYPE_CHECKING:
    from harness.pool import Pool


def command(
    reports: Path,
    *,
    settings: Path | None,
    practices: Path | None,
    port: int,
    certificates: Path,
    sut: Path | None,
    seed: int,
    out: Path | None,
) -> int:
    """Serve until stopped; the exit code. With ``settings`` it is the process of a run, its standard input a life line."""
    if settings is not None:
        serve.main(load(settings))
    elif sut is not None:
        if practices is not None:
            raise SettingsTrouble("With --sut the profile names the practices; leave out --practices, or --sut.")
        return of_system(sut, seed, out, reports)
    else:
        alone(practices, port, certificates, out)
    return 0


def alone(practices: Path | None, port: int, folder: Path, out: Path | None) -> None:
    """Serve Spine, and the practices of a file, with nothing judged."""
    run = out or _fresh()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise SettingsTrouble(f"{run} is not empty; name another folder with --out, or remove it.")
    made = _settings(practices, port, _certificates(folder), run)
    try:
        serve.serve(made, lambda addresses: _tell(addresses, made.run, made.certificates.ca), _stopped())
    except PortInUse as trouble:
        # Nothing was served: the ledger that was opened for it says nothing.
        shutil.rmtree(run)
        raise SettingsTrouble(f"{str(trouble).rstrip('.')}; stop it, or name another port with --port.") from None


def of_system(sut: Path, seed: int, out: Path | None, reports: Path) -> int:
    """Serve one system until stopped: peers answer what nobody announced, and it is judged. The exit code.

    :raises SettingsTrouble: when the profile does not say where the system is, and the troubles of a run.
    """
    from harness import conduct, profile, served
    from harness.report.console import Console

    made = conduct.ordered(profile.load(sut), seed, (), reports)
    if not made.profile.practice.endpoint:
        raise SettingsTrouble(
            f"The profile {sut}: practice.endpoint is needed; give the URL that Spine must deliver to."
        )
    command = f"gp2gp serve --sut {shlex.quote(str(sut))} --seed {seed}"
    order = replace(made, out=(out or _fresh()).resolve(), command=command, again=command)

    def ready(addresses: serve.Addresses, pool: Pool) -> None:
        conduct.enter(reports, order.run)
        _tell(addresses, order.out, order.profile.certificates.ca if order.profile.certificates else order.out)
        click.echo("\n".join(served.told(pool)))

    view = served.run(order, ready, _stopped())
    if view is None:
        click.echo("No transfer came.")
        return 0
    Console(sys.stdout).summary(view, order.out / "index.html")
    return view.exit_code


def _stopped() -> threading.Event:
    """Set when the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _settings(practices: Path | None, port: int, folder: Path, out: Path) -> Settings:
    values = _practices(practices)
    try:
        return Settings(
            run=out,
            key=secrets.token_hex(16),
            port=port,
            certificates={"ca": folder / "ca.pem", "certificate": folder / "spine.pem", "key": folder / "spine.key"},  # type: ignore[arg-type] # pydantic makes the model of it
            opened={"served": datetime.now(UTC).isoformat(timespec="seconds")},
            **values,
        )
    except ValueError as trouble:
        raise SettingsTrouble(sentence(practices or Path("practices"), trouble)) from None


def _practices(path: Path | None) -> dict[str, Any]:
    """``practices`` and ``behaviour`` from a TOML file."""
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as trouble:
        raise SettingsTrouble(f"{path} cannot be read ({trouble.strerror}); name a TOML file of practices.") from None
    except ValueError as trouble:
        raise SettingsTrouble(f"{path} is not TOML: {trouble}; correct it there.") from None
    unknown = sorted(set(values) - {"practices", "behaviour"})
    if unknown:
        raise SettingsTrouble(
            f"{path}: {unknown[0]}: there is no such key; practices and behaviour are all that can stand here."
        )
    return values


def _certificates(folder: Path) -> Path:
    if not (folder / "spine.pem").is_file():
        making.make(folder, ["localhost", "127.0.0.1", "::1"], now=datetime.now(UTC))
        click.echo(f"made certificates in {folder}")
    return folder


def _fresh() -> Path:
    return Path("reports") / "served" / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _tell(addresses: serve.Addresses, run: Path, authority: Path) -> None:
    click.echo(f"Spine      {addresses.spine} (mutual TLS; clients need a certificate of {authority})")
    click.echo(
        f"SDS, PDS   {addresses.services}/spine-directory/FHIR/R4, {addresses.services}/personal-demographics/FHIR/R4"
    )
    click.echo(f"ledger     {run}")
    click.echo("Stop with Ctrl-C.")
