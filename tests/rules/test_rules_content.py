"""What the rules on the content of extracts count on, and that no content makes them raise."""

from __future__ import annotations

import pytest
from lxml import etree

from harness.rules import RULES, Subject
from harness.rules import record as records
from harness.rules.codes import verhoeff
from harness.rules.record import after, every, once, real, record
from harness.rules.structure import CLASSES, MOODS, ROLES, TYPES
from harness.rules.vocabularies import vocabulary
from simulator.wire import hl7
from simulator.wire.reading import Reading
from tests.rules.bases import base, subject
from tests.shared import SHARED, needs_shared

_READS_RECORDS = [rule for rule in RULES.values() if rule.function.__globals__.get("every") is every]


def _bare(root: etree._Element) -> Subject:
    return Subject(Reading(None, None, None, b"", root, hl7.read(root)[0], None, ()))


def _copy() -> etree._Element:
    root = subject(base("extract-documents")).root
    assert root is not None
    return etree.fromstring(etree.tostring(root))


def test_no_rule_raises_whatever_element_is_missing() -> None:
    """Each kind of element taken away in turn."""
    for tag in sorted({str(each.tag) for each in _copy().iter()})[1:]:
        root = _copy()
        for element in list(root.iter(tag)):
            above = element.getparent()
            if above is not None:
                above.remove(element)
        for rule in _READS_RECORDS:
            rule.flaws(_bare(root))


def test_no_rule_raises_whatever_an_attribute_says() -> None:
    """Each attribute taken away everywhere, and filled with something absurd."""
    for name in sorted({str(key) for each in _copy().iter() for key in each.attrib}):
        for value in (None, "\u20ac ", "9" * 5_000):
            root = _copy()
            for element in root.iter():
                if name in element.attrib and value is None:
                    del element.attrib[name]
                elif name in element.attrib:
                    element.set(name, value or "")
            for rule in _READS_RECORDS:
                rule.flaws(_bare(root))


def test_a_hostile_record_ends_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it elements are not looked at: memory is bounded by us and not by the sender."""
    root = _copy()
    whole = sum(map(len, record(_bare(root)).named.values()))
    monkeypatch.setattr(records, "MAX_ELEMENTS", 100)
    assert sum(map(len, record(_bare(_copy())).named.values())) == 101 < whole


def test_a_search_is_made_once_for_a_record() -> None:
    """And again for another record."""
    made: list[int] = []

    @once
    def search(seen: Subject) -> list[str]:
        made.append(1)
        return [records.name(each) for each in every(seen, "LinkSet")]

    seen = _bare(_copy())
    assert search(seen) == search(seen) == ("LinkSet",)
    assert search(_bare(_copy())) == ("LinkSet",)
    assert len(made) == 2


@pytest.mark.parametrize(
    "time", ["2019", "201902", "20190228", "2020022923", "202002292359", "20200229235959", "20191231235959.123+0000"]
)
def test_times_of_every_precision_are_real(time: str) -> None:
    """HL7 lets a time end where knowledge ends."""
    assert real(time)


@pytest.mark.parametrize(
    "time", ["", "19", "20191", "20190229", "20191301", "20190100", "2019010124", "201901011260", "0000", "2019-01-01"]
)
def test_times_that_no_calendar_has_are_not(time: str) -> None:
    """The schema's type lets most of them pass."""
    assert not real(time)


def test_a_month_is_neither_before_nor_after_its_days() -> None:
    """Times are compared as far as both say."""
    assert not after("201902", "20190214")
    assert not after("20190214", "201902")
    assert after("20190301", "201902")
    assert after("20190301120000", "20190301115959")
    assert not after("20190301120000", "20190301115959", 8)
    assert not after("", "2019")


def test_the_check_digit_finds_every_wrong_digit_and_every_swap() -> None:
    """Every SNOMED CT code of the vocabularies has it, and loses it by one change."""
    for code in vocabulary("EhrCompositionName") | vocabulary("EhrSupplyType") | vocabulary("EhrAttachmentCode"):
        assert verhoeff(code)
        for place in range(len(code) - 1):
            other = str((int(code[place]) + 1) % 10)
            assert not verhoeff(code[:place] + other + code[place + 1 :])
            if code[place] != code[place + 1]:
                assert not verhoeff(code[:place] + code[place + 1] + code[place] + code[place + 2 :])
    assert not verhoeff("")
    assert not verhoeff("12")


@pytest.mark.shared
@needs_shared
def test_structural_codes_are_those_of_the_official_schema() -> None:
    """Every default of a structural attribute in RCMR_MT030101UK05 and the agents' schema is legal to the rules."""
    assert SHARED is not None
    schema = "{http://www.w3.org/2001/XMLSchema}"
    tables: dict[str, dict[str, frozenset[str]]] = {
        "classCode": {**CLASSES, **{key: frozenset({value}) for key, value in ROLES.items()}},
        "moodCode": MOODS,
        "typeCode": {key: frozenset({value}) for key, value in TYPES.items()},
    }
    compared = 0
    for file in ("RCMR_MT030101UK05", "RCCT_MT120101UK01"):
        tree = etree.parse(SHARED / "mim" / "adaptor" / "schema" / f"{file}.xsd")
        types = {str(each.get("name")): each for each in tree.iter(f"{schema}complexType")}
        for element in tree.iter(f"{schema}element"):
            kind = types.get(str(element.get("type")))
            for attribute in () if kind is None else kind.iter(f"{schema}attribute"):
                legal = tables.get(str(attribute.get("name")), {}).get(str(element.get("name")))
                if attribute.get("default") and legal is not None and attribute.get("default") != "ACT":
                    assert attribute.get("default") in legal, (element.get("name"), attribute.get("name"))
                    compared += 1
    assert compared > 100
