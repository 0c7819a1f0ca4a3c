"""TLS contexts for both directions, from files that the caller names: nothing is read from the environment."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from simulator.shell.certificates import CertificateTrouble


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of one direction: whom we trust, and the pair we show; a client may show none."""

    ca: Path
    certificate: Path | None
    key: Path | None


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Context of a server that demands a client certificate. Raises CertificateTrouble, one sentence."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, files)
    context.verify_mode = ssl.CERT_REQUIRED
    # A resumed session would skip the client's certificate, and with it the check of its dates: always start afresh.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Context of a client that checks the server's certificate and name. Raises CertificateTrouble, one sentence."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, files)
    # Older message handlers have certificates with a common name only; the courier accepts and notes them.
    context.hostname_checks_common_name = True
    return context


def _context(protocol: int, files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # HTTP/1.1 alone: a client that is offered h2 would speak what the server cannot.
    context.set_alpn_protocols(["http/1.1"])
    # The file may hold an intermediate authority or the pinned certificate itself, not only a root.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=files.ca)
    except OSError as error:
        raise CertificateTrouble(f"{files.ca} cannot be used as certificate authority ({_why(error)}).") from error
    if files.certificate is None or files.key is None:
        return context
    try:
        # An empty passphrase, else OpenSSL asks for one at the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError as error:
        pair = f"{files.certificate} and {files.key}"
        raise CertificateTrouble(f"{pair} cannot be used as certificate and key ({_why(error)}).") from error
    return context


def _why(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or str(error)
