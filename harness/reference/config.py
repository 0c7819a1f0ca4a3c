"""What the process is told in its configuration file, checked once."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Identity(BaseModel):
    """Who this practice is: ODS code, ASID (12 digits), party key and a name for people."""

    model_config = ConfigDict(frozen=True)

    ods: str
    asid: str
    party_key: str
    name: str = ""


class Certificates(BaseModel):
    """Paths of PEM files: the only trusted CA, and the pair presented both as client and as server."""

    model_config = ConfigDict(frozen=True)

    ca: Path
    certificate: Path
    key: Path


class Config(BaseModel):
    """The whole file. ``spine_url`` serves only an SDS entry without an address; port 0 means any free port."""

    model_config = ConfigDict(frozen=True)

    practice: Identity
    spine_url: str
    sds_url: str
    pds_url: str
    certificates: Certificates
    host: str = "127.0.0.1"
    port: int = 0
    hook_host: str = "127.0.0.1"
    hook_port: int = 0
    seed: int = 0

    @property
    def default_address(self) -> str:
        """Where Spine takes forward-reliable messages when SDS does not say (wire of today: ``intermediary``)."""
        return self.spine_url.rstrip("/") + "/reliablemessaging/intermediary"


def load(path: Path) -> Config:
    """Read the configuration. :raises ValueError: when it is not what is described here."""
    return Config.model_validate(json.loads(path.read_text(encoding="utf-8")))
