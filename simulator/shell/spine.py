"""The simulated messaging endpoints. A view hands the octets over and sends back what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flask import Blueprint, Response, request

from simulator.protocol.faults import BREAK_OFF_ANSWER, DRIP_ANSWER
from simulator.shell.channel import ClientLostError
from simulator.shell.drips import drips
from simulator.shell.runtime import Runtime
from simulator.shell.server import read_body

# The reference set posts to forwardreliable, SDS publishes intermediary today, clients of one fake Spine use "/".
PATHS = (
    "/reliablemessaging/forwardreliable",
    "/reliablemessaging/intermediary",
    "/reliablemessaging/reliablerequest",
    "/",
)


def _nothing(_: bytes) -> Iterator[bytes]:
    """The connection ends before an octet of the answer, as if the client had been lost."""
    raise ClientLostError("broken off on purpose")
    yield b""


WRONG: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {BREAK_OFF_ANSWER: _nothing, DRIP_ANSWER: drips}


def blueprint(runtime: Runtime, limit: int) -> Blueprint:
    """The endpoints that accept ebXML. ``limit`` is the largest body that is read, in bytes."""
    views = Blueprint("spine", __name__)

    def accept() -> Response:
        environ = request.environ
        body, problem = read_body(environ, limit)
        about = {
            "path": request.path,
            "head": environ.get("gp2gp.head", b"").decode("latin-1"),
            "peer": environ.get("gp2gp.peer", ""),
            "tls": environ.get("gp2gp.tls", ""),
            "content_type": request.headers.get("Content-Type", ""),
            "soap_action": request.headers.get("SOAPAction", ""),
            "body_problem": problem,
        }
        answer = runtime.receive(about["content_type"], about["soap_action"], body, about)
        headers = {"SOAPAction": answer.soap_action} if answer.soap_action else {}
        # Content-Type is exactly text/xml: one known client fails on any parameter (Flask would add a charset).
        sent: bytes | Iterator[bytes] = WRONG[answer.manner](answer.body) if answer.manner else answer.body
        response = Response(sent, status=answer.status, headers=headers)
        response.headers["Content-Type"] = answer.content_type
        return response

    for number, path in enumerate(PATHS):
        views.add_url_rule(path, f"accept{number}", accept, methods=["POST"])
    return views
