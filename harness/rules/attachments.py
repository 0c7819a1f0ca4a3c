"""The MIME parts of a message, and its attachments as octets."""

from __future__ import annotations

from collections.abc import Iterator

from harness.rules.places import attachments, beside, described, said, spot
from harness.rules.register import Flaw, Subject, once, rule
from simulator.wire import mime
from simulator.wire.departures import D
from simulator.wire.envelope import Reference

MAX_ATTACHMENTS, MAX_MESSAGE, MAX_ATTACHMENT = 99, 5_000_000, 4_500_000
# What Spine carries under its own name (EIS part 2, as the national adaptor quotes it).
SPINE_TYPES = frozenset(
    {"text/plain", "text/html", "text/xml", "text/rtf", "audio/basic", "audio/mpeg", "video/mpeg"}
    | {f"image/{kind}" for kind in ("png", "gif", "jpeg", "tiff")}
    | {f"application/{kind}" for kind in ("pdf", "xml", "msword", "octet-stream")}
)
_PACKED = frozenset({"audio/mpeg", "video/mpeg", "image/png", "image/gif", "image/jpeg"})
_HEADERS = {
    "Content-Type": "content_type",
    "Content-Transfer-Encoding": "transfer_encoding",
    "Content-Id": "content_id",
}
_GZIP = b"\x1f\x8b"
_BLANK = b"\r\n\t "
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE = 76


def _at(reference: Reference, expected: str, found: str, path: str = "") -> Flaw:
    return spot(expected, found, f"eb:Reference{path}", reference.line or -1)


def _part(number: int, expected: str, found: str, path: str = "") -> Flaw:
    return Flaw(expected, said(found), number, -1, path)


def named(subject: Subject) -> Iterator[tuple[Reference, int, mime.Part]]:
    """Each reference to an attachment in this message, with the part it names and that part's number."""
    by_id = {part.content_id: (number, part) for number, part in attachments(subject)}
    for reference in beside(subject):
        if reference.scheme == "cid" and reference.target in by_id:
            yield reference, *by_id[reference.target]


@rule("R-part-01", "an attachment's part has the three headers", "AR05")
def attachment_headers(subject: Subject) -> Iterator[Flaw]:
    """Content-Type, Content-Transfer-Encoding and Content-Id of every part behind the payload."""
    for number, part in attachments(subject):
        for header, name in _HEADERS.items():
            if not getattr(part, name):
                yield _part(number, header, "none", header)


@rule("R-part-02", "envelope and payload parts say what they are and which", "AR05")
def xml_headers(subject: Subject) -> Iterator[Flaw]:
    """Content-Type and Content-Id of the first two parts."""
    package = subject.reading.package
    for number, part in enumerate(package.parts[:2] if package is not None else ()):
        for header in ("Content-Type", "Content-Id"):
            if not getattr(part, _HEADERS[header]):
                yield _part(number, header, "none", header)


@rule("R-part-03", "envelope and payload parts say how they are encoded", "AR05", level="REVIEW")
def xml_encoding(subject: Subject) -> Iterator[Flaw]:
    """Content-Transfer-Encoding of the first two parts: AR05 asks for it, the example beside it leaves it out."""
    package = subject.reading.package
    for number, part in enumerate(package.parts[:2] if package is not None else ()):
        if not part.transfer_encoding:
            yield _part(number, "Content-Transfer-Encoding", "none", "Content-Transfer-Encoding")


@rule("R-part-04", "an attachment is base64", "TD52.4")
def base64(subject: Subject) -> Iterator[Flaw]:
    """Content-Transfer-Encoding of every part behind the payload."""
    for number, part in attachments(subject):
        if part.transfer_encoding != "base64":
            yield _part(number, "base64", part.transfer_encoding, "Content-Transfer-Encoding")


@once
def bodies(subject: Subject) -> Iterator[tuple[int, mime.Part, int, bool]]:
    """Each attachment with its number, its octets without blanks, and whether those are base64 without a fault.

    One pass over the octets tells both; decoding them takes six times as long.
    """
    for number, part in attachments(subject):
        others = part.body.translate(None, _ALPHABET)
        padding = others.translate(None, _BLANK)
        letters = len(part.body) - len(others)
        whole = letters % 4 != 1 and padding == b"=" * (-letters % 4)
        good = whole and part.body.partition(b"=")[2].translate(None, _BLANK) == padding[1:]
        yield number, part, letters + len(padding), good


@rule("R-part-05", "base64 text decodes", "TD52.4", "V-66")
def base64_valid(subject: Subject) -> Iterator[Flaw]:
    """The octets of every base64 part: its alphabet, padding at the end alone, whole groups."""
    for number, part, _, good in bodies(subject):
        if part.transfer_encoding == "base64" and not good:
            for each in mime.decode(part, number)[1]:
                yield _part(number, "base64", each.detail)


@rule("R-part-06", "lines of base64 have 76 characters at most", "V-66", level="SHOULD")
def base64_lines(subject: Subject) -> Iterator[Flaw]:
    """The lines of every base64 part (RFC 2045 §6.8)."""
    for number, part in attachments(subject):
        longest = _longest(part.body) if part.transfer_encoding == "base64" else 0
        if longest > _LINE:
            yield _part(number, "76 characters", f"{longest} characters")


def _longest(body: bytes) -> int:
    """The length of the longest line; 0 where all are of one length that is legal: the rule, and seen at a glance."""
    width = body.find(b"\n") + 1
    if not width:
        return max(map(len, body.splitlines()), default=0) if b"\r" in body else len(body)
    lines, last = divmod(len(body), width)
    even = last <= _LINE and body[width - 1 :: width].count(b"\n") == lines
    legal = width <= _LINE + 1 or (width == _LINE + 2 and body[_LINE::width].count(b"\r") == lines)
    return 0 if even and legal else max(map(len, body.splitlines()))


@rule("R-part-07", "a Content-Id stands in angle brackets", "V-66")
def angle_brackets(subject: Subject) -> Iterator[Flaw]:
    """Content-Id of every part."""
    for each in subject.reading.departures:
        if each.code is D.CONTENT_ID_NO_ANGLE_BRACKETS:
            yield _part(each.part, f"<{each.detail}>", each.detail, "Content-Id")


@rule("R-part-08", "no two parts have the same Content-Id", "V-66")
def content_ids_differ(subject: Subject) -> Iterator[Flaw]:
    """Content-Id of every part: a ``cid:`` could not choose."""
    for each in subject.reading.departures:
        if each.code is D.CONTENT_ID_DUPLICATE:
            yield _part(each.part, "a Content-Id of its own", each.detail, "Content-Id")


@rule("R-part-09", "an attachment travels as a type that Spine carries", "LM29", level="REVIEW")
def spine_types(subject: Subject) -> Iterator[Flaw]:
    """Content-Type of the part: others go as application/octet-stream. The list itself is not public, hence a review."""
    for number, part in attachments(subject):
        if part.content_type and part.content_type not in SPINE_TYPES:
            yield _part(number, "a type of the list, or application/octet-stream", part.content_type, "Content-Type")


@rule("R-part-10", "what is said to be compressed is GZIP", "LM28", "LM26", since="2.2a")
def compressed(subject: Subject) -> Iterator[Flaw]:
    """The first octets of an attachment whose description says ``Compressed=Yes``."""
    for reference, number, part in named(subject):
        if described(reference.description)[0].compressed and not _begins(part).startswith(_GZIP):
            yield _part(number, "GZIP", f"octets that begin {_begins(part)[:4].hex()}")


@rule("R-part-11", "what is said not to be compressed is no GZIP", "LM26", level="REVIEW", since="2.2a")
def not_compressed(subject: Subject) -> Iterator[Flaw]:
    """The same for ``Compressed=No``, unless the document itself is a GZIP file."""
    for reference, number, part in named(subject):
        about = described(reference.description)[0]
        if about.compressed is False and _begins(part).startswith(_GZIP) and "zip" not in about.content_type:
            yield _part(number, "the document as it is", "GZIP")


def _begins(part: mime.Part) -> bytes:
    """The first octets of an attachment, whatever the size of the rest."""
    head = part.body[:64].translate(None, b"\r\n\t ")
    if part.transfer_encoding != "base64":
        return part.body[:4]
    return mime.decode(mime.Part(part.headers, head[: len(head) // 4 * 4], 0, "", "", "", "base64"))[0]


@rule("R-part-12", "formats that are compressed already are not compressed again", "LM27", level="SHOULD", since="2.2a")
def packed(subject: Subject) -> Iterator[Flaw]:
    """``Compressed=Yes`` beside MP3, MPEG, PNG, GIF or JPEG: it may pay in a rare case, so this is no must."""
    for each in beside(subject):
        about = described(each.description)[0]
        if about.compressed and about.content_type.lower() in _PACKED:
            yield _at(each, f"Compressed=No for {about.content_type}", each.description, "/eb:Description")


@rule("R-part-13", "a message has 99 attachments at most", "LM01", "LM06")
def not_too_many(subject: Subject) -> Iterator[Flaw]:
    """Parts behind the payload, or ``cid:`` references where the package is not at hand."""
    inline = sum(each.scheme == "cid" for each in beside(subject))
    count = len(attachments(subject)) if subject.reading.package is not None else inline
    if count > MAX_ATTACHMENTS:
        yield Flaw(f"{MAX_ATTACHMENTS} at most", f"{count} attachments", 0)


@rule("R-part-14", "a message is no larger than 5 MB", "LM06", "LM01", level="REVIEW")
def not_too_large(subject: Subject) -> Iterator[Flaw]:
    """Octets of the package: 5,000,000; whether Spine counts to 5,242,880 is not published."""
    package = subject.reading.package
    size = package.parts[-1].offset + len(package.parts[-1].body) if package is not None else 0
    if size > MAX_MESSAGE:
        yield Flaw(f"{MAX_MESSAGE} bytes at most", f"{size} bytes", -1)


@rule("R-part-15", "an attachment is no larger than 4.5 MB", "LM01", level="REVIEW")
def attachment_size(subject: Subject) -> Iterator[Flaw]:
    """Octets of a part as it travels: 4,500,000; before or after base64 is not said, and the limit can be set."""
    for number, part in attachments(subject):
        if len(part.body) > MAX_ATTACHMENT:
            yield _part(number, f"{MAX_ATTACHMENT} bytes at most", f"{len(part.body)} bytes")
