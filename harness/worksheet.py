"""The worksheet of a run by hand: what a person must do at the system under test, in the order in which they are asked.

Cases that need the same condition stand together, so that the person sets it once; those that need none come first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness.drivers.manual import Place, Task, taken_away, task
from harness.profile import Profile
from harness.session import arguments
from harness.world import Casting

FILE = "worksheet.html"


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that need the same condition; empty for none."""

    condition: str
    castings: tuple[Casting, ...]

    @property
    def title(self) -> str:
        """The heading."""
        return f"With the condition {self.condition}" if self.condition else "Without any condition"

    @property
    def end(self) -> Task | None:
        """What the person does when the group is over; nothing where its cases have done it."""
        return taken_away(self.condition) if self.condition and "then off" not in self.condition else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is on the worksheet."""

    groups: tuple[Group, ...]

    @property
    def order(self) -> tuple[Casting, ...]:
        """The cases as they are played."""
        return tuple(casting for group in self.groups for casting in group.castings)

    @property
    def places(self) -> dict[str, Place]:
        """Where each case stands."""
        numbers = {casting.case: number for number, casting in enumerate(self.order, 1)}
        return {
            casting.case: Place(
                numbers[casting.case],
                group.condition,
                tuple(each.patient["nhs_number"] for each in group.castings),
                tuple(each.plan["peer"]["ods"] for each in group.castings),
            )
            for group in self.groups
            for casting in group.castings
        }


def sheet(castings: Iterable[Casting]) -> Sheet:
    """The worksheet of these cases. Within a group they keep their order."""
    groups: dict[str, list[Casting]] = {"": []}
    for casting in castings:
        groups.setdefault(condition(casting), []).append(casting)
    return Sheet(tuple(Group(name, tuple(some)) for name, some in groups.items() if some))


def condition(casting: Casting) -> str:
    """The condition that a case needs, and whether it ends it itself; empty for none.

    One that begins when the transfer is under way already must not hold from its beginning: no other case shares it.
    """
    script = casting.plan["script"]
    asked = [(n, step["arguments"]) for n, step in enumerate(script) if step.get("verb") == "configure"]
    if not asked:
        return ""
    name = ", ".join([each["condition"] if each.get("value") != "off" else "then off" for _, each in asked])
    before = script[: asked[0][0]]
    return name if all(step.get("verb") == "hold" for step in before) else f"{name}, in the middle of {casting.case}"


def tasks(casting: Casting) -> Iterator[Task]:
    """What the person does and answers in a case, in order; what nobody can do by hand is left out."""
    for step in casting.plan["script"]:
        if step["step"] == "ask":
            wanted = task(step["verb"], arguments(casting, step["verb"], step["arguments"]))
            if wanted is not None:
                yield wanted


def text(made: Sheet) -> Iterator[str]:
    """The worksheet in lines, for a terminal."""
    places = made.places
    for group in made.groups:
        yield f"== {group.title}"
        for casting in group.castings:
            patient = casting.patient
            yield f"{places[casting.case].number}. {casting.case} (peer {casting.plan['peer']['ods']})"
            yield f"   {patient['family']}, {patient['given']}, NHS number {patient['nhs_number']}"
            for wanted in tasks(casting):
                yield from (f"   [ ] {line}" if n == 0 else f"     {line}" for n, line in enumerate(_lines(wanted)))
        if group.end:
            yield f"[ ] {group.end.do}"


def _lines(wanted: Task) -> list[str]:
    return [*wanted.do.splitlines(), f"  Answer: {wanted.answer}"]


def write(made: Sheet, profile: Profile, out: Path, finished: Collection[str] = ()) -> Path:
    """Write the page to print beside the ledger. :param finished: the cases that need nothing more."""
    template = _environment().get_template("worksheet.html.j2")
    facts: Mapping[str, Any] = {"sheet": made, "profile": profile, "folder": out, "finished": finished, "tasks": tasks}
    file = out / FILE
    file.write_text(template.render(facts), "utf-8")
    return file


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "report" / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
