"""The profile: everything we know of one system under test. TOML, checked whole before anything starts."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from harness.force import Force
from simulator.wire.times import duration


class ProfileTrouble(Exception):
    """A profile, or a file it names, that cannot be used; its text is one sentence for the user."""


# What is expected where a pattern says it too tersely, by the last part of the key.
EXPECTED = {
    "ods": "an ODS code, 3 to 12 capital letters and digits",
    "asid": "an ASID, 12 digits",
    "party_key": "a party key, an ODS code, a hyphen and 6 or 7 digits",
    "endpoint": "the https:// URL that Spine must deliver to",
    "hooks": "the http:// or https:// base URL of the hooks",
    "advertised": "the URL under which the system reaches Spine",
}


def _duration(text: str) -> str:
    if duration(text) is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as PT4H10M")
    return text


def _key(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in loc)


Duration = Annotated[str, AfterValidator(_duration)]


class Model(BaseModel):
    """Base of every part: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Product(Model):
    """What is being tested, and who ran it: printed on every report."""

    name: str
    version: str = ""
    environment: str = ""
    executor: str = ""


class PracticeIdentity(Model):
    """The practice that the system under test plays: as registered in SDS."""

    ods: str = Field(pattern=r"^[A-Z0-9]{3,12}$")
    asid: str = Field(pattern=r"^[0-9]{12}$")
    party_key: str = Field(pattern=r"^[A-Z0-9]{3,12}-[0-9]{6,7}$")
    name: str = "SUT"
    endpoint: str = Field(default="", pattern=r"^(https://[^/\s]+(/\S*)?)?$")


class Driver(Model):
    """How the system is set going: our reference practice, hooks over HTTP or through a program, or a person.

    :param command: the program and its arguments; one that names a file beside the profile is that file.
    """

    kind: Literal["reference", "http", "command", "manual"]
    command: tuple[str, ...] = ()
    hooks: str = Field(default="", pattern=r"^(https?://[^/\s]+(/\S*)?)?$")
    seconds: float = Field(default=30.0, gt=0, allow_inf_nan=False)


class Spine(Model):
    """Where Spine listens and what it calls itself. Port 0 is any free port."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    services_port: int = Field(default=0, ge=0, le=65535)
    advertised: str = Field(default="", pattern=r"^(https?://[^/\s]+(/\S*)?)?$")
    hosts: tuple[str, ...] = ()


class CertificateFiles(Model):
    """Spine's own end of mutual TLS. Without them a fresh set is made for the run (``driver`` reference only)."""

    ca: Path
    certificate: Path
    key: Path


class Times(Model):
    """Contract properties that SDS publishes, and how long to wait where the system cannot say that it has settled.

    Durations are ISO 8601; ``*_seconds`` are seconds of real time. ``real``: how long a case may wait for real, when the
    system has no hook that moves its clock; a case that needs longer is then not tested.
    """

    retries: int = Field(default=2, ge=0, le=20)
    retry_interval: Duration = "PT0.3S"
    persist_duration: Duration = "PT4H10M"
    reply_seconds: float = Field(default=20.0, gt=0, allow_inf_nan=False)
    window_seconds: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    post_seconds: float = Field(default=20.0, gt=0, allow_inf_nan=False)
    real: Duration = "PT0S"


GENERATED = "generated"
Owner = Literal["ours", "theirs", "none"]


class WorldPart(Model):
    """Whose world the system lives in: peers and patients made for each run, or those of a FILE (docs/pool.schema.json).

    :param sds: who answers look-ups of practices, :param pds: and reads of patients: our Spine, another, or nobody.
    :param register: file that remembers, from run to run, what the system has been used for.
    """

    peers: str = Field(default=GENERATED, min_length=1)
    patients: str = Field(default=GENERATED, min_length=1)
    sds: Owner = "ours"
    pds: Owner = "ours"
    register_file: Path | None = Field(default=None, alias="register")


class Readings(Model):
    """Readings of registered ambiguities that this profile pins; an unpinned one gives REVIEW."""

    nack_type_code: Literal["", "AE", "AR"] = ""
    wrong_patient_code: Literal["", "21", "28", "17"] = ""
    xml_part_encoding: Literal["", "present", "absent"] = ""
    plain_record_interaction: Literal["", "RCMR_IN030000UK06", "RCMR_IN030000UK07"] = ""


class Profile(Model):
    """One system under test.

    ``release`` is what it is held to; ``large_messaging`` and ``a_b_a`` (returning patients) leave out what rests on them.
    """

    product: Product
    roles: tuple[Literal["requester", "sender"], ...] = ("requester", "sender")
    release: Literal["1.1a", "2.2a", "2.2b", "2.2c", "S43-6.0.1"] = "S43-6.0.1"
    large_messaging: bool = True
    a_b_a: bool = True
    practice: PracticeIdentity
    driver: Driver
    spine: Spine = Spine()
    certificates: CertificateFiles | None = None
    time: Times = Times()
    world: WorldPart = WorldPart()
    readings: Readings = Readings()

    @property
    def force(self) -> Force:
        """What is in force for it."""
        switches = {"LM": self.large_messaging, "AB": self.a_b_a}
        return Force(self.release, frozenset(pack for pack, on in switches.items() if not on))


def load(path: Path) -> Profile:
    """Read and check a profile. :raises ProfileTrouble: one sentence naming the file, the key, and what to do."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        reason = getattr(trouble, "strerror", None) or "it is not UTF-8"
        raise ProfileTrouble(f"The profile {path} cannot be read ({reason}); name a TOML file that can.") from None
    try:
        profile = _placed(path, Profile.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as trouble:
        raise ProfileTrouble(f"The profile {path} is not TOML: {trouble}; correct it there.") from None
    except ValidationError as trouble:
        raise ProfileTrouble(f"The profile {path}: {said(trouble)}; correct it there.") from None
    except (ValueError, RecursionError):
        raise ProfileTrouble(f"The profile {path} is nested too deep, or holds what no profile does.") from None
    return _checked(path, profile)


def _placed(path: Path, profile: Profile) -> Profile:
    """The files of the world are named from where the profile stands."""
    base, world = path.resolve().parent, profile.world
    files = {name: str(base / file) for name in ("peers", "patients") if (file := getattr(world, name)) != GENERATED}
    register = base / world.register_file if world.register_file else None
    return profile.model_copy(update={"world": world.model_copy(update={**files, "register_file": register})})


def said(trouble: ValidationError, where: Callable[[tuple[str | int, ...]], str] = _key) -> str:
    """The first mistake: its key, and what is wrong with it."""
    first = trouble.errors(include_url=False)[0]
    key = where(first["loc"]) or "the file"
    message = first["msg"][:1].lower() + first["msg"][1:]
    match first["type"]:
        case "extra_forbidden":
            message = "there is no such key"
        case "missing":
            message = "it is missing"
        case "literal_error":
            message = f"{first['input']!r} is none of {first['ctx']['expected']}"
        case "value_error":
            message = str(first["ctx"]["error"])
        case "string_pattern_mismatch":
            message = f"{first['input']!r} is not {EXPECTED.get(str(first['loc'][-1]), 'what is expected')}"
    return f"{key}: {message}"


def _lacks(profile: Profile) -> str:
    """What one key alone cannot tell: what another one needs, as a sentence's end; empty when nothing is missing."""
    driver, world = profile.driver, profile.world
    elsewhere = driver.kind != "reference"
    lacks = (
        (
            driver.kind == "http" and not driver.hooks,
            'driver.hooks is needed with kind = "http"; give the base URL of the hooks.',
        ),
        (
            driver.kind == "command" and not driver.command,
            'driver.command is needed with kind = "command"; give the program and its arguments.',
        ),
        (
            elsewhere and not profile.practice.endpoint,
            "practice.endpoint is needed; give the URL that Spine must deliver to.",
        ),
        (
            elsewhere and profile.certificates is None,
            "[certificates] is needed; make a set with: gp2gp certs --host NAME",
        ),
        (
            world.pds == "theirs" and world.patients == GENERATED,
            'world.pds = "theirs" needs world.patients, the file of those whom their PDS knows: it knows none that we make.',
        ),
    )
    return next((text for missing, text in lacks if missing), "")


def _checked(path: Path, profile: Profile) -> Profile:
    """The profile with its paths made whole. :raises ProfileTrouble: when something is missing, or a file is not there."""
    lacking = _lacks(profile)
    if lacking:
        raise ProfileTrouble(f"The profile {path}: {lacking}")
    if profile.certificates is None:
        return profile
    base = path.resolve().parent
    files = {name: (base / file) for name, file in profile.certificates.model_dump().items()}
    for name, file in files.items():
        if not file.is_file():
            raise ProfileTrouble(
                f"The profile {path}: certificates.{name}: there is no file {file}; "
                f"make one with: gp2gp certs --out {file.parent}"
            )
    words = tuple(str(base / word) if (base / word).is_file() else word for word in profile.driver.command)
    driver = profile.driver.model_copy(update={"command": words})
    return profile.model_copy(update={"certificates": CertificateFiles(**files), "driver": driver})
