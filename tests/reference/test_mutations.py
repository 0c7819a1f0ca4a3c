"""Every mutation shows in some exchange, and only by what it names."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from harness.reference.mutations import Mutation, table
from harness.reference.outbox import Reply
from harness.reference.patches import Patch, Wire, apply
from harness.reference.replies import HookError
from harness.reference.store import Losing
from simulator.wire.writers.description import describe
from simulator.wire.writers.package import Attachment
from tests.reference.world import FAULT, FOLDER, INTERVAL, NHS, PEER, START, THIRD, World

UUID = re.compile(rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
C = "AAAAAAAA-0000-4000-8000-000000000000"
Play = Callable[[World], object]
# The examples of the rules are mutations too; tests/rules looks at them.
OURS = tuple(mutation for mutation in table().values() if not mutation.id.startswith("rule:"))


def _decide(world: World, decision: str, **more: Any) -> None:
    world.register(**more)
    data = gzip.compress(b"hello", mtime=0)
    text = describe("a.txt", "text/plain", compressed=True, large=False, original_base64=False, length=len(data))
    world.give(attachments=(Attachment("one", "text/plain", data, text, "_D1"),))
    world.hook("decide", nhs_number=NHS, decision=decision)


def _integration_fails(world: World) -> None:
    world.hook("configure", condition="integration-failure", value="on")
    _decide(world, "integrate")


def _not_taken(world: World) -> None:
    world.replies = [Reply(503)] * 5
    world.register()
    for _ in range(4):
        world.hook("clock", now=(world.clock.now("c") + INTERVAL).isoformat())


def _request_refused(world: World) -> None:
    world.replies = [Reply(500, "text/xml", FAULT)]
    world.register()
    world.hook("clock", now=(START + INTERVAL).isoformat())


def _second_extract(world: World) -> None:
    world.register()
    world.give()
    world.give()


def _received(world: World, **more: Any) -> None:
    world.register()
    world.give(world.new_id(), **more)


def _part_missing(world: World) -> None:
    world.register()
    part = Attachment("one", "text/plain", b"x", "x.txt", "_D1")
    world.give(attachments=(part,), alter=(b"cid:one", b"cid:two"))


def _two_systems(world: World) -> None:
    world.devices[PEER.ods] = 2
    world.register()


def _disabled(world: World) -> None:
    world.hook("configure", condition="disabled", value="on")
    world.hold()
    world.ask(C)


def _enabled_again(world: World) -> None:
    _disabled(world)
    world.hook("configure", condition="disabled", value="off", nhs_numbers=[NHS])


def _refusal_refused(world: World) -> None:
    world.registered_at = THIRD.ods
    world.hold()
    world.replies = [Reply(500, "text/xml", FAULT)]
    world.ask(C)


def _given(world: World) -> None:
    world.hold()
    world.ask(C)
    transfer = world.practice.store.transfer(C)
    assert isinstance(transfer, Losing)
    if world.sent:  # an extract that is held back has nothing that could be refused
        world.acknowledge(transfer.first_sent, "11")
    world.hook("clock", now=(START + INTERVAL).isoformat())
    with suppress(HookError):
        world.hook("resend", nhs_number=NHS)


def _resent_unrefused(world: World) -> None:
    world.hold()
    world.ask(C)
    try:
        world.hook("resend", nhs_number=NHS)
    except HookError:
        return


def _extract_refused(world: World) -> None:
    world.hold()
    world.replies = [Reply(500, "text/xml", FAULT)]
    world.ask(C)


def _asked(world: World, **more: Any) -> None:
    world.hold()
    world.registered_at = more.pop("registered_at", world.registered_at)
    world.ask(C, **more)


def _nobody_answers(world: World) -> None:
    _asked(world)
    world.hook("clock", now=(START + timedelta(days=9)).isoformat())


def _given_late(world: World) -> None:
    world.register()
    world.hook("clock", now=(START + timedelta(days=2)).isoformat())
    world.give()


def _generation_fails(world: World) -> None:
    world.hook("configure", condition="extract-failure", value="on")
    _asked(world)


def _twice(world: World, *ids: str) -> None:
    world.hold()
    for one in ids:
        world.ask(C, one)


def _twice_in_two(world: World) -> None:
    world.hold()
    world.ask(C)
    world.ask(C.replace("A", "B"))


def _asked_again(world: World) -> None:
    _answered_no(world)
    world.register()


def _markup(world: World) -> None:
    world.hold(folder=FOLDER.replace(b"</ehrFolder>", b"<text>R&amp;D</text></ehrFolder>"))
    world.ask(C)


def _unknown(world: World, interaction: bytes) -> None:
    world.hold()
    world.ask(C, alter=(b"RCMR_IN010000UK05", interaction))


def _answered_no(world: World) -> None:
    world.register()
    sent = world.sent[-1].reading
    assert sent.wrapper is not None
    world.acknowledge(sent.wrapper.id, code="06")


PLAYS: dict[str, Play] = {
    "integrate": lambda w: _decide(w, "integrate"),
    "reject": lambda w: _decide(w, "reject-wrong-record"),
    "reject returning": lambda w: _decide(w, "reject-wrong-record", returning=True),
    "suppress": lambda w: _decide(w, "suppress"),
    "file": lambda w: _decide(w, "file-as-attachment"),
    "integration fails": _integration_fails,
    "not taken": _not_taken,
    "request answered no": _answered_no,
    "request refused": _request_refused,
    "second extract": _second_extract,
    "malformed extract": lambda w: _received(w, alter=(b"ehrFolder", b"ehrFolded")),
    "other patient": lambda w: _received(w, nhs_number="9990000026"),
    "part missing": _part_missing,
    "unsolicited": lambda w: w.give(conversation=C),
    "two systems": _two_systems,
    "wrong party": lambda w: w.ask(C, to=THIRD.party_key),
    "given and refused": _given,
    "resent unrefused": _resent_unrefused,
    "nobody answers": _nobody_answers,
    "given after two days": _given_late,
    "no certificate": lambda w: _asked(w, known=False),
    "unknown patient": lambda w: w.ask(C),
    "disabled": _disabled,
    "enabled again": _enabled_again,
    "refusal refused": _refusal_refused,
    "generation fails": _generation_fails,
    "not the practice": lambda w: _asked(w, registered_at=THIRD.ods),
    "malformed request": lambda w: _asked(w, alter=(b"</EhrRequest>", b"</EhrRequezt>")),
    "extract refused": _extract_refused,
    "second request": lambda w: _twice(w, w.new_id(), w.new_id()),
    "two conversations": _twice_in_two,
    "asked again": _asked_again,
    "markup": _markup,
    "unknown interaction": lambda w: _unknown(w, b"RCMR_IN990000UK01"),
    "request of another version": lambda w: _unknown(w, b"RCMR_IN010000UK06"),
    "same request": lambda w: _twice(w, one := w.new_id(), one),
}


def _trace(play: Play, mutation: str) -> bytes:
    """Everything that one can see of a play, with UUIDs replaced by the number of their first appearance."""
    world = World()
    if mutation:
        world.mutate(mutation)
    answers: list[bytes] = []
    receive = world.practice.receive

    def noting(headers: dict[str, str], body: bytes, **more: Any) -> object:
        answer = receive(headers, body, **more)
        answers.append(repr((answer.status, answer.headers)).encode() + answer.body)
        return answer

    world.practice.receive = noting  # type: ignore[method-assign, assignment]
    with suppress(HookError, IndexError) if mutation else nullcontext():
        play(world)  # misbehaviour may leave it nothing to go on with: then what was seen until there is the trace
    seen = [repr((sent.at, sent.headers)).encode() + sent.body for sent in world.sent]
    shown = repr((world.state(), world.hook("notices"), world.hook("filed", nhs_number=NHS), world.asked)).encode()
    numbers: dict[bytes, bytes] = {}
    whole = b"\n".join([*answers, *seen, shown])
    return UUID.sub(lambda m: numbers.setdefault(m[0].upper(), b"#%d" % len(numbers)) + _case(m[0]), whole)


def _case(uuid: bytes) -> bytes:
    return b"" if uuid == uuid.upper() else b"(lower)"


@cache
def _sound(name: str) -> bytes:
    return _trace(PLAYS[name], "")


@pytest.mark.parametrize("mutation", OURS, ids=lambda mutation: mutation.id)
def test_every_mutation_shows_in_some_play(mutation: Mutation) -> None:
    assert any(_trace(play, mutation.id) != _sound(name) for name, play in PLAYS.items())


@pytest.mark.parametrize("name", PLAYS)
def test_a_mutation_for_another_patient_and_peer_changes_nothing(name: str) -> None:
    def elsewhere(world: World) -> object:
        world.hooks.call(
            "configure",
            {"case": "c", "condition": "mutation", "value": "mime-bare-lf", "nhs_numbers": ["9990000034"], "peers": []},
        )
        return PLAYS[name](world)

    assert _trace(elsewhere, "") == _sound(name)


def test_an_altered_message_is_still_framed_when_the_mistake_is_not_about_framing() -> None:
    for mutation in OURS:
        if not mutation.patches or any(p.layer in ("http", "mime") for p in mutation.patches):
            continue
        world = World()
        world.mutate(mutation.id)
        _given(world)
        for sent in world.sent:
            package = sent.reading.package
            assert package is not None, mutation.id
            assert len(package.parts) == (3 if "RCMR_IN03" in sent.headers["SOAPAction"] else 2), mutation.id


def test_a_row_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no operation"):
        Patch("hl7", "explode", {})


def test_a_patch_that_finds_nothing_leaves_the_message_alone() -> None:
    wire = Wire((("Content-Type", "text/xml"),), b"<a/>")
    for patch in (
        Patch("hl7", "set", {"xpath": "//hl7:id", "attribute": "root", "value": "x"}),
        Patch("mime", "raw-attachment", {}),
        Patch("mime", "drop-attachment", {}),
        Patch("mime", "corrupt-attachment", {}),
        Patch("mime", "part-header", {"part": 2, "name": "Content-Type"}),
    ):
        assert apply(patch, wire, {}) == wire


def test_a_mutation_ends_with_its_case() -> None:
    world = World()
    world.mutate("code-99-for-06")
    world.ask(C)
    world.hook("reset")
    world.ask(C.replace("A", "B"))
    assert world.kinds() == ["99", "06"]
