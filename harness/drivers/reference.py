"""The bundled reference practice as system under test: a process of its own, driven through its hooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.drivers.base import Called
from harness.drivers.http import HttpDriver
from harness.rig import Process, python_command


class ReferenceDriver:
    """Starts the reference practice; afterwards it is a system with hooks like any other."""

    parallel = True

    def __init__(self, config: dict[str, Any], folder: Path, seconds: float) -> None:
        """:param config: configuration of ``harness.reference``. :raises RigTrouble: when it does not come up."""
        file = folder / "reference.json"
        file.write_text(json.dumps(config), "utf-8")
        self._process = Process(
            python_command("reference", "--config", str(file)), folder / "reference.log", "The reference practice"
        )
        self.endpoint = self._process.ready["endpoint"]
        self.hooks = self._process.ready["hooks"]
        self._hooks = HttpDriver(self.hooks, seconds)

    def start(self) -> dict[str, Any]:
        """Ask what it can do."""
        return self._hooks.start()

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Call one verb."""
        return self._hooks.call(verb, body)

    def stop(self) -> None:
        """End its process."""
        self._hooks.stop()
        self._process.stop()
