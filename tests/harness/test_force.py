"""What a profile is held to follows from its release and its switches, and what it is not held to says why."""

from __future__ import annotations

import pytest

from harness import conduct, features
from harness.checks import CHECKS, run
from harness.checks.register import Check, Saw, bad, finding
from harness.evidence import Evidence
from harness.force import DEFAULT, EVERYTHING, Force, releases
from harness.profiles import named, profiles
from harness.requirements import catalogue
from harness.rules import RULES
from harness.verdict import Basis, Layer, Outcome
from simulator.ledger import Blobs, Entry
from tests.harness import played

ALL_OFF = frozenset({"LM", "AB"})

# requirement, release, switched off, what is said of it; empty: it is in force
IN_FORCE = [
    ("S20", "1.1a", ALL_OFF, ""),
    ("S31", "1.1a", frozenset(), "S31 is of release 2.2a, which 1.1a does not take"),
    ("S31", "2.2a", frozenset(), ""),
    ("LM24", "2.2a", frozenset(), ""),
    ("LM24", "2.2a", ALL_OFF, "LM24 needs large messaging, which is switched off in the profile"),
    ("RC17", "2.2a", frozenset(), "RC17 is of release 2.2b, which 2.2a does not take"),
    ("RC17", "2.2b", frozenset(), ""),
    ("RC17", DEFAULT, ALL_OFF, "RC17 needs A-B-A, which is switched off in the profile"),
    ("RC26", "2.2a", frozenset(), ""),
    ("RC26", DEFAULT, frozenset(), "RC26 holds without A-B-A alone"),
    ("RC23", DEFAULT, ALL_OFF, ""),
    ("PS02", DEFAULT, frozenset(), "PS02 is of release 2.2c, which S43-6.0.1 does not take"),
    ("PS02", "2.2c", frozenset(), ""),
    ("PS02", EVERYTHING, frozenset(), ""),
    ("MI01", "2.2b", frozenset(), ""),
    ("MI01", DEFAULT, frozenset(), "MI01 is superseded by the GP Registrations MI API in S43-6.0.1"),
    ("S61", DEFAULT, frozenset(), ""),
    ("GP2GP06", DEFAULT, frozenset(), ""),
    ("GP2GP06", "2.2b", frozenset(), "GP2GP06 needs redactions, which is no part of release 2.2b"),
]


@pytest.mark.parametrize(("requirement", "release", "off", "why"), IN_FORCE)
def test_a_requirement_is_in_force_or_says_why_not(
    requirement: str, release: str, off: frozenset[str], why: str
) -> None:
    assert Force(release, off).why_not(requirement) == why


def test_every_row_of_the_catalogue_is_of_a_release_that_is_known() -> None:
    """And what supersedes a row belongs to the default release: else it would never be superseded."""
    taken = {each for release in releases().values() for each in release.takes}
    packs = {each for release in releases().values() for each in release.packs}
    for row in catalogue().values():
        assert row.release in taken, row.id
        assert {need.removeprefix("no ") for need in row.packs} <= packs, row.id
        assert not row.superseded or row.superseded in releases()[DEFAULT].takes, row.id


def test_what_is_in_force_survives_the_plan() -> None:
    """The judge reads it there; a plan that says nothing means the default."""
    force = Force("2.2a", frozenset({"LM"}))
    assert Force.of({"force": force.facts()}) == force
    assert Force.of({}) == Force(DEFAULT)


def _check(requirement: str) -> Check:
    return Check("t", "s", (requirement,), Layer.MESSAGE, Basis.PUBLISHED, "", lambda evidence: iter(()))


@pytest.mark.parametrize(
    ("requirement", "release", "outcome", "reason"),
    [
        ("S61", DEFAULT, Outcome.REVIEW, "S61 is superseded by automatic integration, whose text is not held here"),
        ("GP2GP06", DEFAULT, Outcome.REVIEW, "GP2GP06 rests on redactions, whose text is not held here"),
        ("S61", "2.2b", Outcome.FAIL, ""),
        ("S20", DEFAULT, Outcome.FAIL, ""),
    ],
)
def test_what_rests_on_a_text_that_is_not_held_is_for_a_person(
    requirement: str, release: str, outcome: Outcome, reason: str
) -> None:
    capped = Force(release).cap(finding(_check(requirement), bad("this", "that")))
    assert capped.outcome is outcome
    assert capped.reason.startswith(reason)
    passed = finding(_check(requirement), Saw(Outcome.PASS))
    assert Force(release).cap(passed) == passed


def test_a_check_out_of_force_is_not_applicable_with_the_reason() -> None:
    """Before it looks at anything."""
    plan = {"force": Force("1.1a").facts()}
    entry = Entry(1, "2026-11-24T12:00:00.000Z", "case.opened", "c", plan, "")
    (found,) = run(CHECKS["X-refused-19"], Evidence([entry], Blobs(played.RUN)))
    assert (found.outcome, found.reason) == (
        Outcome.NOT_APPLICABLE,
        "S31 is of release 2.2a, which 1.1a does not take",
    )


def test_a_rule_of_shape_follows_its_requirement_and_its_own_release() -> None:
    """A rule that forbids code 26 from 2.2b on holds although its row is about systems without A-B-A."""
    assert Force("2.2b").rule(RULES["R-ack-16"])
    assert not Force("2.2a").rule(RULES["R-ack-16"])
    assert Force(DEFAULT).rule(RULES["R-description-01"])
    assert not Force(DEFAULT, ALL_OFF).rule(RULES["R-description-01"])
    assert not Force(DEFAULT).rule(RULES["R-settings-01"])
    assert all(Force(EVERYTHING).rule(rule) for rule in RULES.values())


def test_a_scenario_of_which_nothing_is_in_force_is_left_out() -> None:
    """By its requirements, or because it is about redactions or a returning patient."""
    wanted = played.wanted()

    def left_out(profile: str) -> set[str]:
        force = named(profile).profile.force
        return {name for name, each in wanted.items() if conduct.left_out(each, force)}

    redacted = {"a redacted record is integrated", "a redacted record is sent"}
    returning = {
        "the integration of a returning patient's record fails",
        "the user rejects the record of a returning patient",
        "the user keeps the practice's own record",
    }
    assert left_out("reference") == set()
    assert left_out("release-2.2b") == redacted
    assert left_out("switched-off") == returning
    assert left_out("release-2.2a") == redacted | returning
    assert left_out("release-1.1a") > redacted | returning | {"the patient is suspended"}
    assert conduct.left_out(wanted["the patient is suspended"], Force("1.1a")).startswith("S31 is of release 2.2a")


def test_the_list_of_profiles_covers_each_release_switch_and_role() -> None:
    first, *others = [each.profile for each in profiles()]
    assert first.release == DEFAULT
    assert all(first.readings.model_dump().values()), "the reference pins every reading"
    assert {each.release for each in others} >= {"1.1a", "2.2a", "2.2b"}
    assert any(not each.large_messaging and not each.a_b_a for each in others)
    assert any(not any(each.readings.model_dump().values()) for each in others)
    assert {each.roles for each in others} >= {("requester",), ("sender",)}
    assert len({each.name for each in profiles()}) == len(profiles())
    assert features.load()
