"""The time of a case: entries are stamped by Spine's clock, and a script may have moved that of its case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from simulator.ledger import Entry
from simulator.wire.times import instant


def in_case_time(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a case, in order, with the times that the clock of the case showed."""
    ahead = timedelta()
    for entry in entries:
        if entry.kind == "clock.moved":
            ahead = timedelta(seconds=float(entry.data["ahead_seconds"]))
        yield replace(entry, at=_stamp(moment(entry) + ahead)) if ahead else entry


def moment(entry: Entry) -> datetime:
    """When an entry was written, UTC."""
    at = instant(entry.at)
    assert at is not None, "the ledger writes times that can be read"
    return at


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
