"""The launcher, and the only name this distribution puts on the import path.

A supplier runs ``gp2gp`` in a folder of their own, which may well hold packages called ``tests``, ``fixtures`` or
``simulator``. So the wheel keeps ours in ``_bundle`` inside this package, and the launcher puts that folder first on the
path of *this process* before anything is imported: ours cannot be shadowed, and theirs are never touched
(decision record 0001).
"""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def root() -> Path:
    """The folder that holds ``simulator/``, ``harness/`` and the rest: the bundle of a wheel, or the checkout."""
    here = Path(__file__).resolve().parent
    bundle = here / "_bundle"
    return bundle if bundle.is_dir() else here.parent


def bootstrap() -> Path:
    """Put our packages first on the import path and return the folder they stand in."""
    folder = root()
    entry = str(folder)
    if sys.path[:1] != [entry]:
        sys.path.insert(0, entry)
    return folder


def main() -> None:
    """Entry point of the ``gp2gp`` command."""
    bootstrap()
    from harness.cli import main as command

    command()
