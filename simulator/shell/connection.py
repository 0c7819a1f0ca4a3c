"""One client's connection: TLS handshake, head, body, answer, farewell.

A worker thread never waits for a client for longer than a moment. When nothing more comes, the connection goes back to
the waiting room, which calls a worker again when bytes arrive or a deadline passes. So any number of silent or slow
clients costs memory, which is bounded, but no thread; only the taking of a long answer holds one.
"""

import enum
import logging
import math
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from simulator.shell.body import PROBLEM_KINDS, Budget
from simulator.shell.channel import Channel, ClientLostError
from simulator.shell.refusals import Limits, Refusal, RefusalKind, handshake_refusal
from simulator.shell.request import Request, plain_answer

_log: Final = logging.getLogger(__name__)

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_PIECE: Final = 64 * 1024
_TLS_RECORD: Final = b"\x16"
# Seconds that a worker with nothing else to do stays with a client: the rest of a message is usually on its way, the
# next request often, and two changes of thread are saved.
_PATIENCE: Final = 0.005
# Seconds that we go on reading after our last word, so that the client sees the answer and not a reset (RFC 9112 9.6).
_FAREWELL: Final = 2.0


class Step(enum.Enum):
    """What a worker does with the connection next."""

    ON = enum.auto()
    PARK = enum.auto()
    CLOSE = enum.auto()


class House(Protocol):
    """What a connection needs of the server it belongs to."""

    tls: ssl.SSLContext | None
    limits: Limits
    budget: Budget
    ready: bool

    def report(self, refusal: Refusal) -> None:
        """Tell the owner of a refusal."""

    def forget(self, connection: "Connection") -> None:
        """The connection is closed."""

    def nobody_waits(self) -> bool:
        """Whether no other connection waits for a worker."""


class Connection:
    """What cheroot's workers work on: ``communicate`` once for each visit, then ``close`` or the waiting room."""

    def __init__(self, house: House, sock: socket.socket, peer: tuple[Any, ...]) -> None:
        self.house = house
        self.limits, self.budget = house.limits, house.budget
        self.channel = Channel(sock)
        self.remote_addr, self.remote_port = str(peer[0]), int(peer[1])
        self.peer = f"[{peer[0]}]:{peer[1]}" if ":" in self.remote_addr else f"{peer[0]}:{peer[1]}"
        # cheroot copies it into the environment of each request.
        self.ssl_env: Mapping[str, Any] = {"gp2gp.peer": self.peer, "gp2gp.certificate": b"", "gp2gp.tls": ""}
        # When it stops, cheroot shuts down the socket of a busy connection unless its rfile is closed: that would take
        # the TLS layer away, and the rest of the answer would go out in clear. So to cheroot it always is.
        self.wfile = self.rfile = self
        self.closed = True
        self.requests_seen = 0
        self._refused = False
        self._buffer = bytearray()
        self._searched = 0
        self._request: Request | None = None
        if house.tls:
            self._begin(self._greet, self._late_handshake, self.limits.handshake)
        else:
            self._begin(self._read_head, self._late_head, self.limits.head)

    @property
    def socket(self) -> socket.socket:
        """For the selector; TLS or not."""
        return self.channel.socket

    def communicate(self) -> bool:
        """Go as far as the client's bytes allow. Whether the connection stays open."""
        self._be_patient()
        step = Step.ON
        while step is Step.ON:
            try:
                step = self._overdue() if time.monotonic() >= self.deadline else self._phase()
            except (OSError, ClientLostError) as error:
                _log.debug("connection to %s lost: %s", self.peer, error)
                step = Step.CLOSE
        return step is Step.PARK

    def has_data(self) -> bool:
        """Whether bytes wait here that the selector does not know of."""
        if self._phase == self._leave:
            return False
        return self.channel.pending() or _HEAD_END.search(self._buffer, self._searched) is not None

    def refuse(self, kind: RefusalKind, reason: str) -> None:
        """Report that this client is turned away: the first reason counts, what follows from it does not."""
        if not self._refused:
            self._refused = True
            self.house.report(Refusal(kind, self.peer, reason))

    def hold(self, data: bytes) -> None:
        """Keep ``data`` to be sent together with what is written next."""
        self.channel.held = data

    def flush(self) -> None:
        """Send what is held."""
        self.write(b"")

    def write(self, data: bytes) -> None:
        """Send all of ``data``. ClientLostError when the client does not take it."""
        self.channel.write(data, self.limits.body, lambda: self.house.ready)

    def close(self) -> None:
        """Close the socket; more than once does no harm."""
        self._let_go()
        self.socket.close()
        self.house.forget(self)

    # The phases, in their order. Each returns the next step.

    def _greet(self) -> Step:
        """See who is there before OpenSSL does: who only connects is nobody, plain HTTP gets a plain answer."""
        first = self.channel.peek()
        if first is None:
            return Step.PARK
        if first.isalpha():
            self.refuse("plain-http", "the client speaks plain HTTP to a port for HTTPS")
            return self._turn_away("400 Bad Request", "This port speaks HTTPS only.")
        self._phase = self._shake_hands
        return Step.ON if first else Step.CLOSE

    def _shake_hands(self) -> Step:
        assert self.house.tls is not None
        try:
            if not self.channel.shake_hands(self.house.tls):
                return Step.PARK
        except OSError as error:
            self.refuse(*handshake_refusal(error))
            return self._bow_out()
        self.ssl_env = {
            "wsgi.url_scheme": "https",
            "gp2gp.peer": self.peer,
            "gp2gp.certificate": self.channel.certificate,
            "gp2gp.tls": self.channel.protocol,
        }
        return self._begin(self._read_head, self._late_head, self.limits.head)

    def _read_head(self) -> Step:
        found = _HEAD_END.search(self._buffer, self._searched)
        if found is None and len(self._buffer) <= self.limits.head_bytes:
            return self._receive_head()
        if found is None or found.end() > self.limits.head_bytes:
            self.refuse("long-head", f"the head is over the limit of {self.limits.head_bytes} bytes")
            return self._turn_away("431 Request Header Fields Too Large")
        head = bytes(self._buffer[: found.end()])
        del self._buffer[: found.end()]
        self._searched = 0
        return self._start_request(head)

    def _receive_head(self) -> Step:
        data = self.channel.receive(_PIECE)
        if data is None:
            return Step.PARK
        if not data:
            if self._buffer:
                self.refuse("garbled-head", f"the connection ended after {len(self._buffer)} bytes of a head")
            return Step.CLOSE
        if not self._buffer and self.requests_seen:
            self.deadline = time.monotonic() + self.limits.head
        # From three bytes back: the end of the head may come in two pieces.
        self._searched = max(0, len(self._buffer) - 3)
        self._buffer += data
        if self._buffer.startswith(_TLS_RECORD):
            self.refuse("garbled-head", "the client speaks TLS to a port for plain HTTP")
            return Step.CLOSE
        return Step.ON

    def _start_request(self, head: bytes) -> Step:
        self.requests_seen += 1
        self._request = Request(self.house, self, head)
        self._request.parse_request()
        if not self._request.ready:
            return self._bow_out()
        self._request.body.feed(self._buffer)
        return self._begin(self._read_body, self._late_body, self.limits.body)

    def _read_body(self) -> Step:
        assert self._request is not None
        body = self._request.body
        if body.done:
            return self._judge_body(self._request)
        data = self.channel.receive(body.wanted)
        if data is None:
            return Step.PARK
        if data:
            body.add(data, self._buffer)
        else:
            body.cut_off()
        return Step.ON

    def _judge_body(self, request: Request) -> Step:
        problem = request.body.problem
        if problem:
            self.refuse(PROBLEM_KINDS[problem], request.body.reason)
        if problem == "too-large":
            return self._turn_away("413 Content Too Large")
        if problem == "busy":
            return self._turn_away("503 Service Unavailable")
        # The others are the application's to record and to answer.
        self._answer(request)
        self._let_go()
        if request.close_connection:
            return self._bow_out()
        # The next request may have begun to arrive already.
        step = self._begin(self._read_head, self._late_head, self.limits.head if self._buffer else self.limits.idle)
        return step if self._be_patient() else Step.PARK

    def _answer(self, request: Request) -> None:
        self.deadline = math.inf
        try:
            request.respond()
        except ClientLostError:
            raise
        except Exception:  # noqa: BLE001 (whatever it is, the client gets an answer and the log the reason)
            _log.exception("the application failed")
            request.close_connection = True
            if self.channel.held or not request.sent_headers:
                self.channel.held = b""
                request.simple_response("500 Internal Server Error")

    def _leave(self) -> Step:
        """Read and drop until the client has gone."""
        data = self.channel.drop()
        if data is None:
            return Step.PARK
        return Step.ON if data else Step.CLOSE

    # What becomes of a phase whose deadline passes.

    def _late_handshake(self) -> Step:
        self.refuse("handshake-timeout", f"no TLS handshake within {self.limits.handshake:g} s")
        return Step.CLOSE

    def _late_head(self) -> Step:
        if self.requests_seen and not self._buffer:
            return self._bow_out()
        self.refuse("head-timeout", f"no complete head within {self.limits.head:g} s")
        return self._turn_away("408 Request Timeout")

    def _late_body(self) -> Step:
        assert self._request is not None
        if not self._request.body.done:
            self._request.body.end("slow", f"no complete body within {self.limits.body:g} s")
        return self._judge_body(self._request)

    def _late_farewell(self) -> Step:
        return Step.CLOSE

    def _begin(self, phase: Callable[[], Step], overdue: Callable[[], Step], seconds: float) -> Step:
        self._phase, self._overdue, self.deadline = phase, overdue, time.monotonic() + seconds
        return Step.ON

    def _be_patient(self) -> bool:
        patient = self.house.nobody_waits()
        self.channel.patience_ends = time.monotonic() + _PATIENCE if patient else 0.0
        return patient

    def _turn_away(self, status: str, text: str = "") -> Step:
        self.write(plain_answer(status, text))
        return self._bow_out()

    def _bow_out(self) -> Step:
        self._let_go()
        self._buffer.clear()
        self.channel.finish()
        return self._begin(self._leave, self._late_farewell, _FAREWELL)

    def _let_go(self) -> None:
        if self._request:
            self._request.body.release()
            self._request = None
