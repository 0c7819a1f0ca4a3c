"""Made-up fields for messages of our own: well-formed identifiers, and texts that XML can hold; the same in every run.

A property test that writes and reads a whole message spends more on drawing a dozen fields than on the message itself,
so these are made from a number, and the texts that are known to be troublesome stand in a list.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from simulator.wire.interactions import Interaction
from simulator.wire.writers import ebxml
from simulator.wire.writers.gp2gp import Ends
from simulator.wire.writers.package import Attachment

_T = TypeVar("_T")
# A reader trims blanks at the ends, so no text has any there.
_TROUBLESOME = (
    '<a href="x">&amp;</a>', "]]>", "<![CDATA[", "<!--", "'\"", "&#0;", "%41%", "a  b", "a\u00a0b", "\u00e9\u0301", "\U0001f600",
    "\U0010fffd", "\u202etxt.exe", "0", "-", "None", "\ud7ff", "\ue000", "\ufeffx", "x" * 300,
)  # fmt: skip
_BEGINNING = datetime(1000, 1, 1)  # noqa: DTZ001 -- only its digits are used
_MOST_SECONDS = 280_000_000_000  # from the year 1000 almost to the year 9999
COUNT = 20


class Made:
    """The fields that belong to one number; each call makes one more."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.pick = self.random.choice

    def uuid(self) -> str:
        x = f"{self.random.getrandbits(128):032X}"
        return f"{x[:8]}-{x[8:12]}-{x[12:16]}-{x[16:20]}-{x[20:]}"

    def digits(self, before: str, count: int) -> str:
        return before + "".join(self.random.choices("0123456789", k=count))

    def ods(self) -> str:
        return self.digits("X9", 4)

    def party(self) -> str:
        return self.digits("X90001-9", 5)

    def nhs_number(self) -> str:
        return self.digits("999", 7)

    def moment(self) -> datetime:
        return _BEGINNING + timedelta(seconds=self.random.randrange(_MOST_SECONDS))

    def utc(self) -> str:
        return f"{self.moment():%Y-%m-%dT%H:%M:%SZ}"

    def hl7(self) -> str:
        return f"{self.moment():%Y%m%d%H%M%S}"

    def text(self) -> str:
        """Never empty; every second one is known for trouble, the others are of any characters but controls."""
        if self.random.random() < 0.5:
            return self.pick(_TROUBLESOME)
        points = (self.random.randrange(0x20, self.pick([0x7F, 0x800, 0xFFFE, 0x110000])) for _ in range(20))
        text = "".join(
            c for c in map(chr, points) if unicodedata.category(c) not in {"Cc", "Cs"} and c not in "\ufffe\uffff"
        )
        return text.strip() or "x"

    def maybe(self, make: Callable[[], str]) -> str:
        return make() if self.random.random() < 0.5 else ""

    def ends(self) -> Ends:
        return Ends(self.uuid(), self.hl7(), self.digits("9990", 8), self.digits("9990", 8))

    def header(self, action: Interaction, message_id: str) -> ebxml.Header:
        """Any header of that message, with and without the two fields that it need not have."""
        return ebxml.Header(
            from_party=self.party(),
            to_party=self.party(),
            cpa_id=self.text(),
            conversation_id=self.uuid(),
            action=action.id,
            message_id=message_id,
            timestamp=self.utc(),
            ref_to_message_id=self.maybe(self.uuid),
            time_to_live=self.maybe(self.utc),
        )

    def attachment(self) -> Attachment:
        form = self.pick(["{}", "{}@spine.nhs.uk", "Attachment-{}@host/System/GP2GP2.2A"])
        return Attachment(
            form.format(self.uuid()),
            self.pick(["text/plain", "image/tiff", "application/octet-stream"]),
            self.random.randbytes(self.pick([0, 1, 56, 57, 58, 200])),
            self.text(),
            self.maybe(lambda: f"_{self.uuid()}"),
        )

    def external(self) -> ebxml.Reference:
        return ebxml.Reference(f"mid:{self.uuid()}", self.text(), self.maybe(lambda: f"_{self.uuid()}"))

    def several(self, make: Callable[[], _T], least: int = 0) -> list[_T]:
        """At most three."""
        return [make() for _ in range(self.random.randint(least, 3))]


def whatever_the_fields(test: Callable[[Made], None]) -> Callable[[], None]:
    """``test`` for many numbers; a failure says for which."""

    def run() -> None:
        for number in range(COUNT):
            try:
                test(Made(number))
            except BaseException as error:
                error.add_note(f"with the fields of number {number}")
                raise

    run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
    return run
