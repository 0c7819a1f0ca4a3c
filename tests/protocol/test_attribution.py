"""To which case something belongs: peer, then ids, then conversation, then patient; else to nobody."""

from __future__ import annotations

import pytest

from simulator.protocol.attribution import EARLIER, UNATTRIBUTED, Attribution
from simulator.protocol.demographics import Patient
from simulator.wire.reading import read
from tests.protocol.pair import Pair, plan
from tests.protocol.sut import NHS_NUMBER, NHS_NUMBER_OF_ANOTHER, OTHER, PEER, SUT, Letter, Sut, practice

FAR = practice(9)
CONVERSATION = "C0000000-0000-4000-8000-000000000001"


def _of(attribution: Attribution, letter: Letter) -> tuple[str, str]:
    return attribution.of(read(letter.out.content_type, letter.out.body))


def _bound() -> Attribution:
    """By peer A, by a message id B, by a conversation C, by a patient D."""
    attribution = Attribution()
    attribution.bind(plan(case="A", patients=()))
    attribution.remember("B", message_id="message-b")
    attribution.remember("C", conversation=CONVERSATION.lower())
    attribution.bind(plan(case="D", peer=practice(8)))
    return attribution


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (Sut().acknowledgement(CONVERSATION, "message-b"), ("A", "peer")),
        (Sut().acknowledgement(CONVERSATION, "MESSAGE-B", to=FAR), ("B", "message id")),
        (Sut().request(FAR, conversation=CONVERSATION), ("C", "conversation")),
        (Sut().request(FAR, nhs_number=NHS_NUMBER), ("D", "patient")),
        (Sut().request(FAR, nhs_number=NHS_NUMBER_OF_ANOTHER), (UNATTRIBUTED, "nothing")),
    ],
)
def test_the_first_match_wins(letter: Letter, expected: tuple[str, str]) -> None:
    assert _of(_bound(), letter) == expected


@pytest.mark.parametrize("by", [PEER.party_key, PEER.asid, PEER.ods])
def test_a_peer_is_known_by_party_key_asid_or_ods_code(by: str) -> None:
    attribution = Attribution()
    attribution.bind(plan(case="A"))
    letter = Sut().request(FAR)
    for theirs, own in ((FAR.party_key, PEER.party_key), (FAR.asid, PEER.asid), (FAR.ods, PEER.ods)):
        if own == by:
            letter = letter.with_body(
                f">{theirs}<".encode() if "-" in own else f'"{theirs}"'.encode(),
                f">{own}<".encode() if "-" in own else f'"{own}"'.encode(),
            )
    assert _of(attribution, letter) == ("A", "peer")


def test_a_later_case_takes_patient_and_peer_over() -> None:
    attribution = Attribution()
    attribution.bind(plan(case="A"))
    attribution.bind(plan(case="B"))
    assert _of(attribution, Sut().request()) == ("B", "patient")
    assert attribution.of_key(PEER.ods) == attribution.of_key(NHS_NUMBER) == "B"


def test_a_peer_that_several_cases_have_had_decides_only_when_nothing_else_does() -> None:
    """A world with a handful of peers: what comes late belongs to the conversation that it is of."""
    attribution = Attribution()
    attribution.bind(plan(case="A"))
    attribution.remember("A", conversation=CONVERSATION)
    attribution.bind(plan(case="B"))
    attribution.bind(plan(case="C", patients=()))
    assert _of(attribution, Sut().request(conversation=CONVERSATION)) == ("A", "conversation")
    assert _of(attribution, Sut().request(nhs_number=NHS_NUMBER_OF_ANOTHER)) == ("C", "shared peer")
    assert attribution.of_key(PEER.asid) == "C"


def test_what_a_former_run_left_under_way_is_of_no_case() -> None:
    """Though its peer and its patient play again; a conversation of this run is this run's."""
    attribution = Attribution({CONVERSATION: 4})
    attribution.bind(plan(case="A"))
    letter = Sut().request(conversation=CONVERSATION.lower())
    assert _of(attribution, letter) == (EARLIER, "conversation of run 4")
    attribution.remember(EARLIER, message_id="m", conversation=CONVERSATION)
    assert _of(attribution, letter) == (EARLIER, "conversation of run 4"), "it is not remembered as a case"
    attribution.remember("A", conversation=CONVERSATION)
    assert _of(attribution, letter) == ("A", "peer")


def test_an_id_stays_with_the_case_that_used_it_first() -> None:
    attribution = Attribution()
    attribution.remember("A", conversation=CONVERSATION)
    attribution.remember("B", conversation=CONVERSATION)
    assert _of(attribution, Sut().request(FAR, conversation=CONVERSATION))[0] == "A"


def test_what_belongs_to_nobody_is_not_remembered() -> None:
    """Or the case that it turns out to belong to could never have it."""
    attribution = Attribution()
    attribution.remember(UNATTRIBUTED, message_id="m", conversation=CONVERSATION)
    assert _of(attribution, Sut().request(FAR, conversation=CONVERSATION)) == (UNATTRIBUTED, "nothing")


def test_octets_without_envelope_belong_to_nobody() -> None:
    assert _bound().of(read("text/plain", b"nonsense")) == (UNATTRIBUTED, "nothing")


def test_a_service_call_is_attributed_by_the_first_key_that_is_known() -> None:
    attribution = _bound()
    assert attribution.of_key("", NHS_NUMBER) == "D"
    assert attribution.of_key(PEER.asid, NHS_NUMBER) == "A"
    assert attribution.of_key("nobody") == ""


def test_two_cases_side_by_side_hear_their_own(pair: Pair) -> None:
    """The ledger entry says which case, and by what it was known."""
    other = practice(7, ours=True)
    pair.open(case="case-1")
    pair.open(case="case-2", peer=other, patients=(Patient(NHS_NUMBER_OF_ANOTHER),))
    pair.send(pair.sut.request())
    pair.send(pair.sut.request(other, nhs_number=NHS_NUMBER_OF_ANOTHER))
    pair.send(pair.sut.request(OTHER, nhs_number="9990000034"))
    received = [(note.case, note.data["by"]) for note in pair.notes if note.kind == "message.received"]
    assert received == [("case-1", "peer"), ("case-2", "peer"), (UNATTRIBUTED, "nothing")]
    pair.acknowledge()
    pair.settle("case-1")
    pair.settle("case-2")


def test_a_message_to_a_peer_of_no_open_case_is_taken_and_heard_by_nobody(pair: Pair) -> None:
    pair.hub.directory.add(PEER)
    assert pair.send(pair.sut.request()).status == 202
    assert pair.kinds() == ["message.received", "message.answered", "exchange.decided"]
    assert SUT in pair.hub.directory.all()
