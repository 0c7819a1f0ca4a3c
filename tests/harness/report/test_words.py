"""The words that every report shares."""

from dataclasses import replace

import pytest

from harness.report import tally, words
from harness.report.anchors import Names, anchors
from harness.verdict import Basis, Finding, Grade, Outcome
from tests.harness.report import build


def test_every_outcome_and_grade_has_its_words() -> None:
    """A new member of the vocabulary cannot reach a report without a shape and a meaning."""
    assert set(words.SHAPES) == set(words.MEANINGS) == set(Outcome)
    assert set(words.GRADES) == set(Grade)
    assert len(set(words.SHAPES.values())) == len(Outcome)


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ([Grade.WIRE], "PASS"),
        ([Grade.SERVICE, Grade.WIRE], "PASS"),
        ([Grade.HOOK], "PASS (by hook)"),
        ([Grade.ATTESTED], "PASS (attested)"),
        ([Grade.HOOK, Grade.ATTESTED], "PASS (by hook and attested)"),
        ([Grade.WIRE, Grade.HOOK], "PASS (part by hook)"),
    ],
)
def test_a_hook_or_a_persons_word_is_never_a_plain_pass(grades: list[Grade], said: str) -> None:
    """The grade is in the word itself."""
    assert words.word(Outcome.PASS, grades) == said


def test_what_could_act_is_made_visible() -> None:
    """Escape sequences, NUL, surrogates, bidirectional controls and non-characters do not survive; tab and LF do."""
    assert words.clean("a\x00\x1b[2J\x7f\x9b\ud800\u202e\ufffe\r\n\tb\r") == "a␀␛[2J␡��\\u202e�\n\tb␍"
    assert words.clean("Zoë 你好 😀") == "Zoë 你好 😀"


@pytest.mark.parametrize("sha", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", "javascript:alert(1)"])
def test_only_a_digest_becomes_a_path(sha: str) -> None:
    """A link can lead nowhere but into the blobs."""
    assert words.blob_path(sha) == ""


def test_the_blob_path_is_the_ledgers() -> None:
    """Two digits of the digest name the folder."""
    assert words.blob_path(build.SHA) == f"blobs/ab/{build.SHA}"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2154, "0.215 s"), (1203, "20 min 3 s"), (7500, "2 h 5 min"), (84 * 86400 + 4 * 3600, "84 d 4 h")],
)
def test_durations_run_from_milliseconds_to_days(seconds: float, said: str) -> None:
    """The timers of the standard run from seconds to twelve weeks."""
    assert words.duration(seconds) == said


@pytest.mark.parametrize(("octets", "said"), [(999, "999 bytes"), (5321, "5.3 kB"), (4_500_000, "4.5 MB")])
def test_sizes_are_decimal(octets: int, said: str) -> None:
    """The limits of the standard are decimal megabytes."""
    assert words.size(octets) == said


@pytest.mark.parametrize(
    ("one", "other"), [("yesterday", "2026-11-22"), ("2026-11-22T09:00:00", "2026-11-22T09:00:00Z")]
)
def test_unreadable_times_have_no_difference(one: str, other: str) -> None:
    """A bad time in a ledger does not stop a report."""
    assert words.seconds_between(one, other) is None


def test_why_names_the_basis_and_the_reason() -> None:
    """A reviewer sees on what a verdict stands without opening anything."""
    found = build.finding(Outcome.REVIEW, basis=Basis.FIELD, reason="reading B was observed")
    assert words.why(found) == "TD30.1, S67 (observed in the field); seen on the wire; reading B was observed"


def test_requirements_are_in_the_order_of_their_numbers() -> None:
    """TD9 stands before TD30.1, and any two ids compare."""
    ids = ("TD30.1", "TD9", "S67", "2a", "TD30", "", "W-01")
    run = build.run(build.scenario("A", build.finding(Outcome.PASS, requirements=ids)))
    assert [row.ident for row in tally.requirements(run)] == ["", "2a", "S67", "TD9", "TD30", "TD30.1", "W-01"]


def test_a_requirement_takes_the_worst_of_its_findings() -> None:
    """One failure outweighs any number of passes, and the passes are still counted."""
    good = build.finding(Outcome.PASS, requirements=("S1",))
    bad = replace(good, outcome=Outcome.FAIL)
    (row,) = tally.requirements(build.run(build.scenario("A", good, bad, good)))
    assert (row.outcome, row.counts) == (Outcome.FAIL, {Outcome.FAIL: 1, Outcome.PASS: 2})


def test_a_red_scenario_without_a_finding_is_not_lost() -> None:
    """Our own failure before any check is told with its reason."""
    broken = replace(build.scenario("A"), outcome=Outcome.ERROR, reason="Spine did not start")
    assert [found.reason for _, found in tally.red(build.run(broken))] == ["Spine did not start"]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (build.run(), "no evidence is never a pass"),
        (build.run(build.scenario("A", build.finding(Outcome.PASS))), "No failure was found (1 PASS)."),
        (build.run(build.scenario("A", build.finding(Outcome.FAIL))), "did not pass (1 FAIL)."),
        (build.everything(), "not evidence as it stands (2 ERROR, 2 FAIL"),
    ],
)
def test_the_headline_claims_no_more_than_was_seen(run: object, said: str) -> None:
    """One sentence, with every count in it."""
    assert said in tally.headline(run)  # type: ignore[arg-type]


def test_anchors_are_stable_and_unique() -> None:
    """The same check keeps its link when another one joins the scenario; repeats are numbered."""
    same: Finding = build.finding(Outcome.PASS, "mime.boundary")
    before = anchors(build.run(build.scenario("LM 1/a", same, same)))[0]
    after = anchors(build.run(build.scenario("LM 1/a", build.finding(Outcome.PASS, "other"), same, same)))[0]
    assert before.findings == ("f-lm-1-a-mime-boundary", "f-lm-1-a-mime-boundary-2") == after.findings[1:]


def test_names_that_look_alike_do_not_collide() -> None:
    """A numbered name that somebody else already carries is passed over."""
    names = Names()
    assert [names.take(text) for text in ("a-2", "a", "A", "a!")] == ["a-2", "a", "a-3", "a-4"]
