"""Slow clients at the door of the Spine process hold up nobody's transfer."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.shell import certificates
from tests.bench.load import PATIENCE, Load, dial
from tests.bench.messages import prepare
from tests.bench.processes import spine
from tests.shell.sockets import still_open

pytestmark = pytest.mark.socket

OF_EACH = 3
POSTS = 20


def test_silent_and_dripping_clients_do_not_hold_up_a_transfer(tmp_path: Path) -> None:
    """More of them than Spine has threads, stuck in every phase, each giving a byte between any two posts of another."""
    made = tmp_path / "certificates"
    certificates.make(made, now=datetime.now(UTC))
    message = prepare(5_000)
    with spine(tmp_path, made, threads=2) as door, ExitStack() as stack:
        address = ("127.0.0.1", door.port)
        silent = [stack.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(OF_EACH)]
        heading = [stack.enter_context(dial(address, made)) for _ in range(OF_EACH)]
        sending = [stack.enter_context(dial(address, made)) for _ in range(OF_EACH)]
        for client in sending:
            client.sendall(message.head("localhost"))
        request = message.head("localhost") + message.named(POSTS + 1)
        load = Load(address, made, message, connections=1)
        for number in range(POSTS):
            for client in (*heading, *sending):
                client.sendall(request[number : number + 1])
            assert load.post(1).refused == 0
            door.arrived(number + 1)
        assert all(still_open(client) for client in (*silent, *heading, *sending))
        load.close()
