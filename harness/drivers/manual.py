"""A person at the system under test: is told what to do, and their word is recorded as attested.

What a person does for a whole group of cases (a condition that holds for the practice) is asked for once, and taken away again
before the first case that is of another group. The worksheet of a run shows the same tasks in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from harness.drivers.base import Called

YES = frozenset({"y", "yes", "done"})
DONE = "y when it is done, or what happened"
STATES = (
    *("none", "requested", "request-refused", "awaiting-decision", "integrated", "rejected", "integration-failed"),
    *("sent", "acknowledged", "refused"),
)
# What a condition means to a person; "mutation" is for the reference practice alone.
CONDITIONS = {
    "disabled": "GP2GP is switched off",
    "large-messaging-off": "large messaging is switched off",
    "extract-failure": "the record cannot be made into an extract",
    "integration-failure": "a received record cannot be filed",
}
# What nobody at a screen can do, or answer in a way that could be checked.
NOT_OFFERED = frozenset({"capabilities", "settle", "clock", "filed", "reset"})


@dataclass(frozen=True, slots=True)
class Task:
    """What a person is asked: to do, and to answer."""

    do: str
    answer: str = DONE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands on the worksheet: its number, and the group of cases that need the same condition."""

    number: int = 0
    condition: str = ""
    nhs_numbers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()


def task(verb: str, body: Mapping[str, Any]) -> Task | None:
    """The task of a hook call; ``None`` for what a person cannot do."""
    who, number = _who(body), body.get("nhs_number", "")
    match verb:
        case "register":
            again = ", who was registered here before" if body.get("returning") else ""
            return Task(f"Register the patient {who}{again}; previous practice {body.get('previous_practice', '')}.")
        case "hold":
            return Task("\n".join([f"Load the record of {who}:", *_files(body.get("record", {}))]))
        case "decide":
            return Task(f"For NHS number {number}, decide on the received record: {body.get('decision', '')}.")
        case "configure" if body.get("condition") in CONDITIONS:
            return _condition(body)
        case "resend":
            return Task(f"Send the record of NHS number {number} again.")
        case "state":
            return Task(f"Look up the transfer of NHS number {number}. Its state?", f"one of {', '.join(STATES)}")
        case "notices":
            shown = f"Look for the response codes that are shown about NHS number {number}."
            return Task(shown, "each code with its text, and ; between them, or none")
    return None


def taken_away(condition: str) -> Task:
    """What ends a group of cases."""
    return Task(f"Take the condition '{condition}' away again.")


def _condition(body: Mapping[str, Any]) -> Task:
    name, numbers = str(body["condition"]), ", ".join(body.get("nhs_numbers", ()))
    if body.get("value") == "off":
        return taken_away(name)
    peers = ", ".join(body.get("peers", ()))
    also = f" and the practices {peers}" if peers else ""
    return Task(f"Set the condition '{name}' ({CONDITIONS[name]}), at least for NHS numbers {numbers}{also}.")


def _who(body: Mapping[str, Any]) -> str:
    person = body.get("patient")
    if not person:
        return ""
    born = f"born {person['birth_date']}, {person['gender']}"
    return f"{person['family']}, {person['given']}, NHS number {person['nhs_number']}, {born}"


def _files(record: Mapping[str, Any]) -> Iterator[str]:
    if "folder" in record:
        yield f"  ehrFolder of {record.get('interaction', '')}: {record['folder']['url']}"
    for each in record.get("documents", ()):
        yield f"  document {each['id']}, {each['filename']}, {each['content_type']}: {each['url']}"


class ManualDriver:
    """Prints a task, waits for the person, and records what they say."""

    parallel = False

    def __init__(self, ask: Callable[[str], str]) -> None:
        """:param ask: prints its argument, returns the person's answer."""
        self._ask = ask
        self._places: Mapping[str, Place] = MappingProxyType({})
        self._holds = ""

    def follow(self, places: Mapping[str, Place], holds: str) -> None:
        """Go by a worksheet. :param holds: the condition that is set already, in a run that is taken up again."""
        self._places, self._holds = places, holds

    def start(self) -> dict[str, Any]:
        """Nothing to reach."""
        return {"verbs": ["register", "hold", "decide", "configure", "resend", "state", "notices"]}

    def call(self, verb: str, body: dict[str, Any]) -> Called:
        """Have a person do it. What is no yes, or no answer to the question, counts as not done, with their words."""
        place, wanted = self._places.get(body.get("case", ""), Place()), task(verb, body)
        if verb in NOT_OFFERED or wanted is None:
            return Called("not offered", error=f"a person cannot perform the hook '{verb}'")
        if self._holds not in ("", place.condition):
            called = self._put(place, body, "configure", taken_away(self._holds), "")
            if called.outcome != "done":
                return called
        if verb != "configure":
            return self._put(place, body, verb, wanted, self._holds)
        if body.get("value") == "off":
            return self._put(place, body, verb, wanted, "")
        if place.condition and self._holds == place.condition:
            return Called("done", {"attested": "set for the group", "holds": self._holds}, grade="attested")
        group = body | ({"nhs_numbers": place.nhs_numbers, "peers": place.peers} if place.nhs_numbers else {})
        return self._put(place, body, verb, _condition(group), place.condition)

    def _put(self, place: Place, body: dict[str, Any], verb: str, wanted: Task, holds: str) -> Called:
        """Put a question. :param holds: the condition that is set once the answer is a good one."""
        said = self._ask(f"[{place.number}, {body['case']}] {wanted.do}\nAnswer ({wanted.answer}): ").strip()
        found = answer(verb, said)
        if found is None:
            error = f"the person at the system said: {said or 'nothing'}"
            return Called("failed", {"holds": self._holds}, error, grade="attested")
        self._holds = holds
        return Called("done", {"attested": said, "holds": holds, **found}, grade="attested")

    def stop(self) -> None:
        """Nothing to let go of."""


def answer(verb: str, said: str) -> dict[str, Any] | None:
    """What a person's words give back of a verb (docs/hooks.openapi.json); ``None`` when they are no answer to it."""
    words = said.lower().replace(",", " ").split()
    match verb:
        case "state":
            return {"state": words[0]} if len(words) == 1 and words[0] in STATES else None
        case "notices" if words == ["none"]:
            return {"notices": []}
        case "notices":
            shown = [each.strip().partition(" ") for each in said.split(";")]
            notices = [{"code": code, "text": text.strip()} for code, _, text in shown]
            return {"notices": notices} if all(code.isdecimal() for code, _, _ in shown) else None
    return {} if said.lower() in YES else None
