"""One HTTP request, read from its head; and its answer. cheroot reads the request line and runs the application."""

import email.utils
import functools
import io
import re
import time
from typing import Any, Final, Protocol, cast

from cheroot.server import HTTPRequest
from cheroot.wsgi import Gateway_10

from simulator.shell.body import Body, Budget
from simulator.shell.refusals import Limits, RefusalKind

_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


class Carrier(Protocol):
    """What a request needs of its connection."""

    limits: Limits
    budget: Budget

    def refuse(self, kind: RefusalKind, reason: str) -> None:
        """Report a refusal."""

    def write(self, data: bytes) -> None:
        """Send now."""

    def hold(self, data: bytes) -> None:
        """Send together with what is written next."""

    def flush(self) -> None:
        """Send what is held."""


class Request(HTTPRequest):
    """A request whose head (request line and headers up to the empty line, as received) is complete."""

    def __init__(self, server: object, conn: Carrier, head: bytes) -> None:
        super().__init__(server, conn)
        self.head = head
        self.body = Body(0, 0, conn.budget, conn.refuse)
        self.method = b""
        self._connection = conn
        self._parsing = True

    def parse_request(self) -> None:
        """Read the head; ``ready`` tells whether there is a request to answer, else it has been refused."""
        self.rfile = io.BytesIO(self.head)
        try:
            started = bool(self.read_request_line())  # type: ignore[no-untyped-call]
            self.ready = started and self.read_request_headers()
        except ValueError as error:
            # urlsplit, which cheroot calls, refuses some targets so ("//[").
            self.simple_response("400 Bad Request", str(error))
        self._parsing = False

    def read_request_headers(self) -> bool:
        """Read the headers, and from them how the body is framed."""
        try:
            fields = _fields(self.rfile.read())
            for name, value in fields:
                self._keep(name.title(), value)
            length = self._framing()
        except ValueError as error:
            self.simple_response("400 Bad Request", str(error))
            return False
        tokens = _tokens(self.inheaders.get(b"Connection", b""))
        if self.response_protocol == "HTTP/1.1":
            self.close_connection |= b"close" in tokens
        else:
            self.close_connection |= b"keep-alive" not in tokens
        self.body = Body(length, self._connection.limits.body_bytes, self._connection.budget, self._connection.refuse)
        self.chunked_read = length is None
        self.rfile = self.body
        if not self.body.done and b"100-continue" in _tokens(self.inheaders.get(b"Expect", b"")):
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def respond(self) -> None:
        """Call the application and send its answer."""
        self.server.gateway(self).respond()
        self.ensure_headers_sent()
        if self.chunked_write:
            self._connection.write(b"0\r\n\r\n")
        self._connection.flush()

    def send_headers(self) -> None:
        """Send the head of the answer, together with the first bytes of its body."""
        names = {name.lower() for name, _ in self.outheaders}
        status = int(self.status[:3])
        old = self.response_protocol != "HTTP/1.1"
        if b"content-length" not in names and status >= 200 and status not in {204, 205, 304}:
            self.chunked_write = not old and self.method != b"HEAD"
            if self.chunked_write:
                self.outheaders.append((b"Transfer-Encoding", b"chunked"))
            else:
                self.close_connection = True
        if status == 413 or self.body.problem or not self.server.ready:
            self.close_connection = True
        if b"connection" not in names and (self.close_connection or old):
            self.outheaders.append((b"Connection", b"close" if self.close_connection else b"keep-alive"))
        if b"date" not in names:
            self.outheaders.append((b"Date", _date(int(time.time()))))
        lines = [b"HTTP/1.1 ", _bytes(self.status), b"\r\n"]
        for name, value in self.outheaders:
            lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n")
        self._connection.hold(b"".join(lines))

    def simple_response(self, status: str, msg: str = "") -> None:
        """Answer ourselves, and close. During the reading of the head this is a refusal."""
        if self._parsing:
            self._connection.refuse("garbled-head", msg or status)
        self.close_connection = self.sent_headers = True
        self._connection.write(plain_answer(status, msg))

    def _keep(self, name: bytes, value: bytes) -> None:
        # In the WSGI environment "A_B" and "A-B" are one name: the former could stand in for the latter.
        if b"_" in name:
            return
        # RFC 9110 5.3: repeated fields may be joined. What was really sent is in the head.
        known = self.inheaders.get(name)
        self.inheaders[name] = value if known is None else known + b", " + value

    def _framing(self) -> int | None:
        """Length of the body in bytes, None when it is chunked (RFC 9112 6). ValueError when it cannot be told."""
        lengths = {part.strip() for part in self.inheaders.get(b"Content-Length", b"0").split(b",")}
        length = lengths.pop()
        if lengths or not _LENGTH.fullmatch(length):
            raise ValueError("Content-Length is not one number.")
        coding = self.inheaders.get(b"Transfer-Encoding")
        if coding is None:
            if b"Content-Length" in self.inheaders:
                self.inheaders[b"Content-Length"] = length
            return int(length)
        if coding.strip().lower() != b"chunked" or self.response_protocol != "HTTP/1.1":
            raise ValueError("The transfer coding is not understood; only chunked is.")
        # RFC 9112 6.1: with both, the coding counts and the connection must not be used again.
        self.close_connection = self.inheaders.pop(b"Content-Length", None) is not None
        return None


class Gateway(Gateway_10):
    """Adds to the WSGI environment what a ledger needs and WSGI loses."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # its stub says None
        """gp2gp.head, gp2gp.peer, gp2gp.certificate (DER) and gp2gp.tls beside the usual entries."""
        environ = cast("dict[str, Any]", super().get_environ())  # type: ignore[no-untyped-call]
        environ["gp2gp.head"] = self.req.head
        # Our body ends by itself, chunked or not.
        environ["wsgi.input_terminated"] = True
        return environ


def plain_answer(status: str, text: str = "") -> bytes:
    """A whole answer after which the connection closes. ``status`` is code and phrase."""
    content = (text or status).encode("utf-8", "replace") + b"\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(content)}\r\n"
    return head.encode("latin-1") + b"Connection: close\r\n\r\n" + content


def _fields(lines: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of a header section; ValueError, one sentence, when it is none."""
    fields: list[tuple[bytes, bytes]] = []
    for line in lines.removesuffix(b"\r\n\r\n").removesuffix(b"\r\n").split(b"\r\n"):
        if not line:
            continue
        if b"\n" in line or b"\r" in line or b"\0" in line:
            raise ValueError("A header line does not end with CRLF.")
        name, colon, value = line.partition(b":")
        if line[:1] in b" \t" and fields:
            # RFC 9112 5.2: a folded line. Old message handlers fold Content-Type.
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + line.strip())
        elif colon and _TOKEN.fullmatch(name):
            fields.append((name, value.strip()))
        else:
            raise ValueError("A header line has no proper name.")
    return fields


def _tokens(value: bytes) -> set[bytes]:
    return {part.strip().lower() for part in value.split(b",")}


def _bytes(status: str | bytes) -> bytes:
    return status if isinstance(status, bytes) else status.encode("latin-1")


@functools.lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    # Kept for its second: writing it costs more than the rest of a small answer's head.
    return email.utils.formatdate(second, usegmt=True).encode("ascii")
