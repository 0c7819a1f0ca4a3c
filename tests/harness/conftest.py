"""A system that outlives its runs, for the tests of what one run leaves to the next, and of serving."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.drivers.reference import ReferenceDriver
from simulator.shell import certificates
from tests.protocol.sut import SUT
from tests.tree import ROOT

PROFILE = ROOT / "examples" / "pool-world.toml"


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A practice that outlives its runs, and the profile by which it is reached; Spine's address."""
    folder = tmp_path / "certificates"
    certificates.make(folder, ["localhost", "127.0.0.1"], now=datetime.now(UTC))
    with _free() as spine, _free() as services:
        pass
    base = f"http://127.0.0.1:{services}"
    config = {
        "practice": {"ods": SUT.ods, "asid": SUT.asid, "party_key": SUT.party_key},
        "spine_url": f"https://localhost:{spine}",
        "sds_url": f"{base}/spine-directory/FHIR/R4",
        "pds_url": f"{base}/personal-demographics/FHIR/R4",
        "certificates": {"ca": f"{folder}/ca.pem", "certificate": f"{folder}/sut.pem", "key": f"{folder}/sut.key"},
    }
    driver = ReferenceDriver(config, tmp_path, 30.0)
    text = PROFILE.read_text("utf-8").replace("X90000", SUT.ods).replace("999000000000", SUT.asid)
    text = text.replace("X90001-900000", SUT.party_key).replace("# register", "register")
    text = text.replace('kind = "reference"', f'kind = "http"\nhooks = "{driver.hooks}"')
    text = text.replace("[driver]", f'endpoint = "{driver.endpoint}"\n[driver]')
    text += f'[spine]\nport = {spine}\nservices_port = {services}\n[certificates]\nca = "certificates/ca.pem"\n'
    text += (
        'certificate = "certificates/spine.pem"\nkey = "certificates/spine.key"\n[time]\nretry_interval = "PT0.3S"\n'
    )
    (tmp_path / "system.toml").write_text(text, "utf-8")
    pool = (ROOT / "examples" / "pool.toml").read_text("utf-8")
    (tmp_path / "pool.toml").write_text(pool.replace("record = {", "record = { by_hook = true, "), "utf-8")
    yield tmp_path / "system.toml", f"https://localhost:{spine}/reliablemessaging/intermediary"
    driver.stop()


@contextmanager
def _free() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
