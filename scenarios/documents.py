"""Scenarios in which the record comes with documents: their names, how they travel, and what their entries say."""

from __future__ import annotations

from fixtures.factory import Attachment
from scenarios.model import Scenario
from scenarios.steps import ACCEPTED, FILED, FINAL, INTEGRATE, INTEGRATE_IF_KEPT, INTEGRATED, PLACEHOLDER, STATE, odd
from simulator.protocol.script import Hold

LETTER = Attachment("letter.txt")
# A text with letters that seven bits do not hold.
FRENCH = Attachment("lettre.txt", data="Le m\u00e9decin a \u00e9crit ceci.\r\n".encode() * 40)


def _named(name: str, cases: tuple[str, ...], *filenames: str, variants: tuple[str, ...] = ()) -> Scenario:
    script = (*ACCEPTED, odd(*variants), Hold(), INTEGRATE, FINAL, STATE, FILED)
    return Scenario(name, "requester", cases, script, files=tuple(Attachment(each, size=600) for each in filenames))


def _sent(name: str, case: str, *variants: str, files: tuple[Attachment, ...] = (LETTER,)) -> Scenario:
    script = (*ACCEPTED, odd(*variants), Hold(), INTEGRATE, FINAL, STATE, FILED)
    return Scenario(name, "requester", (case,), script, files=files)


def _either(name: str, case: str, *variants: str) -> Scenario:
    """Sources allow that it is taken, and that it is refused."""
    script = (*ACCEPTED, odd(*variants), Hold(), INTEGRATE_IF_KEPT, FINAL, STATE)
    return Scenario(name, "requester", (case,), script, files=(LETTER,))


def _refused(name: str, case: str, *variants: str) -> Scenario:
    script = (*ACCEPTED, odd(*variants), FINAL, STATE)
    return Scenario(name, "requester", (case,), script, code="21", files=(LETTER,))


SCENARIOS = (
    Scenario(
        "a record with two documents is integrated",
        "requester",
        ("RC-03", "RC-18", "RD-10"),
        (*INTEGRATED, FILED),
        documents=2,
    ),
    Scenario("a record with 98 documents is integrated", "requester", ("RC-05",), (*INTEGRATED, FILED), documents=98),
    _sent("a document comes compressed", "RC-06", "compressed document"),
    _sent("a text document comes in 8bit", "RC-07", "text document in 8bit", files=(FRENCH,)),
    # The record's reference is percent-encoded, the description is not (RC-14): blanks and brackets as one supplier has
    # them, the equals sign as another may.
    _named("a file name has blanks and an equals sign", ("RC-12", "RC-14"), "blood results 2 = normal.txt"),
    # The double quote is left out: the description's own quotes cannot hold it, and no source says how to escape it.
    _named("a file name has XML characters and accents", ("RC-13",), "R&D <caf\u00e9> o'clock \U0001fa7a.txt"),
    _named("the reference of a document has blanks and brackets encoded", ("RC-15",), "scan (1) of 2.txt"),
    _named(
        "the reference of a document has underscores encoded",
        ("RC-15",),
        "scan_1_of_2.txt",
        variants=("underscores encoded in the reference",),
    ),
    _sent("a record with a placeholder is integrated", "RX-11", files=(PLACEHOLDER,)),
    _sent("two documents have one name", "RC-20", "documents of one name", files=(LETTER, LETTER)),
    _sent("a description has no length", "RC-21", "description without length"),
    _sent("a description has a length that is off by one", "RC-21", "length off by one"),
    _sent("a description has a key that nobody knows", "RC-22", "unknown key in the description"),
    _either("the underscore stands in the HL7 id alone", "RC-19", "underscore in the HL7 id alone"),
    _either("the record refers to a document that did not come", "RC-24", "document without manifest entry"),
    _refused("an extract comes without an attachment it announces", "RC-23", "attachment announced and not sent"),
    _refused("a description has no file name", "RC-25", "description without file name"),
)
