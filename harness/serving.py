"""``gp2gp serve``: Spine by itself, for a person at a terminal, or as the process of a run."""

from __future__ import annotations

import secrets
import shutil
import signal
import threading
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from simulator.shell import certificates, serve
from simulator.shell.server import PortInUse
from simulator.shell.settings import Settings, SettingsTrouble, load, sentence


def command(settings: Path | None, practices: Path | None, port: int, folder: Path, out: Path | None) -> None:
    """Serve until stopped. With ``settings`` it is the process of a run, and its standard input is its life line."""
    if settings is not None:
        serve.main(load(settings))
        return
    run = out or _fresh()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise SettingsTrouble(f"{run} is not empty; name another folder with --out, or remove it.")
    made = _settings(practices, port, _certificates(folder), run)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve.serve(made, lambda addresses: _tell(addresses, made), stop)
    except PortInUse as trouble:
        # Nothing was served: the ledger that was opened for it says nothing.
        shutil.rmtree(run)
        raise SettingsTrouble(f"{str(trouble).rstrip('.')}; stop it, or name another port with --port.") from None


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
        certificates.make(folder, ["localhost", "127.0.0.1", "::1"], now=datetime.now(UTC))
        click.echo(f"made certificates in {folder}")
    return folder


def _fresh() -> Path:
    return Path("reports") / "served" / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _tell(addresses: serve.Addresses, settings: Settings) -> None:
    click.echo(f"Spine      {addresses.spine} (mutual TLS; clients need a certificate of {settings.certificates.ca})")
    click.echo(
        f"SDS, PDS   {addresses.services}/spine-directory/FHIR/R4, {addresses.services}/personal-demographics/FHIR/R4"
    )
    click.echo(f"ledger     {settings.run}")
    click.echo("Stop with Ctrl-C.")
