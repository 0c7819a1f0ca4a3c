"""What the writers write validates under the official schemas, where these lie beside the project."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree

from tests.shared import SHARED, needs_shared
from tests.wire import oracle
from tests.wire.messages import PACKAGES, WRITTEN

pytestmark = [pytest.mark.shared, needs_shared]

ADAPTOR = "adaptor/schema/{}.xsd"
MIM = "mim-4.2-7.2/TightenedSchemas/{}.xsd"
# Every schema that knows the interaction and can be loaded. The adaptors' set has no request; the MIM has no redaction.
SCHEMAS = {
    "RCMR_IN010000UK05": (MIM,),
    "RCMR_IN030000UK06": (ADAPTOR, MIM),
    "RCMR_IN030000UK07": (ADAPTOR,),
    "COPC_IN000001UK01": (MIM,),
    "MCCI_IN010000UK13": (ADAPTOR, MIM),
}
# Nothing is excused: the RIM types of BOTH_ER and the prefix of SPINE are legal too. Of BOTH_REPEATED that says little:
# its detail typeCode AR is outside the vocabulary (ER, WG, IF), but these releases type the attribute as a bare token.
CASES = [(name, set_) for name, interaction in WRITTEN.items() for set_ in SCHEMAS[interaction]]


@cache
def _schema(path: str) -> etree.XMLSchema:
    assert SHARED is not None
    return etree.XMLSchema(etree.parse(SHARED / "mim" / path))


@pytest.mark.parametrize(("name", "where"), CASES)
def test_a_payload_is_valid_under_the_official_schema(name: str, where: str) -> None:
    payload = etree.fromstring(_payload(name))
    schema = _schema(where.format(etree.QName(payload).localname))
    assert schema.validate(payload), schema.error_log


def test_every_package_is_validated() -> None:
    assert {name for name, _ in CASES} == set(PACKAGES)


def test_the_schema_would_notice() -> None:
    """Two children that have changed places: what a wrong template would look like."""
    wrong = etree.fromstring(_payload("request"))
    wrong.insert(0, wrong[1])
    assert not _schema(MIM.format("RCMR_IN010000UK05")).validate(wrong)


def _payload(name: str) -> bytes:
    out = PACKAGES[name]()
    payload = oracle.read(out.content_type, out.body)["bodies"][1]
    assert isinstance(payload, bytes)
    return payload
