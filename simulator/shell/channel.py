"""A client's socket, plain or TLS, that never waits for longer than it is told."""

import logging
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from urllib3.util.wait import wait_for_read, wait_for_write

_log: Final = logging.getLogger(__name__)

_PIECE: Final = 64 * 1024
_RECORD: Final = 16 * 1024
_WOULD_BLOCK: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class ClientLostError(Exception):
    """The client does not take our answer. No OSError, so that an application's own failure is not taken for it."""


class Channel:
    """Reads, writes and farewells.

    ``patience_ends`` (monotonic seconds) is until when reading may wait; ``held`` is sent together with what is written
    next.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self.secure = False
        self.certificate = b""
        self.protocol = ""
        self.patience_ends = 0.0
        self.held = b""

    def peek(self) -> bytes | None:
        """The first byte, left where it is; b"" when the client has gone, None when nothing has come."""
        try:
            return self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return None

    def shake_hands(self, context: ssl.SSLContext) -> bool:
        """Go on with the TLS handshake. Whether it is finished; OSError when it failed."""
        if not isinstance(self.socket, ssl.SSLSocket):
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        while True:
            try:
                self.socket.do_handshake()
                break
            except ssl.SSLWantReadError:
                if not self._wait():
                    return False
            except ssl.SSLWantWriteError:
                if not wait_for_write(self.socket, max(0.0, self.patience_ends - time.monotonic())):
                    raise ConnectionAbortedError("the client takes nothing") from None
        self.secure = True
        self.certificate = self.socket.getpeercert(binary_form=True) or b""
        self.protocol = self.socket.version() or ""
        return True

    def receive(self, most: int) -> bytes | None:
        """At most ``most`` bytes; b"" when the client has gone; None when nothing comes in time."""
        if self.secure:
            # OpenSSL gives one record at a time, and space for more would be asked for in vain.
            most = min(most, _RECORD)
        while True:
            try:
                return self.socket.recv(most)
            except _WOULD_BLOCK:
                if not self._wait():
                    return None
            except OSError as error:
                _log.debug("connection lost: %s", error)
                return b""

    def pending(self) -> bool:
        """Whether bytes have been decrypted already: the selector would not tell."""
        return self.secure and isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def write(self, data: bytes, seconds: float, goes_on: Callable[[], bool]) -> None:
        """Send all of ``data``. ClientLostError when it is not taken in ``seconds`` or no longer ``goes_on``."""
        if self.held:
            data, self.held = self.held + data, b""
        deadline = time.monotonic() + seconds
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self.socket.send(rest) :]
            except _WOULD_BLOCK:
                # In short stretches: a server that stops does not wait for a client who does not read.
                if not wait_for_write(self.socket, 0.5) and (time.monotonic() > deadline or not goes_on()):
                    raise ClientLostError("the client does not take the answer") from None
            except OSError as error:
                raise ClientLostError(str(error)) from error

    def finish(self) -> None:
        """Tell the client that nothing more comes from us. OSError when it has gone already."""
        if self.secure and isinstance(self.socket, ssl.SSLSocket):
            with suppress(OSError):
                self.socket.unwrap()
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def drop(self) -> bytes | None:
        """As ``receive``, at once and below TLS: for what nobody wants to read any more."""
        try:
            return socket.socket.recv(self.socket, _PIECE)
        except BlockingIOError:
            return None

    def _wait(self) -> bool:
        left = self.patience_ends - time.monotonic()
        return left > 0 and wait_for_read(self.socket, left)
