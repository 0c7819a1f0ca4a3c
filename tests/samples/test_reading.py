"""Every published sample reads as the message that it is, or the table below says why not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.wire import ebxml, gp2gp, hl7, mime, reading, times, xml
from simulator.wire.departures import D
from tests.shared import SHARED, needs_shared
from tests.wire.received import codes

pytestmark = [pytest.mark.shared, needs_shared]

_FILES = sorted((SHARED / "samples").glob("*/*")) if SHARED is not None else []
_IDS = [f"{file.parent.name}/{file.name}" for file in _FILES]

_PREFIX = "the envelope uses prefixes that it does not declare: an editor's slip, no XML with namespaces"
_STUB = "a stub: the payload is one empty element in no namespace"
# By the end of the file's name, why its envelope cannot be read ...
_ENVELOPE_UNREADABLE = {
    "Scenario_10__uk06.json": _PREFIX,
    "Small_Message_Example.js": _PREFIX,
    "Fragment-3.js": _PREFIX,
}
# ... and why its payload is no message.
_NO_MESSAGE = {
    "expectedOutputWithBase64PayloadsRemoved.json": _STUB,
    "inputMessageContainingBase64.json": _STUB,
}
_JS_CONTENT_TYPE = 'multipart/related; boundary="--=_MIME-Boundary"; type="text/xml"; start="<soappart>"'
_TYPES: dict[str, tuple[type, ...]] = {
    "RCMR_IN010000UK05": (gp2gp.EhrRequest,),
    "RCMR_IN030000UK06": (gp2gp.EhrExtract,),
    "RCMR_IN030000UK07": (gp2gp.EhrExtract,),
    "COPC_IN000001UK01": (gp2gp.Continue, gp2gp.Fragment),
    "MCCI_IN010000UK13": (gp2gp.ApplicationAcknowledgement,),
}


def _delivery(data: bytes) -> tuple[str, bytes] | None:
    """Content-Type and body of a file that holds a whole delivery; ``None`` for one that holds texts."""
    if data.startswith(b"POST "):
        head, _, body = data.partition(b"\n\n")
        content_type = re.search(rb"(?im)^content-type:[ ]*(.*)$", head)
        assert content_type is not None
        return content_type[1].decode(), body
    if data.startswith(b"export const "):
        return _JS_CONTENT_TYPE, data[data.index(b"`") + 1 : data.rindex(b"`")]
    return ("multipart/related", data) if data.startswith(b"--") else None


def _texts(data: bytes) -> tuple[bytes, bytes]:
    """Envelope, if any, and payload of a file in the MHS adaptor's JSON, or of one that is a payload."""
    if not data.startswith(b"{"):
        return b"", data
    content = json.loads(data)
    return content.get("ebXML", "").encode(), content["payload"].encode()


def _read(file: Path) -> tuple[ebxml.Envelope | None, gp2gp.Message | None, set[D], bool]:
    """Envelope, message and departures of a file, and whether it holds an envelope at all."""
    data = file.read_bytes()
    delivery = _delivery(data)
    if delivery is not None:
        read = reading.read(*delivery)
        return read.envelope, read.message, codes(read.departures), True
    envelope_text, payload = _texts(data)
    envelope, found = ebxml.read(envelope_text) if envelope_text else (None, ())
    root, in_xml = xml.parse(payload)
    assert root is not None, in_xml
    wrapper, in_wrapper = hl7.read(root)
    message, in_message = gp2gp.read(root, wrapper)
    return envelope, message, codes((*found, *in_xml, *in_wrapper, *in_message)), bool(envelope_text)


def _why(table: dict[str, str], file: Path) -> str:
    return next((reason for name, reason in table.items() if file.name.endswith(name)), "")


def test_all_samples_are_here() -> None:
    """None was forgotten, and every exception names one."""
    assert len(_FILES) == 72
    for name in (*_ENVELOPE_UNREADABLE, *_NO_MESSAGE):
        assert sum(file.name.endswith(name) for file in _FILES) == 1, name


@pytest.mark.parametrize("file", _FILES, ids=_IDS)
def test_a_sample_reads_as_the_message_that_it_is(file: Path) -> None:
    """A typed message of the folder's interaction, and an envelope where there is one."""
    envelope, message, found, has_envelope = _read(file)
    if _why(_NO_MESSAGE, file):
        assert isinstance(message, gp2gp.Unknown)
        return
    assert message is not None
    assert isinstance(message, _TYPES[file.parent.name])
    assert message.wrapper.interaction == file.parent.name
    assert not found & {D.HL7_NAMESPACE, D.HL7_UNKNOWN_INTERACTION, D.HL7_TIME, D.EBXML_TIMESTAMP, D.BASE64_INVALID}
    if _why(_ENVELOPE_UNREADABLE, file):
        assert envelope is None
        assert D.XML_MALFORMED in found
    elif has_envelope:
        assert envelope is not None
        assert envelope.kind is ebxml.Kind.MESSAGE
        assert envelope.action == file.parent.name
        assert times.instant(envelope.timestamp) is not None
        assert envelope.references


@pytest.mark.parametrize("file", _FILES, ids=_IDS)
def test_a_continue_is_told_from_a_fragment(file: Path) -> None:
    """The continues are the files that say so; none of the fragments is taken for one."""
    message = _read(file)[1]
    assert isinstance(message, gp2gp.Continue) == (b"Continue Acknowledgement" in file.read_bytes())


@pytest.mark.parametrize("file", [f for f in _FILES if f.suffix in {".ebxml", ".js"}], ids=lambda f: str(f.name))
def test_every_part_of_a_delivery_decodes(file: Path) -> None:
    """The attachments too, to the last octet."""
    delivery = _delivery(file.read_bytes())
    assert delivery is not None
    read = reading.read(*delivery)
    assert read.package is not None
    for number, part in enumerate(read.package.parts):
        data, found = mime.decode(part, number)
        assert data
        assert found == ()
