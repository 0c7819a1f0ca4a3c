"""The small parts of the reference practice: work, lookups, codes, descriptions."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from fixtures import response_codes
from harness.reference.attachments import encoded_length
from harness.reference.clock import Clock, Ids
from harness.reference.codes import TEXTS, text
from harness.reference.lookup import Lookup, UnansweredError
from harness.reference.outbox import Outcome, Reply, judge
from harness.reference.work import Work
from simulator.wire.interactions import Interaction
from simulator.wire.writers import ebxml, mime
from tests.reference.world import FAULT, START


def test_the_practice_says_the_published_texts() -> None:
    published = response_codes.codes()
    assert {code: published[code].text for code in TEXTS} == TEXTS
    assert text("SEF001") == ""


@pytest.mark.parametrize("size", [0, 1, 3, 56, 57, 58, 114, 115, 1000])
def test_the_announced_length_is_what_travels(size: int) -> None:
    _, body = mime.write([mime.Out("a", "text/plain", b"x" * size, "base64")])
    assert len(body.split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--")[0]) == encoded_length(size)


def test_ids_of_two_cases_and_of_two_seeds_differ_and_are_upper_case() -> None:
    ids, other = Ids(1), Ids(2)
    made = [ids.new("a"), ids.new("a"), ids.new("b"), other.new("a")]
    assert len(set(made)) == 4
    assert all(i == i.upper() for i in made)
    assert Ids(1).new("a") == made[0]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(202), Outcome.ACCEPTED),
        (Reply(200), Outcome.UNDELIVERED),
        (Reply(0), Outcome.UNDELIVERED),
        (Reply(500, "text/plain", b"oops"), Outcome.UNDELIVERED),
        (Reply(500, "text/xml", FAULT), Outcome.REFUSED),
    ],
)
def test_spines_answer_is_judged_by_its_status_and_body(reply: Reply, outcome: Outcome) -> None:
    assert judge(reply) is outcome


@pytest.mark.parametrize("status", [200, 202, 500])
def test_a_message_error_is_a_refusal_whatever_its_status(status: int) -> None:
    error = ebxml.message_error(
        from_party="A",
        to_party="B",
        cpa_id="c",
        conversation_id="d",
        message_id="e",
        ref_to_message_id="f",
        now="2026-11-24T10:00:00Z",
        errors=[("ValueNotRecognized", "501319:Unknown eb:CPAId")],
    )
    assert judge(Reply(status, "text/xml", error)) is Outcome.REFUSED


@pytest.mark.parametrize("answer", [(0, b""), (503, b"{}"), (200, b"no json"), (200, b"[]")])
def test_a_directory_that_does_not_answer_is_told_apart_from_an_empty_answer(answer: tuple[int, bytes]) -> None:
    lookup = Lookup(lambda *_: answer, "http://sds", "http://pds")
    with pytest.raises(UnansweredError):
        lookup.devices("X91001", Interaction.EHR_REQUEST)
    with pytest.raises(UnansweredError):
        lookup.registered_practice("9990000018")


@pytest.mark.parametrize("body", [b'{"total": 0}', b'{"total": 0, "entry": []}'])
def test_nothing_found_is_nothing(body: bytes) -> None:
    lookup = Lookup(lambda *_: (200, body), "http://sds", "http://pds")
    assert lookup.endpoints("X91001-910001", Interaction.EHR_REQUEST) == ()
    assert lookup.registered_practice("9990000018") == ""


def test_workers_do_everything_of_a_case_before_it_rests() -> None:
    work, done, go = Work(Clock(), workers=4), [], threading.Event()

    def first() -> None:
        go.wait(5)
        work.submit("a", lambda: done.append(2))
        done.append(1)

    work.submit("a", first)
    assert not work.settle("a", 0.01)
    assert work.settle("b")
    go.set()
    assert work.settle("a")
    assert sorted(done) == [1, 2]
    work.close()


def test_a_timer_fires_by_the_clock_that_was_set() -> None:
    work, fired, other = Work(Clock(lambda: START), workers=2), threading.Event(), threading.Event()
    work.at("a", START + timedelta(hours=1), fired.set)
    work.at("b", START + timedelta(minutes=1), other.set)
    assert work.settle("a")
    assert not fired.is_set()
    work.set_clock("a", START + timedelta(hours=1))
    assert work.settle("a")
    assert fired.is_set()
    assert not other.is_set(), "another case's time has not moved"
    work.close()


def test_a_clock_that_is_let_go_puts_the_timers_back() -> None:
    clock = Clock(lambda: START)
    work, fired = Work(clock), threading.Event()
    work.set_clock("a", START + timedelta(days=8))
    work.at("a", START + timedelta(days=9), fired.set)
    work.set_clock("a", None)
    work.drain()
    assert (clock.now("a"), fired.is_set()) == (START, False)
    work.set_clock("a", START + timedelta(days=9))
    work.drain()
    assert fired.is_set()


def test_a_timer_fires_by_the_real_clock_too() -> None:
    work, fired = Work(Clock(), workers=1), threading.Event()
    work.at("a", Clock().now() + timedelta(milliseconds=20), fired.set)
    assert fired.wait(5)
    work.close()


def test_a_forgotten_case_has_nothing_to_do() -> None:
    work, done = Work(Clock(lambda: START)), []
    work.submit("a", lambda: done.append("a"))
    work.at("a", START, lambda: done.append("a"))
    work.submit("b", lambda: done.append("b"))
    work.forget("a")
    work.drain()
    assert done == ["b"]


def test_a_job_that_fails_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(Clock())
    done: list[int] = []
    work.submit("a", lambda: done.remove(0))
    work.submit("a", lambda: done.append(1))
    work.drain()
    assert done == [1]
    assert "bug" in caplog.text
