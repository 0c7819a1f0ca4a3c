"""How Spine posts a delivery: its headers, its certificate, and what it does wrong where a fault says so."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Self

from simulator.protocol import faults
from simulator.protocol.commands import Post
from simulator.shell.certificates import CertificateTrouble
from simulator.shell.client import Outcome, Poster
from simulator.shell.drips import broken_off, drips
from simulator.shell.settings import Settings
from simulator.shell.tls import TlsFiles

USER_AGENT = "Mozilla/5.0 (compatible; pycurl)"
IN_PIECES = {faults.DRIP: drips, faults.BREAK_OFF: broken_off}
PAIRS = {faults.STRANGE_CERTIFICATE: "wrong-ca", faults.EXPIRED_CERTIFICATE: "expired"}


class Posting:
    """Posts with Spine's own pair; under another one, or in pieces, where that is asked for. Thread-safe."""

    def __init__(self, settings: Settings, tls: TlsFiles) -> None:
        self._settings, self._tls = settings, tls
        self._client = Poster(tls)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, command: Post) -> Outcome:
        """What became of it. The headers of what Spine sends, in the order of the captures; SOAPAction unquoted."""
        headers = [
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "none"),
            ("SOAPAction", command.soap_action.strip('"')),
            ("Accept", "*/*"),
            *([] if self._settings.keep_alive else [("Connection", "close")]),
            ("Content-Type", command.content_type),
        ]
        in_pieces = IN_PIECES.get(command.manner)
        if in_pieces is not None:
            pieces, length = in_pieces(command.body), ("Content-Length", str(len(command.body)))
            seconds = self._settings.post_seconds
            return self._client.post(command.url, [*headers, length], pieces, timeout=seconds, keep_alive=False)
        if command.manner:
            return self._as_another(command, headers)
        return self._client.post(
            command.url,
            headers,
            command.body,
            timeout=self._settings.post_seconds,
            keep_alive=self._settings.keep_alive,
        )

    def _as_another(self, command: Post, headers: list[tuple[str, str]]) -> Outcome:
        """Under a certificate that must be refused, or none: the pairs stand beside the authority (``make_bad``)."""
        name = PAIRS.get(command.manner, "")
        folder = self._tls.ca.parent
        files = replace(self._tls, certificate=None, key=None)
        if name:
            files = replace(self._tls, certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
        try:
            outcome = Poster(files).post(
                command.url, headers, command.body, timeout=self._settings.post_seconds, keep_alive=False
            )
        except CertificateTrouble as trouble:
            return Outcome(None, (), b"", 0.0, "refused", reason=f"not played: {trouble}")
        if "CERTIFICATE_VERIFY_FAILED" in outcome.reason:
            return replace(outcome, error="refused", reason=f"not played: {outcome.reason}")
        if outcome.status is not None or outcome.error not in ("tls", "reset", "truncated", "garbled"):
            return outcome
        # Whether the alert or the end of the connection is noticed first is chance (TLS 1.3 refuses after the handshake).
        said = "the connection was ended before any answer"
        return replace(outcome, error="tls", reason=said, certificate_note=outcome.reason)
