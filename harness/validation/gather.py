"""A file, a folder, a run or standard input to items, one at a time: nothing is kept of the one before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from harness.validation import bounds
from harness.validation.detect import delivery, detect
from harness.validation.found import Item, Kind, NoMessage, Place, Unusable
from simulator import ledger


def from_stream(stream: BinaryIO) -> Iterator[Item]:
    """The items of standard input."""
    yield from _of(stream.read(bounds.MAX_BYTES + 1), "-", "")


def from_path(path: Path) -> Iterator[Item]:
    """The items of a file, of a run, or of everything in a folder, in the order of the names.

    Hidden files and folders are skipped, links to folders not followed. A folder with a ledger is a run: what its system
    under test sent, by its octets, each once.
    """
    for file in files(path):
        if file.name == ledger.LEDGER:
            yield from _run(file.parent)
        else:
            yield from _file(file, named=file == path)


def files(path: Path) -> Iterator[Path]:
    """The files to be looked at, a run being its ledger alone."""
    if not path.is_dir():
        yield path
        return
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        if ledger.LEDGER in names:
            folders.clear()
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        chosen = [ledger.LEDGER] if ledger.LEDGER in names else sorted(names)
        yield from (Path(folder, each) for each in chosen if not each.startswith("."))
    yield from (Path(str(each.filename)) for each in closed)


def _file(file: Path, *, named: bool) -> Iterator[Item]:
    """:param named: whether the user named this very file: then even a pipe is read."""
    shown = str(file)
    if not (named or file.is_file() or file.is_dir()):
        yield Item(shown, shown, None, "it is neither a file nor a folder")
        return
    try:
        with file.open("rb") as stream:
            data = stream.read(bounds.MAX_BYTES + 1)
    except OSError as error:
        yield Item(shown, shown, None, f"it cannot be read: {error.strerror}", failed=True)
        return
    yield from _of(data, shown, shown)


def _of(data: bytes, name: str, file: str) -> Iterator[Item]:
    try:
        found = detect(data)
    except NoMessage as none:
        yield Item(name, file, None, str(none))
        return
    except Unusable as trouble:
        yield Item(name, file, None, str(trouble), failed=True)
        return
    for number, each in enumerate(found, 1):
        yield Item(f"{name} ({number})" if len(found) > 1 else name, file, each)


def _run(folder: Path) -> Iterator[Item]:
    blobs, seen = ledger.Blobs(folder), set[str]()
    name = str(folder / ledger.LEDGER)
    try:
        for entry in ledger.read(folder):
            # Small octets stand in the entry itself, all others in a file named by their digest.
            body = str(entry.data.get("blob", "")) or str(entry.data.get("text", ""))
            said = _sent_by_the_system(entry.kind, entry.data)
            if said is not None and body and body not in seen:
                seen.add(body)
                yield _blob(blobs, entry, f"{name} entry {entry.seq}", *said)
    except (ValueError, TypeError, OSError, AttributeError) as trouble:
        yield Item(name, name, None, f"the ledger cannot be read: {trouble}", failed=True)


def _sent_by_the_system(kind: str, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """Content-Type and SOAPAction of what the system under test posted, or answered; ``None`` for any other entry."""
    if kind == "message.received":
        return str(data.get("content_type", "")), str(data.get("soap_action", ""))
    if kind == "delivery.outcome":
        headers = {str(name).lower(): str(value) for name, value in data.get("headers", ())}
        return headers.get("content-type", ""), ""
    return None


def _octets(blobs: ledger.Blobs, entry: ledger.Entry) -> bytes:
    if "text" in entry.data:
        return str(entry.data["text"]).encode()
    with blobs.path(str(entry.data["blob"])).open("rb") as stream:
        return stream.read(bounds.MAX_BYTES + 1)


def _blob(blobs: ledger.Blobs, entry: ledger.Entry, name: str, content_type: str, soap_action: str) -> Item:
    digest = str(entry.data.get("blob", ""))
    file = blobs.path(digest) if digest else blobs.folder
    try:
        octets = _octets(blobs, entry)
        bounds.check(octets)
        found = delivery(content_type, octets, soap_action, Place())
    except (KeyError, OSError):
        return Item(name, name, None, f"the octets {digest[:12]} are missing", failed=True)
    except Unusable as trouble:
        return Item(name, str(file), None, str(trouble), failed=True)
    if found.subject.reading.package is None:
        found = replace(found, kind=Kind.FAULT if found.subject.reading.fault else Kind.SIGNAL)
    return Item(name, str(file), found)
