"""Sockets whose every wait ends at one deadline, however little arrives however often.

A socket's own timeout starts anew with every read: a server that sends a byte a second would hold us for ever.
"""

import contextvars
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_deadline: Final = contextvars.ContextVar("deadline", default=0.0)


@contextmanager
def deadline(at: float) -> Iterator[None]:
    """What this thread does inside must be over ``at`` (monotonic seconds); TimeoutError where it waits for longer."""
    token = _deadline.set(at)
    try:
        yield
    finally:
        _deadline.reset(token)


class DeadlineSocket(socket.socket):
    """Every wait ends at the deadline."""

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(_seconds_left())
        return super().recv_into(buffer, nbytes, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.settimeout(_seconds_left())
        super().sendall(data, flags)


class DeadlineTlsSocket(ssl.SSLSocket):
    """Every wait ends at the deadline."""

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(_seconds_left())
        super().do_handshake(block)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(_seconds_left())
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(_seconds_left())
        return super().send(data, flags)


def _seconds_left() -> float:
    # A timeout of 0 would mean something else: do not wait at all.
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time allowed is over")
    return left
