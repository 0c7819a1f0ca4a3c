"""The control plane: on a listener of its own, behind a token, never on the simulated plane."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from simulator.protocol.plan import from_json_values, practice
from simulator.shell.runtime import Runtime


def blueprint(runtime: Runtime, token: str, sut: Callable[[], str], stop: Callable[[], None]) -> Blueprint:
    """The verbs of the judge. ``sut`` gives the party key of the system under test; ``stop`` ends the process."""
    views = Blueprint("control", __name__, url_prefix="/control")

    @views.before_request
    def check_token() -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            abort(401, "The control plane wants the token of this run.")

    @views.errorhandler(HTTPException)
    def in_json(trouble: HTTPException) -> tuple[Response, int]:
        return jsonify(error=trouble.description), trouble.code or 500

    @views.errorhandler(ValueError)
    def refused(trouble: ValueError) -> tuple[Response, int]:
        return jsonify(error=str(trouble)), 409

    @views.post("/blobs")
    def put_blob() -> Response:
        return jsonify(blob=runtime.blobs.put(request.get_data()))

    @views.post("/practices")
    def put_practice() -> Response:
        row = practice(request.get_json())
        with_case = "" if not row.ours else row.name
        runtime.hub.directory.add(row)
        runtime.note("practice.registered", "", {**request.get_json(), "case": with_case})
        return jsonify({})

    @views.post("/cases")
    def open_case() -> Response:
        owner = runtime.hub.directory.by_party(sut())
        if owner is None:
            raise ValueError("the system under test is not registered yet")
        runtime.open_case(from_json_values(request.get_json(), runtime.blobs.get, owner))
        return jsonify({})

    @views.get("/status")
    def status() -> Response:
        seconds = min(float(request.args.get("wait", "0")), 30.0)
        return jsonify(runtime.status(int(request.args.get("since", "-1")), seconds))

    @views.post("/cases/<case>/asked")
    def asked(case: str) -> Response:
        body = request.get_json()
        runtime.asked(case, int(body["position"]), str(body["outcome"]))
        return jsonify({})

    @views.post("/cases/<case>/settled")
    def settled(case: str) -> Response:
        runtime.settled(case, int(request.get_json()["revision"]))
        return jsonify({})

    @views.post("/entries")
    def entries() -> Response:
        for row in request.get_json():
            runtime.note(str(row["kind"]), str(row.get("case", "")), dict(row["data"]))
        return jsonify(head=runtime.ledger.head, entries=runtime.ledger.seq)

    @views.post("/stop")
    def stop_process() -> Response:
        stop()
        return jsonify({})

    return views
