"""Forms that specifications allow and the base messages do not have: no rule may call them wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from harness.reference.patches import Patch, Wire, apply
from harness.rules import RULES
from tests.rules.bases import base, subject

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
