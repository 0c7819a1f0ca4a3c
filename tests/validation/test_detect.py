"""What a file holds is told by its content, whatever its form, and a finding points to the right line of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.validation.detect import detect
from harness.validation.found import Found, Kind, NoMessage, Unusable
from harness.validation.gather import files, from_path
from harness.validation.judge import judge
from harness.validation.report import report
from simulator import ledger
from simulator.wire.departures import D
from simulator.wire.gp2gp import EhrExtract
from tests.rules import bases
from tests.shared import SHARED, needs_shared
from tests.validation import forms
from tests.wire import received


def only(data: bytes) -> Found:
    """The one message of some octets."""
    (found,) = detect(data)
    return found


@pytest.mark.parametrize("name", forms.FORMS)
def test_each_form_is_told_and_read(name: str) -> None:
    """Kind, what it was taken out of, and the message inside."""
    made, kind, around = forms.FORMS[name]
    found = only(made())
    assert (found.kind, found.around) == (kind, around)
    reading = found.subject.reading
    if name != "envelope":
        assert found.subject.interaction == "RCMR_IN030000UK06"
        assert isinstance(reading.message, EhrExtract)
    if kind in (Kind.HTTP, Kind.MIME, Kind.ENVELOPE, Kind.QUEUE):
        assert reading.envelope is not None
        assert len(reading.envelope.references) == 6


@pytest.mark.parametrize("name", forms.FORMS)
def test_a_form_adds_no_finding_of_its_own(name: str) -> None:
    """A good message is good in every form: what a form does not tell is nobody's mistake."""
    judged = judge(only(forms.FORMS[name][0]()))
    assert judged.findings == ()


def test_the_soap_action_comes_from_the_head() -> None:
    """Only a request has one."""
    assert only(forms.http()).subject.soap_action == "urn:nhs:names:services:gp2gp/RCMR_IN030000UK06"
    assert only(forms.mime()).subject.soap_action == ""


def test_a_package_without_head_is_not_blamed_for_it() -> None:
    """Its boundary is guessed from its first line."""
    codes = {each.code for each in only(forms.mime()).subject.reading.departures}
    assert not codes & {D.CONTENT_TYPE_MISSING, D.BOUNDARY_GUESSED, D.TYPE_MISSING}


@pytest.mark.parametrize("interaction", ["RCMR_IN010000UK06", "RCMR_IN030000UK08", "PRPA_IN000202UK01"])
def test_other_interactions_are_messages_too(interaction: str) -> None:
    """Those of DMS 1, and those of other domains: they are recognised, to be judged."""
    found = only(f'<{interaction} xmlns="urn:hl7-org:v3"/>'.encode())
    assert (found.kind, found.subject.interaction) == (Kind.HL7, interaction)


def test_signals_and_faults_are_told_from_messages() -> None:
    """By what is in the envelope."""
    assert only(received.ACKNOWLEDGMENT.encode()).kind is Kind.SIGNAL
    assert only(received.MESSAGE_ERROR.encode()).kind is Kind.SIGNAL
    assert only(received.FAULT.encode()).kind is Kind.FAULT


def test_an_extract_with_redactions_is_taken_for_uk07() -> None:
    """Only that interaction has confidentialityCode."""
    payload = bases.subject(bases.base("extract-redacted")).reading.payload
    inside = payload[payload.index(b"<EhrExtract") : payload.index(b"</EhrExtract>") + len("</EhrExtract>")]
    found = only(inside.replace(b"<EhrExtract", b'<EhrExtract xmlns="urn:hl7-org:v3"', 1))
    assert found.subject.interaction == "RCMR_IN030000UK07"


def test_several_messages_of_source_code_are_all_found() -> None:
    """Each literal that holds one, with its own line."""
    source = b"const a = `" + forms.hl7() + b"`\n\n\nconst b = `" + forms.hl7() + b"`"
    first, second = detect(source)
    assert (first.places[1].line, second.places[1].line) == (1, 4 + forms.hl7().count(b"\n"))


@pytest.mark.parametrize(
    ("name", "part"), [(n, p) for n in ("http", "mime", "mime-with-head", "javascript") for p in (0, 1)]
)
def test_a_line_of_a_part_is_a_line_of_its_file(name: str, part: int) -> None:
    """The line that a finding names begins with what stands there."""
    data = forms.FORMS[name][0]()
    found = only(data)
    package = found.subject.reading.package
    assert package is not None
    lines, own = data.splitlines(), package.parts[part].body.splitlines()
    for number, line in enumerate(own, 1):
        assert lines[found.places[part].of(number) - 1].endswith(line)


def test_in_json_the_line_is_that_of_the_text() -> None:
    """A text of JSON stands on one line, whatever lines are in it."""
    found = only(forms.queue())
    assert [found.places[part].of(7) for part in (0, 1)] == [2, 3]


@pytest.mark.parametrize(
    "data",
    [b"hello", b"<html/>", b"{}", b'{"payload": "hello"}', b'{"payload": 1}', b"-- SQL\nselect 1", b"`nothing`", b"{"],
)
def test_what_is_no_message_is_told_as_that(data: bytes) -> None:
    """One sentence, not a finding."""
    with pytest.raises(NoMessage):
        detect(data)


def test_json_whose_attachments_are_no_list_cannot_be_judged() -> None:
    """It is a message of the adaptor, but not one that could be put together again."""
    with pytest.raises(Unusable, match="attachments"):
        detect(b'{"payload": "<RCMR_IN030000UK06/>", "attachments": {"a": 1}}')


def test_a_folder_gives_its_files_in_order_and_skips_what_is_hidden(tmp_path: Path) -> None:
    """Recursively, by name; a link to the folder itself is not followed."""
    for name in ("b/2.xml", "a.xml", "b/1.xml", ".hidden/x.xml", ".x.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(forms.hl7())
    (tmp_path / "b" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert [str(file.relative_to(tmp_path)) for file in files(tmp_path)] == ["a.xml", "b/1.xml", "b/2.xml"]


def _run(folder: Path) -> None:
    """A run in which the system under test sent a request twice and an acknowledgment, and was sent something."""
    written, blobs = ledger.Ledger(folder), ledger.Blobs(folder)
    wire = forms.REQUEST
    posted = {"content_type": wire.header("Content-Type"), "soap_action": wire.header("SOAPAction")}
    posted["blob"] = blobs.put(wire.body)
    answer = {"headers": [["Content-Type", "text/xml"]], "blob": blobs.put(received.ACKNOWLEDGMENT.encode())}
    ours = {"content_type": "text/xml", "blob": blobs.put(b"ours")}
    for kind, data in (
        ("message.received", posted),
        ("message.received", posted),
        ("message.sent", ours),
        ("delivery.outcome", answer),
        ("message.received", {"content_type": "", "soap_action": "", "blob": ""}),
    ):
        written.append(kind, "case", data, "2026-01-05T10:15:00.000Z")
    written.close()


def test_a_run_gives_what_its_system_sent_each_once(tmp_path: Path) -> None:
    """By the ledger, from the octets beside it, with the SOAPAction of each."""
    _run(tmp_path / "run")
    items = list(from_path(tmp_path))
    assert [item.name.rpartition("/")[2] for item in items] == ["ledger.ndjson entry 1", "ledger.ndjson entry 4"]
    request, signal = (item.found for item in items)
    assert request is not None
    assert signal is not None
    assert (request.kind, signal.kind) == (Kind.HTTP, Kind.SIGNAL)
    assert request.subject.soap_action.endswith("RCMR_IN010000UK05")
    assert {report(item, "redactions", None).verdict for item in items} == {"PASS"}


def test_octets_that_a_run_has_lost_are_told(tmp_path: Path) -> None:
    """They ought to have been judged."""
    _run(tmp_path)
    digest = ledger.Blobs(tmp_path).put(forms.REQUEST.body)
    ledger.Blobs(tmp_path).path(digest).unlink()
    item = next(from_path(tmp_path))
    assert item.failed
    assert "missing" in item.reason


def test_a_ledger_that_is_none_is_told(tmp_path: Path) -> None:
    """With its line."""
    (tmp_path / ledger.LEDGER).write_text('{"seq": 1}\n')
    (item,) = from_path(tmp_path)
    assert item.failed
    assert "line 1" in item.reason


@pytest.mark.shared
@needs_shared
def test_every_published_sample_is_recognised() -> None:
    """All 72, each as its folder's interaction; the list of them is no message."""
    assert SHARED is not None
    items = list(from_path(SHARED / "samples"))
    assert [Path(item.file).name for item in items if item.found is None] == ["index.tsv"]
    found = [(item, item.found) for item in items if item.found is not None]
    assert len(found) == 72
    assert [str(item.file) for item, each in found if each.subject.interaction != Path(item.file).parent.name] == []
