"""The content of one extract, as all its rules look at it: the elements by name, the acts by id, and its dates.

A hundred and fifty rules that each search a record of five megabytes cost thirty times its schema. One pass sorts the
elements by name; what stands below an element is found by walking its children, which costs less than an index of them.
What several rules look for is looked for once (:func:`harness.rules.register.once`).
"""

from __future__ import annotations

import gc
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from harness.rules.register import Subject, flaw, once
from simulator.wire import names
from simulator.wire.xml import Element, text_of

__all__ = ["Node", "flaw", "once"]

Node = Element
"""An element of an extract, in HL7's namespace."""

_HL7 = f"{{{names.HL7}}}"
_ANY = f"{_HL7}*"
XSI_TYPE = f"{{{names.XSI}}}type"
_EXTRACT = "/".join(f"{_HL7}{step}" for step in ("ControlActEvent", "subject", "EhrExtract"))
# Real extracts have one element for forty bytes, so this is forty megabytes of record; a hostile one ends here [ours].
MAX_ELEMENTS = 1_000_000

STATEMENTS = (
    "CompoundStatement",
    "EhrEmpty",
    "LinkSet",
    "MedicationStatement",
    "NarrativeStatement",
    "ObservationStatement",
    "PlanStatement",
    "RegistrationStatement",
    "RequestStatement",
)
SUPPLIES = ("ehrSupplyAuthorise", "ehrSupplyDiscontinue", "ehrSupplyDispense", "ehrSupplyPrescribe")
ACTS = ("ehrComposition", *STATEMENTS, *SUPPLIES)

SNOMED = names.OID_SNOMED
READ_2 = "2.16.840.1.113883.2.1.6.2"
CTV3 = "2.16.840.1.113883.2.1.3.2.4.14"


@dataclass(frozen=True, slots=True)
class Record:
    """The elements of an ``EhrExtract`` in document order, by local name; without an extract there are none.

    :param acts: compositions, statements and supply acts by their first id; the first of those that share one.
    """

    extract: Node | None
    named: dict[str, list[Node]]
    acts: dict[str, Node]


def record(subject: Subject) -> Record:
    """What the extract of ``subject`` holds."""
    found: Record | None = subject.kept.get(Record)
    if found is None:
        extract = None if subject.root is None else subject.root.find(_EXTRACT)
        found = subject.kept[Record] = Record(extract, {} if extract is None else _named(extract), {})
        for act in every(subject, *ACTS):
            found.acts.setdefault(uid(subject, act), act)
        found.acts.pop("", None)
    return found


def _named(extract: Element) -> dict[str, list[Node]]:
    """The elements by local name, those inside of elements that are not HL7's left out."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand objects that all stay: every collection among them searches them in vain
    try:
        for element in islice(extract.iter("*"), MAX_ELEMENTS + 1):
            found[element.tag].append(element)
    finally:
        if collecting:
            gc.enable()
    if not all(tag.startswith(_HL7) for tag in found):
        return _of_hl7_alone(extract)
    return {tag[len(_HL7) :]: elements for tag, elements in found.items()}


def _of_hl7_alone(extract: Element) -> dict[str, list[Node]]:
    named: dict[str, list[Node]] = {"EhrExtract": [extract]}
    inside = {extract}
    for element in islice(extract.iterdescendants("*"), MAX_ELEMENTS):
        if str(element.tag).startswith(_HL7) and element.getparent() in inside:
            inside.add(element)
            named.setdefault(name(element), []).append(element)
    return named


def every(subject: Subject, *wanted: str) -> Iterator[Node]:
    """The nodes of the extract with these local names."""
    found = record(subject).named
    return chain.from_iterable(found.get(name, ()) for name in wanted)


def extract_of(subject: Subject) -> Iterator[Node]:
    """The ``EhrExtract``, if there is one: for rules that look at one place of it."""
    extract = record(subject).extract
    if extract is not None:
        yield extract


def created(subject: Subject) -> str:
    """When the message says that it was made; empty when it does not."""
    return subject.reading.wrapper.creation_time if subject.reading.wrapper else ""


def name(node: Node) -> str:
    """The local name of an element of an extract."""
    return str(node.tag)[len(_HL7) :]


def kids(node: Node) -> list[Node]:
    """The elements directly below ``node``."""
    return list(node.iterchildren(_ANY))


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands at one path, by the element that it stands below: the first, and all of them where there are several."""

    first: dict[Node, Node]
    all: dict[Node, list[Node]]

    def of(self, node: Node) -> Sequence[Node]:
        several = self.all.get(node)
        if several is not None:
            return several
        one = self.first.get(node)
        return () if one is None else (one,)

    def put(self, node: Node, element: Node) -> None:
        first = self.first.setdefault(node, element)
        if first is not element:
            self.all.setdefault(node, [first]).append(element)


def child(subject: Subject, node: Node, path: str) -> Node | None:
    """The first element at ``path``, local names with slashes, below ``node``."""
    found: _Below | None = subject.kept.get((path,))
    return (_below(subject, path) if found is None else found).first.get(node)


def children(subject: Subject, node: Node, path: str) -> Sequence[Node]:
    """All elements at ``path`` below ``node``."""
    found: _Below | None = subject.kept.get((path,))
    return (_below(subject, path) if found is None else found).of(node)


def get(subject: Subject, node: Node, path: str, attribute: str) -> str:
    """An attribute of the first element at ``path``, without surrounding blanks; empty when there is none."""
    found: dict[Node, str] | None = subject.kept.get((path, attribute))
    if found is None:
        firsts = _below(subject, path).first
        found = {above: element.get(attribute, "").strip() for above, element in firsts.items()}
        subject.kept[path, attribute] = found
    return found.get(node, "")


def _below(subject: Subject, path: str) -> _Below:
    """Who asks for what is below one element soon asks for what is below all: so it is looked for from the other end."""
    found: _Below | None = subject.kept.get((path,))
    if found is not None:
        return found
    found = subject.kept[path,] = _Below({}, {})
    before, _, last = path.rpartition("/")
    if before:
        middle, lower = _below(subject, before), _below(subject, last)
        for node in middle.first:
            for each in middle.of(node):
                for element in lower.of(each):
                    found.put(node, element)
        return found
    first = found.first
    for element in every(subject, last):
        above = element.getparent()
        if above in first:
            found.put(above, element)
        elif above is not None:
            first[above] = element
    return found


def given(subject: Subject, attribute: str, *wanted: str) -> Iterator[tuple[Node, str]]:
    """The elements with these local names that have an attribute, and what it says."""
    for each in wanted:
        found: dict[Node, str] | None = subject.kept.get((each, attribute, given))
        if found is None:
            said = ((node, node.get(attribute)) for node in every(subject, each))
            found = subject.kept[each, attribute, given] = {node: text for node, text in said if text is not None}
        yield from found.items()


def within(node: Node, wanted: str) -> Iterator[Node]:
    """The element itself and those below it, at any depth, that have this name."""
    return node.iter(f"{_HL7}{wanted}")


def enclosing(node: Node, wanted: str) -> Iterator[Node]:
    """The elements above of that name, the nearest first."""
    return node.iterancestors(f"{_HL7}{wanted}")


def parent(node: Node, levels: int = 1) -> str:
    """The name of the element that many levels up; empty above the message."""
    above: Node | None = node
    for _ in range(levels):
        above = None if above is None else above.getparent()
    return "" if above is None else name(above)


def uid(subject: Subject, node: Node) -> str:
    """``id/@root`` of an act, role or reference; of the first id where there are two."""
    return get(subject, node, "id", "root")


def words(node: Node | None) -> str:
    """The text of an element, without surrounding blanks; empty for none."""
    return "" if node is None else text_of(node).strip()


def shown(subject: Subject, code: Node) -> str:
    """What a coded element says, for a report: code, or its words, or that it says nothing."""
    said = code.get("code") or words(child(subject, code, "originalText"))
    return said or code.get("nullFlavor") or "nothing"


def codes(subject: Subject, code: Node | None) -> Iterator[tuple[str, str]]:
    """Code and code system of a coded element and of its translations; blanks around them, as one example has, are no part."""
    for each in () if code is None else (code, *children(subject, code, "translation")):
        text = each.get("code")
        if text:
            yield text.strip(), each.get("codeSystem", "").strip()


_TIME = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<month>[0-9]{2})(?:(?P<day>[0-9]{2})(?:(?P<hour>[0-9]{2})(?:(?P<minute>[0-9]{2})"
    r"(?:(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?)?)?)?(?:[+-][0-9]{2,4})?"
)


@lru_cache(maxsize=8192)
def real(time: str) -> bool:
    """Whether an HL7 time, of any precision from the year down, is one that a calendar and a clock have."""
    match = _TIME.fullmatch(time)
    if match is None:
        return False
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    if not (1 <= month <= 12 and year >= 1 and 1 <= day <= monthrange(year, month)[1]):
        return False
    return int(match["hour"] or 0) <= 23 and int(match["minute"] or 0) <= 59 and int(match["second"] or 0) <= 59


def after(one: str, other: str, digits: int = 14) -> bool:
    """Whether ``one`` is later than ``other``, as far as both say (a month is not after a day in it), at most ``digits``."""
    if not (one[:4].isdigit() and other[:4].isdigit()):
        return False
    shared = min(len(one), len(other), digits)
    return one[:shared] > other[:shared]
