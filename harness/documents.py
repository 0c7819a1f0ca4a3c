"""The generated pages of ``docs/``: what the tables of the protocol say, and which checks there are.

``python -m harness.documents`` writes them; a test holds the committed pages against what the code says now.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import gp2gp_conformance
from harness import pool
from harness.checks import CHECKS
from harness.checks.register import Check
from harness.monitors import MONITORS
from harness.profile import Profile
from simulator.protocol import exchange, transfer

HEADING = "Written by `make docs` from the code; change the code, not this page."
# A row of the transfer table, with what its margin cites.
ROW = re.compile(r"^ +\(S\.(?P<state>\w+), E\.(?P<event>\w+)\): .*?# *(?P<cited>.+)$", re.MULTILINE)


def tables() -> str:
    """``docs/tables.md``: the three state machines, a table each."""
    margin = _margin()
    return _page(
        "The tables of the protocol",
        [
            HEADING,
            "",
            "Every table is total: each state has a row for each event. A message that came at the wrong time never stops",
            "anything; what it did wrong stands in the ledger.",
            "",
            "## A message that somebody posted to Spine (`simulator/protocol/exchange.py`, `INBOUND`)",
            "",
            *_machine(exchange.INBOUND, ("what Spine knows of the MessageId", "what came", "then", "what Spine does")),
            "",
            "## A message that Spine must deliver (`simulator/protocol/exchange.py`, `OUTBOUND`)",
            "",
            *_machine(exchange.OUTBOUND, ("where it stands", "what happened", "then", "what the courier does")),
            "",
            "## A transfer (`simulator/protocol/transfer.py`, `TABLE`)",
            "",
            *_machine(
                transfer.TABLE,
                ("where it stands", "what was delivered", "then", "what was wrong", "margin"),
                lambda state, event: margin.get((state, event), ""),
            ),
        ],
    )


def checks() -> str:
    """``docs/checks.md``: every check, and every monitor."""
    return _page(
        "The checks",
        [
            HEADING,
            "",
            "A feature names a check by its sentence. `gp2gp explain ID` tells more of a check, and of each id it stands on.",
            "",
            *_table(("check", "sentence", "stands on", "layer", "basis"), _judging(CHECKS)),
            "",
            "## The monitors",
            "",
            "They look at every conversation of a run, whatever its scenario is about (`harness/monitors/`).",
            "The two of time measure and warn. `M-unattributed` fails a run for every message that belongs to no transfer.",
            "",
            *_table(("monitor", "sentence", "stands on", "layer", "basis"), _judging(MONITORS)),
        ],
    )


def _judging(register: Mapping[str, Check]) -> Iterable[Sequence[str]]:
    return ((c.id, c.sentence, ", ".join(c.requirements), c.layer.value, c.basis.value) for c in register.values())


def profile() -> str:
    """The JSON Schema of a profile, for editors that complete and check TOML by one."""
    return json.dumps(Profile.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def people() -> str:
    """The JSON Schema of a pool, TOML or JSON."""
    return json.dumps(pool.Rows.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "tables.md": tables,
    "checks.md": checks,
    "profile.schema.json": profile,
    "pool.schema.json": people,
}


def _margin() -> dict[tuple[str, str], str]:
    """What the margin of the transfer table cites, by the names of state and event."""
    source = inspect.getsource(transfer)
    return {(row["state"], row["event"]): row["cited"].strip() for row in ROW.finditer(source)}


def _machine(
    table: Mapping[tuple[Any, Any], tuple[Enum, Enum]],
    heads: Sequence[str],
    more: Callable[[str, str], str] | None = None,
) -> list[str]:
    rows = []
    for (state, event), (after, answer) in table.items():
        row = [state.value, event.value, after.value if after is not state else "stays", answer.value]
        rows.append([*row, more(state.name, event.name)] if more else row)
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines]


def _page(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"# {title}", "", *lines, ""])


def write(folder: Path) -> list[Path]:
    """Write every page to ``folder``; what was written."""
    written = []
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")
        written.append(folder / name)
    return written


if __name__ == "__main__":
    for path in write(gp2gp_conformance.root() / "docs"):
        print(path)
