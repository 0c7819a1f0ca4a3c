"""Laboratory results, in the canonical form that every system sends whatever it filed (NPFIT-PC-BLD-0134.05)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.record import (
    Node,
    child,
    children,
    codes,
    enclosing,
    every,
    flaw,
    get,
    kids,
    name,
    once,
    real,
    within,
    words,
)
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis

_REPORT, _SPECIMEN = "16488004", "123038009"
_REPORT_IDS = "2.16.840.1.113883.2.1.4.5.5"
# The specification's example takes the root of reports for specimens too; messages have one of their own.
_SPECIMEN_IDS = frozenset({"2.16.840.1.113883.2.1.4.5.2", _REPORT_IDS})
_MARKUP = "text/x-h7uk-pmip"
_HEADER = re.compile(r"CommentType:(?P<kind>[^\r\n]*?)\s*\r?\n\s*CommentDate:(?P<date>[^\r\n]*?)\s*(?:\r?\n|\Z)")


@once
def _coded(subject: Subject) -> Iterator[tuple[str, Node]]:
    """Compounds that are reports or samples, with the code that says so."""
    for compound in every(subject, "CompoundStatement"):
        for code in {text for text, _ in codes(subject, child(subject, compound, "code"))} & {_REPORT, _SPECIMEN}:
            yield code, compound


def _compounds(subject: Subject, wanted: str) -> Iterator[Node]:
    return (compound for code, compound in _coded(subject) if code == wanted)


@once
def _inner(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """Every compound of a report, the report itself included, with the report."""
    for report in _compounds(subject, _REPORT):
        for compound in within(report, "CompoundStatement"):
            yield report, compound


@rule(
    "R-pmip-01",
    "a laboratory report and a sample are CLUSTER compounds",
    "V-83",
    interactions=EXTRACTS,
)
def clusters(subject: Subject) -> Iterator[Flaw]:
    """classCode of compounds coded 16488004 and of compounds with a specimen."""
    for compound in (*_compounds(subject, _REPORT), *_compounds(subject, _SPECIMEN)):
        if compound.get("classCode") != "CLUSTER":
            yield flaw("CLUSTER", compound.get("classCode") or "none", compound)


@rule(
    "R-pmip-02",
    "a laboratory report says that it is a Filed Report",
    "V-83",
    interactions=EXTRACTS,
)
def filed_reports(subject: Subject) -> Iterator[Flaw]:
    """code/originalText of compounds coded 16488004."""
    for report in _compounds(subject, _REPORT):
        said = words(child(subject, report, "code/originalText"))
        if said.lower() != "filed report":
            yield flaw("originalText Filed Report", said or "none", report)


@rule(
    "R-pmip-03",
    "a laboratory report has the laboratory's id as its second id",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def report_ids(subject: Subject) -> Iterator[Flaw]:
    """Second id of compounds coded 16488004: root of PMIP reports and an extension."""
    for report in _compounds(subject, _REPORT):
        second = children(subject, report, "id")[1:]
        if not second or second[0].get("root") != _REPORT_IDS or not second[0].get("extension"):
            yield flaw(f"id {_REPORT_IDS} with an extension", second[0].get("root", "") if second else "one id", report)


@rule(
    "R-pmip-04",
    "the effectiveTime of a laboratory report is null",
    "V-83",
    interactions=EXTRACTS,
)
def report_times(subject: Subject) -> Iterator[Flaw]:
    """effectiveTime of compounds coded 16488004: a null flavour on it or on its center."""
    for report in _compounds(subject, _REPORT):
        time = child(subject, report, "effectiveTime")
        if time is not None and any(each.get("value") for each in (time, *kids(time))):
            yield flaw("nullFlavor NI", "a date", time)


@rule(
    "R-pmip-05",
    "everything of a laboratory report is available from the day on which the report was received",
    "S58",
    level="SHOULD",
    interactions=EXTRACTS,
)
def received_dates(subject: Subject) -> Iterator[Flaw]:
    """availabilityTime of the compounds inside of a report against the report's, by the day."""
    for report, inner in _inner(subject):
        received, time = (get(subject, each, "availabilityTime", "value") for each in (report, inner))
        if time[:8] != received[:8]:
            yield flaw(received[:8], time or "none", inner)


@rule(
    "R-pmip-06",
    "a laboratory report stands in a CATEGORY",
    "V-83",
    level="REVIEW",
    interactions=EXTRACTS,
)
def report_headings(subject: Subject) -> Iterator[Flaw]:
    """Compounds coded 16488004: what the specification expects, and systems without headings cannot do."""
    for report in _compounds(subject, _REPORT):
        if not any(each.get("classCode") == "CATEGORY" for each in enclosing(report, "CompoundStatement")):
            yield flaw("in a CATEGORY", "in none", report)


@rule(
    "R-pmip-07",
    "a sample has the id of this system and, where the laboratory gave one, the laboratory's",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def specimen_ids(subject: Subject) -> Iterator[Flaw]:
    """specimenRole/id: the first without extension, a second of the root for specimens with one."""
    for role in every(subject, "specimenRole"):
        first, *others = children(subject, role, "id") or [role]
        if first.get("extension") or any(
            each.get("root") not in _SPECIMEN_IDS or not each.get("extension") for each in others
        ):
            yield flaw(
                "a GUID, then the laboratory's id",
                " and ".join(each.get("root", "") for each in (first, *others)),
                role,
            )


@rule(
    "R-pmip-08",
    "a sample says of what material it is",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def specimen_materials(subject: Subject) -> Iterator[Flaw]:
    """specimenSpecimenMaterial/desc."""
    for role in every(subject, "specimenRole"):
        if not words(child(subject, role, "specimenSpecimenMaterial/desc")):
            yield flaw("desc with text", "none", role)


@rule(
    "R-pmip-09",
    "a sample is part of a laboratory report",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def samples_are_in_reports(subject: Subject) -> Iterator[Flaw]:
    """Compounds with a specimen, and the compounds around them."""
    reports = set(_compounds(subject, _REPORT))
    for role in every(subject, "specimenRole"):
        compound = next(enclosing(role, "CompoundStatement"), None)
        if compound is not None and not reports.intersection((compound, *enclosing(compound, "CompoundStatement"))):
            yield flaw(f"in a compound {_REPORT}", "in none", compound)


def _comments(subject: Subject) -> Iterator[tuple[Node, str]]:
    for text in every(subject, "text"):
        if (text.get("mediaType") or "").lower() == _MARKUP:
            yield text, words(text)


@rule(
    "R-pmip-10",
    "a comment of a result begins with two lines, CommentType and CommentDate",
    "V-83",
    interactions=EXTRACTS,
)
def comment_headers(subject: Subject) -> Iterator[Flaw]:
    """Narratives of media type text/x-h7uk-pmip."""
    for text, written in _comments(subject):
        if not _HEADER.match(written):
            yield flaw("CommentType: and CommentDate:", written[:90], text)


@rule(
    "R-pmip-11",
    "a comment of a result is of a type that the specification lists",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def comment_types(subject: Subject) -> Iterator[Flaw]:
    """What follows CommentType; both spellings of the specimen comment are let pass, as both are printed."""
    for text, written in _comments(subject):
        header = _HEADER.match(written)
        if header and re.sub(r"\s+", " ", header["kind"]).strip() not in vocabulary("commentTypes"):
            yield flaw("a comment type of the list", header["kind"][:90], text)


@rule(
    "R-pmip-12",
    "a comment of a result has a real date, as HL7 writes dates",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def comment_dates(subject: Subject) -> Iterator[Flaw]:
    """What follows CommentDate."""
    for text, written in _comments(subject):
        header = _HEADER.match(written)
        if header and not real(header["date"].strip()):
            yield flaw("a date, yyyyMMdd or longer", header["date"][:90] or "none", text)


@rule(
    "R-pmip-13",
    "a comment of a result says something after its two lines",
    "V-83",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def comments_tell(subject: Subject) -> Iterator[Flaw]:
    """Text behind the header."""
    for text, written in _comments(subject):
        header = _HEADER.match(written)
        if header and not written[header.end() :].strip():
            yield flaw("a comment", "none", text)


@rule(
    "R-pmip-14",
    "a result with comments stands with them in a CLUSTER that repeats the code of the result",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def clusters_mirror(subject: Subject) -> Iterator[Flaw]:
    """CLUSTER compounds in a report that hold one observation: their code and its code have one in common."""
    for report, cluster in _inner(subject):
        results = children(subject, cluster, "component/ObservationStatement")
        if (
            cluster.get("classCode") != "CLUSTER"
            or len(results) != 1
            or child(subject, cluster, "specimen") is not None
        ):
            continue
        outer, inner = (set(codes(subject, child(subject, each, "code"))) for each in (cluster, results[0]))
        if cluster is not report and inner and inner.isdisjoint(outer):
            yield flaw("the code of the result", get(subject, cluster, "code", "code") or "none", cluster)


@rule(
    "R-pmip-15",
    "results travel as statements: no EDI message is attached",
    "V-83",
    interactions=EXTRACTS,
)
def no_edi(subject: Subject) -> Iterator[Flaw]:
    """Media types of EDIFACT and EDI, and files ending in .edi."""
    for document in every(subject, "referredToExternalDocument"):
        media_type = get(subject, document, "text", "mediaType").lower()
        url = get(subject, document, "text/reference", "value").lower()
        if media_type in ("application/edifact", "application/edi-x12") or url.endswith(".edi"):
            yield flaw("statements", f"{media_type} {url.rpartition('/')[2]}", document)


@rule(
    "R-pmip-16",
    "who wrote a comment of a result stands in its text, not beside it",
    "V-83",
    level="REVIEW",
    interactions=EXTRACTS,
)
def comment_authors(subject: Subject) -> Iterator[Flaw]:
    """Participant of narratives of media type text/x-h7uk-pmip."""
    for text, _ in _comments(subject):
        statement = text.getparent()
        if (
            statement is not None
            and name(statement) == "NarrativeStatement"
            and child(subject, statement, "Participant") is not None
        ):
            yield flaw("no Participant", "Participant", statement)


@rule(
    "R-pmip-17",
    "a BATTERY of a laboratory report holds results",
    "V-83",
    level="SHOULD",
    interactions=EXTRACTS,
)
def batteries_hold_results(subject: Subject) -> Iterator[Flaw]:
    """Observations at any depth of each BATTERY in a report."""
    for _, battery in _inner(subject):
        if battery.get("classCode") == "BATTERY" and next(within(battery, "ObservationStatement"), None) is None:
            yield flaw("ObservationStatement", "none", battery)
