"""The ledger: hash-chained NDJSON entries, and raw octets as files named by their digest. It knows nobody.

One line is one entry. ``prev`` is the SHA-256 of the line before it, without its line break, so the chain can be
checked with ``sha256sum`` alone, and whoever holds the digest of the last line (the *head*, printed at the end of a run)
holds a proof over everything before it. Octets stand in ``blobs/<first two>/<sha256>`` and are written before the entry
that names them: a process that is killed leaves a ledger that is good up to its last whole line.
"""

# Storing octets is half the cost of a small message, and pathlib would be a good part of that.
# ruff: noqa: PTH103, PTH104, PTH110, PTH120

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks
    fcntl = None  # type: ignore[assignment] # asked for before it is used

LEDGER = "ledger.ndjson"
BLOBS = "blobs"
FIRST = "0" * 64
# Octets up to this size that are UTF-8 stand in the entry itself, under ``text``: an acknowledgement is not worth a file.
INLINE = 2048
# The case of an entry that nobody could be named for.
UNATTRIBUTED = "unattributed"
# The case of an entry about a conversation that a former run has left under way.
EARLIER = "earlier run"

Facts = Mapping[str, Any]

_DIGEST = re.compile("[0-9a-f]{64}")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. ``data`` holds plain JSON values; a value under the key ``blob`` is a digest of stored octets.

    :param at: UTC, ISO 8601 with milliseconds: when the process that wrote it read its clock for this entry.
    :param case: the case it belongs to; empty for the run as a whole, ``unattributed`` when nobody could be named.
    """

    seq: int
    at: str
    kind: str
    case: str
    data: Facts
    prev: str = FIRST

    def line(self) -> bytes:
        """The entry as one line, without its line break."""
        fields = {
            "seq": self.seq,
            "at": self.at,
            "kind": self.kind,
            "case": self.case,
            "data": self.data,
            "prev": self.prev,
        }
        return _ENCODE(fields).encode("utf-8", "surrogatepass")


class Ledger:
    """The one writer. Not safe for two threads: whoever owns it serialises (in Spine, the lock around the hub).

    ``torn`` is what stood behind the last whole line of a ledger that is gone on with: it was taken away there, and whoever
    goes on says so in an entry.
    """

    def __init__(self, folder: Path, *, resume: bool = False) -> None:
        """Open a new ledger in ``folder``, or with ``resume`` go on with the one that is there.

        :raises FileExistsError: when a new one is wanted and there is one.
        :raises ValueError: when one cannot be gone on with, because it is not whole, or somebody writes it: one sentence.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        new = 0 if resume else os.O_CREAT | os.O_EXCL
        self._file = os.open(folder / LEDGER, new | os.O_WRONLY | os.O_APPEND, 0o644)
        try:
            _claim(self._file)
            self.seq, self.head, self.torn = _continued(folder) if resume else (0, FIRST, b"")
        except ValueError:
            os.close(self._file)
            raise

    def append(self, kind: str, case: str, data: Facts, at: str) -> int:
        """Write one entry and return its number, from 1."""
        return self.extend([(kind, case, data)], at)

    def extend(self, rows: Iterable[tuple[str, str, Facts]], at: str) -> int:
        """Write entries, each ``(kind, case, data)``, and return the number of the last.

        One ``write`` call for all: a line is whole or torn, never mixed, and those before a torn one are whole.
        """
        seq, head, lines = self.seq, self.head, list[bytes]()
        for kind, case, data in rows:
            seq += 1
            lines.append(Entry(seq, at, kind, case, data, head).line())
            head = hashlib.sha256(lines[-1]).hexdigest()
        os.write(self._file, b"".join(line + b"\n" for line in lines))
        self.seq, self.head = seq, head
        return seq

    def close(self) -> None:
        """Close the file. Appending afterwards raises."""
        os.close(self._file)


def _claim(file: int) -> None:
    """Be the only writer, until the file is closed. :raises ValueError: when there is one. Where files have no locks: nothing."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ValueError("its ledger is being written; the run is under way") from None


class Blobs:
    """Octets by content. Safe for many threads: a file appears whole, by renaming, or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / BLOBS

    def put(self, octets: bytes, digest: str = "") -> str:
        """Store ``octets`` once and return their SHA-256 in hexadecimal."""
        digest = digest or hashlib.sha256(octets).hexdigest()
        path = self._name(digest)
        if not os.path.exists(path):
            # A file for each thread: whoever comes second moves the same octets onto the same name.
            scratch = f"{path}.{os.getpid()}.{threading.get_ident()}"
            _write(scratch, octets)
            os.rename(scratch, path)
        return digest

    def get(self, digest: str) -> bytes:
        """The octets of a digest. :raises KeyError: when they were never stored."""
        try:
            return self.path(digest).read_bytes()
        except OSError:
            raise KeyError(digest) from None

    def path(self, digest: str) -> Path:
        """Where the octets of ``digest`` stand. :raises KeyError: when it is no digest: no path is made of it."""
        return Path(self._name(digest))

    def _name(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise KeyError(digest)
        return f"{self.folder}{os.sep}{digest[:2]}{os.sep}{digest}"


def _write(path: str, octets: bytes) -> None:
    """Write a file; make its folder when that is missing, as for one of many it is."""
    try:
        file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
    try:
        rest = memoryview(octets)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found: how many whole entries, the head, whether the last line is torn, and what is wrong."""

    entries: int
    head: str
    torn: bool
    problems: tuple[str, ...]


def inline(octets: bytes) -> str | None:
    """The text under which small octets stand in an entry; ``None`` when they need a file of their own."""
    if len(octets) > INLINE:
        return None
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def read(folder: Path) -> Iterator[Entry]:
    """The whole entries of the ledger in ``folder``, in order; a torn last line is left out.

    :raises ValueError: with the line number, for a line that is no entry.
    """
    for number, line, whole in _lines(folder):
        if whole:
            yield _entry(number, line)


def verify(folder: Path) -> Verification:
    """Check chain, numbering and octets of the ledger in ``folder``. Every problem is one sentence with its line."""
    blobs, problems = Blobs(folder), list[str]()
    count, head, torn, checked = 0, FIRST, False, set[str]()
    for number, line, whole in _lines(folder):
        if not whole:
            torn = True
            break
        try:
            entry = _entry(number, line)
        except ValueError as trouble:
            problems.append(str(trouble))
            break
        if entry.seq != number:
            problems.append(f"line {number}: the entry says it is number {entry.seq}")
        if entry.prev != head:
            problems.append(f"line {number}: does not follow from the line before it; something was changed or removed")
        problems += _blob_problems(entry, blobs, checked)
        count, head = number, hashlib.sha256(line).hexdigest()
    return Verification(count, head, torn, tuple(problems))


def _continued(folder: Path) -> tuple[int, str, bytes]:
    """Number and head of the last whole entry, and the torn octets behind it, which are cut off."""
    found = verify(folder)
    if found.problems:
        raise ValueError(f"the ledger is not whole: {found.problems[0]}")
    torn = next((line for _, line, whole in _lines(folder) if not whole), b"")
    os.truncate(folder / LEDGER, (folder / LEDGER).stat().st_size - len(torn))
    return found.entries, found.head, torn


def _lines(folder: Path) -> Iterator[tuple[int, bytes, bool]]:
    with (folder / LEDGER).open("rb") as file:
        for number, line in enumerate(file, 1):
            yield number, line.rstrip(b"\n"), line.endswith(b"\n")


def _entry(number: int, line: bytes) -> Entry:
    try:
        fields = json.loads(line)
        return Entry(**fields)
    except (ValueError, TypeError, RecursionError) as trouble:
        raise ValueError(f"line {number}: is no ledger entry ({trouble})") from None


def _blob_problems(entry: Entry, blobs: Blobs, checked: set[str]) -> Iterator[str]:
    for digest in digests(entry.data):
        if digest in checked:
            continue
        checked.add(digest)
        try:
            if hashlib.sha256(blobs.get(digest)).hexdigest() != digest:
                yield f"line {entry.seq}: the octets {digest[:12]} were changed"
        except KeyError:
            yield f"line {entry.seq}: the octets {digest[:12]} are missing"


def digests(data: object) -> Iterator[str]:
    """Every digest that ``data`` names: the non-empty values under keys called ``blob``, at any depth."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "blob":
                if value:
                    yield str(value)
            else:
                yield from digests(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from digests(value)
