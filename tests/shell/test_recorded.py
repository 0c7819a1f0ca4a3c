"""The recorded messages go through Spine as they are: what may pass arrives to the octet, what may not is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import needs_shared
from tests.shell.recorded import PAGE, Became, page, play, recorded

pytestmark = [pytest.mark.shared, pytest.mark.socket, needs_shared]


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> list[Became]:
    """Every recorded message, posted."""
    return play(recorded(), tmp_path_factory.mktemp("recorded"))


def test_all_seven_are_here(became: list[Became]) -> None:
    """Six ask for an acknowledgement; the one made by hand does not."""
    assert [each.ack_requested for each in became].count(True) == 6
    assert [each.message.name.rpartition("_")[2] for each in became if not each.ack_requested] == ["CONTINUE.ebxml"]


def test_what_asks_for_an_acknowledgement_is_accepted_and_arrives_to_the_octet(became: list[Became]) -> None:
    for each in became:
        if each.ack_requested:
            assert (each.status, each.tokens) == (202, ()), each.message.name
            assert each.arrived == each.sent, each.message.name


def test_what_does_not_gets_the_four_published_faults(became: list[Became]) -> None:
    """One for each assertion on AckRequested that its absence breaks, and is delivered to nobody."""
    (refused,) = (each for each in became if not each.ack_requested)
    assert (refused.status, refused.arrived) == (500, "")
    assert refused.tokens == (
        "ErrorBaseTms.ACK_REQUESTED_INCONSISTENT_WITH_CONTRACT",
        "ErrorBaseTms.ACK_REQUESTED_VERSION_INVALID",
        "ErrorBaseTms.ACK_REQUESTED_SIGNED_INVALID",
        "ErrorBaseTms.ACK_REQUESTED_ACTOR_INVALID",
    )


def test_the_page_says_what_happened(became: list[Became]) -> None:
    """Write it anew with ``python -m tests.shell.recorded``."""
    table = page(became)
    print(table)
    assert Path(PAGE).read_text("utf-8") == table
