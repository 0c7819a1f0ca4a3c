"""Hooks over HTTP: ``POST {base}/{verb}`` with a JSON object (docs/hooks.openapi.json)."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from harness.drivers.base import Called, HookDriver, answered


class HttpDriver(HookDriver):
    """Drives a system that offers the hook contract at ``base``."""

    def __init__(self, base: str, seconds: float) -> None:
        """:param seconds: how long a call may take."""
        self._base = base.rstrip("/")
        super().__init__(
            f"The hooks at {self._base} do", "start the system under test, or correct driver.hooks in the profile"
        )
        self._seconds = seconds
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.mount("http://", HTTPAdapter(pool_maxsize=64))

    def carry(self, verb: str, body: dict[str, Any]) -> Called:
        """Post one call."""
        try:
            answer = self._http.post(f"{self._base}/{verb}", json=body, timeout=self._seconds)
            result = answer.json() if answer.content else {}
        except requests.Timeout:
            return Called("failed", error=f"the hook '{verb}' gave no answer within {self._seconds:g} s")
        except (requests.RequestException, ValueError) as trouble:
            return Called("failed", error=f"the hook '{verb}' failed: {type(trouble).__name__}")
        return answered(verb, answer.status_code, result)

    def stop(self) -> None:
        """Close the connections."""
        self._http.close()
