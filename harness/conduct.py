"""Conducts a run from end to end: Spine, system under test, playing, judging, reports. One function for each stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

import gp2gp_conformance
import harness.steps
from harness import features, resuming, worksheet
from harness.cases import cases
from harness.draw import WorldTrouble
from harness.drivers.manual import ManualDriver
from harness.evidence import Evidence, by_case
from harness.force import Force
from harness.judging import Judging, Wanted
from harness.monitors import MONITORS, Watched, of_case, of_run, watch_all, whole_run
from harness.plugin import Plugin, key
from harness.profile import Profile
from harness.proof import Proof, rows
from harness.report import html, junit, results
from harness.report.model import FeatureView, RunView, ScenarioView
from harness.rig import Rig
from harness.runs import RunTrouble, enter, next_run, point_latest
from harness.staging import Order, Stage, staged
from harness.verdict import Finding, exit_code, worst
from harness.world import Casting, World
from scenarios import find, slug
from simulator import ledger


def ordered(profile: Profile, seed: int, only: tuple[str, ...], reports: Path) -> Order:
    """The next run of the system that a profile describes, where nothing else is said.

    :raises RunTrouble: for a register of runs that cannot be used.
    """
    number = next_run(reports)
    register = profile.world.register_file or reports / "registers" / f"{profile.practice.party_key}.json"
    return Order(profile, reports / "runs" / f"{number:04d}", seed, number, only=only, register=register.resolve())


def selected(order: Order) -> tuple[Wanted, ...]:
    """The scenarios that the order takes. :raises RunTrouble: when that is none: an empty run is never green."""
    wanted = [each for _, scenarios in features.load() for each in scenarios]
    roles = set(order.profile.roles)
    wanted = [each for each in wanted if find(each.transfer).role in roles and _taken(each, order.only)]
    if not wanted:
        raise RunTrouble(f"No scenario matches {' '.join(order.only) or 'the roles of the profile'}; see: gp2gp list")
    return tuple(wanted)


def _taken(wanted: Wanted, only: Sequence[str]) -> bool:
    tags = {tag.partition(":")[2] or tag for tag in wanted.tags} | set(find(wanted.transfer).cases)
    tags |= {case.id for case in cases().values() if wanted.transfer in case.scenarios}
    return not only or any(
        text == slug(wanted.transfer)
        or text.upper() in {t.upper() for t in tags}
        or text.lower() in wanted.name.lower()
        for text in only
    )


def left_out(wanted: Wanted, force: Force) -> str:
    """Why a scenario is not played under a profile; empty when it is: something of what it is about is in force."""
    scenario = find(wanted.transfer)
    for pack, needed in (("redactions", scenario.redacted), ("AB", scenario.returning)):
        if needed and not force.on(pack):
            return f"it is about {'redactions' if pack == 'redactions' else 'A-B-A'}, which the profile is without"
    reasons = [force.why_not(each) for each in wanted.requirements]
    return reasons[0] if reasons and all(reasons) else ""


def proof() -> Proof:
    """The committed kill matrix against the features as they stand."""
    return Proof(rows(), {each.transfer: each.digest for _, scenarios in features.load() for each in scenarios})


def conduct(
    order: Order,
    listen: Callable[[ScenarioView], None] = lambda view: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    ask: Callable[[str], str] = input,
    begun: Callable[[], None] = lambda: None,
) -> RunView:
    """A whole run: play, judge, report. :raises RunTrouble: and the troubles of rig and driver, before it begins.

    :param begun: called when Spine and the system under test are there, before the first case is played.
    """
    wanted = selected(order)
    taken = _in_force(order, wanted)
    past = resuming.past(order.out) if order.resume else resuming.Past()
    started = past.begun or datetime.now(UTC)
    with staged(order, ask) as stage:
        castings = past.castings or tuple(cast(stage, taken))
        if not order.resume:
            resuming.keep(stage.rig, castings)
        played = _ordered(order, stage, castings, past)
        begun()
        with remembered(order, stage.world):
            stage.session.take_up([each for each in played if each.case in past.opened - past.closed], past.answers)
            stage.session.play([each for each in played if each.case not in past.opened], progress)
        cases, blobs = by_case(ledger.read(order.out)), ledger.Blobs(order.out)
        evidences = {case: Evidence(entries, blobs) for case, entries in cases.items()}
        judged, seen, sure = judge(order, wanted, evidences, listen), watch_all(evidences), proof()
        _enter(stage.rig, judged, seen, sure, past)
        monitors = (*whole_run(cases), *capped(of_run(seen), sure))
    view = view_of(order, tuple(_features(judged)), monitors, started)
    write(view, order.out)
    return view


def _in_force(order: Order, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
    """:raises RunTrouble: when the profile is held to none of them: an empty run is never green."""
    taken = [each for each in wanted if not left_out(each, order.profile.force)]
    if not taken:
        why = left_out(wanted[0], order.profile.force)
        raise RunTrouble(f"Nothing of {' '.join(order.only)} is in force under the profile: {why}.")
    return taken


def cast(stage: Stage, wanted: Sequence[Wanted]) -> Iterator[Casting]:
    """The cast of each scenario; where the world has none, what is missing is entered, and nothing is played."""
    for each in wanted:
        scenario = find(each.transfer)
        try:
            yield stage.world.cast(scenario)
        except WorldTrouble as trouble:
            data = {"scenario": scenario.name, "role": scenario.role, "reason": str(trouble)}
            stage.rig.note("case.lacking", slug(each.transfer), data)


@contextmanager
def remembered(order: Order, world: World) -> Iterator[None]:
    """Enter into the register what a run uses, before it does, and the conversations that it had, however it ends."""
    world.supply.past.enter(order.run, world.supply.drawn)
    try:
        yield
    finally:
        world.supply.past.enter(order.run, {}, conversations(order.out))


def conversations(out: Path) -> Iterator[str]:
    """Every ConversationId of a run, of either side."""
    for entry in ledger.read(out):
        if entry.kind in ("message.received", "message.sent"):
            yield str(entry.data["message"].get("conversation", ""))


def _ordered(order: Order, stage: Stage, castings: Sequence[Casting], past: resuming.Past) -> Sequence[Casting]:
    """The cases as they are played; for a person as their worksheet has them."""
    if not isinstance(stage.driver, ManualDriver):
        return castings
    made = worksheet.sheet(castings)
    worksheet.write(made, order.profile, order.out, past.closed)
    stage.driver.follow(made.places, past.holds)
    return made.order


def judge(
    order: Order,
    wanted: Sequence[Wanted],
    evidences: Mapping[str, Evidence],
    listen: Callable[[ScenarioView], None],
) -> list[tuple[Wanted, ScenarioView]]:
    """Run the features over the evidence; one view for each scenario, in their order."""
    nothing, sure = Evidence([], ledger.Blobs(order.out)), proof()
    judgings = {
        key(each): Judging(
            each,
            slug(each.transfer),
            evidences.get(slug(each.transfer), nothing),
            sure,
            f"{order.again} --only {slug(each.transfer)}",
            left_out(each, order.profile.force),
        )
        for each in wanted
    }
    done: list[tuple[Wanted, ScenarioView]] = []

    def finished(judging: Judging) -> None:
        view = judging.view()
        done.append((judging.wanted, view))
        listen(view)

    plugin = Plugin(judgings, finished)
    _walk(plugin)
    return done


def _walk(plugin: Plugin) -> None:
    """Have pytest walk the features. :raises RuntimeError: when a step of ours failed."""
    home = gp2gp_conformance.root() / "harness" / "conformance"
    arguments = ["-c", str(home / "pytest.ini"), "--rootdir", str(home), str(home / "test_features.py")]
    with _undisturbed():
        pytest.main(arguments, plugins=[plugin, harness.steps])
    if plugin.errors:
        more = f" (and {len(plugin.errors) - 1} more)" if len(plugin.errors) > 1 else ""
        raise RuntimeError(plugin.errors[0] + more)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep what the user's environment says to pytest away from our own use of it (their plugins: see pytest.ini)."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def capped(findings: Sequence[Finding], sure: Proof) -> Iterator[Finding]:
    """What the monitors found, a PASS only of those that are proved."""
    return (sure.cap(finding, MONITORS[finding.check]) for finding in findings)


def _enter(
    rig: Rig, judged: Sequence[tuple[Wanted, ScenarioView]], seen: Sequence[Watched], sure: Proof, past: resuming.Past
) -> None:
    """Write what was found into the ledger, once: a verdict depends on nothing outside the run folder."""
    for wanted, view in judged:
        found = (*view.findings, *capped(of_case(seen, view.case), sure))
        rows = [("check.found", view.case, {**asdict(each), "where": str(each.where)}) for each in found]
        told = {"name": wanted.name, "outcome": view.outcome, "reason": view.reason}
        rows.append(("scenario.judged", view.case, told))
        rig.notes(row for row in rows if resuming.entered(*row) not in past.entered)


def view_of(order: Order, shown: Sequence[FeatureView], monitors: tuple[Finding, ...], started: datetime) -> RunView:
    """The run as reports show it. :raises RuntimeError: when its ledger is broken."""
    proved = ledger.verify(order.out)
    if proved.problems:
        raise RuntimeError(f"the ledger of this run is broken: {proved.problems[0]}")
    finished = datetime.now(UTC)
    product = order.profile.product
    outcomes = [view.outcome for feature in shown for view in feature.scenarios] + [each.outcome for each in monitors]
    return RunView(
        tool_version=gp2gp_conformance.__version__,
        product=product.name,
        product_version=product.version,
        environment=product.environment,
        executor=product.executor,
        release=order.profile.release,
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        finished=finished.isoformat(timespec="seconds").replace("+00:00", "Z"),
        seconds=round((finished - started).total_seconds(), 1),
        seed=order.seed,
        run_number=order.run,
        head=proved.head,
        entries=proved.entries,
        features=tuple(shown),
        monitors=monitors,
        exit_code=exit_code(outcomes, strict=order.strict),
        command=order.command,
    )


def _features(judged: Sequence[tuple[Wanted, ScenarioView]]) -> Iterator[FeatureView]:
    """The features that something was judged of, in the order of their paths."""
    for feature, _ in features.load():
        path = feature.rel_filename.replace("\\", "/")
        views = tuple(view for wanted, view in judged if wanted.feature == path)
        if views:
            yield FeatureView(feature.name or path, feature.description, path, views, worst(v.outcome for v in views))


def write(view: RunView, out: Path) -> None:
    """Write every report beside the ledger."""
    results.write(view, out)
    junit.write(view, out)
    html.write(view, out)
    (out / "head.txt").write_text(f"{view.head}\n", "ascii")


__all__ = [
    "Casting",
    "Order",
    "RunTrouble",
    "Stage",
    "conduct",
    "enter",
    "next_run",
    "ordered",
    "point_latest",
    "proof",
    "selected",
    "staged",
]
