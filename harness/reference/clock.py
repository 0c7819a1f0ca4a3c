"""The practice's own clock and source of ids: both can be steered, so that nothing else asks the machine."""

from __future__ import annotations

import hashlib
import hmac
import threading
import uuid
from datetime import UTC, datetime


class Clock:
    """The time as this practice sees it, in UTC. Set, it stands still until it is set again or let go."""

    def __init__(self) -> None:
        self._set: datetime | None = None

    def now(self) -> datetime:
        """The present moment."""
        return self._set or datetime.now(UTC)

    def set(self, moment: datetime | None) -> None:
        """Stand at ``moment`` (any zone), or follow the machine again for ``None``."""
        self._set = None if moment is None else moment.astimezone(UTC)

    @property
    def standing(self) -> bool:
        """Whether the clock was set: then no timer falls due by waiting."""
        return self._set is not None


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
