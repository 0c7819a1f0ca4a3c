"""Messages that are odd or wrong on purpose: each variant changes octets, says why, and is recorded."""

from __future__ import annotations

import pytest

from simulator.protocol import variants
from simulator.protocol.ids import Mint
from simulator.protocol.peer import Peer
from simulator.protocol.plan import Document
from simulator.protocol.script import Message, Send
from simulator.protocol.variants import VARIANTS, Sort
from simulator.wire.interactions import Interaction
from simulator.wire.reading import departure_names, read
from simulator.wire.writers.package import Outgoing
from tests.protocol.pair import Pair, plan
from tests.protocol.sut import NHS_NUMBER_OF_ANOTHER, NOON, PATIENT

DOCUMENT = Document("D0000000-0000-4000-8000-000000000001", "a.txt", "text/plain", b"synthetic")


def _messages() -> dict[str, Outgoing]:
    """One of each that the peer sends, by the book."""
    pair = Pair()
    conversation = pair.open(Send(Message.REQUEST), documents=(DOCUMENT,)).books.all()[0]
    conversation.extracts.append("E0000000-0000-4000-8000-000000000001")
    peer = Peer(plan(documents=(DOCUMENT,), facts={"texts": {"06": "Patient not at surgery"}}), Mint(b"v"))
    steps = {
        "request": Send(Message.REQUEST),
        "extract": Send(Message.EXTRACT),
        "answer": Send(Message.FINAL_ANSWER, code="06"),
    }
    return {name: peer.compose(step, conversation, NOON).outgoing for name, step in steps.items()}


MESSAGES = _messages()


def _changed(name: str) -> list[tuple[Outgoing, Outgoing]]:
    pairs = []
    for out in MESSAGES.values():
        try:
            pairs.append((out, variants.apply((name,), out)))
        except ValueError:  # it finds nothing to change here
            continue
    return pairs


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_changes_octets_and_says_why(name: str) -> None:
    """Of at least one message; where it finds nothing to change it raises, for it would prove nothing."""
    pairs = _changed(name)
    assert pairs
    assert all(before != after for before, after in pairs)
    assert variants.deliberate((name,)) == f"{name} ({VARIANTS[name].why})"


@pytest.mark.parametrize("name", [name for name, row in VARIANTS.items() if row.sort is Sort.ODD])
def test_an_odd_variant_can_still_be_read(name: str) -> None:
    """It is legal or common: envelope and message are there."""
    for before, after in _changed(name):
        expected, reading = read(before.content_type, before.body), read(after.content_type, after.body)
        assert reading.envelope is not None
        assert type(reading.message) is type(expected.message)
        assert "ebxml-cid-unresolved" not in departure_names(reading)


@pytest.mark.parametrize("name", ["request that does not end", "extract that does not end"])
def test_what_does_not_end_cannot_be_read(name: str) -> None:
    ((_, after),) = _changed(name)
    assert read(after.content_type, after.body).message is None


def test_an_attachment_announced_and_not_sent_leaves_its_entry_in_the_manifest() -> None:
    ((_, after),) = _changed("attachment announced and not sent")
    package, envelope = read(after.content_type, after.body).package, read(after.content_type, after.body).envelope
    assert package is not None
    assert envelope is not None
    assert (len(package.parts), len(envelope.references)) == (2, 2)


def test_the_other_patient_is_another_one() -> None:
    after = variants.apply(("extract of another patient",), MESSAGES["extract"])
    assert NHS_NUMBER_OF_ANOTHER.encode() in after.body
    assert PATIENT.nhs_number.encode() not in after.body


def test_a_variant_that_changes_nothing_is_refused() -> None:
    """Line breaks that are bare already cannot be made barer."""
    once = variants.apply(("line breaks without carriage return",), MESSAGES["request"])
    with pytest.raises(ValueError, match="changes nothing here"):
        variants.apply(("line breaks without carriage return",), once)


def test_a_payload_without_content_id_has_none_to_change() -> None:
    bare = Outgoing("text/xml", "", b"<none/>")
    with pytest.raises(ValueError, match="finds no payload Content-Id"):
        variants.apply(("percent-encoded content id",), bare)


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no variant called 'upside down'"):
        variants.apply(("upside down",), MESSAGES["request"])


@pytest.mark.parametrize(
    ("names", "sort"),
    [
        ((), ""),
        (("lower-case ids",), "odd"),
        (("lower-case ids", "request without author"), "wrong"),
        (("request without author", "to another party", "lower-case ids"), "untakeable"),
    ],
)
def test_the_worst_of_several_variants_counts(names: tuple[str, ...], sort: str) -> None:
    assert variants.sort_of(names) == sort
    assert variants.deliberate(names).count("(") == len(names)


def test_a_variant_is_recorded_with_the_message(pair: Pair) -> None:
    pair.open(Send(Message.REQUEST, variants=("lower-case ids", "to another party")))
    sent = pair.said("message.sent")[0]
    assert sent["deliberate"].startswith("lower-case ids (Q-04")
    assert sent["sort"] == "untakeable"
    assert sent["interaction"] == Interaction.EHR_REQUEST.id
    pair.answer(200, pair.sut.message_error(pair.posts[0]))
    pair.settle()
