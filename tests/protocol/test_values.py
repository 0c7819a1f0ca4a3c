"""The small values: ids, times, facts, the directory, the patient index."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from simulator.protocol import facts
from simulator.protocol.books import Books
from simulator.protocol.demographics import Patient, PatientIndex
from simulator.protocol.directory import Contract, Directory
from simulator.protocol.ids import Mint, stamp
from simulator.wire.interactions import Interaction
from simulator.wire.reading import read
from tests.protocol.sut import OTHER, SUT, UK05, Sut, practice
from tests.wire import messages

UUID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}")


def test_a_mint_makes_upper_case_version_4_ids_and_never_one_twice() -> None:
    mint = Mint(b"key")
    made = [mint.uuid(purpose) for purpose in ("a", "a", "b") for _ in range(30)]
    assert all(UUID.fullmatch(each) for each in made)
    assert len(set(made)) == len(made)


def test_the_same_key_and_purpose_give_the_same_ids_whatever_is_drawn_between() -> None:
    one, two = Mint(b"key"), Mint(b"key")
    two.uuid("something else")
    assert [one.uuid("a"), one.uuid("a")] == [two.uuid("a"), two.uuid("a")]
    assert Mint(b"another key").uuid("a") != Mint(b"key").uuid("a")


def test_a_stamp_is_utc_with_milliseconds() -> None:
    at = datetime(2026, 7, 1, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert stamp(at) == "2026-07-01T12:00:00.123Z"
    assert stamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


# -- facts


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("request", "EHR request"),
        ("extract_uk06", "EHR extract"),
        ("extract_uk07", "EHR extract with redaction"),
        ("continue", "continue"),
        ("fragment", "attachment or fragment"),
        ("ack_positive", "acknowledgement AA"),
        ("ack_both_er", "acknowledgement AR 06"),
    ],
)
def test_a_message_is_called_what_a_person_calls_it(name: str, label: str) -> None:
    out = messages.PACKAGES[name]()
    assert facts.of(read(out.content_type, out.body))["label"] == label


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (messages.acknowledgment(), "Acknowledgment"),
        (messages.message_error(), "MessageError"),
        (messages.soap_fault(), "SOAP fault"),
        (b"", "unreadable"),
        (messages.acknowledgment().replace(b"<eb:Action>Acknowledgment</eb:Action>", b""), "acknowledgment"),
    ],
)
def test_a_signal_is_called_by_its_action(body: bytes, label: str) -> None:
    assert facts.of(read("text/xml", body))["label"] == label


def test_the_facts_of_a_message_are_its_ids_and_parties() -> None:
    letter = Sut().request(OTHER)
    reading = read(letter.out.content_type, letter.out.body)
    assert facts.of(reading) == {
        "departures": [],
        "envelope": "message",
        "from": SUT.party_key,
        "to": OTHER.party_key,
        "cpa": OTHER.cpa_ids[UK05],
        "action": UK05,
        "message_id": letter.message_id,
        "conversation": letter.conversation,
        "ref": "",
        "interaction": UK05,
        "hl7_id": letter.message_id,
        "asid_to": OTHER.asid,
        "asid_from": SUT.asid,
        "label": "EHR request",
        "nhs_number": "9990000026",
    }


def test_the_books_take_octets_without_an_envelope() -> None:
    """Nobody promises that what is entered could be read."""
    books = Books()
    event, before, after, violation = books.enter(read("text/plain", b""))
    assert (event.value, before, violation.value) == ("no GP2GP message", after, "it is none of the five messages")


def test_a_request_without_envelope_is_known_by_its_hl7_id_alone() -> None:
    out = messages.request()
    reading = read(out.content_type, out.body.replace(b"SOAP:Envelope", b"SOAP:Letter"))
    assert reading.envelope is None
    books = Books()
    books.enter(reading)
    assert books.all()[0].requests == [messages.message_id(1)]


# -- who is who


def test_a_practice_is_found_by_party_key_asid_and_ods_code() -> None:
    directory = Directory([SUT, OTHER])
    assert directory.by_party(SUT.party_key) is directory.by_asid(SUT.asid) is SUT
    assert directory.by_ods(SUT.ods) == (SUT,)
    assert directory.all() == (SUT, OTHER)
    assert directory.by_party(SUT.party_key.lower()) is None, "party keys are case-sensitive"
    assert directory.by_asid("nobody") is None
    assert directory.by_ods("nobody") == ()


def test_the_same_party_key_again_replaces_the_earlier_row() -> None:
    directory = Directory([SUT])
    moved = practice(1)
    moved = type(moved)(ods="X90009", asid="999000000009", party_key=SUT.party_key)
    directory.add(moved)
    assert directory.all() == (moved,)
    assert directory.by_ods(SUT.ods) == ()
    assert directory.by_asid(SUT.asid) is None
    assert directory.by_ods("X90009") == (moved,)


def test_one_ods_code_may_have_two_systems() -> None:
    """Codes 14 and 24 are about that."""
    twin = type(SUT)(ods=SUT.ods, asid=OTHER.asid, party_key=OTHER.party_key)
    assert Directory([SUT, twin]).by_ods(SUT.ods) == (SUT, twin)


def test_an_interaction_may_have_terms_of_its_own() -> None:
    own = Contract(retries=9)
    row = type(SUT)("X90001", "1", "p", contract=Contract(retries=1), contracts={UK05: own})
    assert row.contract_for(UK05) is own
    assert row.contract_for(Interaction.POINT_TO_POINT.id).retries == 1


def test_a_duration_that_is_none_counts_as_none_at_all() -> None:
    contract = Contract(retry_interval="PT1M30S", persist_duration="soon")
    assert (contract.interval, contract.persist) == (timedelta(seconds=90), timedelta(0))
    assert (Contract(retry_interval="").interval, Contract().persist) == (timedelta(0), timedelta(hours=4, minutes=10))


def test_the_patient_index_knows_who_was_put_there_last() -> None:
    index = PatientIndex()
    index.put(Patient("9990000026", practice="X90001"))
    index.put(Patient("9990000026", practice="X90002"))
    found = index.get("9990000026")
    assert found is not None
    assert found.practice == "X90002"
    assert index.get("9990000018") is None
