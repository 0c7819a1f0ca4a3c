"""Sequence diagrams of what really happened."""

from dataclasses import replace

import pytest
from lxml import etree

from harness.report import diagram
from harness.report.model import MessageView
from tests.harness.report import build

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(*messages: MessageView, names: tuple[str, ...] = ("SUT", "Spine", "X90001")) -> etree._Element:
    return etree.fromstring(diagram.svg(messages, names))


def _texts(root: etree._Element, kind: str) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text") if node.get("class") == kind]


def test_the_picture_has_a_title_and_a_description() -> None:
    """Whoever does not see it hears what it is."""
    root = _drawn(*build.exchange())
    assert root.get("role") == "img"
    named = [node.get("id") for node in root if node.tag in (f"{SVG}title", f"{SVG}desc")]
    assert " ".join(str(one) for one in named) == root.get("aria-labelledby")


def test_lifelines_are_the_sut_then_spine_then_peers() -> None:
    """The order does not depend on who spoke first."""
    assert diagram.lifelines(build.exchange()[::-1]) == ("SUT", "Spine", "X90001")
    assert _texts(_drawn(*build.exchange()), "d-who") == ["SUT", "Spine", "X90001"]


def test_a_lifeline_that_was_not_named_is_added() -> None:
    """An unexpected peer is drawn, not dropped."""
    assert _texts(_drawn(*build.exchange(), names=("SUT",)), "d-who") == ["SUT", "Spine", "X90001"]


def test_every_message_is_an_arrow_with_its_offset() -> None:
    """One row a message, in order, with the time after the first."""
    root = _drawn(*build.exchange())
    assert _texts(root, "d-time")[:3] == ["+0.000 s", "+0.215 s", "+20.300 s"]
    assert _texts(root, "d-label")[1:3] == [
        "EHR request · RCMR_IN010000UK05",
        "EHR request · attempt 2 · RCMR_IN010000U…",
    ]


def test_answers_are_dashed_and_messages_are_not() -> None:
    """The HTTP answer differs from a message of its own by more than its direction."""
    first, *_ = build.exchange()
    for kind, dashed in (("answer", True), ("message", False)):
        (line,) = [node for node in _drawn(replace(first, kind=kind)).iter() if node.get("class") == "d-line"]
        assert (line.get("stroke-dasharray") is not None) is dashed


def test_trouble_and_wilful_wrongs_are_marked_by_shape_and_word() -> None:
    """A cross and its text; a badge and its reason."""
    first, *_ = build.exchange()
    root = _drawn(replace(first, trouble="no answer", deliberate="Spine drops it"))
    assert [node.get("class") for node in root.iter() if node.get("class") in ("d-cross", "d-badge")] == [
        "d-cross",
        "d-badge",
    ]
    assert _texts(root, "d-trouble") == ["✕ no answer"]
    assert _texts(root, "d-deliberate") == ["Spine drops it"]


def test_a_long_run_is_cut_in_the_middle() -> None:
    """At most two hundred arrows, the last ones among them, and how many were left out."""
    many = [build.message(n, "SUT", "Spine", f"fragment {n}", "2026-11-22T09:30:00Z") for n in range(1, 501)]
    root = _drawn(*many)
    labels = _texts(root, "d-label")
    assert len(labels) == 200
    assert labels[-1].startswith("fragment 500")
    assert _texts(root, "d-note") == ["… 300 more"]
    assert "... 300 more" in diagram.text(many)


def test_a_long_silence_is_drawn() -> None:
    """A time-out is something that happened, too."""
    assert _texts(_drawn(*build.exchange()), "d-note") == ["21 min 0 s without a message"]


def test_nothing_in_a_message_becomes_markup() -> None:
    """Scripts and quotes in labels and names stay text, and the picture stays well-formed."""
    message = build.message(1, build.HOSTILE, "Spine", build.HOSTILE, build.HOSTILE, trouble=build.HOSTILE)
    drawn = diagram.svg([message], [build.HOSTILE], name=build.HOSTILE)
    assert "<script" not in drawn
    assert not [name for node in etree.fromstring(drawn).iter() for name in node.attrib if str(name).startswith("on")]


def test_the_text_diagram_is_a_ladder() -> None:
    """Arrows point the right way, answers are dotted, trouble ends in a cross, a repeat is numbered."""
    lines = diagram.text(build.exchange()).splitlines()
    assert lines[0].split() == ["SUT", "Spine", "X90001"]
    assert lines[1].startswith("    +0.000 s  |-------- PDS trace --------->|")
    assert "--- EHR request --------X|" in lines[2]
    assert lines[3:5] == [
        "                deliberate: Spine drops the first request",
        "                trouble: no answer within 20 s",
    ]
    assert "EHR request, attempt 2" in lines[5]
    assert "|<... 202 + Acknowledgment ...|" in lines[6]
    assert "|(self) looks for the record" in lines[8]


@pytest.mark.parametrize("label", ["x" * 500, "two\nlines", ""])
def test_any_label_keeps_the_ladder_in_shape(label: str) -> None:
    """One message is one line, however long its label."""
    told = diagram.text([build.message(1, "SUT", "Spine", label, "not a time")])
    assert len(told.splitlines()) == 2
    assert max(len(line) for line in told.splitlines()) < 80


def test_nothing_happened_is_an_empty_text() -> None:
    """No message, no lines; the picture still stands."""
    assert diagram.text([]) == ""
    assert _texts(_drawn(), "d-label") == []
