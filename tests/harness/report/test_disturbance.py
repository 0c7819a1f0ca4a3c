"""What Spine does wrong on purpose is to be seen: in the diagram of a case, beside the message that it was done to."""

from __future__ import annotations

import pytest

from harness.report import diagram
from harness.report.build import messages
from scenarios import find, slug
from tests.harness import played

DISTURBED = [name for name in played.wanted() if find(name).faults]


@pytest.mark.socket
@pytest.mark.parametrize("name", DISTURBED)
def test_a_fault_is_drawn_as_deliberate(name: str) -> None:
    """Under its arrow, in its own words."""
    shown = list(messages(played.evidence()[slug(name)]))
    drawn = diagram.svg(shown, diagram.lifelines(shown))
    for fault in find(name).faults:
        told = [each for each in shown if fault.action in each.deliberate]
        assert told, fault.action
        assert ("deliberate", told[0].deliberate) in diagram.notes(told[0])
        assert fault.action in drawn
