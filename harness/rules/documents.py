"""Documents as the record refers to them; placeholders have a module of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from harness.rules.record import Node, child, children, every, flaw, get, shown, uid, words
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.rules.vocabularies import vocabulary
from harness.verdict import Basis
from simulator.wire import mime

UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_DOCUMENT = re.compile(rf"file://localhost/{UUID}_.+", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
# Extensions whose type nobody disputes, with the types that are written for them; what is not listed is not judged.
_EXTENSIONS = {
    "pdf": {"application/pdf"},
    "tif": {"image/tiff", "image/tif"},
    "tiff": {"image/tiff", "image/tif"},
    "jpg": {"image/jpeg", "image/jpg", "image/pjpeg"},
    "jpeg": {"image/jpeg", "image/jpg", "image/pjpeg"},
    "png": {"image/png"},
    "gif": {"image/gif"},
    "bmp": {"image/bmp", "image/x-ms-bmp"},
    "rtf": {"text/rtf", "application/rtf", "text/richtext", "application/msword"},
    "doc": {"application/msword", "text/rtf", "application/rtf"},
    "docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    "xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    "txt": {"text/plain"},
    "htm": {"text/html"},
    "html": {"text/html"},
    "xml": {"text/xml", "application/xml"},
}
# What says nothing about the content: LM29 has unsupported types sent so, and the true type stands in the manifest.
_NEUTRAL = frozenset({"", "application/octet-stream", "application/binary"})


def documents(subject: Subject) -> Iterator[tuple[Node, str, str]]:
    """Each document with the URL of its file, as written, and its media type."""
    for document in every(subject, "referredToExternalDocument"):
        yield (
            document,
            get(subject, document, "text/reference", "value"),
            get(subject, document, "text", "mediaType").partition(";")[0].strip().lower(),
        )


def file(url: str) -> str:
    """The file name that a URL ends in, percent-decoded (AR16)."""
    return unquote(url).rpartition("/")[2]


def absent(url: str) -> bool:
    """Whether the file is a placeholder, by its name in whatever case."""
    return file(url).lower().startswith("absentattachment")


@rule(
    "R-documents-01",
    "a document's file is referred to as file://localhost/, its GUID, an underscore and its name",
    "AR15",
    interactions=EXTRACTS,
)
def file_references(subject: Subject) -> Iterator[Flaw]:
    """referredToExternalDocument/text/reference/@value; placeholders are named by another rule."""
    for document, url, _ in documents(subject):
        if not absent(url) and not _DOCUMENT.fullmatch(unquote(url)):
            yield flaw("file://localhost/<GUID>_<filename>", url or "none", document)


@rule(
    "R-documents-02",
    "a file's extension is right for the type of the document",
    "S50",
    level="SHOULD",
    interactions=EXTRACTS,
)
def extensions(subject: Subject) -> Iterator[Flaw]:
    """Extensions whose type is not in dispute, against text/@mediaType. Which of the two is wrong, only the file can say."""
    for document, url, media_type in documents(subject):
        legal = _EXTENSIONS.get(file(url).rpartition(".")[2].lower())
        if legal is not None and media_type not in _NEUTRAL | legal:
            yield flaw(" or ".join(sorted(legal)), f"{media_type} for {file(url)}", document)


@rule(
    "R-documents-03",
    "a document's file name has an extension",
    "S50",
    level="SHOULD",
    interactions=EXTRACTS,
)
def names_have_extensions(subject: Subject) -> Iterator[Flaw]:
    """What follows the last point of the file name."""
    for document, url, _ in documents(subject):
        if url and not re.fullmatch(r"\w{1,10}", file(url).rpartition(".")[2] if "." in file(url) else ""):
            yield flaw("a name with an extension", file(url), document)


@rule(
    "R-documents-04",
    "a document's media type is one: a type and a subtype",
    "V-88",
    basis=Basis.OFFICIAL,
    interactions=EXTRACTS,
)
def media_types(subject: Subject) -> Iterator[Flaw]:
    """referredToExternalDocument/text/@mediaType, where it is written; its default is text/plain."""
    for document, _, media_type in documents(subject):
        if media_type and not _MEDIA_TYPE.fullmatch(media_type):
            yield flaw("type/subtype", media_type, document)


@rule(
    "R-documents-05",
    "a document is of a kind that EhrAttachmentCode has",
    "V-85",
    level="SHOULD",
    interactions=EXTRACTS,
)
def document_kinds(subject: Subject) -> Iterator[Flaw]:
    """referredToExternalDocument/code; one supplier sends a code of its own with these as translation."""
    for document in every(subject, "referredToExternalDocument"):
        code = child(subject, document, "code")
        known = () if code is None else (code, *children(subject, code, "translation"))
        if code is not None and not any(each.get("code") in vocabulary("EhrAttachmentCode") for each in known):
            yield flaw("a code of EhrAttachmentCode", shown(subject, code), code)


@rule(
    "R-documents-06",
    "the same document id always names the same file",
    "AR-B",
    interactions=EXTRACTS,
)
def one_file_per_document(subject: Subject) -> Iterator[Flaw]:
    """id and file of documents to which several statements refer."""
    files: dict[str, str] = {}
    for document, url, _ in documents(subject):
        if uid(subject, document) and files.setdefault(uid(subject, document), url) != url:
            yield flaw(files[uid(subject, document)], url, document)


@rule(
    "R-documents-07",
    "two documents do not share a file",
    "AR15",
    level="SHOULD",
    interactions=EXTRACTS,
)
def one_document_per_file(subject: Subject) -> Iterator[Flaw]:
    """File references of documents with different ids: the GUID in the name tells files apart."""
    owners: dict[str, str] = {}
    for document, url, _ in documents(subject):
        if url and owners.setdefault(url, uid(subject, document)) != uid(subject, document):
            yield flaw("a file of its own", f"{file(url)}, that of {owners[url]}", document)


@rule(
    "R-documents-08",
    "a document is referred to, not carried, in the record: its text holds nothing but the reference",
    "AR-A",
    level="SHOULD",
    interactions=EXTRACTS,
)
def nothing_inline(subject: Subject) -> Iterator[Flaw]:
    """Characters in referredToExternalDocument/text."""
    for document in every(subject, "referredToExternalDocument"):
        text = words(child(subject, document, "text"))
        if text:
            yield flaw("a reference alone", f"{len(text)} characters", document)


@rule(
    "R-documents-09",
    "an in-line document travels under the media type that the record gives it",
    "V-85",
    level="SHOULD",
    interactions=EXTRACTS,
)
def types_agree(subject: Subject) -> Iterator[Flaw]:
    """text/@mediaType against Content-Type of the part; octet-stream on either side says nothing."""
    parts = inline_parts(subject)
    for document, url, media_type in documents(subject):
        part = parts.get(uid(subject, document))
        carried = "" if part is None else part.content_type
        if carried != media_type and carried not in _NEUTRAL and media_type not in _NEUTRAL:
            yield flaw(carried, f"{media_type} for {file(url)}", document)


def inline_parts(subject: Subject) -> dict[str, mime.Part]:
    """The in-line part of each document, by document id, as far as manifest and package agree (AR03, AR11)."""
    reading = subject.reading
    if reading.package is None or reading.envelope is None:
        return {}
    by_content_id = {part.content_id: part for part in reading.package.parts[2:]}
    cited = {
        each.id.removeprefix("_"): each for each in reading.envelope.references if each.scheme == "cid" and each.id
    }
    return {one: by_content_id[each.target] for one, each in cited.items() if each.target in by_content_id}
