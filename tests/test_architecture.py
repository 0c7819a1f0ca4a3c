"""The laws that a program can check: who imports whom, no cycles, small files, everything annotated and tested."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.tree import ROOT, functions, imports, modules, parsed

LAUNCHER = "gp2gp_conformance"
FILE_LINES, FUNCTION_LINES, MEDIAN_LINES = 300, 30, 8

# Books of short rules, one after another: one reads a rule, not the book.
BOOKS, BOOK_LINES = ("harness/rules/",), 350

# What is larger than the budget, and by how much it may be. A row that is no longer needed must go.
LARGE_FILES = {
    "harness/cli.py": 340,  # one command after another, each short
    "harness/evidence.py": 350,  # one view after another, each short
}
LARGE_FUNCTIONS = {
    "harness/world.py:_plan": 41,  # one literal: the plan that crosses the process
    "simulator/wire/ebxml.py:envelope": 35,  # one constructor call: the envelope, field by field
    "fixtures/published.py:retarget": 40,
}

# Tested under the name of the module that stands in front of it.
UNDER_ANOTHER_NAME = {
    "simulator.wire.envelope": "simulator.wire.ebxml",
    "simulator.wire.writers.hl7": "simulator.wire.writers.gp2gp",
    "simulator.protocol.admission": "simulator.protocol.hub",
    "simulator.protocol.answers": "simulator.protocol.hub",
    "simulator.protocol.stage": "simulator.protocol.hub",
}


@pytest.mark.socket
def test_the_import_contracts_of_the_project_hold() -> None:
    """Layers, purity, readers without writers, a judge that does not know the player: pyproject.toml names them all."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_module_is_imported_by_what_it_imports() -> None:
    """No cycles, not even by an import inside a function; names for annotations alone do not count."""
    every = modules()
    known = frozenset(every)
    graph = {name: imports(path, known) - {name} for name, path in every.items()}
    # The launcher reaches for the command line when it is run; everything may ask the launcher where our files are.
    graph[LAUNCHER] -= {"harness.cli"}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as trouble:
        pytest.fail(" → ".join(trouble.args[1]))


def test_a_cycle_would_be_found() -> None:
    """The test above has teeth: two modules that import each other are a cycle for it."""
    with pytest.raises(CycleError):
        tuple(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
    name = "harness.cli"
    assert "harness.conduct" in imports(modules()[name], frozenset(modules())), "an import inside a function is seen"
    assert "harness.report.model" not in imports(modules()[name], frozenset(modules())), "one for annotations is not"


@pytest.mark.parametrize("folder", ["simulator/wire", "simulator/protocol"])
def test_every_module_of_the_core_is_imported_by_a_test(folder: str) -> None:
    """A module that no test names is a module that no test is about."""
    core = modules(folder)
    known = frozenset(modules())
    tested: set[str] = set()
    for path in modules("tests").values():
        tested |= imports(path, known)
    missing = {name for name, path in core.items() if name not in tested and path.name != "__init__.py"}
    assert missing == {name for name in UNDER_ANOTHER_NAME if name in core}


def test_every_function_says_what_it_returns() -> None:
    """Annotations are complete: mypy reads what a person reads."""
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules().values()
        for node in functions(path)
        if node.returns is None
    ]
    assert not bare


def test_every_module_says_what_it_is_for() -> None:
    """Each file begins with a docstring; packages that only group need none."""
    silent = [
        name for name, path in modules().items() if path.name != "__init__.py" and not ast.get_docstring(parsed(path))
    ]
    assert not silent


def test_files_stay_within_the_budget() -> None:
    """A file fits in one head; what does not is named here, with its own bound."""
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in modules().values()
    }
    large = {
        name: size for name, size in sizes.items() if size > (BOOK_LINES if name.startswith(BOOKS) else FILE_LINES)
    }
    _within(large, LARGE_FILES)


def test_functions_stay_within_the_budget() -> None:
    """Docstrings do not count; the median is small."""
    sizes: dict[str, int] = {}
    for path in modules().values():
        for node in functions(path):
            name = f"{path.relative_to(ROOT).as_posix()}:{node.name}"
            sizes[name] = max(_lines(node), sizes.get(name, 0))
    assert statistics.median(sizes.values()) <= MEDIAN_LINES
    _within({name: size for name, size in sizes.items() if size > FUNCTION_LINES}, LARGE_FUNCTIONS)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node):
        first = node.body[0]
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _within(large: dict[str, int], allowed: dict[str, int]) -> None:
    too_large = {name: size for name, size in large.items() if size > allowed.get(name, 0)}
    assert not too_large, "make it smaller, or argue for a row here"
    assert not set(allowed) - set(large), "this row is not needed any more"
