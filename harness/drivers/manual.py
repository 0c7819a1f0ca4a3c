"""A person at the system under test: is told what to do, and their word is recorded as attested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.drivers.base import Called

INSTRUCTIONS = {
    "register": "Register the patient {family}, {given}, NHS number {nhs_number}, born {birth_date}; "
    "previous practice {previous_practice}.",
    "hold": "Load the record for NHS number {nhs_number} ({family}, {given}) from {folder}.",
    "decide": "For NHS number {nhs_number}, decide on the received record: {decision}.",
    "configure": "Set the condition '{condition}' {value} for NHS numbers {nhs_numbers}.",
    "resend": "Send the record of NHS number {nhs_number} again.",
}
# What nobody at a screen can do or answer in a way that could be checked.
NOT_OFFERED = frozenset({"capabilities", "settle", "clock", "filed", "state", "notices", "reset"})


class ManualDriver:
    """Prints an instruction, waits for the person, and records what they say."""

    parallel = False

    def __init__(self, ask: Callable[[str], str]) -> None:
        """:param ask: prints its argument, returns the person's answer ("y", "n" or free text)."""
        self._ask = ask

    def start(self) -> dict[str, Any]:
        """Nothing to reach."""
        return {"verbs": sorted(INSTRUCTIONS)}

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Have a person do it. Anything but a yes counts as not done, with their words as the reason."""
        if verb in NOT_OFFERED or verb not in INSTRUCTIONS:
            return Called("not offered", error=f"a person cannot perform the hook '{verb}'")
        patient = body.get("patient", {})
        values = {"value": "", "folder": body.get("record", {}).get("folder", {}).get("url", "")} | patient | body
        text = f"[case {body['case']}] {INSTRUCTIONS[verb].format_map(_Gaps(values))}\nDone? [y/n, or what happened] "
        said = self._ask(text).strip()
        if said.lower() in ("y", "yes", "done"):
            return Called("done", {"attested": said}, grade="attested")
        return Called("failed", error=f"the person at the system said: {said or 'nothing'}", grade="attested")

    def stop(self) -> None:
        """Nothing to let go of."""


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"
