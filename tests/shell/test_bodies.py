"""Bodies that are slow, short, too large or badly framed: bounded, recorded, shown to the application as they came."""

import io
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.shell.body import Body, Budget
from simulator.shell.server import Limits, RefusalKind, read_body
from tests.shell.sockets import Served, at_end, certificate_folder, pair, post, read_answer

pytestmark = pytest.mark.socket

SOON = 0.2
"""A deadline, in seconds, for tests that wait until it has passed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_folder(tmp_path_factory)


@pytest.mark.parametrize("framing", ["Content-Length: 9", "Transfer-Encoding: chunked"])
def test_a_body_has_a_deadline(framing: str) -> None:
    """The application gets what came, and the word slow; it answers, and the connection closes."""
    with Served(limits=Limits(body=SOON)) as served, served.dial() as client:
        client.sendall(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n4\r\nabc".encode())
        answer = read_answer(client)
        assert answer.headers["connection"] == "close"
        assert answer.body.endswith(b" slow")
        assert served.request().body in {b"4\r\nabc", b"abc"}
        served.refused("body-slow")


@pytest.mark.parametrize("framing", ["Content-Length: 9", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("secure", [False, True])
def test_a_body_that_ends_early_is_truncated(folder: Path, framing: str, secure: bool) -> None:
    """The client leaves before the announced end: the application sees what came."""
    with Served(tls=pair(folder, "spine") if secure else None) as served:
        with served.dial_tls(folder) if secure else served.dial() as client:
            client.sendall(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n8\r\nabc".encode())
        seen = served.request()
        assert seen.problem == "truncated"
        assert seen.body in {b"8\r\nabc", b"abc"}
        served.refused("body-truncated")


def test_who_only_stops_sending_still_gets_the_answer() -> None:
    """A half-closed connection: the answer to the truncated body arrives."""
    with Served() as served, served.dial() as client:
        client.sendall(post("/", b"four").replace(b"Length: 4", b"Length: 5"))
        client.shutdown(socket.SHUT_WR)
        assert read_answer(client).body == b"4 truncated"
        served.refused("body-truncated")


def test_a_body_over_the_limit_is_not_read(folder: Path) -> None:
    """413 arrives although the client goes on sending; the application is not called."""
    with Served(tls=pair(folder, "spine"), limits=Limits(body_bytes=1000)) as served, served.dial_tls(folder) as client:
        client.sendall(post("/", bytes(1001)))
        answer = read_answer(client)
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert at_end(client)
        served.refused("body-too-large")
        assert served.seen.empty()


def test_chunks_over_the_limit_are_not_read() -> None:
    """Each chunk is small, together they are too much."""
    with Served(limits=Limits(body_bytes=1000)) as served, served.dial() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"64\r\n" + bytes(100) + b"\r\n") * 11
        )
        assert read_answer(client).status == 413
        served.refused("body-too-large")
        assert served.seen.empty()


def test_an_application_may_want_less() -> None:
    """read_body has its own limit: the beginning is kept, and the refusal recorded."""
    with Served(body_limit=3) as served, served.dial() as client:
        client.sendall(post("/", b"four"))
        assert read_answer(client).body == b"3 too-large"
        served.refused("body-too-large")


def test_two_things_wrong_are_one_refusal() -> None:
    """A body cut short that is also more than the application wants: the first reason counts."""
    with Served(body_limit=3) as served, served.dial() as client:
        client.sendall(post("/", b"four").replace(b"Length: 4", b"Length: 5"))
        client.shutdown(socket.SHUT_WR)
        assert read_answer(client).body == b"3 too-large"
        served.refused("body-truncated")


@pytest.mark.parametrize(
    "chunks", [b"x\r\n", b"-1\r\n", b"3\r\nfour\r\n", b"1;" + b"e" * 5000, b"0\r\n" + b"T: t\r\n" * 12000]
)
def test_garbled_chunks_are_named(chunks: bytes) -> None:
    """A size that is none, a chunk longer than its size, a line without end, an endless trailer."""
    with Served() as served, served.dial() as client:
        client.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert read_answer(client).body.endswith(b" garbled")
        served.refused("body-garbled")


def test_bodies_held_together_are_bounded() -> None:
    """A body that does not fit beside the others is answered 503; the bytes are given back afterwards."""
    with Served(limits=Limits(held_bytes=1000)) as served, served.dial() as first, served.dial() as second:
        for _ in range(3):
            first.sendall(post("/", bytes(800)))
            assert read_answer(first).status == 200
        second.sendall(post("/", bytes(1001)))
        assert read_answer(second).status == 503
        served.refused("busy")


@pytest.mark.parametrize(
    ("length", "data", "limit", "expected"),
    [
        ("4", b"body", 4, (b"body", "")),
        ("4", b"body and more", 9, (b"body", "")),
        ("5", b"body", 9, (b"body", "truncated")),
        ("4", b"body", 3, (b"bod", "too-large")),
        ("", b"body", 4, (b"body", "")),
        ("", b"body", 3, (b"bod", "too-large")),
    ],
)
def test_another_servers_input_is_read_too(length: str, data: bytes, limit: int, expected: tuple[bytes, str]) -> None:
    """read_body works with a test client's environment."""
    assert read_body({"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": length}, limit) == expected


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.data())
def test_chunks_may_be_cut_anywhere(chunks: list[bytes], data: st.DataObject) -> None:
    """However a chunked body is cut into pieces, it is decoded to the same octets, and what follows is left."""
    sent = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    follows = b"GET / HTTP/1.1\r\n\r\n"
    body = Body(None, 1000, Budget(1000), _nothing)
    buffer = bytearray()
    rest = sent + follows
    while rest and not body.done:
        size = data.draw(st.integers(1, len(rest)))
        body.add(rest[:size], buffer)
        rest = rest[size:]
    assert body.whole(1000) == (b"".join(chunks), "")
    assert bytes(buffer) + rest == follows


def _nothing(kind: RefusalKind, reason: str) -> None:
    pytest.fail(f"{kind}: {reason}")
