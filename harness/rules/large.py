"""Point to point messages beyond the Schematron: what a continue and a part say, carry and list (LMS v1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.rules.copc import ACKNOWLEDGEMENT, BODY, CONTROL, INFORMATION
from harness.rules.places import beside, described, envelope, said, spot, value
from harness.rules.register import POINT_TO_POINT, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire import gp2gp, names

_COPC = (POINT_TO_POINT,)
_CONTINUE = "Continue Acknowledgement"
_URL = re.compile(r"[a-z0-9+-]+:[^ ]+")  # the type of a reference in MIM 7.2.02
_PIECE = re.compile(r"_([0-9]+)\.messageattachment")
# What the specification's figure prints, and what every other system sends; nobody refuses either.
_TYPES = frozenset({"COPC_MT000001UK01", "RCMR_MT000001GB01", "RCMR_MT000002GB01"})
_CODES = {"GP2GP_PI": "GP2GP_PB", "GP2GPLMATTACHMENTINFO": "GP2GPLMATTACHMENT"}


def _continue(subject: Subject) -> gp2gp.Continue | None:
    found = subject.reading.message
    return found if isinstance(found, gp2gp.Continue) else None


def _fragment(subject: Subject) -> gp2gp.Fragment | None:
    found = subject.reading.message
    return found if isinstance(found, gp2gp.Fragment) else None


@rule("R-copc-20", "the code of a continue is 0, Continue", "COPC16", "LM33", interactions=_COPC, since="2.2a")
def continue_code(subject: Subject) -> Iterator[Flaw]:
    """``acknowledgementDetail/code``: code, code system of the response codes, display name."""
    expected = ("0", names.OID_RESPONSE_CODE, "Continue")
    for each in subject.find(f"{ACKNOWLEDGEMENT}/hl7:acknowledgementDetail/hl7:code"):
        seen = (value(each, "code"), value(each, "codeSystem"), value(each, "displayName"))
        if seen != expected:
            yield flaw(" ".join(expected), said(" ".join(seen)), each)


@rule("R-copc-21", "a continue says so in its subject", "LM33", "COPC05", interactions=_COPC, since="2.2a")
def continue_subject(subject: Subject) -> Iterator[Flaw]:
    """``gp:subject``: one sender knows the continue by this text alone."""
    found = _continue(subject)
    if found is not None and found.subject != _CONTINUE:
        yield flaw(_CONTINUE, said(found.subject), next(iter(subject.find(f"{CONTROL}/gp:subject")), subject.root))


@rule(
    "R-copc-22",
    "a part says in its subject which attachment it is",
    "V-78",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=_COPC,
    since="2.2a",
)
def part_subject(subject: Subject) -> Iterator[Flaw]:
    """``gp:subject``: the word Attachment, a colon and the file name; the schema leaves the text open."""
    found = _fragment(subject)
    if found is not None and not re.match(r"Attachment: \S", found.subject):
        at = next(iter(subject.find(f"{CONTROL}/gp:subject")), subject.root)
        yield flaw("Attachment: <file name>", said(found.subject), at)


@rule("R-copc-23", "a point to point message carries one attachment at most", "LM15", interactions=_COPC, since="2.2a")
def one_attachment(subject: Subject) -> Iterator[Flaw]:
    """``cid:`` references beside the payload."""
    inline = [each for each in beside(subject) if each.scheme == "cid"]
    for each in inline[1:]:
        yield spot("one attachment", f"{len(inline)}: {each.href}", "eb:Reference", each.line or -1)


@rule("R-copc-24", "a part carries an attachment or lists its pieces", "LM15", "LM17", interactions=_COPC, since="2.2a")
def something_carried(subject: Subject) -> Iterator[Flaw]:
    """References beside the payload of a message that is no continue: a ``cid:``, ``mid:`` ones, or both."""
    if _fragment(subject) is not None and envelope(subject) is not None and not beside(subject):
        yield spot("an attachment, or references to its pieces", "the payload alone", "eb:Manifest")


@rule(
    "R-copc-25",
    "a continue carries nothing",
    "V-78",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=_COPC,
    since="2.2a",
)
def continue_alone(subject: Subject) -> Iterator[Flaw]:
    """References beside the payload of a continue."""
    for each in beside(subject) if _continue(subject) is not None else ():
        yield spot("the payload alone", each.href, "eb:Reference", each.line or -1)


@rule(
    "R-copc-26",
    "the message type is of its code system",
    "V-70",
    basis=Basis.OFFICIAL,
    interactions=_COPC,
    since="2.2a",
)
def type_scheme(subject: Subject) -> Iterator[Flaw]:
    """``lc:messageType/@root``: the schema lists the one value and does not apply the list."""
    for each in subject.find(f"{INFORMATION}/lc:messageType"):
        if value(each, "root") != names.OID_COPC_MESSAGE_TYPE:
            yield flaw(names.OID_COPC_MESSAGE_TYPE, said(value(each, "root")), each)


@rule(
    "R-copc-27", "the message type is one that systems send", "V-70", level="REVIEW", interactions=_COPC, since="2.2a"
)
def type_known(subject: Subject) -> Iterator[Flaw]:
    """``lc:messageType/@extension``: the specification prints one, the official examples have two others (D15)."""
    other = "RCMR_MT000001GB01" if _continue(subject) is not None else "RCMR_MT000002GB01"
    for each in subject.find(f"{INFORMATION}/lc:messageType"):
        if value(each, "extension") not in _TYPES - {other}:
            yield flaw(" or ".join(sorted(_TYPES - {other})), said(value(each, "extension")), each)


@rule(
    "R-copc-28",
    "codes of payload information and body are of their code system",
    "V-70",
    interactions=_COPC,
    since="2.2a",
)
def code_system(subject: Subject) -> Iterator[Flaw]:
    """``code/@codeSystem`` of both."""
    for each in subject.find(f"{INFORMATION}/hl7:code|{BODY}/hl7:code"):
        if value(each, "codeSystem") != names.OID_COPC_CODE:
            yield flaw(names.OID_COPC_CODE, said(value(each, "codeSystem")), each)


@rule(
    "R-copc-29",
    "codes of payload information and body are a known pair",
    "V-70",
    level="REVIEW",
    interactions=_COPC,
    since="2.2a",
)
def code_pair(subject: Subject) -> Iterator[Flaw]:
    """``code/@code`` of both: the general pair of the figure, or that of attachments in the official examples (D15)."""
    outer = [value(each, "code") for each in subject.find(f"{INFORMATION}/hl7:code")]
    for each in subject.find(f"{BODY}/hl7:code"):
        if value(each, "code") != _CODES.get(outer[0] if outer else "", "?"):
            yield flaw(" or ".join(map("/".join, _CODES.items())), said("/".join([*outer, value(each, "code")])), each)


@rule(
    "R-copc-30",
    "a reference to an attachment is a URL",
    "V-67",
    "COPC15",
    basis=Basis.OFFICIAL,
    interactions=_COPC,
    since="2.2a",
)
def reference_url(subject: Subject) -> Iterator[Flaw]:
    """``reference/@value``: a scheme and no blank, as MIM 7.2.02 types it; bare file names occur and break the schema."""
    for each in subject.find(f"{BODY}/hl7:value/hl7:reference[@value]"):
        if not _URL.fullmatch(value(each, "value")):
            yield flaw("file://localhost/<name>, percent-encoded", said(value(each, "value")), each)


@rule("R-copc-31", "pieces are listed in the order of their numbers", "LM29.1", interactions=_COPC, since="2.2a")
def pieces_in_order(subject: Subject) -> Iterator[Flaw]:
    """``Filename`` of the references: where names end in a number, manifest order is the order of joining."""
    last = -1
    for each in beside(subject):
        piece = _PIECE.search(described(each.description)[0].filename)
        if piece is not None and int(piece[1]) <= last:
            yield spot(f"a piece after {last}", piece[1], "eb:Reference", each.line or -1)
        last = int(piece[1]) if piece is not None else last


@rule("R-copc-32", "a message does not list itself among its pieces", "LM17", interactions=_COPC, since="2.2a")
def not_itself(subject: Subject) -> Iterator[Flaw]:
    """``mid:`` and the message's own id: the remaining pieces are in other messages."""
    header = envelope(subject)
    for each in beside(subject) if header is not None else ():
        if header is not None and each.scheme == "mid" and each.target.upper() == header.message_id.upper():
            yield spot("another message", each.href, "eb:Reference", each.line or -1)


@rule(
    "R-copc-33",
    "the payload is one body, numbered 1",
    "V-78",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=_COPC,
    since="2.2a",
)
def one_body(subject: Subject) -> Iterator[Flaw]:
    """``pertinentInformation/sequenceNumber``: the schema allows many bodies, GP2GP uses one."""
    numbers = [
        value(each, "value") for each in subject.find(f"{INFORMATION}/hl7:pertinentInformation/hl7:sequenceNumber")
    ]
    if subject.find(INFORMATION) and (numbers != ["1"] or len(subject.find(BODY)) != 1):
        yield flaw(
            "one pertinentPayloadBody, number 1", said(", ".join(numbers)), next(iter(subject.find(INFORMATION)))
        )
