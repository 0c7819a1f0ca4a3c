"""Checks on the documents of an extract: references, ids, names, descriptions, encoding, and the octets themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from harness.checks.envelope import at
from harness.checks.register import Saw, bad, check, missing, ok, untested
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Layer
from simulator.wire import gp2gp, mime
from simulator.wire.description import read as read_description

GZIP = b"\x1f\x8b"


@check("D-referenced", "every document of the record is in the manifest under its id", "AR01", "AR03", layer=Layer.WIRE)
def documents_referenced(evidence: Evidence) -> Iterator[Saw]:
    """SB-10: each referredToExternalDocument id is the eb:id of exactly one entry; the underscore does not count."""
    for sent, message in _extracts(evidence):
        if message is None:
            yield missing(evidence, "an EHR extract")
            continue
        ids = [reference.id.removeprefix("_").upper() for reference in sent.envelope.references if reference.id]
        if len(message.document_ids) < int(evidence.plan["expects"]["documents"]):
            yield bad(f"{evidence.plan['expects']['documents']} documents", f"{len(message.document_ids)}", at(sent, 1))
        for identifier in dict.fromkeys(message.document_ids):
            found = ids.count(identifier.removeprefix("_").upper())
            where = at(sent, 0, path="eb:Reference/@eb:id")
            yield ok(f"{identifier} once", where) if found == 1 else bad(f"{identifier} once", f"{found} times", where)


@check("D-underscore", "the ids of the manifest begin with an underscore", "AR10", "AR02", layer=Layer.WIRE)
def documents_underscore(evidence: Evidence) -> Iterator[Saw]:
    """SB-12: eb:id is an xs:ID, which a GUID that begins with a digit is not."""
    for sent, message in _extracts(evidence):
        if message is None:
            yield missing(evidence, "an EHR extract")
            continue
        references = sent.envelope.references[1:]
        for reference in references:
            where = at(sent, 0, reference.line, "eb:Reference/@eb:id")
            good = reference.id.startswith("_")
            yield ok(reference.id, where) if good else bad("_<GUID>", reference.id or "none", where)
        if not references:
            yield untested("the extract has no documents")


@check("D-named", "documents are referred to by file://localhost and their GUID", "AR15", layer=Layer.WIRE)
def documents_named(evidence: Evidence) -> Iterator[Saw]:
    """SB-11: file://localhost/<GUID>_<file name>."""
    for sent, message in _extracts(evidence):
        if message is None:
            yield missing(evidence, "an EHR extract")
            continue
        if not message.document_ids:
            yield untested("the extract refers to no documents")
        for identifier, value in zip(message.document_ids, message.document_references, strict=False):
            prefix = f"file://localhost/{identifier.removeprefix('_')}_"
            good = value.upper().startswith(prefix.upper()) and value.startswith("file://localhost/")
            where = at(sent, 1, path="referredToExternalDocument/text/reference")
            yield ok(value, where) if good else bad(f"{prefix}<file name>", value or "none", where)


@check("D-described", "every document's description has its keys and its true length", "LM24", layer=Layer.WIRE)
def documents_described(evidence: Evidence) -> Iterator[Saw]:
    """SB-13, SB-14: the keys of LM24; Length counts the data after base64, Compressed says whether it is gzip."""
    for sent, part, text in attached(evidence):
        if part is None:
            yield missing(evidence, "an attached document")
            continue
        wrong = _misdescribed(part, text)
        where = at(sent, 0, path="eb:Description")
        yield bad(*wrong, where) if wrong else ok(" ".join(text.split()), where)


def _misdescribed(part: mime.Part, text: str) -> tuple[str, str] | None:
    """Expected and found, when a description does not describe its part."""
    description, _ = read_description(text)
    keys = (description.filename, description.content_type, description.compressed, description.large)
    if any(value in (None, "") for value in keys) or description.length is None:
        return "Filename, ContentType, Compressed, LargeAttachment, Length", text.strip() or "nothing"
    length = len(b"".join(part.body.split()))
    if description.length not in (length, len(part.body)):
        return f"Length={length}", f"Length={description.length}"
    zipped = mime.decode(part)[0][:2] == GZIP
    if description.compressed is not zipped:
        return f"Compressed={'Yes' if zipped else 'No'}", f"Compressed={'Yes' if description.compressed else 'No'}"
    return None


@check("D-encoded", "documents are MIME parts of their own, in base64", "TD52.4", "TD52.3", layer=Layer.WIRE)
def documents_encoded(evidence: Evidence) -> Iterator[Saw]:
    """TD52.4: Content-Transfer-Encoding base64, and data that is."""
    for sent, part, _ in attached(evidence):
        if part is None:
            yield missing(evidence, "an attached document")
            continue
        _, departures = mime.decode(part)
        number = sent.reading.package.parts.index(part) if sent.reading.package else -1
        seen = part.transfer_encoding or "none"
        if seen != "base64" or departures:
            yield bad("base64", f"{seen} {', '.join(d.code.value for d in departures)}".strip(), at(sent, number))
        else:
            yield ok("base64", at(sent, number))


@check("D-intact", "every document arrives as the record holds it", "S49", "S50", "S53", "PH07", layer=Layer.WIRE)
def documents_intact(evidence: Evidence) -> Iterator[Saw]:
    """S49: SHA-256 of each document of the record against what was sent."""
    sent_digests = {
        hashlib.sha256(mime.decode(part)[0]).hexdigest(): sent
        for sent, part, _ in attached(evidence)
        if part is not None
    }
    extracts = evidence.said(Meaning.EXTRACT)
    if not extracts:
        yield missing(evidence, "an EHR extract")
        return
    for document in evidence.plan["record"]["documents"]:
        sent = sent_digests.get(document["blob"])
        if sent is None:
            yield bad(f"{document['filename']}, sha256 {document['blob'][:12]}", "no such document", at(extracts[0]))
        else:
            yield ok(f"{document['filename']} intact", at(sent))


def _extracts(evidence: Evidence) -> Iterator[tuple[Sent, gp2gp.EhrExtract | None]]:
    extracts = evidence.said(Meaning.EXTRACT)
    if not extracts:
        yield evidence.sent[0] if evidence.sent else _NOBODY, None
    for sent in extracts:
        assert isinstance(sent.message, gp2gp.EhrExtract)
        yield sent, sent.message


def attached(evidence: Evidence) -> Iterator[tuple[Sent, mime.Part | None, str]]:
    """Every in-line document: message, part, and the description of its manifest entry."""
    found = False
    for sent, message in _extracts(evidence):
        if message is None:
            continue
        parts = {part.content_id: part for part in (sent.reading.package.parts if sent.reading.package else ())}
        for reference in sent.envelope.references[1:]:
            if reference.scheme == "cid" and reference.target in parts:
                found = True
                yield sent, parts[reference.target], reference.description
    if not found:
        yield _NOBODY, None, ""


_NOBODY: Sent = None  # type: ignore[assignment] # stands beside ``None``: callers look at the second value first
