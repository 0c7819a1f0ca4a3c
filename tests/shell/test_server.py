"""The listener answers requests, keeps their octets, and lets no client hold up another."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.shell.certificates import CertificateTrouble
from simulator.shell.server import Limits, Listener, PortInUse, TlsFiles
from tests.shell.sockets import (
    PATIENCE,
    Served,
    at_end,
    certificate_folder,
    pair,
    post,
    read_answer,
    still_open,
)

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_folder(tmp_path_factory)


def test_the_head_is_kept_to_the_octet(folder: Path) -> None:
    """Case, repeats, folding and spaces of the head survive, even when it arrives in two TLS records."""
    head = (
        b"POST /a%20b?c=d HTTP/1.1\r\nhOST: localhost\r\nX-Twice: 1\r\nx-twice:2  \r\n"
        b"Content-Type: multipart/related;\r\n\tboundary=b\r\nContent-Length: 3\r\n\r"
    )
    with Served(tls=pair(folder, "spine")) as served, served.dial_tls(folder) as client:
        client.sendall(head)
        client.sendall(b"\nabc")
        assert read_answer(client).body == b"3 "
        environ = served.request().environ
    assert environ["gp2gp.head"] == head + b"\n"
    assert environ["PATH_INFO"] == "/a b"
    assert environ["QUERY_STRING"] == "c=d"
    assert environ["HTTP_X_TWICE"] == "1, 2"
    assert environ["CONTENT_TYPE"] == "multipart/related; boundary=b"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_application_sees_who_is_there(folder: Path, version: ssl.TLSVersion) -> None:
    """Peer address, client certificate and TLS version, again for the second request; h2 is never chosen."""
    with Served(tls=pair(folder, "spine")) as served, served.dial_tls(folder, version=version) as client:
        assert isinstance(client, ssl.SSLSocket)
        assert client.selected_alpn_protocol() == "http/1.1"
        for _ in range(2):
            client.sendall(post("/", b""))
            assert read_answer(client).status == 200
            environ = served.request().environ
            assert environ["gp2gp.peer"] == f"127.0.0.1:{client.getsockname()[1]}"
            assert environ["gp2gp.certificate"] == ssl.PEM_cert_to_DER_cert((folder / "client.pem").read_text())
            assert environ["gp2gp.tls"] == version.name.replace("_", ".")
            assert environ["wsgi.url_scheme"] == "https"


def test_plain_http_has_no_certificate() -> None:
    """Without TLS the entries are there and empty."""
    with Served() as served, served.dial() as client:
        client.sendall(post("/", b""))
        assert read_answer(client).status == 200
        environ = served.request().environ
    assert (environ["gp2gp.certificate"], environ["gp2gp.tls"], environ["wsgi.url_scheme"]) == (b"", "", "http")


def test_answers_do_not_say_whose_software_this_is() -> None:
    """No Server header, and no product in the answers we make ourselves."""
    with Served() as served, served.dial() as client, served.dial() as garbled:
        client.sendall(post("/", b""))
        answer = read_answer(client)
        garbled.sendall(b"rubbish\r\n\r\n")
        refusal = read_answer(garbled)
    assert "server" not in answer.headers
    assert "server" not in refusal.headers
    assert b"cheroot" not in refusal.body.lower()


def test_one_connection_carries_many_requests(folder: Path) -> None:
    """Keep-alive over TLS, with bodies larger than a record, and two requests sent at once."""
    large = bytes(300_000)
    with Served(tls=pair(folder, "spine")) as served, served.dial_tls(folder) as client:
        for body in (b"", large, b"x"):
            client.sendall(post("/", body))
            answer = read_answer(client)
            assert answer.body == f"{len(body)} ".encode()
            assert "connection" not in answer.headers
            assert served.request().body == body
        client.sendall(post("/1", b"one") + post("/2", large))
        assert [served.request().environ["PATH_INFO"] for _ in range(2)] == ["/1", "/2"]


@pytest.mark.parametrize("line", ["Connection: close", "connection: Foo, CLOSE"])
def test_the_client_may_ask_to_close(line: str) -> None:
    """Connection: close is honoured, in any case, and said in the answer."""
    with Served() as served, served.dial() as client:
        client.sendall(post("/", b"", line))
        assert read_answer(client).headers["connection"] == "close"
        assert at_end(client)


def test_tls_ends_with_a_farewell(folder: Path) -> None:
    """A client that is strict about TLS sees a proper end, and not what might be a cut."""
    with Served(tls=pair(folder, "spine")) as served, served.dial_tls(folder, strict=True) as client:
        client.sendall(post("/", b"", "Connection: close"))
        assert read_answer(client).status == 200
        assert client.recv(1) == b""


def test_a_request_behind_a_body_is_not_forgotten(folder: Path) -> None:
    """It came in the last record of the body and was decrypted with it, and the only worker goes to others first."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        entered.set()
        assert go_on.wait(PATIENCE)
        return served.note(environ, start_response)

    entered, go_on = threading.Event(), threading.Event()
    with Served(app=app, tls=pair(folder, "spine"), threads=1) as served, served.dial_tls(folder) as client:
        first = post("/1", b"body")
        client.sendall(first[:-4])
        client.sendall(first[-4:] + post("/2", b"again"))
        assert entered.wait(PATIENCE)
        with served.dial() as other:
            other.sendall(b"rubbish")
            while served.listener._server.nobody_waits():
                pass
            go_on.set()
            assert [served.request().body for _ in range(2)] == [b"body", b"again"]


def test_http_1_0_closes_unless_asked() -> None:
    """A client of version 1.0 keeps the connection only with Connection: keep-alive."""
    with Served() as served, served.dial() as client:
        client.sendall(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        assert read_answer(client).headers["connection"] == "keep-alive"
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_answer(client).headers["connection"] == "close"
        assert at_end(client)


def test_chunked_bodies_are_decoded(folder: Path) -> None:
    """Chunks, with an extension and a trailer; the next request on the connection is not touched."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Served(tls=pair(folder, "spine")) as served, served.dial_tls(folder) as client:
        for piece in (
            head,
            b"4;a=b\r\nWi",
            b"ki\r",
            b"\n5\r\npedia\r\n0\r\nX-Trailer: 1\r\n\r\n" + post("/next", b"n"),
        ):
            client.sendall(piece)
        assert served.request().body == b"Wikipedia"
        assert served.request().body == b"n"


def test_the_body_is_awaited_after_continue() -> None:
    """With Expect: 100-continue the body is asked for, and not when it is too large."""
    with Served(limits=Limits(body_bytes=10)) as served, served.dial() as client, served.dial() as greedy:
        client.sendall(post("/", b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 4"))
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"body")
        assert read_answer(client).body == b"4 "
        greedy.sendall(post("/", b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 11"))
        assert greedy.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_an_answer_may_come_in_pieces() -> None:
    """An application that does not say how long its answer is has it sent in chunks, and can read as from a file."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield environ["wsgi.input"].readline()
        yield from environ["wsgi.input"]
        yield environ["wsgi.input"].read()

    with Served(app=app) as served, served.dial() as client:
        client.sendall(post("/", b"a\nb\nc"))
        answer = read_answer(client)
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.body == b"a\nb\nc"


def test_an_application_that_fails_is_answered_for(caplog: pytest.LogCaptureFixture) -> None:
    """500, the reason in our log and not in the answer, and the listener goes on. Its own OSError is no lost client."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise OSError("the disk is full")

    with Served(app=app) as served:
        for _ in range(3):
            with served.dial() as client:
                client.sendall(post("/", b""))
                answer = read_answer(client)
                assert answer.status == 500
                assert b"disk" not in answer.body
    assert len(caplog.records) == 3
    assert "the disk is full" in caplog.text


def test_a_failure_after_start_response_is_answered_too(caplog: pytest.LogCaptureFixture) -> None:
    """The head is held until the first bytes of the body: an application that fails before them gets its 500."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        raise ValueError("too late?")
        yield b""

    with Served(app=app) as served, served.dial() as client:
        client.sendall(post("/", b""))
        assert read_answer(client).status == 500
    assert "too late?" in caplog.text


def test_silent_and_dripping_clients_hold_up_nobody(folder: Path) -> None:
    """Far more such clients than threads, stuck in every phase: others' requests are answered all the while."""
    hello = b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03"
    with Served(tls=pair(folder, "spine"), threads=2) as served, ExitStack() as stack:
        silent = [stack.enter_context(served.dial()) for _ in range(10)]
        greeting = [stack.enter_context(served.dial()) for _ in range(10)]
        heading = [stack.enter_context(served.dial_tls(folder)) for _ in range(10)]
        sending = [stack.enter_context(served.dial_tls(folder)) for _ in range(10)]
        for client in heading:
            client.sendall(b"POST / HTTP/1.1\r\nX-Long: ")
        for client in sending:
            client.sendall(post("/slow", bytes(1000))[:-1000])
        with served.dial_tls(folder) as busy:
            for number in range(50):
                for client in greeting:
                    client.sendall(hello[number : number + 1])
                for client in heading + sending:
                    client.sendall(b"x")
                busy.sendall(post(f"/{number}", b"body"))
                assert read_answer(busy).body == b"4 "
                assert served.request().environ["PATH_INFO"] == f"/{number}"
        assert all(still_open(client) for client in silent + greeting + heading + sending)
        assert served.refusals.empty()


def test_an_answer_that_is_not_taken_does_not_hold_up_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    """A client that does not read a large answer is left behind when the listener stops; that is no failure of ours."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        started.set()
        return [bytes(64 * 1024 * 1024)]

    started = threading.Event()
    with Served(app=app) as served, served.dial() as client:
        client.sendall(post("/", b""))
        assert started.wait(PATIENCE)
        served.listener.stop()
    assert caplog.records == []


def test_a_stop_lets_the_request_in_hand_finish() -> None:
    """The answer that is being made when stop is called still arrives, and the connection closes."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        entered.set()
        assert go_on.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    entered, go_on = threading.Event(), threading.Event()
    with Served(app=app) as served, served.dial() as client, served.dial() as idle:
        client.sendall(post("/", b""))
        assert entered.wait(PATIENCE)
        stopping = threading.Thread(target=served.listener.stop)
        stopping.start()
        assert at_end(idle)
        go_on.set()
        answer = read_answer(client)
        stopping.join(PATIENCE)
        assert not stopping.is_alive()
    assert (answer.body, answer.headers["connection"]) == (b"ok", "close")


def test_a_taken_port_is_said_in_a_sentence() -> None:
    """PortInUse names the address, before anything is served; so it is for an address that is not ours."""
    with Served() as served:
        port = served.address[1]
        with pytest.raises(PortInUse, match=rf"^Cannot listen on 127\.0\.0\.1 port {port}: another program"):
            Served(port=port).__enter__()
    with pytest.raises(PortInUse, match=r"203\.0\.113\.1 port 0"):
        Listener(served.note, "203.0.113.1", 0, tls=None, on_refused=served.refusals.put)


def test_a_stop_releases_the_port(folder: Path) -> None:
    """With clients in every phase still connected, the same port can be taken at once; stopping twice does no harm."""
    with Served(tls=pair(folder, "spine")) as first, first.dial() as silent, first.dial_tls(folder) as idle:
        idle.sendall(post("/", b""))
        assert read_answer(idle).status == 200
        first.listener.stop()
        first.listener.stop()
        with Served(tls=pair(folder, "spine"), port=first.address[1]) as second, second.dial_tls(folder) as client:
            client.sendall(post("/", b"again"))
            assert read_answer(client).body == b"5 "
        assert at_end(silent)
        assert at_end(idle)


def test_files_that_cannot_be_used_stop_the_listener_early(folder: Path) -> None:
    """CertificateTrouble, and no port is bound."""
    with pytest.raises(CertificateTrouble, match=r"nowhere\.pem"):
        Served(tls=TlsFiles(folder / "nowhere.pem", folder / "spine.pem", folder / "spine.key")).__enter__()


def test_ipv6_peers_are_written_with_brackets() -> None:
    """[::1]:port."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with Served(host="::1") as served, served.dial() as client:
        client.sendall(post("/", b""))
        assert read_answer(client).status == 200
        assert served.request().environ["gp2gp.peer"] == f"[::1]:{client.getsockname()[1]}"


def test_a_listener_that_never_started_can_be_stopped() -> None:
    """Its port is released all the same."""
    served = Served()
    listener = Listener(served.note, "127.0.0.1", 0, tls=None, on_refused=served.refusals.put)
    listener.stop()
    with Served(port=listener.address[1]) as again, again.dial() as client:
        client.sendall(post("/", b""))
        assert read_answer(client).status == 200
