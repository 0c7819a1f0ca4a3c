"""Ties pytest-bdd to the harness: pytest runs the features, the plugin hands each scenario its frozen evidence.

Everything was played before the first step runs. A scenario's verdict is computed from its findings when it ends; pytest's
own outcomes mean nothing here, except that an exception is a failure of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pytest_bdd.parser import Feature, Scenario

from harness.features import wanted_of
from harness.judging import Judging, Wanted


class Plugin:
    """One run of the features.

    :param judgings: by the digest of the scenario; a scenario that is not there was not selected.
    :param finished: told of each scenario when its last step has run.
    """

    def __init__(self, judgings: Mapping[str, Judging], finished: Callable[[Judging], None]) -> None:
        self._judgings = judgings
        self._finished = finished
        self._current: Judging | None = None
        self.errors: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_apply_tag(self, tag: str, function: object) -> bool:
        """Tags name requirements and roles; they are read from the feature and make no marks."""
        return True

    def pytest_bdd_before_scenario(self, request: Any, feature: Feature, scenario: Scenario) -> None:
        """Find the scenario's evidence."""
        example: Mapping[str, str] = (
            request.node.callspec.params.get("_pytest_bdd_example", {}) if hasattr(request.node, "callspec") else {}
        )
        wanted = wanted_of(scenario, feature, example)
        self._current = self._judgings.get(key(wanted))
        if self._current is None:
            pytest.skip("not selected")

    def pytest_bdd_after_scenario(self, request: Any, feature: Feature, scenario: Scenario) -> None:
        """The scenario has ended: tell whoever listens."""
        if self._current is not None:
            self._finished(self._current)

    @pytest.fixture
    def judging(self) -> Judging:
        """What the steps work on."""
        assert self._current is not None
        return self._current

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """An exception in a step is a failure of ours."""
        if report.failed:
            self.errors.append(f"{report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}")


def key(wanted: Wanted) -> str:
    """What a scenario is known by: what its steps say (each names a transfer of its own)."""
    return wanted.digest
