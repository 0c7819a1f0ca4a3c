"""Checks on the HL7 transmission wrapper of every message of the system under test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from harness.checks.envelope import at, every
from harness.checks.register import Saw, bad, check, missing, ok, reading
from harness.evidence import Evidence, Meaning, Sent
from harness.verdict import Basis
from simulator.wire import gp2gp, names
from simulator.wire.times import instant

ORDER = (
    "id",
    "creationTime",
    "versionCode",
    "interactionId",
    "processingCode",
    "processingModeCode",
    "acceptAckCode",
    "acknowledgement",
    "communicationFunctionRcv",
    "communicationFunctionSnd",
    "ControlActEvent",
)
# Two minutes between the clocks of two systems is what the case catalogue allows (RQ-10); in steps of a quarter of an
# hour the difference may be a time zone, which the standard leaves local.
CLOCKS_APART = timedelta(minutes=2)


@check(
    "H-wrapper",
    "the transmission wrapper is complete and in order",
    "C-10",
    basis=Basis.OFFICIAL,
    remedy="Write id, creationTime (yyyyMMddHHmmss), versionCode, interactionId, P, T, NE, in this order.",
)
def wrapper(evidence: Evidence) -> Iterator[Saw]:
    """RQ-07, RQ-10: the elements of MCCI_MT010101UK12 / MCCI_MT020101UK12 in their order, with their fixed values."""

    def look(sent: Sent) -> Iterator[Saw]:
        troubles = list(_wrapper_troubles(sent))
        for expected, seen in troubles:
            yield bad(expected, seen, at(sent, 1))
        if not troubles:
            yield ok("complete, in order", at(sent, 1))

    yield from every(evidence, look)


def _wrapper_troubles(sent: Sent) -> Iterator[tuple[str, str]]:
    w = sent.reading.wrapper
    if w is None:
        yield "an HL7 payload", "none could be read"
        return
    order = [name for name in ORDER if name in w.child_order]
    required = [name for name in ORDER if name != "acknowledgement"]
    lacking = [name for name in required if name not in w.child_order]
    if lacking:
        yield f"{', '.join(lacking)}", "missing"
    if list(w.child_order) != order:
        yield "the order of the schema", " ".join(w.child_order)
    if (w.processing_code, w.processing_mode_code, w.accept_ack_code) != ("P", "T", "NE"):
        yield "P, T, NE", f"{w.processing_code}, {w.processing_mode_code}, {w.accept_ack_code}"
    if w.interaction_root != names.OID_INTERACTION:
        yield f"interactionId of {names.OID_INTERACTION}", w.interaction_root
    if not w.version_code:
        yield "a versionCode", "none"
    yield from _time_troubles(sent, w.creation_time)


def _time_troubles(sent: Sent, text: str) -> Iterator[tuple[str, str]]:
    moment = instant(text)
    if not re.fullmatch(r"\d{14}", text) or moment is None:
        yield "a creationTime of 14 digits", text or "none"
    elif abs(moment - sent.at) > CLOCKS_APART and sent.first:
        yield "a creationTime within two minutes, UK local", f"{text}, received {sent.at:%Y%m%d%H%M%S} UTC"


@check("H-asids", "devices and author carry the ASIDs of the two practices", "C-11", basis=Basis.OFFICIAL)
def asids(evidence: Evidence) -> Iterator[Saw]:
    """RQ-11, SB-05: Rcv is the peer's ASID, Snd and author1 the SUT's own."""
    expected = (evidence.peer["asid"], evidence.sut["asid"], evidence.sut["asid"])

    def look(sent: Sent) -> Iterator[Saw]:
        w = sent.reading.wrapper
        seen = (w.receiver_asid, w.sender_asid, w.author_asid) if w else ("", "", "")
        if seen != expected:
            yield bad(
                "Rcv {}, Snd {}, author {}".format(*expected), "Rcv {}, Snd {}, author {}".format(*seen), at(sent, 1)
            )
        else:
            yield ok("Rcv {}, Snd {}, author {}".format(*seen), at(sent, 1))

    yield from every(evidence, look)


@check(
    "H-same-id",
    "the HL7 id of a message is its MessageId",
    "C-12",
    basis=Basis.FIELD,
    remedy="Receivers pair acknowledgements by either id; give both the same value.",
)
def same_id(evidence: Evidence) -> Iterator[Saw]:
    """RQ-08, EN-16: seen in three suppliers; national reporting pairs by the ebXML id (D26)."""

    def look(sent: Sent) -> Iterator[Saw]:
        w = sent.reading.wrapper
        if w is None or w.id != sent.envelope.message_id:
            yield bad(sent.envelope.message_id, w.id if w else "no payload", at(sent, 1))
        else:
            yield ok(w.id, at(sent, 1))

    yield from every(evidence, look)


@check("H-no-white-space", "the request has no white space between its elements", "C-13", basis=Basis.FIELD)
def no_white_space(evidence: Evidence) -> Iterator[Saw]:
    """RQ-13: one live supplier answers 18 to white space between elements of a request."""
    requests = evidence.said(Meaning.REQUEST)
    if not requests:
        yield missing(evidence, "a request")
    for sent in requests:
        gaps = re.findall(
            rb">\s+<(?!\?)", sent.reading.payload.partition(b"?>")[2].strip() or sent.reading.payload.strip()
        )
        if gaps:
            yield bad("none", f"{len(gaps)} gaps", at(sent, 1))
        else:
            yield ok("none", at(sent, 1))


@check("H-acknowledgement-form", "acknowledgements are spelt as the standard has them", "RC-NEG", "RC-POS")
def acknowledgement_form(evidence: Evidence) -> Iterator[Saw]:
    """RZ-11, RC §4: AA without code or reason; else AE with the code in the reason, its code system and qualifier."""
    acks = [each for each in evidence.sent if isinstance(each.message, gp2gp.ApplicationAcknowledgement)]
    if not acks:
        yield missing(evidence, "an acknowledgement")
    for sent in acks:
        assert isinstance(sent.message, gp2gp.ApplicationAcknowledgement)
        yield from _form(evidence, sent, sent.message)


def _form(evidence: Evidence, sent: Sent, ack: gp2gp.ApplicationAcknowledgement) -> Iterator[Saw]:
    where, reasons = at(sent, 1), ack.wrapper.reasons
    if ack.positive:
        if ack.codes:
            yield bad("AA without a code", f"AA with {ack.code}", where)
        else:
            yield ok("AA", where)
        return
    good = [r for r in reasons if r.code_system == names.OID_RESPONSE_CODE and r.qualifier == "ER"]
    if ack.type_code not in ("AE", "AR"):
        yield bad("AE (RC), or AR as two suppliers write", ack.type_code or "no typeCode", where)
    elif not good or not re.fullmatch(r"\d\d", good[0].code):
        seen = ", ".join(
            f"{r.code} of {r.code_system or 'no system'}, qualifier {r.qualifier or 'none'}" for r in reasons
        )
        yield bad("a two-digit code in the reason, system ...17.101, qualifier ER", seen or "no reason", where)
    else:
        why = "RC §4.2 has AE, two live suppliers write AR"
        yield (
            ok(f"AE {ack.code}", where)
            if ack.type_code == "AE"
            else reading(evidence, "nack_type_code", "AR", why, where)
        )


@check("H-display-name", "negative acknowledgements say their code in words", "C-19", basis=Basis.FIELD)
def display_name(evidence: Evidence) -> Iterator[Saw]:
    """RZ-11, Q-17: one adaptor fails on a negative acknowledgement without displayName."""
    acks = [each for each in evidence.sent if isinstance(each.message, gp2gp.ApplicationAcknowledgement)]
    negative = [each for each in acks if not each.message.positive]  # type: ignore[union-attr] # acknowledgements alone
    if not negative:
        yield missing(evidence, "a negative acknowledgement")
    for sent in negative:
        assert isinstance(sent.message, gp2gp.ApplicationAcknowledgement)
        named = [code.display_name for code in sent.message.codes if code.display_name]
        yield ok(named[0], at(sent, 1)) if named else bad("a displayName", "none", at(sent, 1))
