"""The register of one system: which patients former runs have used, for what, and which conversations they had.

A system that is not reset between runs remembers; so must we, or a patient would be drawn in a state that nobody knows,
and what a former run left under way would be held against this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.runs import RunTrouble


@dataclass(frozen=True, slots=True)
class Used:
    """The last use of a patient: in which run, and for which case."""

    run: int
    case: str


@dataclass(slots=True)
class Past:
    """What the register says. ``file`` is where it stands; ``None`` keeps nothing.

    :param conversations: the run by ConversationId, in upper case: ids are compared without regard to case.
    """

    file: Path | None = None
    patients: dict[str, Used] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)

    def before(self, run: int) -> dict[str, int]:
        """The conversations of other runs. When runs are counted anew, the same number makes the same conversations."""
        return {each: other for each, other in self.conversations.items() if other != run}

    def enter(self, run: int, patients: Mapping[str, str], conversations: Iterable[str] = ()) -> None:
        """Enter what a run has used: patients with their cases, and conversations; written at once.

        :raises RunTrouble: when the file cannot be written.
        """
        self.patients.update({number: Used(run, case) for number, case in patients.items()})
        for each in filter(None, conversations):
            self.conversations.setdefault(each.upper(), run)
        if self.file is None:
            return
        values = {
            "patients": {number: {"run": used.run, "case": used.case} for number, used in self.patients.items()},
            "conversations": self.conversations,
        }
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            scratch = self.file.with_suffix(".new")
            scratch.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
            scratch.replace(self.file)
        except OSError as trouble:
            raise RunTrouble(
                f"The register {self.file} cannot be written ({trouble.strerror}); name another with world.register."
            ) from None


def read(file: Path | None) -> Past:
    """The register at ``file``; an empty one when it is not there yet. :raises RunTrouble: when it is no register."""
    if file is None or not file.exists():
        return Past(file)
    try:
        values: dict[str, Any] = json.loads(file.read_text("utf-8"))
        patients = {str(number): Used(int(row["run"]), str(row["case"])) for number, row in values["patients"].items()}
        conversations = {str(each).upper(): int(run) for each, run in values["conversations"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        raise RunTrouble(
            f"{file} does not say what former runs have used; remove it if the system has been reset since."
        ) from None
    return Past(file, patients, conversations)
