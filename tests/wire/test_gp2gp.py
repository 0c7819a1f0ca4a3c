"""The typed messages, told apart by payload alone."""

# ruff: noqa: E501 -- a case is a row of a table

from __future__ import annotations

import pytest

from simulator.wire import gp2gp, hl7, xml
from simulator.wire.departures import D, Departures
from simulator.wire.gp2gp import ApplicationAcknowledgement, Continue, EhrExtract, EhrRequest, Fragment, Unknown
from simulator.wire.hl7 import Code
from tests.wire.received import (
    CONTINUE,
    CONVERSATION,
    EXTRACT,
    FRAGMENT,
    INNER_ACKNOWLEDGEMENT,
    MESSAGE,
    NHS_NUMBER,
    ODS_OURS,
    ODS_THEIRS,
    OTHER,
    REQUEST,
    codes,
    payload_body,
    point_to_point,
    swap,
)
from tests.wire.received import hl7 as payload
from tests.wire.test_hl7 import NEGATIVE, prefixed

_APPLICATION, _SPINE = "2.16.840.1.113883.2.1.3.2.4.17.101", "2.16.840.1.113883.2.1.3.2.4.17.32"
_SUBJECT = "Continue Acknowledgement"
_MISSING = {D.HL7_ELEMENT_MISSING}


def acknowledgement(kind: str, details: str = "", reasons: str = "") -> str:
    """An MCCI; ``details`` and ``reasons`` are ``code`` elements."""
    ref = f'<messageRef><id root="{OTHER}"/></messageRef>'
    detail = f"<acknowledgementDetail>{details}</acknowledgementDetail>" if details else ""
    reason = (
        f"<reason><justifyingDetectedIssueEvent>{reasons}</justifyingDetectedIssueEvent></reason>" if reasons else ""
    )
    inner = f'<acknowledgement typeCode="{kind}">{detail}{ref}</acknowledgement>'
    return payload("MCCI_IN010000UK13", acknowledgement=inner, act=reason)


# sentence, payload, type, departures
CASES: list[tuple[str, str, type, set[D]]] = [
    ("request", REQUEST, EhrRequest, set()),
    ("request, prefixed", prefixed(REQUEST), EhrRequest, set()),
    ("request under another root", swap(REQUEST, "RCMR_IN010000UK05", "COPC_IN000001UK01"), EhrRequest, set()),
    ("request without NHS number", swap(REQUEST, NHS_NUMBER, ""), EhrRequest, _MISSING),
    ("request without organisations", swap(REQUEST, "AgentOrgSDS", "other"), EhrRequest, _MISSING),
    ("extract", EXTRACT, EhrExtract, set()),
    ("extract without request id", swap(EXTRACT, "priorEhrRequest", "other"), EhrExtract, _MISSING),
    ("continue", CONTINUE, Continue, set()),
    ("continue, spaced and in capitals", swap(CONTINUE, _SUBJECT, " CONTINUE\n acknowledgement "), Continue, set()),
    ("continue by its subject alone", point_to_point(_SUBJECT, payload_body("")), Continue, _MISSING),
    ("continue without any body", point_to_point(_SUBJECT, ""), Continue, _MISSING),
    ("continue by its acknowledgement alone", swap(CONTINUE, _SUBJECT, "Anything"), Continue, set()),
    ("fragment", FRAGMENT, Fragment, set()),
    ("fragment whose file is named so", swap(FRAGMENT, "a.tif", "Continue Acknowledgement.tif"), Fragment, set()),
    ("fragment without body", point_to_point("x", ""), Fragment, set()),
    ("fragment without message-id", swap(FRAGMENT, "g:message-id", "g:other"), Fragment, _MISSING),
    ("fragment in HL7's namespace", swap(FRAGMENT, "urn:nhs:names:services:gp2gp", "urn:hl7-org:v3"), Fragment, {D.HL7_NAMESPACE}),
    ("no fragment in the value", swap(FRAGMENT, "Gp2gpfragment", "other"), Fragment, _MISSING),
    ("positive acknowledgement", acknowledgement("AA"), ApplicationAcknowledgement, set()),
    ("negative acknowledgement", NEGATIVE, ApplicationAcknowledgement, set()),
    ("acknowledgement of nothing", swap(NEGATIVE, "messageRef", "other"), ApplicationAcknowledgement, _MISSING),
    ("a subject that we do not know", payload("RCMR_IN010000UK05", act="<subject><Other/></subject>"), Unknown, set()),
    ("an acknowledgement without acknowledgement", payload("MCCI_IN010000UK13"), Unknown, set()),
]  # fmt: skip


def test_the_payload_says_what_the_message_is() -> None:
    """The type and the departures of each case; the interaction's id decides nothing."""
    read = {case: _read(text) for case, text, _, _ in CASES}
    assert {case: (type(message), codes(departures)) for case, (message, departures) in read.items()} == {
        case: (kind, found) for case, _, kind, found in CASES
    }


def _read(text: str) -> tuple[gp2gp.Message, Departures]:
    root, _ = xml.parse(text.encode())
    assert root is not None
    return gp2gp.read(root, hl7.read(root)[0])


def test_a_request_is_read_whole() -> None:
    """Who wants whose record from whom."""
    message, _ = _read(REQUEST)
    assert message == EhrRequest(message.wrapper, OTHER, NHS_NUMBER, ODS_THEIRS, ODS_OURS)


def test_an_extract_is_read_whole() -> None:
    """The ids that tie it to the request, and its documents in order, as written."""
    message, _ = _read(EXTRACT)
    assert message == EhrExtract(
        message.wrapper,
        extract_id=CONVERSATION,
        request_id=OTHER,
        nhs_number=NHS_NUMBER,
        sending_ods=ODS_THEIRS,
        requesting_ods=ODS_OURS,
        document_ids=("_D1", "D2"),
        document_references=("file://localhost/a", ""),
    )
    assert message.redacted
    other, _ = _read(swap(EXTRACT, "UK07", "UK06"))
    assert isinstance(other, EhrExtract)
    assert not other.redacted


def test_a_continue_is_read_whole() -> None:
    """Both places that name the extract."""
    message, _ = _read(swap(CONTINUE, f'<g:id root="{OTHER}"', '<g:id root="another"'))
    assert message == Continue(
        message.wrapper,
        payload_id=MESSAGE,
        fragment_message_id=MESSAGE,
        recipients=(ODS_OURS, ""),
        sender=ODS_THEIRS,
        subject=_SUBJECT,
        version="01",
        message_ref=OTHER,
        acknowledged_id="another",
    )


def test_a_fragment_is_read_whole() -> None:
    """The file it carries."""
    message, _ = _read(FRAGMENT)
    assert message == Fragment(
        message.wrapper,
        payload_id=MESSAGE,
        fragment_message_id=MESSAGE,
        recipients=(ODS_OURS, ""),
        sender=ODS_THEIRS,
        subject="Attachment: a.tif",
        version="01",
        reference="file://localhost/a.tif",
    )


def test_an_acknowledgement_inside_a_continue_is_not_that_of_the_message() -> None:
    """The wrapper's own acknowledgement is a child of the root."""
    message, _ = _read(point_to_point("x", payload_body(INNER_ACKNOWLEDGEMENT)))
    assert isinstance(message, Continue)
    assert message.wrapper.ack_type == ""


@pytest.mark.parametrize(
    ("details", "reasons", "expected"),
    [
        ("", "", ()),
        ('<code code="19"/>', "", (Code("19"),)),
        ("", f'<code code="19" codeSystem="{_APPLICATION}"/>', (Code("19", _APPLICATION),)),
        ('<code code="19"/>', f'<code code="19" codeSystem="{_APPLICATION}"/>', (Code("19", _APPLICATION),)),
        (f'<code code="19" codeSystem="{_APPLICATION}"/>', '<code code="19"/>', (Code("19"),)),
        (f'<code code="1" codeSystem="{_SPINE}"/>', f'<code code="1" codeSystem="{_APPLICATION}"/>', (Code("1", _APPLICATION), Code("1", _SPINE))),
        ('<code code="30"/>', '<code code="19"/>', (Code("19"), Code("30"))),
    ],
    ids=["none", "detail", "reason", "both", "both, the system in the detail", "two systems", "two codes"],
)  # fmt: skip
def test_the_codes_of_both_places_are_given_once(details: str, reasons: str, expected: tuple[Code, ...]) -> None:
    """Reasons first; the detail repeats the reason, with or without a code system."""
    message, _ = _read(acknowledgement("AE", details, reasons))
    assert isinstance(message, ApplicationAcknowledgement)
    assert message.codes == expected
    assert message.code == (expected[0].code if expected else "")


def test_only_aa_is_positive() -> None:
    """Every other type code refuses."""
    for kind in ("AA", "AE", "AR", "aa", ""):
        message, _ = _read(acknowledgement(kind))
        assert isinstance(message, ApplicationAcknowledgement)
        assert message.positive is (kind == "AA"), kind
        assert message.message_ref == OTHER, kind
