"""What the hub can ask of the shell. Three things; a command is a value and does nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """Write a ledger entry. ``octets`` are stored and their digest put under ``data["blob"]`` first.

    ``digest`` is their SHA-256 when they are stored already: large bodies are hashed and written once.
    """

    kind: str
    case: str
    data: Mapping[str, Any]
    octets: bytes = b""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the HTTP request that is waiting. ``deliberate`` says why the answer is wrong on purpose.

    ``manner``: what the shell is to do wrong with it (``simulator.protocol.faults``); empty for nothing.
    """

    status: int
    body: bytes = b""
    content_type: str = "text/xml"
    soap_action: str = ""
    form: str = ""
    deliberate: str = ""
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """Post these octets to ``url`` and report what happened as the outcome of ``delivery``; ``manner`` as of an answer."""

    delivery: int
    case: str
    url: str
    soap_action: str
    content_type: str
    body: bytes
    facts: Mapping[str, Any] = field(default_factory=dict)
    manner: str = ""


Command = Note | Answer | Post
