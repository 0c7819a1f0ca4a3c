"""The verbs of the hook contract: how a test tells this practice what its users do and what holds.

Every verb takes a JSON object and gives one. What cannot be done raises :class:`HookError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.reference import mutations
from harness.reference.attachments import File
from harness.reference.lookup import Get
from harness.reference.practice import Practice
from harness.reference.replies import HookError
from harness.reference.store import OFF, Case, Condition, Record, Scope
from simulator.wire.interactions import EXTRACTS

Body = dict[str, Any]
Verb = Callable[[Body], Body]

PRODUCT, VERSION = "reference practice", "0.1.0"
CONDITIONS = ("disabled", "large-messaging-off", "extract-failure", "integration-failure", "mutation")
DECISIONS = ("integrate", "reject-wrong-record", "suppress", "file-as-attachment", "defer")
SETTLE_SECONDS = 30.0


class Hooks:
    """The verbs, bound to one practice. ``get`` fetches the files of a record from where the rig offers them."""

    def __init__(self, practice: Practice, get: Get) -> None:
        self._practice, self._get = practice, get
        self.verbs: dict[str, Verb] = {
            "capabilities": self.capabilities,
            "register": self.register,
            "hold": self.hold,
            "decide": self.decide,
            "configure": self.configure,
            "resend": self.resend,
            "state": self.state,
            "filed": self.filed,
            "notices": self.notices,
            "clock": self.clock,
            "settle": self.settle,
            "reset": self.reset,
        }

    def call(self, verb: str, body: Body) -> Body:
        """Do ``verb``. :raises HookError: 501 for a verb that there is not, else what stood in its way."""
        if verb not in self.verbs:
            raise HookError(501, f"no verb {verb!r}")
        return self.verbs[verb](body)

    def capabilities(self, _: Body) -> Body:
        """Who this is and what it offers."""
        me = self._practice.me
        return {
            "product": PRODUCT,
            "version": VERSION,
            "verbs": list(self.verbs),
            "roles": ["requester", "sender"],
            "clock": "case",
            "practice": {"ods": me.ods, "asid": me.asid, "party_key": me.party_key},
        }

    def register(self, body: Body) -> Body:
        """A patient registers here: the record is requested from the previous practice."""
        case, nhs_number, previous = self._case(body), _patient(body), _text(body, "previous_practice")
        store = self._practice.store
        self._practice.requester.refuse_second(case, nhs_number)
        store.bind(case.id, nhs_number, previous)
        case.index.add(nhs_number)
        returning = bool(body.get("returning", False))
        self._practice.work.submit(
            case.id, lambda: self._practice.requester.register(case, nhs_number, previous, returning=returning)
        )
        return {}

    def hold(self, body: Body) -> Body:
        """A patient's record is held here, and will be asked for."""
        case, nhs_number, record = self._case(body), _patient(body), body.get("record")
        if not isinstance(record, dict) or not isinstance(record.get("folder"), dict):
            raise HookError(400, "record has no folder")
        interaction = _text(record, "interaction")
        if interaction not in EXTRACTS:
            raise HookError(400, f"no extract interaction: {interaction}")
        documents = tuple(
            File(_text(d, "id").removeprefix("_"), _text(d, "filename"), _text(d, "content_type"), self._fetch(d))
            for d in record.get("documents", [])
        )
        case.held[nhs_number] = Record(self._fetch(record["folder"]), interaction, documents)
        case.index.add(nhs_number)
        self._practice.store.bind(case.id, nhs_number)
        return {}

    def decide(self, body: Body) -> Body:
        """The user decides on a received record."""
        decision = _text(body, "decision")
        if decision not in DECISIONS:
            raise HookError(400, f"no decision {decision!r}")
        self._practice.requester.decide(self._case(body), _text(body, "nhs_number"), decision)
        return {}

    def configure(self, body: Body) -> Body:
        """A condition begins to hold, or ends (value ``off``), for some patients and peers of the case."""
        case, name, value = self._case(body), _text(body, "condition"), str(body.get("value", "on"))
        if name not in CONDITIONS:
            raise HookError(400, f"no condition {name!r}")
        if name == "mutation" and value not in ("", "off") and value not in mutations.table():
            raise HookError(400, f"no mutation {value!r}")
        nhs_numbers, peers = _texts(body, "nhs_numbers"), _texts(body, "peers")
        self._practice.store.bind(case.id, *nhs_numbers, *peers)
        case.conditions[name] = Condition(name, value, frozenset(nhs_numbers), peers)
        if name == "disabled" and value in OFF:
            for nhs_number in nhs_numbers:
                self._practice.sender.switched_on(case, nhs_number)
        case.preset = ("".join(_texts(body, "asids")[:1]), "".join(_texts(body, "party_keys")[:1]))
        return {}

    def resend(self, body: Body) -> Body:
        """The user sends a refused extract again."""
        self._practice.sender.resend(self._case(body), _text(body, "nhs_number"))
        return {}

    def state(self, body: Body) -> Body:
        """Where the patient's latest transfer stands."""
        case, nhs_number = self._case(body), _text(body, "nhs_number")
        transfer = case.latest(nhs_number)
        if Scope(case, nhs_number).flag("shown-state") == "stale":
            return {"state": "awaiting-decision"}
        return {"state": transfer.state.value if transfer is not None else "none"}

    def filed(self, body: Body) -> Body:
        """The documents received with the patient's record."""
        case, nhs_number = self._case(body), _text(body, "nhs_number")
        transfer = case.received(nhs_number)
        files = transfer.files if transfer is not None else ()
        flag = Scope(case, nhs_number).flag("filed")
        if flag == "truncated":
            files = tuple(replace(file, data=file.data[:-1]) for file in files)
        if flag == "unnamed":
            files = tuple(replace(file, name=f"attachment {n}") for n, file in enumerate(files))
        return {
            "files": [
                {"name": f.name, "media_type": f.media_type, "sha256": f.sha256, "bytes": len(f.data)} for f in files
            ]
        }

    def notices(self, body: Body) -> Body:
        """The response codes shown to the user."""
        return {"notices": [{"code": code, "text": text} for code, text in self._case(body).notices]}

    def clock(self, body: Body) -> Body:
        """Set the case's clock, from which it goes on, or let it follow the machine's again."""
        now = body.get("now")
        try:
            moment = datetime.fromisoformat(now) if isinstance(now, str) else None
        except ValueError as error:
            raise HookError(400, "now is no ISO 8601 time") from error
        if moment is not None and moment.tzinfo is None:
            raise HookError(400, "now has no zone")
        self._practice.work.set_clock(_text(body, "case"), moment)
        return {}

    def settle(self, body: Body) -> Body:
        """Wait until the case has no work that is due."""
        if not self._practice.work.settle(_text(body, "case"), SETTLE_SECONDS):
            raise HookError(504, "the case did not come to rest in time")
        return {}

    def reset(self, body: Body) -> Body:
        """Forget the case."""
        name = _text(body, "case")
        self._practice.work.forget(name)
        self._practice.work.set_clock(name, None)
        self._practice.store.reset(name)
        return {}

    def _case(self, body: Body) -> Case:
        return self._practice.store.case(_text(body, "case"))

    def _fetch(self, file: Any) -> bytes:
        url, digest = _text(file, "url"), _text(file, "sha256")
        status, data = self._get(url, {})
        if status != 200:
            raise HookError(422, f"HTTP {status} from {url}")
        if hashlib.sha256(data).hexdigest() != digest.lower():
            raise HookError(422, f"{url} is not the file that was announced")
        return data


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        raise HookError(400, f"{name} is missing")
    return value


def _texts(body: Body, name: str) -> tuple[str, ...]:
    values = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise HookError(400, f"{name} is no list of texts")
    return tuple(values)


def _patient(body: Body) -> str:
    patient = body.get("patient")
    if not isinstance(patient, dict):
        raise HookError(400, "patient is missing")
    return _text(patient, "nhs_number")
