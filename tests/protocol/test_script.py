"""Scripts and plans travel as JSON; what cannot be played is refused with one sentence before anything begins."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol import faults
from simulator.protocol.plan import Document, from_json_values
from simulator.protocol.script import Ask, Await, Fault, Hold, Message, Send, Step, describe, from_json, to_json
from simulator.protocol.variants import VARIANTS
from tests.protocol.sut import PEER, SUT

TEXTS = st.text(max_size=8)
ASKS = st.builds(Ask, TEXTS, st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans(), max_size=3), st.booleans())
SENDS = st.builds(
    Send,
    st.sampled_from(Message),
    code=TEXTS,
    dialect=TEXTS,
    cites=TEXTS,
    interaction=TEXTS,
    variants=st.lists(st.sampled_from(sorted(VARIANTS)), max_size=2).map(tuple),
    conversation=st.sampled_from(["own", "new"]),
    repeat=st.sampled_from(["", "same id", "new id"]),
)
STEPS = ASKS | st.builds(Await, st.sampled_from(Message), st.booleans()) | SENDS | st.just(Hold())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(STEPS, max_size=4))
def test_a_script_survives_json(steps: list[Step]) -> None:
    """What ``/control`` is given is what is played."""
    assert from_json(json.loads(json.dumps(to_json(steps)))) == tuple(steps)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"step": "dance"}, "step 2: 'dance' is none of ask, await, send, hold, elapse"),
        ({}, "step 2: '' is none of ask, await, send, hold, elapse"),
        ({"step": "send", "message": "greeting"}, "step 2 (send): 'greeting' is not a valid Message"),
        ({"step": "await"}, "step 2 (await): Await.__init__() missing 1 required positional argument: 'message'"),
        ({"step": "hold", "long": 1}, "step 2 (hold): Hold.__init__() got an unexpected keyword argument 'long'"),
        ({"step": "send", "message": "extract", "variants": 1}, "step 2 (send): 'int' object is not iterable"),
    ],
)
def test_a_bad_step_is_refused_by_its_number(row: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^step 2") as trouble:
        from_json([{"step": "hold"}, row])
    assert str(trouble.value) == sentence


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Ask("hold"), "ask the SUT: hold"),
        (Ask("configure", {"condition": "disabled"}), "ask the SUT: configure condition=disabled"),
        (Await(Message.EXTRACT), "await extract"),
        (Await(Message.ANY, optional=True), "await any message (optional)"),
        (Send(Message.REQUEST), "send request"),
        (Send(Message.FINAL_ANSWER, code="17"), "send final answer, code 17"),
        (
            Send(Message.EXTRACT, interaction="UK07", conversation="new", repeat="same id", variants=("x", "y")),
            "send extract, again (same id), UK07, in a conversation nobody opened, x, y",
        ),
        (Hold(), "expect nothing"),
    ],
)
def test_a_step_is_described_in_one_line(step: Step, line: str) -> None:
    assert describe(step) == line


# -- plans

OCTETS = {"f" * 64: b"<ehrFolder/>", "d" * 64: b"document", "e" * 64: b"@@request_id@@"}
GOOD: dict[str, Any] = {
    "case": "case-1",
    "scenario": "a scenario",
    "role": "sender",
    "key": "00ff",
    "peer": {"ods": PEER.ods, "asid": PEER.asid, "party_key": PEER.party_key, "contract": {"retries": 1}},
    "patients": [{"nhs_number": "9990000026", "practice": PEER.ods}],
    "script": [{"step": "send", "message": "request"}],
    "faults": [{"towards": "to sut", "action": faults.DELIVER_TWICE}],
    "record": {
        "folder": {"blob": "f" * 64},
        "payload": {"blob": "e" * 64},
        "documents": [{"id": "D1", "filename": "a.txt", "content_type": "text/plain", "blob": "d" * 64}],
    },
}


def test_a_plan_is_read_with_its_octets() -> None:
    plan = from_json_values(GOOD, OCTETS.__getitem__, SUT)
    assert plan.sut == SUT
    assert plan.peer.ours
    assert (plan.peer.contract.retries, plan.patients[0].nhs_number) == (1, "9990000026")
    assert plan.script == (Send(Message.REQUEST),)
    assert plan.faults == (Fault("to sut", faults.DELIVER_TWICE),)
    assert plan.documents == (Document("D1", "a.txt", "text/plain", b"document"),)
    assert (plan.folder, plan.payload, plan.key) == (b"<ehrFolder/>", b"@@request_id@@", b"\x00\xff")
    assert plan.facts == GOOD


def test_a_plan_needs_no_record_and_no_faults() -> None:
    plan = from_json_values({k: v for k, v in GOOD.items() if k not in ("record", "faults")}, OCTETS.__getitem__, SUT)
    assert (plan.folder, plan.payload, plan.documents, plan.faults) == (b"", b"", (), ())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role": "referee"}, "the plan's role 'referee' is none of requester, sender"),
        ({"patients": []}, "the plan has no patient"),
        ({"patients": [{}]}, "the plan is no plan: .* 'nhs_number'"),
        ({"patients": 7}, "the plan is no plan: .*"),
        ({"peer": {"ods": "X90002"}}, "the plan has no 'asid'"),
        ({"peer": "X90002"}, "the plan is no plan: .*"),
        ({"peer": GOOD["peer"] | {"contract": {"speed": 1}}}, "the plan is no plan: .* 'speed'"),
        ({"key": "zz"}, "non-hexadecimal number .*"),
        ({"script": [{"step": "dance"}]}, "step 1: 'dance' is none of .*"),
        ({"script": [7]}, "the plan is no plan: .*"),
        (
            {"script": [{"step": "send", "message": "request", "variants": ["b", "a"]}]},
            "there is no variant called a, b",
        ),
        ({"faults": [{"towards": "to sut", "action": "explode"}]}, "there is no fault called 'explode'"),
        ({"faults": [{"when": "now"}]}, "the plan is no plan: .* 'when'"),
        ({"record": {"folder": {"blob": "a" * 64}}}, f"the plan has no '{'a' * 64}'"),
        ({"window_seconds": "long"}, "could not convert string to float: 'long'"),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused_with_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        from_json_values(GOOD | change, OCTETS.__getitem__, SUT)


@pytest.mark.parametrize("name", ["case", "scenario", "role", "key", "peer", "patients", "script"])
def test_a_plan_names_what_it_lacks(name: str) -> None:
    with pytest.raises(ValueError, match=f"^the plan has no '{name}'$"):
        from_json_values({k: v for k, v in GOOD.items() if k != name}, OCTETS.__getitem__, SUT)
