"""The schemas load in both engines, accept what is right, and give verdicts with a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

import fixtures
from harness.validation.schemas import (
    INTERACTIONS,
    LIMIT,
    OTHERS,
    SchemaError,
    explain,
    grammar,
    official,
    schema,
    verdict,
)
from tests.shared import SHARED, needs_shared
from tests.validation.messages import extract, parts, payload, swap
from tests.wire.messages import WRITTEN

FOLDER = Path(fixtures.__file__).parent / "schemas"
ENTRIES = [*INTERACTIONS, *OTHERS]
GP = "urn:nhs:names:services:gp2gp"


def _file(entry: str) -> Path:
    return FOLDER / OTHERS.get(entry, f"{entry}.xsd")


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_schema_loads_in_both_engines_strictly_and_without_a_warning(entry: str) -> None:
    etree.XMLSchema(etree.parse(str(_file(entry))))
    assert grammar(entry).validation == "strict"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.xsd")), ids=lambda file: file.name)
def test_a_schema_document_begins_with_what_it_covers_and_its_sources(file: Path) -> None:
    text = file.read_text("utf-8")
    comment = text[: text.index("<xs:schema")]
    assert "<!--" in comment
    assert "Source" in comment


@pytest.mark.parametrize(("name", "interaction"), WRITTEN.items())
def test_what_the_writers_write_is_valid(name: str, interaction: str) -> None:
    assert verdict(etree.fromstring(payload(name)), interaction) == ()
    assert explain(payload(name), interaction) == ()


@pytest.mark.parametrize("name", WRITTEN)
def test_the_envelopes_of_the_writers_are_valid(name: str) -> None:
    assert verdict(etree.fromstring(parts(name)[0]), "Envelope") == ()


@pytest.mark.parametrize("name", ["continue", "fragment", "index"])
def test_the_fragments_of_the_writers_are_valid_by_themselves(name: str) -> None:
    found = list(etree.fromstring(payload(name)).iter(f"{{{GP}}}Gp2gpfragment"))
    assert found
    for each in found:
        assert verdict(etree.fromstring(etree.tostring(each, with_tail=False)), "Gp2gpfragment") == ()


@pytest.mark.parametrize("interaction", ["RCMR_IN030000UK06", "RCMR_IN030000UK07"])
def test_a_synthetic_record_is_valid(interaction: str) -> None:
    assert explain(extract(interaction), interaction) == ()


def test_a_redaction_mark_is_valid_in_uk07_and_an_error_in_uk06() -> None:
    assert explain(extract("RCMR_IN030000UK07", redacted=True), "RCMR_IN030000UK07") == ()
    (first, *_) = explain(extract("RCMR_IN030000UK06", redacted=True), "RCMR_IN030000UK06")
    assert (first.element, first.cause) == ("confidentialityCode", "unknown element")


def test_a_verdict_has_a_line_a_path_by_bare_names_and_a_text_without_namespaces() -> None:
    wrong = swap(payload("request"), 'processingCode code="P"', 'processingCode code="P Q"')
    line = wrong[: wrong.index(b"P Q")].count(b"\n") + 1
    (error,) = verdict(etree.fromstring(wrong), "RCMR_IN010000UK05")
    assert error == SchemaError(line, "/RCMR_IN010000UK05/processingCode", error.text)
    assert "urn:hl7-org:v3" not in error.text


def test_a_path_counts_siblings_of_one_name() -> None:
    wrong = swap(
        payload("request"), '<processingCode code="P"/>', '<processingCode code="P"/><processingCode code="P"/>'
    )
    (error,) = verdict(etree.fromstring(wrong), "RCMR_IN010000UK05")
    assert error.path == "/RCMR_IN010000UK05/processingCode[2]"


def test_no_more_errors_are_reported_than_one_can_read() -> None:
    root = etree.fromstring(payload("request"))
    receiver = root.find("{*}communicationFunctionRcv/{*}device")
    assert receiver is not None
    for _ in range(3 * LIMIT):
        etree.SubElement(receiver, "{urn:hl7-org:v3}id", root="a b")
    assert len(verdict(root, "RCMR_IN010000UK05")) == LIMIT
    assert len(explain(root, "RCMR_IN010000UK05")) == LIMIT


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("2013", True),
        ("20131025174854", True),
        ("20131025174854.117", True),
        ("20131025174854+0100", True),
        ("20131025174854117", False),
        ("20131025+0100", False),
        ("201310251748.5", False),
    ],
)
def test_both_engines_agree_on_the_forms_of_a_time(value: str, right: bool) -> None:
    root = etree.fromstring(payload("request"))
    time = root.find("{*}creationTime")
    assert time is not None
    time.set("value", value)
    assert schema("RCMR_IN010000UK05").validate(root) is right
    assert grammar("RCMR_IN010000UK05").is_valid(root) is right


def test_an_interaction_without_a_schema_of_ours_is_named() -> None:
    with pytest.raises(ValueError, match="no schema for 'RCMR_IN030000UK08'"):
        schema("RCMR_IN030000UK08")


def test_a_folder_without_the_official_schema_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no RCMR_IN030000UK08\.xsd"):
        official(tmp_path, "RCMR_IN030000UK08")


def test_a_broken_official_schema_is_named(tmp_path: Path) -> None:
    (tmp_path / "RCMR_IN030000UK06.xsd").write_text("<schema")
    with pytest.raises(ValueError, match="is no schema that can be used"):
        official(tmp_path, "RCMR_IN030000UK06")


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("interaction", ["RCMR_IN010000UK06", "RCMR_IN030000UK08", *INTERACTIONS])
def test_the_official_schemas_are_found_in_the_folder_as_published(interaction: str) -> None:
    assert SHARED is not None
    assert official(SHARED / "mim", interaction) is official(SHARED / "mim", interaction)


@pytest.mark.shared
@needs_shared
def test_a_verdict_can_be_asked_of_the_official_schema() -> None:
    assert SHARED is not None
    theirs = official(SHARED / "mim", "RCMR_IN030000UK06")
    root = etree.fromstring(extract("RCMR_IN030000UK06"))
    assert verdict(root, "RCMR_IN030000UK06", theirs) == ()
    root.insert(0, root[1])
    assert verdict(root, "RCMR_IN030000UK06", theirs)[0].path == "/RCMR_IN030000UK06/creationTime"
