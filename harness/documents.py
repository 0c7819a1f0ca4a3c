"""The generated pages of ``docs/``: what the tables of the protocol say, and which checks there are.

``python -m harness.documents`` writes them; a test holds the committed pages against what the code says now.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import gp2gp_conformance
from harness import features, pool
from harness.checks import CHECKS
from harness.checks.register import Check
from harness.monitors import MONITORS
from harness.profile import Profile
from simulator.protocol import exchange, transfer
from simulator.protocol.transfer import Event

HEADING = "Written by `make docs` from the code; change the code, not this page."
_BY_REQUESTER = (Event.REQUEST, Event.CONTINUE, Event.PART_ANSWER, Event.FINAL_ACK, Event.FINAL_NACK)
_BY_SENDER = (Event.REQUEST_ACK, Event.REQUEST_NACK, Event.EXTRACT, Event.PART)
_SENT_BY = dict.fromkeys(_BY_REQUESTER, "requester's") | dict.fromkeys(_BY_SENDER, "sender's")
# A row of the transfer table, with what its margin cites.
ROW = re.compile(r"^ +\(S\.(?P<state>\w+), E\.(?P<event>\w+)\): .*?# *(?P<cited>.+)$", re.MULTILINE)


INTRODUCTION = (
    HEADING,
    "",
    "Every table is total: each state has a row for each event. A message that came at the wrong time never stops",
    "anything; what it did wrong stands in the ledger. The drawings show what leads on or is allowed to stay, with its",
    "requirements; what is not drawn changes nothing.",
)
BOTH_ROLES = (
    "One table is the state machine of both roles: each message has one sender, which the drawing names, and what the",
    "one may send now is what the other may expect.",
    "",
)


def tables() -> str:
    """``docs/tables.md``: the three state machines, each drawn and as a table."""
    heads = ("where it stands", "what was delivered", "then", "what was wrong", "margin")
    lines = [
        *INTRODUCTION,
        *_title("A message that somebody posted to Spine", "exchange", "INBOUND"),
        *_drawing(exchange.INBOUND),
        *_machine(exchange.INBOUND, ("what Spine knows of the MessageId", "what came", "then", "what Spine does")),
        *_title("A message that Spine must deliver", "exchange", "OUTBOUND"),
        *_drawing(exchange.OUTBOUND),
        *_machine(exchange.OUTBOUND, ("where it stands", "what happened", "then", "what the courier does")),
        *_title("A transfer", "transfer", "TABLE"),
        *BOTH_ROLES,
        *_drawing(transfer.TABLE, _label, allowed=transfer.Violation.NONE),
        *_machine(transfer.TABLE, heads, lambda state, event: _margin().get((state, event), "")),
    ]
    return _page("The tables of the protocol", lines)


def _title(what: str, module: str, table: str) -> tuple[str, ...]:
    return ("", f"## {what} (`simulator/protocol/{module}.py`, `{table}`)", "")


def checks() -> str:
    """``docs/checks.md``: every check, and every monitor."""
    return _page(
        "The checks",
        [
            HEADING,
            "",
            "A feature names a check by its sentence. `gp2gp explain ID` tells more of a check, and of each id it stands on.",
            _counted(),
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


def _counted() -> str:
    """How many steps there are to read."""
    return (
        f"The features have {len(steps('Given', 'Then'))} distinct steps: one begins each scenario, the others are these "
        f"sentences. Besides, {len(steps('When'))} different ones say what Spine does wrong on purpose, all in the few "
        "forms of `scenarios/disturbing.py`."
    )


def steps(*words: str) -> set[str]:
    """The distinct steps of all features that begin with one of ``words``; what stands in quotes is an argument."""
    every = (
        text for _, scenarios in features.load() for each in scenarios for word, text in each.steps if word in words
    )
    return {re.sub(r'"[^"]*"', '"..."', text) for text in every}


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


@cache
def _margin() -> dict[tuple[str, str], str]:
    """What the margin of the transfer table cites, by the names of state and event."""
    source = inspect.getsource(transfer)
    return {(row["state"], row["event"]): row["cited"].strip() for row in ROW.finditer(source)}


def _label(state: str, event: str) -> str:
    """A message of a transfer in a drawing: whose it is, what it is, and what allows it."""
    cited = _margin().get((state, event), "").partition(":")[0]
    return f"{_SENT_BY.get(Event[event], '')} {Event[event].value}" + (f" ({cited})" if cited else "")


def _drawing(
    table: Mapping[tuple[Any, Any], tuple[Enum, Enum]],
    label: Callable[[str, str], str] | None = None,
    allowed: Enum | None = None,
) -> list[str]:
    """A state diagram of the rows that lead to another state, and of those that stay with the reaction ``allowed``."""
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), (after, answer) in table.items():
        if after is not state or answer is allowed:
            said = label(state.name, event.name) if label else f"{event.value} / {answer.value}"
            edges.setdefault((state.name, after.name), []).append(said.strip())
    names = {state.name: state.value for state, _ in table}
    return [
        "```mermaid",
        "stateDiagram-v2",
        "    direction LR",
        *(f'    state "{value}" as {name}' for name, value in names.items()),
        f"    [*] --> {next(iter(names))}",
        *(f"    {left} --> {right}: {'<br/>'.join(said)}" for (left, right), said in edges.items()),
        "```",
        "",
    ]


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
