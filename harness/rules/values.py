"""Values: what a number, a range and an interpretation must say, and that nothing is null and given at once."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harness.rules.record import XSI_TYPE, Node, child, children, codes, every, extract_of, flaw, get, parent, words
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.register import flaw as flaw_at
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

# The whole of a record is searched for this, so libxml2 does it; the schemas' own rules say it in words only.
_BOTH = etree.XPath("descendant::*/@nullFlavor/parent::*[@value or @code or @root or @extension]")
_TYPES = frozenset({"PQ", "IVL_PQ", "CD", "CE", "CV", "ST", "INT", "REAL", "RTO", "IVL_TS", "TS", "BL", "ED"})
_BLOOD_PRESSURE = frozenset({"163020007", "75367002", "246..", "246..00"})


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _type(value: Node) -> str:
    return (value.get(XSI_TYPE) or "").rpartition(":")[2]


@rule(
    "R-values-01",
    "nothing has both a value and a null flavour",
    "V-55",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def null_or_given(subject: Subject) -> Iterator[Flaw]:
    """nullFlavor beside value, code, root or extension, anywhere in the extract."""
    for extract in extract_of(subject):
        found = _BOTH(extract)
        for element in found if isinstance(found, list) else ():
            if isinstance(element, etree._Element):  # noqa: SLF001 -- lxml has no public name for it
                yield flaw_at("a value or a null flavour", f"{etree.QName(element).localname} with both", element)


@rule(
    "R-values-02",
    "an id has a root or a null flavour",
    "V-55",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def ids_are_given(subject: Subject) -> Iterator[Flaw]:
    """id, setId: the data type asks for exactly one of the two."""
    for each in every(subject, "id", "setId"):
        if not (each.get("root") or each.get("nullFlavor")):
            yield flaw("root or nullFlavor", "neither", each)


@rule(
    "R-values-03",
    "a number, a flag or a count has a value or a null flavour",
    "V-55",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def numbers_are_given(subject: Subject) -> Iterator[Flaw]:
    """sequenceNumber, repeatNumber, versionNumber, seperatableInd, deceasedInd."""
    for each in every(subject, "sequenceNumber", "repeatNumber", "versionNumber", "seperatableInd", "deceasedInd"):
        if not each.get("value") and not each.get("nullFlavor"):
            yield flaw("value or nullFlavor", "neither", each)


@rule(
    "R-values-04",
    "an observation's value is of a type that carries results: quantity, range, code, text or number",
    "V-58",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def value_types(subject: Subject) -> Iterator[Flaw]:
    """xsi:type of ObservationStatement/value; published extracts have PQ, IVL_PQ, CD and ST."""
    for value in every(subject, "value"):
        if parent(value) == "ObservationStatement" and _type(value) not in _TYPES:
            yield flaw("xsi:type of a result", _type(value) or "none", value)


@rule(
    "R-values-05",
    "a measured quantity has a number and a unit",
    "V-58",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def quantities(subject: Subject) -> Iterator[Flaw]:
    """value of type PQ: @value is a number; @unit is written, since its default, 1, is no unit to show."""
    for value in every(subject, "value"):
        if _type(value) != "PQ" or value.get("nullFlavor"):
            continue
        if _number(value.get("value") or "") is None or not (value.get("unit") or "").strip():
            yield flaw("value and unit", f"{value.get('value')} {value.get('unit')}", value)


@rule(
    "R-values-06",
    "a quantity without a unit of its own gives the unit in words, with the same number",
    "V-58",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def units_in_words(subject: Subject) -> Iterator[Flaw]:
    """value of type PQ with unit 1: translation/@value where there is one."""
    for value in every(subject, "value", "quantity"):
        for other in children(subject, value, "translation") if value.get("unit") == "1" else ():
            if _number(other.get("value") or "") != _number(value.get("value") or "") or not words(other):
                yield flaw(f"{value.get('value')} and a unit in words", f"{other.get('value')} {words(other)}", other)


@rule(
    "R-values-07",
    "a range of quantities has a limit",
    "V-58",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def ranges_have_limits(subject: Subject) -> Iterator[Flaw]:
    """IVL_PQ values and reference ranges: low, high or center with a number."""
    for value in _ranges(subject):
        if not any(get(subject, value, limit, "value") for limit in ("low", "high", "center")) and not value.get(
            "nullFlavor"
        ):
            yield flaw("low or high", "neither", value)


def _ranges(subject: Subject) -> Iterator[Node]:
    for value in every(subject, "value"):
        if _type(value) == "IVL_PQ" or parent(value) == "referenceInterpretationRange":
            yield value


@rule(
    "R-values-08",
    "a range of quantities does not end below its beginning",
    "V-58",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def ranges_rise(subject: Subject) -> Iterator[Flaw]:
    """low and high of IVL_PQ values and of reference ranges."""
    for value in _ranges(subject):
        low, high = (_number(get(subject, value, limit, "value")) for limit in ("low", "high"))
        if low is not None and high is not None and low > high:
            yield flaw(f"from {low:g} up", f"{high:g}", value)


@rule(
    "R-values-09",
    "both limits of a range are in one unit",
    "V-58",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def ranges_have_one_unit(subject: Subject) -> Iterator[Flaw]:
    """@unit of low and high of IVL_PQ values and of reference ranges."""
    for value in _ranges(subject):
        low, high = child(subject, value, "low"), child(subject, value, "high")
        if low is not None and high is not None and low.get("unit", "1") != high.get("unit", "1"):
            yield flaw(f"unit {low.get('unit', '1')}", f"unit {high.get('unit', '1')}", value)


@rule(
    "R-values-10",
    "a reference range says something, in words or in numbers",
    "V-58",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def reference_ranges(subject: Subject) -> Iterator[Flaw]:
    """referenceInterpretationRange has text or value."""
    for span in every(subject, "referenceInterpretationRange"):
        if not words(child(subject, span, "text")) and child(subject, span, "value") is None:
            yield flaw("text or value", "neither", span)


@rule(
    "R-values-11",
    "how a result deviates is told by HI, LO, OR or PA",
    "V-52",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def interpretations(subject: Subject) -> Iterator[Flaw]:
    """interpretationCode/@code against EhrInterpret."""
    for code in every(subject, "interpretationCode"):
        if code.get("nullFlavor") is None and code.get("code") not in vocabulary("EhrInterpret"):
            yield flaw("HI, LO, OR or PA", code.get("code") or "none", code)


@rule(
    "R-values-12",
    "a blood pressure is a BATTERY of two observations with numbers",
    "S201",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def blood_pressures(subject: Subject) -> Iterator[Flaw]:
    """Compounds coded as a blood pressure reading: class, and the quantities directly in them."""
    for compound in every(subject, "CompoundStatement"):
        if not any(code in _BLOOD_PRESSURE for code, _ in codes(subject, child(subject, compound, "code"))):
            continue
        numbers = [
            each for each in children(subject, compound, "component/ObservationStatement/value") if _type(each) == "PQ"
        ]
        if compound.get("classCode") != "BATTERY" or len(numbers) < 2:
            yield flaw("BATTERY with two quantities", f"{compound.get('classCode')} with {len(numbers)}", compound)


@rule(
    "R-values-13",
    "a text result has text",
    "V-58",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def text_results(subject: Subject) -> Iterator[Flaw]:
    """value of type ST."""
    for value in every(subject, "value"):
        if _type(value) == "ST" and not words(value) and not value.get("nullFlavor"):
            yield flaw("text", "none", value)


@rule(
    "R-values-14",
    "a coded value has a code, or words for what has none",
    "V-58",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def coded_values(subject: Subject) -> Iterator[Flaw]:
    """value of type CD."""
    for value in every(subject, "value"):
        if _type(value) == "CD" and not value.get("code") and not words(child(subject, value, "originalText")):
            yield flaw("code or originalText", value.get("nullFlavor") or "neither", value)
