"""What the writers do with odd values: escape what XML can hold, refuse what it cannot and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from simulator.wire.soap import FaultError
from simulator.wire.writers import ebxml, gp2gp, soap, xml
from simulator.wire.writers.description import describe
from simulator.wire.writers.gp2gp import Dialect, Ends
from simulator.wire.writers.times import ebxml_time, hl7_time

HEADER = ebxml.Header("A", "B", "cpa", "conversation", "RCMR_IN010000UK05", "id", "2026-07-01T09:30:00Z")
ENDS = Ends("id", "20260701103000", "999000000001", "999000000002")
_TROUBLE = "\t\r\n<>&\"'"
_ANY = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters=_TROUBLE, exclude_characters="\ufffe\uffff"
)
LEGAL = st.text(_ANY) | st.text(st.sampled_from(_TROUBLE + "a] \u2028\U0001f600"))


@given(LEGAL)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_xml_can_hold_comes_back_from_a_parser_unchanged(value: str) -> None:
    """Carriage returns and, in attributes, all white space included."""
    root = etree.fromstring(f'<a b="{xml.attribute(value)}">{xml.text(value)}</a>'.encode())
    assert (root.get("b"), root.text or "") == (value, value)


@pytest.mark.parametrize("value", ["\x00", "a\x1fb", "\ufffe", "\ud800"])
def test_what_xml_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="XML cannot hold"):
        xml.text(value)


MESSAGE: dict[str, Any] = {"from_party": "A", "to_party": "B", "cpa_id": "c", "conversation_id": "v", "message_id": "m"}
ACK = MESSAGE | {"ref_to_message_id": "r", "received_timestamp": "t", "now": "n"}
ERROR = MESSAGE | {"ref_to_message_id": "r", "now": "n", "errors": [("200", "text")]}
EXTRACT: dict[str, Any] = {
    "interaction": "RCMR_IN030000UK06",
    "extract_id": "e",
    "request_id": "r",
    "nhs_number": "9990000018",
    "sending_ods": "X90002",
    "requesting_ods": "X90001",
    "time": "20260701103000",
    "folder": b"<ehrFolder/>",
    "limitation_id": "l",
}
REQUEST: dict[str, Any] = {"request_id": "r", "nhs_number": "n", "requesting_ods": "q", "sending_ods": "s"}
CONTINUE: dict[str, Any] = {
    "recipient_ods": "r",
    "sender_ods": "s",
    "extract_message_id": "e",
    "body_id": "b",
    "inner_id": "i",
}
FRAGMENT: dict[str, Any] = {"recipient_ods": "r", "sender_ods": "s", "filename": "f", "body_id": "b"}
FAULT: dict[str, Any] = {"code_context": "c", "code": "200", "severity": "Error", "location": "l", "description": "d"}
ENDS_FIELDS = {"message_id": "m", "time": "t", "sender_asid": "s", "receiver_asid": "r"}
MANDATORY = ("from_party", "to_party", "cpa_id", "conversation_id", "action", "message_id", "timestamp", "service")


def _empty(fields: dict[str, Any], *optional: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, fields | {name: type(value)()}) for name, value in fields.items() if name not in optional]


@pytest.mark.parametrize("name", MANDATORY)
def test_a_header_without_a_mandatory_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        ebxml.message(replace(HEADER, **{name: " "}), "payload")


@pytest.mark.parametrize("field", [("cid:a", ""), ("", "Attachment")])
def test_a_reference_without_href_or_description_is_refused(field: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        ebxml.message(HEADER, "payload", [ebxml.Reference(*field)])


def test_an_envelope_without_payload_id_is_refused() -> None:
    with pytest.raises(ValueError, match="payload_content_id"):
        ebxml.message(HEADER, "")


def test_what_spine_says_is_always_an_answer() -> None:
    with pytest.raises(ValueError, match="ref_to_message_id"):
        ebxml.spine_message(HEADER, "payload")


@pytest.mark.parametrize(("name", "fields"), _empty(ACK))
def test_an_acknowledgment_needs_every_field(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        ebxml.acknowledgment(**fields)


ECHOES = ("to_party", "cpa_id", "conversation_id", "ref_to_message_id")


@pytest.mark.parametrize(("name", "fields"), _empty(ERROR, *ECHOES))
def test_a_message_error_needs_every_field_of_its_own(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        ebxml.message_error(**fields)


@pytest.mark.parametrize("name", ECHOES)
def test_a_message_error_can_answer_a_message_that_lacked_what_it_would_echo(name: str) -> None:
    root = etree.fromstring(ebxml.message_error(**ERROR | {name: ""}))
    assert root.findall(".//{*}Error")
    assert bool(root.findall(".//{*}RefToMessageId")) is (name != "ref_to_message_id")


@pytest.mark.parametrize("error", [("", "text"), ("200", "")])
def test_an_error_without_code_or_description_is_refused(error: tuple[str, str]) -> None:
    """One client crashes on it."""
    with pytest.raises(ValueError, match="must not be empty"):
        ebxml.message_error(**ERROR | {"errors": [error]})


def test_ref_to_message_id_stands_before_time_to_live() -> None:
    root = etree.fromstring(ebxml.message(replace(HEADER, ref_to_message_id="r", time_to_live="t"), "payload"))
    data = root.find(".//{*}MessageData")
    assert data is not None
    assert [etree.QName(child).localname for child in data] == [
        "MessageId",
        "Timestamp",
        "RefToMessageId",
        "TimeToLive",
    ]


@pytest.mark.parametrize(("name", "fields"), _empty(FAULT, "location"))
def test_a_fault_without_a_child_that_clients_insist_on_is_refused(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        soap.fault([FaultError(**fields)])


def test_a_fault_without_errors_is_refused() -> None:
    with pytest.raises(ValueError, match="errors"):
        soap.fault([])


@pytest.mark.parametrize(("name", "fields"), _empty(ENDS_FIELDS))
def test_a_payload_needs_both_ends(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        gp2gp.acknowledgement(Ends(**fields), message_ref="r")


@pytest.mark.parametrize(
    ("writer", "name", "fields"),
    [
        *((gp2gp.ehr_request, *case) for case in _empty(REQUEST)),
        *((gp2gp.ehr_extract, *case) for case in _empty(EXTRACT, "interaction", "folder")),
        *((gp2gp.continue_message, *case) for case in _empty(CONTINUE)),
        *((gp2gp.fragment, *case) for case in _empty(FRAGMENT)),
        (gp2gp.acknowledgement, "message_ref", {"message_ref": ""}),
    ],
)
def test_a_payload_without_a_mandatory_field_is_refused(writer: Any, name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        writer(ENDS, **fields)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"interaction": "RCMR_IN010000UK05"}, "not an extract"),
        ({"folder": b""}, "element"),
        ({"folder": b"<?xml version='1.0'?><ehrFolder/>"}, "element"),
    ],
)
def test_an_extract_takes_one_element_and_an_extract_interaction(change: dict[str, Any], about: str) -> None:
    with pytest.raises(ValueError, match=about):
        gp2gp.ehr_extract(ENDS, **EXTRACT | change)


def test_a_text_without_code_is_refused() -> None:
    with pytest.raises(ValueError, match="code"):
        gp2gp.acknowledgement(ENDS, message_ref="r", text="Patient not at surgery")


def test_the_type_code_of_a_dialect_can_be_overridden_and_the_repeating_one_repeats_it() -> None:
    """BOTH_ER occurs with AE and AR; the hybrid that repeats the type code does so with both."""
    root = etree.fromstring(
        gp2gp.acknowledgement(ENDS, message_ref="r", code="30", text="t", dialect=Dialect.BOTH_REPEATED, type_code="AE")
    )
    assert [found.get("typeCode") for found in root.iter("{*}acknowledgement", "{*}acknowledgementDetail")] == [
        "AE",
        "AE",
    ]


def test_a_code_may_come_without_its_text() -> None:
    assert b"displayName" not in gp2gp.acknowledgement(ENDS, message_ref="r", code="99")


def test_no_payload_has_white_space_between_elements() -> None:
    """One live system answers 18 to it."""
    payloads = [
        gp2gp.ehr_request(ENDS, **REQUEST),
        gp2gp.ehr_extract(ENDS, **EXTRACT),
        gp2gp.continue_message(ENDS, **CONTINUE),
        gp2gp.fragment(ENDS, **FRAGMENT),
        *(gp2gp.acknowledgement(ENDS, message_ref="r", code="99", dialect=dialect) for dialect in Dialect),
    ]
    for payload in payloads:
        for element in etree.fromstring(payload).iter():
            assert not (element.tail or "").isspace()
            assert not (element.text or "").isspace()


def test_a_file_name_is_percent_encoded_in_the_reference_and_not_in_the_subject() -> None:
    payload = etree.fromstring(gp2gp.fragment(ENDS, **FRAGMENT | {"filename": "a b/é&.txt"}))
    reference = payload.find(".//{urn:hl7-org:v3}reference")
    assert reference is not None
    assert reference.get("value") == "file://localhost/a%20b%2F%C3%A9%26.txt"
    assert payload.findtext(".//{urn:nhs:names:services:gp2gp}subject") == "Attachment: a b/é&.txt"


@pytest.mark.parametrize(
    ("moment", "utc", "uk"),
    [
        (datetime(2026, 7, 1, 9, 30, tzinfo=UTC), "2026-07-01T09:30:00Z", "20260701103000"),
        (datetime(2026, 12, 1, 9, 30, 59, 999999, tzinfo=UTC), "2026-12-01T09:30:59Z", "20261201093059"),
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29T00:59:59Z", "20260329005959"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T01:00:00Z", "20260329020000"),
        (
            datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T22:30:00Z",
            "20251231223000",
        ),
    ],
)
def test_ebxml_times_are_utc_and_hl7_times_uk_local(moment: datetime, utc: str, uk: str) -> None:
    assert (ebxml_time(moment), hl7_time(moment)) == (utc, uk)


@pytest.mark.parametrize("writer", [ebxml_time, hl7_time])
def test_a_moment_without_zone_is_refused(writer: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        writer(datetime(2026, 7, 1))  # noqa: DTZ001


PROPERTIES: dict[str, Any] = {"compressed": False, "large": False, "original_base64": True, "length": 234876}


def test_a_description_has_the_pairs_in_the_order_of_the_specification() -> None:
    """Handling Large Messages v1.1 §2.3.2, with another file."""
    assert describe(f"{'D' * 8}_letter one.pdf", "application/pdf", **PROPERTIES) == (
        'Filename="DDDDDDDD_letter one.pdf" ContentType=application/pdf Compressed=No LargeAttachment=No '
        "OriginalBase64=Yes Length=234876"
    )


@pytest.mark.parametrize(
    ("filename", "content_type", "change", "about"),
    [
        ("", "text/plain", {}, "file name"),
        ('a"b', "text/plain", {}, "quote"),
        ("a\nb", "text/plain", {}, "control"),
        (" a", "text/plain", {}, "blanks"),
        ("a", "text", {}, "media type"),
        ("a", "text/plain; charset=UTF-8", {}, "media type"),
        ("a", "text/plain", {"length": -1}, "length"),
        ("a", "text/plain", {"domain_data": '"'}, "domain data"),
    ],
)
def test_a_description_that_nobody_could_read_back_is_refused(
    filename: str, content_type: str, change: dict[str, Any], about: str
) -> None:
    with pytest.raises(ValueError, match=about):
        describe(filename, content_type, **PROPERTIES | change)
