"""Bad input: one sentence that names the file or key and what to do, exit code 2, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import gp2gp_conformance
from harness import cli, conduct, explaining
from harness.rules import RULES
from simulator.shell import certificates
from tests.tree import ROOT

EXAMPLE = (ROOT / "examples" / "http.toml").read_text("utf-8")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a user, with a profile and its certificates."""
    certificates.make(tmp_path / "certificates", now=datetime.now(UTC))
    (tmp_path / "system.toml").write_text(EXAMPLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def gp2gp(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.main, arguments)


def standing(folder: Path) -> set[str]:
    """Everything below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def refused(folder: Path, *arguments: str) -> str:
    """Run a command that must be refused as it should be; what it said."""
    before = standing(folder)
    result = gp2gp(*arguments)
    assert result.exit_code == cli.BAD_INPUT, result.output
    said = result.stderr.strip()
    assert said, "a sentence"
    assert "\n" not in said, "one"
    assert "Traceback" not in result.output
    assert not result.stdout
    assert standing(folder) == before, "nothing is left behind"
    return said


def profile(desk: Path, change: Callable[[str], str]) -> str:
    """Write a profile that differs from the example; its name."""
    changed = change(EXAMPLE)
    assert changed != EXAMPLE
    (desk / "changed.toml").write_text(changed, "utf-8")
    return "changed.toml"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("port = 8443", "prot = 8443", ("spine.prot", "no such key")),
        ("S43-6.0.1", "S44", ("release: 'S44' is none of", "S43-6.0.1")),
        ("port = 8443", "port = 84430", ("spine.port", "65535")),
        ('asid = "999000000001"', 'asid = "99900000001"', ("practice.asid", "12 digits")),
        ('ods = "X90001"', 'ods = "x90001"', ("practice.ods", "capital letters")),
        ('party_key = "X90001-900001"', 'party_key = "X90001"', ("practice.party_key", "hyphen")),
        ('endpoint = "https:', 'endpoint = "http:', ("practice.endpoint", "https://")),
        ('endpoint = "https://localhost:9443/" ', "", ("practice.endpoint", "URL")),
        ('hooks = "http://', 'hooks = "', ("driver.hooks", "http://")),
        ('hooks = "http://127.0.0.1:8090"', "", ("driver.hooks", "is needed")),
        ('kind = "http"', 'kind = "command"', ("driver.command", "is needed")),
        ('kind = "http"', 'kind = "carrier pigeon"', ("driver.kind", "manual")),
        ('name = "Your system"', "", ("product.name", "missing")),
        ('retry_interval = "PT2S"', 'retry_interval = "2 s"', ("time.retry_interval", "ISO 8601")),
        ('"certificates/spine.key"', '"certificates/none.key"', ("certificates.key", "none.key", "gp2gp certs")),
        ("[certificates]", "[certificate]", ("certificate", "no such key")),
        ("[practice]", "[practice", ("not TOML", "line 14")),
    ],
)
def test_a_wrong_profile_is_refused_by_its_key(desk: Path, old: str, new: str, named: tuple[str, ...]) -> None:
    """Before anything starts: file, key, and what is expected there."""
    name = profile(desk, lambda text: text.replace(old, new, 1))
    said = refused(desk, "run", "--sut", name)
    assert name in said
    assert all(each in said for each in named), said


@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_profile_that_is_not_there(desk: Path, command: str) -> None:
    """Its path, and why it cannot be read."""
    assert "nowhere.toml cannot be read (No such file" in refused(desk, command, "--sut", "nowhere.toml")


def test_a_profile_that_is_no_text(desk: Path) -> None:
    """Octets that are not UTF-8."""
    (desk / "system.toml").write_bytes(b"\xff\xfe")
    assert "system.toml cannot be read (it is not UTF-8)" in refused(desk, "run", "--sut", "system.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_profile_that_must_not_be_read(desk: Path) -> None:
    """Permissions."""
    (desk / "system.toml").chmod(0)
    assert "Permission denied" in refused(desk, "run", "--sut", "system.toml")


@pytest.mark.parametrize("arguments", [("demo",), ("plan",), ("run", "--sut", "system.toml")])
def test_only_that_matches_nothing(desk: Path, arguments: tuple[str, ...]) -> None:
    """An empty run is never green: it does not begin."""
    assert "gp2gp list" in refused(desk, *arguments, "--only", "no-such-thing")


def test_the_run_folder_is_not_empty(desk: Path) -> None:
    """A run is never written over, and what stands there stays."""
    (desk / "mine").mkdir()
    (desk / "mine" / "thesis.txt").write_text("all of it", "utf-8")
    assert "--out" in refused(desk, "demo", "--only", "a-patient-registers", "--out", "mine")
    assert (desk / "mine" / "thesis.txt").read_text("utf-8") == "all of it"


def test_the_run_folder_cannot_be_made(desk: Path) -> None:
    """A file stands in its way."""
    assert "cannot be made" in refused(desk, "demo", "--only", "a-patient-registers", "--out", "system.toml/run")


def test_the_register_of_runs_is_broken(desk: Path) -> None:
    """Then ids could be given out twice: the user decides."""
    (desk / "reports").mkdir()
    (desk / "reports" / "register.json").write_text("{", "utf-8")
    assert "register.json" in refused(desk, "demo", "--only", "a-patient-registers")


@pytest.mark.socket
@pytest.mark.parametrize("key", ["port = 8443", "services_port = 8480"])
def test_a_port_of_spine_is_taken(desk: Path, taken: int, key: str) -> None:
    """Key, address and reason."""
    name = key.partition(" ")[0]
    said = refused(desk, "run", "--sut", profile(desk, lambda text: text.replace(f"\n{key}", f"\n{name} = {taken}", 1)))
    assert f"spine.{name}" in said
    assert str(taken) in said
    assert "in use" in said


@pytest.mark.socket
@pytest.mark.parametrize("out", [(), ("--out", "deep/down"), ("--out", "empty")])
def test_hooks_that_are_not_there(desk: Path, out: tuple[str, ...]) -> None:
    """Spine is up by then: it is stopped, and its folder goes, but not one that stood there before."""
    (desk / "empty").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    name = profile(desk, lambda text: _any_ports(text).replace("127.0.0.1:8090", f"127.0.0.1:{closed}"))
    said = refused(desk, "run", "--sut", name, "--only", "a-patient-registers", *out)
    assert f"127.0.0.1:{closed}" in said
    assert "driver.hooks" in said


def _any_ports(text: str) -> str:
    return text.replace("services_port = 8480", "services_port = 0").replace("\nport = 8443", "\nport = 0")


@pytest.mark.socket
def test_a_key_that_is_not_the_certificates(desk: Path) -> None:
    """Spine itself finds out; its sentence comes through, with the keys to correct."""
    name = profile(desk, lambda text: _any_ports(text).replace("spine.key", "sut.key"))
    said = refused(desk, "run", "--sut", name, "--only", "a-patient-registers")
    assert "sut.key" in said
    assert "[certificates]" in said


def test_a_run_that_did_not_begin_uses_up_no_number(desk: Path) -> None:
    """The register is written when a run begins; a folder that stands counts as well."""
    reports = desk / "reports"
    assert conduct.next_run(reports) == conduct.next_run(reports) == 1
    conduct.enter(reports, 1)
    assert json.loads((reports / "register.json").read_text("utf-8")) == {"runs": 1}
    (reports / "runs" / "0007").mkdir(parents=True)
    assert conduct.next_run(reports) == 8


@pytest.mark.parametrize("folder", [".", "nowhere", "system.toml"])
def test_verify_of_what_is_no_run(desk: Path, folder: str) -> None:
    """The folder of a run has a ledger."""
    assert "ledger.ndjson" in refused(desk, "verify", folder)


def test_explain_of_what_is_nothing(desk: Path) -> None:
    """Where the names are listed."""
    assert "gp2gp list" in refused(desk, "explain", "XX99")


@pytest.mark.parametrize("identifier", sorted(RULES))
def test_every_rule_is_explained_with_what_breaks_it(identifier: str) -> None:
    """The sentence, what it stands on, and an example that breaks it."""
    said = "\n".join(explaining.explain(identifier))
    assert RULES[identifier].sentence in said
    assert all(row in said for row in RULES[identifier].requirements)
    assert "broken by rule:" in said


def test_a_folder_without_official_schemas_is_refused_before_anything_starts(desk: Path) -> None:
    """One sentence, and no run folder."""
    profile = str(gp2gp_conformance.root() / "examples" / "reference.toml")
    assert "holds no" in refused(desk, "run", "--sut", profile, "--mim", "certificates", "--out", "run")
    assert not (desk / "run").exists()


def test_certificates_are_not_written_over(desk: Path) -> None:
    """Somebody trusts them already."""
    before = (desk / "certificates" / "ca.pem").read_bytes()
    assert "--out" in refused(desk, "certs")
    assert (desk / "certificates" / "ca.pem").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[practices]]\nods = 'X90001'\n", "practices.0.asid"),
        ("[practice]\n", "practice"),
        ("[behaviour]\nmood = 'bad'\n", "mood"),
        ("[[practices", "not TOML"),
    ],
)
def test_serve_with_wrong_practices(desk: Path, text: str, named: str) -> None:
    """The file and the key."""
    (desk / "practices.toml").write_text(text, "utf-8")
    assert named in refused(desk, "serve", "--practices", "practices.toml", "--port", "0")


@pytest.mark.socket
def test_serve_on_a_port_that_is_taken(desk: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger that was opened for it goes."""
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)  # this process is the tests' own
    assert "--port" in refused(desk, "serve", "--port", str(taken), "--out", "served")


def test_serve_for_a_system_that_nobody_can_reach(desk: Path) -> None:
    """The bundled practice has no address of its own."""
    assert "practice.endpoint" in refused(desk, "serve", "--sut", str(ROOT / "examples" / "pool-world.toml"))


@pytest.mark.parametrize("command", ["run", "plan", "serve"])
def test_a_pool_that_cannot_be_used(desk: Path, command: str) -> None:
    """File and row, before anything starts."""
    (desk / "pool.toml").write_text('[[peers]]\nods = "X90011"\n', "utf-8")
    name = profile(desk, lambda text: _any_ports(text) + '\n[world]\npeers = "pool.toml"\n')
    said = refused(desk, command, "--sut", name)
    assert "pool.toml: peers, row 1 (X90011), asid: it is missing" in said


def test_serve_with_settings_that_are_not_there(desk: Path) -> None:
    """As the process of a run."""
    assert "nowhere.json cannot be read" in refused(desk, "serve", "--settings", "nowhere.json")


def test_a_failure_of_ours_is_called_one(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3, one line, and never a traceback."""

    def broken(order: conduct.Order) -> None:
        raise KeyError("a\nb")

    monkeypatch.setattr(conduct, "selected", broken)
    result = gp2gp("demo")
    assert result.exit_code == cli.OUR_FAILURE
    assert len(result.stderr.splitlines()) == 1
    assert "failure of ours" in result.stderr


def test_the_example_is_as_these_tests_need_it() -> None:
    """The rows above change lines of it."""
    assert tomllib.loads(EXAMPLE)["driver"]["kind"] == "http"
