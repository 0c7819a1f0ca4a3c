"""What the socket tests share: a served application, and clients that can be told to misbehave."""

import http.client
import queue
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from simulator.shell import certificates
from simulator.shell.server import Limits, Listener, Refusal, RefusalKind, TlsFiles, read_body

PATIENCE = 30.0
"""Seconds after which a test that waits has failed: only a broken program ever waits so long."""


def certificate_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder with the good and the bad certificates."""
    folder = factory.mktemp("certificates")
    certificates.make(folder, now=datetime.now(UTC))
    certificates.make_bad(folder, now=datetime.now(UTC))
    return folder


def pair(folder: Path, name: str) -> TlsFiles:
    """The files of one party that trusts our authority."""
    return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")


@dataclass
class Seen:
    """One request as the application saw it."""

    environ: dict[str, Any]
    body: bytes
    problem: str


@dataclass
class Served:
    """A listener whose application notes what it sees and answers with the size of the body."""

    tls: TlsFiles | None = None
    limits: Limits = field(default_factory=Limits)
    threads: int = 2
    host: str = "127.0.0.1"
    port: int = 0
    app: Callable[..., Iterable[bytes]] | None = None
    body_limit: int = 1 << 30
    seen: "queue.Queue[Seen]" = field(default_factory=queue.Queue)
    refusals: "queue.Queue[Refusal]" = field(default_factory=queue.Queue)

    def __enter__(self) -> Self:
        self.listener = Listener(
            self.app or self.note,
            self.host,
            self.port,
            tls=self.tls,
            threads=self.threads,
            on_refused=self.refusals.put,
            limits=self.limits,
        )
        self.listener.start()
        self.address = self.listener.address
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.stop()

    def note(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body, problem = read_body(environ, self.body_limit)
        self.seen.put(Seen(environ, body, problem))
        answer = f"{len(body)} {problem}".encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    def request(self) -> Seen:
        return self.seen.get(timeout=PATIENCE)

    def refused(self, kind: RefusalKind) -> Refusal:
        """The one refusal there is, after the listener has stopped and nothing more can come."""
        refusal = self.refusals.get(timeout=PATIENCE)
        self.listener.stop()
        assert self.refusals.empty(), [refusal, *self.refusals.queue]
        assert refusal.kind == kind, refusal
        assert refusal.reason
        return refusal

    def dial(self) -> socket.socket:
        """A TCP connection that has said nothing."""
        return socket.create_connection(self.address, timeout=PATIENCE)

    def dial_tls(
        self, folder: Path, name: str | None = "client", version: ssl.TLSVersion | None = None, *, strict: bool = False
    ) -> socket.socket:
        """A TLS connection of the party ``name``, or of one without certificate; ``strict`` about how it ends."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(folder / "ca.pem")
        context.set_alpn_protocols(["h2", "http/1.1"])
        if name:
            context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        if version:
            context.minimum_version = context.maximum_version = version
        return context.wrap_socket(self.dial(), server_hostname="localhost", suppress_ragged_eofs=not strict)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def read_answer(sock: socket.socket) -> Answer:
    """One answer with Content-Length or chunks; the connection may go on."""
    response = http.client.HTTPResponse(sock, method="POST")
    try:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())
    finally:
        response.close()


def post(path: str, body: bytes, *headers: str) -> bytes:
    """The octets of a request."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def at_end(sock: socket.socket) -> bool:
    """Whether the other side closes, with or without a farewell."""
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


def still_open(sock: socket.socket) -> bool:
    """Whether nothing has come and nobody has closed."""
    sock.setblocking(False)
    try:
        sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    finally:
        sock.settimeout(PATIENCE)
    return False
