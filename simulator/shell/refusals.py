"""What the listener turns away, and the limits by which it does."""

import ssl
from dataclasses import dataclass
from typing import Final, Literal

RefusalKind = Literal[
    "no-certificate",
    "unknown-authority",
    "expired-certificate",
    "wrong-usage",
    "bad-certificate",
    "plain-http",
    "handshake",
    "handshake-timeout",
    "garbled-head",
    "long-head",
    "head-timeout",
    "body-too-large",
    "body-truncated",
    "body-slow",
    "body-garbled",
    "busy",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One connection turned away. ``peer`` is "ip:port"; ``reason`` is for people. At most one for each connection."""

    kind: RefusalKind
    peer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds for the whole of a step, not for one read; sizes in bytes."""

    handshake: float = 15.0
    head: float = 15.0
    body: float = 120.0
    """For a request's body, and likewise for the answer to be taken."""
    idle: float = 60.0
    """Between two requests of one connection; passing it is no refusal."""
    head_bytes: int = 64 * 1024
    body_bytes: int = 64 * 1024 * 1024
    held_bytes: int = 512 * 1024 * 1024
    """For all the bodies held at one time."""
    connections: int = 512


# OpenSSL's verification results (x509_vfy.h).
_VERIFY_CODES: Final[dict[int, RefusalKind]] = {
    7: "unknown-authority",  # signature failure: an authority of the same name with another key
    9: "expired-certificate",  # not yet valid
    10: "expired-certificate",
    18: "unknown-authority",  # self-signed
    19: "unknown-authority",
    20: "unknown-authority",
    21: "unknown-authority",
    26: "wrong-usage",
}


def handshake_refusal(error: OSError) -> tuple[RefusalKind, str]:
    """Kind and reason of a TLS handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_CODES.get(error.verify_code, "bad-certificate"), f"client certificate: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        return "no-certificate", "the client showed no certificate"
    # Which of the three it is depends on whether OpenSSL has read the hello before the end of the stream comes.
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return "handshake", "the client went away during the handshake"
    reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return "handshake", f"the TLS handshake failed: {reason or error}"
