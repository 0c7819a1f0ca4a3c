"""Content models as regular expressions over element names, compared as languages: how they are written plays no part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xmlschema.validators import XsdAnyElement, XsdGroup


@dataclass(frozen=True, slots=True)
class Model:
    """An expression: ``kind`` is none, empty, name, sequence, choice or repeat."""

    kind: str
    name: str = ""
    parts: tuple[Model, ...] = ()
    least: int = 0
    most: int | None = None


NONE, EMPTY = Model("none"), Model("empty")


def sequence(*parts: Model) -> Model:
    """One part after the other."""
    flat = tuple(each for part in parts for each in (part.parts if part.kind == "sequence" else (part,)))
    kept = tuple(each for each in flat if each != EMPTY)
    if NONE in kept:
        return NONE
    return EMPTY if not kept else kept[0] if len(kept) == 1 else Model("sequence", parts=kept)


def choice(*parts: Model) -> Model:
    """One of the parts."""
    flat = [each for part in parts for each in (part.parts if part.kind == "choice" else (part,))]
    kept = tuple(sorted({each for each in flat if each != NONE}, key=repr))
    return NONE if not kept else kept[0] if len(kept) == 1 else Model("choice", parts=kept)


def repeat(part: Model, least: int, most: int | None) -> Model:
    """``least`` to ``most`` times the part."""
    if most == 0 or part == EMPTY:
        return EMPTY
    if part == NONE:
        return EMPTY if least == 0 else NONE
    return part if (least, most) == (1, 1) else Model("repeat", parts=(part,), least=least, most=most)


def model(particle: Any) -> Model:
    """The expression of a particle of xmlschema."""
    if isinstance(particle, XsdGroup):
        parts = [model(each) for each in particle if each.max_occurs != 0]
        inner = choice(*parts) if particle.model == "choice" and parts else sequence(*parts)
    elif isinstance(particle, XsdAnyElement):
        inner = Model("name", name=f"any {sorted(map(str, particle.namespace))} {particle.process_contents}")
    else:
        inner = Model("name", name=str(particle.name))
    return repeat(inner, particle.min_occurs, particle.max_occurs)


def nullable(each: Model) -> bool:
    """Whether nothing at all is allowed."""
    if each.kind in {"none", "empty", "name"}:
        return each.kind == "empty"
    if each.kind == "repeat":
        return each.least == 0 or nullable(each.parts[0])
    found = [nullable(part) for part in each.parts]
    return all(found) if each.kind == "sequence" else any(found)


def after(each: Model, name: str) -> Model:
    """What may follow when an element of this name stands first."""
    if each.kind == "name":
        return EMPTY if each.name == name else NONE
    if each.kind == "choice":
        return choice(*(after(part, name) for part in each.parts))
    if each.kind == "repeat":
        (part,) = each.parts
        rest = repeat(part, max(each.least - 1, 0), None if each.most is None else each.most - 1)
        return sequence(after(part, name), rest)
    if each.kind == "sequence":
        first, rest = each.parts[0], sequence(*each.parts[1:])
        straight = sequence(after(first, name), rest)
        return choice(straight, after(rest, name)) if nullable(first) else straight
    return NONE


def names(each: Model) -> set[str]:
    """The names in an expression."""
    return {each.name} if each.kind == "name" else {name for part in each.parts for name in names(part)}


def difference(left: Model, right: Model) -> tuple[str, ...] | None:
    """The shortest row of elements that one allows and the other does not; ``None`` when there is none."""
    alphabet = sorted(names(left) | names(right))
    seen = {(left, right)}
    queue: list[tuple[Model, Model, tuple[str, ...]]] = [(left, right, ())]
    for one, other, row in queue:
        if nullable(one) != nullable(other):
            return row
        for name in alphabet:
            pair = after(one, name), after(other, name)
            if pair not in seen:
                seen.add(pair)
                queue.append((*pair, (*row, name)))
    return None
