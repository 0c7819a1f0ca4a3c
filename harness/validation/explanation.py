"""Why a message fails its schema, for the person who has to mend it: what stood there, what was allowed, the likely cause.

xmlschema finds the errors. Its texts are written for authors of schemas and are not passed on: an error is read for
where it is and what was expected, and said anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import xmlschema
from lxml import etree
from xmlschema.namespaces import NamespaceMapper
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaStopValidation,
    XMLSchemaValidationError,
)
from xmlschema.validators.validation import ValidationContext

from fixtures.hl7 import XSI, Element
from harness.validation.allowed import Declarations, named_types
from harness.validation.places import at, bare, line, path


class Cause(StrEnum):
    """The likely cause of an error."""

    ORDER = "wrong order"
    NAMESPACE = "wrong namespace"
    UNKNOWN_ELEMENT = "unknown element"
    MISSING_ELEMENT = "missing element"
    TOO_MANY = "too many of one element"
    MISSING_ATTRIBUTE = "missing attribute"
    UNKNOWN_ATTRIBUTE = "unknown attribute"
    TYPE = "wrong type"
    TEXT = "text where there may be none"
    NOT_XML = "not an XML message"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One error, explained.

    :param line: of the message, from 1; 0 where unknown. :param xpath: by bare names, with positions.
    :param element: the bare name of the element that is wrong, or that lacks something.
    :param expected: what was allowed there: names, or the rule for a value; empty where nothing was.
    :param found: what stood there, cut to 80 characters.
    """

    line: int
    xpath: str
    element: str
    expected: tuple[str, ...]
    found: str
    cause: Cause


_ATTRIBUTE = re.compile(r"attribute ([^\s=]+)=")
_QUOTED = re.compile(r"'([^']+)'")
_LONGEST = 80
_EACH = 50  # errors that are looked at for one that is told: xmlschema tells those deep inside first
_TYPE = f"{{{XSI}}}type"


def explanations(rules: xmlschema.XMLSchema10, root: Element, limit: int) -> tuple[Explanation, ...]:
    """At most ``limit`` errors in the order of the message; empty when xmlschema finds none or cannot say."""
    declarations = Declarations(rules)
    if str(root.tag) not in declarations.roots():
        return (_wrong_root(declarations.roots(), root),)
    found, checked = _unknown_types(rules, root, limit)
    try:
        errors = _first_errors(rules, checked, _EACH * limit)
    except (KeyError, TypeError, ValueError, RecursionError):
        # What xmlschema cannot take is explained from libxml2's errors instead.
        return tuple(found[:limit])
    for error in sorted(errors, key=_line_of):
        if len(found) >= limit:
            break
        said = _explained(declarations, error)
        # One mistake in a value is two errors where the type is a union or a list.
        if said is not None and (said.xpath, said.cause, said.found) not in {
            (x.xpath, x.cause, x.found) for x in found
        }:
            found.append(said)
    return tuple(sorted(found, key=lambda each: each.line)[:limit])


class _Few(list[XMLSchemaValidationError]):
    """Errors up to a number, at which validation stops: one mistake of a system's stands in every statement of a record."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def append(self, error: XMLSchemaValidationError) -> None:
        """One more error."""
        super().append(error)
        if len(self) >= self._most:
            raise XMLSchemaStopValidation


def _first_errors(rules: xmlschema.XMLSchema10, root: Element, most: int) -> list[XMLSchemaValidationError]:
    """What ``rules.iter_errors`` gives, which however collects all errors of a message, at quadratic cost, before one is seen."""
    source = xmlschema.XMLResource(root)
    found = _Few(most)
    context = ValidationContext(source, NamespaceMapper(source=source), errors=found, check_identities=True)
    element: Any = root  # typed for the standard library's elements, written for lxml's too
    with suppress(XMLSchemaStopValidation):
        rules.elements[bare(root.tag)].raw_decode(element, "lax", context)
    return found


def _line_of(error: XMLSchemaValidationError) -> int:
    element: Any = error.elem
    if isinstance(error, XMLSchemaChildrenValidationError) and error.index < len(element):
        element = element[error.index]
    return 0 if element is None else line(element)


def _wrong_root(names: tuple[str, ...], root: Element) -> Explanation:
    local = bare(root.tag)
    cause = Cause.NAMESPACE if local in map(bare, names) else Cause.UNKNOWN_ELEMENT
    return Explanation(line(root), path(root), local, names, _cut(_spelled(root.tag)), cause)


def _unknown_types(rules: xmlschema.XMLSchema10, root: Element, limit: int) -> tuple[list[Explanation], Element]:
    """The ``xsi:type`` attributes that name no type, and the message without them: xmlschema stops at one."""
    unknown = [each for each in root.iter(etree.Element) if _TYPE in each.attrib and not named_types(rules, each)]
    if not unknown:
        return [], root
    said = [
        Explanation(
            line(each), path(each), bare(each.tag), ("xsi:type with the name of a data type",), value, Cause.TYPE
        )
        for each in unknown[:limit]
        if (value := _cut(f"xsi:type={str(each.get(_TYPE))!r}"))
    ]
    copy = deepcopy(root)
    for each in list(copy.iter(etree.Element)):
        if _TYPE in each.attrib and not named_types(rules, each):
            del each.attrib[_TYPE]
    return said, copy


def _explained(declarations: Declarations, error: XMLSchemaValidationError) -> Explanation | None:
    element: Any = error.elem
    if element is None:
        return None
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _about_child(declarations, error, element)
    reason = error.reason or ""
    attribute = _ATTRIBUTE.match(reason)
    kind = type(error.validator).__name__
    if attribute is not None:
        name = _full(element, attribute[1])
        rule = declarations.value_rule(element, name)
        found = f"{attribute[1]}={_value(element, name)!r}"
        return _say(element, rule, found, Cause.TYPE)
    if kind == "XsdAttributeGroup":
        return _about_attribute(declarations, element, reason)
    if "character data" in reason:
        text = (element.text or "").strip() or next((t for c in element if (t := (c.tail or "").strip())), "")
        return _say(element, (), text, Cause.TEXT)
    if "abstract" in reason:
        return _say(element, ("xsi:type with the name of a data type",), "no xsi:type", Cause.TYPE)
    if "cannot substitute" in reason:
        # The same is said of the parent first, where it does not belong.
        return (
            _say(element, declarations.type_names(element), _xsi_type(element), Cause.TYPE) if _typed(element) else None
        )
    if "nil" in reason:
        return _say(element, ("content, not xsi:nil",), "xsi:nil", Cause.TYPE)
    return _say(element, declarations.text_rule(element), (element.text or "").strip(), Cause.TYPE)


def _about_attribute(declarations: Declarations, element: Element, reason: str) -> Explanation:
    name = _full(element, next(iter(_QUOTED.findall(reason)), ""))
    if reason.startswith("missing"):
        return _say(element, (name, *declarations.value_rule(element, name)), f"no {name}", Cause.MISSING_ATTRIBUTE)
    allowed = declarations.attributes(element)
    cause = Cause.NAMESPACE if bare(name) in allowed and bare(name) != name else Cause.UNKNOWN_ATTRIBUTE
    return _say(element, allowed, f"{name}={_value(element, name)!r}", cause)


def _about_child(declarations: Declarations, error: XMLSchemaChildrenValidationError, parent: Element) -> Explanation:
    expected = declarations.next_allowed(error.expected or ())
    if error.index >= len(parent):
        return _say(parent, expected, "the end of the element", Cause.MISSING_ELEMENT)
    child = parent[error.index]
    cause = _cause(declarations.children(parent), parent, child, expected)
    return _say(child, expected, _spelled(child.tag) if cause is Cause.NAMESPACE else bare(child.tag), cause)


def _cause(allowed: Sequence[str], parent: Element, child: Element, expected: Sequence[str]) -> Cause:
    if child.tag not in allowed:
        return Cause.NAMESPACE if bare(child.tag) in map(bare, allowed) else Cause.UNKNOWN_ELEMENT
    before = {str(each.tag) for each in child.itersiblings(preceding=True)}
    present = {bare(each.tag) for each in parent}
    if expected and not present.intersection(expected):
        return Cause.MISSING_ELEMENT
    return Cause.TOO_MANY if child.tag in before and _in_turn(allowed, parent, child) else Cause.ORDER


def _in_turn(allowed: Sequence[str], parent: Element, child: Element) -> bool:
    """Whether what stands before ``child`` belongs before it: then it is there too often, not too late."""
    ranks = [allowed.index(str(each.tag)) for each in parent if str(each.tag) in allowed]
    upto = ranks[: list(parent).index(child) + 1]
    return upto == sorted(upto)


def _say(element: Element, expected: Sequence[str], found: str, cause: Cause) -> Explanation:
    return Explanation(line(element), path(element), bare(element.tag), tuple(expected), _cut(found), cause)


def _spelled(tag: object) -> str:
    namespace = str(tag)[1:].partition("}")[0] if str(tag).startswith("{") else ""
    return f"{bare(tag)} of namespace {namespace}" if namespace else f"{bare(tag)} of no namespace"


def _typed(element: Element) -> bool:
    return _TYPE in element.attrib


def _xsi_type(element: Element) -> str:
    return f"xsi:type={str(element.get(_TYPE))!r}"


def _full(element: Element, name: str) -> str:
    """The full name of an attribute, which xmlschema's texts give with a prefix of its own choice."""
    if ":" not in name or name.startswith("{"):
        return name
    local = name.rpartition(":")[2]
    return next((str(key) for key in element.attrib if str(key).startswith("{") and bare(key) == local), name)


def _value(element: Element, name: str) -> str:
    value = element.get(name)
    return _cut(str(value) if value is not None else "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_BY_NUMBER = {
    "SCHEMAV_CVC_COMPLEX_TYPE_4": Cause.MISSING_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": Cause.UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": Cause.UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": Cause.TEXT,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": Cause.TEXT,
    "SCHEMAV_CVC_ELT_1": Cause.UNKNOWN_ELEMENT,
    "SCHEMAV_ELEMENT_CONTENT": Cause.ORDER,
}
_EXPECTED = re.compile(r"Expected is (?:one of )?\(([^)]*)\)")


def from_log(entries: Sequence[Any], root: Element) -> tuple[Explanation, ...]:
    """The same from libxml2's errors, for messages that xmlschema cannot take or that are too large for it."""
    return tuple(_from_entry(entry, root) for entry in entries)


def _from_entry(entry: Any, root: Element) -> Explanation:
    element = at(root, entry.path)
    expected = _EXPECTED.search(entry.message)
    names = tuple(_split(expected[1])) if expected else ()
    cause = _BY_NUMBER.get(entry.type_name, Cause.TYPE)
    if cause is Cause.ORDER and "Missing child" in entry.message:
        cause = Cause.MISSING_ELEMENT
    return Explanation(int(entry.line), path(element), bare(element.tag), names, bare(element.tag), cause)


def _split(names: str) -> Iterator[str]:
    return (bare(name.strip()) for name in names.split(","))
