"""A check that has never failed is not a check: the committed matrix, replayed where it is stale and in a sample."""

from __future__ import annotations

import pytest

from harness.checks import CHECKS
from harness.checks.second import SECOND, disagreement, opinion
from harness.monitors import MONITORS
from harness.mutations import mutations
from harness.profiles import profiles
from harness.proof import rows
from harness.proving import KILLS, SOUND, false_alarms, show, to_prove, trials
from harness.verdict import Finding, Outcome, Where
from tests.harness import played

pytestmark = pytest.mark.socket


def test_every_check_is_proved_by_a_row_that_is_not_stale() -> None:
    assert to_prove() <= {kill.check for kill in rows() if kill not in played.stale()}


def test_every_mutation_is_killed_or_says_what_it_needs() -> None:
    killed = {kill.mutation for kill in rows()}
    assert {m.id for m in mutations().values() if not m.needs} == killed


def test_the_sampled_and_the_stale_rows_of_the_matrix_are_reproduced() -> None:
    found = played.findings()
    seen = {
        (finding.check, trial.mutation.id, trial.wanted.transfer)
        for trial in played.trials()
        if trial.mutation
        for finding in found[trial.case]
        if finding.outcome in KILLS and finding.check in CHECKS | MONITORS
    }
    names = {trial.mutation.id for trial in played.trials() if trial.mutation}
    assert len(names) >= 5
    assert seen == {
        (kill.check, kill.mutation, kill.scenario)
        for kill in rows()
        if kill.mutation in names and kill.check in set(CHECKS | MONITORS) - {"V-rules"}
    }


def test_nothing_cries_wolf_on_the_clean_practice() -> None:
    for trial in played.trials():
        if trial.mutation is None:
            bad = [finding for finding in played.findings()[trial.case] if finding.outcome not in SOUND]
            assert not bad, trial.case


def test_nothing_cries_wolf_under_any_profile_of_the_list() -> None:
    """Each release and switch leaves out what it must, and holds nothing else against a good practice."""
    clean = {trial: played.evidence()[trial.case] for trial in played.trials() if trial.mutation is None}
    assert len(profiles()) >= 8
    for named in profiles():
        assert list(false_alarms(named, clean)) == [], named.name


def test_ten_checks_have_a_second_reading_and_both_agree_on_everything_played() -> None:
    assert len(SECOND) == 10
    assert set(SECOND) <= set(CHECKS)
    opinions = {
        check: [opinion(check, evidence) for evidence in played.evidence().values() if evidence.plan]
        for check in SECOND
    }
    assert all(True in seen for seen in opinions.values())
    errors = [f for found in played.findings().values() for f in found if f.outcome is Outcome.ERROR]
    assert not errors


def test_a_reading_that_disagrees_with_its_second_is_an_error_of_ours() -> None:
    evidence = played.evidence()["the-record-is-integrated"]
    wrong = Finding("E-contract", ("C-01",), Outcome.FAIL, "s", where=Where(entry=1, part=0))
    error = disagreement((wrong,), evidence)
    assert error is not None
    assert error.outcome is Outcome.ERROR
    right = Finding("E-contract", ("C-01",), Outcome.PASS, "s", where=Where(entry=1, part=0))
    assert disagreement((right,), evidence) is None
    elsewhere = Finding("Q-content", ("TD15",), Outcome.FAIL, "s", where=Where(entry=1, part=0))
    assert disagreement((elsewhere,), evidence) is None


def test_the_proof_names_what_survives(capsys: pytest.CaptureFixture[str]) -> None:
    from harness.proving import Proved

    show(Proved((), (), len(trials(())), 1.0), {})
    said = capsys.readouterr().out
    assert "UNPROVEN: kills nothing" in said
    assert "0 of 0 mutations are killed" in said
