"""Octets that come slowly on purpose: long enough to be noticed, short enough for every patience."""

from __future__ import annotations

import time
from collections.abc import Iterator

PIECES, PAUSE = 10, 0.05  # half a second in all


def drips(data: bytes) -> Iterator[bytes]:
    """``data`` in pieces, with a pause before each."""
    size = max(1, -(-len(data) // PIECES))
    for start in range(0, len(data), size):
        time.sleep(PAUSE)
        yield data[start : start + size]


def broken_off(data: bytes) -> Iterator[bytes]:
    """The first half of ``data``, and then the end of the connection. :raises ConnectionResetError: there."""
    yield data[: len(data) // 2]
    raise ConnectionResetError("broken off on purpose")
