"""The documents say what is so: commands run, paths exist, features, scenarios, checks and requirements fit together."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import click
import pytest

import gp2gp_conformance
from harness import cli, documents, features, pool, serving
from harness.checks import BY_SENTENCE
from harness.covering import faults
from harness.judging import Wanted
from harness.profile import load
from harness.requirements import catalogue
from scenarios import LIBRARY, find
from scenarios.disturbing import JOINT
from simulator.protocol import exchange, transfer
from tests.tree import PACKAGES, ROOT

README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
READMES = sorted(path for top in (*PACKAGES[1:], "features", "tests") for path in (ROOT / top).rglob("README.md"))
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))

# Too slow to run here, or not ours to run: that what they name exists is tested instead. ``tests/test_wheel.py`` runs
# the short demo and its verification.
EXPENSIVE = (
    "make demo",
    "make test",
    "pip install .",
    "gp2gp demo",
    "gp2gp demo --only a-patient-registers --out look",
    "gp2gp verify look",
    "gp2gp run --sut system.toml",
)
# Requirements about a situation: the scenario that makes it is their test, and its checks see what came of it.
SITUATIONS = {"AR07", "C-16", "TD18.1", "TD19"}
# What a run makes: named in the documents, and not a file of the project.
MADE = ("reports/", "certificates/", "blobs/", "_bundle")
PRODUCTS = {
    "index.html",
    "worksheet.html",
    "results.json",
    "junit.xml",
    "ledger.ndjson",
    "sut.pem",
    "sut.key",
    "ca.pem",
}


def commands() -> list[str]:
    """Every command of the README's ``sh`` blocks, without what is said about it."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def wanted() -> list[Wanted]:
    """Every scenario of every feature."""
    return [each for _, scenarios in features.load() for each in scenarios]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder in which a reader has followed the README to the letter."""
    shutil.copy(ROOT / "examples" / "http.toml", tmp_path / "system.toml")
    _run("gp2gp certs", tmp_path)
    return tmp_path


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    assert program == "gp2gp"
    line = [str(Path(sys.executable).with_name("gp2gp")), *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.socket
@pytest.mark.parametrize("command", [each for each in commands() if each not in EXPENSIVE])
def test_every_cheap_command_of_the_readme_runs(command: str, desk: Path) -> None:
    """A newcomer who copies it gets what was promised."""
    if command == "gp2gp certs":
        shutil.rmtree(desk / "certificates")
    ran = _run(command, desk)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


@pytest.mark.parametrize("command", EXPENSIVE)
def test_every_other_command_of_the_readme_exists(command: str) -> None:
    """Its target, or its command with these options; and the README does name it."""
    assert command in commands(), "this row is not needed any more"
    program, *arguments = shlex.split(command)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:.*## ", MAKEFILE, re.MULTILINE)
    elif program == "gp2gp":
        # Parses the options as the command line would, and does nothing.
        known = cli.main.commands[arguments[0]]
        known.make_context(arguments[0], arguments[1:], parent=click.Context(cli.main))


def test_every_command_is_in_the_readme() -> None:
    """And none that is not."""
    table = set(re.findall(r"^\| `gp2gp (\w+)", README, re.MULTILINE))
    assert table == set(cli.main.commands)


def test_every_option_in_the_readme_is_one() -> None:
    """Options are named in the prose, too."""
    known = {name for each in cli.main.commands.values() for option in each.params for name in option.opts} | {"--help"}
    assert set(re.findall(r"(?<!-)--[a-z][a-z-]*", README)) <= known


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md"])
def test_every_path_in_the_documents_exists(document: str) -> None:
    """A pointer that points nowhere costs a newcomer more than none."""
    text = (ROOT / document).read_text("utf-8")
    named = set(
        re.findall(r"`([\w.-]+(?:/[\w.-]*)*\.(?:py|toml|md|json|html|xml|ndjson|pem|key)|[\w.-]+/[\w./-]*)`", text)
    )
    named |= set(re.findall(r"\]\(([^)#:]+)\)", text))
    named = {each for each in named if not each.startswith(MADE) and each not in PRODUCTS}
    assert len(named) > 10
    assert not [each for each in named if not _stands(each)]


def _stands(name: str) -> bool:
    """A path from the root, or, for a bare file name, a file of one of our folders."""
    if (ROOT / name).exists():
        return True
    tops = ("simulator", "harness", "scenarios", "fixtures", "tests", "docs")
    return "/" not in name and any(path for top in tops for path in (ROOT / top).rglob(name))


def test_a_newcomer_finds_where_a_duplicate_is_decided() -> None:
    """README leads to ARCHITECTURE, which names the file and the table, and the file says that this is the place."""
    assert "ARCHITECTURE.md" in README
    row = next(line for line in ARCHITECTURE.splitlines() if "duplicate MessageId" in line)
    path, table = re.findall(r"`([^`]+)`", row)
    text = (ROOT / path).read_text("utf-8")
    assert "where a duplicate MessageId is decided" in text
    assert re.search(rf"^{table}\b", text, re.MULTILINE)


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)
def test_folders_say_their_law_in_a_few_lines(path: Path) -> None:
    """A folder's README is read in the time it takes to open it."""
    assert len(path.read_text("utf-8").splitlines()) <= 20


@pytest.mark.parametrize("name", documents.PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    """``make docs`` would change nothing."""
    assert (ROOT / "docs" / name).read_text("utf-8") == documents.PAGES[name]()


def test_the_page_of_tables_cites_the_margins() -> None:
    """A row of the transfer table carries its requirement; one that changes nothing says so."""
    page = documents.tables()
    assert "| requested | EHR extract | extracted |  | TD52 |" in page
    assert "| accepted | same message | stays | acknowledge again, deliver nothing |" in page


def test_whatever_a_transfer_allows_cites_its_requirement() -> None:
    """Each move, and each message that is allowed without one, has ids of the catalogue in its margin."""
    margin = documents._margin()
    for (state, event), (_, violation) in transfer.TABLE.items():
        if violation is transfer.Violation.NONE:
            cited = re.findall(r"\b(?:S|TD|LM)\d[\d.]*", margin.get((state.name, event.name), "").partition(":")[0])
            assert cited, (state, event)
            assert set(cited) <= set(catalogue()), cited


def test_every_table_is_drawn() -> None:
    """Each state and each move of the three machines stands in a drawing."""
    page = documents.tables()
    # A colon or semicolon would end the label of a Mermaid drawing.
    drawn = re.findall(r"^    (\w+) --> (\w+): [^:;]+$", page, re.MULTILINE)
    tables = (exchange.INBOUND, exchange.OUTBOUND, transfer.TABLE)
    moves = [(state.name, after.name) for table in tables for (state, _), (after, _) in table.items() if after != state]
    assert set(moves) <= set(drawn)
    assert page.count("stateDiagram-v2") == len(tables)
    assert "EXTRACTED --> INTEGRATED: requester's positive acknowledgement of the extract (S67, TD30.1)" in page


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_profile(path: Path, desk: Path) -> None:
    """With certificates beside it, as its first lines say, it loads; or it is a pool, or practices for ``serve``."""
    copy = Path(shutil.copy(path, desk))
    values = tomllib.loads(copy.read_text("utf-8"))
    if "patients" in values:
        assert pool.read(copy).peers
    elif "practices" in values:
        assert serving._settings(copy, 0, desk / "certificates", desk / "served").how()
    else:
        assert load(copy).product.name


def test_the_two_profiles_of_the_reference_practice_are_one() -> None:
    """The example for a reader, and the one that the installed command carries."""
    assert (ROOT / "examples/reference.toml").read_bytes() == (ROOT / "fixtures/reference.toml").read_bytes()


def test_every_sentence_of_a_feature_is_a_check() -> None:
    """And every check is used by a feature: a rule that nothing asks for judges nothing."""
    sentences = {sentence for each in wanted() for sentence in each.sentences}
    assert sentences == set(BY_SENTENCE)


def test_every_scenario_is_used_by_one_feature() -> None:
    """What is never played is dead, and what is played twice is told apart by nothing."""
    used = Counter(each.transfer for each in wanted())
    assert set(used.values()) == {1}
    assert {name.partition(JOINT)[0] for name in used} == set(LIBRARY)


@pytest.mark.parametrize("each", wanted(), ids=lambda each: each.transfer)
def test_tags_of_a_feature_are_those_of_its_checks(each: Wanted) -> None:
    """``@req:X`` is a requirement that a check of the scenario stands on, or of its situation; the role is the transfer's."""
    cited = {requirement for check in each.checks for requirement in check.requirements}
    tagged = {tag.removeprefix("req:") for tag in each.tags if tag.startswith("req:")}
    assert tagged <= cited | SITUATIONS
    assert {"requester", "sender"} & set(each.tags) == {find(each.transfer).role}


def test_every_requirement_is_covered_or_says_why_not() -> None:
    """A row that nothing cites and nothing explains promises what nobody looks at; an explanation beside a check is stale."""
    assert faults() == ()


def test_the_project_is_versioned_once() -> None:
    """The package, the distribution and the changelog agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == gp2gp_conformance.__version__
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
