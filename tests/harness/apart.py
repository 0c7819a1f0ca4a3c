"""A system under test that stands apart: the reference practice in a process of its own, and a person who works at it.

The system outlives a run, as a supplier's does; only its hooks know it. The person reads a terminal and does there what it says.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from harness.rig import Process, python_command
from simulator.shell import certificates
from tests.tree import ROOT

SERVICES = "http://127.0.0.1:{}/"


class System:
    """The practice of the examples, and a profile of it in ``folder``.

    Spine's ports are chosen before anything starts, since the system must be told them.
    """

    def __init__(self, folder: Path, example: str) -> None:
        """:param example: the profile in ``examples/`` that is made to fit."""
        certificates.make(folder / "certificates", now=datetime.now(UTC))
        ports = dict(zip(("8443", "8480"), map(str, _free(2)), strict=True))
        config = (
            (ROOT / "examples" / "practice.json").read_text("utf-8").replace("certificates/", f"{folder}/certificates/")
        )
        told = json.loads(_ported(config, ports)) | {"port": 0, "hook_port": 0}
        (folder / "practice.json").write_text(json.dumps(told), "utf-8")
        command = python_command("reference", "--config", str(folder / "practice.json"))
        self._process = Process(command, folder / "practice.log", "The system")
        self.hooks = self._process.ready["hooks"]
        text = _ported((ROOT / "examples" / example).read_text("utf-8"), ports)
        text = text.replace("http://127.0.0.1:8090", self.hooks)
        text = text.replace("https://localhost:9443/", self._process.ready["endpoint"])
        # Whoever works at it says that it is done when the system has settled: nothing comes later, and windows are short.
        text = re.sub(r"window_seconds = \d+", "window_seconds = 0.1", text)
        text = re.sub(r'retry_interval = "\w+"', 'retry_interval = "PT0.3S"', text)
        self.profile = folder / example
        self.profile.write_text(text, "utf-8")

    def call(self, verb: str, **body: Any) -> dict[str, Any]:
        """Call one of its hooks."""
        with requests.Session() as http:
            http.trust_env = False
            answer = http.post(f"{self.hooks}/{verb}", json=body, timeout=60)
        assert answer.status_code == 200, (verb, body, answer.text)
        result: dict[str, Any] = answer.json()
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()


def _free(count: int) -> list[int]:
    """So many different ports that nobody listens on."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(server.getsockname()[1]) for server in servers]


def _ported(text: str, ports: Mapping[str, str]) -> str:
    for old, new in ports.items():
        text = text.replace(old, new)
    return text


class Person:
    """Waits until the system has settled, does there what a task says, waits again, and gives the answer.

    The system keeps conditions by case, as a real one does by practice: what was set once is set again for each case until the
    person is told to take it away.
    """

    WHO = r"(?P<family>[^,]+), (?P<given>[^,]+), NHS number (?P<nhs_number>\d{10}), born (?P<birth_date>[\d-]+), (?P<gender>\w+)"
    TASKS = (
        (rf"Register the patient {WHO}(?P<again>, who.*?)?; previous practice (?P<previous>\w+)\.", "_register"),
        (rf"Load the record of {WHO}:(?P<files>.*)", "_hold"),
        (r"For NHS number (?P<nhs_number>\d+), decide on the received record: (?P<decision>[\w-]+)\.", "_decide"),
        (r"Set the condition '(?P<condition>[\w-]+)' .* NHS numbers (?P<numbers>[\d, ]+?)[. ]", "_configure"),
        (r"Take the condition '(?P<condition>[\w-]+).*' away again\.", "_take_away"),
        (r"Look up the transfer of NHS number (?P<nhs_number>\d+)\.", "_state"),
        (r"Look for the response codes", "_notices"),
    )

    def __init__(self, system: System) -> None:
        self._system = system
        self.condition = ""
        self.told: list[tuple[str, str]] = []

    def do(self, case: str, task: str) -> str:
        """Do one task; the answer."""
        self.told.append((case, task.splitlines()[0]))
        for pattern, name in self.TASKS:
            found = re.match(pattern, task, re.DOTALL)
            if found:
                work: Callable[[str, Mapping[str, str]], str | None] = getattr(self, name)
                self._system.call("settle", case=case)
                said = work(case, found.groupdict()) or "y"
                self._system.call("settle", case=case)
                return said
        raise AssertionError(f"the person does not understand: {task}")

    def _register(self, case: str, told: Mapping[str, str]) -> None:
        patient = {key: told[key] for key in ("nhs_number", "given", "family", "birth_date", "gender")}
        self._system.call(
            "register", case=case, patient=patient, previous_practice=told["previous"], returning=bool(told["again"])
        )
        self._again(case, told["nhs_number"])

    def _hold(self, case: str, told: Mapping[str, str]) -> None:
        folder, documents = {}, []
        for line in filter(None, told["files"].splitlines()):
            head, _, url = line.strip().partition(": ")
            file = {"url": url.strip(), "sha256": url.strip().rpartition("/")[2]}
            if head.startswith("ehrFolder of "):
                folder = {"folder": file, "interaction": head.removeprefix("ehrFolder of ")}
            else:
                identifier, name, kind = head.removeprefix("document ").split(", ")
                documents.append({**file, "id": identifier, "filename": name, "content_type": kind})
        patient = {"nhs_number": told["nhs_number"]}
        self._system.call("hold", case=case, patient=patient, record={**folder, "documents": documents})
        self._again(case, told["nhs_number"])

    def _decide(self, case: str, told: Mapping[str, str]) -> None:
        self._system.call("decide", case=case, nhs_number=told["nhs_number"], decision=told["decision"])

    def _configure(self, case: str, told: Mapping[str, str]) -> None:
        self.condition = told["condition"]
        numbers = told["numbers"].split(", ")
        self._system.call("configure", case=case, condition=self.condition, nhs_numbers=numbers)

    def _again(self, case: str, number: str) -> None:
        if self.condition:
            self._system.call("configure", case=case, condition=self.condition, nhs_numbers=[number])

    def _take_away(self, case: str, told: Mapping[str, str]) -> None:
        self._system.call("configure", case=case, condition=told["condition"], value="off")
        self.condition = ""

    def _state(self, case: str, told: Mapping[str, str]) -> str:
        return str(self._system.call("state", case=case, nhs_number=told["nhs_number"])["state"])

    def _notices(self, case: str, told: Mapping[str, str]) -> str:
        return (
            "; ".join(f"{row['code']} {row['text']}" for row in self._system.call("notices", case=case)["notices"])
            or "none"
        )
