"""The courier's HTTP client: one pool of connections for an endpoint, and an outcome instead of an exception.

Nothing is taken from the environment: no proxy, no bundle of authorities, no header but Host and Content-Length.
"""

import http.client
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    IncompleteRead,
    LocationParseError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as PoolTimeoutError
from urllib3.util import SKIP_HEADER, parse_url

from simulator.shell.deadline import DeadlineSocket, DeadlineTlsSocket, deadline
from simulator.shell.tls import TlsFiles, client_context

ErrorCode = Literal["", "refused", "timeout", "tls", "reset", "truncated", "too-large", "garbled"]

ANSWER_BYTES: Final = 8 * 1024 * 1024

_PIECE: Final = 64 * 1024
_CONNECTIONS: Final = 32
_DEFAULT_HEADERS: Final = ("User-Agent", "Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a post. ``status`` is None when no answer began; ``error`` is a code, ``reason`` for people.

    With "truncated" (its end did not come or cannot be told), "timeout" or "too-large" the status may be known, and
    ``body`` holds what arrived. ``seconds`` is the whole duration. ``certificate_note`` is "", "common-name-only", or why
    a certificate of ours was not taken.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    error: ErrorCode = ""
    certificate_note: str = ""
    reason: str = ""


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = DeadlineSocket(fileno=self.sock.detach())


class _TlsConnection(HTTPSConnection):
    certificate_note = ""

    def connect(self) -> None:
        super().connect()
        # OpenSSL looks at the common name only when the certificate names no host elsewhere.
        assert isinstance(self.sock, ssl.SSLSocket)
        shown: Mapping[str, Any] = self.sock.getpeercert() or {}
        named = any(kind in {"DNS", "IP Address"} for kind, _ in shown.get("subjectAltName", ()))
        self.certificate_note = "" if named else "common-name-only"


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Post:
    """One endpoint. ``tls`` is needed for an https URL. Thread-safe; ``close`` lets go of the pooled connections.

    ValueError for a URL that is not http or https, CertificateTrouble for files that cannot be used.
    """

    def __init__(self, url: str, tls: TlsFiles | None = None, *, timeout: float = 30.0) -> None:
        try:
            parts = parse_url(url)
        except LocationParseError as error:
            raise ValueError(f"{url!r} is not a URL") from error
        if parts.scheme not in {"http", "https"} or not parts.host or (parts.scheme == "https" and tls is None):
            raise ValueError(f"{url!r} is not an http URL, nor an https URL with certificates")
        self.url = url
        self._timeout = timeout
        self._target = parts.request_uri
        self._host, self._port = parts.host, parts.port
        self._context: ssl.SSLContext | None = None
        if parts.scheme == "https" and tls:
            self._context = client_context(tls)
            self._context.sslsocket_class = DeadlineTlsSocket
        self._pool = self._new_pool(_CONNECTIONS)

    def post(
        self,
        headers: Sequence[tuple[str, str]],
        body: bytes | Iterator[bytes],
        *,
        timeout: float | None = None,
        keep_alive: bool = True,
    ) -> Outcome:
        """Send one POST; nothing is repeated and no redirect followed.

        ``timeout`` is in seconds, for the whole. ``headers`` go out in order and case as given (a repeated name comes
        directly after its first). A body that comes in pieces needs a Content-Length among them. Without ``keep_alive`` the
        post has a connection of its own. Never raises for the network's or the other side's doing; ValueError for a header
        that HTTP cannot carry.
        """
        start = time.monotonic()
        allowed = self._timeout if timeout is None else timeout
        answer = _Answer()
        # A pool is filled and emptied place by place: 32 places would cost as much as the rest but the handshake.
        pool = self._pool if keep_alive else self._new_pool(1)
        try:
            with deadline(start + allowed):
                self._exchange(pool, answer, headers, body, allowed)
        except (HTTPError, OSError) as error:
            answer.error, answer.reason = _code(error), _reason(error)
        finally:
            if not keep_alive:
                pool.close()
        return answer.outcome(time.monotonic() - start)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _new_pool(self, connections: int) -> urllib3.HTTPConnectionPool:
        if self._context:
            return _TlsPool(self._host, self._port, maxsize=connections, block=True, ssl_context=self._context)
        return _PlainPool(self._host, self._port, maxsize=connections, block=True)

    def _exchange(
        self,
        pool: urllib3.HTTPConnectionPool,
        answer: "_Answer",
        headers: Sequence[tuple[str, str]],
        body: bytes | Iterator[bytes],
        allowed: float,
    ) -> None:
        response = pool.urlopen(
            "POST",
            self._target,
            body=body,
            headers=_header_lines(headers),
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=allowed,
            pool_timeout=allowed,  # type: ignore[arg-type]  # a queue's timeout: fractions are fine
            preload_content=False,
            decode_content=False,
        )
        whole = False
        try:
            answer.note = getattr(response.connection, "certificate_note", "")
            # Having come to its end, the answer gives its connection back to the pool by itself.
            whole = answer.read(response)
        finally:
            if not whole:
                response.close()
                response.release_conn()


class Poster:
    """Posts to any endpoint with one pair of certificates; each endpoint keeps its own pool. Thread-safe."""

    def __init__(self, tls: TlsFiles | None) -> None:
        self._tls = tls
        self._posts: dict[str, Post] = {}
        self._lock = threading.Lock()

    def post(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | Iterator[bytes],
        *,
        timeout: float,
        keep_alive: bool,
    ) -> Outcome:
        """As ``Post.post``, to ``url``."""
        with self._lock:
            post = self._posts.get(url) or self._posts.setdefault(url, Post(url, self._tls))
        return post.post(headers, body, timeout=timeout, keep_alive=keep_alive)

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            for post in self._posts.values():
                post.close()
            self._posts.clear()


class _Answer:
    """An answer as it arrives, so that what did arrive is kept when the rest fails."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()
        self.note = ""
        self.error: ErrorCode = ""
        self.reason = ""

    def read(self, response: urllib3.BaseHTTPResponse) -> bool:
        """Whether all of it came and fits."""
        self.status = response.status
        self.headers = tuple(response.headers.items())
        while data := response.read1(_PIECE):
            self.body += data
            if len(self.body) > ANSWER_BYTES:
                del self.body[ANSWER_BYTES:]
                self.error, self.reason = "too-large", f"the answer is over {ANSWER_BYTES} bytes"
                return False
        return True

    def outcome(self, seconds: float) -> Outcome:
        return Outcome(self.status, self.headers, bytes(self.body), seconds, self.error, self.note, self.reason)


def _header_lines(headers: Sequence[tuple[str, str]]) -> urllib3.HTTPHeaderDict:
    lines = urllib3.HTTPHeaderDict()
    for name, value in headers:
        lines.add(name, value)
    for name in _DEFAULT_HEADERS:
        if name not in lines:
            lines[name] = SKIP_HEADER
    return lines


def _code(error: Exception) -> ErrorCode:
    """The cause that fits best, searched through what urllib3 wrapped around it."""
    causes = _causes(error)
    kinds: tuple[tuple[ErrorCode, tuple[type[Exception], ...]], ...] = (
        ("truncated", (IncompleteRead, http.client.IncompleteRead)),
        ("tls", (SSLError, ssl.SSLError)),
        # Before the timeouts, of which urllib3 holds these to be a kind.
        ("refused", (NewConnectionError, ConnectionRefusedError)),
        ("timeout", (PoolTimeoutError, TimeoutError)),
        ("reset", (ConnectionError, BrokenPipeError)),
    )
    for code, types in kinds:
        if any(isinstance(cause, types) for cause in causes):
            return code
    return "garbled"


def _reason(error: BaseException) -> str:
    """The words of the innermost error that urllib3 wrapped."""
    while error.args and isinstance(error.args[-1], BaseException):
        error = error.args[-1]
    return str(error) or type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    todo = [error]
    while todo:
        cause = todo.pop()
        if cause not in found:
            found.append(cause)
            todo += [arg for arg in (*cause.args, cause.__cause__, cause.__context__) if isinstance(arg, BaseException)]
    return found
