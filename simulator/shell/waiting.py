"""Where connections wait for bytes or for their deadline: one thread, one selector, any number of clients."""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from simulator.shell.connection import Connection

_log: Final = logging.getLogger(__name__)

# Seconds between two looks at the deadlines; by so much they may be passed.
_TICK: Final = 0.25


class WaitingRoom:
    """Accepts connections and keeps the idle ones. Only its own thread touches the selector."""

    def __init__(
        self,
        listening: socket.socket,
        on_accepted: Callable[[socket.socket, tuple[object, ...]], None],
        on_ready: Callable[[Connection], None],
    ) -> None:
        self._listening = listening
        self._on_accepted = on_accepted
        self._on_ready = on_ready
        self._entering: deque[Connection] = deque()
        self._stopping = threading.Event()
        self._bell, self._button = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for sock in (listening, self._bell, self._button):
            sock.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)

    def put(self, connection: Connection) -> None:
        """Let a connection wait. From any thread."""
        self._entering.append(connection)
        self._ring()

    def stop(self) -> None:
        """Make ``run`` return soon. From any thread."""
        self._stopping.set()
        self._ring()

    def close(self) -> None:
        """Close whoever still waits. Once, after ``run`` has ended."""
        for connection in [*self._waiting(), *self._entering]:
            connection.close()
        self._selector.close()
        self._bell.close()
        self._button.close()

    def run(self) -> None:
        """Accept and wake until ``stop``."""
        next_look = time.monotonic() + _TICK
        while not self._stopping.is_set():
            for key, _ in self._selector.select(_TICK):
                self._attend(key)
            while self._entering:
                self._admit(self._entering.popleft())
            if time.monotonic() >= next_look:
                self._wake_overdue()
                next_look = time.monotonic() + _TICK

    def _attend(self, key: selectors.SelectorKey) -> None:
        if isinstance(key.data, Connection):
            self._wake(key.data)
        elif key.fileobj is self._bell:
            with suppress(BlockingIOError):
                self._bell.recv(4096)
        else:
            self._accept()

    def _accept(self) -> None:
        try:
            sock, peer = self._listening.accept()
        except BlockingIOError:
            return
        except OSError as error:
            # Out of descriptors, most likely. Not to spin, wait for some to be closed.
            _log.warning("a connection cannot be accepted: %s", error)
            self._stopping.wait(_TICK)
            return
        self._on_accepted(sock, peer)

    def _admit(self, connection: Connection) -> None:
        if connection.has_data():
            self._on_ready(connection)
        else:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _wake(self, connection: Connection) -> None:
        self._selector.unregister(connection.socket)
        self._on_ready(connection)

    def _wake_overdue(self) -> None:
        now = time.monotonic()
        for connection in self._waiting():
            if connection.deadline <= now:
                self._wake(connection)

    def _waiting(self) -> list[Connection]:
        return [key.data for key in self._selector.get_map().values() if isinstance(key.data, Connection)]

    def _ring(self) -> None:
        # A full pipe rings all the same; a closed one has nobody to wake.
        with suppress(OSError):
            self._button.send(b"\0")
