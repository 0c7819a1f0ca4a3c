"""Who asks whom for whose record: the request (RCMR_MT010101UK03). The head of an extract has rules of its own."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.places import ANY_UUID, ODS, beside, said, spot, value
from harness.rules.register import REQUEST, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import names
from simulator.wire.xml import Element

_ACT = "hl7:ControlActEvent/hl7:subject/hl7:EhrRequest"
_PATIENT = f"{_ACT}/hl7:recordTarget/hl7:patient/hl7:id"
_ORGANISATION = "hl7:AgentOrgSDS/hl7:agentOrganizationSDS/hl7:id"
_NHS_NUMBER_DIGITS = 10


def _practice(subject: Subject, end: str) -> tuple[Element, ...]:
    return subject.find(f"{_ACT}/hl7:{end}/{_ORGANISATION}")


def _check_digit(number: str) -> bool:
    """Modulus 11: the digits weighted 10 to 1 add up to a multiple, and no check digit of ten exists."""
    return sum(int(digit) * weight for digit, weight in zip(number, range(10, 0, -1), strict=True)) % 11 == 0


def _digits(text: str) -> bool:
    return len(text) == _NHS_NUMBER_DIGITS and text.isascii() and text.isdigit()


@rule(
    "R-request-01", "the patient is named by ten digits", "V-77", "C-14", basis=Basis.OFFICIAL, interactions=(REQUEST,)
)
def number_form(subject: Subject) -> Iterator[Flaw]:
    """``patient/id/@extension``: the NHS number without blanks or hyphens."""
    for each in subject.find(_PATIENT):
        if not _digits(value(each, "extension")):
            yield flaw("ten digits", said(value(each, "extension")), each)


@rule("R-request-02", "the NHS number has the right check digit", "V-77", interactions=(REQUEST,))
def number_checked(subject: Subject) -> Iterator[Flaw]:
    """``patient/id/@extension`` by modulus 11, where it is ten digits."""
    for each in subject.find(_PATIENT):
        number = value(each, "extension")
        if _digits(number) and not _check_digit(number):
            yield flaw("a number whose check digit is right", number, each)


@rule(
    "R-request-03",
    "the patient is identified in the scheme of NHS numbers",
    "V-61",
    "C-14",
    basis=Basis.OFFICIAL,
    interactions=(REQUEST,),
)
def number_scheme(subject: Subject) -> Iterator[Flaw]:
    """``patient/id/@root``: fixed in MIM 3.1.10, open in the later builds."""
    for each in subject.find(_PATIENT):
        if value(each, "root") != names.OID_NHS_NUMBER:
            yield flaw(names.OID_NHS_NUMBER, said(value(each, "root")), each)


@rule(
    "R-request-04",
    "both practices are identified in the scheme of ODS codes",
    "V-61",
    "C-14",
    basis=Basis.OFFICIAL,
    interactions=(REQUEST,),
)
def practice_scheme(subject: Subject) -> Iterator[Flaw]:
    """``agentOrganizationSDS/id/@root`` of author and destination."""
    for each in (*_practice(subject, "author"), *_practice(subject, "destination")):
        if value(each, "root") != names.OID_ODS:
            yield flaw(names.OID_ODS, said(value(each, "root")), each)


@rule(
    "R-request-05",
    "a practice's ODS code is three to twelve capital letters and digits",
    "COPC08",
    "V-61",
    interactions=(REQUEST,),
)
def practice_form(subject: Subject) -> Iterator[Flaw]:
    """``agentOrganizationSDS/id/@extension``: the form that the point to point messages of the transfer demand."""
    for each in (*_practice(subject, "author"), *_practice(subject, "destination")):
        if not ODS.fullmatch(value(each, "extension")):
            yield flaw("three to twelve of A-Z and 0-9", said(value(each, "extension")), each)


@rule("R-request-06", "a record goes from one practice to another", "C-14", "C-17", interactions=(REQUEST,))
def two_practices(subject: Subject) -> Iterator[Flaw]:
    """``author`` and ``destination``: whoever asks is not whoever holds the record."""
    authors = {value(each, "extension") for each in _practice(subject, "author")}
    for each in _practice(subject, "destination"):
        if value(each, "extension") in authors and value(each, "extension"):
            yield flaw("another practice than the author", value(each, "extension"), each)


@rule(
    "R-request-07",
    "the request has an id of its own, a UUID",
    "V-60",
    "C-14",
    basis=Basis.OFFICIAL,
    interactions=(REQUEST,),
)
def own_id(subject: Subject) -> Iterator[Flaw]:
    """``EhrRequest/id``: in the root; it comes back as ``priorEhrRequest/id``."""
    for each in subject.find(f"{_ACT}/hl7:id"):
        if not ANY_UUID.fullmatch(value(each, "root")):
            yield flaw("a UUID", said(value(each, "root")), each)


@rule(
    "R-request-08",
    "the request's id is not that of the message",
    "V-76",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=(REQUEST,),
)
def ids_differ(subject: Subject) -> Iterator[Flaw]:
    """``EhrRequest/id`` and the root's ``id``: a request that is sent again keeps the one and changes the other."""
    wrapper = subject.reading.wrapper
    for each in subject.find(f"{_ACT}/hl7:id"):
        if wrapper is not None and wrapper.id and value(each, "root").upper() == wrapper.id.upper():
            yield flaw("an id of its own", value(each, "root"), each)


@rule("R-request-09", "both practices are named once", "C-14", basis=Basis.OFFICIAL, interactions=(REQUEST,))
def practices_named(subject: Subject) -> Iterator[Flaw]:
    """``author`` and ``destination`` with ``AgentOrgSDS``: the practice's system is in the wrapper, not here."""
    for act in subject.find(_ACT)[:1]:
        for end in ("author", "destination"):
            if (count := len(_practice(subject, end))) != 1:
                yield flaw(f"one practice in {end}", str(count), act)


@rule(
    "R-request-10",
    "a request carries no attachments",
    "V-74",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=(REQUEST,),
)
def no_attachments(subject: Subject) -> Iterator[Flaw]:
    """References beside the payload: no request has them."""
    for each in beside(subject):
        yield spot("the payload alone", each.href, "eb:Reference", each.line or -1)


@rule(
    "R-request-11",
    "the NHS number is not one that marks the absence of one",
    "V-77",
    level="SHOULD",
    interactions=(REQUEST,),
)
def not_a_dummy(subject: Subject) -> Iterator[Flaw]:
    """``patient/id/@extension``: ten equal digits, of which several pass the check digit."""
    for each in subject.find(_PATIENT):
        if _digits(value(each, "extension")) and len(set(value(each, "extension"))) == 1:
            yield flaw("a patient's number", value(each, "extension"), each)
