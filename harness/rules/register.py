"""The register of rules beyond XSD: what one message must be like, each rule one function, one sentence, one requirement.

A rule sees one message (:class:`Subject`) and yields a :class:`Flaw` for each place that breaks it; it says nothing of how
bad that is. Level and basis stand in the decorator, beside the sentence; what rests on the field alone cannot FAIL. The
example that breaks it is a row of ``fixtures/rules.toml``: a patch of a good message, which doubles as the mutation that
proves the rule (``gp2gp prove``).
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from typing import Any, TypeVar

from lxml import etree

from harness.requirements import cite
from harness.verdict import Basis
from simulator.wire.interactions import Interaction
from simulator.wire.reading import Reading
from simulator.wire.xml import Element

REQUEST = Interaction.EHR_REQUEST.id
EXTRACTS = (Interaction.EHR_EXTRACT.id, Interaction.EHR_EXTRACT_REDACTED.id)
REDACTED = Interaction.EHR_EXTRACT_REDACTED.id
POINT_TO_POINT = Interaction.POINT_TO_POINT.id
ACKNOWLEDGEMENT = Interaction.ACKNOWLEDGEMENT.id
HL7 = {"hl7": "urn:hl7-org:v3", "gp": "urn:nhs:names:services:gp2gp", "lc": "NPFIT:HL7:Localisation"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One message as a rule sees it. What a bare payload does not have is ``None`` or empty, and rules then say nothing.

    :param reading: the octets, read; its ``root`` is the payload's root element, with line numbers.
    :param soap_action: the SOAPAction value; empty when there was no HTTP head.
    :param interaction: local name of the payload's root element.
    :param kept: what :func:`once` and :meth:`find` have found in it, for the other rules that look for the same.
    """

    reading: Reading
    soap_action: str = ""
    kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def root(self) -> Element | None:
        """The payload's root element."""
        return self.reading.root

    @property
    def interaction(self) -> str:
        """The interaction the payload says it is."""
        return self.reading.wrapper.interaction if self.reading.wrapper else ""

    def find(self, path: str) -> tuple[Element, ...]:
        """The elements of an XPath over the payload; prefixes ``hl7``, ``gp``, ``lc``."""
        found: tuple[Element, ...] | None = self.kept.get(path)
        if found is None:
            found = self.kept[path] = () if self.root is None else tuple(self._found(self.root, path))
        return found

    def _found(self, root: Element, path: str) -> list[Element]:
        """A plain step from one element to its children is taken from where another path has ended."""
        before, wanted = _step(path)
        if wanted:
            return [kid for each in (self.find(before) if before else (root,)) for kid in each.iterchildren(wanted)]
        found = _xpath(path)(root)
        return [each for each in found if isinstance(each, Element)] if isinstance(found, list) else []


_STEPS = re.compile(r"(?:((?:\w+:[\w-]+/)*\w+:[\w-]+)/)?(\w+):([\w-]+)")


@lru_cache(maxsize=512)
def _step(path: str) -> tuple[str, str]:
    """The path before the last step and that step as lxml names it, where there are plain child steps alone."""
    plain = _STEPS.fullmatch(path)
    return (plain[1] or "", f"{{{HL7[plain[2]]}}}{plain[3]}") if plain else ("", "")


@lru_cache(maxsize=512)
def _xpath(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=HL7, smart_strings=False)


T = TypeVar("T")


def once(search: Callable[[Subject], Iterable[T]]) -> Callable[[Subject], tuple[T, ...]]:
    """Keep what a search finds in a message, for the other rules that look for the same."""

    @wraps(search)
    def kept(subject: Subject) -> tuple[T, ...]:
        found: tuple[T, ...] | None = subject.kept.get(search)
        if found is None:
            found = subject.kept[search] = tuple(search(subject))
        return found

    return kept


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place that breaks a rule.

    :param expected: what the rule asks for there, in a few words; ``found``: what stands there.
    :param part: MIME part, 0 the envelope and 1 the payload; ``line`` in it (1-based), -1 when unknown.
    :param path: XPath or header name.
    """

    expected: str
    found: str
    part: int = 1
    line: int = -1
    path: str = ""


def flaw(expected: str, found: str, at: Element | None = None) -> Flaw:
    """A flaw at an element of the payload; its path and line come from the element."""
    if at is None:
        return Flaw(expected, found)
    line = at.sourceline
    return Flaw(expected, found, 1, line if isinstance(line, int) else -1, _path(at))


FAR = 10_000  # siblings that are counted: a hostile message may have more


def _path(element: Element) -> str:
    """A readable path: local names, with a position where several stand side by side."""
    steps = []
    for each in (element, *element.iterancestors()):
        name = str(each.tag).rpartition("}")[2]
        before = sum(1 for _ in itertools.islice(each.itersiblings(each.tag, preceding=True), FAR))
        alone = not before and next(each.itersiblings(each.tag), None) is None
        steps.append(name if alone else f"{name}[{before + 1 if before < FAR else '...'}]")
    return "/" + "/".join(reversed(steps))


Function = Callable[[Subject], Iterator[Flaw]]
MOST = 100
PACKS = ("1.1a", "2.2a", "2.2b", "redactions")


@dataclass(frozen=True)
class Rule:
    """One rule.

    :param id: ours, ``R-<area>-<nn>`` style or a published id when the rule is exactly that row.
    :param requirements: ids of the catalogue (fixtures/requirements.toml), the most particular first.
    :param level: MUST, SHOULD, or REVIEW for a registered ambiguity.
    :param interactions: those it applies to; empty for all. :param since: the pack from which it is in force.
    """

    id: str
    sentence: str
    requirements: tuple[str, ...]
    level: str
    basis: Basis
    interactions: tuple[str, ...]
    since: str
    remedy: str
    function: Function

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rule's own source."""
        return hashlib.sha256(inspect.getsource(self.function).encode()).hexdigest()

    @property
    def doc(self) -> str:
        """What it looks at."""
        return inspect.getdoc(self.function) or ""

    @property
    def severity(self) -> str:
        """What a flaw becomes: FAIL needs a MUST and a basis that nobody can dispute."""
        if self.level == "REVIEW":
            return "REVIEW"
        disputable = self.basis in (Basis.FIELD, Basis.PRODUCT)
        return "WARN" if disputable or self.level == "SHOULD" else "FAIL"

    def flaws(self, subject: Subject) -> tuple[Flaw, ...]:
        """The flaws of one message, at most a hundred; none when the rule does not apply to it."""
        if self.interactions and subject.interaction not in self.interactions:
            return ()
        return tuple(itertools.islice(self.function(subject), MOST))


RULES: dict[str, Rule] = {}


def rule(
    identifier: str,
    sentence: str,
    *requirements: str,
    level: str = "MUST",
    basis: Basis = Basis.PUBLISHED,
    interactions: tuple[str, ...] = (),
    since: str = "1.1a",
    remedy: str = "",
) -> Callable[[Function], Function]:
    """Register a rule. :raises ValueError: for an unknown requirement, level or pack, or an id used twice."""

    def put(function: Function) -> Function:
        cite(f"rule {identifier}", requirements)
        if identifier in RULES or level not in ("MUST", "SHOULD", "REVIEW") or since not in PACKS:
            raise ValueError(f"rule {identifier} is registered wrongly")
        RULES[identifier] = Rule(
            identifier, sentence, requirements, level, basis, interactions, since, remedy, function
        )
        return function

    return put
