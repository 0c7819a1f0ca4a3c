"""What a feature's When says becomes a fault, or one sentence on why it cannot."""

from __future__ import annotations

import pytest

from harness import features
from scenarios import find
from scenarios.disturbing import PHRASES, fault
from simulator.protocol import faults
from simulator.protocol.script import Fault
from simulator.wire.interactions import Interaction

UK05, UK06, ACK = Interaction.EHR_REQUEST.id, Interaction.EHR_EXTRACT.id, Interaction.ACKNOWLEDGEMENT.id


@pytest.mark.parametrize(
    ("sentence", "role", "expected"),
    [
        ("Spine loses the request twice", "sender", Fault("on the way to sut", "lose", UK05, count=2)),
        ("Spine loses the extract for good", "requester", Fault("on the way to sut", "lose", UK06, count=99)),
        (
            "Spine loses the acknowledgement of the request",
            "requester",
            Fault("from sut", "lose the acknowledgement", UK05),
        ),
        ("Spine loses the answer to the request", "requester", Fault("on the way to sut", "lose", ACK)),
        (
            "Spine loses the acknowledgement of the extract",
            "requester",
            Fault("to sut answer", "lose the answer", UK06),
        ),
        (
            "Spine loses the acknowledgement of the extract",
            "sender",
            Fault("from sut", "lose the acknowledgement", UK06),
        ),
        (
            "Spine holds the extract for 3 hours",
            "requester",
            Fault("on the way to sut", "hold back", UK06, length="PT3H"),
        ),
        ("Spine holds the request for 1 day", "sender", Fault("on the way to sut", "hold back", UK05, length="P1D")),
        ("Spine delivers the final acknowledgement twice", "sender", Fault("to sut", "deliver twice", ACK)),
        ("Spine answers the request with 500 three times", "requester", Fault("from sut", "answer 500", UK05, count=3)),
    ],
)
def test_a_sentence_names_selector_action_and_count(sentence: str, role: str, expected: Fault) -> None:
    assert fault(sentence, role) == expected


@pytest.mark.parametrize(
    ("sentence", "role", "said"),
    [
        ("Spine eats the request", "sender", "nobody knows how to play 'Spine eats the request'"),
        ("Spine answers the request with 500", "sender", "cannot happen to a message that the system receives"),
        ("Spine delivers the request in drips", "requester", "cannot happen to a message that the system sends"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_sentence(sentence: str, role: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fault(sentence, role)


def test_a_scenario_is_found_by_its_name_and_what_spine_does_wrong_in_it() -> None:
    found = find("the record is sent, when Spine loses the request, when Spine answers the extract in drips")
    assert [each.action for each in found.faults] == [faults.LOSE, faults.DRIP_ANSWER]
    assert found.cases == ()


def test_every_action_has_a_phrase_and_is_played_by_a_feature() -> None:
    phrased = {action for _, *both in PHRASES for action in both if action}
    played = {
        each.action for _, scenarios in features.load() for wanted in scenarios for each in find(wanted.transfer).faults
    }
    assert phrased == played == set(faults.ACTIONS)
