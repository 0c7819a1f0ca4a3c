"""The Description of a manifest entry is read in every form that the field sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.wire.departures import D
from simulator.wire.description import Description, read
from simulator.wire.writers.description import SKELETON, describe
from tests.wire.made import Made, whatever_the_fields
from tests.wire.received import codes

WHOLE = Description("a b.pdf", "application/pdf", False, True, False, 12)
KEYED = 'Filename="a b.pdf"{0}ContentType=application/pdf{0}Compressed=No{0}LargeAttachment=Yes{0}OriginalBase64=No'
ALL = KEYED + "{0}Length=12"
REST = "ContentType=text/plain Compressed=No LargeAttachment=No Length=1"
PLAIN: dict[str, Any] = {"content_type": "text/plain", "compressed": False, "large": False, "length": 1}
NOTHING_MISSING: set[D] = set()

CASES: list[tuple[str, str, Description, set[D]]] = [
    ("as specified", ALL.format(" "), WHOLE, NOTHING_MISSING),
    ("over several lines, with tabs", "\n\t" + ALL.format("\r\n\t") + "\n", WHOLE, NOTHING_MISSING),
    ("without blanks, as one adaptor leaves it", ALL.format(""), WHOLE, {D.DESCRIPTION_UNSPACED}),
    ("in another order", f'{REST} Filename="x"', Description("x", **PLAIN), NOTHING_MISSING),
    ("file name unquoted", f"Filename=x {REST}", Description("x", **PLAIN), {D.DESCRIPTION_UNQUOTED}),
    ("unquoted with blanks", f"Filename=a b=c.txt {REST}", Description("a b=c.txt", **PLAIN), {D.DESCRIPTION_UNQUOTED}),
    ("unquoted at the end", f"{REST} Filename=a b ", Description("a b", **PLAIN), {D.DESCRIPTION_UNQUOTED}),
    ("equals sign and key in the name", f'Filename="a Length=9" {REST}', Description("a Length=9", **PLAIN), set()),
    ("bare file name", "A_e_1.jpg", Description("A_e_1.jpg", free_text="A_e_1.jpg"), {D.DESCRIPTION_NO_PAIRS}),
    (
        "bare name with blanks",
        " my scan 1.tif\n",
        Description("my scan 1.tif", free_text="my scan 1.tif"),
        {D.DESCRIPTION_NO_PAIRS},
    ),
    ("no name at all", "Attachment", Description(free_text="Attachment"), {D.DESCRIPTION_NO_PAIRS}),
    ("nothing", "", Description(), {D.DESCRIPTION_NO_PAIRS}),
    (
        "name only, as the first specification had it",
        'Filename="x.tif"',
        Description("x.tif"),
        {D.DESCRIPTION_KEY_MISSING},
    ),
    (
        "unknown key",
        f'Filename="x" Colour=red {REST} Size="3 by 4"',
        Description("x", **PLAIN, unknown=(("Colour", "red"), ("Size", "3 by 4"))),
        {D.DESCRIPTION_KEY_UNKNOWN},
    ),
    (
        "key in lower case is unknown",
        f'filename="x" Filename="y" {REST}',
        Description("y", **PLAIN, unknown=(("filename", "x"),)),
        {D.DESCRIPTION_KEY_UNKNOWN},
    ),
    (
        "key twice: the first counts",
        f'Filename="x" {REST} Length=2',
        Description("x", **PLAIN),
        {D.DESCRIPTION_KEY_REPEATED},
    ),
    (
        "loose words",
        f'Filename="x" see {REST} below',
        Description("x", **PLAIN, free_text="see below"),
        {D.DESCRIPTION_LOOSE_TEXT},
    ),
    ("quote not closed", f'{REST} Filename="x ', Description("x", **PLAIN), {D.DESCRIPTION_QUOTE_OPEN}),
    (
        "flags in another case",
        'Filename="x" ContentType=a/b Compressed=yes LargeAttachment=NO Length=1',
        Description("x", "a/b", True, False, None, 1),
        {D.DESCRIPTION_VALUE},
    ),
    (
        "flags and length that are none",
        'Filename="x" ContentType=a/b Compressed=1 LargeAttachment=No Length=1kB',
        Description("x", "a/b", None, False),
        {D.DESCRIPTION_VALUE},
    ),
    (
        "empty values",
        "Filename=ContentType= Compressed= LargeAttachment=No Length=",
        Description(large=False),
        {D.DESCRIPTION_KEY_MISSING, D.DESCRIPTION_UNSPACED, D.DESCRIPTION_UNQUOTED},
    ),
]


def test_every_form_is_read_and_its_oddities_told() -> None:
    told = {case: (read(text)[0], codes(read(text)[1])) for case, text, _, _ in CASES}
    assert told == {case: (expected, departures) for case, _, expected, departures in CASES}


def test_a_missing_key_is_named() -> None:
    assert [one.detail for one in read('Filename="x" Compressed=No')[1]] == [
        "ContentType",
        "LargeAttachment",
        "Length",
    ]


@pytest.mark.parametrize(
    "text", [f'DomainData="{SKELETON}"', "DomainData=X-GP2GP-Skeleton: Yes", 'DomainData="x-gp2gp-skeleton:YES"']
)
def test_a_skeleton_is_known_whatever_the_blanks_and_the_case(text: str) -> None:
    assert read(text)[0].skeleton


def test_any_other_domain_data_is_no_skeleton() -> None:
    assert not read('DomainData="X-GP2GP-Skeleton: No"')[0].skeleton
    assert not read(ALL.format(" "))[0].skeleton


TYPES = ["a/b", "application/pdf", "image/svg+xml", "audio/x-9", "application/vnd.ms-word.Document.12"]


@whatever_the_fields
def test_what_is_written_is_read_back_without_departure(made: Made) -> None:
    name, content_type = made.text().replace('"', "'"), made.pick(TYPES)
    length, domain = made.pick([0, 1, made.random.randrange(10**15)]), made.pick(["", SKELETON])
    compressed, large, original = made.random.choices([False, True], k=3)
    text = describe(
        name,
        content_type,
        compressed=compressed,
        large=large,
        original_base64=original,
        length=length,
        domain_data=domain,
    )
    expected = Description(name, content_type, compressed, large, original, length, domain)
    assert read(text) == (expected, ())


@given(st.text(max_size=60) | st.lists(st.sampled_from(['"', "=", " ", "Filename=", "Length=", "a"])).map("".join))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_text_makes_it_raise(text: str) -> None:
    value, told = read(text)
    assert isinstance(value, Description)
    assert all(len(one.detail) <= 200 for one in told)


@pytest.mark.parametrize("piece", ['a"', "Filename=", " ", "=", "a", '"" ', "ContentType=" + "x" * 50])
def test_a_hostile_text_takes_time_in_proportion(piece: str) -> None:
    """Twenty kilobytes take milliseconds; anything quadratic would take many seconds."""
    read(piece * (20_000 // len(piece)))
