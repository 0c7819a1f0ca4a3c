"""Attachments of an extract: the manifest's description language, and the octets in both directions.

Sources: Handling Large Messages v1.1 section 2.3.1 (keys of ``eb:Description``), Attachment References v2.0 (AR03,
AR10, AR11, AR15, AR16).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from simulator.wire import description, mime, names
from simulator.wire.departures import D
from simulator.wire.ebxml import Envelope, Reference
from simulator.wire.reading import Reading
from simulator.wire.writers import description as descriptions
from simulator.wire.writers.package import Attachment
from simulator.wire.xml import Element, parse

LOCALHOST = "file://localhost/"
OCTETS = "application/octet-stream"
# What Spine carries under its own name (EIS part 2, as the national adaptor quotes it); all else is OCTETS (LM29).
CARRIED = frozenset(
    {
        *("text/plain", "text/html", "text/xml", "text/rtf", "audio/basic", "audio/mpeg", "video/mpeg"),
        *("image/png", "image/gif", "image/jpeg", "image/tiff"),
        *("application/pdf", "application/xml", "application/msword", OCTETS),
    }
)
MAX_FILE = 100_000_000
LINE = 76


@dataclass(frozen=True, slots=True)
class File:
    """One document: its id in the record (without underscore), name, media type, and octets as the author made them."""

    id: str
    name: str
    media_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Digest of the octets, lower-case hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def describe(name: str, media_type: str, data: bytes) -> str:
    """The description of an in-line attachment that was neither compressed nor split."""
    # The author's octets were no base64 text, hence No: "if the original was already base64 ... Yes. Otherwise No".
    return descriptions.describe(
        name, media_type, compressed=False, large=False, original_base64=False, length=encoded_length(len(data))
    )


def encoded_length(size: int) -> int:
    """What ``size`` bytes contribute to a message in line: base64 in lines of 76 joined by CRLF (section 2.3.1)."""
    characters = 4 * -(-size // 3)
    return characters + 2 * max(0, -(-characters // LINE) - 1)


def outgoing(documents: Iterable[File], folder: bytes, content_ids: Iterable[str]) -> tuple[Attachment, ...]:
    """The documents as in-line attachments. Each is named as the record refers to it, so that the two agree (AR15)."""
    names_in_record = _references(folder)
    return tuple(
        Attachment(
            content_id=content_id,
            content_type=document.media_type if document.media_type in CARRIED else OCTETS,
            data=document.data,
            description=describe(
                names_in_record.get(document.id.upper(), document.name), document.media_type, document.data
            ),
            id=f"_{document.id}",
        )
        for document, content_id in zip(documents, content_ids, strict=False)
    )


def unresolved(reading: Reading, envelope: Envelope) -> bool:
    """Whether the manifest names a part of this message that is not there."""
    parts = {part.content_id for part in reading.package.parts} if reading.package else set()
    return any(r.scheme == "cid" and r.target not in parts for r in envelope.references)


def external(envelope: Envelope) -> tuple[Reference, ...]:
    """References to parts that come in messages of their own (``mid:``): large messaging."""
    return tuple(r for r in envelope.references if r.scheme == "mid")


def incoming(reading: Reading, envelope: Envelope, *, decompress: bool = True) -> tuple[File, ...] | None:
    """The attached files as their author made them; ``None`` when one cannot be decoded, or its name is not said.

    A description of keys must have Filename (LM24); what has no keys at all is a name itself, or says nothing.
    """
    parts = {part.content_id: part for part in reading.package.parts} if reading.package else {}
    files = []
    for reference in envelope.references:
        part = parts.get(reference.target)
        if reference.is_payload or reference.scheme != "cid" or part is None:
            continue
        data, departures = mime.decode(part)
        said, _ = description.read(reference.description)
        nameless = not said.filename and not said.free_text
        if nameless or any(d.code is D.BASE64_INVALID for d in departures):
            return None
        whole = _gunzip(data) if decompress and said.compressed else data
        if whole is None:
            return None
        name, media_type = said.filename or reference.target, said.content_type or part.content_type
        files.append(File(reference.id.removeprefix("_"), name, media_type, whole))
    return tuple(files)


def _gunzip(data: bytes) -> bytes | None:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            whole = stream.read(MAX_FILE + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return whole if len(whole) <= MAX_FILE else None


def _references(folder: bytes) -> dict[str, str]:
    root, _ = parse(folder)
    found: dict[str, str] = {}
    for document in root.iter(f"{{{names.HL7}}}referredToExternalDocument") if root is not None else ():
        identifier, value = _text(document, "id", "root"), _text(document, "text/reference", "value")
        if value.startswith(LOCALHOST):
            found[identifier.removeprefix("_").upper()] = unquote(value.removeprefix(LOCALHOST))
    return found


def _text(element: Element, path: str, attribute: str) -> str:
    child = element.find("/".join(f"{{{names.HL7}}}{step}" for step in path.split("/")))
    return "" if child is None else child.get(attribute, "")
