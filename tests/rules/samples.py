"""The published samples as rules see them, whatever they are wrapped in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from harness.rules import Subject
from simulator.wire import ebxml, gp2gp, hl7, xml
from simulator.wire.reading import Reading, read
from tests.shared import SHARED

FILES = sorted((SHARED / "samples").glob("*/*")) if SHARED is not None else []
# Samples that are templates leave the conversation to be filled in.
_TEMPLATE = re.compile(rb"(?:\{\{|%%|\$\{|\{)conversation_?id(?:\}\}|%%|\})", re.IGNORECASE)
_CONVERSATION = b"5E0F2C31-6D0A-4C4F-9C1B-0A1B2C3D4E5F"
_JS = 'multipart/related; boundary="--=_MIME-Boundary"; type="text/xml"; start="<soappart>"'


def name(file: Path) -> str:
    """Folder and file."""
    return f"{file.parent.name}/{file.name}"


def subject(file: Path) -> Subject:
    """A sample. One that is JSON, or XML alone, has no MIME package: rules on parts then say nothing."""
    data = _TEMPLATE.sub(_CONVERSATION, file.read_bytes())
    if data.startswith(b"POST "):
        head, _, body = data.partition(b"\n\n")
        fields = {key.lower(): value for key, value in re.findall(r"(?m)^([\w-]+):[ ]*(.*)$", head.decode("latin-1"))}
        return Subject(read(fields["content-type"], body), fields.get("soapaction", ""))
    if data.startswith(b"export const "):
        return Subject(read(_JS, data[data.index(b"`") + 1 : data.rindex(b"`")]))
    if data.startswith(b"--"):
        return Subject(read("multipart/related", data))
    content = json.loads(data) if data.startswith(b"{") else {"payload": data.decode("utf-8", "replace")}
    return Subject(_bare(content.get("ebXML", "").encode(), content["payload"].encode()))


def _bare(envelope: bytes, payload: bytes) -> Reading:
    header, in_envelope = ebxml.read(envelope) if envelope else (None, ())
    root, in_payload = xml.parse(payload)
    if root is None:
        return Reading(None, header, None, payload, None, None, None, (*in_envelope, *in_payload))
    wrapper, in_wrapper = hl7.read(root)
    message, in_message = gp2gp.read(root, wrapper)
    departures = (*in_envelope, *in_payload, *in_wrapper, *in_message)
    return Reading(None, header, None, payload, root, wrapper, message, departures)
