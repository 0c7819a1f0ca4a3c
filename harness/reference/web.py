"""The practice's two doors, and its way out: mutual TLS for messages, plain HTTP on the loopback for the hooks."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import urllib3
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask, Response, jsonify, request

from harness.reference.config import Certificates, Config
from harness.reference.hooks import Hooks
from harness.reference.outbox import Reply
from harness.reference.practice import Practice
from harness.reference.replies import HookError

MAX_BODY = 200_000_000
TIMEOUT = urllib3.Timeout(connect=5, read=30)


class Net:
    """Outgoing HTTP: pooled connections, our certificate pair, the one CA we trust, and nothing of the environment."""

    def __init__(self, certificates: Certificates, connections: int = 16) -> None:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(certificates.ca))
        context.load_cert_chain(str(certificates.certificate), str(certificates.key))
        self._pool = urllib3.PoolManager(maxsize=connections, ssl_context=context, retries=False, timeout=TIMEOUT)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post once. A connection that fails is status 0: whether to try again is the contract's business."""
        try:
            answer = self._pool.request("POST", url, headers=dict(headers), body=body, redirect=False)
        except urllib3.exceptions.HTTPError:
            return Reply(0)
        return Reply(answer.status, answer.headers.get("Content-Type", ""), answer.data)

    def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Fetch a URL: status (0 when nothing answered) and body."""
        try:
            answer = self._pool.request("GET", url, headers=dict(headers), redirect=False)
        except urllib3.exceptions.HTTPError:
            return 0, b""
        return answer.status, answer.data


def message_app(practice: Practice) -> Flask:
    """Where Spine delivers: POST on any path."""
    app = Flask("reference.messages")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.post("/")
    @app.post("/<path:path>")
    def deliver(path: str = "") -> Response:
        body = request.get_data(cache=False)
        if len(body) < (request.content_length or 0):
            return Response(status=400)  # it broke off: what did come must not be taken for a message
        known = request.environ.get("SSL_CLIENT_VERIFY", "SUCCESS") == "SUCCESS"
        answer = practice.receive(dict(request.headers), body, known=known)
        return Response(answer.body, answer.status, list(answer.headers))

    return app


def hook_app(hooks: Hooks) -> Flask:
    """Where the rig calls: POST /verb, a JSON object in and out."""
    app = Flask("reference.hooks")

    @app.post("/<verb>")
    def call(verb: str) -> tuple[Response, int]:
        body: Any = request.get_json(silent=True, force=True)
        if not isinstance(body, dict):
            return jsonify(error="the body is no JSON object"), 400
        try:
            return jsonify(hooks.call(verb, body)), 200
        except HookError as error:
            return jsonify(error=str(error)), error.status

    return app


def message_server(config: Config, practice: Practice) -> Server:
    """The mutual TLS listener, bound and ready to serve."""
    server = Server((config.host, config.port), message_app(practice), numthreads=10, server_name="reference practice")
    certificates = config.certificates
    adapter = BuiltinSSLAdapter(str(certificates.certificate), str(certificates.key))
    adapter.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates.ca))
    adapter.context.load_cert_chain(str(certificates.certificate), str(certificates.key))
    # Who shows none is let in to be refused, since only a message tells whose mutation it may be to take it.
    adapter.context.verify_mode = ssl.CERT_OPTIONAL
    server.ssl_adapter = adapter
    return _prepared(server)


def hook_server(config: Config, hooks: Hooks) -> Server:
    """The listener of the hooks, bound and ready to serve."""
    # settle waits, one thread for each case that is waited for, hence many.
    server = Server((config.hook_host, config.hook_port), hook_app(hooks), numthreads=32, server_name="hooks")
    return _prepared(server)


def _prepared(server: Server) -> Server:
    """Bind, with room for the many kept connections of a rig that plays many cases at once."""
    server.keep_alive_conn_limit = 64
    server.timeout = 60
    server.request_queue_size = 128
    server.shutdown_timeout = 1
    server.prepare()
    return server
