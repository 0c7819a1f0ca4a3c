"""The ways in which the practice can be made to misbehave, one at a time (rows in ``fixtures/mutations.toml``).

A mutation is either a patch of an outgoing message, or a behaviour: a name that the practice's code looks up at as few
places as it can (``scope.flag(...)``). ``BEHAVIOURS`` lists those names with the values they take; a row with another
is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from fixtures.examples import examples
from harness.reference.codes import TEXTS
from harness.reference.patches import Context, Patch, Wire, apply

ROLES = frozenset({"requester", "sender", "both"})
TARGETS = frozenset({"any", "request", "extract", "ack-request", "final-ack", "transport-ack"})

BEHAVIOURS: dict[str, frozenset[str]] = {
    # transport
    "transport-ack": frozenset({"none", "server-error"}),
    "dedup": frozenset({"off"}),
    "certificate": frozenset({"needless"}),
    "wrong-party": frozenset({"processed"}),
    "ack-again": frozenset({"anew"}),
    "retry": frozenset({"never", "early", "once-more", "new-id", "new-time", "at-once", "after-refusal"}),
    "address": frozenset({"third-practice"}),
    "ack-an-ack": frozenset({"on"}),
    # requester
    "request": frozenset({"twice", "despite-two-results", "same-conversation", "new-patients-only"}),
    "index": frozenset({"forgotten"}),
    "early-extract": frozenset({"refused"}),
    "underscore": frozenset({"literal"}),
    "unsolicited": frozenset({"accepted"}),
    "second-extract": frozenset({"accepted"}),
    "malformed": frozenset({"accepted"}),
    "other-patient": frozenset({"accepted"}),
    "missing-part": frozenset({"accepted"}),
    "final-ack": frozenset({"none", "twice", "before-decision", "positive", "then-positive"}),
    "decompress": frozenset({"off"}),
    "lookup": frozenset({"preset", "any-contract"}),
    "refused-request": frozenset({"asked-again"}),
    "filed": frozenset({"truncated", "unnamed"}),
    "continue": frozenset({"needless"}),
    "shown-state": frozenset({"stale"}),
    # sender
    "second-request": frozenset({"answered", "ignored"}),
    "pds": frozenset({"skipped"}),
    "disabled": frozenset({"ignored", "postponed"}),
    "ack-request": frozenset({"none", "first", "twice", "despite-refusal"}),
    "refusal": frozenset({"silent", "extract-too"}),
    "after-spine-refusal": frozenset({"silent", "told-again"}),
    "refused-extract": frozenset({"request-refused", "sent-twice"}),
    "extract": frozenset({"late", "slow"}),
    "silence": frozenset({"tenfold", "impatient"}),
    "resend": frozenset({"new-conversation", "same-id", "new-payload", "without-refusal"}),
    # either
    "unknown-interaction": frozenset({"answered", "accepted"}),
    "nack-code": frozenset(f"{code}>99" for code in TEXTS),
    "notices": frozenset({"hidden", "wordless"}),
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One row.

    :param role: in which role the practice misbehaves by it.
    :param target: for a patch, which outgoing message it changes.
    :param behaviour: for a behaviour, which one; :param value: and into what.
    """

    id: str
    summary: str
    role: str
    target: str = ""
    patches: tuple[Patch, ...] = ()
    behaviour: str = ""
    value: str = ""

    def alter(self, target: str, wire: Wire, context: Context) -> Wire:
        """``wire`` as this mutation makes it, when it is about messages of the kind ``target``."""
        if self.patches and (self.target == target or (self.target == "any" and target != "transport-ack")):
            for patch in self.patches:
                wire = apply(patch, wire, context)
        return wire


@cache
def table() -> MappingProxyType[str, Mutation]:
    """Every mutation by its id. :raises ValueError: for a row that means nothing."""
    data = tomllib.loads((files("fixtures") / "mutations.toml").read_text(encoding="utf-8"))
    rows = [*(_row(row) for row in data["mutation"]), *_examples()]
    if len({row.id for row in rows}) != len(rows):
        raise ValueError("two mutations have the same id")
    return MappingProxyType({row.id: row for row in rows})


# The message that a rule's example is made from, as role and target of the generic mutation.
BASES = {
    "request": ("requester", "request"),
    "extract": ("sender", "extract"),
    "extract-documents": ("sender", "extract"),
    "extract-redacted": ("sender", "extract"),
    "ack": ("requester", "final-ack"),
    "nack": ("sender", "ack-request"),
}


def _examples() -> Iterator[Mutation]:
    """The generic mutation: a message patched with the example that breaks a rule (fixtures/rules)."""
    for name, row in examples():
        if row["base"] in BASES and "alone" not in row:
            role, target = BASES[row["base"]]
            shape = {"id": name, "summary": f"breaks {row['id']}", "kind": "patch"}
            yield _row({**shape, "role": role, "target": target, "patch": row["patch"]})


def _row(row: dict[str, Any]) -> Mutation:
    patches = tuple(Patch(p["layer"], p["op"], p) for p in row.get("patch", []))
    mutation = Mutation(
        id=row["id"],
        summary=row["summary"],
        role=row["role"],
        target=row.get("target", ""),
        patches=patches,
        behaviour=row.get("behaviour", ""),
        value=row.get("value", ""),
    )
    if row["kind"] == "patch":
        sound = bool(patches) and mutation.target in TARGETS
    else:
        sound = row["kind"] == "behaviour" and mutation.value in BEHAVIOURS.get(mutation.behaviour, ())
    if not sound or mutation.role not in ROLES:
        raise ValueError(f"mutation {mutation.id!r} means nothing")
    return mutation
