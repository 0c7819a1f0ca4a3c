"""Settings: read from JSON or TOML, and whatever is wrong in them is one sentence that names file and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.protocol.settings import Behaviour
from simulator.shell.settings import Settings, SettingsTrouble, load

GOOD: dict[str, Any] = {
    "run": "reports/x",
    "certificates": {"ca": "ca.pem", "certificate": "spine.pem", "key": "spine.key"},
    "practices": [{"ods": "X90001", "asid": "999000000001", "party_key": "X90001-900001"}],
}


def written(folder: Path, values: Any, name: str = "spine.json") -> Path:
    """A settings file."""
    path = folder / name
    path.write_text(values if isinstance(values, str) else json.dumps(values), "utf-8")
    return path


def trouble(path: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(SettingsTrouble) as caught:
        load(path)
    return str(caught.value)


def test_a_file_in_json_is_read_with_its_defaults(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    assert settings.practices[0].contract.retry_interval == "PT2H"
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 0, "")
    assert settings.how() == Behaviour()


def test_a_file_in_toml_is_read_too(tmp_path: Path) -> None:
    text = """
run = "reports/x"
[certificates]
ca = "ca.pem"
certificate = "spine.pem"
key = "spine.key"
[behaviour]
refusal = "message-error-200"
"""
    assert load(written(tmp_path, text, "spine.toml")).how() == Behaviour(refusal="message-error-200")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "blue"}, "colour: extra inputs are not permitted"),
        ({"certificates": {"ca": "ca.pem"}}, "certificates.certificate: field required"),
        ({"port": 70000}, "port: input should be less than or equal to 65535"),
        ({"threads": 1}, "threads: input should be greater than or equal to 2"),
        ({"key": "no"}, "key: string should match pattern"),
        ({"key": "abc"}, "key: string should match pattern"),
        ({"practices": [{"ods": "X90001", "asid": ""}]}, "practices.0.asid: string should have at least 1 character"),
        ({"post_seconds": 0}, "post_seconds: input should be greater than 0"),
    ],
)
def test_a_wrong_key_is_named_in_one_sentence(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    path = written(tmp_path, GOOD | change)
    sentence = trouble(path)
    assert sentence.startswith(f"{path}: {says}")
    assert sentence.endswith("; correct it and start again.")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"colour": 1}, "[behaviour]: colour: there is no such behaviour; take it out."),
        ({"refusal": "shout"}, "[behaviour]: refusal: input should be 'soap-fault', 'message-error-200' or "),
        ({"ack_body": "perhaps"}, "[behaviour]: ack_body: input should be a valid boolean"),
    ],
)
def test_a_behaviour_that_spine_does_not_have_is_named(tmp_path: Path, values: dict[str, Any], says: str) -> None:
    assert trouble(written(tmp_path, GOOD | {"behaviour": values})).startswith(says)


@pytest.mark.parametrize(("text", "name"), [("{", "a.json"), ("= 1", "a.toml"), ("7", "b.json")])
def test_what_is_no_settings_file_is_said_with_its_name(tmp_path: Path, text: str, name: str) -> None:
    path = written(tmp_path, text, name)
    sentence = trouble(path)
    assert sentence.startswith(f"{path}: ")
    assert sentence.endswith("; correct it and start again.")


def test_a_whole_file_that_is_something_else_has_no_key_to_name(tmp_path: Path) -> None:
    assert ": the whole file: " in trouble(written(tmp_path, []))


def test_octets_that_are_no_text_are_said_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff")
    assert trouble(path).startswith(f"{path}: 'utf-8' codec")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    assert trouble(path) == f"{path} cannot be read (No such file or directory); name a settings file."
    assert "Is a directory" in trouble(tmp_path)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1
    assert isinstance(settings, Settings)
