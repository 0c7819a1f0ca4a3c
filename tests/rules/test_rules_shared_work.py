"""What the rules share: searches of one message, and one pass over its attachments, say what each rule's own would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harness.rules import Subject
from harness.rules.attachments import base64_lines, bodies
from harness.rules.record import child, children, every, get, record, uid
from harness.rules.register import HL7
from simulator.wire import hl7, mime
from simulator.wire.reading import Reading
from tests.rules.bases import base, subject

_ACT = "hl7:ControlActEvent/hl7:subject"
_COMPOSITION = "<component><ehrComposition><id root='ONE'/>{}</ehrComposition></component>"
_INSIDE = f"<component><ehrFolder>{_COMPOSITION}</ehrFolder></component>"


def _extract(inside: str) -> Subject:
    text = f"<RCMR_IN030000UK06 xmlns='{HL7['hl7']}'><ControlActEvent><subject><EhrExtract>{_INSIDE.format(inside)}"
    root = etree.fromstring(f"{text}</EhrExtract></subject></ControlActEvent></RCMR_IN030000UK06>")
    return Subject(Reading(None, None, None, b"", root, hl7.read(root)[0], None, ()))


@pytest.mark.parametrize(
    "path",
    [
        "hl7:id",
        f"{_ACT}/*",
        f"{_ACT}/hl7:EhrExtract/hl7:author|hl7:id",
        "hl7:id[@root]",
        "gp:none/hl7:id",
        f"{_ACT}/hl7:x",
    ],
)
def test_a_path_finds_what_its_xpath_finds(path: str) -> None:
    """Whether it is walked step by step or given to libxml2; and again from what was kept."""
    seen = subject(base("extract-documents"))
    assert seen.root is not None
    expected = seen.root.xpath(path, namespaces=HL7)
    assert list(seen.find(path)) == list(seen.find(path)) == expected


def test_what_is_inside_of_foreign_elements_is_no_part_of_the_record() -> None:
    """Somebody else's namespace, and HL7's inside of it, are passed over; what follows is not."""
    seen = _extract(
        "<x xmlns='urn:other'><id xmlns='urn:hl7-org:v3' root='TWO'/></x><LinkSet><id root='THREE'/></LinkSet>"
    )
    assert [each.get("root") for each in every(seen, "id")] == ["ONE", "THREE"]
    assert set(record(seen).acts) == {"ONE", "THREE"}
    assert not record(seen).named.keys() & {"x"}


def test_what_is_below_an_element_is_found_in_its_order() -> None:
    """The first of several, all of them, and the first whose way down does not end half-way."""
    seen = _extract("<component/><component><LinkSet><id root=' TWO '/><id root='THREE'/></LinkSet></component>")
    (composition,), (linkset,) = every(seen, "ehrComposition"), every(seen, "LinkSet")
    assert len(children(seen, composition, "component")) == 2
    assert child(seen, composition, "component/LinkSet") is linkset
    assert [each.get("root") for each in children(seen, composition, "component/LinkSet/id")] == [" TWO ", "THREE"]
    assert get(seen, composition, "component/LinkSet/id", "root") == uid(seen, linkset) == "TWO"
    assert child(seen, linkset, "component") is None
    assert list(children(seen, linkset, "component")) == []


_OCTETS = st.one_of(
    st.binary(max_size=12),
    st.text("Aa0+/=\r\n !", max_size=12).map(str.encode),
    st.tuples(st.integers(74, 79), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(0, 90), st.integers(1, 3)).map(
        lambda made: ((("A" * made[0] + made[1]) * made[3]) + "A" * made[2]).encode()
    ),
)


def _carrying(body: bytes) -> Subject:
    envelope = mime.Part((), b"", 0, "", "", "", "")
    package = mime.Package((envelope, envelope, mime.Part((), body, 0, "x", "text/plain", "", "base64")), b"")
    return Subject(Reading(package, None, None, b"", None, None, None, ()))


@given(_OCTETS)
def test_what_one_pass_takes_for_base64_the_decoder_takes_too(body: bytes) -> None:
    """And the size is that of everything but blanks."""
    seen = _carrying(body)
    ((number, part, size, good),) = bodies(seen)
    assert number == 2
    assert not (good and mime.decode(part)[1])
    assert size == len(body.translate(None, b"\r\n\t "))


@given(_OCTETS)
def test_a_long_line_is_seen_however_lines_end(body: bytes) -> None:
    """What is seen at a glance is what counting every line gives."""
    longest = max(map(len, body.splitlines()), default=0)
    assert [each.found for each in base64_lines(_carrying(body))] == ([f"{longest} characters"] if longest > 76 else [])
