"""The comparison: mutants, the verdicts on them, and the classes of disagreement that are known and explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from random import Random

from lxml import etree

from harness.validation import schemas
from harness.validation.schemas import schema, verdict
from tests.agreement.mutations import Material, Mutant, mutants
from tests.agreement.samples import Sample, grammar, theirs

_TS = re.compile(r"[0-9]{1,14}|[0-9]{9,14}[+\-][0-9]{1,4}|[0-9]{14}\.[0-9]+([+\-][0-9]{1,4})?")
_VALUE = re.compile(r"The value '([^']*)' is not accepted by the pattern")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both verdicts on a mutant. ``error`` is the first error of the schema that refused it."""

    mutant: Mutant
    official: bool
    own: bool
    error: str

    @property
    def agreed(self) -> bool:
        """Whether the verdicts are the same."""
        return self.official == self.own


def _digits(outcome: Outcome) -> bool:
    value = _VALUE.search(outcome.error)
    return outcome.official and value is not None and value[1].isdigit() and not _TS.fullmatch(value[1])


def _translation(outcome: Outcome) -> bool:
    return outcome.official and "Element 'translation': This element is not expected" in outcome.error


KNOWN: dict[str, Callable[[Outcome], bool]] = {
    "D1 digits of a time": _digits,
    "D2 translation in a CV": _translation,
}
"""The classes of docs/schema-differences.md. In each of them libxml2 lets pass what the official schema forbids."""


def known(shared: Path, outcome: Outcome) -> str:
    """The class of a disagreement; empty when it is in none, or when the second engine sides with the official verdict."""
    name = next((name for name, applies in KNOWN.items() if applies(outcome)), "")
    if not name:
        return ""
    second = grammar(shared, outcome.mutant.sample.interaction).is_valid(outcome.mutant.root)
    return name if second == outcome.own else ""


ALL = 60
"""How many mutants by one operator the samples of an interaction have at least together: one of them has one sample."""


def make(shared: Path, base: Iterable[Sample], each: int, least: int = ALL) -> list[Mutant]:
    """``each`` mutants of every base by every operator, without repetitions and without those that changed nothing."""
    base = list(base)
    names = tuple(sorted({etree.QName(e).localname for s in base for e in s.root.iter(etree.Element)}))
    found: dict[bytes, Mutant] = {}
    unchanged = {etree.tostring(sample.root) for sample in base}
    for sample in base:
        material = Material(names, grammar(shared, sample.interaction), schemas.grammar(sample.interaction))
        kin = sum(other.interaction == sample.interaction for other in base)
        for mutant in mutants(sample, material, max(each, -(-least // kin))):
            key = etree.tostring(mutant.root)
            if key not in unchanged:
                found.setdefault(key, mutant)
    return list(found.values())


def compare(shared: Path, made: Iterable[Mutant]) -> Iterator[Outcome]:
    """Both verdicts on every mutant."""
    for mutant in made:
        interaction = mutant.sample.interaction
        official = theirs(shared, interaction)
        accepted = bool(official.validate(mutant.root)), bool(schema(interaction).validate(mutant.root))
        error = "" if accepted[0] == accepted[1] else _first(mutant, None if accepted[0] else official)
        yield Outcome(mutant, *accepted, error)


def _first(mutant: Mutant, against: etree.XMLSchema | None) -> str:
    errors = verdict(mutant.root, mutant.sample.interaction, against or schema(mutant.sample.interaction))
    return errors[0].text


def second_engine(sample: Sample) -> bool:
    """The verdict of xmlschema under our schema. It stops at an ``xsi:type`` that names no type: that is a refusal."""
    try:
        return bool(schemas.grammar(sample.interaction).is_valid(sample.root))
    except KeyError:
        return False


def engines_differ(chosen: Iterable[Sample]) -> list[Sample]:
    """Where libxml2 and xmlschema differ on our own schemas."""
    return [each for each in chosen if bool(schema(each.interaction).validate(each.root)) != second_engine(each)]


def some(made: list[Mutant], number: int) -> list[Sample]:
    """A seeded choice of mutants, as payloads: every interaction and operator has its turn."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in made:
        groups.setdefault((mutant.sample.interaction, mutant.operator), []).append(mutant)
    random = Random(number)
    for group in groups.values():
        random.shuffle(group)
    turns = [mutant for turn in zip_longest(*groups.values()) for mutant in turn if mutant is not None]
    return [Sample(f"{m.sample.name} {m.operator} {m.number}", m.sample.interaction, m.root) for m in turns[:number]]
