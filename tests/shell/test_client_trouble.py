"""The courier's client turns every trouble of the network into an outcome, in time."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.shell import client as client_module
from simulator.shell.client import ErrorCode, Outcome, Post
from tests.shell.sockets import PATIENCE, Served, certificate_folder, pair

pytestmark = pytest.mark.socket

SOON = 0.3
"""A timeout, in seconds, for tests that wait until it has passed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_folder(tmp_path_factory)


@contextmanager
def scripted(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads one request's head, then does as told, then closes; the URL to reach it by."""

    def serve() -> None:
        connection, _ = listening.accept()
        connection.settimeout(PATIENCE)
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            act(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(PATIENCE)
        assert not thread.is_alive()


def post_once(url: str, timeout: float = PATIENCE, body: bytes = b"") -> Outcome:
    post = Post(url)
    try:
        return post.post([], body, timeout=timeout)
    finally:
        post.close()


def test_nobody_there_is_refused() -> None:
    """A port on which nobody listens, and a name that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert post_once(f"http://127.0.0.1:{port}/").error == "refused"
    assert post_once("http://nobody.invalid/").error == "refused"


def drip(head: bytes) -> Callable[[socket.socket], None]:
    """Answer with ``head`` and then a byte at a time, until the client leaves."""

    def act(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(SOON / 4)
        while True:
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                connection.sendall(b"x")
            except ConnectionError:
                return

    return act


@pytest.mark.parametrize(
    ("head", "status"),
    [(b"", None), (b"HTTP/1.1 200 OK\r\nX: ", None), (b"HTTP/1.1 202 Accepted\r\nContent-Length: 999\r\n\r\n", 202)],
)
def test_the_timeout_is_for_the_whole(head: bytes, status: int | None) -> None:
    """A server that sends a byte now and then is given up in time, wherever in its answer it is."""
    with scripted(drip(head)) as url:
        outcome = post_once(url, timeout=SOON)
    assert (outcome.status, outcome.error) == (status, "timeout")
    assert SOON <= outcome.seconds < PATIENCE / 2


def test_a_handshake_that_never_ends_is_a_timeout(folder: Path) -> None:
    """A server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        assert Post(url, pair(folder, "client"), timeout=SOON).post([], b"").error == "timeout"


def test_a_server_that_takes_nothing_is_a_timeout() -> None:
    """It answers neither, and our body does not fit into the buffers between us."""
    done = threading.Event()
    with scripted(lambda _: assert_set(done)) as url:
        outcome = post_once(url, timeout=SOON, body=bytes(64 * 1024 * 1024))
        done.set()
    assert outcome.error == "timeout"


def assert_set(event: threading.Event) -> None:
    assert event.wait(PATIENCE)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize(
    ("act", "status", "error"),
    [
        (reset, None, "reset"),
        (lambda _: None, None, "reset"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour"), 200, "truncated"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfo"), 200, "truncated"),
        (lambda s: s.sendall(b"rubbish\r\n\r\n"), None, "garbled"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), None, "garbled"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 200, "truncated"),
    ],
)
def test_what_the_other_side_does_is_an_outcome(
    act: Callable[[socket.socket], None], status: int | None, error: ErrorCode
) -> None:
    """Each misbehaviour has its code and a reason in words; a status that was read is kept."""
    with scripted(act) as url:
        outcome = post_once(url)
    assert (outcome.status, outcome.error) == (status, error)
    assert outcome.reason


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    """302 comes back as it is."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with scripted(lambda s: s.sendall(answer)) as url:
        outcome = post_once(url)
    assert (outcome.status, outcome.error) == (302, "")


def test_compressed_answers_stay_compressed() -> None:
    """The octets are evidence: nothing is decoded, and no small answer can unfold into a large one."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"
    with scripted(lambda s: s.sendall(answer)) as url:
        assert post_once(url).body == b"\x1f\x8b\x08"


def test_an_answer_over_the_limit_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read no further than the limit."""
    monkeypatch.setattr(client_module, "ANSWER_BYTES", 1000)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [bytes(900), bytes(900)]

    with Served(app=app) as served:
        outcome = post_once(f"http://127.0.0.1:{served.address[1]}/")
    assert (outcome.status, len(outcome.body), outcome.error) == (200, 1000, "too-large")
