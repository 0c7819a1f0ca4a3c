"""Sets the stage of a run: Spine is started, the system under test reached, and the world made that cases are cast from."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gp2gp_conformance
from harness import past, pool
from harness.draw import Supply
from harness.drivers.base import Driver, DriverTrouble
from harness.drivers.command import CommandDriver
from harness.drivers.http import HttpDriver
from harness.drivers.manual import ManualDriver
from harness.drivers.reference import ReferenceDriver
from harness.profile import Profile
from harness.rig import Rig, RigTrouble
from harness.runs import RunTrouble, prepare, unmake
from harness.session import Session
from harness.validation import schemas
from harness.world import World, sut_practice
from simulator.shell import certificates

# What ends a run before it begins, through no fault of ours.
TROUBLES = (
    RunTrouble,
    pool.PoolTrouble,
    RigTrouble,
    DriverTrouble,
    certificates.CertificateTrouble,
    schemas.SchemaTrouble,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: on which profile, where to, and of what.

    :param only: texts; a scenario is taken when one of them is its case id, a tag, or part of its name. Empty takes all.
    :param mim: folder of the official schemas, whose verdict then stands beside ours.
    :param register: file that remembers what former runs have used; ``None`` keeps nothing.
    :param resume: the run was begun, and stopped, and is taken up again where it stands.
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
    mim: Path | None = None
    register: Path | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs: Spine, the driver of the SUT, and the world that cases are cast from."""

    rig: Rig
    driver: Driver
    world: World
    session: Session


@contextmanager
def staged(order: Order, ask: Callable[[str], str]) -> Iterator[Stage]:
    """Start Spine and reach the system under test; stop both at the end. The folder of a new run must be empty or new.

    A run that does not begin leaves nothing behind.
    """
    if order.mim is not None:
        schemas.need(order.mim)
    supply = supplied(order)
    free(order.profile)
    made, begun = () if order.resume else prepare(order.out), order.resume
    try:
        values = settings(order) | {"earlier": supply.past.before(order.run)}
        with _spine(values, order) as rig:
            driver, endpoint = _driver(order, rig, values, ask)
            try:
                capabilities = driver.start()
                world = _world(order, rig, capabilities, endpoint, supply)
                begun = True
                one_clock = capabilities.get("clock") != "case"
                yield Stage(rig, driver, world, Session(rig, driver, jobs=order.jobs, one_clock=one_clock))
            finally:
                driver.stop()
    except TROUBLES:
        if not begun:
            unmake(order.out, made)
        raise


def free(profile: Profile) -> None:
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


def _spine(settings: dict[str, Any], order: Order) -> Rig:
    """:raises RunTrouble: when Spine cannot use what it is given."""
    try:
        return Rig(settings, order.out)
    except RigTrouble as trouble:
        if order.resume:
            raise
        said = str(trouble).rstrip(".")
        raise RunTrouble(f"{said}; correct [spine] or [certificates] in the profile.") from None


def supplied(order: Order) -> Supply:
    """What the cases of a run are drawn from. :raises PoolTrouble, RunTrouble: for a file that cannot be used."""
    # The bundled practice is a new one in every run, and has forgotten what any other did.
    bundled = order.profile.driver.kind == "reference"
    register = past.read(order.register)
    if bundled:
        register = past.Past(order.register, conversations=register.conversations)
    return Supply(order.profile.world, pool.of(order.profile), register, renews=bundled)


def _world(order: Order, rig: Rig, capabilities: dict[str, Any], endpoint: str, supply: Supply) -> World:
    """Make the system under test known to Spine, and the world that its cases are cast from."""
    sut = sut_practice(order.profile, _contract(order.profile), order.seed) | {"endpoint": endpoint}
    rig.register(sut)
    rig.note("sut.capabilities", "", {"capabilities": capabilities})
    verbs = frozenset(capabilities.get("verbs", ()))
    supply.loads, supply.renews = "hold" in verbs, supply.renews or "reset" in verbs
    for each in supply.pool.warnings():
        rig.note("world.warning", "", {"warning": each})
    services = rig.addresses["services"]
    taken = supply.pool.identifiers()
    return World(order.profile, sut, order.seed, order.run, services, rig.put, taken, _mim(order), verbs, supply)


def _mim(order: Order) -> str:
    """The folder of the official schemas as the plan names it; empty without one."""
    return "" if order.mim is None else str(order.mim.resolve())


def _contract(profile: Profile) -> dict[str, Any]:
    time = profile.time
    return {"retries": time.retries, "retry_interval": time.retry_interval, "persist_duration": time.persist_duration}


def settings(order: Order) -> dict[str, Any]:
    """The settings of the Spine process of a run; makes certificates where the profile names none."""
    profile, spine = order.profile, order.profile.spine
    files = profile.certificates
    if files is None:
        folder = order.out / "certificates"
        certificates.make(folder, ["localhost", "127.0.0.1", *spine.hosts], now=datetime.now(UTC))
        certificates.make_bad(folder, now=datetime.now(UTC))
        ends = {"ca": folder / "ca.pem", "certificate": folder / "spine.pem", "key": folder / "spine.key"}
    else:
        ends = {"ca": files.ca, "certificate": files.certificate, "key": files.key}
    return {
        "run": str(order.out),
        "resume": order.resume,
        "key": _key(order),
        "host": spine.host,
        "port": spine.port,
        "services_port": spine.services_port,
        "advertised": spine.advertised,
        "certificates": {name: str(path) for name, path in ends.items()},
        "token": secrets.token_hex(24),
        "sut": profile.practice.party_key,
        "post_seconds": profile.time.post_seconds,
        "opened": _opened(order),
    }


def _opened(order: Order) -> dict[str, Any]:
    """What the ledger says of the run when it is opened: enough to take it up again."""
    asked = {"jobs": order.jobs, "strict": order.strict, "command": order.command, "again": order.again}
    return {
        "tool": gp2gp_conformance.__version__,
        "profile": order.profile.model_dump(mode="json", by_alias=True),
        "seed": order.seed,
        "run": order.run,
        "only": list(order.only),
        "order": {**asked, "mim": _mim(order), "register": str(order.register or "")},
    }


def _key(order: Order) -> str:
    """The key that Spine's own ids are made from: the same seed and run number give the same ids."""
    return hashlib.sha256(f"{order.seed}/{order.run}/spine".encode()).hexdigest()


def _driver(order: Order, rig: Rig, settings: dict[str, Any], ask: Callable[[str], str]) -> tuple[Driver, str]:
    """What sets the system going, and the URL that Spine delivers to."""
    driver, endpoint = order.profile.driver, order.profile.practice.endpoint
    match driver.kind:
        case "reference":
            practice = _reference(order, rig, Path(settings["certificates"]["ca"]).parent)
            return practice, practice.endpoint
        case "http":
            return HttpDriver(driver.hooks, driver.seconds), endpoint
        case "command":
            return CommandDriver(driver.command, order.out / "adaptor.log", driver.seconds), endpoint
        case _:
            return ManualDriver(ask), endpoint


def _reference(order: Order, rig: Rig, folder: Path) -> ReferenceDriver:
    """The bundled practice. :param folder: where its certificates are."""
    config = {
        "practice": order.profile.practice.model_dump(exclude={"endpoint"}),
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
    return ReferenceDriver(config, order.out, order.profile.driver.seconds)
