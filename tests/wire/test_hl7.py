"""The reader of the HL7 transmission wrapper."""

from __future__ import annotations

import pytest

from simulator.wire import hl7, xml
from simulator.wire.departures import D, Departures
from simulator.wire.hl7 import Code, Wrapper
from tests.wire.received import ASID_OURS, ASID_THEIRS, MESSAGE, OTHER, REQUEST, codes, swap
from tests.wire.received import hl7 as payload

_REASON = (
    '<reason><justifyingDetectedIssueEvent><code code="19" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.101"'
    ' displayName="Refused"><qualifier><value code="ER"/></qualifier></code></justifyingDetectedIssueEvent></reason>'
)
NEGATIVE = payload(
    "MCCI_IN010000UK13",
    acknowledgement='<acknowledgement typeCode="AR"><acknowledgementDetail typeCode="ER"><code code="19"/>'
    f'</acknowledgementDetail><acknowledgementDetail/><messageRef><id root="{OTHER}"/></messageRef></acknowledgement>',
    act=_REASON + '<reason><justifyingDetectedIssueEvent><code code="IU058"><qualifier code="WG"/></code>'
    "</justifyingDetectedIssueEvent></reason>",
)
_MISSING = {D.HL7_ELEMENT_MISSING}
_AUTHOR = f'<id root="1.2.826.0.1285.0.2.0.107" extension="{ASID_THEIRS}"/></agentSystemSDS>'


def prefixed(text: str) -> str:
    """The same message with an ``hl7:`` prefix on every element, as Spine writes."""
    plain = (
        text.replace(' xmlns="urn:hl7-org:v3"', "").replace("</", "\0").replace("<", "<hl7:").replace("\0", "</hl7:")
    )
    return plain.replace(">", ' xmlns:hl7="urn:hl7-org:v3">', 1)


# sentence, payload, departures
CASES: list[tuple[str, str, set[D]]] = [
    ("request", REQUEST, set()),
    ("negative acknowledgement", NEGATIVE, set()),
    ("prefixed", prefixed(REQUEST), set()),
    ("no namespace", swap(REQUEST, ' xmlns="urn:hl7-org:v3"', ""), {D.HL7_NAMESPACE}),
    ("other namespace", swap(REQUEST, "hl7-org:v3", "hl7-org:v4"), {D.HL7_NAMESPACE}),
    ("unknown interaction", payload("RCMR_IN999999UK99"), {D.HL7_UNKNOWN_INTERACTION}),
    ("wrong time", swap(REQUEST, "20261124100000", "20261324100000"), {D.HL7_TIME}),
    ("17 digits of time", swap(REQUEST, "20261124100000", "20261124100000117"), set()),
    ("two ids", swap(REQUEST, "<creationTime", '<id root="x"/><creationTime'), {D.HL7_ELEMENT_REPEATED}),
    ("two acts", swap(REQUEST, "</RCMR_IN010000UK05>", "<ControlActEvent/></RCMR_IN010000UK05>"), {D.HL7_ELEMENT_REPEATED}),
    ("no id", swap(REQUEST, f'<id root="{MESSAGE}"/>', ""), _MISSING),
    ("empty id", swap(REQUEST, f'<id root="{MESSAGE}"/>', "<id/>"), _MISSING),
    ("a child in no namespace is missing", swap(REQUEST, "<processingCode", '<processingCode xmlns=""'), _MISSING),
    ("no receiver", swap(REQUEST, "communicationFunctionRcv", "other"), _MISSING),
    ("root alone", '<RCMR_IN010000UK05 xmlns="urn:hl7-org:v3"/>', _MISSING),
]  # fmt: skip


def test_every_oddity_is_tolerated_and_told() -> None:
    """The departures of each case."""
    assert {case: codes(_read(text)[1]) for case, text, _ in CASES} == {case: found for case, _, found in CASES}


def _read(text: str) -> tuple[Wrapper, Departures]:
    root, _ = xml.parse(text.encode())
    assert root is not None
    return hl7.read(root)


@pytest.mark.parametrize("text", [NEGATIVE, prefixed(NEGATIVE)])
def test_a_wrapper_is_read_whole(text: str) -> None:
    """Every field, whatever the prefix."""
    assert _read(text)[0] == Wrapper(
        interaction="MCCI_IN010000UK13",
        id=MESSAGE,
        creation_time="20261124100000",
        version_code="V3NPfIT3.1.10",
        interaction_id="MCCI_IN010000UK13",
        interaction_root="2.16.840.1.113883.2.1.3.2.4.12",
        processing_code="P",
        processing_mode_code="T",
        accept_ack_code="NE",
        receiver_asid=ASID_OURS,
        sender_asid=ASID_THEIRS,
        author_asid=ASID_THEIRS,
        ack_type="AR",
        ack_details=(Code("19"), Code("")),
        detail_types=("ER", ""),
        reasons=(
            Code("19", "2.16.840.1.113883.2.1.3.2.4.17.101", "Refused", "ER"),
            Code("IU058", qualifier="WG"),
        ),
        message_ref=OTHER,
        child_order=(
            *("id", "creationTime", "versionCode", "interactionId", "processingCode", "processingModeCode"),
            *("acceptAckCode", "acknowledgement", "communicationFunctionRcv", "communicationFunctionSnd"),
            "ControlActEvent",
        ),
    )


def test_the_root_alone_gives_an_empty_wrapper() -> None:
    """Nothing is invented."""
    assert _read('<COPC_IN000001UK01 xmlns="urn:hl7-org:v3"/>')[0] == Wrapper("COPC_IN000001UK01")


def test_a_subject_is_seen() -> None:
    """A request has one."""
    assert _read(REQUEST)[0].has_subject


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("author1", "author", ASID_THEIRS),
        (_AUTHOR, f'<id root="x" extension="y"/>{_AUTHOR}', ASID_THEIRS),
        (_AUTHOR, '<id root="x" extension="y"/></agentSystemSDS>', "y"),
        (_AUTHOR, "</agentSystemSDS>", ""),
    ],
    ids=["person author", "the id of the ASID scheme first", "any id failing that", "no id"],
)
def test_the_authoring_system_is_found(old: str, new: str, expected: str) -> None:
    """Among several ids the one with the ASID's OID counts."""
    assert _read(swap(REQUEST, old, new))[0].author_asid == expected
