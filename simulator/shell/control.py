"""The control plane: on a listener of its own, behind a token, never on the simulated plane."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from simulator.protocol.plan import from_json_values, practice
from simulator.shell.runtime import Runtime

LONGEST_POLL = 30.0  # seconds


def blueprint(runtime: Runtime, token: str, sut: Callable[[], str], stop: Callable[[], None]) -> Blueprint:
    """The verbs of the judge. ``sut`` gives the party key of the system under test; ``stop`` ends the process."""
    views = Blueprint("control", __name__, url_prefix="/control")
    _guard(views, token)
    _world(views, runtime, stop)
    _cases(views, runtime, sut)
    return views


def _guard(views: Blueprint, token: str) -> None:
    """Nobody without the token, and every trouble as JSON with one sentence."""

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


def _world(views: Blueprint, runtime: Runtime, stop: Callable[[], None]) -> None:
    """What is not of one case: octets, practices, entries of the judge's, the end."""

    @views.post("/blobs")
    def put_blob() -> Response:
        return jsonify(blob=runtime.blobs.put(request.get_data()))

    @views.post("/practices")
    def put_practice() -> Response:
        facts = _fields(request.get_json(), "ods", "asid", "party_key")
        try:
            row = practice(facts)
        except TypeError as trouble:
            raise ValueError(f"the practice is no practice: {trouble}") from None
        runtime.register(row, facts)
        return jsonify({})

    @views.post("/entries")
    def entries() -> Response:
        rows = [_fields(row, "kind", "data") for row in request.get_json()]
        for row in rows:
            runtime.note(str(row["kind"]), str(row.get("case", "")), dict(row["data"]))
        return jsonify(head=runtime.ledger.head, entries=runtime.ledger.seq)

    @views.post("/stop")
    def stop_process() -> Response:
        stop()
        return jsonify({})


def _cases(views: Blueprint, runtime: Runtime, sut: Callable[[], str]) -> None:
    """The cases: open one, watch them, report what was done and seen."""

    @views.post("/cases")
    def open_case() -> Response:
        owner = runtime.hub.directory.by_party(sut())
        if owner is None:
            raise ValueError("the system under test is not registered yet")
        runtime.open_case(from_json_values(request.get_json(), runtime.blobs.get, owner))
        return jsonify({})

    @views.get("/status")
    def status() -> Response:
        seconds = min(float(request.args.get("wait", "0")), LONGEST_POLL)
        return jsonify(runtime.status(int(request.args.get("since", "-1")), seconds))

    @views.post("/cases/<case>/asked")
    def asked(case: str) -> Response:
        body = _fields(request.get_json(), "position", "outcome")
        runtime.asked(case, int(body["position"]), str(body["outcome"]))
        return jsonify({})

    @views.post("/cases/<case>/settled")
    def settled(case: str) -> Response:
        runtime.settled(case, int(_fields(request.get_json(), "revision")["revision"]))
        return jsonify({})


def _fields(values: object, *names: str) -> dict[str, Any]:
    """A JSON object that has ``names``. :raises ValueError: naming what it lacks."""
    fields = dict(values) if isinstance(values, Mapping) else {}
    missing = [name for name in names if name not in fields]
    if missing:
        raise ValueError(f"the request has no {', '.join(missing)}")
    return fields
