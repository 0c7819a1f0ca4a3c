"""Changes to a message, each of one kind and deterministic: the same seed gives the same mutants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random

import xmlschema
from lxml import etree

from fixtures.hl7 import HL7, XSI, Element
from harness.validation.allowed import Declarations
from tests.agreement.instances import Maker
from tests.agreement.samples import Sample

Change = Callable[[Random, Element, "Material"], bool]
"""Changes a message in place; ``False`` when it found nothing to change."""


@dataclass(frozen=True, slots=True)
class Material:
    """What changes are made of: the element names of all samples, and the two grammars."""

    names: tuple[str, ...]
    theirs: xmlschema.XMLSchema10
    ours: xmlschema.XMLSchema10


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed message, and how it came about."""

    sample: Sample
    operator: str
    number: int
    root: Element


VALUES = (
    *("", " ", "a b", " P ", "P", "0", "1", "true", "TRUE", "false", "x" * 300, "é", "\t", "_A", "-", "9.5"),
    *("2013", "201310251", "2013102517485", "201310251748541", "20131025174854117", "20131025174854.117", "2013.5"),
    *("20131025+0000", "201310251+1", "20131025174854+0100", "20131025174854.1-01000", "2013-10-25", "1e3", "+5", "-1"),
    *("INF", "NaN", "0x1", "1.", ".5", "1,5", "1.2.3", "1..2", "1.2.", "01.02", "0a1b2c3d-0001-4000-8000-000000000001"),
    *("a0a1b2c3-0001-4000-8000-000000000001", "0A1B2C3D-0001-4000-8000-000000000001", "{0A1B2C3D}", "A-1", "A_1"),
    *("http://x/a", "file://localhost/a b", "mid:1", "HTTP:x", "a", "tel:0 1", "urn:a:b", "UNK", "NI", "MSK", "added"),
    *("unchanged", "removed", "H WP", "H  HP", "L", "AQID", "AQ=", "text/plain", "GZ", "SHA-1", "B64", "I", "EVNT"),
)
CODES = (
    "XXX",
    "EVN",
    "RQO",
    "INSTANCE",
    "instance",
    "KIND",
    "AUT",
    "DEV",
    "REFB",
    "RCT",
    "PRF",
    "A B",
    "",
    "SUBJ",
    "COMP",
)
TYPES = (
    "PQ",
    "CD",
    "CV",
    "CS",
    "CE",
    "ST",
    "ED",
    "II",
    "TS",
    "IVL_TS",
    "IVL_PQ",
    "ANY",
    "QTY",
    "INT",
    "BL",
    "ZZ",
    "SC",
)
STRUCTURAL = (
    "classCode",
    "moodCode",
    "typeCode",
    "determinerCode",
    "contextControlCode",
    "contextConductionInd",
    "code",
)
EXTRA = ("nullFlavor", "updateMode", "type", "typeID", "realmCode", "extension", "value", "root", "displayName", "use")


def _pick(random: Random, root: Element, *, inner: bool = True) -> Element:
    """An element; the deep ones, of which there are many of few kinds, no more often than the kinds of the top."""
    elements = list(root.iter(etree.Element))
    by_kind: dict[tuple[object, object], list[Element]] = {}
    for each in elements[1 if inner else 0 :]:
        parent = each.getparent()
        by_kind.setdefault((each.tag, None if parent is None else parent.tag), []).append(each)
    return random.choice(by_kind[random.choice(list(by_kind))])


def _parent(element: Element) -> Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def drop(random: Random, root: Element, _: Material) -> bool:
    """An element is missing."""
    victim = _pick(random, root)
    _parent(victim).remove(victim)
    return True


def duplicate(random: Random, root: Element, _: Material) -> bool:
    """An element is there twice."""
    element = _pick(random, root)
    element.addnext(deepcopy(element))
    return True


def multiply(random: Random, root: Element, _: Material) -> bool:
    """An element is there many times."""
    element = _pick(random, root)
    for _n in range(random.randint(2, 6)):
        element.addnext(deepcopy(element))
    return True


def reorder(random: Random, root: Element, _: Material) -> bool:
    """Two neighbours have changed places, or an element has gone to the end or the beginning."""
    element = _pick(random, root)
    parent, index = _parent(element), _parent(element).index(element)
    if len(parent) < 2:
        return False
    parent.remove(element)
    parent.insert(random.choice((0, len(parent), index + 1, max(index - 1, 0))), element)
    return True


def rename(random: Random, root: Element, material: Material) -> bool:
    """An element has another's name, or a misspelt one."""
    element = _pick(random, root, inner=random.random() < 0.95)
    name = etree.QName(element).localname
    others = (random.choice(material.names), name.lower(), name + "s", name[0].swapcase() + name[1:])
    element.tag = f"{{{HL7}}}{random.choice(others)}"
    return True


def namespace(random: Random, root: Element, _: Material) -> bool:
    """An element, or a whole subtree, is of another namespace or of none."""
    element = _pick(random, root, inner=random.random() < 0.9)
    target = random.choice(("", "urn:hl7-org:v4", "urn:nhs:names:services:gp2gp", "NPFIT:HL7:Localisation", HL7))
    for each in list(element.iter(etree.Element)) if random.random() < 0.5 else [element]:
        local = etree.QName(each).localname
        each.tag = f"{{{target}}}{local}" if target else local
    return True


def drop_attribute(random: Random, root: Element, _: Material) -> bool:
    """An attribute is missing."""
    element = _pick(random, root, inner=False)
    if not element.attrib:
        return False
    del element.attrib[random.choice(sorted(map(str, element.attrib)))]
    return True


def retype(random: Random, root: Element, _: Material) -> bool:
    """An attribute has a value of another type."""
    element = _pick(random, root, inner=False)
    if not element.attrib:
        return False
    element.set(random.choice(sorted(map(str, element.attrib))), random.choice(VALUES))
    return True


def code(random: Random, root: Element, _: Material) -> bool:
    """A structural code, or another, has a value outside its list, or it is written where it was left out."""
    element = _pick(random, root, inner=False)
    present = [name for name in STRUCTURAL if name in element.attrib]
    element.set(random.choice(present or STRUCTURAL), random.choice(CODES))
    return True


def add_attribute(random: Random, root: Element, _: Material) -> bool:
    """An attribute more: a known one, an unknown one, one of another namespace."""
    element = _pick(random, root, inner=False)
    name = random.choice((*EXTRA, *EXTRA, "unknown", "{urn:other}x", f"{{{HL7}}}root", f"{{{XSI}}}schemaLocation"))
    element.set(name, random.choice((*VALUES, "NI", "1.2 1.3", "GB EN", "added")))
    return True


def xsi(random: Random, root: Element, _: Material) -> bool:
    """``xsi:type`` or ``xsi:nil`` somewhere."""
    element = _pick(random, root)
    if random.random() < 0.25:
        element.set(f"{{{XSI}}}nil", random.choice(("true", "false", "1", "x")))
        if random.random() < 0.5:
            for child in list(element):
                element.remove(child)
        return True
    valued = [each for each in root.iter(f"{{{HL7}}}value") if f"{{{XSI}}}type" in each.attrib]
    target = random.choice(valued) if valued and random.random() < 0.5 else element
    # A prefix in an attribute value must be declared: the default namespace of the samples is HL7's.
    target.set(f"{{{XSI}}}type", random.choice(TYPES))
    return True


def text(random: Random, root: Element, _: Material) -> bool:
    """Text where there was none, behind an element, or none where there was."""
    element = _pick(random, root)
    which = random.random()
    if which < 0.4:
        element.text = random.choice(("text", " ", "\n"))
    elif which < 0.7:
        element.tail = "text"
    else:
        element.text = None
    return True


def add_element(random: Random, root: Element, material: Material) -> bool:
    """An element more, empty, anywhere."""
    element = _pick(random, root, inner=False)
    space = random.choice((HL7, HL7, HL7, "urn:other"))
    element.insert(random.randint(0, len(element)), etree.Element(f"{{{space}}}{random.choice(material.names)}"))
    return True


def graft_theirs(random: Random, root: Element, material: Material) -> bool:
    """An element more, where the official grammar has it: rare classes come into the comparison this way."""
    return _graft(random, root, material.theirs)


def graft_ours(random: Random, root: Element, material: Material) -> bool:
    """An element more, where our grammar has it."""
    return _graft(random, root, material.ours)


def _graft(random: Random, root: Element, rules: xmlschema.XMLSchema10) -> bool:
    parent = _pick(random, root, inner=False)
    declarations = Declarations(rules)
    order = declarations.children(parent)
    kind = declarations.type_of(parent)
    if not order or kind is None:
        return False
    name = random.choice(order)
    made = Maker(rules, random).element(kind.content.match_element(name))
    ranks = {each: rank for rank, each in enumerate(order)}
    behind = [i for i, each in enumerate(parent) if ranks.get(str(each.tag), -1) > ranks[name]]
    same = [each for each in parent if each.tag == name]
    if same and random.random() < 0.6:
        parent.replace(same[0], made)
    else:
        parent.insert(behind[0] if behind else len(parent), made)
    return True


OPERATORS: dict[str, Change] = {
    "drop": drop,
    "duplicate": duplicate,
    "cardinality": multiply,
    "reorder": reorder,
    "rename": rename,
    "namespace": namespace,
    "drop attribute": drop_attribute,
    "retype": retype,
    "bad code": code,
    "add attribute": add_attribute,
    "xsi": xsi,
    "text": text,
    "add element": add_element,
    "graft (their grammar)": graft_theirs,
    "graft (our grammar)": graft_ours,
}


def mutants(sample: Sample, material: Material, each: int) -> Iterator[Mutant]:
    """``each`` mutants by every operator; fewer where a message offers no place for one."""
    for name, change in OPERATORS.items():
        for number in range(each):
            random = Random(f"{sample.name}/{name}/{number}")
            root = deepcopy(sample.root)
            if change(random, root, material):
                yield Mutant(sample, name, number, root)
