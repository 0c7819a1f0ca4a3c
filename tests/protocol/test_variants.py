"""Messages that are odd or wrong on purpose: each variant changes octets, says why, and is recorded."""

from __future__ import annotations

import base64
import gzip
from functools import cache

import pytest

from simulator.protocol import odd_documents, odd_envelopes, odd_messages, patching, variants
from simulator.protocol.ids import Mint
from simulator.protocol.peer import Peer
from simulator.protocol.plan import Document
from simulator.protocol.script import Message, Send
from simulator.protocol.variants import VARIANTS, Sort
from simulator.wire import description, mime
from simulator.wire.description import Description
from simulator.wire.interactions import Interaction
from simulator.wire.reading import departure_names, read
from simulator.wire.writers.package import Outgoing
from tests.protocol.pair import Pair, plan
from tests.protocol.sut import NHS_NUMBER_OF_ANOTHER, NOON, PATIENT
from tests.wire import messages

# The letter's folder, with a named doctor and as many coded observations as make a record of some length.
_DOCTOR = b'<agentPerson classCode="PSN"><name use="L"><given>A</given><family>B</family></name></agentPerson>'
_OBSERVATION = (
    b'<component typeCode="COMP"><ObservationStatement classCode="OBS" moodCode="EVN">'
    b'<id root="F0000000-0000-4000-8000-000000000009"/><code code="163020007"'
    b' codeSystem="2.16.840.1.113883.2.1.3.2.4.15" displayName="O/E - blood pressure reading"/>'
    b"</ObservationStatement></component>"
)
_END = b"</ehrComposition>"
FOLDER = messages.FOLDER.replace(_END, b"<x>" + _DOCTOR + b"</x>" + _OBSERVATION * 30 + _END, 1)
DOCUMENT = Document("D0000000-0000-4000-8000-000000000001", "a.txt", "text/plain", b"synthetic letter " * 20)


def _messages() -> dict[str, Outgoing]:
    """One of each that the peer sends, by the book."""
    pair = Pair()
    conversation = pair.open(Send(Message.REQUEST), documents=(DOCUMENT,)).books.all()[0]
    conversation.extracts.append("E0000000-0000-4000-8000-000000000001")
    facts = {"texts": {"06": "Patient not at surgery"}}
    peer = Peer(plan(documents=(DOCUMENT,), folder=FOLDER, facts=facts), Mint(b"v"))
    steps = {
        "request": Send(Message.REQUEST),
        "extract": Send(Message.EXTRACT),
        "answer": Send(Message.FINAL_ANSWER, code="06"),
    }
    return {name: peer.compose(step, conversation, NOON).outgoing for name, step in steps.items()}


MESSAGES = _messages()
TABLES = (
    odd_envelopes.ENVELOPES,
    odd_messages.REQUESTS,
    odd_messages.EXTRACTS,
    odd_messages.ACKNOWLEDGEMENTS,
    odd_documents.DOCUMENTS,
)


@cache
def _changed(name: str) -> list[tuple[Outgoing, Outgoing]]:
    pairs = []
    for out in MESSAGES.values():
        try:
            pairs.append((out, variants.apply((name,), out)))
        except ValueError:  # it finds nothing to change here
            continue
    return pairs


_read = cache(lambda out: read(out.content_type, out.body))


def test_a_variant_changes_octets_and_says_why() -> None:
    """Of at least one message; where it finds nothing to change it raises, for it would prove nothing."""
    for name in VARIANTS:
        pairs = _changed(name)
        assert pairs, name
        assert all(before != after for before, after in pairs), name
        assert variants.deliberate((name,)) == f"{name} ({VARIANTS[name].why})"


@pytest.mark.parametrize("name", [name for name, row in VARIANTS.items() if row.sort is Sort.ODD])
def test_an_odd_variant_can_still_be_read(name: str) -> None:
    """It is legal or common: envelope and message are there."""
    for before, after in _changed(name):
        expected, reading = _read(before), read(after.content_type, after.body)
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


def test_every_variant_stands_in_one_table() -> None:
    assert variants.together(*TABLES) == VARIANTS


def test_two_variants_of_one_name_are_refused() -> None:
    """Else one would silently take the place of the other."""
    with pytest.raises(ValueError, match="two variants have one name: in two tables"):
        variants.together(
            *TABLES, {"in two tables": VARIANTS["unknown code"]}, {"in two tables": VARIANTS["to another party"]}
        )


def _last_document(name: str) -> tuple[bytes, Description]:
    """The octets of the document that a variant sends, as a receiver takes them off the wire, and what is said of it."""
    ((_, after),) = _changed(name)
    reading = read(after.content_type, after.body)
    assert reading.package is not None
    assert reading.envelope is not None
    data, departures = mime.decode(reading.package.parts[-1])
    assert not departures
    return data, description.read(reading.envelope.references[-1].description)[0]


def test_a_compressed_document_is_gzip_and_says_so() -> None:
    data, said = _last_document("compressed document")
    assert gzip.decompress(data) == DOCUMENT.data
    assert said.compressed
    assert said.length == len(base64.b64encode(data))


def test_a_text_in_8bit_is_the_document_itself() -> None:
    data, said = _last_document("text document in 8bit")
    assert data == DOCUMENT.data
    assert said.length == len(DOCUMENT.data)
    assert "base64" not in _changed("text document in 8bit")[0][1].body.decode()


@pytest.mark.parametrize(
    ("name", "filename", "length"),
    [
        ("documents of one name", "letter.txt", 456),
        ("description without length", f"{DOCUMENT.id}_a.txt", None),
        ("length off by one", f"{DOCUMENT.id}_a.txt", 457),
        ("unknown key in the description", f"{DOCUMENT.id}_a.txt", 456),
        ("description without file name", "", 456),
    ],
)
def test_what_a_description_says(name: str, filename: str, length: int | None) -> None:
    data, said = _last_document(name)
    assert (data, said.filename, said.length) == (DOCUMENT.data, filename, length)


def test_a_document_without_manifest_entry_has_no_part_either() -> None:
    ((_, after),) = _changed("document without manifest entry")
    reading = read(after.content_type, after.body)
    assert reading.package is not None
    assert reading.envelope is not None
    assert (len(reading.package.parts), len(reading.envelope.references)) == (2, 1)
    assert DOCUMENT.id.encode() in after.body


@pytest.mark.parametrize(
    ("name", "begins"),
    [("payload in ISO-8859-1", "Caf\u00e9. "), ("four-octet characters", "\U0001d11e \U0001fa7a ")],
)
def test_text_is_read_in_its_encoding(name: str, begins: str) -> None:
    ((_, after),) = _changed(name)
    root = read(after.content_type, after.body).root
    assert root is not None
    texts = [element.text or "" for element in root.iter("{*}text")]
    assert texts[0].startswith(begins)


def test_line_breaks_between_elements_change_nothing_else() -> None:
    ((before, after),) = _changed("extract in many lines")
    assert after.body.count(b"\r\n") > before.body.count(b"\r\n") + 100
    assert after.body.replace(b"\r\n", b"") == before.body.replace(b"\r\n", b"")


@pytest.mark.parametrize("name", ["unknown interaction", "request UK06"])
def test_a_request_under_another_interaction_names_it_everywhere(name: str) -> None:
    ((_, after),) = _changed(name)
    reading = read(after.content_type, after.body)
    assert reading.envelope is not None
    assert reading.wrapper is not None
    named = {reading.envelope.action, reading.wrapper.interaction, after.soap_action.rpartition("/")[2]}
    assert len(named) == 1
    assert Interaction.EHR_REQUEST.id not in named


def test_a_part_that_is_not_there_cannot_be_changed() -> None:
    for number in (2, -1):
        with pytest.raises(ValueError, match="no such part"):
            patching.part(number, lambda head, data: (head, data))(MESSAGES["request"])


def test_only_text_can_travel_in_8bit() -> None:
    picture = patching.literal(b"Content-Type: text/plain", b"Content-Type: image/png")(MESSAGES["extract"])
    with pytest.raises(ValueError, match="a document of text"):
        variants.apply(("text document in 8bit",), picture)


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
