"""The extract itself: whose record it is, from whom to whom, answering what, and the one folder in it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.places import ANY_UUID
from harness.rules.record import (
    SNOMED,
    STATEMENTS,
    after,
    child,
    children,
    created,
    every,
    extract_of,
    flaw,
    get,
    record,
    shown,
    uid,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_ORGANISATION = "AgentOrgSDS/agentOrganizationSDS/id"


@rule(
    "R-extract-01",
    "the limitation says that the extract is the whole record",
    "V-52",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def limitation(subject: Subject) -> Iterator[Flaw]:
    """limitingEhrExtractSpecification/code: SNOMED CT, EhrExtractSpec, or the one code seen beside it."""
    for extract in extract_of(subject):
        code = child(subject, extract, "limitation/limitingEhrExtractSpecification/code")
        if code is not None and (
            code.get("code") not in vocabulary("EhrExtractSpec") or code.get("codeSystem") != SNOMED
        ):
            yield flaw("a code of EhrExtractSpec", shown(subject, code), code)


@rule(
    "R-extract-02",
    "an extract was made no later than the message that carries it",
    "V-56",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def made_before_sent(subject: Subject) -> Iterator[Flaw]:
    """Days of EhrExtract/availabilityTime and creationTime: clocks and summer time may move the hours."""
    sent = created(subject)
    for extract in extract_of(subject):
        made = get(subject, extract, "availabilityTime", "value")
        if after(made, sent, 8):
            yield flaw(f"a day up to {sent[:8]}", made, child(subject, extract, "availabilityTime"))


@rule(
    "R-folder-01",
    "an extract holds one folder",
    "S265",
    interactions=EXTRACTS,
    remedy="Merge folders that came from a 1.1a system before passing them on.",
)
def one_folder(subject: Subject) -> Iterator[Flaw]:
    """EhrExtract/component/ehrFolder."""
    for folder in list(every(subject, "ehrFolder"))[1:]:
        yield flaw("one ehrFolder", "another", folder)


@rule(
    "R-folder-02",
    "a record with nothing clinical in it still says when the patient was accepted for care",
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
    "R-folder-03",
    "the folder's effectiveTime says from when the record runs, and perhaps until when",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_span(subject: Subject) -> Iterator[Flaw]:
    """ehrFolder/effectiveTime/low has a value."""
    for folder in every(subject, "ehrFolder"):
        if not get(subject, folder, "effectiveTime/low", "value"):
            yield flaw("effectiveTime/low/@value", "none", child(subject, folder, "effectiveTime"))


@rule(
    "R-folder-04",
    "no composition is of a time outside the span of its folder",
    "V-93",
    level="REVIEW",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_covers(subject: Subject) -> Iterator[Flaw]:
    """Days of ehrComposition/effectiveTime/center against low and high of the folder."""
    for folder in every(subject, "ehrFolder"):
        low, high = (get(subject, folder, f"effectiveTime/{end}", "value") for end in ("low", "high"))
        for composition in children(subject, folder, "component/ehrComposition"):
            time = get(subject, composition, "effectiveTime/center", "value")
            if after(low, time, 8) or after(time, high, 8):
                yield flaw(f"between {low} and {high or 'now'}", time, child(subject, composition, "effectiveTime"))


@rule(
    "R-folder-05",
    "the folder's author is the practice that sends the extract",
    "V-93",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def folder_author(subject: Subject) -> Iterator[Flaw]:
    """ODS codes of ehrFolder/author and EhrExtract/author."""
    for extract in extract_of(subject):
        sender = get(subject, extract, f"author/{_ORGANISATION}", "extension")
        for folder in children(subject, extract, "component/ehrFolder"):
            code = get(subject, folder, f"author/{_ORGANISATION}", "extension")
            if code and sender and code != sender:
                yield flaw(sender, code, child(subject, folder, "author"))


@rule(
    "R-folder-06",
    "every composition says who wrote it",
    "V-53",
    level="SHOULD",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def compositions_have_authors(subject: Subject) -> Iterator[Flaw]:
    """ehrComposition/author/agentRef with an id that is not null."""
    for composition in every(subject, "ehrComposition"):
        author = child(subject, composition, "author/agentRef")
        if author is None or not uid(subject, author):
            yield flaw("author/agentRef/id/@root", "none", composition)


@rule(
    "R-extract-03",
    "the ids that an extract makes for itself and its acts are UUIDs in the DCE form",
    "GS07",
    "SC03.3",
    "PS02.2",
    "PS03.2",
    since="2.2b",
    interactions=EXTRACTS,
)
def ids_are_dce(subject: Subject) -> Iterator[Flaw]:
    """First ids of extract, folder, compositions and statements: the schema takes an OID there, too."""
    for act in every(subject, "EhrExtract", "ehrFolder", "ehrComposition", *STATEMENTS):
        if uid(subject, act) and not ANY_UUID.fullmatch(uid(subject, act)):
            yield flaw("a UUID", uid(subject, act), act)
