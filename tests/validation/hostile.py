"""Files that nobody should be harmed by, and how long and how much memory ``gp2gp validate`` takes over one."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = b"RCMR_IN030000UK06"
_OPEN, _CLOSE = b'<RCMR_IN030000UK06 xmlns="urn:hl7-org:v3">', b"</RCMR_IN030000UK06>"
_MB = 1_000_000
# The high-water mark of the process itself: what getrusage says of a child begins with its parent's.
_CHILD = """
import re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))  # one that would never end is ended by the system
from harness.cli import main
try:
    main(sys.argv[1:-1], prog_name="gp2gp")
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else used.ru_maxrss
    Path(sys.argv[-1]).write_text(f"{used.ru_utime + used.ru_stime} {peak}")
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: seconds of the processor, since others may use the machine, and kilobytes at the peak."""

    code: int
    out: str
    error: str
    seconds: float
    kilobytes: int


def run(what: Path, scratch: Path) -> Run:
    """``gp2gp validate`` in a process of its own."""
    used = scratch / "used"
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, "validate", str(what), str(used)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    seconds, kilobytes = used.read_text().split()
    return Run(done.returncode, done.stdout, done.stderr, float(seconds), int(kilobytes))


def _message(inside: bytes) -> bytes:
    return _OPEN + inside + _CLOSE


def _entities() -> bytes:
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    return b'<!DOCTYPE x [<!ENTITY e0 "ha">' + levels + b"]>" + _message(b"&e11;")


def _external() -> bytes:
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + _message(b"&e;")


def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(200 * _MB), 9)


def _nested_gzip() -> bytes:
    return gzip.compress(gzip.compress(gzip.compress(_message(b""))))


def _wrong_elements() -> bytes:
    return _message(b"<wrong/>\n" * 60_000)


def _adaptor(payload: str) -> bytes:
    return json.dumps({"payload": payload, "attachments": []}).encode()


# By name: the octets, the exit code, and what must be said of them.
CASES: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "an empty file": (lambda: b"", 2, "it is empty"),
    "blanks alone": (lambda: b" \r\n\t", 2, "it is empty"),
    "plain text": (lambda: b"Dear practice,\nplease find enclosed nothing.\n", 2, "it is neither XML"),
    "XML of another kind": (lambda: b"<html><body/></html>", 2, "is none of a GP2GP message"),
    "octets that are no text": (lambda: bytes(range(256)) * 1_000, 2, "no template literal"),
    "NUL octets alone": (lambda: bytes(5 * _MB), 2, "it is neither XML"),
    "NUL octets in a message": (lambda: _message(b"<id root='\0\0'/>"), 1, "W-04"),
    "a message cut off": (lambda: _message(b"<id root='x'/>")[:-9], 1, "W-04"),
    "an encoding that is not the declared one": (
        lambda: b'<?xml version="1.0" encoding="UTF-8"?>' + _message("<id root='café'/>".encode("latin-1")),
        1,
        "W-04",
    ),
    "an encoding that nobody reads": (
        lambda: b'<?xml version="1.0" encoding="UTF-7"?>' + _message(b"<id/>"),
        1,
        "encoding UTF-7 is not read",
    ),
    "half of UTF-16": (lambda: b"\xff\xfe" + _message(b"<id/>").decode().encode("utf-16-le")[:-1], 1, "W-04"),
    "a document type": (lambda: b"<!DOCTYPE x>" + _message(b""), 1, "no document type"),
    "entities that multiply": (_entities, 1, "no document type"),
    "an entity that is a file": (_external, 1, "no document type"),
    "a text of 10 MB": (lambda: _message(b"<text>" + b"a" * (10 * _MB + 1) + b"</text>"), 1, "usual limits"),
    "an attribute of 10 MB": (lambda: _message(b"<id root='" + b"a" * (10 * _MB + 1) + b"'/>"), 1, "usual limits"),
    "10,000 levels": (lambda: _message(b"<a>" * 10_000 + b"</a>" * 10_000), 1, "256 levels at most"),
    "60,000 elements that are wrong": (_wrong_elements, 1, "S232"),
    "more elements than memory": (lambda: _message(b"<a/>" * 4 * _MB), 2, "more elements"),
    "more attributes than memory": (lambda: _message(b"<a b='' c='' d='' e=''/>" * 400_000), 2, "more elements"),
    "a file of 30 MB": (lambda: _message(b"a" * 30 * _MB), 2, "larger than 20 MiB"),
    "a gzip bomb": (_gzip_bomb, 2, "expands to more than 20 MiB"),
    "gzip three times over": (_nested_gzip, 2, "compressed more than 2 times"),
    "gzip cut off": (lambda: gzip.compress(_message(b""))[:-12], 2, "cut off"),
    "gzip that is none": (lambda: b"\x1f\x8b\x09not so", 2, "cannot be expanded"),
    "JSON of 10,000 levels": (lambda: b'{"payload": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 2, "nested too deep"),
    "JSON cut off": (lambda: b'{"payload": "<RCMR_IN030000UK06', 2, "begins like JSON and is not"),
    "JSON that is not UTF-8": (lambda: b'{"payload": "caf\xe9"}', 2, "is not utf-8"),
    "JSON of more values than memory": (lambda: b'{"a": [' + b"[]," * 3 * _MB + b"[]]}", 2, "more elements"),
    "JSON whose payload hides elements": (
        lambda: b'{"payload": "' + NAME + b"\\u003ca/\\u003e" * 900_000 + b'"}',
        2,
        "more elements",
    ),
    "half a character in JSON": (lambda: _adaptor(_message(b"").decode() + "\ud800"), 1, "W-04"),
    "a request without a body": (
        lambda: b"POST / HTTP/1.1\r\nContent-Type: multipart/related\r\n\r\n",
        2,
        "holds neither envelope nor HL7",
    ),
    "a head that does not end": (lambda: b"POST / HTTP/1.1\r\n" + b"a: b\r\n" * 100_000, 2, "head does not end"),
    "50,000 MIME parts": (
        lambda: b"--x\r\n\r\n" + b"<a/>\r\n--x\r\n\r\n" * 50_000,
        2,
        "holds neither envelope nor HL7",
    ),
    "a base64 part that hides elements": (
        lambda: b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"PGEvPjxhLz48YS8+" * _MB + b"\r\n--x--",
        2,
        "more elements",
    ),
    "2,000,000 backticks": (lambda: b"x" + b"`" * 2 * _MB, 2, "no template literal"),
    "5,000 literals that are messages": (
        lambda: b"x" + (b"`" + _message(b"") + b"`") * 5_000,
        2,
        "more than 1000 messages",
    ),
    "300,000 literals that begin like XML": (lambda: b"x" + b"`<a`" * 300_000, 2, "no template literal"),
}
