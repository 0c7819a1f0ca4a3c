"""What a schema allows at a place in a message, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import xmlschema
from xmlschema.validators import XsdElement

from fixtures.hl7 import XSI, Element
from harness.validation.places import bare

# The lexical rules of fixtures/schemas/datatypes.xsd, as one would say them.
_RULES = {
    "uid": "an OID, a UUID in upper case, or a name of letters, digits and hyphens",
    "oid": "an OID",
    "uuid": "a UUID in upper case",
    "MessageId": "a UUID in upper case",
    "ts": "yyyy to yyyyMMddHHmmss; a fraction only behind 14 digits",
    "cs": "a code without blanks",
    "st": "text that is not empty",
    "bl": "true or false",
    "int": "a whole number",
    "real": "a number",
    "bin": "base64",
    "url": "an address",
    "NCName": "a name that begins with a letter or an underscore",
    "Text": "text that is not empty",
    "OdsCode": "an ODS code of 3 to 12 capital letters and digits",
}
_TYPE = f"{{{XSI}}}type"
_MOST = 12  # values of a list that are named before it is cut


class Declarations:
    """The declarations behind the elements of messages."""

    def __init__(self, rules: xmlschema.XMLSchema10) -> None:
        self._rules = rules

    def roots(self) -> tuple[str, ...]:
        """The full names of the elements that a message may begin with."""
        return tuple(f"{{{self._rules.target_namespace}}}{name}" for name in self._rules.elements)

    def type_of(self, element: Element) -> Any:
        """The type that governs an element, ``xsi:type`` included; ``None`` where nothing declares it."""
        chain = [element, *element.iterancestors()]
        declared: Any = self._rules.maps.elements.get(str(chain[-1].tag))
        for child in reversed(chain[:-1]):
            if not isinstance(declared, XsdElement):
                return None
            content = _actual(self._rules, declared, child.getparent()).content
            declared = content.match_element(str(child.tag)) if hasattr(content, "match_element") else None
        return None if not isinstance(declared, XsdElement) else _actual(self._rules, declared, element)

    def children(self, element: Element) -> tuple[str, ...]:
        """The full names of all children that the element may have, in their order."""
        content = getattr(self.type_of(element), "content", None)
        if content is None or not hasattr(content, "iter_elements"):
            return ()
        return tuple(dict.fromkeys(str(each.name) for each in content.iter_elements() if each.name))

    def attributes(self, element: Element) -> tuple[str, ...]:
        """The names of the attributes that the element may have."""
        group = getattr(self.type_of(element), "attributes", None) or {}
        return tuple(str(name) for name, rule in group.items() if name and getattr(rule, "use", "") != "prohibited")

    def value_rule(self, element: Element, attribute: str) -> tuple[str, ...]:
        """What the value of an attribute must be."""
        rule = (getattr(self.type_of(element), "attributes", None) or {}).get(attribute)
        if rule is None:
            return ()
        fixed = getattr(rule, "fixed", None)
        return (str(fixed),) if fixed is not None else _rule(rule.type)

    def text_rule(self, element: Element) -> tuple[str, ...]:
        """What the text of an element must be."""
        kind = self.type_of(element)
        simple = getattr(kind, "simple_type", kind)
        return () if simple is None else _rule(simple)

    def type_names(self, element: Element) -> tuple[str, ...]:
        """The types that may be named in ``xsi:type``: the declared one and those derived from it."""
        parent = element.getparent()
        if parent is None:
            return ()
        content = getattr(self.type_of(parent), "content", None)
        declared = content.match_element(str(element.tag)) if content is not None else None
        if declared is None:
            return ()
        return tuple(sorted(bare(t.name) for t in self._rules.types.values() if t.is_derived(declared.type)))

    def next_allowed(self, particles: Iterable[Any]) -> tuple[str, ...]:
        """The names that may stand next: xmlschema lists a whole group, of which those behind a required one may not."""
        names: list[str] = []
        for particle in particles:
            names.append(
                bare(str(particle.name)) if getattr(particle, "name", None) else "an element of another namespace"
            )
            group = getattr(particle, "parent", None)
            if group is not None and group.model == "sequence" and not particle.is_emptiable():
                break
        return tuple(dict.fromkeys(names))


def named_types(rules: xmlschema.XMLSchema10, element: Element) -> bool:
    """Whether the ``xsi:type`` of an element names a type of the schema."""
    prefix, _, local = str(element.get(_TYPE)).strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    name = f"{{{namespace}}}{local}" if namespace else local
    return name in rules.maps.types


def _actual(rules: xmlschema.XMLSchema10, declared: Any, element: Element | None) -> Any:
    if element is not None and _TYPE in element.attrib and named_types(rules, element):
        prefix, _, local = str(element.get(_TYPE)).strip().rpartition(":")
        return rules.maps.types[f"{{{element.nsmap.get(prefix or None)}}}{local}"]
    return declared.type


def _rule(kind: Any) -> tuple[str, ...]:
    values = getattr(kind, "enumeration", None)
    if values:
        shown = tuple(str(value) for value in values)
        return shown if len(shown) <= _MOST else (*shown[:_MOST], f"and {len(shown) - _MOST} more")
    item = getattr(kind, "item_type", None)
    if item is not None:
        return ("blanks between: " + ", ".join(_rule(item)),)
    local = bare(str(kind.name or ""))
    if local in _RULES:
        return (_RULES[local],)
    base = getattr(kind, "base_type", None)
    return _rule(base) if base is not None and base is not kind else (local,)
