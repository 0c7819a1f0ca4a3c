"""A message that fails is explained: the element, what was allowed, what stood there, the likely cause."""

from __future__ import annotations

import pytest
from lxml import etree

from harness.validation import schemas
from harness.validation.schemas import Cause, Explanation, explain
from tests.validation.messages import extract, parts, payload, swap

REQUEST, EXTRACT = "RCMR_IN010000UK05", "RCMR_IN030000UK06"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
CODE = '<processingCode code="P"/>'
UID = "an OID, a UUID in upper case, or a name of letters, digits and hyphens"


def first(old: str, new: str) -> Explanation:
    """The first explanation of a request in which ``old`` is replaced."""
    return explain(swap(payload("request"), old, new), REQUEST)[0]


@pytest.mark.parametrize(
    ("old", "new", "element", "expected", "found", "cause"),
    [
        (CODE + "\n", "", "processingModeCode", ("processingCode",), "processingModeCode", Cause.MISSING_ELEMENT),
        (CODE, CODE * 2, "processingCode", ("processingModeCode",), "processingCode", Cause.TOO_MANY),
        (CODE, f"<new/>{CODE}", "new", ("processingCode",), "new", Cause.UNKNOWN_ELEMENT),
        (
            CODE,
            '<processingCode xmlns="urn:x" code="P"/>',
            "processingCode",
            ("processingCode",),
            "processingCode of namespace urn:x",
            Cause.NAMESPACE,
        ),
        (
            CODE,
            '<processingCode xmlns="" code="P"/>',
            "processingCode",
            ("processingCode",),
            "processingCode of no namespace",
            Cause.NAMESPACE,
        ),
        (CODE, '<processingCode code="P">P</processingCode>', "processingCode", (), "P", Cause.TEXT),
        (CODE, f"text{CODE}", REQUEST, (), "text", Cause.TEXT),
        ('code="P"', 'code="P Q"', "processingCode", ("a code without blanks",), "code='P Q'", Cause.TYPE),
        (
            'determinerCode="INSTANCE"',
            'determinerCode="ANY"',
            "device",
            ("INSTANCE", "KIND", "QUANTIFIED_KIND"),
            "determinerCode='ANY'",
            Cause.TYPE,
        ),
        ('id root="A0', 'id root="a 0', "id", (UID,), "root='a 0000000-0000-4000-8000-000000000001'", Cause.TYPE),
        (
            CODE,
            f'<processingCode {XSI} xsi:type="PQ"/>',
            "processingCode",
            ("CS",),
            "xsi:type='PQ'",
            Cause.TYPE,
        ),
        (
            CODE,
            f'<processingCode {XSI} xsi:type="Nothing"/>',
            "processingCode",
            ("xsi:type with the name of a data type",),
            "xsi:type='Nothing'",
            Cause.TYPE,
        ),
        (
            CODE,
            f'<processingCode {XSI} xsi:nil="true"/>',
            "processingCode",
            ("content, not xsi:nil",),
            "xsi:nil",
            Cause.TYPE,
        ),
    ],
)
def test_a_mistake_in_a_request(
    old: str, new: str, element: str, expected: tuple[str, ...], found: str, cause: Cause
) -> None:
    said = first(old, new)
    assert (said.element, said.expected, said.found, said.cause) == (element, expected, found, cause)


def test_two_neighbours_in_the_wrong_order() -> None:
    root = etree.fromstring(payload("request"))
    root.insert(0, root[1])
    (said,) = explain(root, REQUEST)
    assert (said.element, said.expected, said.cause) == ("creationTime", ("id",), Cause.ORDER)
    assert said.xpath == f"/{REQUEST}/creationTime"


def test_the_end_of_an_element_that_still_lacks_one() -> None:
    root = etree.fromstring(payload("request"))
    request = root.find(".//{*}EhrRequest")
    assert request is not None
    request.remove(request[-1])
    (said,) = explain(root, REQUEST)
    assert (said.element, said.expected, said.found) == ("EhrRequest", ("destination",), "the end of the element")
    assert said.cause is Cause.MISSING_ELEMENT


def test_an_attribute_that_nobody_knows() -> None:
    said = first("<patient ", '<patient new="1" ')
    assert (said.element, said.found, said.cause) == ("patient", "new='1'", Cause.UNKNOWN_ATTRIBUTE)
    assert "classCode" in said.expected


def test_an_attribute_with_a_namespace_that_it_has_not() -> None:
    said = first("<patient classCode", '<patient xmlns:h="urn:hl7-org:v3" h:classCode')
    assert (said.element, said.cause) == ("patient", Cause.NAMESPACE)


def test_an_attribute_that_is_missing() -> None:
    wrong = swap(payload("continue"), ' contextConductionInd="false"', "")
    (said,) = explain(wrong, "COPC_IN000001UK01")
    assert (said.element, said.expected, said.found) == (
        "subject",
        ("contextConductionInd", "false"),
        "no contextConductionInd",
    )
    assert said.cause is Cause.MISSING_ATTRIBUTE


def test_a_value_without_its_type() -> None:
    wrong = extract(EXTRACT).replace(b' xsi:type="PQ"', b"")
    said = explain(wrong, EXTRACT)[0]
    assert (said.element, said.found, said.cause) == ("value", "no xsi:type", Cause.TYPE)


def test_a_long_list_of_values_is_cut() -> None:
    said = first('typeCode="RCT"', 'typeCode="NEW"')
    assert said.expected[-1] == "and 32 more"


def test_a_root_of_another_namespace() -> None:
    (said,) = explain(swap(payload("request"), ' xmlns="urn:hl7-org:v3"', ""), REQUEST)
    assert (said.cause, said.found) == (Cause.NAMESPACE, f"{REQUEST} of no namespace")


def test_another_message_than_the_interaction_promised() -> None:
    (said,) = explain(payload("continue"), REQUEST)
    assert (said.element, said.cause) == ("COPC_IN000001UK01", Cause.UNKNOWN_ELEMENT)


def test_an_attribute_of_the_envelope_is_named_with_its_value() -> None:
    envelope = swap(parts("fragment")[0], 'eb:version="2.0"', 'eb:version="3.0"')
    said = explain(envelope, "Envelope")[0]
    assert (said.element, said.found, said.cause) == ("MessageHeader", "eb:version='3.0'", Cause.TYPE)


@pytest.mark.parametrize("octets", [b"<a", b"", b"\xff\xfe", b"<a><b></a>"])
def test_octets_that_are_no_xml(octets: bytes) -> None:
    (said,) = explain(octets, REQUEST)
    assert said.cause is Cause.NOT_XML


def test_a_document_type_is_not_acted_upon() -> None:
    (said,) = explain(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', REQUEST)
    assert (said.cause, said.found) == (Cause.NOT_XML, "<!DOCTYPE")


def test_every_error_of_a_message_is_explained_in_the_order_of_the_lines() -> None:
    wrong = swap(swap(payload("request"), 'code="P"', 'code="P Q"'), 'typeCode="RCT"', 'typeCode="NEW"')
    said = explain(wrong, REQUEST)
    assert [each.element for each in said] == ["processingCode", "recordTarget"]
    assert said[0].line < said[1].line


def test_the_message_is_left_as_it_was() -> None:
    root = etree.fromstring(swap(payload("request"), CODE, f'<processingCode {XSI} xsi:type="Nothing"/>'))
    before = etree.tostring(root)
    explain(root, REQUEST)
    assert etree.tostring(root) == before


def test_a_message_too_large_for_the_second_engine_is_explained_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "MAX_ELEMENTS", 5)
    root = etree.fromstring(payload("request"))
    root.insert(0, root[1])
    (said,) = explain(root, REQUEST)
    assert (said.element, said.expected, said.cause) == ("creationTime", ("id",), Cause.ORDER)


def test_the_quick_engine_tells_a_missing_element_and_an_attribute_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "MAX_ELEMENTS", 5)
    root = etree.fromstring(swap(payload("request"), "<patient ", '<patient new="1" '))
    request = root.find(".//{*}EhrRequest")
    assert request is not None
    request.remove(request[-1])
    causes = {each.element: each.cause for each in explain(root, REQUEST)}
    assert causes == {"patient": Cause.UNKNOWN_ATTRIBUTE, "EhrRequest": Cause.MISSING_ELEMENT}
