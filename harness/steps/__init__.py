"""The steps of the features. A step is one call: Given names a transfer of the library, When
what Spine does wrong in it, Then names a check by its sentence."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from harness.judging import GIVEN, Judging


@given(parsers.re(GIVEN))
def cast(judging: Judging, name: str) -> None:
    """The transfer was cast and played before; its evidence is frozen."""
    judging.begin(name)


@when(parsers.re("(?P<sentence>Spine .+)"))
def disturb(judging: Judging, sentence: str) -> None:
    """Spine did this wrong on purpose while the transfer was played."""
    judging.disturb(sentence)


@then(parsers.re("(?P<sentence>.+)"))
def judge(judging: Judging, sentence: str) -> None:
    """Judge one sentence. Findings are appended; nothing is raised."""
    judging.judge(sentence)
