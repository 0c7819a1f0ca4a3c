"""Changes one thing in a message about to be sent, on the layer where the mistake is meant to be.

A patch leaves the rest framed as it was: parts are cut out by their offsets and put back, so that HTTP, MIME and the
other parts stay as a well-behaved practice writes them, unless the mistake is about framing itself. A patch that finds
nothing to change leaves the message alone (a mistake in attachments needs a record that has some).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from simulator.wire import mime, names
from simulator.wire.xml import Element, parse

NAMESPACES = {"SOAP": names.SOAP, "eb": names.EB, "xlink": names.XLINK, "xml": names.XML, "hl7": names.HL7}
NAMESPACES |= {"gp": names.GP2GP, "lc": names.NPFITLC}
Context = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wire:
    """A delivery or an answer: HTTP header fields in order, and the body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a field, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> Wire:
        """The same with one field set, or taken away for ``None``."""
        kept = tuple((k, v) for k, v in self.headers if k.lower() != name.lower())
        return Wire(kept if value is None else (*kept, (name, value)), self.body)


@dataclass(frozen=True, slots=True)
class Patch:
    """One operation on one layer; ``do`` holds its arguments as the data row gives them."""

    layer: str
    op: str
    do: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse a row that means nothing. :raises ValueError: unknown layer or operation."""
        if self.op not in _OPERATIONS[self.layer if self.layer in ("http", "mime") else "xml"]:
            raise ValueError(f"no operation {self.op!r} on layer {self.layer!r}")


def apply(patch: Patch, wire: Wire, context: Context) -> Wire:
    """``wire`` after ``patch``. ``context`` gives the ids that a value may name: ``{uuid}``, ``{conversation}`` …"""
    if patch.layer in ("http", "mime"):
        change = _OPERATIONS[patch.layer][patch.op]
        changed: Wire = change(wire, patch.do, context)
        return changed
    spans = _parts(wire)
    number = 0 if patch.layer == "ebxml" else 1
    if number >= len(spans):
        return wire
    start, end = spans[number]
    new = _xml(patch, wire.body[start:end], context)
    return Wire(wire.headers, wire.body[:start] + new + wire.body[end:])


def _parts(wire: Wire) -> list[tuple[int, int]]:
    """Where each part's octets lie; a body that is no package, such as a signal, is its own envelope."""
    package = None
    if "multipart" in wire.header("Content-Type"):
        package, _ = mime.read(wire.header("Content-Type"), wire.body)
    if package is None:
        return [(0, len(wire.body))]
    return [(part.offset, part.offset + len(part.body)) for part in package.parts]


# -- HTTP


def _http_set(wire: Wire, do: Mapping[str, Any], context: Context) -> Wire:
    return wire.with_header(do["name"], do["value"].format_map(context))


def _http_drop(wire: Wire, do: Mapping[str, Any], _: Context) -> Wire:
    return wire.with_header(do["name"], None)


def _http_substitute(wire: Wire, do: Mapping[str, Any], context: Context) -> Wire:
    new = re.sub(do["pattern"], do["value"].format_map(context), wire.header(do["name"]))
    return wire.with_header(do["name"], new)


# -- MIME


def _empty(wire: Wire, _: Mapping[str, Any], __: Context) -> Wire:
    return Wire(wire.headers, b"")


def _bare_lf(wire: Wire, _: Mapping[str, Any], __: Context) -> Wire:
    return Wire(wire.headers, wire.body.replace(b"\r\n", b"\n"))


def _mime_substitute(wire: Wire, do: Mapping[str, Any], context: Context) -> Wire:
    return Wire(wire.headers, _substitute(wire.body, do, context))


def _part_header(wire: Wire, do: Mapping[str, Any], _: Context) -> Wire:
    """Rewrite or drop one header of the part numbered ``part`` (envelope 0, payload 1, attachments from 2)."""
    spans = _parts(wire)
    if do["part"] >= len(spans):
        return wire
    end = spans[do["part"]][0]
    start = spans[do["part"] - 1][1] if do["part"] else 0
    pattern = rb"(?im)^" + re.escape(do["name"].encode()) + rb":[^\r\n]*\r\n"
    line = f"{do['name']}: {do['value']}\r\n".encode() if "value" in do else b""
    return Wire(wire.headers, wire.body[:start] + re.sub(pattern, line, wire.body[start:end]) + wire.body[end:])


def _raw_attachment(wire: Wire, _: Mapping[str, Any], context: Context) -> Wire:
    """Send the first attachment's own octets, declared 8bit, instead of base64 (against TD52.4)."""
    spans = _parts(wire)
    if len(spans) < 3:
        return wire
    start, end = spans[2]
    raw = base64.b64decode(wire.body[start:end])
    swapped = Wire(wire.headers, wire.body[:start] + raw + wire.body[end:])
    return _part_header(swapped, {"part": 2, "name": "Content-Transfer-Encoding", "value": "8bit"}, context)


def _corrupt_attachment(wire: Wire, _: Mapping[str, Any], __: Context) -> Wire:
    """Change the first attachment's first character to another one of the alphabet."""
    spans = _parts(wire)
    if len(spans) < 3:
        return wire
    start = spans[2][0]
    other = b"B" if wire.body[start : start + 1] == b"A" else b"A"
    return Wire(wire.headers, wire.body[:start] + other + wire.body[start + 1 :])


def _text_attachment(wire: Wire, do: Mapping[str, Any], context: Context) -> Wire:
    """Send ``text`` instead of the attachment that is the part numbered ``part``, in base64 as before."""
    spans = _parts(wire)
    if do["part"] >= len(spans):
        return wire
    start, end = spans[do["part"]]
    return Wire(
        wire.headers,
        wire.body[:start] + base64.b64encode(do["text"].format_map(context).encode()) + wire.body[end:],
    )


def _drop_attachment(wire: Wire, _: Mapping[str, Any], __: Context) -> Wire:
    """Leave the last attachment's part out, and its manifest entry in."""
    spans = _parts(wire)
    if len(spans) < 3:
        return wire
    return Wire(wire.headers, wire.body[: spans[-2][1]] + wire.body[spans[-1][1] :])


def _grow(wire: Wire, do: Mapping[str, Any], _: Context) -> Wire:
    """Make one part ``bytes`` octets longer: an attachment by base64 that decodes, XML by blanks behind its root."""
    spans = _parts(wire)
    if do["part"] >= len(spans):
        return wire
    start, end = spans[do["part"]]
    if do["part"] < 2:
        return Wire(wire.headers, wire.body[:end] + b" " * do["bytes"] + wire.body[end:])
    lines = b"\r\n".join([b"A" * 76] * (do["bytes"] // 78 + 1)) + b"\r\n"
    return Wire(wire.headers, wire.body[:start] + lines + wire.body[start:])


def _repeat_attachment(wire: Wire, do: Mapping[str, Any], _: Context) -> Wire:
    """Send the last attachment ``times`` times more, each under a Content-Id of its own that no reference names."""
    spans = _parts(wire)
    if len(spans) < 3:
        return wire
    begin, end = spans[-2][1], spans[-1][1]
    last = wire.body[begin:end]
    copies = [re.sub(rb"(?i)(content-id: <)", rb"\g<1>%d." % n, last, count=1) for n in range(do["times"])]
    return Wire(wire.headers, wire.body[:end] + b"".join(copies) + wire.body[end:])


# -- XML


def _xml(patch: Patch, data: bytes, context: Context) -> bytes:
    if patch.op == "substitute":
        return _substitute(data, patch.do, context)
    root, _ = parse(data)
    if root is None:
        return data
    before = etree.tostring(root)
    _OPERATIONS["xml"][patch.op](root, patch.do, context)
    if etree.tostring(root) == before:
        return data
    prolog = data[: data.find(b"?>") + 2] + b"\n" if data.startswith(b"<?xml") else b""
    return prolog + etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def _substitute(data: bytes, do: Mapping[str, Any], context: Context) -> bytes:
    value = do["value"].format_map(context).encode()
    return re.sub(do["pattern"].encode(), value, data, count=do.get("count", 0))


def _find(root: Element, xpath: str) -> list[Element]:
    found = root.xpath(xpath, namespaces=NAMESPACES)
    return [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []  # noqa: SLF001


def _attribute(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def _set(root: Element, do: Mapping[str, Any], context: Context) -> None:
    for element in _find(root, do["xpath"]):
        name = _attribute(do["attribute"]) if "attribute" in do else ""
        old = element.get(name, "") if name else element.text or ""
        new = do["value"].format_map({**context, "old": old, "lower": old.lower(), "unzoned": old.removesuffix("Z")})
        if name:
            element.set(name, new)
        else:
            element.text = new


def _delete(root: Element, do: Mapping[str, Any], _: Context) -> None:
    for element in _find(root, do["xpath"]):
        parent = element.getparent()
        if "attribute" in do and _attribute(do["attribute"]) in element.attrib:
            del element.attrib[_attribute(do["attribute"])]
        elif "attribute" not in do and parent is not None:
            parent.remove(element)


def _swap(root: Element, do: Mapping[str, Any], _: Context) -> None:
    name = _attribute(do["attribute"])
    for one, two in zip(_find(root, do["xpath"]), _find(root, do["with"]), strict=False):
        first, second = one.get(name, ""), two.get(name, "")
        one.set(name, second)
        two.set(name, first)


def _insert(root: Element, do: Mapping[str, Any], context: Context) -> None:
    declared = " ".join(f'xmlns:{p}="{uri}"' for p, uri in NAMESPACES.items() if p != "xml")
    for element in _find(root, do["xpath"]):
        new = etree.fromstring(f"<x {declared}>{do['xml'].format_map(context)}</x>")[0]
        if do.get("where") == "after":
            element.addnext(new)
        else:
            element.append(new)


def _last(root: Element, do: Mapping[str, Any], _: Context) -> None:
    """Move each element found behind its last sibling."""
    for element in _find(root, do["xpath"]):
        parent = element.getparent()
        if parent is not None:
            parent.append(element)


def _indent(root: Element, _: Mapping[str, Any], __: Context) -> None:
    etree.indent(root)


_OPERATIONS: dict[str, dict[str, Callable[..., Any]]] = {
    "http": {"set": _http_set, "drop": _http_drop, "substitute": _http_substitute},
    "mime": {
        "substitute": _mime_substitute,
        "empty": _empty,
        "bare-lf": _bare_lf,
        "part-header": _part_header,
        "raw-attachment": _raw_attachment,
        "corrupt-attachment": _corrupt_attachment,
        "drop-attachment": _drop_attachment,
        "text-attachment": _text_attachment,
        "grow": _grow,
        "repeat-attachment": _repeat_attachment,
    },
    "xml": {
        "set": _set,
        "delete": _delete,
        "swap": _swap,
        "insert": _insert,
        "last": _last,
        "indent": _indent,
        "substitute": _substitute,
    },
}
