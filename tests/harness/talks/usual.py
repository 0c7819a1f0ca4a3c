"""What usually happens, as the other conversations are made of it."""

from __future__ import annotations

from simulator.wire.gp2gp import EhrRequest
from simulator.wire.reading import read
from tests.harness.talks.talk import Talk
from tests.protocol.sut import PEER, Letter


def requested(talk: Talk) -> Letter:
    """The peer asks the SUT."""
    return talk.hears(talk.peer.request(talk.sut.own))


def request_id(letter: Letter) -> str:
    """EhrRequest/id of a request."""
    message = read(letter.out.content_type, letter.out.body).message
    assert isinstance(message, EhrRequest)
    return message.request_id


def extracted(talk: Talk) -> tuple[Letter, Letter]:
    """The peer asks, the SUT sends the extract: request and extract."""
    request = requested(talk)
    return request, talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))


def sent(talk: Talk) -> tuple[Letter, Letter]:
    """As ``extracted``, and the SUT accepts the request."""
    request, extract = extracted(talk)
    talk.says(talk.sut.acknowledgement(request.conversation, request.message_id))
    return request, extract


def received(talk: Talk) -> tuple[Letter, Letter]:
    """The SUT asks, and hears the extract: request and extract."""
    request = talk.says(talk.sut.request())
    talk.hears(talk.peer.acknowledgement(request.conversation, request.message_id, to=talk.sut.own))
    return request, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request)))


def answers(talk: Talk, cited: Letter, code: str = "") -> Letter:
    """The SUT acknowledges a letter of the peer's."""
    return talk.says(talk.sut.acknowledgement(cited.conversation, cited.message_id, code))


def refuses(talk: Talk, cited: Letter, code: str = "") -> Letter:
    """The peer acknowledges a letter of the SUT's."""
    return talk.hears(talk.peer.acknowledgement(cited.conversation, cited.message_id, code, talk.sut.own))


def integrated(talk: Talk) -> tuple[Letter, Letter]:
    """As ``received``, and the record is integrated and acknowledged."""
    request, extract = received(talk)
    talk.hook("decide", decision="integrate")
    answers(talk, extract)
    return request, extract


def renamed(letter: Letter, message_id: str) -> Letter:
    """The same letter under another MessageId and HL7 id."""
    changed = letter.with_body(letter.message_id.encode(), message_id.encode())
    return Letter(changed.out, message_id, letter.conversation)


def same_hl7(letter: Letter, message_id: str) -> Letter:
    """A re-send: a new MessageId on the envelope, and the HL7 part as it was (TD66)."""
    old, new = f"MessageId>{letter.message_id}<".encode(), f"MessageId>{message_id}<".encode()
    return Letter(letter.with_body(old, new).out, message_id, letter.conversation)
