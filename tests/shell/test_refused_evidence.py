"""Whom the Spine process turns away at the TLS handshake stands in the ledger: who, of what kind, and why."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator import ledger
from simulator.shell import certificates
from tests.bench.load import dial
from tests.bench.processes import spine

pytestmark = pytest.mark.socket

KINDS = {
    "": "no-certificate",
    "wrong-ca": "unknown-authority",
    "expired": "expired-certificate",
    "server-only": "wrong-usage",
}
"""By the client's certificate."""


def turned_away(port: int, made: Path, name: str) -> str:
    """Come with the certificate ``name`` and be refused by an alert; the client's own address, as the server sees it."""
    with dial(("127.0.0.1", port), made, name) as client:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert|required"):
            client.recv(1)
        return f"127.0.0.1:{client.getsockname()[1]}"


def test_every_refused_certificate_is_an_entry_that_says_who_and_why(tmp_path: Path) -> None:
    """Beside nothing else: a refused client leaves no message."""
    made = tmp_path / "certificates"
    certificates.make(made, now=datetime.now(UTC))
    certificates.make_bad(made, now=datetime.now(UTC))
    with spine(tmp_path, made) as door:
        came = {name: turned_away(door.port, made, name) for name in KINDS}
    entries = list(ledger.read(door.run))
    assert {entry.kind for entry in entries} == {"run.opened", "run.listening", "connection.refused", "run.closed"}
    refused = {entry.data["peer"]: entry.data for entry in entries if entry.kind == "connection.refused"}
    assert {name: refused[peer]["kind"] for name, peer in came.items()} == KINDS
    assert all(refused[peer]["reason"] for peer in came.values())
    assert len(refused) == len(KINDS)
