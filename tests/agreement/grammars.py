"""Compares the two grammars themselves, type by type from the root: what no mutant happens to touch is compared too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import xmlschema

from harness.validation.places import bare
from tests.agreement.models import EMPTY, Model, difference, model
from tests.agreement.mutations import CODES, VALUES

# Official types that no message is about: parts of a name, NPfIT's own narrowings, one for every vocabulary. A message
# could name them in xsi:type, and none does.
_INTERNAL = re.compile(r".*\..*|C[DSV]_.*|[Tt]humbnail")


class Comparison:
    """The walk through both grammars of one interaction."""

    def __init__(self, theirs: xmlschema.XMLSchema10, ours: xmlschema.XMLSchema10) -> None:
        self._grammars = theirs, ours
        self._seen: set[tuple[int, int]] = set()
        self.pairs = 0

    def differences(self, root: str) -> Iterator[str]:
        """One line for every difference below the root element of this name."""
        left, right = (grammar.elements[root] for grammar in self._grammars)
        yield from self._elements(left, right, root)

    def _elements(self, left: Any, right: Any, path: str) -> Iterator[str]:
        if left.nillable != right.nillable:
            yield f"{path}: nillable {left.nillable} / {right.nillable}"
        if left.fixed != right.fixed:
            yield f"{path}: fixed {left.fixed} / {right.fixed}"
        yield from self.types(left.type, right.type, path)

    def types(self, left: Any, right: Any, path: str) -> Iterator[str]:
        """One line for every difference between two types and what is below them; nothing for a pair seen before."""
        if (id(left), id(right)) in self._seen:
            return
        self._seen.add((id(left), id(right)))
        self.pairs += 1
        if left.abstract != right.abstract:
            yield f"{path}: abstract {left.abstract} / {right.abstract}"
        yield from self._attributes(left, right, path)
        yield from self._content(left, right, path)
        yield from self._derived(left, right, path)

    def _attributes(self, left: Any, right: Any, path: str) -> Iterator[str]:
        one, other = _allowed(left), _allowed(right)
        for name in sorted(one.keys() ^ other.keys()):
            yield f"{path}/@{name}: only {'official' if name in one else 'ours'}"
        for name in sorted(one.keys() & other.keys()):
            a, b = one[name], other[name]
            if (a.use, a.fixed) != (b.use, b.fixed):
                yield f"{path}/@{name}: {a.use} {a.fixed} / {b.use} {b.fixed}"
            yield from (f"{path}/@{name}: the value {value!r}" for value in _values(a.type, b.type))

    def _content(self, left: Any, right: Any, path: str) -> Iterator[str]:
        if not hasattr(left.content, "model") or not hasattr(right.content, "model"):
            yield from () if type(left.content) is type(right.content) else (f"{path}: simple and complex content",)
            return
        one, other = model(left.content), model(right.content)
        row = difference(one, other)
        if row is not None:
            yield f"{path}: children {' '.join(map(bare, row)) or 'none'}"
        if left.mixed != right.mixed and not _both_empty(one, other):
            yield f"{path}: mixed {left.mixed} / {right.mixed}"
        inside = ({e.name: e for e in t.content.iter_elements() if e.name and e.max_occurs != 0} for t in (left, right))
        mine, yours = inside
        for name in sorted(mine.keys() & yours.keys()):
            yield from self._elements(mine[name], yours[name], f"{path}/{bare(name)}")

    def _derived(self, left: Any, right: Any, path: str) -> Iterator[str]:
        """The types that a message may name in ``xsi:type`` instead."""
        one, other = (_derived(grammar, base) for grammar, base in zip(self._grammars, (left, right), strict=True))
        if left.name == right.name:
            for name in sorted(one.keys() ^ other.keys()):
                yield f"{path}: xsi:type {name}, only {'official' if name in one else 'ours'}"
        for name in sorted(one.keys() & other.keys()):
            yield from self.types(one[name], other[name], f"{path}({name})")


def _both_empty(one: Model, other: Model) -> bool:
    return one == other == EMPTY


def _allowed(kind: Any) -> dict[str, Any]:
    rules = getattr(kind, "attributes", None) or {}
    return {str(name): rule for name, rule in rules.items() if name and rule.use != "prohibited"}


def _derived(grammar: xmlschema.XMLSchema10, base: Any) -> dict[str, Any]:
    if base.name is None or not base.is_complex():
        return {}
    found = (
        each for each in grammar.types.values() if each is not base and each.is_complex() and each.is_derived(base)
    )
    return {str(each.local_name): each for each in found if not _INTERNAL.fullmatch(str(each.local_name))}


@cache
def _values(left: Any, right: Any) -> tuple[str, ...]:
    """The probes that one type takes and the other does not."""
    probes = {*VALUES, *CODES, *_enumerated(left), *_enumerated(right)}
    return tuple(sorted(probe for probe in probes if left.text_is_valid(probe) != right.text_is_valid(probe)))


def _enumerated(kind: Any) -> set[str]:
    """Every value in the lists of a type, of its members and of its items."""
    inner = [*(getattr(kind, "member_types", None) or ()), getattr(kind, "item_type", None)]
    own = {str(value) for value in getattr(kind, "enumeration", None) or ()}
    return own.union(*(_enumerated(each) for each in inner if each is not None))
