"""The reference practice as it is run: a process with two doors, spoken to over sockets."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

from simulator.wire.reading import read
from simulator.wire.writers import ebxml, gp2gp, package
from tests.reference import certificates
from tests.reference.world import FOLDER, ME, NHS, PEER, SPINE, Sent, World

pytestmark = pytest.mark.socket
ROOT = Path(__file__).parents[2]


class Outside:
    """Spine over TLS and SDS over HTTP, on the loopback: what the practice posts is kept."""

    def __init__(self, paths: dict[str, str]) -> None:
        self.sent: list[Sent] = []
        self.arrived = threading.Condition()
        world, outside = World(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outside.arrived:
                    outside.sent.append(Sent({k.title(): v for k, v in self.headers.items()}, body))
                    outside.arrived.notify_all()
                self._answer(202, b"")

            def do_GET(self) -> None:
                status, body = world.get(self.path, {})
                self._answer(status, body.replace(SPINE.encode(), outside.spine_url.encode()))

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.spine, self.sds = (ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=paths["ca"])
        context.load_cert_chain(paths["certificate"], paths["key"])
        context.verify_mode = ssl.CERT_REQUIRED
        self.spine.socket = context.wrap_socket(self.spine.socket, server_side=True)
        self.spine_url = f"https://localhost:{self.spine.server_port}/intermediary"
        for server in (self.spine, self.sds):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def close(self) -> None:
        for server in (self.spine, self.sds):
            server.shutdown()
            server.server_close()


class Running:
    """The process, what it said when it was ready, and the ways to speak to it."""

    def __init__(self, folder: Path) -> None:
        self.paths = certificates.write(folder)
        self.outside = Outside(self.paths)
        config = {
            "practice": ME.model_dump(),
            "spine_url": self.outside.spine_url,
            "sds_url": f"http://127.0.0.1:{self.outside.sds.server_port}",
            "pds_url": f"http://127.0.0.1:{self.outside.sds.server_port}/pds",
            "certificates": self.paths,
            "seed": 7,
        }
        (folder / "practice.json").write_text(json.dumps(config))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harness.reference", "--config", str(folder / "practice.json")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())
        self.plain = urllib3.PoolManager(retries=False)

    def hook(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.plain.request("POST", f"{self.ready['hooks']}/{verb}", json={"case": "c", **body}, timeout=30)
        assert answer.status == 200, answer.data
        return dict(answer.json())

    def deliver(self, out: package.Outgoing, *, with_certificate: bool = True) -> urllib3.BaseHTTPResponse:
        context = ssl.create_default_context(cafile=self.paths["ca"])
        if with_certificate:
            context.load_cert_chain(self.paths["certificate"], self.paths["key"])
        headers = {"Content-Type": out.content_type, "SOAPAction": out.soap_action}
        with urllib3.PoolManager(retries=False, ssl_context=context) as pool:
            return pool.request("POST", self.ready["endpoint"], body=out.body, headers=headers, timeout=10)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.plain.clear()
            self.outside.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.close()


def _extract(conversation: str) -> package.Outgoing:
    message_id = "00000000-0000-4000-8000-000000000001"
    payload = gp2gp.ehr_extract(
        gp2gp.Ends(message_id, "20261124100000", PEER.asid, ME.asid),
        interaction="RCMR_IN030000UK06",
        extract_id=message_id,
        request_id=message_id,
        nhs_number=NHS,
        sending_ods=PEER.ods,
        requesting_ods=ME.ods,
        time="20261124100000",
        folder=FOLDER,
    )
    header = ebxml.Header(
        PEER.party_key, ME.party_key, "cpa", conversation, "RCMR_IN030000UK06", message_id, "2026-11-24T10:00:00Z"
    )
    return package.assemble(header, payload)


def test_a_transfer_over_sockets_and_an_end_when_its_input_closes(running: Running) -> None:
    assert running.ready["endpoint"].startswith("https://localhost:")
    running.hook("register", patient={"nhs_number": NHS}, previous_practice=PEER.ods)
    running.hook("settle")
    envelope = running.outside.sent[0].reading.envelope
    assert envelope is not None
    answer = running.deliver(_extract(envelope.conversation_id))
    reply = read(answer.headers["Content-Type"], answer.data).envelope
    assert reply is not None
    assert (answer.status, reply.acknowledged_id) == (200, "00000000-0000-4000-8000-000000000001")
    running.hook("settle")
    assert running.hook("state", nhs_number=NHS) == {"state": "awaiting-decision"}
    running.hook("decide", nhs_number=NHS, decision="integrate")
    running.hook("settle")
    assert [sent.kind for sent in running.outside.sent] == ["request", "AA"]
    running.close()
    assert running.process.returncode == 0


def test_a_client_without_a_certificate_is_not_heard(running: Running) -> None:
    """It is let in only to be told so, since nothing but a message says whether a mutation would take it."""
    answer = running.deliver(_extract("AAAAAAAA-0000-4000-8000-000000000000"), with_certificate=False)
    assert (answer.status, answer.data) == (403, b"")
    running.process.terminate()
    assert running.process.wait(10) == 0


def test_a_configuration_that_is_none_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "harness.reference", "--config", str(tmp_path / "bad.json")],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert b"practice" in done.stderr
