"""The extract itself: whose record it is, from whom to whom, answering what, and the one folder in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harness.rules.record import SNOMED, STATEMENTS, after, child, children, every, extract_of, get, record, shown, uid
from harness.rules.register import EXTRACTS, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import names

_ORGANISATION = "AgentOrgSDS/agentOrganizationSDS/id"
_ODS = re.compile(r"[A-Z0-9]{3,12}")
# EhrExtractSpec of MIM 3.1.10; the last is what one supplier sends instead.
_LIMITS = frozenset({"37241000000102", "37231000000106", "25881000000104", "24791000000109", "715751000000105"})
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@lru_cache(maxsize=64)
def valid_nhs_number(text: str) -> bool:
    """Whether ten digits end in their check digit: weights ten to two, modulus eleven, where ten is never given."""
    if not re.fullmatch("[0-9]{10}", text):
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(text[9])


@rule(
    "R-EXTRACT-01",
    "The patient of an extract is named under the root of NHS numbers.",
    "V-59",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def patient_root(subject: Subject) -> Iterator[Flaw]:
    """recordTarget/patient/id/@root, which MIM 3.1.10 fixes."""
    for extract in extract_of(subject):
        root = get(extract, "recordTarget/patient/id", "root")
        if root != names.OID_NHS_NUMBER:
            yield flaw(f"patient/id/@root {names.OID_NHS_NUMBER}", root or "none", child(extract, "recordTarget"))


@rule(
    "R-EXTRACT-02",
    "The patient's number is an NHS number: ten digits, the last of which checks the others.",
    "V-59",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def patient_number(subject: Subject) -> Iterator[Flaw]:
    """recordTarget/patient/id/@extension."""
    for extract in extract_of(subject):
        number = get(extract, "recordTarget/patient/id", "extension")
        if not valid_nhs_number(number):
            yield flaw("ten digits with their check digit", number or "none", child(extract, "recordTarget"))


@rule(
    "R-EXTRACT-03",
    "The sending practice is named by its ODS code.",
    "V-60",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def sending_practice(subject: Subject) -> Iterator[Flaw]:
    """EhrExtract/author: root of ODS codes, and three to twelve capitals and digits."""
    yield from _practice(subject, "author")


@rule(
    "R-EXTRACT-04",
    "The requesting practice is named by its ODS code.",
    "V-60",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def requesting_practice(subject: Subject) -> Iterator[Flaw]:
    """EhrExtract/destination, which the published example of Attachment References leaves null."""
    yield from _practice(subject, "destination")


def _practice(subject: Subject, side: str) -> Iterator[Flaw]:
    for extract in extract_of(subject):
        root = get(extract, f"{side}/{_ORGANISATION}", "root")
        code = get(extract, f"{side}/{_ORGANISATION}", "extension")
        if root != names.OID_ODS or not _ODS.fullmatch(code):
            yield flaw(f"{side} id {names.OID_ODS} with an ODS code", f"{root} {code}".strip(), child(extract, side))


@rule(
    "R-EXTRACT-05",
    "An extract goes from one practice to another.",
    "V-60",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def two_practices(subject: Subject) -> Iterator[Flaw]:
    """ODS codes of author and destination."""
    for extract in extract_of(subject):
        code = get(extract, f"author/{_ORGANISATION}", "extension")
        if code and code == get(extract, f"destination/{_ORGANISATION}", "extension"):
            yield flaw("another practice than the author", code, child(extract, "destination"))


@rule(
    "R-EXTRACT-06",
    "An extract names the request that it answers.",
    "V-61",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def answers_a_request(subject: Subject) -> Iterator[Flaw]:
    """inFulfillmentOf/priorEhrRequest/id is a UUID; the published example of Attachment References leaves it null."""
    for extract in extract_of(subject):
        request = get(extract, "inFulfillmentOf/priorEhrRequest/id", "root")
        if not _UUID.fullmatch(request):
            yield flaw("priorEhrRequest/id/@root, a UUID", request or "none", child(extract, "inFulfillmentOf"))


@rule(
    "R-EXTRACT-07",
    "The limitation says that the extract is the whole record.",
    "V-52",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def limitation(subject: Subject) -> Iterator[Flaw]:
    """limitingEhrExtractSpecification/code: SNOMED CT, EhrExtractSpec, or the one code seen beside it."""
    for extract in extract_of(subject):
        code = child(extract, "limitation/limitingEhrExtractSpecification/code")
        if code is not None and (code.get("code") not in _LIMITS or code.get("codeSystem") != SNOMED):
            yield flaw("a code of EhrExtractSpec", shown(code), code)


@rule(
    "R-EXTRACT-08",
    "An extract was made no later than the message that carries it.",
    "V-56",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def made_before_sent(subject: Subject) -> Iterator[Flaw]:
    """Days of EhrExtract/availabilityTime and creationTime: clocks and summer time may move the hours."""
    created = "" if subject.root is None else get(subject.root, "creationTime", "value")
    for extract in extract_of(subject):
        made = get(extract, "availabilityTime", "value")
        if after(made, created, 8):
            yield flaw(f"a day up to {created[:8]}", made, child(extract, "availabilityTime"))


@rule(
    "R-FOLDER-01",
    "An extract holds one folder.",
    "S265",
    interactions=EXTRACTS,
    remedy="Merge folders that came from a 1.1a system before passing them on.",
)
def one_folder(subject: Subject) -> Iterator[Flaw]:
    """EhrExtract/component/ehrFolder."""
    for folder in list(every(subject, "ehrFolder"))[1:]:
        yield flaw("one ehrFolder", "another", folder)


@rule(
    "R-FOLDER-02",
    "A record with nothing clinical in it still says when the patient was accepted for care.",
    "S54",
    interactions=EXTRACTS,
)
def empty_record(subject: Subject) -> Iterator[Flaw]:
    """A RegistrationStatement, where no statement of another kind than EhrEmpty stands."""
    if any(record(subject).named.get(kind) for kind in STATEMENTS if kind != "EhrEmpty"):
        return
    for folder in every(subject, "ehrFolder"):
        yield flaw("a RegistrationStatement", "no statement but EhrEmpty", folder)


@rule(
    "R-FOLDER-03",
    "The folder's effectiveTime says from when the record runs, and perhaps until when.",
    "V-75",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_span(subject: Subject) -> Iterator[Flaw]:
    """ehrFolder/effectiveTime/low has a value."""
    for folder in every(subject, "ehrFolder"):
        if not get(folder, "effectiveTime/low", "value"):
            yield flaw("effectiveTime/low/@value", "none", child(folder, "effectiveTime"))


@rule(
    "R-FOLDER-04",
    "No composition is of a time outside the span of its folder.",
    "V-75",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_covers(subject: Subject) -> Iterator[Flaw]:
    """Days of ehrComposition/effectiveTime/center against low and high of the folder."""
    for folder in every(subject, "ehrFolder"):
        low, high = (get(folder, f"effectiveTime/{end}", "value") for end in ("low", "high"))
        for composition in children(folder, "component/ehrComposition"):
            time = get(composition, "effectiveTime/center", "value")
            if after(low, time, 8) or after(time, high, 8):
                yield flaw(f"between {low} and {high or 'now'}", time, child(composition, "effectiveTime"))


@rule(
    "R-FOLDER-05",
    "The folder's author is the practice that sends the extract.",
    "V-75",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_author(subject: Subject) -> Iterator[Flaw]:
    """ODS codes of ehrFolder/author and EhrExtract/author."""
    for extract in extract_of(subject):
        sender = get(extract, f"author/{_ORGANISATION}", "extension")
        for folder in children(extract, "component/ehrFolder"):
            code = get(folder, f"author/{_ORGANISATION}", "extension")
            if code and sender and code != sender:
                yield flaw(sender, code, child(folder, "author"))


@rule(
    "R-FOLDER-06",
    "Every composition says who wrote it.",
    "V-53",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def compositions_have_authors(subject: Subject) -> Iterator[Flaw]:
    """ehrComposition/author/agentRef with an id that is not null."""
    for composition in every(subject, "ehrComposition"):
        author = child(composition, "author/agentRef")
        if author is None or not uid(author):
            yield flaw("author/agentRef/id/@root", "none", composition)
