"""Conducts a run from end to end: Spine, system under test, playing, judging, reports. One function for each stage."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import gp2gp_conformance
import harness.steps
from harness import features
from harness.drivers.base import Driver, DriverTrouble
from harness.drivers.http import HttpDriver
from harness.drivers.manual import ManualDriver
from harness.drivers.reference import ReferenceDriver
from harness.evidence import Evidence, by_case
from harness.judging import Judging, Wanted
from harness.monitors import whole_run
from harness.plugin import Plugin, key
from harness.profile import Profile
from harness.proof import Proof, rows
from harness.report import html, junit, results
from harness.report.model import FeatureView, RunView, ScenarioView
from harness.rig import Rig, RigTrouble
from harness.session import Session
from harness.verdict import Finding, exit_code, worst
from harness.world import Casting, World, slug, sut_practice
from scenarios import LIBRARY
from simulator import ledger
from simulator.shell import certificates


class RunTrouble(Exception):
    """A run that cannot begin; one sentence for the user."""


# What ends a run before it begins, through no fault of ours.
TROUBLES = (RunTrouble, RigTrouble, DriverTrouble, certificates.CertificateTrouble)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: on which profile, where to, and of what.

    :param only: texts; a scenario is taken when one of them is its case id, a tag, or part of its name. Empty takes all.
    """

    profile: Profile
    out: Path
    seed: int
    run: int
    jobs: int = 8
    only: tuple[str, ...] = ()
    strict: bool = False
    command: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs: Spine, the driver of the SUT, and the world that cases are cast from."""

    rig: Rig
    driver: Driver
    world: World
    session: Session


@contextmanager
def staged(order: Order, ask: Callable[[str], str]) -> Iterator[Stage]:
    """Start Spine and reach the system under test; stop both at the end. The run folder must be empty or new.

    A run that does not begin leaves nothing behind.
    """
    _free(order.profile)
    made, begun = prepare(order.out), False
    try:
        settings = _settings(order)
        with _spine(settings, order.out) as rig:
            driver, endpoint = _driver(order, rig, settings, ask)
            try:
                world = _world(order, rig, driver.start(), endpoint)
                begun = True
                yield Stage(rig, driver, world, Session(rig, driver, jobs=order.jobs))
            finally:
                driver.stop()
    except TROUBLES:
        if not begun:
            _unmake(order.out, made)
        raise


def _spine(settings: dict[str, Any], out: Path) -> Rig:
    """:raises RunTrouble: when Spine cannot use what it is given."""
    try:
        return Rig(settings, out)
    except RigTrouble as trouble:
        said = str(trouble).rstrip(".")
        raise RunTrouble(f"{said}; correct [spine] or [certificates] in the profile.") from None


def _world(order: Order, rig: Rig, capabilities: dict[str, Any], endpoint: str) -> World:
    """Make the system under test known to Spine, and the world that its cases are cast from."""
    sut = sut_practice(order.profile, _contract(order.profile), order.seed) | {"endpoint": endpoint}
    rig.register(sut)
    rig.note("sut.capabilities", "", {"capabilities": capabilities})
    return World(order.profile, sut, order.seed, order.run, rig.addresses["services"], rig.put)


def _free(profile: Profile) -> None:
    """:raises RunTrouble: when a port that the profile names cannot be listened on."""
    spine = profile.spine
    for name, host, port in (("port", spine.host, spine.port), ("services_port", "127.0.0.1", spine.services_port)):
        try:
            socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
        except OSError as trouble:
            # What socket adds to the text of an errno repeats the address; the name of a host that is unknown has none.
            why = os.strerror(trouble.errno) if trouble.errno and trouble.errno > 0 else "the host name is not known"
            raise RunTrouble(
                f"The profile: spine.{name}: {host} port {port} cannot be listened on ({why.lower()}); "
                "stop what listens there, or correct it (port 0 takes any that is free)."
            ) from None


def selected(order: Order) -> tuple[Wanted, ...]:
    """The scenarios that the order takes. :raises RunTrouble: when that is none: an empty run is never green."""
    wanted = [each for _, scenarios in features.load() for each in scenarios]
    roles = set(order.profile.roles)
    wanted = [each for each in wanted if LIBRARY[each.transfer].role in roles and _taken(each, order.only)]
    if not wanted:
        raise RunTrouble(f"No scenario matches {' '.join(order.only) or 'the roles of the profile'}; see: gp2gp list")
    return tuple(wanted)


def _taken(wanted: Wanted, only: Sequence[str]) -> bool:
    tags = {tag.partition(":")[2] or tag for tag in wanted.tags} | set(LIBRARY[wanted.transfer].cases)
    return not only or any(
        text == slug(wanted.transfer)
        or text.upper() in {t.upper() for t in tags}
        or text.lower() in wanted.name.lower()
        for text in only
    )


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
    started = datetime.now(UTC)
    with staged(order, ask) as stage:
        begun()
        castings = [stage.world.cast(LIBRARY[each.transfer]) for each in wanted]
        stage.session.play(castings, progress)
        cases = by_case(ledger.read(order.out))
        judged = judge(order, wanted, cases, listen)
        _enter(stage.rig, judged)
        monitors = whole_run(cases)
    view = _view(order, judged, monitors, started)
    write(view, order.out)
    return view


def judge(
    order: Order,
    wanted: Sequence[Wanted],
    cases: dict[str, list[ledger.Entry]],
    listen: Callable[[ScenarioView], None],
) -> list[tuple[Wanted, ScenarioView]]:
    """Run the features over the evidence; one view for each scenario, in their order."""
    blobs, sure = ledger.Blobs(order.out), proof()
    judgings = {
        key(each): Judging(
            each,
            slug(each.transfer),
            Evidence(cases.get(slug(each.transfer), []), blobs),
            sure,
            f"{order.again} --only {slug(each.transfer)}",
        )
        for each in wanted
    }
    done: list[tuple[Wanted, ScenarioView]] = []

    def finished(judging: Judging) -> None:
        view = judging.view()
        done.append((judging.wanted, view))
        listen(view)

    plugin = Plugin(judgings, finished)
    home = gp2gp_conformance.root() / "harness" / "conformance"
    arguments = ["-c", str(home / "pytest.ini"), "--rootdir", str(home), str(home / "test_features.py")]
    with _undisturbed():
        pytest.main(arguments, plugins=[plugin, harness.steps])
    if plugin.errors:
        raise RuntimeError("; ".join(plugin.errors))
    return done


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep what the user's environment says to pytest away from our own use of it (their plugins: see pytest.ini)."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def prepare(out: Path) -> tuple[Path, ...]:
    """Make the run folder; the folders that were made, the deepest first.

    :raises RunTrouble: when something stands there that is not ours to overwrite, or it cannot be made.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise RunTrouble(
                f"{out} is not empty; a run is never written over: name another folder with --out, or remove it."
            )
        made = tuple(each for each in (out, *out.parents) if not each.exists())
        out.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise RunTrouble(f"{out} cannot be made ({trouble.strerror}); name another folder with --out.") from None
    return made


def _unmake(out: Path, made: Sequence[Path]) -> None:
    """Take away what stands in the run folder (it was empty before), and the folders that were made for it."""
    for each in out.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    for folder in made:
        folder.rmdir()


def _contract(profile: Profile) -> dict[str, Any]:
    time = profile.time
    return {"retries": time.retries, "retry_interval": time.retry_interval, "persist_duration": time.persist_duration}


def _settings(order: Order) -> dict[str, Any]:
    profile, spine = order.profile, order.profile.spine
    files = profile.certificates
    if files is None:
        folder = order.out / "certificates"
        certificates.make(folder, ["localhost", "127.0.0.1", *spine.hosts], now=datetime.now(UTC))
        ends = {"ca": folder / "ca.pem", "certificate": folder / "spine.pem", "key": folder / "spine.key"}
    else:
        ends = {"ca": files.ca, "certificate": files.certificate, "key": files.key}
    return {
        "run": str(order.out),
        "key": secrets_of(order),
        "host": spine.host,
        "port": spine.port,
        "services_port": spine.services_port,
        "advertised": spine.advertised,
        "certificates": {name: str(path) for name, path in ends.items()},
        "token": secrets.token_hex(24),
        "sut": profile.practice.party_key,
        "post_seconds": profile.time.post_seconds,
        "opened": {
            "tool": gp2gp_conformance.__version__,
            "profile": profile.model_dump(mode="json"),
            "seed": order.seed,
            "run": order.run,
            "only": list(order.only),
        },
    }


def secrets_of(order: Order) -> str:
    """The key that Spine's own ids are made from: the same seed and run number give the same ids."""
    import hashlib

    return hashlib.sha256(f"{order.seed}/{order.run}/spine".encode()).hexdigest()


def _driver(order: Order, rig: Rig, settings: dict[str, Any], ask: Callable[[str], str]) -> tuple[Driver, str]:
    profile = order.profile
    identity = profile.practice.model_dump(exclude={"endpoint"})
    match profile.driver.kind:
        case "reference":
            folder = Path(settings["certificates"]["ca"]).parent
            config = {
                "practice": identity,
                "spine_url": rig.addresses["spine"],
                "sds_url": f"{rig.addresses['services']}/spine-directory/FHIR/R4",
                "pds_url": f"{rig.addresses['services']}/personal-demographics/FHIR/R4",
                "certificates": {
                    "ca": str(folder / "ca.pem"),
                    "certificate": str(folder / "sut.pem"),
                    "key": str(folder / "sut.key"),
                },
                "host": "127.0.0.1",
                "port": 0,
                "hook_host": "127.0.0.1",
                "hook_port": 0,
                "seed": order.seed * 1000 + order.run,
            }
            driver = ReferenceDriver(config, order.out, profile.driver.seconds)
            return driver, driver.endpoint
        case "http":
            return HttpDriver(profile.driver.hooks, profile.driver.seconds), profile.practice.endpoint
        case _:
            return ManualDriver(ask), profile.practice.endpoint


def _enter(rig: Rig, judged: Sequence[tuple[Wanted, ScenarioView]]) -> None:
    """Write what was found into the ledger: a verdict depends on nothing outside the run folder."""
    for wanted, view in judged:
        for finding in view.findings:
            rig.note("check.found", view.case, {**asdict(finding), "where": str(finding.where)})
        rig.note("scenario.judged", view.case, {"name": wanted.name, "outcome": view.outcome, "reason": view.reason})


def _view(
    order: Order, judged: Sequence[tuple[Wanted, ScenarioView]], monitors: tuple[Finding, ...], started: datetime
) -> RunView:
    proved = ledger.verify(order.out)
    if proved.problems:
        raise RuntimeError(f"the ledger of this run is broken: {proved.problems[0]}")
    finished = datetime.now(UTC)
    made = []
    for feature, _ in features.load():
        path = feature.rel_filename.replace("\\", "/")
        views = tuple(view for wanted, view in judged if wanted.feature == path)
        if views:
            made.append(
                FeatureView(feature.name or path, feature.description, path, views, worst(v.outcome for v in views))
            )
    product = order.profile.product
    outcomes = [view.outcome for _, view in judged] + [finding.outcome for finding in monitors]
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
        features=tuple(made),
        monitors=monitors,
        exit_code=exit_code(outcomes, strict=order.strict),
        command=order.command,
    )


def write(view: RunView, out: Path) -> None:
    """Write every report beside the ledger."""
    results.write(view, out)
    junit.write(view, out)
    html.write(view, out)
    (out / "head.txt").write_text(f"{view.head}\n", "ascii")


def point_latest(out: Path) -> None:
    """Let ``latest`` beside ``out`` name it: by a link where the system has links, else by a copy of the reports."""
    latest = out.parent.parent / "latest"
    if latest.is_symlink() or latest.is_file():
        latest.unlink()
    elif latest.is_dir():
        shutil.rmtree(latest)
    try:
        latest.symlink_to(out.relative_to(latest.parent), target_is_directory=True)
    except OSError:
        shutil.copytree(out, latest)


def next_run(reports: Path) -> int:
    """The number of the next run: one more than the register says, and than any run folder that stands.

    :raises RunTrouble: when the register cannot be read.
    """
    register = reports / "register.json"
    standing = [int(each.name) for each in reports.glob("*/[0-9]*") if each.name.isdecimal()]
    try:
        said = int(json.loads(register.read_text("utf-8"))["runs"]) if register.is_file() else 0
        return max(said, *standing, 0) + 1
    except (OSError, ValueError, TypeError, KeyError):
        raise RunTrouble(f"{register} does not say how many runs there were; remove it to count from 1.") from None


def enter(reports: Path, number: int) -> None:
    """Enter a run that has begun into the register, so that no later one makes the same identifiers."""
    register = reports / "register.json"
    register.parent.mkdir(parents=True, exist_ok=True)
    scratch = register.with_suffix(".new")
    scratch.write_text(json.dumps({"runs": number}), "utf-8")
    scratch.replace(register)


__all__ = ["Casting", "Order", "RunTrouble", "Stage", "conduct", "enter", "next_run", "point_latest", "staged"]
