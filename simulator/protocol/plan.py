"""What a case needs to be played: cast, record, script and faults, as plain values made by whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.protocol.demographics import Patient
from simulator.protocol.directory import Contract, Practice
from simulator.protocol.faults import Armed
from simulator.protocol.script import Fault, Step, from_json
from simulator.protocol.variants import VARIANTS

ROLES = ("requester", "sender")


@dataclass(frozen=True, slots=True)
class Document:
    """An attachment of the peer's record: its octets and how the extract names it.

    ``description`` is the manifest text of a published message, sent as it is; empty for one that we make.
    """

    id: str
    filename: str
    content_type: str
    data: bytes
    description: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One case, ready to play.

    :param role: the SUT's role, "requester" or "sender"; the peer has the other one.
    :param key: secret from which the case's ids are made.
    :param folder: octets of the peer's record, one ``ehrFolder`` element; or
    :param payload: octets of a published extract that is sent with this case's wrapper.
    :param reply_seconds: how long an ``Await`` waits when nobody can say that the SUT has settled.
    :param window_seconds: how long "nothing more came" is watched for in that case.
    :param clock: how time passes where the script says so: "hook" (the judge moves the SUT's clock) or "real".
    """

    case: str
    scenario: str
    role: str
    key: bytes
    sut: Practice
    peer: Practice
    patients: tuple[Patient, ...]
    script: tuple[Step, ...]
    faults: tuple[Fault, ...] = ()
    folder: bytes = b""
    documents: tuple[Document, ...] = ()
    payload: bytes = b""
    reply_seconds: float = 20.0
    window_seconds: float = 5.0
    clock: str = "hook"
    facts: Mapping[str, Any] = field(default_factory=dict)


def from_json_values(row: Mapping[str, Any], octets: Callable[[str], bytes], sut: Practice) -> Plan:
    """A plan from JSON values.

    :param octets: gives the stored octets of a digest, or raises KeyError.
    :raises ValueError: one sentence: what is missing, unknown, or cannot be played.
    """
    try:
        plan = _plan(row, octets, sut)
    except KeyError as missing:
        raise ValueError(f"the plan has no {missing}") from None
    except (TypeError, AttributeError) as trouble:
        raise ValueError(f"the plan is no plan: {trouble}") from None
    if plan.role not in ROLES:
        raise ValueError(f"the plan's role {plan.role!r} is none of {', '.join(ROLES)}")
    if not plan.patients:
        raise ValueError("the plan has no patient")
    Armed(plan.faults)
    for step in plan.script:
        unknown = set(getattr(step, "variants", ())) - set(VARIANTS)
        if unknown:
            raise ValueError(f"there is no variant called {', '.join(sorted(unknown))}")
    return plan


def _plan(row: Mapping[str, Any], octets: Callable[[str], bytes], sut: Practice) -> Plan:
    record = row.get("record", {})
    return Plan(
        case=str(row["case"]),
        scenario=str(row["scenario"]),
        role=str(row["role"]),
        key=bytes.fromhex(row["key"]),
        sut=sut,
        peer=practice(row["peer"], ours=True),
        patients=tuple(Patient(**each) for each in row["patients"]),
        script=from_json(row["script"]),
        faults=tuple(Fault(**each) for each in row.get("faults", ())),
        folder=octets(record["folder"]["blob"]) if "folder" in record else b"",
        documents=tuple(_document(each, octets) for each in record.get("documents", ())),
        payload=octets(record["payload"]["blob"]) if "payload" in record else b"",
        reply_seconds=float(row.get("reply_seconds", 20.0)),
        window_seconds=float(row.get("window_seconds", 5.0)),
        clock=str(row.get("clock", "hook")),
        facts=dict(row),
    )


def practice(row: Mapping[str, Any], *, ours: bool = False) -> Practice:
    """A practice from JSON values. :raises KeyError, TypeError: for what is missing or unknown in it."""
    return Practice(
        ods=row["ods"],
        asid=row["asid"],
        party_key=row["party_key"],
        name=row.get("name", ""),
        endpoint=row.get("endpoint", ""),
        ours=ours,
        cpa_ids=dict(row.get("cpa_ids", {})),
        contract=Contract(**row.get("contract", {})),
    )


def _document(row: Mapping[str, Any], octets: Callable[[str], bytes]) -> Document:
    return Document(row["id"], row["filename"], row["content_type"], octets(row["blob"]))
