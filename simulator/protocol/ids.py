"""Identifiers and times as values: nothing here reads a clock or draws at random."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime


class Mint:
    """Makes the ids of one case from its key, so that the same run makes the same ids whatever else runs beside it.

    The key is HMAC(seed, run number, case), made by whoever opens the case; the id is HMAC(key, purpose, n).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._drawn: Counter[str] = Counter()

    def uuid(self, purpose: str) -> str:
        """The next UUID for ``purpose``: upper case, version-4 form (GP2GP ids are upper case on the wire)."""
        self._drawn[purpose] += 1
        text = f"{purpose}\x00{self._drawn[purpose]}".encode()
        digits = hmac.new(self._key, text, hashlib.sha256).hexdigest().upper()
        variant = "89AB"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def stamp(at: datetime) -> str:
    """A time for the ledger: UTC, ISO 8601, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
