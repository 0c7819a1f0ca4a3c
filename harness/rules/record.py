"""The content of one extract, read once for all rules: its elements as light nodes, by name and by id, and its dates.

A hundred and fifty rules that each search a record of five megabytes through lxml cost thirty times its schema. One pass
makes a node of every element; rules then walk Python objects. The last few records are kept, so that the rules of one
message share the pass, and what several rules look for is looked for once (:func:`once`).
"""

from __future__ import annotations

import gc
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from itertools import chain
from typing import TypeVar, overload

from harness.rules.register import Flaw, Subject
from harness.rules.register import flaw as flaw_at
from simulator.wire import names
from simulator.wire.xml import Element, text_of

_HL7 = f"{{{names.HL7}}}"
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


class Node:
    """One element of an extract: local name, the node above, the nodes below, and the element itself for the rest."""

    __slots__ = ("above", "attributes", "element", "kids", "name", "root")

    def __init__(self, element: Element, name: str, above: Node | None) -> None:
        self.element = element
        self.name = name
        self.above = above
        self.kids: list[Node] = []
        self.root = ""
        self.attributes = {str(key): str(value) for key, value in element.items()}

    @overload
    def get(self, attribute: str) -> str | None: ...

    @overload
    def get(self, attribute: str, default: str) -> str: ...

    def get(self, attribute: str, default: str | None = None) -> str | None:
        """An attribute as written."""
        return self.attributes.get(attribute, default)


@dataclass(frozen=True, slots=True)
class Record:
    """The nodes of an ``EhrExtract`` in document order, by local name; without an extract there are none.

    :param acts: compositions, statements and supply acts by their first id; the first of those that share one.
    :param found: what :func:`once` has kept.
    """

    extract: Node | None
    named: dict[str, list[Node]]
    acts: dict[str, Node]
    found: dict[object, tuple[object, ...]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _record(root: Element) -> Record:
    extract = root.find(_EXTRACT)
    if extract is None:
        return Record(None, {}, {})
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand objects that all stay: every collection among them searches them in vain
    try:
        top, named = _nodes(extract)
    finally:
        if collecting:
            gc.enable()
    acts: dict[str, Node] = {}
    for kind in ACTS:
        for act in named.get(kind, ()):
            acts.setdefault(uid(act), act)
    acts.pop("", None)
    return Record(top, named, acts)


def _nodes(extract: Element) -> tuple[Node, dict[str, list[Node]]]:
    top = Node(extract, "EhrExtract", None)
    made: dict[Element | None, Node] = {extract: top}
    named: dict[str, list[Node]] = {"EhrExtract": [top]}
    for number, element in enumerate(extract.iterdescendants(f"{_HL7}*")):
        above = made.get(element.getparent())
        if number == MAX_ELEMENTS:
            break
        if above is None:  # inside of an element that is not HL7's
            continue
        local = str(element.tag)[len(_HL7) :]
        node = made[element] = Node(element, local, above)
        above.kids.append(node)
        named.setdefault(local, []).append(node)
    return top, named


_NOTHING = Record(None, {}, {})


def record(subject: Subject) -> Record:
    """What the extract of ``subject`` holds."""
    return _NOTHING if subject.root is None else _record(subject.root)


T = TypeVar("T")


def once(search: Callable[[Subject], Iterable[T]]) -> Callable[[Subject], tuple[T, ...]]:
    """Keep what a search finds in a record, for the other rules that look for the same."""

    @wraps(search)
    def kept(subject: Subject) -> tuple[T, ...]:
        found = record(subject).found
        if search not in found:
            found[search] = tuple(search(subject))
        return found[search]  # type: ignore[return-value]  # the dictionary holds what each search gave

    return kept


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


def flaw(expected: str, found: str, at: Node | None = None) -> Flaw:
    """A flaw at a node."""
    return flaw_at(expected, found, None if at is None else at.element)


def child(node: Node, path: str) -> Node | None:
    """The first node at ``path``, local names with slashes, below ``node``."""
    if "/" not in path:
        for kid in node.kids:
            if kid.name == path:
                return kid
        return None
    found = children(node, path)
    return found[0] if found else None


def children(node: Node, path: str) -> list[Node]:
    """All nodes at ``path`` below ``node``."""
    found = [node]
    for step in _steps(path):
        found = [kid for each in found for kid in each.kids if kid.name == step]
    return found


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def within(node: Node, wanted: str) -> Iterator[Node]:
    """The node itself and those below it, at any depth, that have this name."""
    below = [node]
    while below:
        each = below.pop()
        if each.name == wanted:
            yield each
        below.extend(reversed(each.kids))


def enclosing(node: Node, wanted: str) -> Iterator[Node]:
    """The nodes above of that name, the nearest first."""
    above = node.above
    while above is not None:
        if above.name == wanted:
            yield above
        above = above.above


def parent(node: Node, levels: int = 1) -> str:
    """The name of the node that many levels up; empty above the extract."""
    above: Node | None = node
    for _ in range(levels):
        above = None if above is None else above.above
    return "" if above is None else above.name


def get(node: Node, path: str, attribute: str) -> str:
    """An attribute of the first node at ``path``, without surrounding blanks; empty when there is none."""
    found = child(node, path)
    return "" if found is None else (found.get(attribute) or "").strip()


def uid(node: Node) -> str:
    """``id/@root`` of an act, role or reference; of the first id where there are two."""
    if not node.root:
        node.root = get(node, "id", "root")
    return node.root


def words(node: Node | None) -> str:
    """The text of a node, without surrounding blanks; empty for none."""
    return "" if node is None else text_of(node.element).strip()


def shown(code: Node) -> str:
    """What a coded node says, for a report: code, or its words, or that it says nothing."""
    return code.get("code") or words(child(code, "originalText")) or code.get("nullFlavor") or "nothing"


def codes(code: Node | None) -> Iterator[tuple[str, str]]:
    """Code and code system of a coded node and of its translations; blanks around them, as one example has, are no part."""
    for each in () if code is None else (code, *children(code, "translation")):
        text = each.get("code")
        if text:
            yield text.strip(), (each.get("codeSystem") or "").strip()


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
