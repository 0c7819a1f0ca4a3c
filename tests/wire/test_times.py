"""Times and durations as messages and contracts write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.wire import times

WINTER = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 9, 0, 0, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


TIMES: dict[str, datetime | None] = {
    # ebXML: UTC, whatever the zone's spelling; the field has 0, 3 and 7 fraction digits
    "2026-11-24T10:00:00Z": WINTER,
    " 2026-11-24T10:00:00Z\n": WINTER,
    "2026-11-24T10:00:00": WINTER,
    "2026-11-24T10:00:00+0000": WINTER,
    "2026-11-24T11:00:00+01:00": WINTER,
    "2026-11-24T04:30:00-05:30": WINTER,
    "2026-11-24T10:00:00.5Z": WINTER + 500_000 * MICRO,
    "2026-11-24T10:00:00.682Z": WINTER + 682_000 * MICRO,
    "2026-11-24T10:00:00.1234567Z": WINTER + 123_456 * MICRO,
    # HL7: UK local time
    "202611241000": WINTER,
    "20261124100000": WINTER,
    "20261124100000117": WINTER + 117_000 * MICRO,
    "20261124100000.117": WINTER + 117_000 * MICRO,
    "20260701100000": SUMMER,
    "20260701100000+0000": SUMMER + timedelta(hours=1),
    # the changes of 2026: 29 March and 25 October
    "20260329015959": datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC),
    "20260329020000": datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC),
    "20261025015959": datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    "20261025020000": datetime(2026, 10, 25, 2, 0, 0, tzinfo=UTC),
    # no time at all
    "": None,
    "20261124": None,
    "2026-11-24": None,
    "2026-11-24 10:00:00Z": None,
    "2026-13-24T10:00:00Z": None,
    "2026-11-24T10:00:61Z": None,
    "2026-11-24T10:00:00+99:99": None,
    "0001-01-01T00:00:00+01:00": None,
    "٢٠٢٦-11-24T10:00:00Z": None,
}


def test_a_time_names_one_moment_or_none() -> None:
    """Both time forms are read, and what is no time gives none."""
    assert {text: times.instant(text) for text in TIMES} == TIMES


def test_only_a_time_that_says_so_has_a_zone() -> None:
    """The zone is looked for in times alone."""
    said = {"2026-11-24T10:00:00Z": True, "20261124100000+0000": True, "2026-11-24T10:00:00": False, "Z": False}
    assert {text: times.has_zone(text) for text in said} == said


DURATIONS: dict[str, timedelta | None] = {
    "PT4H10M": timedelta(hours=4, minutes=10),
    "PT7H": timedelta(hours=7),
    " PT61S ": timedelta(seconds=61),
    "PT0.5S": timedelta(milliseconds=500),
    "PT0,5S": timedelta(milliseconds=500),
    "P1D": timedelta(days=1),
    "P1DT1S": timedelta(days=1, seconds=1),
    "P2W": timedelta(weeks=2),
    "PT0S": timedelta(0),
    "P": None,
    "PT": None,
    "P1DT": None,
    "P1Y": None,
    "P1M": None,
    "-PT1M": None,
    "1H": None,
    "PT1H1": None,
    "banana": None,
    "PT9999999999S": None,
}


def test_a_duration_has_one_length_or_none() -> None:
    """Contract durations are read; what has no fixed length gives none."""
    assert {text: times.duration(text) for text in DURATIONS} == DURATIONS


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.text(alphabet="0123456789-:+TZP.HMSDW", max_size=30))
def test_no_text_makes_them_raise(text: str) -> None:
    """Whatever is in the element, the reader answers."""
    times.instant(text)
    times.duration(text)
    times.has_zone(text)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.integers(0, 3_250_000_000), st.sampled_from([0, 1, 500_000, 682_000, 999_999]) | st.integers(0, 999_999))
def test_a_moment_survives_its_spelling(second: int, micro: int) -> None:
    """What isoformat writes is read back."""
    moment = datetime(1996, 1, 2, tzinfo=UTC) + timedelta(seconds=second, microseconds=micro)
    assert times.instant(moment.isoformat()) == moment
