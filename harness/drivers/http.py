"""Hooks over HTTP: ``POST {base}/{verb}`` with a JSON object (docs/hooks.openapi.json)."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from harness.drivers.base import Called, DriverTrouble

NOT_OFFERED = frozenset({404, 405, 501})


class HttpDriver:
    """Drives a system that offers the hook contract at ``base``."""

    parallel = True

    def __init__(self, base: str, seconds: float) -> None:
        """:param seconds: how long a call may take."""
        self._base = base.rstrip("/")
        self._seconds = seconds
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.mount("http://", HTTPAdapter(pool_maxsize=64))
        self._verbs: frozenset[str] | None = None

    def start(self) -> dict[str, Any]:
        """Ask what the system can do."""
        called = self.call("capabilities", {})
        if called.outcome != "done":
            raise DriverTrouble(
                f"The hooks at {self._base} do not answer 'capabilities' ({called.error or called.outcome}); "
                "start the system under test, or correct driver.hooks in the profile."
            )
        self._verbs = frozenset(called.result.get("verbs", ()))
        return called.result

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Call one verb."""
        if self._verbs is not None and verb not in self._verbs:
            return Called("not offered", error=f"the system does not offer the hook '{verb}'")
        try:
            answer = self._http.post(f"{self._base}/{verb}", json=body, timeout=self._seconds)
            result = answer.json() if answer.content else {}
        except requests.Timeout:
            return Called("failed", error=f"the hook '{verb}' gave no answer within {self._seconds:g} s")
        except (requests.RequestException, ValueError) as trouble:
            return Called("failed", error=f"the hook '{verb}' failed: {type(trouble).__name__}")
        if answer.status_code in NOT_OFFERED:
            return Called("not offered", error=f"the system does not offer the hook '{verb}'")
        if answer.status_code >= 400 or not isinstance(result, dict):
            said = result.get("error", "") if isinstance(result, dict) else ""
            return Called("failed", error=f"the hook '{verb}' answered {answer.status_code} {said}".strip())
        return Called("done", result)

    def stop(self) -> None:
        """Close the connections."""
        self._http.close()
