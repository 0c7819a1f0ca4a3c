"""The test certificates say what they should, are private, and are never written by halves."""

import ipaddress
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from simulator.shell import certificates
from simulator.shell.certificates import CertificateTrouble
from simulator.shell.tls import TlsFiles, client_context, server_context

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def usages(path: Path) -> set[x509.ObjectIdentifier]:
    return set(read(path).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates") / "new" / "set"
    certificates.make(folder, now=NOW, days=30)
    certificates.make_bad(folder, now=NOW)
    return folder


def test_the_set_is_complete_and_nothing_else_is_left(folder: Path) -> None:
    """Every pair is there, and no temporary folder."""
    stems = ["ca", "client", "expired", "server-only", "spine", "sut", "wrong-ca"]
    assert sorted(path.name for path in folder.iterdir()) == [f"{s}.{e}" for s in stems for e in ("key", "pem")]


def test_keys_are_private_and_on_p256(folder: Path) -> None:
    """Key files have mode 0600, and the curve is P-256."""
    for key in folder.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    public = read(folder / "spine.pem").public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spine", {SERVER, CLIENT}),
        ("sut", {SERVER, CLIENT}),
        ("client", {CLIENT}),
        ("server-only", {SERVER}),
    ],
)
def test_a_certificate_may_do_what_it_is_for(folder: Path, name: str, expected: set[x509.ObjectIdentifier]) -> None:
    """Extended key usages, and the authority's signature."""
    assert usages(folder / f"{name}.pem") == expected
    read(folder / f"{name}.pem").verify_directly_issued_by(read(folder / "ca.pem"))


def test_hosts_become_dns_names_and_addresses(folder: Path) -> None:
    """The default hosts stand in the certificates of both servers, each in its own kind."""
    for name in ("spine", "sut"):
        names = read(folder / f"{name}.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["localhost"]
        assert names.get_values_for_type(x509.IPAddress) == [
            ipaddress.ip_address("127.0.0.1"),
            ipaddress.ip_address("::1"),
        ]


def test_validity_is_counted_from_the_given_time(folder: Path) -> None:
    """Thirty days from now, and a little earlier for clocks that are behind; the expired one ended before now."""
    spine = read(folder / "spine.pem")
    assert spine.not_valid_after_utc == NOW + timedelta(days=30)
    assert NOW - timedelta(days=1) < spine.not_valid_before_utc < NOW
    assert read(folder / "expired.pem").not_valid_after_utc < NOW


def test_the_stranger_is_signed_by_nobody_we_trust(folder: Path) -> None:
    """wrong-ca.pem does not come from ca.pem."""
    with pytest.raises(ValueError, match="Issuer"):
        read(folder / "wrong-ca.pem").verify_directly_issued_by(read(folder / "ca.pem"))


def test_an_existing_set_is_kept_unless_asked(tmp_path: Path) -> None:
    """A second call refuses in one sentence and changes nothing; with overwrite it replaces."""
    certificates.make(tmp_path, now=NOW)
    before = (tmp_path / "ca.pem").read_bytes()
    with pytest.raises(CertificateTrouble, match=r"already holds ca\.pem"):
        certificates.make(tmp_path, now=NOW)
    assert (tmp_path / "ca.pem").read_bytes() == before
    certificates.make(tmp_path, now=NOW, overwrite=True)
    assert (tmp_path / "ca.pem").read_bytes() != before
    read(tmp_path / "sut.pem").verify_directly_issued_by(read(tmp_path / "ca.pem"))


def test_a_failure_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the third file: the folder stays empty."""
    written: list[Path] = []

    def full(path: Path, content: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        path.write_bytes(content)
        written.append(path)

    monkeypatch.setattr(certificates, "_write_file", full)
    with pytest.raises(CertificateTrouble, match="No space left"):
        certificates.make(tmp_path, now=NOW)
    assert len(written) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path) -> None:
    """No host, no days, no host name, no folder, no authority."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CertificateTrouble, match="at least one host"):
        certificates.make(tmp_path, [], now=NOW)
    with pytest.raises(CertificateTrouble, match="at least one day"):
        certificates.make(tmp_path, now=NOW, days=0)
    with pytest.raises(CertificateTrouble, match="neither a host name"):
        certificates.make(tmp_path, ["a..b"], now=NOW)
    with pytest.raises(CertificateTrouble, match="cannot be written"):
        certificates.make(tmp_path / "file" / "below", now=NOW)
    with pytest.raises(CertificateTrouble, match="holds no certificate authority"):
        certificates.make_bad(tmp_path, now=NOW)


def test_a_naive_time_is_our_own_mistake(tmp_path: Path) -> None:
    """A time without zone would be taken for UTC or local at random."""
    with pytest.raises(ValueError, match="time zone"):
        certificates.make(tmp_path, now=NOW.replace(tzinfo=None))


def test_files_that_do_not_fit_are_named(folder: Path, tmp_path: Path) -> None:
    """A context says which file cannot be used and why."""
    good = TlsFiles(folder / "ca.pem", folder / "spine.pem", folder / "spine.key")
    assert server_context(good).minimum_version == client_context(good).minimum_version == 0x0303
    with pytest.raises(CertificateTrouble, match=r"missing\.pem cannot be used as certificate authority"):
        server_context(TlsFiles(tmp_path / "missing.pem", good.certificate, good.key))
    with pytest.raises(CertificateTrouble, match=r"client\.key cannot be used as certificate and key .*MISMATCH"):
        client_context(TlsFiles(good.ca, good.certificate, folder / "client.key"))
