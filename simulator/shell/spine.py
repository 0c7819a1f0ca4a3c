"""The simulated messaging endpoints. A view hands the octets over and sends back what was decided."""

from __future__ import annotations

from flask import Blueprint, Response, request

from simulator.shell.runtime import Runtime
from simulator.shell.server import read_body

# The reference set posts to forwardreliable, SDS publishes intermediary today, clients of one fake Spine use "/".
PATHS = (
    "/reliablemessaging/forwardreliable",
    "/reliablemessaging/intermediary",
    "/reliablemessaging/reliablerequest",
    "/",
)


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
        response = Response(answer.body, status=answer.status, headers=headers)
        response.headers["Content-Type"] = answer.content_type
        return response

    for number, path in enumerate(PATHS):
        views.add_url_rule(path, f"accept{number}", accept, methods=["POST"])
    return views
