"""The words, shapes and clean text that every report shares, so that no two reports name one thing differently."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from harness.verdict import Finding, Grade, Outcome

SHAPES = {
    Outcome.ERROR: "■",
    Outcome.FAIL: "✕",
    Outcome.INCONCLUSIVE: "?",
    Outcome.REVIEW: "◆",
    Outcome.WARN: "▲",
    Outcome.UNPROVEN: "◇",
    Outcome.PASS: "✓",
    Outcome.OBSERVED: "•",
    Outcome.NOT_TESTED: "○",
    Outcome.NOT_APPLICABLE: "–",
}

MEANINGS = {
    Outcome.ERROR: "our tool failed; it says nothing about the system",
    Outcome.FAIL: "the system did not do what a published requirement asks",
    Outcome.INCONCLUSIVE: "it was tried, and what came back does not decide it",
    Outcome.REVIEW: "a person must decide: the published texts differ, or only the field supports the rule",
    Outcome.WARN: "a recommendation (SHOULD) was not followed",
    Outcome.UNPROVEN: "the check has not been shown to fail when it should",
    Outcome.PASS: "seen, and as required",
    Outcome.OBSERVED: "noted, not judged",
    Outcome.NOT_TESTED: "nothing was observed; the reason stands beside it",
    Outcome.NOT_APPLICABLE: "outside the declared profile or layer",
}

GRADES = {
    Grade.WIRE: "seen on the wire",
    Grade.SERVICE: "seen in a call to a Spine service",
    Grade.HOOK: "said by the system's own test hook",
    Grade.ATTESTED: "a person's word",
}

RED = (Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNPROVEN)

_WEAK = {Grade.HOOK: "by hook", Grade.ATTESTED: "attested"}

# C0 (but tab and line feed), DEL, C1, surrogates, bidirectional controls, zero-width and non-characters: none may
# reach a terminal or an XML document, and none may make one text look like another.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Text that is safe in XML 1.0, HTML and a terminal, and shows what was there.

    CRLF becomes LF (a report is lines, the octets are in the blob). Other C0 controls become their control pictures,
    formatting characters are spelt out (``\\u202e``), and what is not a character becomes U+FFFD.
    """
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x2000 <= code < 0x2070 or code == 0xFEFF:
        return f"\\u{code:04x}"
    return "\ufffd"


def word(outcome: Outcome, grades: Iterable[Grade] = ()) -> str:
    """The verdict as a person reads it. A PASS that rests on a hook or on a person's word always says so.

    :param grades: how the passed findings behind it were seen.
    """
    plain = outcome.value.replace("_", " ")
    seen = set(grades)
    weak = [text for grade, text in _WEAK.items() if grade in seen]
    if outcome is not Outcome.PASS or not weak:
        return plain
    part = "part " if seen - set(_WEAK) else ""
    return f"{plain} ({part}{' and '.join(weak)})"


def finding_word(finding: Finding) -> str:
    """The verdict word of one finding."""
    return word(finding.outcome, [finding.grade])


def scenario_word(outcome: Outcome, findings: Iterable[Finding]) -> str:
    """The verdict word of a scenario from its findings."""
    return word(outcome, [found.grade for found in findings if found.outcome is Outcome.PASS])


def requirements(finding: Finding) -> str:
    """The published ids a finding stands on, or the id of the check when it stands on none."""
    return ", ".join(finding.requirements) or finding.check


def why(finding: Finding) -> str:
    """On what the rule stands, how it was seen, and the reason when there is one; one line."""
    stands = [f"{requirements(finding)} ({finding.basis.value})", GRADES[finding.grade]] if finding.requirements else []
    bits = [*stands, finding.reason]
    return "; ".join(bit for bit in bits if bit)


def blob_path(sha256: str) -> str:
    """Path of a body beside the ledger, ``blobs/ab/ab…``; empty unless it is a SHA-256 in lower-case hex."""
    return f"blobs/{sha256[:2]}/{sha256}" if re.fullmatch(r"[0-9a-f]{64}", sha256) else ""


def size(octets: int) -> str:
    """Octets as a person reads them; decimal units, as in the standard's own limits (5 MB)."""
    if octets < 1000:
        return f"{octets} bytes"
    return f"{octets / 1000:.1f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def seconds_between(earlier: str, later: str) -> float | None:
    """Seconds from one ISO 8601 time to another; None when either is no time or only one has a zone."""
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (ValueError, TypeError):
        return None


def duration(seconds: float) -> str:
    """A length of time from milliseconds to days: ``0.215 s``, ``20 min 3 s``, ``8 d 4 h``."""
    if seconds < 60:
        return f"{seconds:.3f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
