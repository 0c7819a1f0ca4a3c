"""How a message is made odd or wrong after the strict writers: what a variant is, and the patches it is made of.

A patch changes octets and nothing else, and raises where it finds nothing to change: a variant that changes nothing would
prove nothing. The tables of variants are in ``odd_envelopes``, ``odd_messages`` and ``odd_documents``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator.wire import names
from simulator.wire.writers.package import Outgoing

Patch = Callable[[Outgoing], Outgoing]
PartPatch = Callable[[bytes, bytes], tuple[bytes, bytes]]
"""Header lines and data of a part (CRLF between lines, none at the end) to what they become."""

_DELIMITER = b"\r\n--" + names.BOUNDARY.encode()


class Sort(StrEnum):
    """What the receiver must do: cope with it, refuse it in its answer, or refuse it on the transport already."""

    ODD = "odd"
    WRONG = "wrong"
    UNTAKEABLE = "untakeable"


ODD, WRONG, UNTAKEABLE = Sort.ODD, Sort.WRONG, Sort.UNTAKEABLE


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant. ``why`` says where it was seen or which clause it breaks; it is what reports print."""

    sort: Sort
    why: str
    apply: Patch


def literal(old: bytes, new: bytes, count: int = 1) -> Patch:
    """Replace ``old`` by ``new``, ``count`` times (-1: everywhere)."""

    def patch(out: Outgoing) -> Outgoing:
        if old not in out.body:
            raise ValueError(f"the variant finds no {old!r} to change")
        return replace(out, body=out.body.replace(old, new, count))

    return patch


def pattern(regex: bytes, new: bytes | Callable[[re.Match[bytes]], bytes], count: int = 1) -> Patch:
    """Replace what ``regex`` matches, ``count`` times (0: everywhere)."""

    def patch(out: Outgoing) -> Outgoing:
        body, changed = re.subn(regex, new, out.body, count=count, flags=re.DOTALL)
        if not changed:
            raise ValueError(f"the variant finds no {regex!r} to change")
        return replace(out, body=body)

    return patch


def both(*patches: Patch) -> Patch:
    """One patch after the other."""

    def patch(out: Outgoing) -> Outgoing:
        for each in patches:
            out = each(out)
        return out

    return patch


def only(marker: bytes, patch: Patch) -> Patch:
    """A patch for messages that hold ``marker`` alone: their wrappers are alike, and a variant is about one of them."""

    def guarded(out: Outgoing) -> Outgoing:
        if marker not in out.body:
            raise ValueError(f"the variant is for messages with {marker!r}")
        return patch(out)

    return guarded


def part(number: int, change: PartPatch) -> Patch:
    """Change one part of the package: 0 the envelope, 1 the payload, from 2 (or -1, the last) the attachments."""

    def patch(out: Outgoing) -> Outgoing:
        pieces = out.body.split(_DELIMITER)
        parts = len(pieces) - 1
        if not -parts <= number < parts or (number < 0 and parts < 3):
            raise ValueError("the variant finds no such part to change")
        at = number if number >= 0 else parts + number
        head, _, data = pieces[at].partition(b"\r\n\r\n")
        head, data = change(head, data)
        pieces[at] = head + b"\r\n\r\n" + data
        return replace(out, body=_DELIMITER.join(pieces))

    return patch


def without_last_part(out: Outgoing) -> Outgoing:
    """Cut the last attachment's part out and leave its manifest entry."""
    pieces = out.body.split(_DELIMITER)
    if len(pieces) < 4:
        raise ValueError("the variant needs an attachment to leave out")
    return replace(out, body=_DELIMITER.join([*pieces[:-2], pieces[-1]]))
