"""Makes elements from a schema's grammar: what it allows, at random, rare classes included."""

from __future__ import annotations

from random import Random
from typing import Any

import xmlschema
from lxml import etree

from fixtures.hl7 import XSI, Element

# Values for the simple types of HL7, right ones.
_VALUES: dict[str, tuple[str, ...]] = {
    "uid": ("1.2.826.0.1285.0.2.0.107", "0A1B2C3D-0001-4000-8000-000000000001", "Name-1", "1"),
    "ts": ("2013", "20131025", "201310251748", "20131025174854", "20131025174854.117", "20131025174854+0100"),
    "st": ("x", "two words"),
    "cs": ("X1", "mm[Hg]"),
    "bl": ("true", "false"),
    "int": ("1", "-3", "+5"),
    "real": ("1.5", "1e3", "-2"),
    "url": ("file://localhost/a", "urn:x", "tel:01234567890"),
    "bin": ("AQID",),
    "boolean": ("true",),
    "string": ("01",),
}
_VALUE_TYPES = ("PQ", "CD", "ST", "IVL_PQ", "INT", "BL", "TS", "II", "CV", "ED", "IVL_TS", "REAL", "PN", "AD", "TEL")
_DEEPEST = 12


class Maker:
    """Makes instances of the declarations of one schema."""

    def __init__(self, rules: xmlschema.XMLSchema10, random: Random) -> None:
        self._rules = rules
        self._random = random

    def element(self, declared: Any, depth: int = 0) -> Element:
        """One element as ``declared``; below ``_DEEPEST`` only what is required."""
        made = etree.Element(str(declared.name))
        kind = declared.type
        if kind.is_complex() and kind.abstract:
            name = self._random.choice(_VALUE_TYPES)
            made = etree.Element(str(declared.name), nsmap={None: "urn:hl7-org:v3", "xsi": XSI})  # type: ignore[dict-item]
            made.set(f"{{{XSI}}}type", name)
            kind = self._rules.types[name]
        if not kind.is_complex():
            made.text = self.value(kind)
            return made
        self._attributes(made, kind)
        if hasattr(kind.content, "model"):
            self._content(made, kind.content, depth + 1)
            if kind.mixed and self._random.random() < 0.5:
                made.text = "text"
        return made

    def value(self, kind: Any) -> str:
        """A value of a simple type."""
        values = getattr(kind, "enumeration", None)
        if values:
            return str(self._random.choice(list(values)))
        members = getattr(kind, "member_types", None)
        local = str(kind.local_name or "")
        if members and local not in _VALUES:
            return self.value(self._random.choice(list(members)))
        if local in _VALUES:
            return self._random.choice(_VALUES[local])
        base = getattr(kind, "base_type", None)
        return self.value(base) if base is not None and base is not kind else "X1"

    def _attributes(self, made: Element, kind: Any) -> None:
        for name, rule in kind.attributes.items():
            if name is None or rule.use == "prohibited":
                continue
            if rule.use == "required" or self._random.random() < 0.2:
                made.set(str(name), str(rule.fixed) if rule.fixed is not None else self.value(rule.type))

    def _content(self, made: Element, group: Any, depth: int) -> None:
        particles = list(group)
        if group.model == "choice" and particles:
            particles = [self._random.choice(particles)]
        for particle in particles:
            for _ in range(self._times(particle, depth)):
                self._particle(made, particle, depth)

    def _particle(self, made: Element, particle: Any, depth: int) -> None:
        if hasattr(particle, "model"):
            self._content(made, particle, depth)
        elif hasattr(particle, "process_contents"):
            made.append(etree.Element("{urn:other}any"))
        elif depth < 3 * _DEEPEST:
            made.append(self.element(particle, depth))

    def _times(self, particle: Any, depth: int) -> int:
        least, most = particle.min_occurs, particle.max_occurs
        extra = 2 if most is None else most - least
        if depth > _DEEPEST or extra <= 0 or self._random.random() < 0.6:
            return int(least)
        return int(least + self._random.randint(1, min(2, extra)))
