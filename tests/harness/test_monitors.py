"""The monitors: each catches its disorder in a conversation about something else, and none minds what is allowed."""

from __future__ import annotations

import pytest

from harness.checks.register import Check
from harness.evidence import Evidence
from harness.monitors import MONITORS, of_case, of_run, watch, watch_all, whole_run
from harness.monitors.register import monitor
from harness.proving import to_prove
from harness.requirements import catalogue
from harness.verdict import Basis, Layer, Outcome
from simulator.ledger import EARLIER, UNATTRIBUTED, Entry
from simulator.protocol.script import Fault
from tests.harness.talks.allowed import ALLOWED
from tests.harness.talks.disorder import DISORDER, FAULTS, Play, finishes_twice, is_slow, reuses_an_id
from tests.harness.talks.talk import Talk
from tests.harness.talks.usual import answers, integrated, refuses, request_id, requested, same_hl7, sent
from tests.protocol.sut import PEER


def played(play: Play) -> Talk:
    """The conversation, with the fault that it is about."""
    talk = Talk(*([FAULTS[play]] if play in FAULTS else []))
    play(talk)
    return talk


@pytest.mark.parametrize(("name", "play"), DISORDER, ids=lambda each: getattr(each, "__name__", each))
def test_disorder_in_a_conversation_about_something_else_is_caught(name: str, play: Play) -> None:
    talk = played(play)
    # In the default release a person decides on what automatic integration has superseded.
    caught = [each for each in talk.found(name) if each.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.REVIEW)]
    assert len(caught) == 1
    assert caught[0].actual
    assert caught[0].where.entry > 0


def test_an_id_of_another_case_is_known_to_spine() -> None:
    """The evidence is of one case; what Spine remembers is of the run."""
    talk = Talk()
    reuses_an_id(talk)
    first = next(entry.seq for entry in talk.entries if entry.kind == "message.sent")
    later = Evidence([talk.entries[0], *talk.entries[first:]], talk.blobs)
    outcomes = {each.outcome for each in watch(MONITORS["M-message-id"], "case-1", later).others}
    assert outcomes == {Outcome.FAIL}


def test_every_monitor_is_caught_at_work() -> None:
    assert {name for name, _ in DISORDER} == set(MONITORS)


@pytest.mark.parametrize(("play", "fault"), ALLOWED, ids=lambda each: getattr(each, "__name__", None))
def test_what_the_standard_allows_raises_no_alarm(play: Play, fault: Fault | None) -> None:
    talk = Talk(*([fault] if fault else []))
    play(talk)
    assert talk.alarms() == {}
    assert talk.counted("M-message-id") > 0


@pytest.mark.parametrize("role", ["sender", "requester"])
def test_a_whole_transfer_is_seen_by_every_monitor_that_it_concerns(role: str) -> None:
    """A monitor that sees nothing in an ordinary transfer would never see anything."""
    talk = Talk(role=role)
    if role == "sender":
        refuses(talk, sent(talk)[1])
    else:
        integrated(talk)
    both = {"M-message-id", "M-conversation", "M-cites", "M-unanswered", "M-addressed"}
    more = {
        "sender": {"M-accepted-first", "M-20-minutes", "M-24-hours"},
        "requester": {"M-one-final", "M-decided-first"},
    }
    assert {name for name in MONITORS if talk.counted(name)} == both | more[role]


# -- time -------------------------------------------------------------------------------------------------------------


def test_the_time_to_the_extract_is_noted_for_every_transfer() -> None:
    talk = Talk()
    request = requested(talk)
    talk.wait(7.5)
    talk.says(talk.sut.extract(request.conversation, PEER, request_id(request)))
    for name in ("M-20-minutes", "M-24-hours"):
        (noted,) = talk.found(name)
        assert noted.outcome is Outcome.OBSERVED
        assert noted.actual == "18.500 s after the request"  # eleven of them pass while it is delivered


def test_a_re_send_does_not_make_the_extract_late() -> None:
    """S36 is about the request; a refused extract can be sent again for twelve weeks."""
    talk = Talk()
    _, extract = sent(talk)
    refuses(talk, extract, "11")
    talk.wait(21 * 60)
    talk.says(same_hl7(extract, talk.sut.mint.uuid("again")))
    assert [each.outcome for each in talk.found("M-20-minutes")] == [Outcome.OBSERVED]


def test_a_request_that_is_wrong_on_purpose_is_owed_no_extract() -> None:
    talk = Talk()
    talk.hears(talk.peer.request(talk.sut.own), "wrong")
    assert talk.found("M-20-minutes") == []
    talk.hears(talk.peer.request(talk.sut.own), "odd")
    assert len(talk.found("M-20-minutes")) == 1


def test_too_late_is_a_warning_with_the_time() -> None:
    (noted,) = played(is_slow).found("M-20-minutes")
    assert (noted.outcome, noted.actual) == (Outcome.WARN, "1271.000 s after the request")


def test_the_clock_did_not_run_where_nothing_came_and_the_case_was_short() -> None:
    talk = Talk()
    requested(talk)
    outcomes = {name: talk.found(name) for name in ("M-20-minutes", "M-24-hours")}
    assert [each.outcome for found in outcomes.values() for each in found] == [Outcome.NOT_TESTED] * 2
    assert outcomes["M-20-minutes"][0].reason.startswith("clock: watched for less than 1200 s")


def test_nothing_in_more_than_the_time_allowed_is_late() -> None:
    """A case that is kept open for so long sees it."""
    talk = Talk()
    requested(talk)
    talk.wait(21 * 60)
    talk.closes()
    (noted,) = talk.found("M-20-minutes")
    assert (noted.outcome, noted.actual) == (Outcome.WARN, "nothing in 1271.000 s after the request")
    assert [each.outcome for each in talk.found("M-24-hours")] == [Outcome.NOT_TESTED]


def test_a_refused_request_is_owed_no_extract() -> None:
    talk = Talk()
    answers(talk, requested(talk), "06")
    assert talk.found("M-20-minutes") == talk.found("M-24-hours") == []


# -- the register, and the run -----------------------------------------------------------------------------------------


def test_every_monitor_has_a_sentence_and_requirements_of_the_catalogue() -> None:
    for name, row in MONITORS.items():
        assert name == row.id
        assert name.startswith("M-")
        assert row.doc
        assert set(row.requirements) <= set(catalogue())
    assert len({row.sentence for row in MONITORS.values()}) == len(MONITORS)


def test_an_unknown_requirement_or_an_id_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown requirements"):
        monitor("M-new", "something", "S9999")(lambda evidence: iter(()))
    with pytest.raises(ValueError, match="registered twice"):
        monitor("M-cites", "something", "C-16")(lambda evidence: iter(()))


def test_every_monitor_must_kill_a_mutation() -> None:
    assert set(MONITORS) <= to_prove()


def test_a_monitor_that_raises_is_our_error() -> None:
    def broken(evidence: Evidence) -> None:
        raise KeyError("gone")

    row = Check("M-broken", "s", ("S4",), Layer.MESSAGE, Basis.PUBLISHED, "", broken)  # type: ignore[arg-type] # on purpose
    (found,) = watch(row, "case-1", Talk().evidence()).others
    assert (found.outcome, found.reason) == (Outcome.ERROR, "our check failed")


def test_no_monitor_says_anything_of_an_empty_case() -> None:
    talk = Talk()
    assert of_case(watch_all({"case-1": talk.evidence()}), "case-1") == ()


def test_the_run_has_each_fault_with_its_case_and_one_summary_for_each_monitor() -> None:
    good, bad = Talk(), played(finishes_twice)
    refuses(good, sent(good)[1])
    slower = requested(good)
    good.wait(3)
    good.says(good.sut.extract(slower.conversation, PEER, request_id(slower)))
    seen = watch_all({"good": good.evidence(), "bad": bad.evidence()})
    found = of_run(seen)
    (fault,) = (each for each in found if each.outcome is Outcome.FAIL)
    assert fault.check == "M-one-final"
    assert fault.where.path.startswith("bad")
    passed = {each.check: each.actual for each in found if each.outcome is Outcome.PASS}
    assert passed["M-one-final"] == "once in one case"
    assert passed["M-addressed"] == "6 times in 2 cases"
    assert {each.check for each in found} == set(MONITORS)
    (noted,) = (each for each in found if each.check == "M-20-minutes" and each.outcome is Outcome.OBSERVED)
    assert noted.actual == "14.000 s after the request, the longest in 2 transfers"
    (nothing,) = (each for each in found if each.check == "M-decided-first")
    assert nothing.outcome is Outcome.NOT_APPLICABLE


def test_what_is_found_in_a_case_counts_its_passes_once() -> None:
    talk = Talk()
    refuses(talk, sent(talk)[1])
    found = {each.check: each for each in of_case(watch_all({"case-1": talk.evidence()}), "case-1")}
    assert found["M-addressed"].actual.endswith("(and 1 more)")
    assert found["M-addressed"].outcome is Outcome.PASS


def test_what_nobody_could_be_named_for_is_a_fault_of_the_run() -> None:
    stray = Entry(
        7, "2026-11-24T12:00:00.000Z", "message.received", UNATTRIBUTED, {"message": {"label": "EHR request"}}
    )
    (found,) = whole_run({UNATTRIBUTED: [stray]})
    assert (found.check, found.outcome, found.where.entry) == ("M-unattributed", Outcome.FAIL, 7)
    assert whole_run({"case-1": [stray]}) == ()


def test_what_a_former_run_left_is_told_and_not_judged() -> None:
    late = Entry(7, "2026-11-24T12:00:00.000Z", "message.received", EARLIER, {"message": {"label": "EHR extract"}})
    (found,) = whole_run({EARLIER: [late, late]})
    assert (found.check, found.outcome, found.where.entry) == ("M-unattributed", Outcome.OBSERVED, 7)
    assert found.actual == "2 messages of conversations that a former run has left"
