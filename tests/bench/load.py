"""A client that costs little: raw HTTP over kept TLS connections, one thread for each, answers read and not looked into."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.messages import Prepared

PATIENCE = 60.0


def dial(address: tuple[str, int], certificates: Path, name: str = "client") -> ssl.SSLSocket:
    """A TLS connection to ``address`` of the party ``name``, or of one without certificate when that is empty."""
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    if name:
        context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    made = context.wrap_socket(socket.create_connection(address, PATIENCE), server_hostname="localhost")
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


class Connection:
    """One kept connection."""

    def __init__(self, address: tuple[str, int], certificates: Path) -> None:
        self._socket = dial(address, certificates)

    def post(self, start: bytes, rest: memoryview) -> int:
        """Send a request that is ready, and read its answer; the status. ConnectionError when none comes."""
        if len(rest) < 16_384:
            self._socket.sendall(start + bytes(rest))
        else:
            self._socket.sendall(start)
            self._socket.sendall(rest)
        return self._answer()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _answer(self) -> int:
        data = self._more()
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        missing = int(length or b"0") - len(body)
        while missing > 0:
            missing -= len(self._more())
        return int(head[9:12])

    def _more(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionError("the server hung up")
        return data


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of many posts: seconds of each, in no order, and how many did not get 202."""

    seconds: list[float]
    refused: int


class Load:
    """Several connections that post one prepared message under ever new MessageIds."""

    def __init__(self, address: tuple[str, int], certificates: Path, message: Prepared, connections: int) -> None:
        self._message = message
        self._numbers = itertools.count(1)
        self._head = message.head(f"localhost:{address[1]}")
        self._connections = [Connection(address, certificates) for _ in range(connections)]

    def post(self, count: int) -> Posted:
        """Post ``count`` messages over all connections together, as fast as the answers come."""
        left = iter(range(count))
        lock = threading.Lock()
        seconds: list[float] = []
        refused: list[int] = []
        threads = [
            threading.Thread(target=self._work, args=(each, left, lock, seconds, refused)) for each in self._connections
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Posted(seconds, len(refused) + count - len(seconds))

    def close(self) -> None:
        """Hang up everywhere."""
        for each in self._connections:
            each.close()

    def _work(
        self,
        connection: Connection,
        left: Iterator[int],
        lock: threading.Lock,
        seconds: list[float],
        refused: list[int],
    ) -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
                number = next(self._numbers)
            start = self._head + self._message.named(number)
            begun = time.perf_counter()
            status = connection.post(start, self._message.rest)
            seconds.append(time.perf_counter() - begun)
            if status != 202:
                refused.append(status)
