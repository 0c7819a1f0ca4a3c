"""What every report is rendered from: plain frozen values, made once from the ledger. Reports only listen."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True)
class PartView:
    """One MIME part of a message: its headers, size in bytes, digest, and its text when it is text of at most 32 kB."""

    number: int
    headers: tuple[tuple[str, str], ...]
    size: int
    sha256: str
    text: str | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One arrow of what really happened, for the list of messages and the sequence diagram.

    :param entry: ledger entry number; :param at: UTC, ISO 8601, to the millisecond.
    :param sender: and ``receiver``: a lifeline each: "SUT", "Spine", or the peer's name.
    :param kind: "message", "answer", "signal", "service call", "hook" or "refused connection".
    :param label: what a person calls it: "EHR request", "acknowledgement AA", "202 + Acknowledgment", "fault".
    :param attempt: 1 for the first sending of a MessageId over a hop, 2 for the first repeat ...
    :param deliberate: why Spine or the peer did something wrong on purpose; empty when it was not.
    :param trouble: what went wrong on this hop ("no answer within 20 s"); empty when nothing did.
    :param blob: sha256 of the body octets; the file is ``blobs/<first two>/<sha256>`` beside the ledger; empty if none.
    :param head: the HTTP head as it was on the wire, decoded as latin-1; may be empty.
    """

    entry: int
    at: str
    sender: str
    receiver: str
    kind: str
    label: str
    interaction: str = ""
    message_id: str = ""
    conversation_id: str = ""
    attempt: int = 1
    status: int | None = None
    deliberate: str = ""
    trouble: str = ""
    departures: tuple[str, ...] = ()
    blob: str = ""
    size: int = 0
    head: str = ""
    parts: tuple[PartView, ...] = ()


@dataclass(frozen=True, slots=True)
class StepView:
    """A Gherkin step and the findings (by index into the scenario's) that it gave."""

    keyword: str
    text: str
    outcome: Outcome
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """One scenario: its steps, findings, messages, verdict, and how to run it again alone."""

    case: str
    name: str
    role: str
    tags: tuple[str, ...]
    outcome: Outcome
    reason: str
    steps: tuple[StepView, ...]
    findings: tuple[Finding, ...]
    messages: tuple[MessageView, ...]
    seconds: float
    again: str
    patients: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureView:
    """One feature file."""

    name: str
    description: str
    path: str
    scenarios: tuple[ScenarioView, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RunView:
    """A whole run.

    :param head: sha256 of the last ledger line: whoever holds it can prove that nothing before it was touched.
    :param monitors: findings about the run as a whole (unattributed messages, refused connections).
    """

    tool_version: str
    product: str
    product_version: str
    environment: str
    executor: str
    release: str
    started: str
    finished: str
    seconds: float
    seed: int
    run_number: int
    head: str
    entries: int
    features: tuple[FeatureView, ...]
    monitors: tuple[Finding, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    grades: dict[str, int] = field(default_factory=dict)
    exit_code: int = 0
    command: str = ""
