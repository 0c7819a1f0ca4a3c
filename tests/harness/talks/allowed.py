"""What the standard allows, however it looks."""

from __future__ import annotations

from collections.abc import Callable

from simulator.protocol.faults import ANSWER_500, DELIVER_TWICE, LOSE_THE_ACKNOWLEDGEMENT, LOSE_THE_ANSWER
from simulator.protocol.script import Fault
from tests.harness.talks.talk import Talk
from tests.harness.talks.usual import (
    answers,
    extracted,
    integrated,
    received,
    refuses,
    request_id,
    same_hl7,
    sent,
)
from tests.protocol.sut import ACK, PEER, UK05, UK06, Letter

Play = Callable[[Talk], object]


def a_second_extract_gets_12_and_the_first_aa(talk: Talk) -> None:
    """TD27.2: it comes while the first waits for the user, who integrates the first."""
    request, extract = received(talk)
    answers(talk, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request))), "12")
    talk.hook("decide", decision="integrate")
    answers(talk, extract)


def an_extract_after_integration_gets_12(talk: Talk) -> None:
    """S60."""
    request, _ = integrated(talk)
    answers(talk, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request))), "12")


def an_extract_comes_twice_and_is_acknowledged_once(talk: Talk) -> None:
    """ebMS 6.5.4: the repeat is acknowledged on the transport alone."""
    integrated(talk)


def a_refused_extract_is_sent_again_and_integrated(talk: Talk) -> None:
    """TD65, TD66 as sender: same conversation and HL7 part, new MessageId, because a user asked for it."""
    talk.hook("hold")
    _, extract = sent(talk)
    refuses(talk, extract, "11")
    talk.hook("resend")
    refuses(talk, talk.says(same_hl7(extract, talk.sut.mint.uuid("again"))))


def a_refused_large_extract_is_sent_again_with_its_parts(talk: Talk) -> None:
    """TD65: with the re-send the transfer begins anew, continue, parts and all."""
    talk.hook("hold")
    request, extract = extracted(talk)
    refuses(talk, extract, "31")
    talk.hook("resend")
    again = talk.says(same_hl7(extract, talk.sut.mint.uuid("again")))
    talk.hears(talk.peer.continues(request.conversation, again.message_id, talk.sut.own))
    talk.says(talk.sut.fragment(request.conversation))
    answers(talk, request)


def an_extract_is_sent_again_where_nobody_sees_its_users(talk: Talk) -> None:
    """TD65: a system without hooks may have been asked."""
    _, extract = sent(talk)
    refuses(talk, extract, "11")
    talk.says(same_hl7(extract, talk.sut.mint.uuid("again")))


def a_second_extract_is_refused_while_parts_are_awaited(talk: Talk) -> None:
    """TD27.2: the refusal of the second leaves the first, whose parts are then asked for."""
    request, extract = received(talk)
    answers(talk, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request))), "12")
    talk.says(talk.sut.continues(extract.conversation, extract.message_id))
    answers(talk, extract)


def what_was_under_way_when_the_refusal_came(talk: Talk) -> None:
    """The sender gives up while the acknowledgement of its extract is posted."""
    request, extract = received(talk)
    talk.comes(talk.peer.acknowledgement(request.conversation, request.message_id, "20", talk.sut.own))
    answers(talk, extract)
    talk.takes()


def what_is_repeated_across_a_refusal(talk: Talk) -> None:
    """Spine does not take the acknowledgement; it is repeated after the refusal that has come meanwhile."""
    request, extract = received(talk)
    final = talk.sut.acknowledgement(extract.conversation, extract.message_id)
    assert talk.send(final).status == 500
    refuses(talk, request, "20")
    talk.send(final)


def a_refusal_that_the_system_never_took(talk: Talk) -> None:
    """It answers 500 until Spine gives up, and has heard of nothing."""
    request, extract = received(talk)
    talk.comes(talk.peer.acknowledgement(request.conversation, request.message_id, "20", talk.sut.own))
    while talk.posts:
        talk.answer(500)
        talk.wait(11)
    answers(talk, extract)


def a_rejected_extract_comes_again_under_its_hl7_id_and_is_integrated(talk: Talk) -> None:
    """TD66 as requester: both acknowledgements cite the one HL7 id that both extracts have."""
    _, extract = received(talk)
    talk.hook("decide", decision="reject-wrong-record")
    answers(talk, extract, "28")
    talk.hears(same_hl7(extract, talk.peer.mint.uuid("again")))
    talk.hook("decide", decision="integrate")
    answers(talk, extract)


def a_refused_re_send_is_told_to_the_requester(talk: Talk) -> None:
    """TD66: the checks of a re-send may fail; who is no longer the practice may be told."""
    talk.hook("hold")
    request, extract = sent(talk)
    refuses(talk, extract, "11")
    talk.hook("resend")
    answers(talk, request, "19")


def spine_loses_its_acknowledgement_and_the_extract_comes_again(talk: Talk) -> None:
    """The repeat is the same octets under the same MessageId, and the request is accepted after it."""
    _, extract = sent(talk)
    refuses(talk, extract)


def spine_loses_the_acknowledgement_of_a_request(talk: Talk) -> None:
    """The request is repeated while the answer may be on its way."""
    integrated(talk)


def spine_does_not_take_the_extract_at_first(talk: Talk) -> None:
    """500, and the same octets again."""
    _, extract = sent(talk)
    refuses(talk, extract)


def a_request_comes_twice_in_one_conversation(talk: Talk) -> None:
    """SA-14: under a new MessageId; it is ignored."""
    request, extract = sent(talk)
    talk.hears(talk.peer.request(talk.sut.own, conversation=request.conversation))
    refuses(talk, extract)


def a_refused_request_is_followed_by_another_transfer(talk: Talk) -> None:
    """Several conversations of one case, one after the other."""
    refuses(talk, talk.says(talk.sut.request()), "06")
    integrated(talk)


def an_extract_that_nobody_requested_is_refused_beside_a_transfer(talk: Talk) -> None:
    """TD27.1: in a conversation that the peer opened, while another one goes on."""
    request = talk.says(talk.sut.request())
    answers(talk, talk.hears(talk.peer.extract(talk.peer.mint.uuid("new"), talk.sut.own)), "09")
    answers(talk, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request))))


def an_extract_after_the_refusal_is_refused(talk: Talk) -> None:
    """S60, TD27.1: the request was refused, and what comes all the same gets its 09."""
    request = talk.says(talk.sut.request())
    refuses(talk, request, "06")
    answers(talk, talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request))), "09")


def parts_are_answered_after_the_refusal(talk: Talk) -> None:
    """LM34, LM35: parts under way get their 25, and the refused extract has had its own."""
    _, extract = received(talk)
    talk.says(talk.sut.continues(extract.conversation, extract.message_id))
    answers(talk, talk.hears(talk.peer.fragment(extract.conversation, talk.sut.own)))
    answers(talk, extract, "31")
    answers(talk, talk.hears(talk.peer.fragment(extract.conversation, talk.sut.own)), "25")


def one_part_fails_and_the_others_go_on(talk: Talk) -> None:
    """TD61, LM18: the request gets its 20, and the parts that were asked for are sent all the same."""
    request, extract = extracted(talk)
    talk.hears(talk.peer.continues(request.conversation, extract.message_id, talk.sut.own))
    talk.says(talk.sut.fragment(request.conversation))
    answers(talk, request, "20")
    talk.says(talk.sut.fragment(request.conversation))


def a_refused_part_ends_nothing(talk: Talk) -> None:
    """LM30: it is not sent again, and the transfer goes on to its end."""
    request, extract = extracted(talk)
    talk.hears(talk.peer.continues(request.conversation, extract.message_id, talk.sut.own))
    refuses(talk, talk.says(talk.sut.fragment(request.conversation)), "30")
    answers(talk, request)


def the_request_is_accepted_after_the_extract_was_refused(talk: Talk) -> None:
    """TD19.2: the late acknowledgement of a request."""
    request, extract = extracted(talk)
    refuses(talk, extract, "21")
    answers(talk, request)


def a_refusal_that_cites_nothing_changes_nothing(talk: Talk) -> None:
    """C-16, RA-17: the transfer goes on."""
    request = talk.says(talk.sut.request())
    talk.hears(talk.peer.acknowledgement(request.conversation, talk.peer.mint.uuid("nobody"), "06", talk.sut.own))
    extract = talk.hears(talk.peer.extract(request.conversation, talk.sut.own, request_id(request)))
    talk.hook("decide", decision="integrate")
    answers(talk, extract)


def ids_come_in_lower_case(talk: Talk) -> None:
    """Q-04: the SUT answers in upper case, or says what it was told."""
    request = talk.peer.request(talk.sut.own)
    lower = Letter(request.out, request.message_id, request.conversation)
    for identifier in (request.message_id, request.conversation):
        lower = Letter(
            lower.with_body(identifier.encode(), identifier.lower().encode()).out,
            request.message_id.lower(),
            request.conversation.lower(),
        )
    talk.hears(lower)
    extract = talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))
    answers(talk, request)
    refuses(talk, extract)
    talk.says(talk.sut.fragment(request.conversation.lower()))


ALLOWED: tuple[tuple[Play, Fault | None], ...] = (
    (a_second_extract_gets_12_and_the_first_aa, None),
    (an_extract_after_integration_gets_12, None),
    (an_extract_comes_twice_and_is_acknowledged_once, Fault("to sut", DELIVER_TWICE, UK06)),
    (an_extract_comes_twice_and_is_acknowledged_once, Fault("to sut answer", LOSE_THE_ANSWER, UK06)),
    (a_refused_extract_is_sent_again_and_integrated, None),
    (a_refused_large_extract_is_sent_again_with_its_parts, None),
    (an_extract_is_sent_again_where_nobody_sees_its_users, None),
    (a_second_extract_is_refused_while_parts_are_awaited, None),
    (what_was_under_way_when_the_refusal_came, None),
    (what_is_repeated_across_a_refusal, Fault("from sut", ANSWER_500, ACK)),
    (a_refusal_that_the_system_never_took, None),
    (a_rejected_extract_comes_again_under_its_hl7_id_and_is_integrated, None),
    (a_refused_re_send_is_told_to_the_requester, None),
    (spine_loses_its_acknowledgement_and_the_extract_comes_again, Fault("from sut", LOSE_THE_ACKNOWLEDGEMENT, UK06)),
    (spine_loses_the_acknowledgement_of_a_request, Fault("from sut", LOSE_THE_ACKNOWLEDGEMENT, UK05)),
    (spine_does_not_take_the_extract_at_first, Fault("from sut", ANSWER_500, UK06)),
    (a_request_comes_twice_in_one_conversation, None),
    (a_refused_request_is_followed_by_another_transfer, None),
    (an_extract_that_nobody_requested_is_refused_beside_a_transfer, None),
    (an_extract_after_the_refusal_is_refused, None),
    (parts_are_answered_after_the_refusal, None),
    (one_part_fails_and_the_others_go_on, None),
    (a_refused_part_ends_nothing, None),
    (the_request_is_accepted_after_the_extract_was_refused, None),
    (a_refusal_that_cites_nothing_changes_nothing, None),
    (ids_come_in_lower_case, None),
)
