"""Writes the SOAP fault with ``nasp:errorList`` in the child order of Spine's own template."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.wire import names
from simulator.wire.soap import FaultError
from simulator.wire.writers.xml import mandatory, text


def fault(errors: Sequence[FaultError], *, faultcode: str = "SOAP:Server") -> bytes:
    """The fault document. Send it as HTTP 500 with Content-Type exactly ``text/xml``: clients insist on it.

    :raises ValueError: without errors, or for an empty context, code, severity or description. Location may be empty.
    """
    mandatory(faultcode=faultcode)
    if not errors:
        raise ValueError("errors must not be empty")
    entries = "".join(map(_error, errors))
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<SOAP:Envelope xmlns:SOAP="{names.SOAP}"><SOAP:Body><SOAP:Fault>'
        f"<faultcode>{text(faultcode)}</faultcode><faultstring>Application Exception</faultstring><detail>"
        f'<nasp:errorList xmlns:nasp="{names.NASP}">{entries}</nasp:errorList></detail></SOAP:Fault></SOAP:Body>'
        f"</SOAP:Envelope>"
    ).encode()


def _error(error: FaultError) -> str:
    mandatory(code_context=error.code_context, code=error.code, severity=error.severity, description=error.description)
    return (
        f"<nasp:error><nasp:codeContext>{text(error.code_context)}</nasp:codeContext>"
        f"<nasp:errorCode>{text(error.code)}</nasp:errorCode><nasp:severity>{text(error.severity)}</nasp:severity>"
        f"<nasp:location>{text(error.location)}</nasp:location>"
        f"<nasp:description>{text(error.description)}</nasp:description></nasp:error>"
    )
