"""The practice's own clock and source of ids: both can be steered, so that nothing else asks the machine."""

from __future__ import annotations

import hashlib
import hmac
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _machine() -> datetime:
    return datetime.now(UTC)


class Clock:
    """The time as this practice sees it, in UTC, case by case: a case's clock goes like the machine's, and may be ahead of it."""

    def __init__(self, machine: Callable[[], datetime] = _machine) -> None:
        self._machine = machine
        self._ahead: dict[str, timedelta] = {}

    def now(self, case: str = "") -> datetime:
        """The present moment of a case."""
        return self._machine() + self.ahead(case)

    def ahead(self, case: str) -> timedelta:
        """How far a case's clock is ahead of the machine's."""
        return self._ahead.get(case, timedelta())

    def set(self, case: str, moment: datetime | None) -> timedelta:
        """Put a case's clock to ``moment`` (any zone), from which it goes on, or back to the machine's for ``None``.

        By how much it was moved.
        """
        before = self.ahead(case)
        self._ahead[case] = moment - self._machine() if moment else timedelta()
        return self._ahead[case] - before


class Ids:
    """New ids for a case: upper-case UUIDs derived from the seed, the case and a running number.

    The number goes on after a reset, so that an id is never given twice by one process.
    """

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def new(self, case: str) -> str:
        """The next id of ``case``."""
        with self._lock:
            number = self._used[case] = self._used.get(case, 0) + 1
        digest = hmac.digest(self._key, f"{case}\0{number}".encode(), hashlib.sha256)
        return str(uuid.UUID(bytes=digest[:16], version=4)).upper()
