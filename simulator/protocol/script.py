"""The language of scenarios: what our side will do, as data. Five words.

A script can be listed, counted, printed in a report and sent over ``/control``; it never contains code. ``Ask`` is the
word that Spine does not act on itself: the judge performs it through the SUT's hooks when the script gets there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from simulator.wire import times


class Message(StrEnum):
    """What can be awaited or sent, named by meaning."""

    REQUEST = "request"
    EXTRACT = "extract"
    REQUEST_ANSWER = "request answer"
    FINAL_ANSWER = "final answer"
    ANY = "any message"


@dataclass(frozen=True, slots=True)
class Ask:
    """The judge calls a hook of the SUT: ``verb`` with ``arguments``. ``optional``: go on when it is not offered."""

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Await:
    """Wait until the SUT has sent ``message``. Unmet, it ends the script, unless ``optional``."""

    message: Message
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """The peer sends ``message``.

    :param code: response code of a negative answer; empty for a positive one.
    :param dialect: spelling of a negative answer (``simulator.wire.writers.gp2gp.Dialect``).
    :param cites: what an answer cites: "request", "extract" or "nothing" (an id that was never sent).
    :param interaction: of an extract: UK06 unless it says otherwise.
    :param variants: named departures applied to the octets (``simulator.protocol.variants``), each recorded.
    :param conversation: "own", or "new" for one that nobody opened.
    :param repeat: send again what was sent last under this meaning: "" no; "same id" or "new id".
    """

    message: Message
    code: str = ""
    dialect: str = "reason only"
    cites: str = ""
    interaction: str = ""
    variants: tuple[str, ...] = ()
    conversation: str = "own"
    repeat: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is expected: the script rests until the SUT has settled (or the profile's window has passed)."""


@dataclass(frozen=True, slots=True)
class Elapse:
    """Time passes: ``duration`` (ISO 8601), on Spine's clock of the case and on the SUT's, which the judge sets by its hook.

    Where the plan says "real", it is waited for. Meant to stand between two rests: what is under way when time jumps
    would seem to have taken as long.
    """

    duration: str

    def __post_init__(self) -> None:
        """:raises ValueError: when the text is no duration, or a negative one."""
        if times.duration(self.duration) is None:
            raise ValueError(f"{self.duration!r} is no ISO 8601 duration")

    @property
    def length(self) -> timedelta:
        """How long."""
        return times.duration(self.duration) or timedelta()


# A published extract is put into the case's wrapper before the case begins; what is only known when it is sent stands
# in it as one of these tokens.
TOKENS = {name: f"@@{name}@@" for name in ("message_id", "time", "request_id", "extract_id")}

Step = Ask | Await | Send | Hold | Elapse
WORDS: dict[str, type[Step]] = {"ask": Ask, "await": Await, "send": Send, "hold": Hold, "elapse": Elapse}


@dataclass(frozen=True, slots=True)
class Fault:
    """Spine misbehaves on purpose, at the one seam where octets pass; always recorded as deliberate.

    :param towards: "on the way to sut" (a delivery to it), "to sut answer" (its answer to one), "to sut" (after that) or
        "from sut" (Spine's answer to what it posted); each action belongs to one.
    :param interaction: which messages; empty for all. :param nth: which of them, from 1. :param count: how many times.
    :param length: of a message that is held back: how long, ISO 8601.
    :param action: one of ``simulator.protocol.faults.ACTIONS``.
    """

    towards: str
    action: str
    interaction: str = ""
    nth: int = 1
    count: int = 1
    length: str = ""


def to_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The script as plain JSON values."""
    words = {kind: word for word, kind in WORDS.items()}
    return [{"step": words[type(step)], **asdict(step)} for step in steps]


def from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The script of :func:`to_json`. :raises ValueError: naming the step and what is wrong with it."""
    return tuple(_step(number, row) for number, row in enumerate(rows, 1))


def _step(number: int, row: Mapping[str, Any]) -> Step:
    fields = dict(row)
    word = str(fields.pop("step", ""))
    if word not in WORDS:
        raise ValueError(f"step {number}: {word!r} is none of {', '.join(WORDS)}")
    try:
        if "message" in fields:
            fields["message"] = Message(fields["message"])
        if "variants" in fields:
            fields["variants"] = tuple(fields["variants"])
        return WORDS[word](**fields)
    except (TypeError, ValueError) as trouble:
        raise ValueError(f"step {number} ({word}): {trouble}") from None


def describe(step: Step) -> str:
    """One line for reports and for ``gp2gp list``."""
    match step:
        case Ask():
            return f"ask the SUT: {step.verb}" + "".join(f" {k}={v}" for k, v in step.arguments.items())
        case Await():
            return f"await {step.message.value}" + (" (optional)" if step.optional else "")
        case Send():
            bits = [f"again ({step.repeat})" if step.repeat else "", f"code {step.code}" if step.code else ""]
            bits += [step.interaction, "in a conversation nobody opened" if step.conversation == "new" else ""]
            return f"send {step.message.value}" + "".join(f", {bit}" for bit in (*bits, *step.variants) if bit)
        case Elapse():
            return f"let {step.duration} pass"
    return "expect nothing"
