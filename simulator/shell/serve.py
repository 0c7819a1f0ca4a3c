"""The Spine process: composition root of the simulator. Opens the ledger and three listeners, and waits to be stopped.

When it is ready it prints one line of JSON with the addresses. It ends on SIGTERM, on SIGINT, when ``/control/stop`` is
called, and, when it was started with a pipe for its standard input, as soon as that closes: it cannot outlive its parent.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from simulator.ledger import Blobs, Ledger
from simulator.protocol.commands import Post
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.plan import practice
from simulator.shell import app, clock
from simulator.shell.client import Outcome, Poster
from simulator.shell.refusals import Refusal
from simulator.shell.runtime import Runtime
from simulator.shell.server import Limits, Listener, TlsFiles
from simulator.shell.settings import Settings
from simulator.wire.interactions import Interaction

USER_AGENT = "Mozilla/5.0 (compatible; pycurl)"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the process listens: base URLs without a final slash."""

    spine: str
    services: str
    control: str


def serve(settings: Settings, ready: Callable[[Addresses], None], stop: threading.Event) -> None:
    """Run until ``stop`` is set. :raises PortInUse: before anything is served."""
    limits = Limits()
    ledger = Ledger(settings.run)
    blobs = Blobs(settings.run)
    hub = Hub(_directory(settings), PatientIndex(), settings.how(), bytes.fromhex(settings.key))
    runtime = Runtime(hub, ledger, blobs, _poster(settings), clock.now)
    runtime.note("run.opened", "", {**settings.opened, "practices": [row.model_dump() for row in settings.practices]})
    certificates = settings.certificates
    tls = TlsFiles(certificates.ca, certificates.certificate, certificates.key)

    def refused(refusal: Refusal) -> None:
        runtime.note("connection.refused", "", {"kind": refusal.kind, "peer": refusal.peer, "reason": refusal.reason})

    with ExitStack() as stack:
        stack.callback(runtime.close)
        spine = stack.enter_context(
            Listener(
                app.messaging(runtime, limits.body_bytes),
                settings.host,
                settings.port,
                tls=tls,
                threads=settings.threads,
                on_refused=refused,
                limits=limits,
            )
        )
        base = settings.advertised.rstrip("/") or f"https://{_name(settings.host)}:{spine.address[1]}"
        services = stack.enter_context(
            _plain(app.services(runtime, f"{base}/reliablemessaging/intermediary"), settings.services_port, refused, limits)
        )
        control = stack.enter_context(
            _plain(
                app.controlling(runtime, settings.token, lambda: settings.sut, stop.set), settings.control_port, refused, limits
            )
        )
        addresses = Addresses(base, f"http://127.0.0.1:{services.address[1]}", f"http://127.0.0.1:{control.address[1]}")
        runtime.note("run.listening", "", {"spine": base, "services": addresses.services})
        ready(addresses)
        stop.wait()


def main(settings: Settings) -> None:
    """Run as a process."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not sys.stdin.isatty():
        threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    serve(settings, announce, stop)


def announce(addresses: Addresses) -> None:
    """Say on standard output where the process listens."""
    print(json.dumps({"spine": addresses.spine, "services": addresses.services, "control": addresses.control}), flush=True)


def _watch_parent(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    stop.set()


def _name(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound


def _plain(web: Any, port: int, refused: Callable[[Refusal], None], limits: Limits) -> Listener:
    return Listener(web, "127.0.0.1", port, tls=None, threads=8, on_refused=refused, limits=limits)


def _directory(settings: Settings) -> Directory:
    every = {row.id: f"{row.id.lower()}-{{}}" for row in Interaction}
    directory = Directory()
    for row in settings.practices:
        values: Mapping[str, Any] = row.model_dump()
        cpa_ids = values["cpa_ids"] or {key: cpa.format(row.party_key.lower()) for key, cpa in every.items()}
        directory.add(practice({**values, "cpa_ids": cpa_ids}))
    return directory


def _poster(settings: Settings) -> Callable[[Post], Outcome]:
    certificates = settings.certificates
    client = Poster(TlsFiles(certificates.ca, certificates.certificate, certificates.key))

    def post(command: Post) -> Outcome:
        # The headers of what Spine sends, in the order of the captures; SOAPAction unquoted.
        headers = [
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "none"),
            ("SOAPAction", command.soap_action.strip('"')),
            ("Accept", "*/*"),
            *([] if settings.keep_alive else [("Connection", "close")]),
            ("Content-Type", command.content_type),
        ]
        return client.post(
            command.url, headers, command.body, timeout=settings.post_seconds, keep_alive=settings.keep_alive
        )

    return post
