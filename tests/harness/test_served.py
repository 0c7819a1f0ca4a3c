"""Serving a system: peers answer what nobody announced, and the end brings a verdict on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import conduct, past, served
from harness.drivers.http import HttpDriver
from harness.pool import Pool, PoolTrouble, of
from harness.profile import load
from harness.report.model import RunView
from harness.verdict import Outcome
from simulator import ledger
from simulator.shell.serve import Addresses

pytestmark = pytest.mark.socket
MANY = 5_000
"""Questions after which something that was waited for has failed; nothing ever takes that many."""


def _served(sut: Path, folder: Path, act: Callable[[Pool], None]) -> RunView | None:
    """Serve the system while ``act`` goes on; the verdict."""
    order = replace(conduct.ordered(load(sut), 1, (), folder / "reports"), out=folder / "served")
    stop, ready, found = threading.Event(), threading.Event(), list[Any]()

    def tell(addresses: Addresses, pool: Pool) -> None:
        found.append(pool)
        ready.set()

    thread = threading.Thread(target=lambda: found.append(served.run(order, tell, stop)))
    thread.start()
    try:
        assert ready.wait(20)
        act(found[0])
    finally:
        stop.set()
        thread.join(30)
    view: RunView | None = found[1]
    return view


class User:
    """Whoever sits at the system, which is told nothing of cases."""

    def __init__(self, sut: Path) -> None:
        self._driver = HttpDriver(load(sut).driver.hooks, 30.0)

    def do(self, verb: str, **body: Any) -> dict[str, Any]:
        """One thing at the screen."""
        called = self._driver.call(verb, {"case": "mine", **body})
        assert called.outcome == "done", called.error
        self._driver.call("settle", {"case": "mine"})
        return called.result

    def sees(self, state: str, nhs_number: str) -> bool:
        """Look until the transfer is shown so."""
        return any(self.do("state", nhs_number=nhs_number)["state"] == state for _ in range(MANY))


def test_a_transfer_that_nobody_announced_is_answered_and_judged(lasting: tuple[Path, str], tmp_path: Path) -> None:
    """One with a record, one that is refused; the register knows both, and their conversations."""
    sut, _ = lasting
    user = User(sut)

    def act(pool: Pool) -> None:
        known = user.do("register", patient={"nhs_number": "9990001014"}, previous_practice="X90011")
        assert known == {}
        assert user.sees("awaiting-decision", "9990001014")
        user.do("decide", nhs_number="9990001014", decision="integrate")
        user.do("register", patient={"nhs_number": "9990001057"}, previous_practice="X90012")
        assert user.sees("request-refused", "9990001057")

    view = _served(sut, tmp_path, act)
    assert view is not None
    rows = {each.case: each for feature in view.features for each in feature.scenarios}
    assert {case: each.outcome for case, each in rows.items()} == {
        "unannounced-001": Outcome.PASS,
        "unannounced-002": Outcome.PASS,
    }
    assert rows["unannounced-001"].patients == ("9990001014",)
    assert {found.outcome for found in view.monitors} <= {Outcome.PASS, Outcome.OBSERVED, Outcome.NOT_APPLICABLE}
    assert view.exit_code == 0
    assert (tmp_path / "served" / "index.html").is_file()
    assert ledger.verify(tmp_path / "served").problems == ()
    register = past.read(tmp_path / "register.json")
    assert (len(register.conversations), set(register.patients)) == (2, {"9990001014", "9990001057"})


def test_what_is_wrong_on_the_wire_fails(lasting: tuple[Path, str], tmp_path: Path) -> None:
    """A practice that acknowledges twice: no scenario is needed to see it."""
    sut, _ = lasting
    user, wrong = User(sut), "9990001014"

    def act(pool: Pool) -> None:
        user.do("configure", condition="mutation", value="final-ack-twice", nhs_numbers=[wrong])
        user.do("register", patient={"nhs_number": wrong}, previous_practice="X90011")
        assert user.sees("awaiting-decision", wrong)
        user.do("decide", nhs_number=wrong, decision="integrate")

    view = _served(sut, tmp_path, act)
    assert view is not None
    assert Outcome.FAIL in {found.outcome for found in view.monitors}
    assert view.exit_code == 1


def test_without_a_transfer_there_is_no_verdict(lasting: tuple[Path, str], tmp_path: Path) -> None:
    """No evidence is never a pass."""
    assert _served(lasting[0], tmp_path, lambda pool: None) is None


def test_where_the_profile_names_no_pool_a_few_people_are_made(lasting: tuple[Path, str], tmp_path: Path) -> None:
    """And the user is told who: each patient with the peer that has the record."""
    text = lasting[0].read_text("utf-8").replace('"pool.toml"', '"generated"')
    lasting[0].write_text(text, "utf-8")
    told: list[Pool] = []
    _served(lasting[0], tmp_path, told.append)
    lines = list(served.told(told[0]))
    assert sum(line.startswith("peer ") for line in lines) == served.PEERS
    assert sum("; record at X9" in line for line in lines) == served.PATIENTS


@pytest.mark.parametrize(("script", "right"), [("the-request-is-refused-not-enabled", True), ("nothing", False)])
def test_a_patient_may_have_a_script(lasting: tuple[Path, str], script: str, right: bool) -> None:
    """A scenario of the library, by the id that `gp2gp list` prints."""
    sut, _ = lasting
    pool = sut.parent / "pool.toml"
    pool.write_text(
        pool.read_text("utf-8").replace('# script = "the-record-is-integrated"', f'script = "{script}"'), "utf-8"
    )
    if not right:
        with pytest.raises(PoolTrouble, match="no scenario in which the system asks"):
            of(load(sut))
        return
    user = User(sut)

    def act(made: Pool) -> None:
        user.do("register", patient={"nhs_number": "9990001014"}, previous_practice="X90011")
        assert user.sees("request-refused", "9990001014")
        assert [row["code"] for row in user.do("notices")["notices"]] == ["07"]

    view = _served(sut, sut.parent, act)
    assert view is not None
    assert view.exit_code == 0
