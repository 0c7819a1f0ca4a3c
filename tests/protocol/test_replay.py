"""Taking a run up again: a new hub decides once more what the entries say, and goes on as the first would have."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from simulator.ledger import Entry
from simulator.protocol.commands import Answer, Command, Note
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Hub
from simulator.protocol.ids import stamp
from simulator.protocol.plan import from_json_values
from simulator.protocol.replay import RESUMED, Replay, ReplayTrouble
from simulator.protocol.script import Ask, Await, Elapse, Fault, Hold, Message, Send, Step, to_json
from simulator.protocol.settings import Behaviour
from tests.protocol.pair import Pair, assert_acknowledged
from tests.protocol.sut import EVERY_SECONDS, FOLDER, OTHER, PATIENT, PEER, SUT, UK05, UK06

SCRIPT = (
    *(Ask("register"), Await(Message.REQUEST), Send(Message.REQUEST_ANSWER), Send(Message.EXTRACT), Hold()),
    *(Ask("decide", {"decision": "integrate"}), Await(Message.FINAL_ANSWER)),
)
NIGHT = 12 * 3600
POST = ("delivery.outcome", "delivery.repeated")  # what is noted of a post that was under way
DIGEST = hashlib.sha256(FOLDER).hexdigest()


class Recorded(Pair):
    """A pair whose notes are kept as the entries of a ledger."""

    def __init__(self, hub: Hub | None = None) -> None:
        super().__init__()
        self.hub = hub or self.hub
        self.entries: list[Entry] = []
        self.stored = {DIGEST: FOLDER}

    def begin(self, *script: Step, faults: Sequence[Fault] = (), **more: Any) -> None:
        """Put a case on stage as the judge does, from plain values."""
        row: dict[str, Any] = {"case": "case-1", "scenario": "a scenario", "role": "requester", "key": b"key".hex()}
        peer = {**asdict(PEER), "contract": asdict(PEER.contract)}
        row |= {"sut": {"party_key": SUT.party_key}, "peer": peer, "patients": [asdict(PATIENT)]}
        row |= {"script": to_json(script), "faults": [asdict(each) for each in faults]}
        row |= {"record": {"folder": {"blob": DIGEST}}, **more}
        self._do(self.hub.stage.open(from_json_values(row, self.stored.__getitem__, SUT), self.now))

    def _do(self, commands: Iterable[Command]) -> list[Answer]:
        made = list(commands)
        for note in (command for command in made if isinstance(command, Note)):
            data = dict(note.data)
            if note.octets:
                data["blob"] = hashlib.sha256(note.octets).hexdigest()
                self.stored[data["blob"]] = note.octets
            self.entries.append(Entry(len(self.entries) + 1, stamp(self.now), note.kind, note.case, data))
        return super()._do(made)

    def stopped(self, seconds: float = 0, entries: Sequence[Entry] | None = None) -> Recorded:
        """The same after a stop: a new hub, so many seconds later, that knows nothing but the entries."""
        hub = Hub(Directory([SUT, PEER, OTHER]), PatientIndex(), Behaviour(), b"spine")
        after = Recorded(hub)
        after.entries, after.stored = list(self.entries if entries is None else entries), self.stored
        after.sut, after.now = self.sut, self.now + timedelta(seconds=seconds)
        left = Replay(hub, self.stored.__getitem__).take_up(tuple(after.entries), after.now)
        after._do([Note(RESUMED, "", {}), *left])
        return after

    def picture(self) -> list[dict[str, Any]]:
        """What the hub says of its cases. How often one has changed is not what it is about."""
        return [{key: value for key, value in brief.items() if key != "revision"} for brief in self.hub.stage.briefs()]

    def extract(self) -> Entry:
        """The entry of the extract that the peer has sent."""
        return next(each for each in self.entries if each.kind == "message.sent" and each.data["interaction"] == UK06)

    def finish_transfer(self) -> list[tuple[str, Any]]:
        """The record is integrated, and the SUT says so; what was noted from there."""
        first = len(self.entries)
        self.asked()
        told = self.extract().data
        self.send(self.sut.acknowledgement(told["conversation"], told["message_id"]))
        self.wait(3 * EVERY_SECONDS)
        self.wait(5)
        return [(entry.kind, entry.data) for entry in self.entries[first:]]


def transfer(*faults: Fault) -> Recorded:
    """A transfer up to the question whether the record is to be integrated."""
    pair = Recorded()
    pair.begin(*SCRIPT, faults=faults)
    pair.asked()
    pair.send(pair.sut.request())
    while pair.posts:
        pair.acknowledge()
    pair.wait(EVERY_SECONDS)
    while pair.posts:
        pair.acknowledge()
    pair.wait(5)
    assert pair.picture()[0]["status"] == "asking"
    return pair


FAULTS = (
    (),
    (Fault("to sut", "deliver twice", UK06),),
    (Fault("to sut answer", "lose the answer", UK06),),
    (Fault("from sut", "lose the acknowledgement", UK05),),
    (Fault("on the way to sut", "hold back", UK06, length="PT3S"),),
    (Fault("on the way to sut", "lose", UK06),),
)
NAMES = ("no fault", "delivered twice", "answer lost", "acknowledgement lost", "held back", "lost")


@pytest.mark.parametrize("faults", FAULTS, ids=NAMES)
def test_a_new_hub_goes_on_as_the_old_one_would_have(faults: tuple[Fault, ...]) -> None:
    """The same picture, and from there the same notes with the same ids: the SUT cannot tell that Spine was stopped."""
    pair = transfer(*faults)
    after, sut = pair.stopped(), copy.deepcopy(pair.sut)
    after.sut = sut
    assert after.picture() == pair.picture()
    assert after.finish_transfer() == pair.finish_transfer()
    assert after.said("case.closed")


def test_what_came_before_the_stop_is_known_after_it() -> None:
    """A message that comes again is acknowledged and not delivered, and belongs to its case."""
    pair = Recorded()
    pair.begin(Ask("register"), Await(Message.REQUEST), Ask("decide"))
    pair.asked()
    letter = pair.sut.request()
    pair.send(letter)
    after = pair.stopped(seconds=5)
    assert_acknowledged(after.send(letter), letter)
    assert [note.case for note in after.notes if note.kind == "exchange.decided"] == ["case-1"]
    assert after.said("exchange.decided")[0]["does"] == "acknowledge again, deliver nothing"


def test_a_post_that_was_under_way_costs_the_receiver_none_of_its_repeats() -> None:
    """Whether it arrived, nobody knows: it goes out again at once, and is said to, and then as often as ever."""
    pair = Recorded()
    pair.begin(Send(Message.REQUEST), Hold())
    first = pair.posts[0]
    after = pair.stopped()
    lost = after.said("delivery.outcome")[0]
    assert (lost["status"], lost["deliberate"]) == (None, "Spine was stopped")
    assert after.answer(500).body == first.body, "at once"
    for _ in range(SUT.contract.retries):
        after.wait(EVERY_SECONDS)
        assert after.answer(500).body == first.body
    after.wait(EVERY_SECONDS)
    assert not after.posts
    assert after.said("exchange.heard")[-1]["state"] == "expired"


def test_a_post_whose_time_is_over_after_the_stop_is_given_up() -> None:
    """Its receiver was promised nothing beyond persistDuration."""
    pair = Recorded()
    pair.begin(Send(Message.REQUEST), Hold())
    after = pair.stopped(seconds=NIGHT)
    assert not after.posts
    assert after.said("exchange.heard")[-1]["state"] == "expired"
    assert after.stopped().picture() == after.picture()


def test_a_window_that_was_open_is_watched_anew() -> None:
    """Nobody was there to watch in between: what did not come in that time proves nothing."""
    pair = Recorded()
    pair.begin(Hold())
    after = pair.stopped(seconds=NIGHT)
    assert after.said("case.interrupted") == [{"step": 0, "status": "waiting"}]
    assert after.said("window.opened") == [{"step": 0, "for": "expect nothing"}]
    after.wait(0)
    assert not after.said("window.closed")
    after.wait(5)
    assert after.said("window.closed") == [{"step": 0, "how": "5 s passed", "seconds": 5.0}]


def test_real_time_passes_also_while_spine_is_away() -> None:
    """A case that waits for an hour waits for no more of it after a stop, and a stop in the middle of it is no harm."""
    pair = Recorded()
    pair.begin(Elapse("PT1H"), Hold(), clock="real")
    pair.wait(600)
    after = pair.stopped(seconds=2400).stopped(seconds=300)
    after.wait(299)
    assert not after.said("window.closed")
    after.wait(1)
    assert after.said("window.closed") == [{"step": 0, "how": "it passed", "seconds": 3600.0}]


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=NAMES)
def test_a_run_can_be_stopped_at_any_entry_and_again(number: int) -> None:
    """Even in the middle of a decision, as a torn end leaves it: the rest is written, and all can be taken up once more."""
    pair, same = transfer(*FAULTS[number]), 0
    if number:  # up to where a fault shows, nothing is other than without it
        told = [_played(each) for each in transfer().entries]
        same = next(count for count, each in enumerate(pair.entries) if _played(each) != told[count])
    for count in range(max(same, 1), len(pair.entries) + 1):
        once = pair.stopped(seconds=1, entries=pair.entries[:count])
        twice = once.stopped(seconds=1)
        again = {note.kind for note in twice.notes} - {RESUMED, "case.interrupted", "window.opened", *POST}
        assert not again, "everything that was left to be done was done the first time"
        assert twice.picture() == once.picture()


def _played(entry: Entry) -> object:
    """What an entry tells of the playing: the plan of a case names the fault long before it strikes."""
    return (entry.kind, entry.data) if entry.kind != "case.opened" else entry.kind


def altered(entries: list[Entry], **change: Any) -> list[Entry]:
    """Entries of which the one that sends the extract is another."""
    return [replace(e, **change) if e.kind == "message.sent" and e.data["interaction"] == UK06 else e for e in entries]


def without(entries: list[Entry], kind: str) -> list[Entry]:
    """Entries without the first of a kind."""
    number = next(number for number, entry in enumerate(entries) if entry.kind == kind)
    return [*entries[:number], *entries[number + 1 :]]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda entries: altered(entries, case="case-2"), "it would be message.sent of case-1"),
        (lambda entries: altered(entries, data={"interaction": UK06, "blob": DIGEST}), "its octets would be others"),
        (lambda entries: altered(entries, kind="message.lost"), "it would be message.sent of case-1"),
        (lambda entries: without(entries, "case.opened"), "does not ask anything"),
        (lambda entries: without(entries, "transfer.moved"), "it would be transfer.moved"),
        (lambda entries: [replace(each, at="noon") for each in entries], "no time but 'noon'"),
    ],
)
def test_entries_that_this_version_would_not_have_written_are_refused(change: Any, named: str) -> None:
    """By the number of the first of them: what is gone on with must be what it says it is."""
    pair = transfer()
    with pytest.raises(ReplayTrouble, match=r"entry \d+ of the ledger .*begin a new one") as trouble:
        pair.stopped(entries=change(pair.entries))
    assert named in str(trouble.value)


def test_a_post_that_was_acknowledged_by_a_signal_meanwhile_does_not_go_out_again() -> None:
    """Its answer is lost with the stop, and is missed by nobody."""
    pair = Recorded()
    pair.begin(Send(Message.REQUEST), Hold())
    pair.post("text/xml", pair.sut.acknowledgment(pair.posts[0]))
    after = pair.stopped()
    assert (list(after.posts), after.said("delivery.outcome")[0]["deliberate"]) == ([], "Spine was stopped")


def test_a_practice_that_was_registered_on_the_way_is_known_again() -> None:
    """With small octets that stand in the entry itself."""
    row = {**asdict(SUT), "contract": asdict(SUT.contract)}
    registered = Entry(1, stamp(Recorded().now), "practice.registered", "", row)
    hub = Hub(Directory([PEER]), PatientIndex(), Behaviour(), b"spine")
    pair = transfer()
    entries = [registered, *(replace(each, seq=each.seq + 1, data=_inline(pair, each)) for each in pair.entries)]
    Replay(hub, pair.stored.__getitem__).take_up(entries, pair.now)
    assert hub.directory.by_party(SUT.party_key) is not None


def test_a_case_of_a_system_that_nobody_registered_is_refused() -> None:
    hub = Hub(Directory([PEER]), PatientIndex(), Behaviour(), b"spine")
    pair = transfer()
    with pytest.raises(ReplayTrouble, match="the system under test is not registered"):
        Replay(hub, pair.stored.__getitem__).take_up(pair.entries, pair.now)


def _inline(pair: Recorded, entry: Entry) -> dict[str, Any]:
    """The facts of an entry with its octets as text, as the ledger keeps small ones."""
    if "blob" not in entry.data:
        return dict(entry.data)
    rest = {key: value for key, value in entry.data.items() if key != "blob"}
    return {**rest, "text": pair.stored[entry.data["blob"]].decode()}


def test_a_timer_that_rang_before_the_stop_does_not_ring_again() -> None:
    """The second try has failed and its interval is not over: the third waits for it, whether Spine was stopped or not."""
    pair = Recorded()
    pair.begin(Send(Message.REQUEST), Hold())
    pair.answer(500)
    pair.wait(EVERY_SECONDS)
    pair.answer(500)
    after = pair.stopped(seconds=1)
    after.wait(0)
    assert not after.posts
    after.wait(EVERY_SECONDS)
    assert len(after.posts) == 1


def test_the_clock_of_a_system_is_set_by_the_time_after_a_stop() -> None:
    """What was asked before is asked again, and an hour has passed meanwhile."""
    pair = Recorded()
    pair.begin(Elapse("P1D"), Hold())
    (before,) = pair.picture()
    (after,) = pair.stopped(seconds=3600).picture()
    assert (before["ask"]["arguments"]["now"][8:16], after["ask"]["arguments"]["now"][8:16]) == ("25T12:00", "25T13:00")
