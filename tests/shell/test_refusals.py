"""Whoever is turned away is turned away once, for the right reason, and on record."""

import http.client
import logging
import socket
import ssl
from pathlib import Path

import pytest

from simulator.shell import connection
from simulator.shell.refusals import handshake_refusal
from simulator.shell.server import Limits, Listener, Refusal, RefusalKind
from tests.shell.sockets import PATIENCE, Served, at_end, certificate_folder, pair, post, read_answer

pytestmark = pytest.mark.socket

SOON = 0.2
"""A deadline, in seconds, for tests that wait until it has passed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_folder(tmp_path_factory)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (None, "no-certificate"),
        ("wrong-ca", "unknown-authority"),
        ("expired", "expired-certificate"),
        ("server-only", "wrong-usage"),
    ],
)
def test_a_client_needs_a_proper_certificate(
    folder: Path, name: str | None, kind: RefusalKind, version: ssl.TLSVersion
) -> None:
    """The client learns of it by a TLS alert, not by a reset, even when it has sent its request already."""

    def talk() -> None:
        # TLS 1.2 tells the client during the handshake, 1.3 when it first reads.
        with served.dial_tls(folder, name, version) as client:
            client.sendall(post("/", bytes(1000)))
            client.recv(1)

    with Served(tls=pair(folder, "spine")) as served:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert|required"):
            talk()
        assert served.refused(kind).peer.startswith("127.0.0.1:")
        assert served.seen.empty()


def test_plain_http_gets_a_plain_answer(folder: Path) -> None:
    """A client that forgot the s of https is told so in words it can read."""
    with Served(tls=pair(folder, "spine")) as served, served.dial() as client:
        client.sendall(post("/", b"x"))
        answer = read_answer(client)
        assert (answer.status, answer.body) == (400, b"This port speaks HTTPS only.\n")
        assert at_end(client)
        served.refused("plain-http")


def test_tls_at_a_plain_port_is_named() -> None:
    """The opposite mistake."""
    with Served() as served, served.dial() as client:
        client.sendall(b"\x16\x03\x01\x00\xee\x01\x00")
        assert at_end(client)
        assert "TLS" in served.refused("garbled-head").reason


@pytest.mark.parametrize("first", [b"\x00\x01\x02", b"\x80\x2e\x01\x00\x02", b"\x16\x03\x01\x00\x02\x00\x00"])
def test_what_is_no_handshake_is_refused(folder: Path, first: bytes) -> None:
    """Garbage, an old hello, a broken record."""
    with Served(tls=pair(folder, "spine")) as served, served.dial() as client:
        client.sendall(first + bytes(20))
        client.shutdown(socket.SHUT_WR)
        while not at_end(client):
            pass
        served.refused("handshake")


def test_old_tls_is_refused(folder: Path) -> None:
    """TLS 1.1 is below what Spine accepts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Served(tls=pair(folder, "spine")) as served, served.dial() as client:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(client)
        served.refused("handshake")


def test_a_client_that_refuses_us_is_recorded(folder: Path) -> None:
    """It does not trust our authority: its alert is in the reason."""
    context = ssl.create_default_context()
    with Served(tls=pair(folder, "spine")) as served, served.dial() as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(client, server_hostname="localhost")
        assert "UNKNOWN_CA" in served.refused("handshake").reason


def test_a_client_that_leaves_during_the_handshake_is_recorded(folder: Path) -> None:
    """It sent the beginning of a hello."""
    with Served(tls=pair(folder, "spine")) as served:
        with served.dial() as client:
            client.sendall(b"\x16\x03\x01\x01\x00")
        assert "went away" in served.refused("handshake").reason


@pytest.mark.parametrize("error", [ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError])
def test_however_a_client_leaves_it_is_told_alike(error: type[OSError]) -> None:
    """The system reports one and the same departure in four ways."""
    raised = error(0, "x")
    raised.reason = "X"  # type: ignore[attr-defined]  # as those that the ssl module raises have
    assert handshake_refusal(raised) == ("handshake", "the client went away during the handshake")


def test_a_probe_that_only_connects_is_nobody(folder: Path) -> None:
    """Neither by TLS nor plain is it a refusal; nor is an idle connection that we close."""
    for tls in (pair(folder, "spine"), None):
        with Served(tls=tls, limits=Limits(idle=SOON)) as served:
            served.dial().close()
            with served.dial_tls(folder) if tls else served.dial() as client:
                client.sendall(post("/", b""))
                assert read_answer(client).status == 200
                assert at_end(client)
        assert served.refusals.empty()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x01\x00"])
def test_a_handshake_has_a_deadline(folder: Path, said: bytes) -> None:
    """Silent, or stuck in the hello."""
    with Served(tls=pair(folder, "spine"), limits=Limits(handshake=SOON)) as served, served.dial() as client:
        client.sendall(said)
        assert at_end(client)
        served.refused("handshake-timeout")


@pytest.mark.parametrize("said", [b"", b"POST / HTTP/1.1\r\nHost: loc"])
def test_a_head_has_a_deadline(folder: Path, said: bytes) -> None:
    """After the handshake, silent or stuck in the head; the client is told."""
    with Served(tls=pair(folder, "spine"), limits=Limits(head=SOON)) as served, served.dial_tls(folder) as client:
        client.sendall(said)
        assert read_answer(client).status == 408
        served.refused("head-timeout")


def test_the_second_head_has_a_deadline_too() -> None:
    """From its first byte, not from when the connection became idle, come it with the first request or later."""
    with Served(limits=Limits(head=SOON)) as served, served.dial() as early, served.dial() as late:
        early.sendall(post("/", b"") + b"POST")
        late.sendall(post("/", b""))
        assert read_answer(early).status == read_answer(late).status == 200
        late.sendall(b"POST")
        assert read_answer(early).status == read_answer(late).status == 408
        assert {served.refusals.get(timeout=PATIENCE).kind for _ in range(2)} == {"head-timeout"}


def test_a_head_that_ends_early_is_recorded() -> None:
    """The client leaves in the middle of the head."""
    with Served() as served:
        with served.dial() as client:
            client.sendall(b"POST / HT")
        assert "9 bytes" in served.refused("garbled-head").reason


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"rubbish\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\nY: z\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: first\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad name: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ],
)
def test_a_garbled_head_is_refused(head: bytes) -> None:
    """Answered by a 4xx or 5xx of ours, closed, and recorded."""
    with Served() as served, served.dial() as client:
        client.sendall(head)
        answer = read_answer(client)
        assert answer.status in {400, 505}
        assert answer.headers["connection"] == "close"
        assert at_end(client)
        served.refused("garbled-head")
        assert served.seen.empty()


@pytest.mark.parametrize("ending", [b"", b"\r\n\r\n"])
def test_a_head_over_the_limit_is_refused(ending: bytes) -> None:
    """Whether or not it would have ended."""
    with Served(limits=Limits(head_bytes=1000)) as served, served.dial() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 1000 + ending)
        assert read_answer(client).status == 431
        served.refused("long-head")


def test_both_framings_count_as_chunked_and_close() -> None:
    """RFC 9112 6.1: Content-Length beside chunked must not be used, nor the connection again."""
    with Served() as served, served.dial() as client:
        client.sendall(post("/", b"1\r\nx\r\n0\r\n\r\n", "Transfer-Encoding: chunked"))
        answer = read_answer(client)
        assert (answer.body, answer.headers["connection"]) == (b"1 ", "close")


def test_a_name_with_underscore_stands_in_for_nothing() -> None:
    """Content_Type is not Content-Type, though WSGI writes both the same way."""
    with Served() as served, served.dial() as client:
        client.sendall(post("/", b"", "Content-Type: text/xml", "Content_Type: text/html"))
        assert served.request().environ["CONTENT_TYPE"] == "text/xml"


def test_connections_are_bounded() -> None:
    """One more than allowed is closed at once; when another has gone there is room again."""
    with Served(limits=Limits(connections=1)) as served:
        with served.dial() as first:
            first.sendall(post("/", b""))
            assert read_answer(first).status == 200
            with served.dial() as second:
                assert at_end(second)
            assert served.refusals.get(timeout=PATIENCE).kind == "busy"
        while not answers(served):
            pass


def answers(served: Served) -> bool:
    """Whether a new connection is served rather than closed."""
    with served.dial() as client:
        try:
            client.sendall(post("/", b""))
            return read_answer(client).status == 200
        except (ConnectionError, http.client.BadStatusLine):
            return False


def test_a_refused_client_that_stays_is_put_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the answer we read on for a moment only; then what it sends is no longer taken."""
    monkeypatch.setattr(connection, "_FAREWELL", SOON)
    with Served() as served, served.dial() as client:
        client.sendall(b"rubbish\r\n\r\n")
        assert read_answer(client).status == 400
        with pytest.raises(ConnectionError):
            send_for_ever(client)


def send_for_ever(client: socket.socket) -> None:
    while True:
        client.sendall(b"x")


def test_a_recorder_that_fails_does_not_stop_the_listener(caplog: pytest.LogCaptureFixture) -> None:
    """The failure is logged, the next client served."""

    def fail(refusal: Refusal) -> None:
        raise RuntimeError("no ledger")

    served = Served()
    with Listener(served.note, "127.0.0.1", 0, tls=None, on_refused=fail) as listener:
        served.address = listener.address
        with served.dial() as client:
            client.sendall(b"rubbish\r\n\r\n")
            assert read_answer(client).status == 400
        with served.dial() as client:
            client.sendall(post("/", b""))
            assert read_answer(client).status == 200
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "no ledger" in caplog.text


def test_other_handshake_errors_have_a_kind() -> None:
    """An error that OpenSSL may give and that no client of these tests provokes."""
    assert handshake_refusal(OSError(5, "Input/output error")) == (
        "handshake",
        "the TLS handshake failed: Input/output error",
    )
