"""What slow clients cost the others: seconds of 200 posts with and without two of them at Spine's door.

``python -m tests.bench.slow``. One client connects and says nothing, one sends a byte of its request a second.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from simulator.shell import certificates
from tests.bench.load import PATIENCE, Load, dial
from tests.bench.messages import prepare
from tests.bench.processes import spine

POSTS = 200


def main() -> None:
    """Measure and print both rows."""
    with tempfile.TemporaryDirectory(prefix="gp2gp-bench-") as scratch, ExitStack() as stack:
        made = Path(scratch) / "certificates"
        certificates.make(made, now=datetime.now(UTC))
        door = stack.enter_context(spine(Path(scratch), made))
        load = Load(("127.0.0.1", door.port), made, prepare(5_000), connections=1)
        stack.callback(load.close)
        load.post(20)
        print(f"{POSTS} posts of 5 kB, one after the other: milliseconds until the answer")
        print(f"{'':34} {'median':>8} {'p95':>8}")
        print(_row("alone", load.post(POSTS).seconds))
        with slow_clients(door.port, made):
            print(_row("beside a silent and a dripping one", load.post(POSTS).seconds))


@contextmanager
def slow_clients(port: int, made: Path) -> Iterator[None]:
    """The two, until the end of the block."""
    over = threading.Event()
    with socket.create_connection(("127.0.0.1", port), PATIENCE), dial(("127.0.0.1", port), made) as dripping:
        dripping.sendall(b"POST / HTTP/1.1\r\nX-Long: ")
        thread = threading.Thread(target=_drip, args=(dripping, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _drip(client: socket.socket, over: threading.Event) -> None:
    while not over.wait(1.0):
        client.sendall(b"x")


def _row(label: str, seconds: list[float]) -> str:
    return f"{label:34} {median(seconds) * 1_000:8.1f} {quantiles(seconds, n=20)[-1] * 1_000:8.1f}"


if __name__ == "__main__":
    main()
