"""A request's body as it arrives: counted, bounded, decoded, and then read by the application."""

import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

from simulator.shell.refusals import RefusalKind

BodyProblem = Literal["", "truncated", "too-large", "slow", "garbled", "busy"]

PROBLEM_KINDS: Final[Mapping[BodyProblem, RefusalKind]] = {
    "truncated": "body-truncated",
    "too-large": "body-too-large",
    "slow": "body-slow",
    "garbled": "body-garbled",
    "busy": "busy",
}

_PIECE: Final = 64 * 1024
# RFC 9112 7.1: chunk-size [chunk-ext] CRLF. An extension is read over.
_SIZE_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r\n")
_LINE_BYTES: Final = 4096
_TRAILER_BYTES: Final = 64 * 1024


class Budget:
    """Bytes that all connections together may hold."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._lock = threading.Lock()

    def take(self, amount: int) -> bool:
        """Whether ``amount`` bytes more may be held; if so they are counted."""
        with self._lock:
            if amount > self._left:
                return False
            self._left -= amount
            return True

    def give(self, amount: int) -> None:
        """Count ``amount`` bytes as let go."""
        with self._lock:
            self._left += amount


class Body:
    """The decoded body; it is ``done`` when all of it is there or a ``problem`` ended it.

    ``length`` is the Content-Length, None for a chunked body. An application gets it as wsgi.input, and always done:
    reading never waits. ``on_problem`` hears of a body that only the application finds too large.
    """

    def __init__(
        self, length: int | None, limit: int, budget: Budget, on_problem: Callable[[RefusalKind, str], None]
    ) -> None:
        self.problem: BodyProblem = ""
        self.reason = ""
        self.chunked = length is None
        self._limit = limit
        self._budget = budget
        self._on_problem = on_problem
        self._data = bytearray()
        self._left = length or 0
        self._whole = length == 0
        self._take_line: Callable[[bytes], None] = self._take_size
        self._trailer_left = _TRAILER_BYTES
        self._stream: io.BytesIO | None = None
        if length is not None and length > limit:
            self.end("too-large", f"Content-Length {length} is over the limit of {limit} bytes")

    @property
    def done(self) -> bool:
        """Nothing more is to be read for this body."""
        return self._whole or bool(self.problem)

    @property
    def wanted(self) -> int:
        """Bytes to read next: never beyond a body of known length, as the next request may follow it."""
        return _PIECE if self.chunked else min(_PIECE, self._left)

    def end(self, problem: BodyProblem, reason: str) -> None:
        """Give up; what has arrived stays readable."""
        self.problem, self.reason = problem, reason

    def cut_off(self) -> None:
        """The client went away: a problem unless all was there."""
        expected = "its last chunk" if self.chunked else f"{self._left} more bytes"
        self.end("truncated", f"the body ended after {len(self._data)} bytes, before {expected}")

    def add(self, data: bytes, buffer: bytearray) -> None:
        """Take ``data``, received just now; what does not belong to this body is left in ``buffer``."""
        if self.chunked:
            buffer += data
            self.feed(buffer)
        else:
            self._store(data)

    def feed(self, buffer: bytearray) -> None:
        """Take from the front of ``buffer`` what belongs to this body."""
        while buffer and not self.done:
            if self._left:
                piece = bytes(buffer[: self._left])
                del buffer[: len(piece)]
                self._store(piece)
                continue
            end = buffer.find(b"\n", 0, _LINE_BYTES) + 1
            if not end:
                if len(buffer) >= _LINE_BYTES:
                    self.end("garbled", "a line between the chunks does not end")
                return
            line = bytes(buffer[:end])
            del buffer[:end]
            self._take_line(line)

    def release(self) -> None:
        """Let go of the bytes; the body must not be read after it."""
        self._budget.give(len(self._data))
        self._data = bytearray()
        self._stream = None

    def whole(self, limit: int) -> tuple[bytes, BodyProblem]:
        """All that arrived, at most ``limit`` bytes, and what was wrong with it."""
        if len(self._data) <= limit:
            return bytes(self._data), self.problem
        self._on_problem("body-too-large", f"the body of {len(self._data)} bytes is over the limit of {limit} bytes")
        return bytes(self._data[:limit]), "too-large"

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file does."""
        return self._open().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """As a file does."""
        return self._open().readline(size)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """As a file does."""
        return self._open().readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._open())

    def _open(self) -> io.BytesIO:
        if self._stream is None:
            self._stream = io.BytesIO(self._data)
        return self._stream

    def _store(self, data: bytes) -> None:
        if not self._budget.take(len(data)):
            self.end("busy", "too many bytes are held for other requests")
            return
        self._data += data
        self._left -= len(data)
        if self._left == 0:
            self._take_line = self._take_chunk_end
            self._whole = not self.chunked

    def _take_size(self, line: bytes) -> None:
        found = _SIZE_LINE.fullmatch(line)
        if not found:
            self.end("garbled", f"{line[:40]!r} is no chunk size")
            return
        size = int(found[1], 16)
        if size == 0:
            self._take_line = self._take_trailer
        elif len(self._data) + size > self._limit:
            self.end("too-large", f"the chunks are over the limit of {self._limit} bytes")
        else:
            self._left = size

    def _take_chunk_end(self, line: bytes) -> None:
        self._take_line = self._take_size
        if line != b"\r\n":
            self.end("garbled", "a chunk is longer than its size says")

    def _take_trailer(self, line: bytes) -> None:
        self._trailer_left -= len(line)
        if line == b"\r\n":
            self._whole = True
        elif self._trailer_left < 0:
            self.end("garbled", f"the trailer is over {_TRAILER_BYTES} bytes")


def read_body(environ: Mapping[str, Any], limit: int) -> tuple[bytes, BodyProblem]:
    """The body of a WSGI request, at most ``limit`` bytes, and "" or what was wrong with it.

    Never raises for what the client did and never waits: our listener has the body before it calls the application.
    Any other server's (a test client's) input is read here, and may wait.
    """
    stream = environ["wsgi.input"]
    if isinstance(stream, Body):
        return stream.whole(limit)
    length = environ.get("CONTENT_LENGTH") or ""
    declared = int(length) if length.isdecimal() else None
    data: bytes = stream.read(limit + 1 if declared is None else min(declared, limit + 1))
    if len(data) > limit:
        return data[:limit], "too-large"
    return data, "truncated" if declared is not None and len(data) < declared else ""
