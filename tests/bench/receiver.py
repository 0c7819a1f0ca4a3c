"""A receiver that costs little: our listener, and an application that answers every delivery with an Acknowledgment.

``python -m tests.bench.receiver CERTIFICATES [--empty]`` prints its port. A number on standard input is answered by a line
as soon as so many messages have come in all; it ends when standard input closes. ``--empty`` answers 202 and does nothing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from simulator.shell.server import Listener, TlsFiles, read_body
from simulator.wire import names
from simulator.wire.writers import ebxml
from tests.bench.messages import RECEIVER, SENDER

LARGEST = 64 * 1024 * 1024
_REF, _OWN = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
_MARK = b"<eb:MessageId>"
# One Acknowledgment, and the place in it for what it acknowledges.
_ACK = ebxml.acknowledgment(
    from_party=RECEIVER["party_key"],
    to_party=SENDER["party_key"],
    cpa_id="S9000000A9000000",
    conversation_id="11111111-1111-4111-8111-111111111111",
    message_id=_OWN,
    ref_to_message_id=_REF,
    received_timestamp="2026-01-05T10:15:00Z",
    now="2026-01-05T10:15:01Z",
).split(_REF.encode())
_HEADERS = [("Content-Type", "text/xml"), ("SOAPAction", names.SIGNAL_SOAP_ACTION)]


class Counter:
    """How many messages have come."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def add(self) -> None:
        """One more."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, count: int) -> None:
        """Wait until there are ``count``."""
        with self._changed:
            self._changed.wait_for(lambda: self._count >= count)


def application(counter: Counter, empty: bool) -> Callable[..., Iterable[bytes]]:
    """The WSGI application."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body, _ = read_body(environ, LARGEST)
        counter.add()
        answer = b"" if empty else acknowledgment(body)
        start_response("202 Accepted" if empty else "200 OK", [*_HEADERS, ("Content-Length", str(len(answer)))])
        return [answer]

    return app


def acknowledgment(body: bytes) -> bytes:
    """The Acknowledgment of the message in ``body``; who speaks in it is always the same, and Spine does not mind."""
    begin = body.index(_MARK) + len(_MARK)
    return body[begin : begin + 36].join(_ACK)


def main(certificates: Path, empty: bool) -> None:
    """Serve until standard input closes."""
    counter = Counter()
    files = TlsFiles(certificates / "ca.pem", certificates / "sut.pem", certificates / "sut.key")
    with Listener(application(counter, empty), "127.0.0.1", 0, tls=files, on_refused=lambda refusal: None) as listener:
        print(listener.address[1], flush=True)
        for line in sys.stdin:
            counter.wait(int(line))
            print("there", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--empty" in sys.argv)
