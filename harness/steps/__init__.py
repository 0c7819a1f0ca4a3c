"""The steps of the features. A step is one call: Given names a transfer of the library, Then names a check by its sentence."""

from __future__ import annotations

from pytest_bdd import given, parsers, then

from harness.judging import GIVEN, Judging


@given(parsers.re(GIVEN))
def cast(judging: Judging, name: str) -> None:
    """The transfer was cast and played before; its evidence is frozen."""
    judging.begin(name)


@then(parsers.re("(?P<sentence>.+)"))
def judge(judging: Judging, sentence: str) -> None:
    """Judge one sentence. Findings are appended; nothing is raised."""
    judging.judge(sentence)
