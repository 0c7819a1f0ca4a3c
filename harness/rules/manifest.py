"""The manifest and what it names: references, MIME parts, and the attachments as octets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from harness.rules.places import UUID, beside, described, envelope, in_soap, said, spot
from harness.rules.register import EXTRACTS, Flaw, Subject, rule
from harness.verdict import Basis
from simulator.wire.envelope import Reference

_NAME = re.compile(r"[\w.\-]+")
# RFC 3986: what may stand in a URI, a percent sign only before two hexadecimal digits.
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")


def _at(reference: Reference, expected: str, found: str, path: str = "") -> Flaw:
    return spot(expected, found, f"eb:Reference{path}", reference.line or -1)


def _part(number: int, expected: str, found: str, path: str = "") -> Flaw:
    return Flaw(expected, said(found), number, -1, path)


@rule("R-manifest-01", "the first reference is the HL7 payload, in this message", "C-04", basis=Basis.OFFICIAL)
def payload_first(subject: Subject) -> Iterator[Flaw]:
    """The first ``eb:Reference``: it is how Spine finds the HL7 part, so it is a ``cid:`` and names the second part."""
    found, package = envelope(subject), subject.reading.package
    if found is None:
        return
    first = next(iter(found.references), Reference(""))
    if first.scheme != "cid":
        yield _at(first, "a cid: reference to the payload", first.href, "[1]/@xlink:href")
    elif package is not None and (len(package.parts) < 2 or package.parts[1].content_id != first.target):
        yield _at(first, "the second part of the package", first.href, "[1]/@xlink:href")


@rule("R-manifest-02", "the payload's reference, and it alone, is marked as HL7", "C-04", basis=Basis.FIELD)
def payload_marked(subject: Subject) -> Iterator[Flaw]:
    """``hl7ebxml:Payload``: in every message seen, and what one careful receiver looks for."""
    found = envelope(subject)
    for number, each in enumerate(found.references if found is not None else ()):
        if each.is_payload != (number == 0):
            yield _at(
                each, "Payload in the first reference alone", f"{each.href}: {'one' if each.is_payload else 'none'}"
            )


@rule("R-manifest-03", "a reference points into the message or to another one", "AR06", "AR08")
def schemes(subject: Subject) -> Iterator[Flaw]:
    """``@xlink:href`` begins with ``cid:`` or ``mid:``."""
    for each in beside(subject):
        if each.scheme not in ("cid", "mid") or not each.target:
            yield _at(each, "cid: or mid:", each.href, "/@xlink:href")


@rule("R-manifest-04", "every cid has its part", "C-04", "AR06")
def parts_there(subject: Subject) -> Iterator[Flaw]:
    """Each ``cid:`` target among the Content-Ids, both percent-decoded (RFC 2392, AR07)."""
    found, package = envelope(subject), subject.reading.package
    there = {part.content_id for part in package.parts[1:]} if package is not None else set()
    for each in found.references if found is not None and package is not None else ():
        if each.scheme == "cid" and each.target not in there:
            yield _at(each, "a part with that Content-Id", each.href, "/@xlink:href")


@rule("R-manifest-05", "every part has its reference", "C-04")
def parts_named(subject: Subject) -> Iterator[Flaw]:
    """Each part behind the envelope is named by a ``cid:``."""
    found, package = envelope(subject), subject.reading.package
    targets = {each.target for each in found.references if each.scheme == "cid"} if found is not None else set()
    for number, part in list(enumerate(package.parts))[1:] if found is not None and package is not None else ():
        if part.content_id not in targets:
            yield _part(number, "a cid: reference to it", f"part {part.content_id or 'without Content-Id'}")


@rule("R-manifest-06", "no two references point to the same thing", "C-04", level="SHOULD", basis=Basis.FIELD)
def targets_differ(subject: Subject) -> Iterator[Flaw]:
    """``@xlink:href``: statements that share a document share its one reference (AR03)."""
    counts = Counter(each.href for each in beside(subject))
    for each in beside(subject):
        if each.href and counts[each.href] > 1:
            yield _at(each, "one reference", f"{counts[each.href]} to {each.href}", "/@xlink:href")


@rule("R-manifest-07", "a reference is a URI", "V-67", "AR07")
def uris(subject: Subject) -> Iterator[Flaw]:
    """``@xlink:href``: other characters than a URI's are percent-encoded, and a percent sign begins an encoding."""
    found = envelope(subject)
    for each in found.references if found is not None else ():
        if each.href and not _URI.fullmatch(each.href):
            yield _at(each, "percent-encoding for what a URI cannot hold", each.href, "/@xlink:href")


@rule("R-manifest-08", "eb:id begins with an underscore", "AR10")
def underscore(subject: Subject) -> Iterator[Flaw]:
    """``@eb:id`` where there is one."""
    found = envelope(subject)
    for each in found.references if found is not None else ():
        if each.id and not each.id.startswith("_"):
            yield _at(each, f"_{each.id}", each.id, "/@eb:id")


@rule("R-manifest-09", "eb:id is a name that XML allows", "V-65", "AR10")
def nc_name(subject: Subject) -> Iterator[Flaw]:
    """``@eb:id`` is xs:ID: letters, digits, hyphens, stops, underscores. How it begins, another rule asks."""
    found = envelope(subject)
    for each in found.references if found is not None else ():
        if each.id and not _NAME.fullmatch(each.id):
            yield _at(each, "an XML name without colon", each.id, "/@eb:id")


@rule("R-manifest-10", "no two references have the same eb:id", "AR03", "V-65")
def ids_differ(subject: Subject) -> Iterator[Flaw]:
    """``@eb:id``, the underscore left out (AR11): a document's id matches a single one."""
    found = envelope(subject)
    references = [each for each in found.references if each.id] if found is not None else []
    counts = Counter(each.id.removeprefix("_").upper() for each in references)
    for each in references:
        if (count := counts[each.id.removeprefix("_").upper()]) > 1:
            yield _at(each, "an eb:id of its own", f"{count} times {each.id}", "/@eb:id")


@rule("R-manifest-11", "a document's reference has an eb:id", "AR02", interactions=EXTRACTS)
def documents_identified(subject: Subject) -> Iterator[Flaw]:
    """``@eb:id`` of every reference beside the payload; the specification's own skeleton has none (LMS figure 16)."""
    for each in beside(subject):
        if not each.id and not described(each.description)[0].skeleton:
            yield _at(each, "an eb:id", "none", "/@eb:id")


@rule("R-manifest-12", "descriptions name their language", "C-04", "V-65")
def language(subject: Subject) -> Iterator[Flaw]:
    """``eb:Description/@xml:lang``."""
    found = envelope(subject)
    for each in found.references if found is not None else ():
        if each.description and not each.language:
            yield _at(each, "xml:lang", each.description, "/eb:Description")


@rule("R-manifest-13", "a message of another kind is named by its upper-case UUID", "LM16", "V-60", since="2.2a")
def message_references(subject: Subject) -> Iterator[Flaw]:
    """``mid:`` and the HL7 id of a point to point message: no angle brackets, no host."""
    for each in beside(subject):
        if each.scheme == "mid" and not UUID.fullmatch(each.target):
            yield _at(each, "mid: and an upper-case UUID", each.href, "/@xlink:href")


@rule("R-manifest-14", "there is one manifest, in the body", "C-04", "V-64")
def one_manifest(subject: Subject) -> Iterator[Flaw]:
    """``SOAP:Body/eb:Manifest`` of a message that has a payload."""
    found = envelope(subject)
    if found is not None and (found.count.manifest != 1 or in_soap(subject, "/SOAP:Envelope/SOAP:Header/eb:Manifest")):
        yield spot("one eb:Manifest in SOAP:Body", str(found.count.manifest), "eb:Manifest")
