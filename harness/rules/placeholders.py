"""Placeholders: the text files that stand for documents that could not be sent (NPFIT-PC-BLD-0099 §2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from harness.rules.documents import UUID, absent, documents, inline_parts
from harness.rules.record import Node, flaw, uid
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from simulator.wire import mime

_PLACEHOLDER = re.compile(r"file://localhost/AbsentAttachment[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\.txt")
_FIRST_LINE = "The following file could not be included with the Electronic Record:"


@rule(
    "R-placeholders-01",
    "a placeholder is named AbsentAttachment, a GUID in capitals and .txt",
    "PH04",
    interactions=EXTRACTS,
)
def placeholder_names(subject: Subject) -> Iterator[Flaw]:
    """File references that begin with AbsentAttachment, in whatever case."""
    for document, url, _ in documents(subject):
        if absent(url) and not _PLACEHOLDER.fullmatch(unquote(url)):
            yield flaw("file://localhost/AbsentAttachment<GUID>.txt", url, document)


@rule(
    "R-placeholders-02",
    "a placeholder is a text file: its media type is text/plain",
    "PH04",
    "PH05",
    interactions=EXTRACTS,
)
def placeholder_types(subject: Subject) -> Iterator[Flaw]:
    """text/@mediaType of documents whose file is a placeholder."""
    for document, url, media_type in documents(subject):
        if absent(url) and media_type not in ("", "text/plain"):
            yield flaw("text/plain", media_type, document)


def _placeholders(subject: Subject) -> Iterator[tuple[Node, list[str]]]:
    """Each placeholder that came with the message, and its lines, without blanks around them and empty ones."""
    parts = inline_parts(subject)
    for document, url, _ in documents(subject):
        part = parts.get(uid(subject, document)) if absent(url) else None
        if part is not None:
            text = mime.decode(part)[0][:10_000].decode("utf-8", "replace")  # compressed ones come out as no line
            yield document, [line.strip() for line in text.splitlines() if line.strip()]


@rule(
    "R-placeholders-03",
    "a placeholder has four lines, and the first is the sentence that the specification gives",
    "PH06",
    interactions=EXTRACTS,
)
def placeholder_lines(subject: Subject) -> Iterator[Flaw]:
    """The decoded part; empty lines between, which the example shows, are let pass."""
    for document, lines in _placeholders(subject):
        if len(lines) != 4 or lines[0] != _FIRST_LINE:
            yield flaw(
                f"four lines, the first: {_FIRST_LINE}", f"{len(lines)}, the first: {(lines or [''])[0][:90]}", document
            )


@rule(
    "R-placeholders-04",
    "a placeholder's second line is the name of the file that is missing, with its extension",
    "PH06",
    level="SHOULD",
    interactions=EXTRACTS,
)
def placeholder_file(subject: Subject) -> Iterator[Flaw]:
    """The second line: a point with something on both sides."""
    for document, lines in _placeholders(subject):
        if len(lines) > 1 and not re.fullmatch(r".+\.\S+", lines[1]):
            yield flaw("a file name with its extension", lines[1][:90], document)


@rule(
    "R-placeholders-05",
    "a placeholder's third line is the ODS code of the practice that made it and the conversation that it made it for",
    "S52",
    "PH06",
    interactions=EXTRACTS,
)
def placeholder_origin(subject: Subject) -> Iterator[Flaw]:
    """The third line; it names this transfer only where the sender made it (S53)."""
    for document, lines in _placeholders(subject):
        if len(lines) > 2 and not re.fullmatch(rf"[A-Z0-9]{{3,12}}:{UUID}", lines[2]):
            yield flaw("<ODS code>:<ConversationId>", lines[2][:90], document)


@rule(
    "R-placeholders-06",
    "a placeholder's fourth line gives one of the five reasons, by its code and in its words",
    "PH03",
    "PH06",
    interactions=EXTRACTS,
)
def placeholder_reason(subject: Subject) -> Iterator[Flaw]:
    """The fourth line: Reason, a code of 01, 02, 03, 04 and 06, and the description of that code."""
    legal = {f"reason:{each.lower()}" for each in vocabulary("placeholderReasons")}
    for document, lines in _placeholders(subject):
        if len(lines) > 3 and lines[3].lower() not in legal:
            yield flaw("Reason:<code>:<description>", lines[3][:90], document)
