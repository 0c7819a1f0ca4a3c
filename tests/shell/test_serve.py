"""The Spine process: three listeners, one line when it is ready, and an end that leaves a whole ledger."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from simulator.ledger import read, verify
from simulator.protocol.commands import Post
from simulator.shell import certificates, serve
from simulator.shell.client import Poster
from simulator.shell.posting import Posting
from simulator.shell.server import PortInUse, TlsFiles
from simulator.shell.settings import Settings
from simulator.wire.interactions import Interaction
from tests.protocol.sut import SUT, Sut, practice
from tests.shell.faces import AUTHORISED, TOKEN

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of Spine."""
    made = tmp_path_factory.mktemp("certificates")
    certificates.make(made, ["localhost", "127.0.0.1"], now=datetime.now(UTC))
    return made


def settings(folder: Path, run: Path, **more: Any) -> Settings:
    """Settings with the SUT and one practice that nobody listens for."""
    rows = [
        {"ods": row.ods, "asid": row.asid, "party_key": row.party_key, "endpoint": "https://127.0.0.1:9/"}
        for row in (SUT, practice(3))
    ]
    files = {"ca": folder / "ca.pem", "certificate": folder / "spine.pem", "key": folder / "spine.key"}
    values = {"run": run, "certificates": files, "practices": rows, "token": TOKEN, "sut": SUT.party_key}
    return Settings.model_validate(values | more)


@contextmanager
def serving(made: Settings) -> Iterator[serve.Addresses]:
    """A Spine in a thread of this process."""
    stop, ready = threading.Event(), threading.Event()
    found: list[serve.Addresses] = []

    def tell(addresses: serve.Addresses) -> None:
        found.append(addresses)
        ready.set()

    thread = threading.Thread(target=serve.serve, args=(made, tell, stop))
    thread.start()
    try:
        assert ready.wait(20)
        yield found[0]
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def test_it_serves_messages_services_and_control_until_it_is_stopped(folder: Path, tmp_path: Path) -> None:
    """A message over mutual TLS is taken and passed on; the practice that does not listen is an outcome."""
    with serving(settings(folder, tmp_path / "run")) as addresses, urllib3.PoolManager(retries=False) as http:
        client = Poster(TlsFiles(folder / "ca.pem", folder / "spine.pem", folder / "spine.key"))
        out = Sut().request(practice(3)).out
        cpa = f"{Interaction.EHR_REQUEST.id.lower()}-x90003-900003".encode()
        body = out.body.replace(practice(3).cpa_ids[Interaction.EHR_REQUEST.id].encode(), cpa)
        headers = [("Content-Type", out.content_type), ("SOAPAction", out.soap_action)]
        answer = client.post(f"{addresses.spine}/", headers, body, timeout=20, keep_alive=False)
        client.close()
        assert (answer.status, answer.error) == (202, "")
        assert http.request("GET", f"{addresses.services}/spine-directory/FHIR/R4/healthcheck").status == 200
        status = f"{addresses.control}/control/status"
        assert http.request("GET", status).status == 401
        while not _kinds(tmp_path / "run", "delivery.outcome"):
            http.request("POST", f"{addresses.control}/control/entries", json=[], headers=AUTHORISED)
        assert http.request("POST", f"{addresses.control}/control/stop", headers=AUTHORISED).status == 200
    entries = list(read(tmp_path / "run"))
    assert verify(tmp_path / "run").problems == ()
    assert [entries[0].kind, entries[1].kind, entries[-1].kind] == ["run.opened", "run.listening", "run.closed"]
    (outcome,) = (entry.data for entry in entries if entry.kind == "delivery.outcome")
    assert (outcome["status"], outcome["error"]) == (None, "refused")


def _kinds(run: Path, kind: str) -> list[str]:
    return [entry.kind for entry in read(run) if entry.kind == kind]


def test_a_client_without_certificate_is_refused_and_that_is_an_entry(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    bare = urllib3.PoolManager(retries=False, ca_certs=str(folder / "ca.pem"))
    with serving(settings(folder, run)) as addresses, bare as http, pytest.raises(HTTPError):
        http.request("POST", addresses.spine, body=b"x")
    (refused,) = (entry.data for entry in read(run) if entry.kind == "connection.refused")
    assert refused["kind"]
    assert refused["reason"]


def test_sds_publishes_the_address_that_is_advertised(folder: Path, tmp_path: Path) -> None:
    with serving(settings(folder, tmp_path / "run", advertised="https://spine.invalid/")) as addresses:
        assert addresses.spine == "https://spine.invalid"
        (listening,) = (e.data for e in read(tmp_path / "run") if e.kind == "run.listening")
        assert listening["spine"] == "https://spine.invalid"


def test_a_port_in_use_ends_it_before_it_serves(folder: Path, tmp_path: Path) -> None:
    """The ledger is closed all the same, and its threads are gone."""
    before = set(threading.enumerate())
    with serving(settings(folder, tmp_path / "one", port=0)) as addresses:
        port = int(addresses.spine.rpartition(":")[2])
        with pytest.raises(PortInUse):
            serve.serve(settings(folder, tmp_path / "two", port=port), lambda _: None, threading.Event())
    assert _kinds(tmp_path / "two", "run.closed")
    assert set(threading.enumerate()) == before


class _Input:
    """A standard input: a terminal, or a pipe whose other end has said something and gone."""

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal
        self._end, other = os.pipe()
        os.write(other, b"x")
        os.close(other)

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return self._end

    def close(self) -> None:
        os.close(self._end)


@pytest.mark.parametrize("terminal", [False, True])
def test_the_process_ends_with_its_parent_or_by_a_signal(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    """A pipe for standard input is a life line; a terminal is none."""
    handlers: dict[int, Callable[..., None]] = {}
    given = _Input(terminal)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(sys, "stdin", given)

    def wait(made: Settings, ready: Callable[..., None], stop: threading.Event) -> None:
        assert ready is serve.announce
        if terminal:
            handlers[signal.SIGTERM]()
        assert stop.wait(10)

    monkeypatch.setattr(serve, "serve", wait)
    serve.main(settings(folder, tmp_path / "run"))
    given.close()
    assert set(handlers) == {signal.SIGTERM, signal.SIGINT}


def test_ready_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    serve.announce(serve.Addresses("https://a", "http://b", "http://c"))
    assert json.loads(capsys.readouterr().out) == {"spine": "https://a", "services": "http://b", "control": "http://c"}


@pytest.mark.parametrize(("keep_alive", "names"), [(False, True), (True, False)])
def test_deliveries_have_the_headers_of_the_captures_in_their_order(
    folder: Path, tmp_path: Path, keep_alive: bool, names: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SOAPAction unquoted; Connection: close, unless connections are kept."""
    seen: list[Any] = []

    def post(url: str, headers: list[tuple[str, str]], body: bytes, **more: Any) -> None:
        seen.append((url, headers, body, more))

    files = TlsFiles(folder / "ca.pem", folder / "spine.pem", folder / "spine.key")
    with Posting(settings(folder, tmp_path, keep_alive=keep_alive), files) as posting:
        monkeypatch.setattr(posting._client, "post", post)
        posting.post(Post(1, "case-1", "https://x.invalid/", '"service/action"', "text/xml", b"octets"))
    ((url, headers, body, more),) = seen
    assert (url, body, more) == ("https://x.invalid/", b"octets", {"timeout": 20.0, "keep_alive": keep_alive})
    expected = ["User-Agent", "Accept-Encoding", "SOAPAction", "Accept", *["Connection"] * names, "Content-Type"]
    assert [name for name, _ in headers] == expected
    assert ("SOAPAction", "service/action") in headers
