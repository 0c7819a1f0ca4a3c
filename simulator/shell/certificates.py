"""Test certificates: one authority and the pairs that Spine, a client and the system under test need.

Keys are ECDSA P-256, in PEM (PKCS 8, no passphrase), files of mode 0600. Nothing here is fit for anything but a test.
"""

import contextlib
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEFAULT_HOSTS: Final = ("localhost", "127.0.0.1", "::1")

_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
# A machine whose clock runs a little behind ours must still find the certificate valid.
_SKEW: Final = timedelta(hours=1)


class CertificateTrouble(Exception):
    """Certificates could not be made, read or used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a leaf certificate is to say. ``hosts`` are DNS names or IP addresses."""

    name: str
    usages: tuple[x509.ObjectIdentifier, ...]
    start: datetime
    end: datetime
    hosts: Sequence[str] = ()


def make(
    folder: Path,
    hosts: Sequence[str] = DEFAULT_HOSTS,
    *,
    now: datetime,
    days: int = 365,
    overwrite: bool = False,
) -> None:
    """Write ca, spine, client and sut (``.pem`` and ``.key`` each) to ``folder``, valid from ``now`` for ``days``.

    ``now`` is an aware time. spine and sut may act as server (for ``hosts``) and as client, client only as client.
    Raises CertificateTrouble when the set exists and ``overwrite`` is not given, or when it cannot be written.
    """
    if now.tzinfo is None:
        raise ValueError("now must carry its time zone")
    if not hosts or days < 1:
        raise CertificateTrouble("Certificates need at least one host name and at least one day of life.")
    end = now + timedelta(days=days)
    both = (_SERVER, _CLIENT)
    authority = _new_authority("GP2GP test authority", now - _SKEW, end)
    files = _pair("ca", authority.certificate, authority.key)
    for name, usages, names in (("spine", both, hosts), ("client", (_CLIENT,), ()), ("sut", both, hosts)):
        files |= _leaf_pair(name, authority, _Wish(f"GP2GP test {name}", usages, now - _SKEW, end, names))
    _write(folder, files, overwrite=overwrite)


def make_bad(folder: Path, *, now: datetime, overwrite: bool = False) -> None:
    """Write pairs that a careful server refuses, beside a set that ``make`` wrote.

    wrong-ca (signed by an authority nobody trusts), expired (a day ago), server-only (no clientAuth usage).
    Raises CertificateTrouble as ``make`` does, and when ``folder`` holds no authority.
    """
    authority = _read_authority(folder)
    start, end = now - timedelta(days=10), now + timedelta(days=10)
    stranger = _new_authority("Another test authority", start, end)
    files = _leaf_pair("wrong-ca", stranger, _Wish("GP2GP test stranger", (_CLIENT,), start, end))
    late = now - timedelta(days=1)
    files |= _leaf_pair("expired", authority, _Wish("GP2GP test expired", (_CLIENT,), start, late))
    files |= _leaf_pair("server-only", authority, _Wish("GP2GP test server", (_SERVER,), start, end, DEFAULT_HOSTS))
    _write(folder, files, overwrite=overwrite)


def _new_authority(name: str, start: datetime, end: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key, start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Authority(certificate, key)


def _leaf_pair(stem: str, authority: _Authority, wish: _Wish) -> dict[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = str(authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(wish.name, issuer, key, wish.start, wish.end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(wish.usages), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    if wish.hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(_names(wish.hosts)), critical=False)
    return _pair(stem, builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [_name(host.strip("[]")) for host in hosts]


def _name(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    try:
        return x509.DNSName(host.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError) as error:
        raise CertificateTrouble(f"{host!r} is neither a host name nor an IP address.") from error


def _pair(stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> dict[str, bytes]:
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return {
        f"{stem}.pem": certificate.public_bytes(pem),
        f"{stem}.key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    }


def _read_authority(folder: Path) -> _Authority:
    try:
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateTrouble(f"{folder} holds no certificate authority that can be read ({error}).") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateTrouble(f"The authority in {folder} was not made by this program.")
    return _Authority(certificate, key)


def _write(folder: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    standing = [name for name in files if (folder / name).exists()]
    if standing and not overwrite:
        raise CertificateTrouble(f"{folder} already holds {standing[0]}; it is replaced only when you ask for it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside the destination, so that the moves below stay within one file system and each is atomic.
        aside = Path(tempfile.mkdtemp(prefix=".certificates-", dir=folder))
    except OSError as error:
        raise CertificateTrouble(f"Certificates cannot be written to {folder} ({error.strerror}).") from error
    try:
        for name, content in files.items():
            _write_file(aside / name, content)
        # The authority comes last: while it is missing, the set does not count as made.
        for name in sorted(files, key=lambda name: name.startswith("ca.")):
            (aside / name).replace(folder / name)
    except OSError as error:
        raise CertificateTrouble(f"Certificates cannot be written to {folder} ({error.strerror}).") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_file(path: Path, content: bytes) -> None:
    # The mode is set when the file is created: a key must at no moment be readable by others.
    mode = 0o600 if path.suffix == ".key" else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
