"""What the rules on the content of extracts must leave alone, and what they count on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from lxml import etree

from harness.reference.patches import Patch, Wire, apply
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

_CONTEXT = {"ods": "X90002", "conversation": "BBBBBBBB-0000-4000-8000-00000000FFFF"}
_SNOMED = 'codeSystem="2.16.840.1.113883.2.1.3.2.4.15"'
_READ = 'codeSystem="2.16.840.1.113883.2.1.6.2"'
_LAST = "(//hl7:ehrComposition)[2]/hl7:component[last()]"
_OBSERVATION = "(//hl7:ObservationStatement)[1]"
_AUTHORISE = "(//hl7:ehrSupplyAuthorise)[1]"


def _id(n: int) -> str:
    return f'<hl7:id root="DDDDDDDD-0000-4000-8000-{n:012X}"/>'


def _set(xpath: str, attribute: str, value: str) -> dict[str, Any]:
    return {"layer": "hl7", "op": "set", "xpath": xpath, "attribute": attribute, "value": value}


def _insert(xpath: str, xml: str, where: str = "after") -> dict[str, Any]:
    return {"layer": "hl7", "op": "insert", "xpath": xpath, "where": where, "xml": xml}


def _delete(xpath: str, **more: str) -> dict[str, Any]:
    return {"layer": "hl7", "op": "delete", "xpath": xpath, **more}


def _statement(xml: str) -> dict[str, Any]:
    return _insert(_LAST, f'<hl7:component typeCode="COMP">{xml}</hl7:component>')


def _link(code: str, effective: str, *members: int, n: int, available: str = "20260701103000") -> dict[str, Any]:
    refs = "".join(
        '<hl7:component typeCode="COMP"><hl7:statementRef classCode="OBS" moodCode="EVN">'
        f"{_id(each)}</hl7:statementRef></hl7:component>"
        for each in members
    )
    return _statement(
        f'<hl7:LinkSet classCode="OBS" moodCode="EVN">{_id(n)}<hl7:code {code} {_SNOMED}/>'
        f'<hl7:statusCode code="COMPLETE"/><hl7:effectiveTime nullFlavor="{effective}"/>'
        f'<hl7:availabilityTime value="{available}"/>{refs}</hl7:LinkSet>'
    )


def _entry(code: str, n: int, more: str = "") -> str:
    return (
        f'<hl7:ObservationStatement classCode="OBS" moodCode="EVN">{_id(n)}{code}<hl7:statusCode code="COMPLETE"/>'
        '<hl7:effectiveTime><hl7:center nullFlavor="NI"/></hl7:effectiveTime>'
        f'<hl7:availabilityTime value="20190314"/>{more}</hl7:ObservationStatement>'
    )


def _degraded(read: str, snomed: str) -> str:
    return (
        f'<hl7:code code="{read}" {_READ} displayName="Transfer-degraded"><hl7:originalText>As recorded'
        f'</hl7:originalText><hl7:translation code="{snomed}" {_SNOMED} displayName="Transfer-degraded"/></hl7:code>'
    )


_STOP = (
    '<hl7:component typeCode="COMP"><hl7:ehrSupplyDiscontinue classCode="SPLY" moodCode="RQO">'
    f'{_id(2)}<hl7:code nullFlavor="UNK"><hl7:originalText>Rash</hl7:originalText></hl7:code>'
    '<hl7:statusCode code="COMPLETE"/><hl7:availabilityTime value="20260102"/><hl7:reversalOf typeCode="REV">'
    f'<hl7:priorMedicationRef classCode="SBADM" moodCode="INT">{_id(1)}</hl7:priorMedicationRef></hl7:reversalOf>'
    "</hl7:ehrSupplyDiscontinue></hl7:component>"
)
_REPLACES = (
    '<hl7:replacementOf typeCode="RPLC"><hl7:priorStatementRef classCode="OBS" moodCode="EVN">'
    f"{_id(99)}</hl7:priorStatementRef></hl7:replacementOf>"
)
_SETTING = '<hl7:code code="PRESCRIPTION" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.484" displayName="Prescription"/>'
_LINES = (
    "The following file could not be included with the Electronic Record:\r\n\r\nscan.tif\r\n\r\n"
    "{ods}:{conversation}\r\n\r\nReason:06:Unable to determine problem\r\n"
)
GOOD: Mapping[str, tuple[str, list[dict[str, Any]]]] = {
    "a deleted statement beside others": (
        "extract",
        [_statement(f'<hl7:EhrEmpty classCode="OBS" moodCode="EVN">{_id(1)}{_REPLACES}</hl7:EhrEmpty>')],
    ),
    "a changed entry": (
        "extract",
        [
            _statement(
                _entry('<hl7:code nullFlavor="UNK"><hl7:originalText>X</hl7:originalText></hl7:code>', 1, _REPLACES)
            )
        ],
    ),
    "a deleted composition": (
        "extract",
        [
            _delete("(//hl7:ehrComposition)[4]/hl7:component"),
            _set("(//hl7:ehrComposition)[4]/hl7:statusCode", "code", "NULLIFIED"),
            _insert(
                "(//hl7:ehrComposition)[4]/hl7:Participant2",
                '<hl7:component typeCode="COMP"><hl7:EhrEmpty classCode="OBS" moodCode="EVN">'
                f"{_id(1)}{_REPLACES}</hl7:EhrEmpty></hl7:component>",
            ),
        ],
    ),
    "preferences of the Summary Care Record": (
        "extract",
        [
            _set(
                _OBSERVATION + "/hl7:id|//hl7:namedStatementRef/hl7:id", "root", "DDDDDDDD-0000-4000-8000-000000000009"
            ),
            _link('code="753381000000108"', "NA", 9, n=1),
            _link('code="753361000000104"', "NA", n=2),
        ],
    ),
    "settings of patient-facing services": (
        "extract",
        [
            _statement(_entry(_SETTING, 1)),
            _link('code="_TBC_"', "NI", 1, n=2),
            _delete("//hl7:LinkSet/hl7:code[@code='_TBC_']", attribute="code"),
        ],
    ),
    "a stopped medication": (
        "extract",
        [
            _set(
                f"{_AUTHORISE}/hl7:id|(//hl7:ehrSupplyPrescribe)[1]//hl7:priorMedicationRef/hl7:id",
                "root",
                "DDDDDDDD-0000-4000-8000-000000000001",
            ),
            _insert(
                "//hl7:MedicationStatement/hl7:component[hl7:ehrSupplyAuthorise][../hl7:statusCode/@code='COMPLETE']",
                _STOP,
            ),
        ],
    ),
    "a degraded entry": ("extract", [_statement(_entry(_degraded("9bJ..", "196411000000103"), 1))]),
    "a degraded allergy in its place": (
        "extract",
        [
            _insert(
                "//hl7:CompoundStatement[hl7:code/@code='14L..00']/hl7:component",
                f'<hl7:component typeCode="COMP">{_entry(_degraded("9bJ4.00", "196461000000101"), 1)}</hl7:component>',
            )
        ],
    ),
    "a result below a limit": (
        "extract",
        [
            {
                "layer": "hl7",
                "op": "substitute",
                "pattern": r'<value [^>]*xsi:type="PQ" ?[^>]*unit="umol/L"[^>]*/>|<value [^>]*unit="umol/L"[^>]*/>',
                "value": '<value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="IVL_PQ">'
                '<high value="5" unit="umol/L" inclusive="false"/></value>',
            }
        ],
    ),
    "dates that say less than a day": (
        "extract",
        [
            _set(_OBSERVATION + "/hl7:availabilityTime", "value", "201902"),
            _set(_OBSERVATION + "/hl7:effectiveTime/hl7:center", "value", "2019"),
        ],
    ),
    "a period within one month": (
        "extract",
        [
            _delete(_OBSERVATION + "/hl7:effectiveTime/*"),
            _insert(_OBSERVATION + "/hl7:effectiveTime", '<hl7:low value="20190214"/><hl7:high value="201902"/>', "in"),
            _insert(_OBSERVATION + "/hl7:effectiveTime", '<hl7:high value="201902"/>', "in"),
        ],
    ),
    "a placeholder with empty lines between": (
        "extract-documents",
        [{"layer": "mime", "op": "text-attachment", "part": 5, "text": _LINES}],
    ),
}
# What a variant cannot help breaking, because the patch changes octets that the envelope counts.
_ELSEWHERE = ("R-description-", "R-large-", "R-reference-", "R-manifest-", "R-part-", "R-attachment-")


def _patched(name: str) -> Wire:
    wire = base(GOOD[name][0])
    for patch in GOOD[name][1]:
        wire = apply(Patch(patch["layer"], patch["op"], patch), wire, _CONTEXT)
    assert wire != base(GOOD[name][0])
    return wire


@pytest.mark.parametrize("name", GOOD)
def test_what_specifications_allow_breaks_no_rule(name: str) -> None:
    """Forms that the base messages do not have, each as its specification gives it."""
    seen = subject(_patched(name))
    assert seen.root is not None
    rules = [rule for rule in RULES.values() if not rule.id.startswith(_ELSEWHERE)]
    assert {rule.id: flaws for rule in rules if (flaws := rule.flaws(seen))} == {}


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
        for rule in RULES.values():
            rule.flaws(_bare(root))


def test_no_rule_raises_whatever_an_attribute_says() -> None:
    """Each attribute taken away everywhere, and filled with something absurd."""
    for name in sorted({str(key) for each in _copy().iter() for key in each.attrib}):
        for value in (None, "", "\u20ac ", "9" * 400):
            root = _copy()
            for element in root.iter():
                if name in element.attrib and value is None:
                    del element.attrib[name]
                elif name in element.attrib:
                    element.set(name, value or "")
            for rule in RULES.values():
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
        return [each.name for each in every(seen, "LinkSet")]

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
