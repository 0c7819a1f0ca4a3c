"""One good message in every form in which it is found."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from simulator.wire.mime import decode
from simulator.wire.reading import Reading
from tests.rules import bases

WIRE = bases.base("extract-documents")
REQUEST = bases.base("request")
_HEAD = "POST /reliablemessaging/reliablerequest HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n\r\n"


def _reading() -> Reading:
    return bases.subject(WIRE).reading


def http() -> bytes:
    """Head and body; the head's length is wrong, as it is where an editor changed line ends."""
    headers = "\r\n".join(f"{name}: {value}" for name, value in WIRE.headers)
    return _HEAD.format(17, headers).encode() + WIRE.body


def mime() -> bytes:
    """The body alone."""
    return WIRE.body


def mime_with_head() -> bytes:
    """The body, with its own headers but no request line."""
    return f"Content-Type: {WIRE.header('Content-Type')}\r\n\r\n".encode() + WIRE.body


def hl7() -> bytes:
    """The payload alone."""
    return _reading().payload


def envelope() -> bytes:
    """The envelope alone."""
    package = _reading().package
    assert package is not None
    return decode(package.parts[0])[0]


def extract() -> bytes:
    """The EhrExtract alone, with the namespace it inherited."""
    payload = hl7()
    inside = payload[payload.index(b"<EhrExtract") : payload.index(b"</EhrExtract>") + len("</EhrExtract>")]
    return inside.replace(b"<EhrExtract", b'<EhrExtract xmlns="urn:hl7-org:v3"', 1)


def _attachments() -> list[dict[str, object]]:
    package = _reading().package
    assert package is not None
    return [
        {
            "payload": part.body.replace(b"\r\n", b"").decode(),
            "is_base64": True,
            "content_id": part.content_id,
            "content_type": part.content_type,
            "description": "",
        }
        for part in package.parts[2:]
    ]


def queue() -> bytes:
    """What the MHS adaptor puts on its inbound queue."""
    content = {"ebXML": envelope().decode(), "payload": hl7().decode(), "attachments": _attachments()}
    return json.dumps(content | {"external_attachments": []}, indent=1).encode()


def queue_without_ids() -> bytes:
    """The same without Content-Ids: the order of the manifest tells which is which."""
    content = json.loads(queue())
    for each in content["attachments"]:
        del each["content_id"]
    return json.dumps(content).encode()


def outbound() -> bytes:
    """What the MHS adaptor is asked to send."""
    return json.dumps({"payload": hl7().decode(), "attachments": []}).encode()


def javascript() -> bytes:
    """A package in a template literal, line 2."""
    body = WIRE.body.replace(b"\r\n", b"\n").replace(b"\\", b"\\\\").replace(b"`", b"\\`")
    return b"// a message\nexport const message = `" + body + b"`;\nconst other = `nothing`;\n"


def compressed() -> bytes:
    """The payload in gzip."""
    return gzip.compress(hl7(), mtime=0)


def compressed_twice() -> bytes:
    """The queue's JSON in gzip in gzip."""
    return gzip.compress(gzip.compress(queue(), mtime=0), mtime=0)


def wide() -> bytes:
    """The payload in UTF-16."""
    text = hl7().decode().replace("UTF-8", "UTF-16")
    return text.encode("utf-16")


FORMS: dict[str, tuple[Callable[[], bytes], str, tuple[str, ...]]] = {
    "http": (http, "HTTP request", ()),
    "mime": (mime, "MIME package", ()),
    "mime-with-head": (mime_with_head, "MIME package", ()),
    "hl7": (hl7, "HL7 message", ()),
    "envelope": (envelope, "ebXML envelope alone", ()),
    "extract": (extract, "EhrExtract alone", ()),
    "queue": (queue, "MHS adaptor JSON, inbound", ()),
    "queue-without-ids": (queue_without_ids, "MHS adaptor JSON, inbound", ()),
    "outbound": (outbound, "MHS adaptor JSON, outbound", ()),
    "javascript": (javascript, "MIME package", ("JavaScript",)),
    "gzip": (compressed, "HL7 message", ("gzip",)),
    "gzip-twice": (compressed_twice, "MHS adaptor JSON, inbound", ("gzip", "gzip")),
    "utf-16": (wide, "HL7 message", ()),
}
