"""``gp2gp diff``: what two runs did differently, case by case, with everything that must differ set aside.

Entries are aligned by what they are and by their how-manieth (the second EHR extract that Spine delivered). Identifiers are
renamed by the place of their first appearance, and the cast by its role, so that two runs of one seed, whose run numbers
give them other patients and ids, are equal when they did the same. Order is compared only where one thing follows from
another: among the messages of one side in one conversation, and between a message and its answer.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from harness.evidence import by_case
from simulator import ledger
from simulator.ledger import Entry

UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Answers are kept in the entry itself when they are small, and hold the time at which they were written.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")
MESSAGES = ("message.received", "message.sent")


class DiffTrouble(Exception):
    """A folder that holds no run; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the case, the aligned place, and what stands on either side ("nothing" when it is missing)."""

    case: str
    place: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.case}: {self.place}: {self.left} | {self.right}"


@dataclass(slots=True)
class Names:
    """Renames what identifies by what it is: the cast by its role, ids by their first appearance."""

    known: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def learn(self, plan: Mapping[str, Any]) -> None:
        """Learn the cast of a case from its plan."""
        for role in ("sut", "peer"):
            for key, value in plan.get(role, {}).items():
                if isinstance(value, str) and value:
                    self.known[value] = f"<{role} {key}>"
            for interaction, value in plan.get(role, {}).get("cpa_ids", {}).items():
                self.known[value] = f"<{role} cpa {interaction}>"
        for number, patient in enumerate(plan.get("patients", ())):
            self.known[patient["nhs_number"]] = f"<patient {number}>"

    def name(self, identifier: str, what: str) -> None:
        """Give an id its name, once."""
        if identifier and identifier.upper() not in self.known:
            self.counts[what] += 1
            self.known[identifier.upper()] = f"<{what} {self.counts[what]}>"

    def apply(self, text: str) -> str:
        """``text`` with everything known renamed, and other UUIDs by their first appearance in it."""
        local: dict[str, str] = {}
        text = UUID.sub(
            lambda m: self.known.get(m[0].upper()) or local.setdefault(m[0].upper(), f"<id {len(local)}>"), text
        )
        for value in sorted(self.known, key=len, reverse=True):
            text = text.replace(value, self.known[value])
        return text


def differences(left: Path, right: Path) -> Iterator[Difference]:
    """Every difference between two runs. :raises DiffTrouble: when one of them is none."""
    sides = [by_case(_entries(folder)) for folder in (left, right)]
    for case in sorted(set(sides[0]) | set(sides[1])):
        a, b = (_places(side.get(case, [])) for side in sides)
        for place in (*a, *(place for place in b if place not in a)):
            seen = [side.get(place, "nothing") for side in (a, b)]
            if seen[0] != seen[1]:
                yield from _fields(case, place, *seen)


def _entries(folder: Path) -> list[Entry]:
    try:
        return list(ledger.read(folder))
    except (OSError, ValueError) as trouble:
        raise DiffTrouble(f"{folder} holds no run that can be read ({trouble}); name the folder of a run.") from None


def _fields(case: str, place: str, left: Any, right: Any) -> Iterator[Difference]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if left.get(key) != right.get(key):
                yield Difference(case, f"{place}, {key}", str(left.get(key, "nothing")), str(right.get(key, "nothing")))
    else:
        yield Difference(
            case, place, "something" if left != "nothing" else left, "something" if right != "nothing" else right
        )


def _places(entries: Sequence[Entry]) -> dict[str, Any]:
    """The aligned places of one case, with what stands there."""
    names, counts = Names(), Counter[str]()
    for entry in entries:
        if entry.kind == "case.opened":
            names.learn(entry.data)
    for entry in entries:
        facts = entry.data.get("message") or {}
        for key, what in (
            ("message_id", facts.get("label", "message")),
            ("hl7_id", "hl7"),
            ("conversation", "conversation"),
        ):
            names.name(str(facts.get(key, "")), f"{entry.kind} {what}" if key == "message_id" else what)
    places: dict[str, Any] = {}
    order: dict[str, list[str]] = defaultdict(list)
    answers: dict[tuple[str, int], str] = {}
    for entry in entries:
        what = _what(entry, answers)
        if what:
            counts[what] += 1
            place = f"{what} {counts[what]}"
            places[place] = _told(entry, names)
            if entry.kind in MESSAGES:
                # An answer is aligned with what it answers: answers of different messages may change places.
                key = "arrival" if entry.kind == "message.received" else "delivery"
                answers[key, int(entry.data[key])] = place
                conversation = str((entry.data.get("message") or {}).get("conversation", "")).upper()
                order[f"order of {entry.kind} in {names.known.get(conversation, '?')}"].append(what)
    return places | {key: {"order": " > ".join(value)} for key, value in order.items()}


def _what(entry: Entry, answers: Mapping[tuple[str, int], str]) -> str:
    """What an entry is aligned by; empty for what is not compared."""
    data = entry.data
    match entry.kind:
        case "message.received" | "message.sent":
            return f"{entry.kind}: {(data.get('message') or {}).get('label') or data.get('label', '')}"
        case "message.answered":
            return f"answer to {answers.get(('arrival', int(data['arrival'])), '?')}"
        case "delivery.outcome":
            return f"answer to {answers.get(('delivery', int(data['delivery'])), '?')}, attempt {data['attempt']}"
        case "hook.called":
            return f"hook.called: {data['verb']}"
        case "check.found":
            return f"check.found: {data['check']}"
        case "service.called":
            return f"service.called: {data['service']} {data['call']}"
        case "scenario.judged" | "await.met" | "await.unmet" | "case.closed" | "transfer.moved":
            return (
                entry.kind if entry.kind != "transfer.moved" else f"transfer.moved: {data['event']} {data['direction']}"
            )
        case _:
            return ""


def _told(entry: Entry, names: Names) -> dict[str, str]:
    volatile = _volatile()
    flat = _flatten(entry.data, "", volatile)
    return {key: TIME.sub("<time>", names.apply(value)) for key, value in flat}


def _flatten(data: object, path: str, volatile: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key not in volatile:
                yield from _flatten(value, f"{path}.{key}" if path else str(key), volatile)
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from _flatten(value, f"{path}[{number}]", volatile)
    else:
        yield path, str(data)


def _volatile() -> frozenset[str]:
    """The fields that differ between any two runs, from the one committed list."""
    rows = tomllib.loads(files("fixtures").joinpath("volatile.toml").read_text("utf-8"))["field"]
    return frozenset(row["name"] for row in rows)
