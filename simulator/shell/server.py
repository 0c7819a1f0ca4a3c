"""The HTTPS listener: a WSGI server with mutual TLS that starts and stops in-process and reports whom it refused.

cheroot gives the worker threads, the reading of request lines and the running of the application; connections are ours
(``connection``), so that handshakes happen off the accepting thread, deadlines hold for whole steps, and the bytes of
a request's head are kept. In the WSGI environment: ``gp2gp.head`` (bytes as received), ``gp2gp.peer`` ("ip:port"),
``gp2gp.certificate`` (the client's, DER, or b"") and ``gp2gp.tls`` (protocol version, or "").
"""

import errno
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from cheroot import wsgi

from simulator.shell.body import BodyProblem, Budget, read_body
from simulator.shell.connection import Connection
from simulator.shell.refusals import Limits, Refusal, RefusalKind
from simulator.shell.request import Gateway
from simulator.shell.tls import TlsFiles, server_context
from simulator.shell.waiting import WaitingRoom

__all__ = ["BodyProblem", "Limits", "Listener", "PortInUse", "Refusal", "RefusalKind", "TlsFiles", "read_body"]

_log: Final = logging.getLogger(__name__)

_BACKLOG: Final = 128
# A restart need not wait until the old connections are forgotten. Two servers can listen only on Windows so.
_REUSE: Final = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


class PortInUse(Exception):
    """The address cannot be listened on; the message is one sentence for the user."""


class Server(wsgi.Server):
    """cheroot's server with our waiting room in the place of its connection manager."""

    def __init__(
        self,
        app: Callable[..., Any],
        listening: socket.socket,
        tls: ssl.SSLContext | None,
        threads: int,
        limits: Limits,
        on_refused: Callable[[Refusal], None],
    ) -> None:
        address = listening.getsockname()[:2]
        super().__init__(address, app, numthreads=threads, server_name=address[0])
        self.tls = tls
        self.limits = limits
        self.budget = Budget(limits.held_bytes)
        self.gateway = Gateway
        self.software = ""
        self._on_refused = on_refused
        self._listening = listening
        self._room = WaitingRoom(listening, self._welcome, self.process_conn)
        self._thread = threading.Thread(target=self._room.run, name=f"listener {address[1]}", daemon=True)
        self._stopped = False
        self._open: set[Connection] = set()
        self._open_lock = threading.Lock()

    def start(self) -> None:
        """Start the threads and return; the socket already listens."""
        self.requests.start()
        self.ready = True
        self._thread.start()

    def stop(self) -> None:
        """Close everything and wait for the requests that are being answered."""
        if self._stopped:
            return
        self._stopped, self.ready = True, False
        self._room.stop()
        if self._thread.ident is not None:
            self._thread.join()
        self._listening.close()
        self._room.close()
        self.requests.stop(self.shutdown_timeout)
        # A worker may have brought one back when the room was closed already.
        for connection in list(self._open):
            connection.close()

    def process_conn(self, conn: Connection) -> None:
        """Have a worker visit the connection."""
        self.requests.put(conn)

    def put_conn(self, conn: Connection) -> None:
        """Take the connection back from a worker."""
        if self.ready:
            self._room.put(conn)
        else:
            conn.close()

    def nobody_waits(self) -> bool:
        """Whether no connection waits for a worker."""
        return bool(self.requests.qsize == 0)

    def report(self, refusal: Refusal) -> None:
        """Tell the owner; his failure must not stop the listener."""
        try:
            self._on_refused(refusal)
        except Exception:  # noqa: BLE001 (whatever it is, the log has it)
            _log.exception("a refusal could not be recorded: %s", refusal)

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        with self._open_lock:
            self._open.discard(connection)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """As cheroot calls it, into our log."""
        _log.log(level, "%s", msg, exc_info=traceback)

    def _welcome(self, sock: socket.socket, peer: tuple[object, ...]) -> None:
        try:
            connection = Connection(self, sock, peer)
        except OSError:
            sock.close()
            return
        with self._open_lock:
            self._open.add(connection)
            crowded = len(self._open) > self.limits.connections
        if crowded:
            connection.refuse("busy", f"over {self.limits.connections} connections are open")
            connection.close()
        else:
            self._room.put(connection)


class Listener:
    """An application served at one address.

    ``port`` 0 takes a free one; ``tls`` None speaks plain HTTP. ``on_refused`` is called from several threads, must be
    quick, and hears of each connection once at most. Bound when constructed: PortInUse, one sentence, when the address
    is taken or not ours; CertificateTrouble when the files of ``tls`` cannot be used.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        host: str,
        port: int,
        *,
        tls: TlsFiles | None,
        threads: int = 16,
        on_refused: Callable[[Refusal], None],
        limits: Limits | None = None,
    ) -> None:
        context = server_context(tls) if tls else None
        listening = _bind(host, port)
        name = listening.getsockname()
        self.address: tuple[str, int] = (name[0], name[1])
        self._server = Server(app, listening, context, threads, limits or Limits(), on_refused)

    def start(self) -> None:
        """Begin to answer. Once only."""
        self._server.start()

    def stop(self) -> None:
        """Release the port, drop waiting clients, finish the answers under way. More than once does no harm."""
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _bind(host: str, port: int) -> socket.socket:
    family, _, _, _, address = _resolve(host, port)
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if port and os.name == "posix":
            listening.setsockopt(*_REUSE)
        listening.bind(address)
        if not port and os.name == "posix":
            # Only now, or the system might choose a port that somebody else has bound the same way.
            listening.setsockopt(*_REUSE)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        why = "another program listens there" if taken else (error.strerror or str(error))
        raise PortInUse(f"Cannot listen on {host} port {port}: {why}.") from error
    return listening


def _resolve(host: str, port: int) -> tuple[Any, ...]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise PortInUse(f"Cannot listen on {host} port {port}: the host name is not known.") from error
