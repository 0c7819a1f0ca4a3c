"""Settings of the Spine process: one model, from a JSON or TOML file, checked before anything is opened."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from simulator.protocol.settings import Behaviour


class SettingsTrouble(Exception):
    """A settings file that cannot be used; its text is one sentence for the user."""


class Model(BaseModel):
    """Base of every settings model: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Certificates(Model):
    """Files of one end of mutual TLS."""

    ca: Path
    certificate: Path
    key: Path


class ContractRow(Model):
    """Contract properties as SDS publishes them (ISO 8601 durations)."""

    retries: int = Field(default=2, ge=0, le=20)
    retry_interval: str = "PT2H"
    persist_duration: str = "PT4H10M"


class PracticeRow(Model):
    """A practice to register. Without ``cpa_ids`` every GP2GP interaction is registered under a made-up id.

    :param ours: a peer that lives inside, and needs no endpoint.
    """

    ods: str = Field(min_length=1)
    asid: str = Field(min_length=1)
    party_key: str = Field(min_length=1)
    name: str = ""
    endpoint: str = ""
    cpa_ids: dict[str, str] = Field(default_factory=dict)
    contract: ContractRow = ContractRow()
    ours: bool = False


class UnannouncedRow(Model):
    """The plans by which peers answer what nobody announced (``simulator.protocol.unannounced``), as JSON."""

    known: tuple[dict[str, Any], ...] = ()
    stranger: dict[str, Any]
    unasked: dict[str, Any]


class Settings(Model):
    """Everything the process needs.

    :param run: folder of the run: the ledger and its octets. :param resume: go on with the ledger that is there.
    :param key: secret, hexadecimal, from which Spine's ids are made.
    :param advertised: base URL that SDS publishes for Spine; empty for the address it listens on.
    :param token: secret of the control plane; empty closes it.
    :param sut: party key of the system under test among ``practices``; empty when there is none.
    :param post_seconds: how long a receiver may take to answer a delivery.
    :param earlier: the run by ConversationId, in upper case, of what former runs may have left under way.
    :param unannounced: how transfers are answered that nobody announced; without it they are not.
    :param keep_alive: reuse connections for deliveries; real captures close each one.
    """

    run: Path
    resume: bool = False
    key: str = Field("00", pattern="^([0-9a-fA-F]{2})+$")
    host: str = "127.0.0.1"
    port: int = Field(0, ge=0, le=65535)
    services_port: int = Field(0, ge=0, le=65535)
    control_port: int = Field(0, ge=0, le=65535)
    advertised: str = ""
    certificates: Certificates
    token: str = ""
    sut: str = ""
    practices: tuple[PracticeRow, ...] = ()
    behaviour: dict[str, Any] = Field(default_factory=dict)
    post_seconds: float = Field(20.0, gt=0)
    keep_alive: bool = False
    threads: int = Field(16, ge=2, le=256)
    opened: dict[str, Any] = Field(default_factory=dict)
    earlier: dict[str, int] = Field(default_factory=dict)
    unannounced: UnannouncedRow | None = None

    def how(self) -> Behaviour:
        """The behaviour of Spine. :raises SettingsTrouble: for a name it does not have, or a value that is none of its."""
        unknown = self.behaviour.keys() - {field.name for field in fields(Behaviour)}
        if unknown:
            raise SettingsTrouble(
                f"[behaviour]: {', '.join(sorted(unknown))}: there is no such behaviour; take it out."
            )
        try:
            return _BEHAVIOUR.validate_python(self.behaviour)
        except ValidationError as trouble:
            raise SettingsTrouble(sentence("[behaviour]", trouble)) from None


_BEHAVIOUR = TypeAdapter(Behaviour)


def load(path: Path) -> Settings:
    """Read ``path``. :raises SettingsTrouble: one sentence naming file, key and what to do."""
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        settings = Settings.model_validate(values)
    except OSError as trouble:
        raise SettingsTrouble(f"{path} cannot be read ({trouble.strerror}); name a settings file.") from None
    except ValueError as trouble:
        raise SettingsTrouble(sentence(path, trouble)) from None
    settings.how()
    return settings


def sentence(path: Path | str, trouble: ValueError) -> str:
    """One sentence for a file that is not what it should be: the file, the key or line, and what is expected there."""
    if isinstance(trouble, ValidationError):
        first = trouble.errors(include_url=False)[0]
        where = ".".join(str(each) for each in first["loc"]) or "the whole file"
        return f"{path}: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}; correct it and start again."
    return f"{path}: {trouble}; correct it and start again."
