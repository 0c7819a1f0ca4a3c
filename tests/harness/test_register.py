"""The register of checks: what a finding becomes of what a check saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.checks import CHECKS
from harness.checks.register import (
    Check,
    Saw,
    bad,
    check,
    missing,
    nothing_came,
    observed,
    ok,
    reading,
    run,
    untested,
)
from harness.evidence import Evidence
from harness.proof import Proof
from harness.proving import to_prove
from harness.requirements import catalogue
from harness.verdict import Basis, Grade, Layer, Outcome, Where, exit_code, worst
from simulator.ledger import Blobs, Entry

NOTHING = Evidence([], Blobs(Path("nowhere")))


def _entry(seq: int, kind: str, **data: object) -> Entry:
    return Entry(seq, "2026-11-24T10:00:00.000Z", kind, "c", data)


def _check(*seen: Saw, requirement: str = "S67", basis: Basis = Basis.PUBLISHED, layer: Layer = Layer.MESSAGE) -> Check:
    def function(evidence: Evidence) -> Iterator[Saw]:
        yield from seen

    return Check("T", "a sentence", (requirement,), layer, basis, "", function)


def test_what_is_wrong_under_a_must_fails() -> None:
    (finding,) = run(_check(bad("AA", "AE", Where(entry=3))), NOTHING)
    assert (finding.outcome, finding.expected, finding.actual) == (Outcome.FAIL, "AA", "AE")


def test_what_is_wrong_under_a_should_or_rests_on_the_field_only_warns() -> None:
    assert catalogue()["RC06"].level == "SHOULD"
    assert run(_check(bad("06", "99"), requirement="RC06"), NOTHING)[0].outcome is Outcome.WARN
    assert run(_check(bad("06", "99"), basis=Basis.FIELD), NOTHING)[0].outcome is Outcome.WARN


def test_a_check_that_raises_is_our_error_and_never_a_failure_of_the_system() -> None:
    def broken(evidence: Evidence) -> Iterator[Saw]:
        yield ok("fine", Where())
        raise KeyError("gone")

    (finding,) = run(Check("T", "s", ("S67",), Layer.WIRE, Basis.PUBLISHED, "", broken), NOTHING)
    assert finding.outcome is Outcome.ERROR
    assert "KeyError" in finding.actual


def test_a_check_that_says_nothing_is_our_error() -> None:
    assert run(_check(), NOTHING)[0].outcome is Outcome.ERROR


def test_many_passes_are_one_finding_that_counts_them_and_failures_stand_alone() -> None:
    findings = run(_check(ok("a", Where()), bad("x", "y"), ok("b", Where()), bad("x", "z")), NOTHING)
    assert [finding.outcome for finding in findings] == [Outcome.FAIL, Outcome.FAIL, Outcome.PASS]
    assert findings[-1].actual == "a (and 1 more)"


def test_the_grade_follows_the_layer_and_a_persons_word_is_attested() -> None:
    assert run(_check(ok("a", Where()), layer=Layer.HOOK), NOTHING)[0].grade is Grade.HOOK
    assert run(_check(ok("a", Where()), layer=Layer.SERVICE), NOTHING)[0].grade is Grade.SERVICE
    assert run(_check(Saw(Outcome.PASS, attested=True)), NOTHING)[0].grade is Grade.ATTESTED
    asked = Evidence(
        [_entry(3, "hook.called", grade="attested"), _entry(4, "hook.called", grade="hook")], NOTHING._blobs
    )
    seen = [run(_check(ok("a", Where(entry=entry)), layer=Layer.HOOK), asked)[0].grade for entry in (3, 4, 5)]
    assert seen == [Grade.ATTESTED, Grade.HOOK, Grade.HOOK]


def test_what_did_not_come_fails_only_when_its_window_was_watched_to_the_end() -> None:
    assert run(_check(missing(NOTHING, "x")), NOTHING)[0].outcome is Outcome.INCONCLUSIVE
    watched = Evidence([_entry(1, "window.closed", how="settled", seconds=1.5)], Blobs(Path("nowhere")))
    (finding,) = run(_check(missing(watched, "x")), watched)
    assert finding.outcome is Outcome.FAIL
    assert finding.where.entry == 1
    assert run(_check(nothing_came(NOTHING, "x")), NOTHING)[0].outcome is Outcome.INCONCLUSIVE
    assert run(_check(nothing_came(watched, "x")), watched)[0].outcome is Outcome.PASS


def test_what_did_not_come_while_spine_was_stopped_is_not_held_against_the_system() -> None:
    """Its window was watched to the end, but not from the beginning; what did come and was wrong is as wrong as ever."""
    entries = [_entry(1, "case.interrupted", status="waiting"), _entry(2, "window.closed", how="settled", seconds=1.5)]
    evidence = Evidence(entries, Blobs(Path("nowhere")))
    (finding,) = run(_check(missing(evidence, "x")), evidence)
    assert (finding.outcome, "Spine was stopped" in finding.reason) == (Outcome.INCONCLUSIVE, True)
    assert run(_check(bad("x", "y")), evidence)[0].outcome is Outcome.FAIL


def test_what_could_not_be_asked_of_the_system_is_not_tested_with_the_reason() -> None:
    entries = [
        _entry(1, "hook.called", verb="decide", begun=1, outcome="not offered", result={}, error="no such hook"),
        _entry(2, "ask.answered", step=0, outcome="not offered"),
        _entry(3, "window.closed", how="settled", seconds=0.1),
    ]
    evidence = Evidence(entries, Blobs(Path("nowhere")))
    (finding,) = run(_check(missing(evidence, "x")), evidence)
    assert (finding.outcome, finding.reason) == (Outcome.NOT_TESTED, "no such hook")
    assert run(_check(untested("why")), evidence)[0].reason == "why"


def test_what_was_optional_stops_no_script() -> None:
    entries = [
        _entry(1, "case.opened", script=[{"step": "ask", "verb": "state", "optional": True}]),
        _entry(2, "hook.called", verb="state", begun=1, outcome="not offered", result={}, error="no such hook"),
        _entry(3, "ask.answered", step=0, outcome="not offered"),
        _entry(4, "window.closed", how="settled", seconds=0.1),
    ]
    evidence = Evidence(entries, Blobs(Path("nowhere")))
    assert not evidence.stopped()
    assert run(_check(missing(evidence, "x")), evidence)[0].outcome is Outcome.FAIL


def test_what_is_noted_has_no_verdict_and_needs_no_proof() -> None:
    (finding,) = run(_check(observed("AE 09", Where(entry=3))), NOTHING)
    assert (finding.outcome, finding.actual) == (Outcome.OBSERVED, "AE 09")
    assert exit_code([worst([finding.outcome])]) == 0
    assert Proof((), {}).proved(CHECKS["N-reaction"])
    assert not Proof((), {}).proved(CHECKS["F-positive"])
    assert CHECKS["N-reaction"].id not in to_prove()


def test_an_ambiguity_is_a_review_until_the_profile_pins_a_reading() -> None:
    def seen(pinned: str) -> Outcome:
        evidence = Evidence([_entry(1, "case.opened", readings={"nack_type_code": pinned})], Blobs(Path("nowhere")))
        return run(_check(reading(evidence, "nack_type_code", "AR", "why", Where())), evidence)[0].outcome

    assert seen("") is Outcome.REVIEW
    assert seen("AR") is Outcome.PASS
    assert seen("AE") is Outcome.FAIL


def test_a_check_cites_known_requirements_and_has_an_id_and_a_sentence_of_its_own() -> None:
    some = next(iter(CHECKS.values()))
    with pytest.raises(ValueError, match="unknown requirements"):
        check("T-new", "something new", "S9999")(lambda evidence: iter(()))
    with pytest.raises(ValueError, match="registered twice"):
        check(some.id, "something new", "S67")(lambda evidence: iter(()))
    with pytest.raises(ValueError, match="registered twice"):
        check("T-new", some.sentence, "S67")(lambda evidence: iter(()))


@pytest.mark.parametrize("row", CHECKS.values(), ids=CHECKS)
def test_every_check_says_nothing_good_about_an_empty_case(row: Check) -> None:
    """No evidence is never a pass."""
    empty = Evidence(
        [
            _entry(
                1,
                "case.opened",
                role="sender",
                sut={"ods": "X90000", "asid": "999000000000", "party_key": "X90000-900000"},
                peer={
                    "ods": "X90001",
                    "asid": "999000000001",
                    "party_key": "X90001-900001",
                    "cpa_ids": {},
                    "contract": {"retries": 2, "retry_interval": "PT1S"},
                },
                patients=[{"nhs_number": "9990000018"}],
                record={"documents": []},
                expects={"code": "", "redacted": False, "documents": 0},
            )
        ],
        Blobs(Path("nowhere")),
    )
    outcomes = {finding.outcome for finding in run(row, empty)}
    assert not outcomes & {Outcome.PASS, Outcome.ERROR, Outcome.FAIL}
