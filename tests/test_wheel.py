"""The installed command: whatever stands in the user's folder, ours is what runs, and nothing is missing from the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.tree import PACKAGES, ROOT

pytestmark = pytest.mark.socket

OURS = PACKAGES[1:]
TRAPS = (*OURS, "tests", "features")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(folder)]
    _run([sys.executable, "-m", "pip", "wheel", *flags, str(ROOT)], folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that has the wheel, and sees what ours has installed beside this project."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False, symlinks=True)
    scheme = sysconfig.get_preferred_scheme("prefix")
    purelib = Path(sysconfig.get_path("purelib", scheme, {"base": str(home), "platbase": str(home)}))
    # A line of a .pth file is a folder; the .pth files in that folder are not read, so the checkout is not on the path.
    (purelib / "theirs.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    python = home / "bin" / "python"
    flags = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--ignore-installed"]
    _run([str(python), "-m", "pip", "install", *flags, str(wheel)], home)
    return home / "bin"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A supplier's folder, with packages under the names of ours: importing one ends whatever imported it."""
    folder = tmp_path / "supplier"
    for name in TRAPS:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(
            f"raise RuntimeError('the {name} of the user was imported')\n", "utf-8"
        )
    (folder / "conftest.py").write_text("raise RuntimeError('the conftest of the user was imported')\n", "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    return folder


def _run(command: list[str], folder: Path, **more: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))
    }
    ran = subprocess.run(
        command, cwd=folder, env=environment | more, capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_puts_one_name_on_the_import_path(wheel: Path) -> None:
    """Everything is below the one package, and everything that the checkout needs is there."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"gp2gp_conformance"}
    wanted = {
        f"gp2gp_conformance/_bundle/{path.relative_to(ROOT).as_posix()}"
        for top in (*OURS, "features")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert not wanted - names


def test_the_demo_runs_in_a_folder_full_of_traps(installed: Path, trap: Path) -> None:
    """Spine, the reference practice and the judge are three processes: each imports ours, and pytest reads our settings alone.

    The folder even has a ``flask`` of its own, and a package that is called as ours is.
    """
    for name in ("flask", "gp2gp_conformance"):
        (trap / name).mkdir()
        (trap / name / "__init__.py").write_text(
            f"raise RuntimeError('the {name} of the user was imported')\n", "utf-8"
        )
    said = _run(
        [str(installed / "gp2gp"), "demo", "--only", "a-patient-registers", "--out", "look"],
        trap,
        PYTEST_ADDOPTS="--no-such-option",
        PYTEST_PLUGINS="no_such_plugin",
    )
    assert "No failure was found (1 PASS)." in said
    for name in ("index.html", "results.json", "junit.xml", "ledger.ndjson"):
        assert (trap / "look" / name).stat().st_size > 1000
    assert "whole" in _run([str(installed / "gp2gp"), "verify", "look"], trap)


def test_the_module_can_be_run_as_well(installed: Path, trap: Path) -> None:
    """``python -m`` puts the user's folder on the path; ours still comes first."""
    said = _run([str(installed / "python"), "-m", "gp2gp_conformance", "list"], trap)
    assert "a-patient-registers" in said


def test_data_is_found_in_the_bundle(installed: Path, trap: Path) -> None:
    """``importlib.resources`` answers for the fixtures of the bundle, and not for those of the user."""
    script = (
        "import gp2gp_conformance as ours; folder = ours.bootstrap()\n"
        "from importlib.resources import files\n"
        "found = files('fixtures').joinpath('requirements.toml')\n"
        "assert folder.name == '_bundle' and found.is_file(), (folder, found)\n"
        "print(found)\n"
    )
    said = _run([str(installed / "python"), "-c", script], trap)
    assert "_bundle" in said
    assert str(ROOT) not in said
