"""The runtime: one lock, the ledger in the order of the decisions, posts by couriers, and time by a timer."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from simulator.ledger import verify
from simulator.protocol.commands import Post
from simulator.protocol.directory import Practice
from simulator.protocol.script import Ask, Message, Send
from simulator.shell import clock
from simulator.shell.client import Outcome
from tests.protocol.pair import assert_acknowledged, plan
from tests.protocol.sut import EVERY_SECONDS, NOON, OTHER, SUT, Letter, Sut
from tests.shell.faces import Spine


def _send(spine: Spine, letter: Letter) -> None:
    out = letter.out
    about = {"content_type": out.content_type}
    assert_acknowledged(spine.runtime.receive(out.content_type, out.soap_action, out.body, about), letter)


def test_a_post_is_answered_and_its_octets_are_kept_before_the_entry_that_names_them(tmp_path: Path) -> None:
    letter = Sut().request()
    with Spine(tmp_path) as spine:
        _send(spine, letter)
    received = spine.said("message.received")[0]
    assert received["blob"] == hashlib.sha256(letter.out.body).hexdigest()
    assert received["size"] == len(letter.out.body)
    assert spine.runtime.blobs.get(received["blob"]) == letter.out.body
    assert verify(tmp_path).problems == ()


def test_nothing_at_all_is_answered_too(tmp_path: Path) -> None:
    """A body of no octets has no blob."""
    with Spine(tmp_path) as spine:
        assert spine.runtime.receive("", "", b"", {}).status == 500
    assert "blob" not in spine.said("message.received")[0]


def test_the_answer_of_the_receiver_comes_back_as_an_event(tmp_path: Path) -> None:
    sut = Sut(OTHER)

    def post(command: Post) -> Outcome:
        return Outcome(200, (("CONTENT-TYPE", "text/xml"),), sut.acknowledgment(command), 0.25, "", "common-name-only")

    with Spine(tmp_path, post) as spine:
        _send(spine, Sut().request(OTHER))
        spine.until(lambda: bool(spine.said("exchange.heard")))
    outcome = spine.said("delivery.outcome")[0]
    assert spine.said("exchange.heard")[0]["state"] == "acknowledged"
    assert (outcome["status"], outcome["attempt_seconds"], outcome["headers"]) == (
        200,
        0.25,
        [["CONTENT-TYPE", "text/xml"]],
    )
    assert outcome["answer"]["departures"] == []
    assert outcome["certificate_note"] == "common-name-only"
    assert "Acknowledgment" in outcome["text"]


@pytest.mark.parametrize("trouble", [ValueError("'ftp://x' is not a URL"), RuntimeError("anything")])
def test_a_post_that_fails_in_any_way_becomes_an_event(tmp_path: Path, trouble: Exception) -> None:
    """No delivery may hang because of it: it is repeated as any other that was not acknowledged."""

    def post(_: Post) -> Outcome:
        raise trouble

    with Spine(tmp_path, post) as spine:
        _send(spine, Sut().request(OTHER))
        spine.until(lambda: bool(spine.said("delivery.outcome")))
        spine.pass_(EVERY_SECONDS)
        spine.until(lambda: len(spine.said("delivery.outcome")) == 2)
    outcome = spine.said("delivery.outcome")[0]
    assert (outcome["status"], outcome["error"]) == (None, "refused")
    assert outcome["reason"] == f"{type(trouble).__name__}: {trouble}"
    assert spine.posted[0].body == spine.posted[1].body


def test_what_waits_for_time_happens_when_it_has_come(tmp_path: Path) -> None:
    with Spine(tmp_path) as spine:
        spine.runtime.open_case(plan(window_seconds=3600.0))
        spine.pass_(3599)
        assert spine.runtime.status(-1, 0)["cases"][0]["status"] == "waiting"
        spine.pass_(1)
        spine.until(lambda: bool(spine.said("case.closed")))
    assert spine.said("window.closed")[0]["how"] == "3600 s passed"


def test_the_judge_opens_answers_and_settles_a_case(tmp_path: Path) -> None:
    with Spine(tmp_path) as spine:
        runtime = spine.runtime
        runtime.open_case(plan(Ask("hold")))
        runtime.asked("case-1", 0, "done")
        with pytest.raises(ValueError, match="does not ask anything"):
            runtime.asked("case-1", 0, "done")
        brief = runtime.status(-1, 0)["cases"][0]
        runtime.settled("case-1", brief["revision"])
    assert spine.said("case.closed")


def test_status_waits_until_something_has_changed(tmp_path: Path) -> None:
    """A long poll: at once when its revision is old, when something moves, or when its seconds are over."""
    with Spine(tmp_path) as spine:
        seen: list[int] = []
        revision = spine.runtime.status(-1, 0)["revision"]
        assert spine.runtime.status(revision, 0) == {"revision": revision, "cases": []}
        asking = threading.Thread(target=lambda: seen.append(spine.runtime.status(revision, 60)["revision"]))
        asking.start()
        spine.runtime.open_case(plan())
        asking.join(10)
        assert seen[0] > revision


def test_entries_and_practices_are_written_with_the_time_of_the_clock(tmp_path: Path) -> None:
    with Spine(tmp_path) as spine:
        assert spine.runtime.note("hook.called", "case-1", {"verb": "hold"}, b"octets") == 1
        spine.runtime.register(Practice("X90005", "999000000005", "X90005-900005"), {"ods": "X90005"})
    assert spine.said("hook.called")[0]["size"] == 6
    assert spine.said("practice.registered") == [{"ods": "X90005"}]
    assert spine.runtime.hub.directory.by_ods("X90005")


def test_closing_stops_the_threads_and_ends_the_ledger(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    spine = Spine(tmp_path)
    _send(spine, Sut().request(OTHER))
    spine.until(lambda: bool(spine.said("delivery.outcome")))
    assert set(threading.enumerate()) > before
    spine.close()
    assert set(threading.enumerate()) == before
    found = verify(tmp_path)
    assert spine.said("run.closed") == [{"entries": found.entries}]
    assert found.problems == ()


def test_what_comes_of_a_post_after_the_end_is_given_up(tmp_path: Path) -> None:
    """Its case is over, and the ledger may not grow behind its last entry."""

    def post(_: Post) -> Outcome:
        runtime = spine.runtime
        with runtime._lock:
            runtime._changed.wait_for(lambda: runtime._closing, timeout=10)
        return Outcome(200, (), b"", 0.1)

    with Spine(tmp_path, post) as spine:
        _send(spine, Sut().request(OTHER))
        spine.until(lambda: bool(spine.posted))
    assert spine.said("delivery.outcome") == []
    assert spine.said("run.closed")


def test_nothing_is_posted_any_more_once_it_is_closing(tmp_path: Path) -> None:
    with Spine(tmp_path) as spine:
        spine.runtime._closing = True
        _send(spine, Sut().request(OTHER))
    assert spine.posted == []
    assert spine.said("message.sent")


def test_the_peer_speaks_first_when_its_script_says_so(tmp_path: Path) -> None:
    with Spine(tmp_path) as spine:
        spine.runtime.open_case(plan(Send(Message.REQUEST)))
        spine.until(lambda: bool(spine.said("delivery.outcome")))
    assert spine.posted[0].url == SUT.endpoint


def test_the_clock_is_in_utc() -> None:
    assert clock.now().utcoffset() == NOON.utcoffset()
    assert clock.now() > NOON.replace(year=2025)
