"""Every rule leaves good messages alone and sees the one mistake of its example."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.examples import examples
from harness.reference.patches import Patch, Wire, apply
from harness.requirements import catalogue
from harness.rules import RULES
from tests.rules.bases import BASES, base, subject
from tests.wire import messages, received

ROWS: list[dict[str, Any]] = [row for _, row in examples()]
CONTEXT = {
    "uuid": "AAAAAAAA-0000-4000-8000-00000000FFFF",
    "conversation": "BBBBBBBB-0000-4000-8000-00000000FFFF",
    "previous": "CCCCCCCC-0000-4000-8000-00000000FFFF",
    "ods": "X90001",
    "asid": "999000000001",
    "party": "X90001-900001",
    "peer_ods": "X90002",
    "peer_asid": "999000000002",
    "peer_party": "X90002-900002",
}


def _patched(row: dict[str, Any]) -> Wire:
    wire = base(row["base"])
    for patch in row["patch"]:
        wire = apply(Patch(patch["layer"], patch["op"], patch), wire, CONTEXT)
    return wire


def test_every_rule_has_its_example_and_every_example_its_rule() -> None:
    """A rule that has never failed is not a rule."""
    assert {row["id"] for row in ROWS} == set(RULES)


@pytest.mark.parametrize("name", BASES)
def test_a_good_message_breaks_no_rule(name: str) -> None:
    """No false alarm, of any rule, on any base."""
    good = subject(base(name))
    assert good.root is not None
    assert {rule.id: flaws for rule in RULES.values() if (flaws := rule.flaws(good))} == {}


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{row['id']}-{n}" for n, row in enumerate(ROWS)])
def test_the_example_breaks_its_rule(number: int) -> None:
    """The patch changes the message, and the rule says where and what."""
    row = ROWS[number]
    wire = _patched(row)
    assert wire != base(row["base"])
    flaws = RULES[row["id"]].flaws(subject(wire))
    assert flaws
    assert all(each.expected and isinstance(each.found, str) for each in flaws)


def test_no_rule_raises_on_what_the_readers_tests_receive() -> None:
    """Whatever was read, and however much of it: a rule says what it saw, or nothing."""
    payloads = (received.REQUEST, received.EXTRACT, received.CONTINUE, received.FRAGMENT, "<x/>", "", "<a", "\0")
    bodies = [received.package(payload=payload) for payload in payloads]
    bodies += [text.encode() for text in (received.ACKNOWLEDGMENT, received.MESSAGE_ERROR, received.FAULT, "", "--")]
    bodies += [received.package(envelope="<x/>"), received.package(eol=b"\n")]
    bodies += [body[: len(body) // 2] for body in bodies]
    for body in bodies:
        for content_type in (received.CONTENT_TYPE, "text/xml", ""):
            seen = subject(Wire((("Content-Type", content_type),), body))
            for rule in RULES.values():
                rule.flaws(seen)


@pytest.mark.parametrize("name", messages.PACKAGES)
def test_no_rule_raises_on_what_the_writers_write(name: str) -> None:
    """Spine's own negative acknowledgement and the dialects of suppliers among them."""
    made = messages.PACKAGES[name]()
    seen = subject(Wire((("Content-Type", made.content_type),), made.body))
    for rule in RULES.values():
        rule.flaws(seen)


def test_rules_cite_what_the_catalogue_has_and_say_one_sentence() -> None:
    """Sentences are told apart, and each rule cites its rows, the most particular first."""
    sentences = [rule.sentence for rule in RULES.values()]
    assert len(set(sentences)) == len(sentences)
    for rule in RULES.values():
        assert rule.requirements
        assert set(rule.requirements) <= set(catalogue())
        assert rule.doc, rule.id
