"""Flask application factories: one for the messaging plane, one for the services, one for the control plane."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response

from simulator.shell import control, pds, sds, spine
from simulator.shell.runtime import Runtime


def messaging(runtime: Runtime, limit: int) -> Flask:
    """Spine's messaging endpoints (mutual TLS)."""
    app = Flask("spine")
    app.register_blueprint(spine.blueprint(runtime, limit))
    return app


def services(runtime: Runtime, address: str) -> Flask:
    """SDS, PDS, and the octets of records to be held, for systems without a certificate for these."""
    app = Flask("services")
    app.register_blueprint(sds.blueprint(runtime, address))
    app.register_blueprint(pds.blueprint(runtime))

    @app.get("/blobs/<digest>")
    def blob(digest: str) -> Response:
        try:
            return Response(runtime.blobs.get(digest), content_type="application/octet-stream")
        except KeyError:
            return Response("There are no such octets.\n", status=404, content_type="text/plain")

    return app


def controlling(runtime: Runtime, token: str, sut: Callable[[], str], stop: Callable[[], None]) -> Flask:
    """The control plane of the judge."""
    app = Flask("control")
    app.register_blueprint(control.blueprint(runtime, token, sut, stop))
    return app
