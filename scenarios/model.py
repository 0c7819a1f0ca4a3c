"""What a scenario is: who plays which part, the script of our side, and which cases of the catalogue it exercises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fixtures.factory import Attachment
from simulator.protocol.script import Fault, Step

# Response codes whose meaning a scenario is about are named in ``code``; checks read it from the plan.


def slug(name: str) -> str:
    """A scenario's name as an id: lower case, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. Typed data, no logic.

    :param name: how features cite it. :param role: the SUT's role, "requester" or "sender".
    :param cases: ids of the case catalogue that it exercises (RQ-01, SA-02 ...).
    :param registered: where PDS has the patient: "requester" (the practice that asks), "elsewhere", "nowhere".
    :param holds: whether the SUT holds the record that is asked for (sender only).
    :param returning: whether the patient was here before (requester only); ``None`` where it does not matter.
    :param documents: how many attachments the record has, of the kinds that come first; or
    :param files: the attachments themselves, for a scenario that is about their names or types.
    :param consultations: how many the record has: 6 are some 20 kB, 1,000 some 3 MB.
    :param note: free text that stands in the record, for a scenario that is about its characters.
    :param code: the response code that the scenario is about; empty when there is none.
    :param pds_fails: PDS answers reads of the patient with a server error.
    """

    name: str
    role: str
    cases: tuple[str, ...]
    script: tuple[Step, ...]
    faults: tuple[Fault, ...] = ()
    registered: str = "requester"
    holds: bool = True
    returning: bool | None = None
    redacted: bool = False
    documents: int = 0
    files: tuple[Attachment, ...] = ()
    consultations: int = 6
    note: str = ""
    code: str = ""
    pds_fails: bool = False
    condition: str = ""
