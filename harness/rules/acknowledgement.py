"""Application acknowledgements (MCCI_IN010000UK13) against Response Codes v1.7. What Spine itself sends is not judged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixtures.response_codes import codes
from harness.rules.places import ANY_UUID, said, value
from harness.rules.register import ACKNOWLEDGEMENT, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import names
from simulator.wire.xml import Element

_ACK = (ACKNOWLEDGEMENT,)
_ACKNOWLEDGEMENT = "hl7:acknowledgement"
_DETAIL = f"{_ACKNOWLEDGEMENT}/hl7:acknowledgementDetail"
_REASON = "hl7:ControlActEvent/hl7:reason"
_EVENT = f"{_REASON}/hl7:justifyingDetectedIssueEvent"
_APOSTROPHE = str.maketrans({"\u2019": "'"})


def _type(subject: Subject) -> str:
    return "".join(value(each, "typeCode") for each in subject.find(_ACKNOWLEDGEMENT)[:1])


def _codes(subject: Subject) -> list[Element]:
    """The response codes of both places: reason first."""
    return [*subject.find(f"{_EVENT}/hl7:code"), *subject.find(f"{_DETAIL}/hl7:code")]


def _never(subject: Subject, wrong: set[str] | frozenset[str], expected: str) -> Iterator[Flaw]:
    for each in _codes(subject):
        if value(each, "code") in wrong:
            yield flaw(expected, value(each, "code"), each)


@rule("R-ack-01", "an acknowledgement is AA, AE or AR", "V-72", "RC-NEG", basis=Basis.OFFICIAL, interactions=_ACK)
def type_code(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgement/@typeCode``: typed as open text in all but the oldest build."""
    for each in subject.find(_ACKNOWLEDGEMENT):
        if value(each, "typeCode") not in ("AA", "AE", "AR"):
            yield flaw("AA, AE or AR", said(value(each, "typeCode")), each)


@rule("R-ack-02", "a refusal by a practice is AE", "RC-NEG", level="REVIEW", interactions=_ACK)
def refusal_type(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgement/@typeCode``: AR is Spine's; two live suppliers write it all the same (D12)."""
    if _type(subject) == "AR":
        yield flaw("AE", "AR", subject.find(_ACKNOWLEDGEMENT)[0])


@rule("R-ack-03", "a positive acknowledgement gives no reason", "RC-POS", interactions=_ACK)
def positive_no_reason(subject: Subject) -> Iterator[Flaw]:
    """``ControlActEvent/reason`` beside AA."""
    for each in subject.find(_REASON) if _type(subject) == "AA" else ():
        yield flaw("none", "a reason", each)


@rule("R-ack-04", "a positive acknowledgement has no code", "RC-POS", interactions=_ACK)
def positive_no_code(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail`` beside AA; code 0 belongs to a continue."""
    for each in subject.find(_DETAIL) if _type(subject) == "AA" else ():
        yield flaw("none", "acknowledgementDetail", each)


@rule("R-ack-05", "a negative acknowledgement gives one reason with a code", "RC-NEG", interactions=_ACK)
def reason_there(subject: Subject) -> Iterator[Flaw]:
    """``reason/justifyingDetectedIssueEvent/code/@code``: one adaptor and the national reports read nothing else."""
    found = [each for each in subject.find(f"{_EVENT}/hl7:code") if value(each, "code")]
    if _type(subject) in ("AE", "AR") and len(found) != 1:
        yield flaw(
            "one reason with a code", f"{len(found)} of them", next(iter(subject.find("hl7:ControlActEvent")), None)
        )


@rule("R-ack-06", "a reason has the class codes of a detected issue", "RC-NEG", interactions=_ACK)
def reason_form(subject: Subject) -> Iterator[Flaw]:
    """``reason/@typeCode`` RSON, ``justifyingDetectedIssueEvent/@classCode`` ALRT, ``@moodCode`` EVN."""
    for each in subject.find(_EVENT):
        parent = each.getparent()
        seen = (
            value(parent, "typeCode") if parent is not None else "",
            value(each, "classCode"),
            value(each, "moodCode"),
        )
        if seen != ("RSON", "ALRT", "EVN"):
            yield flaw("RSON, ALRT, EVN", said(", ".join(seen)), each)


@rule("R-ack-07", "a reason's code is of the system of response codes", "RC-NEG", interactions=_ACK)
def reason_system(subject: Subject) -> Iterator[Flaw]:
    """``code/@codeSystem`` of the reason."""
    for each in subject.find(f"{_EVENT}/hl7:code"):
        if value(each, "codeSystem") != names.OID_RESPONSE_CODE:
            yield flaw(names.OID_RESPONSE_CODE, said(value(each, "codeSystem")), each)


@rule("R-ack-08", "a reason's code is qualified as an error", "RC-NEG", interactions=_ACK)
def qualifier(subject: Subject) -> Iterator[Flaw]:
    """``code/qualifier/value``: ER of its system; Spine's own form without ``value`` is not a practice's."""
    for each in subject.find(f"{_EVENT}/hl7:code"):
        seen = [(value(one, "code"), value(one, "codeSystem")) for one in each.findall("{*}qualifier/{*}value")]
        if seen != [("ER", names.OID_QUALIFIER)]:
            yield flaw(f"ER of {names.OID_QUALIFIER}", said(", ".join(map(" of ".join, seen))), each)


@rule("R-ack-09", "a response code has two digits", "RC-NEG", "V-79", interactions=_ACK)
def two_digits(subject: Subject) -> Iterator[Flaw]:
    """``code/@code`` of the reason: 06 is not 6."""
    for each in subject.find(f"{_EVENT}/hl7:code"):
        if not re.fullmatch("[0-9]{2}", value(each, "code")):
            yield flaw("two digits", said(value(each, "code")), each)


@rule("R-ack-10", "a response code is one of the table", "V-79", "RC-NEG", interactions=_ACK)
def in_table(subject: Subject) -> Iterator[Flaw]:
    """``code/@code`` of the reason, where it is two digits."""
    for each in subject.find(f"{_EVENT}/hl7:code"):
        code = value(each, "code")
        if re.fullmatch("[0-9]{2}", code) and code not in codes() and code not in ("00", "01", "02"):
            yield flaw("an approved code", code, each)


@rule("R-ack-11", "codes 01 to 05 are not used", "S266", "RC03", "RC04", "RC05", interactions=_ACK)
def old_codes(subject: Subject) -> Iterator[Flaw]:
    """``code/@code`` of both places."""
    yield from _never(subject, {"00", "01", "02", "03", "04", "05"}, "a code from 06 on")


@rule("R-ack-12", "code 08 is not used", "RC08", "S262", interactions=_ACK)
def code_08(subject: Subject) -> Iterator[Flaw]:
    """A local safe exchange rule: deprecated, though it still arrives from systems of release 1.1a."""
    yield from _never(subject, {"08"}, "another code")


@rule("R-ack-13", "code 16 is not used", "RC16", interactions=_ACK)
def code_16(subject: Subject) -> Iterator[Flaw]:
    """Rejected for its data format, returning patient: deprecated."""
    yield from _never(subject, {"16"}, "another code")


@rule("R-ack-14", "code 22 is not used", "RC22", interactions=_ACK)
def code_22(subject: Subject) -> Iterator[Flaw]:
    """Reserved and never given a meaning."""
    yield from _never(subject, {"22"}, "another code")


@rule("R-ack-15", "code 27 is not used", "RC27", interactions=_ACK)
def code_27(subject: Subject) -> Iterator[Flaw]:
    """Rejected for its data format: deprecated."""
    yield from _never(subject, {"27"}, "another code")


@rule("R-ack-16", "code 26 ends with release 2.2b", "RC26", "S73", since="2.2b", interactions=_ACK)
def code_26(subject: Subject) -> Iterator[Flaw]:
    """Filed as an attachment: for systems that cannot do better with a returning patient."""
    yield from _never(subject, {"26"}, "another code")


@rule("R-ack-17", "code 13 is left to Spine", "RC13", level="REVIEW", interactions=_ACK)
def code_13(subject: Subject) -> Iterator[Flaw]:
    """A safe exchange rule at Spine: the table gives it to Spine, the use case lets a sender pass it on."""
    yield from _never(subject, {"13"}, "another code, or SEF001 by Spine itself")


@rule("R-ack-18", "Spine's codes are left to Spine", "RC-SEF1", "RC-NEG", interactions=_ACK)
def spine_codes(subject: Subject) -> Iterator[Flaw]:
    """SEF001, SEF002, and any code of Spine's code system: a practice has codes of its own."""
    for each in _codes(subject):
        if value(each, "codeSystem") == names.OID_SPINE_ERROR or value(each, "code").startswith("SEF"):
            yield flaw("a GP2GP response code", said(value(each, "code")), each)


@rule("R-ack-19", "code 0 is left to the continue", "COPC16", "V-79", interactions=_ACK)
def code_0(subject: Subject) -> Iterator[Flaw]:
    """The go-ahead travels inside a point to point message, never as an acknowledgement of its own."""
    yield from _never(subject, {"0"}, "none, or a response code")


@rule("R-ack-20", "a response code has its published text", "V-79", level="SHOULD", interactions=_ACK)
def published_text(subject: Subject) -> Iterator[Flaw]:
    """``code/@displayName``, apostrophes being equal: people on the other side read it."""
    for each in _codes(subject):
        row, seen = codes().get(value(each, "code")), value(each, "displayName")
        if row is not None and row.text and seen and seen.translate(_APOSTROPHE) != row.text.translate(_APOSTROPHE):
            yield flaw(row.text, said(seen), each)


@rule("R-ack-21", "a response code has a text", "C-19", "V-79", level="SHOULD", basis=Basis.FIELD, interactions=_ACK)
def text_there(subject: Subject) -> Iterator[Flaw]:
    """``code/@displayName`` of both places: the specification's example has none, one adaptor fails without it."""
    for each in _codes(subject):
        if not value(each, "displayName"):
            yield flaw("a displayName", "none", each)


@rule(
    "R-ack-22",
    "an acknowledgement cites one message by its UUID",
    "V-60",
    "C-16",
    basis=Basis.OFFICIAL,
    interactions=_ACK,
)
def message_ref(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgement/messageRef/id/@root``."""
    seen = [value(one, "root") for one in subject.find(f"{_ACKNOWLEDGEMENT}/hl7:messageRef/hl7:id")]
    for each in subject.find(_ACKNOWLEDGEMENT):
        if len(seen) != 1 or not ANY_UUID.fullmatch(seen[0]):
            yield flaw("one messageRef with a UUID", said(", ".join(seen)), each)


@rule("R-ack-23", "an acknowledgement does not cite itself", "C-16", interactions=_ACK)
def cites_another(subject: Subject) -> Iterator[Flaw]:
    """``messageRef/id`` and the message's own id."""
    wrapper = subject.reading.wrapper
    for each in subject.find(f"{_ACKNOWLEDGEMENT}/hl7:messageRef/hl7:id"):
        if wrapper is not None and wrapper.id and value(each, "root").upper() == wrapper.id.upper():
            yield flaw("the message received", value(each, "root"), each)


@rule("R-ack-24", "detail and reason say the same code", "V-79", "RC-NEG", interactions=_ACK)
def same_code(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail/code`` and the reason's: receivers read one or the other."""
    reasons = {value(each, "code") for each in subject.find(f"{_EVENT}/hl7:code")}
    for each in subject.find(f"{_DETAIL}/hl7:code") if reasons else ():
        if value(each, "code") not in reasons:
            yield flaw(said(", ".join(sorted(reasons))), said(value(each, "code")), each)


@rule(
    "R-ack-25",
    "a detail is an error, a warning or an information",
    "V-72",
    level="REVIEW",
    basis=Basis.OFFICIAL,
    interactions=_ACK,
)
def detail_type(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail/@typeCode``: ER, WG or IF in the vocabulary; one live supplier repeats AR (D13)."""
    for each in subject.find(_DETAIL):
        if value(each, "typeCode") not in ("ER", "WG", "IF"):
            yield flaw("ER, WG or IF", said(value(each, "typeCode")), each)


@rule("R-ack-26", "a detail's code names its system", "V-79", level="SHOULD", basis=Basis.FIELD, interactions=_ACK)
def detail_system(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail/code/@codeSystem``: one supplier and one adaptor leave it out."""
    for each in subject.find(f"{_DETAIL}/hl7:code"):
        if value(each, "codeSystem") not in (names.OID_RESPONSE_CODE, names.OID_SPINE_ERROR):
            yield flaw(names.OID_RESPONSE_CODE, said(value(each, "codeSystem")), each)


@rule(
    "R-ack-27",
    "an acknowledgement carries no attachments",
    "V-74",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=_ACK,
)
def no_attachments(subject: Subject) -> Iterator[Flaw]:
    """Parts behind the payload."""
    package = subject.reading.package
    for number in range(2, len(package.parts) if package is not None else 0):
        yield Flaw("envelope and payload alone", "an attachment", number)
