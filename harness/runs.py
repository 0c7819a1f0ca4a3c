"""The folders of runs: one for each, made new and never written over, and the register that numbers them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path


class RunTrouble(Exception):
    """A run that cannot begin; one sentence for the user."""


def prepare(out: Path) -> tuple[Path, ...]:
    """Make the run folder; the folders that were made, the deepest first.

    :raises RunTrouble: when something stands there that is not ours to overwrite, or it cannot be made.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise RunTrouble(
                f"{out} is not empty; a run is never written over: name another folder with --out, or remove it."
            )
        made = tuple(each for each in (out, *out.parents) if not each.exists())
        out.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise RunTrouble(f"{out} cannot be made ({trouble.strerror}); name another folder with --out.") from None
    return made


def unmake(out: Path, made: Sequence[Path]) -> None:
    """Take away what stands in the run folder (it was empty before), and the folders that were made for it."""
    for each in out.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    for folder in made:
        folder.rmdir()


def next_run(reports: Path) -> int:
    """The number of the next run: one more than the register says, and than any run folder that stands.

    :raises RunTrouble: when the register cannot be read.
    """
    register = reports / "register.json"
    standing = [int(each.name) for each in reports.glob("*/[0-9]*") if each.name.isdecimal()]
    try:
        said = int(json.loads(register.read_text("utf-8"))["runs"]) if register.is_file() else 0
        return max(said, *standing, 0) + 1
    except (OSError, ValueError, TypeError, KeyError):
        raise RunTrouble(f"{register} does not say how many runs there were; remove it to count from 1.") from None


def enter(reports: Path, number: int) -> None:
    """Enter a run that has begun into the register, so that no later one makes the same identifiers."""
    register = reports / "register.json"
    register.parent.mkdir(parents=True, exist_ok=True)
    scratch = register.with_suffix(".new")
    scratch.write_text(json.dumps({"runs": number}), "utf-8")
    scratch.replace(register)


def near(path: Path) -> Path:
    """A path as a user would write it here: relative where it lies below the working folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def point_latest(out: Path) -> None:
    """Let ``latest`` beside ``out`` name it: by a link where the system has links, else by a copy of the reports."""
    latest = out.parent.parent / "latest"
    if latest.is_symlink() or latest.is_file():
        latest.unlink()
    elif latest.is_dir():
        shutil.rmtree(latest)
    try:
        latest.symlink_to(out.relative_to(latest.parent), target_is_directory=True)
    except OSError:
        shutil.copytree(out, latest)
