"""The Spine process: composition root of the simulator. Opens the ledger and three listeners, and waits to be stopped.

When it is ready it prints one line of JSON with the addresses. It ends on SIGTERM, on SIGINT, when ``/control/stop``
is called, and, when it was started with a pipe for its standard input, as soon as that closes: it cannot outlive its
parent.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from simulator.ledger import Blobs, Ledger, read
from simulator.protocol.attribution import Attribution
from simulator.protocol.commands import Command, Note
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.plan import from_json_values, practice
from simulator.protocol.replay import RESUMED, Replay, ReplayTrouble
from simulator.protocol.unannounced import Unannounced
from simulator.shell import app, clock
from simulator.shell.posting import Posting
from simulator.shell.refusals import Refusal
from simulator.shell.runtime import Runtime
from simulator.shell.server import Limits, Listener, TlsFiles
from simulator.shell.settings import Settings, SettingsTrouble
from simulator.wire.interactions import Interaction


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the process listens: base URLs without a final slash."""

    spine: str
    services: str
    control: str


def serve(settings: Settings, ready: Callable[[Addresses], None], stop: threading.Event) -> None:
    """Run until ``stop`` is set. :raises PortInUse: before anything is served."""
    files, limits = settings.certificates, Limits()
    tls = TlsFiles(files.ca, files.certificate, files.key)
    with ExitStack() as stack:
        posting = stack.enter_context(Posting(settings, tls))
        runtime = _runtime(settings, posting)
        stack.callback(runtime.close)
        listen = partial(Listener, limits=limits, on_refused=lambda refusal: _refused(runtime, refusal))
        plain = partial(listen, host="127.0.0.1", tls=None, threads=8)
        messaging = app.messaging(runtime, limits.body_bytes)
        spine = stack.enter_context(listen(messaging, settings.host, settings.port, tls=tls, threads=settings.threads))
        base = settings.advertised.rstrip("/") or f"https://{_name(settings.host)}:{spine.address[1]}"
        web = app.services(runtime, f"{base}/reliablemessaging/intermediary")
        services = stack.enter_context(plain(web, port=settings.services_port))
        web = app.controlling(runtime, settings.token, lambda: settings.sut, stop.set)
        control = stack.enter_context(plain(web, port=settings.control_port))
        addresses = Addresses(base, f"http://127.0.0.1:{services.address[1]}", f"http://127.0.0.1:{control.address[1]}")
        ports = {"port": spine.address[1], "services_port": services.address[1]}
        runtime.note("run.listening", "", {"spine": base, "services": addresses.services, **ports})
        ready(addresses)
        stop.wait()


def _runtime(settings: Settings, posting: Posting) -> Runtime:
    directory, patients, blobs = _directory(settings), PatientIndex(), Blobs(settings.run)
    unannounced = _unannounced(settings, directory, blobs)
    for plan in unannounced.known.values() if unannounced else ():
        for patient in plan.patients:
            patients.put(patient)
    hub = Hub(directory, patients, settings.how(), bytes.fromhex(settings.key))
    hub.attribution, hub.unannounced = Attribution(settings.earlier), unannounced
    ledger, begin = _resumed(settings, hub, blobs) if settings.resume else _opened(settings)
    return Runtime(hub, ledger, blobs, posting.post, clock.now, begin)


def _opened(settings: Settings) -> tuple[Ledger, list[Command]]:
    facts = {**settings.opened, "practices": [row.model_dump() for row in settings.practices]}
    return Ledger(settings.run), [Note("run.opened", "", facts)]


def _resumed(settings: Settings, hub: Hub, blobs: Blobs) -> tuple[Ledger, list[Command]]:
    """:raises SettingsTrouble: when the ledger that is there cannot be gone on with."""
    try:
        left = Replay(hub, blobs.get).take_up(read(settings.run), clock.now())
        ledger = Ledger(settings.run, resume=True)
    except (ReplayTrouble, ValueError, OSError) as trouble:
        raise SettingsTrouble(f"{settings.run} cannot be taken up: {trouble}.") from None
    facts = {"entries": ledger.seq, "torn": ledger.torn.decode("utf-8", "backslashreplace")}
    return ledger, [Note(RESUMED, "", facts), *left]


def _unannounced(settings: Settings, directory: Directory, blobs: Blobs) -> Unannounced | None:
    rows, sut = settings.unannounced, directory.by_party(settings.sut)
    if rows is None or sut is None:
        return None
    known, stranger, unasked = (
        [from_json_values(row, blobs.get, sut) for row in each]
        for each in (rows.known, [rows.stranger], [rows.unasked])
    )
    return Unannounced({plan.patients[0].nhs_number: plan for plan in known}, stranger[0], unasked[0])


def _refused(runtime: Runtime, refusal: Refusal) -> None:
    runtime.note("connection.refused", "", {"kind": refusal.kind, "peer": refusal.peer, "reason": refusal.reason})


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
    print(json.dumps(asdict(addresses)), flush=True)


def _watch_parent(stop: threading.Event) -> None:
    # Not through sys.stdin: its lock, held here while waiting, would stop the interpreter from ending by itself.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


def _name(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound


def _directory(settings: Settings) -> Directory:
    every = {row.id: f"{row.id.lower()}-{{}}" for row in Interaction}
    directory = Directory()
    for row in settings.practices:
        values: Mapping[str, Any] = row.model_dump()
        cpa_ids = values["cpa_ids"] or {key: cpa.format(row.party_key.lower()) for key, cpa in every.items()}
        directory.add(practice({**values, "cpa_ids": cpa_ids}, ours=row.ours))
    return directory
