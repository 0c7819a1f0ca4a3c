"""How much one file may ask of us. The bounds are ours: well above what Spine carries, well below what hurts."""

from __future__ import annotations

from harness.validation.found import Unusable
from simulator.wire import mime

MAX_BYTES = 20 * 1024 * 1024
"""A message on Spine has 5 MB at most; what an adaptor writes down of one, less than four times as much. [ours]"""
MAX_DEPTH = 2
"""How often a file may be compressed over again: twice is an accident, more is an attack. [ours]"""
MAX_LITERALS = 1_000
"""How many messages of one file of source code are judged. [ours]"""

# What parsing would take, in bytes for each of these octets: a node of libxml2, an attribute, a value of JSON. [ours]
_WEIGHTS = ((b"<", 200), (b"=", 100), (b"[", 80), (b",", 40), (b"{", 240))
# An extract of 10 MB weighs as much, twice what Spine carries; with what rules keep of it, it takes 300 MB.
_MAX_WEIGHT = 76 * 1024 * 1024


def check(data: bytes) -> None:
    """:raises Unusable: when the octets, or what parsing makes of them, would take too much memory."""
    if len(data) > MAX_BYTES:
        raise Unusable(f"it is larger than {MAX_BYTES // 1_048_576} MiB, four times what Spine carries in one message")
    if len(data) + sum(data.count(octet) * weight for octet, weight in _WEIGHTS) > _MAX_WEIGHT:
        raise Unusable("it has more elements, attributes or values than any message that Spine carries")


def check_parts(content_type: str, body: bytes) -> None:
    """The same for XML that stands encoded in a package. :raises Unusable: when a part would take too much memory."""
    package, _ = mime.read(content_type, body)
    for part in package.parts if package is not None else ():
        if part.transfer_encoding in ("base64", "quoted-printable"):
            octets, _ = mime.decode(part)
            if octets.lstrip()[:1] == b"<":
                check(octets)
