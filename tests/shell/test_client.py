"""The courier's client sends exactly what it is given, to whom it should."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.shell.client import Outcome, Post, Poster
from simulator.shell.server import Limits
from simulator.shell.tls import TlsFiles
from tests.shell.sockets import PATIENCE, Served, certificate_folder, pair

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = certificate_folder(tmp_path_factory)
    write_common_name_only(folder)
    return folder


def write_common_name_only(folder: Path) -> None:
    """The pair of an old message handler: its host stands in the common name alone."""
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(signer, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "old.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "old.key").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))


def secure(
    served: Served, folder: Path, name: str = "client", host: str = "localhost", files: TlsFiles | None = None
) -> Post:
    return Post(f"https://{host}:{served.address[1]}/path?a=b", files or pair(folder, name))


@contextmanager
def closing(post: Post) -> Iterator[Post]:
    try:
        yield post
    finally:
        post.close()


def test_headers_go_out_as_given(folder: Path) -> None:
    """Order and case kept, a repeat kept, and nothing added but Host and Content-Length."""
    headers = [("SOAPaction", '"urn:x/y"'), ("X-b", "1"), ("X-b", "2"), ("a-Z", "é"), ("content-TYPE", "text/xml")]
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder)) as post:
        outcome = post.post(headers, b"body")
        seen = served.request()
    port = served.address[1]
    assert (outcome.status, outcome.body, outcome.error, outcome.certificate_note) == (200, b"4 ", "", "")
    assert ("Content-Length", "2") in outcome.headers
    assert seen.body == b"body"
    assert seen.environ["gp2gp.head"].decode("latin-1") == (
        f"POST /path?a=b HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 4\r\n"
        'SOAPaction: "urn:x/y"\r\nX-b: 1\r\nX-b: 2\r\na-Z: é\r\ncontent-TYPE: text/xml\r\n\r\n'
    )


def test_a_header_of_ours_may_replace_a_default(folder: Path) -> None:
    """User-Agent and Accept-Encoding are sent when given; Host too, once."""
    headers = [("User-Agent", "us"), ("Host", "elsewhere"), ("Accept-Encoding", "none")]
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder)) as post:
        post.post(headers, b"")
        head = served.request().environ["gp2gp.head"]
    assert b"User-Agent: us\r\nHost: elsewhere\r\nAccept-Encoding: none\r\n" in head
    assert head.count(b"Host") == 1


def test_the_environment_has_no_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and bundles of authorities in the environment are not looked at."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(folder / "wrong-ca.pem"))
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder)) as post:
        assert post.post([], b"").status == 200


def test_connections_are_kept_or_not(folder: Path) -> None:
    """With keep_alive one connection carries two posts; without, each has its own, and no header says so."""
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder)) as post:
        peers = []
        for keep_alive in (True, True, False, False):
            assert post.post([], bytes(100_000), keep_alive=keep_alive).status == 200
            environ = served.request().environ
            assert "HTTP_CONNECTION" not in environ
            peers.append(environ["gp2gp.peer"])
    assert peers[0] == peers[1]
    assert len(set(peers)) == 3


def test_a_poster_keeps_a_pool_for_each_endpoint(folder: Path) -> None:
    """Two paths, one pair of certificates; the second post to a path reuses its connection."""
    poster = Poster(pair(folder, "client"))
    with Served(tls=pair(folder, "spine")) as served:
        base = f"https://localhost:{served.address[1]}"
        peers = []
        for path in ("/a", "/b", "/a"):
            assert poster.post(base + path, [], b"", timeout=PATIENCE, keep_alive=True).status == 200
            peers.append(served.request().environ["gp2gp.peer"])
        poster.close()
    assert peers[0] == peers[2] != peers[1]


def test_a_certificate_with_only_a_common_name_is_accepted_and_noted(folder: Path) -> None:
    """On the first and on every further post of the connection."""
    with Served(tls=pair(folder, "old")) as served, closing(secure(served, folder)) as post:
        for _ in range(2):
            outcome = post.post([], b"")
            assert (outcome.status, outcome.certificate_note) == (200, "common-name-only")


def test_the_wrong_host_is_refused(folder: Path) -> None:
    """The name is checked: an alternative name counts, a common name only in its absence and never for an address."""
    with Served(tls=pair(folder, "old")) as served, closing(secure(served, folder, host="127.0.0.1")) as post:
        outcome = post.post([], b"")
        assert (outcome.status, outcome.error) == (None, "tls")
        assert "IP address mismatch" in outcome.reason
    with Served(tls=pair(folder, "sut")) as served, closing(secure(served, folder, host="127.0.0.1")) as post:
        assert post.post([], b"").status == 200


def test_an_unknown_authority_is_refused(folder: Path) -> None:
    """We trust the named authority alone."""
    files = TlsFiles(folder / "wrong-ca.pem", folder / "client.pem", folder / "client.key")
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder, files=files)) as post:
        assert post.post([], b"").error == "tls"
        served.refused("handshake")


def test_a_pinned_certificate_is_enough(folder: Path) -> None:
    """The file of authorities may be the server's certificate itself."""
    files = TlsFiles(folder / "spine.pem", folder / "client.pem", folder / "client.key")
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder, files=files)) as post:
        assert post.post([], b"").status == 200


def test_a_server_that_refuses_our_certificate_is_a_tls_error(folder: Path) -> None:
    """Under TLS 1.3 it shows only when we read."""
    with Served(tls=pair(folder, "spine")) as served, closing(secure(served, folder, "expired")) as post:
        outcome = post.post([], b"x")
        assert (outcome.status, outcome.error) == (None, "tls")
        served.refused("expired-certificate")


def test_an_early_answer_is_read_although_the_body_was_not_taken(folder: Path) -> None:
    """A server that answers 413 and closes while we still send."""
    tls, limits = pair(folder, "spine"), Limits(body_bytes=10)
    with Served(tls=tls, limits=limits) as served, closing(secure(served, folder)) as post:
        assert post.post([], bytes(4_000_000)).status == 413


@pytest.mark.parametrize("url", ["ftp://localhost/", "https://localhost/", "http:///x", "localhost", "http://[::1"])
def test_a_url_that_cannot_be_posted_to_is_our_own_mistake(url: str) -> None:
    """No scheme or host, a scheme we do not speak, https without certificates."""
    with pytest.raises(ValueError, match="is not "):
        Post(url)


def test_posts_from_many_threads_do_not_mix(folder: Path) -> None:
    """Each answer belongs to its own post."""
    with Served(tls=pair(folder, "spine"), threads=4) as served, closing(secure(served, folder)) as post:
        wrong: list[Outcome] = []

        def run(size: int) -> None:
            outcomes = [post.post([], bytes(size)) for _ in range(20)]
            wrong.extend(each for each in outcomes if each.body != f"{size} ".encode())

        threads = [threading.Thread(target=run, args=(size * 1000,)) for size in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert wrong == []
    assert served.seen.qsize() == 160
