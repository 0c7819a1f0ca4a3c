"""Disorder, each in a conversation about something else."""

from __future__ import annotations

from collections.abc import Callable

from simulator.protocol.faults import ANSWER_500, LOSE_THE_ACKNOWLEDGEMENT
from simulator.protocol.script import Fault
from tests.harness.talks.talk import Talk
from tests.harness.talks.usual import (
    answers,
    extracted,
    received,
    refuses,
    renamed,
    request_id,
    requested,
    same_hl7,
    sent,
)
from tests.protocol.sut import ACK, OTHER, PEER, UK06

Play = Callable[[Talk], object]


def reuses_an_id(talk: Talk) -> None:
    """The user rejects a record; the refusal has the MessageId of the request."""
    request, extract = received(talk)
    talk.says(renamed(talk.sut.acknowledgement(extract.conversation, extract.message_id, "28"), request.message_id))


def changes_a_repeat(talk: Talk) -> None:
    """Spine answers an extract with 500; what is sent again has another Timestamp."""
    request = requested(talk)
    extract = talk.sut.extract(request.conversation, PEER, request_id(request))
    talk.send(extract)
    talk.send(extract.with_body(b"2026-11-24T12:00", b"2026-11-24T12:01"))


def speaks_before_it_was_spoken_to(talk: Talk) -> None:
    """A part of a record opens the conversation in which the request comes."""
    request = talk.peer.request(talk.sut.own)
    talk.says(talk.sut.fragment(request.conversation))
    talk.hears(request)


def answers_in_another_transfer(talk: Talk) -> None:
    """Two requests; the extract for the one goes out in the conversation of the other."""
    one, other = requested(talk), requested(talk)
    talk.says(talk.sut.extract(other.conversation, PEER, request_id(one)))


def leaves_the_conversation(talk: Talk) -> None:
    """A record is sent; the extract opens a conversation of its own."""
    request = requested(talk)
    talk.says(talk.sut.extract(talk.sut.mint.uuid("another"), PEER, request_id(request)))


def answers_elsewhere(talk: Talk) -> None:
    """Two transfers of one case; the extract of one is acknowledged in the other."""
    _, extract = received(talk)
    other, _ = received(talk)
    talk.says(talk.sut.acknowledgement(other.conversation, extract.message_id, "11"))


def cites_the_conversation(talk: Talk) -> None:
    """An integration fails; the refusal cites the conversation."""
    _, extract = received(talk)
    talk.says(talk.sut.acknowledgement(extract.conversation, extract.conversation, "11"))


def cites_what_comes_later(talk: Talk) -> None:
    """A requester acknowledges an extract that it has not been sent yet."""
    request = talk.says(talk.sut.request())
    extract = talk.peer.extract(request.conversation, talk.sut.own, request_id(request))
    answers(talk, extract)
    talk.hears(extract)


def finishes_twice(talk: Talk) -> None:
    """Spine delivers the extract twice; it is acknowledged twice."""
    _, extract = received(talk)
    answers(talk, extract)
    answers(talk, extract)


def finishes_twice_after_a_failure(talk: Talk) -> None:
    """Spine takes the final acknowledgement at the second attempt; then another one comes."""
    finishes_twice(talk)


def accepts_the_one_and_sends_the_other(talk: Talk) -> None:
    """Two requests; the one is accepted when the other has its extract."""
    one, other = requested(talk), requested(talk)
    talk.says(talk.sut.extract(other.conversation, PEER, request_id(other)))
    answers(talk, one)


def accepts_before_it_sends(talk: Talk) -> None:
    """A redacted record is sent; the request is accepted first."""
    request = requested(talk)
    answers(talk, request)
    talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))


def accepts_and_sends_nothing(talk: Talk) -> None:
    """The patient is unknown; the request is accepted, and then refused."""
    request = requested(talk)
    answers(talk, request)
    answers(talk, request, "06")


def accepts_before_spine_says_so(talk: Talk) -> None:
    """The acknowledgement of the extract is lost; the request is accepted before the repeat."""
    request = requested(talk)
    extract = talk.sut.extract(request.conversation, PEER, request_id(request))
    assert talk.send(extract).status == 500
    answers(talk, request)
    talk.send(extract)


def decides_by_itself(talk: Talk) -> None:
    """A record with documents comes; it is acknowledged before the user has seen it."""
    _, extract = received(talk)
    answers(talk, extract)
    talk.hook("decide", decision="integrate")


def integrates_what_was_rejected(talk: Talk) -> None:
    """The user rejects a record; it is acknowledged all the same."""
    _, extract = received(talk)
    talk.hook("decide", decision="reject-wrong-record")
    answers(talk, extract)


def sends_after_its_refusal(talk: Talk) -> None:
    """GP2GP is not enabled; the record goes out behind the refusal."""
    request = requested(talk)
    answers(talk, request, "07")
    talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))


def takes_after_the_refusal(talk: Talk) -> None:
    """The request was refused; an extract that comes all the same is integrated."""
    request = talk.says(talk.sut.request())
    refuses(talk, request, "06")
    extract = talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request)))
    answers(talk, extract)


def asks_again_in_place(talk: Talk) -> None:
    """The request was refused; the same conversation gets another one."""
    request = talk.says(talk.sut.request())
    refuses(talk, request, "06")
    talk.says(talk.sut.request(conversation=request.conversation))


def refuses_after_the_refusal(talk: Talk) -> None:
    """The extract was refused; the sender refuses the request."""
    talk.hook("hold")
    request, extract = extracted(talk)
    refuses(talk, extract, "11")
    answers(talk, request)
    answers(talk, request, "20")


def sends_again_unasked(talk: Talk) -> None:
    """The extract was refused; it goes again although no user wanted it."""
    talk.hook("hold")
    _, extract = sent(talk)
    refuses(talk, extract, "28")
    talk.says(same_hl7(extract, talk.sut.mint.uuid("again")))


def sends_again_on_an_old_word(talk: Talk) -> None:
    """A user wanted an extract again before it was refused; it goes again after that."""
    _, extract = sent(talk)
    talk.hook("resend")
    refuses(talk, extract, "28")
    talk.says(same_hl7(extract, talk.sut.mint.uuid("again")))


def sends_parts_after_the_refusal(talk: Talk) -> None:
    """The extract was refused; the peer asks for the rest all the same, and gets it."""
    request, extract = extracted(talk)
    refuses(talk, extract, "21")
    talk.hears(talk.peer.continues(request.conversation, extract.message_id, talk.sut.own))
    talk.says(talk.sut.fragment(request.conversation))


def refuses_twice(talk: Talk) -> None:
    """An extract cannot be read, and that is said twice."""
    _, extract = received(talk)
    answers(talk, extract, "21")
    answers(talk, extract, "21")


def continues_after_its_refusal(talk: Talk) -> None:
    """The requester refuses a large extract, and asks for its parts."""
    _, extract = received(talk)
    answers(talk, extract, "21")
    talk.says(talk.sut.continues(extract.conversation, extract.message_id))


def names_a_third_practice(talk: Talk) -> None:
    """A patient registers; the receiver's ASID in the request is another practice's."""
    talk.says(talk.sut.request(asid=OTHER.asid))


def addresses_a_third_party(talk: Talk) -> None:
    """A record is sent; the To party of the extract is another practice's, and everything else the right one's."""
    request = requested(talk)
    extract = talk.sut.extract(request.conversation, PEER, request_id(request))
    talk.says(extract.with_body(f">{PEER.party_key}<".encode(), f">{OTHER.party_key}<".encode()))


def requests_of_a_third_practice(talk: Talk) -> None:
    """A patient registers; the destination in the request is another practice."""
    talk.says(talk.sut.request().with_body(f'"{PEER.ods}"'.encode(), f'"{OTHER.ods}"'.encode()))


def destines_for_a_third_practice(talk: Talk) -> None:
    """A record is sent; the destination in the extract is another practice."""
    request = requested(talk)
    extract = talk.sut.extract(request.conversation, PEER, request_id(request))
    talk.says(extract.with_body(f'"{PEER.ods}"'.encode(), f'"{OTHER.ods}"'.encode()))


def answers_what_it_cannot_read(talk: Talk) -> None:
    """A final acknowledgement is not well-formed; it is answered."""
    _, extract = sent(talk)
    broken = talk.peer.acknowledgement(extract.conversation, extract.message_id, to=talk.sut.own)
    answers(talk, talk.hears(broken.with_body(b"</MCCI_IN010000UK13>", b"")), "99")


def thanks_for_thanks(talk: Talk) -> None:
    """A record is sent; the final acknowledgement is acknowledged."""
    _, extract = sent(talk)
    answers(talk, refuses(talk, extract))


def is_slow(talk: Talk) -> None:
    """A record is sent, 21 minutes after it was asked for."""
    request = requested(talk)
    talk.wait(21 * 60)
    talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))


def takes_days(talk: Talk) -> None:
    """The last part leaves a day and an hour after the request."""
    request, extract = extracted(talk)
    talk.hears(talk.peer.continues(request.conversation, extract.message_id, talk.sut.own))
    talk.wait(25 * 3600)
    talk.says(talk.sut.fragment(request.conversation))


DISORDER: tuple[tuple[str, Play], ...] = (
    ("M-message-id", reuses_an_id),
    ("M-message-id", changes_a_repeat),
    ("M-conversation", leaves_the_conversation),
    ("M-conversation", speaks_before_it_was_spoken_to),
    ("M-conversation", answers_in_another_transfer),
    ("M-conversation", answers_elsewhere),
    ("M-cites", answers_elsewhere),
    ("M-cites", cites_the_conversation),
    ("M-cites", cites_what_comes_later),
    ("M-one-final", finishes_twice),
    ("M-one-final", finishes_twice_after_a_failure),
    ("M-accepted-first", accepts_before_it_sends),
    ("M-accepted-first", accepts_the_one_and_sends_the_other),
    ("M-accepted-first", accepts_and_sends_nothing),
    ("M-accepted-first", accepts_before_spine_says_so),
    ("M-decided-first", decides_by_itself),
    ("M-decided-first", integrates_what_was_rejected),
    ("M-after-refusal", sends_after_its_refusal),
    ("M-after-refusal", takes_after_the_refusal),
    ("M-after-refusal", asks_again_in_place),
    ("M-after-refusal", refuses_after_the_refusal),
    ("M-after-refusal", sends_again_unasked),
    ("M-after-refusal", sends_again_on_an_old_word),
    ("M-after-refusal", sends_parts_after_the_refusal),
    ("M-after-refusal", refuses_twice),
    ("M-after-refusal", continues_after_its_refusal),
    ("M-addressed", names_a_third_practice),
    ("M-addressed", addresses_a_third_party),
    ("M-addressed", requests_of_a_third_practice),
    ("M-addressed", destines_for_a_third_practice),
    ("M-unanswered", answers_what_it_cannot_read),
    ("M-unanswered", thanks_for_thanks),
    ("M-20-minutes", is_slow),
    ("M-24-hours", takes_days),
)
FAULTS: dict[Play, Fault] = {
    changes_a_repeat: Fault("from sut", ANSWER_500, UK06),
    finishes_twice_after_a_failure: Fault("from sut", ANSWER_500, ACK),
    accepts_before_spine_says_so: Fault("from sut", LOSE_THE_ACKNOWLEDGEMENT, UK06),
}
