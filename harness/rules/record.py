"""The content of one extract, found once for all rules: elements by name, acts by id, and dates as values.

Forty rules that each search a record of five megabytes cost more than its schema. One pass notes every element under its
name; the last few records are kept, so that the rules of one message share the pass.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from harness.rules.register import Subject
from simulator.wire import names
from simulator.wire.xml import Element, text_of

_HL7 = f"{{{names.HL7}}}"
XSI_TYPE = f"{{{names.XSI}}}type"
_EXTRACT = "/".join(f"{_HL7}{step}" for step in ("ControlActEvent", "subject", "EhrExtract"))

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
    """The elements of an ``EhrExtract`` in document order, by local name; without an extract there are none."""

    extract: Element | None
    named: dict[str, list[Element]]
    acts: dict[str, Element]


@lru_cache(maxsize=4)
def _record(root: Element) -> Record:
    extract = root.find(_EXTRACT)
    named: dict[str, list[Element]] = {}
    if extract is not None:
        for element in extract.iter(f"{_HL7}*"):
            named.setdefault(str(element.tag)[len(_HL7) :], []).append(element)
    acts: dict[str, Element] = {}
    for name in ACTS:
        for act in named.get(name, ()):
            acts.setdefault(uid(act), act)
    acts.pop("", None)
    return Record(extract, named, acts)


_NOTHING = Record(None, {}, {})


def record(subject: Subject) -> Record:
    """What the extract of ``subject`` holds."""
    return _NOTHING if subject.root is None else _record(subject.root)


def every(subject: Subject, *wanted: str) -> Iterator[Element]:
    """The elements of the extract with these local names."""
    found = record(subject).named
    for name in wanted:
        yield from found.get(name, ())


def extract_of(subject: Subject) -> Iterator[Element]:
    """The ``EhrExtract``, if there is one: for rules that look at one place of it."""
    extract = record(subject).extract
    if extract is not None:
        yield extract


def child(element: Element, path: str) -> Element | None:
    """The first element at ``path``, local names with slashes, below ``element``."""
    return element.find(_qualified(path))


def children(element: Element, path: str) -> list[Element]:
    """All elements at ``path`` below ``element``."""
    return element.findall(_qualified(path))


@lru_cache(maxsize=256)
def _qualified(path: str) -> str:
    return "/".join(_HL7 + step for step in path.split("/"))


def parent(element: Element, levels: int = 1) -> str:
    """The local name of the element that many levels up; empty above the root."""
    above: Element | None = element
    for _ in range(levels):
        above = None if above is None else above.getparent()
    return "" if above is None else name(above)


def name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def get(element: Element, path: str, attribute: str) -> str:
    """An attribute of the first element at ``path``, without surrounding blanks; empty when there is none."""
    found = child(element, path)
    return "" if found is None else (found.get(attribute) or "").strip()


def uid(element: Element) -> str:
    """``id/@root`` of an act, role or reference; of the first id where there are two."""
    return get(element, "id", "root")


def words(element: Element | None) -> str:
    """The text of an element, without surrounding blanks; empty for none."""
    return "" if element is None else text_of(element).strip()


def shown(code: Element) -> str:
    """What a coded element says, for a report: code, or its words, or that it says nothing."""
    return code.get("code") or words(child(code, "originalText")) or code.get("nullFlavor") or "nothing"


def codes(code: Element | None) -> Iterator[tuple[str, str]]:
    """Code and code system of a coded element and of its translations; the blanks that one example has are not part."""
    for each in () if code is None else (code, *children(code, "translation")):
        if each.get("code"):
            yield (each.get("code") or "").strip(), (each.get("codeSystem") or "").strip()


def enclosing(element: Element, wanted: str) -> Iterator[Element]:
    """The ancestors of that name, the nearest first."""
    return element.iterancestors(f"{_HL7}{wanted}")


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
