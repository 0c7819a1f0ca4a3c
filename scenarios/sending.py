"""Scenarios in which the system under test holds the record, and our peer asks for it: request, extract, documents."""

from __future__ import annotations

from fixtures.factory import Attachment
from scenarios.model import Scenario
from scenarios.steps import NOTICES, OFF, ON, PLACEHOLDER, STATE, UK05, UK06, UK13
from simulator.protocol import faults
from simulator.protocol.script import Ask, Await, Fault, Hold, Message, Send

HOLD = Ask("hold")
REQUEST = Send(Message.REQUEST)
EXTRACT = Await(Message.EXTRACT)
ANSWER = Await(Message.REQUEST_ANSWER)
ACCEPT = Send(Message.FINAL_ANSWER)
SENT = (HOLD, REQUEST, EXTRACT, ANSWER, ACCEPT, Hold(), STATE)

# The first ten travel under their own type or as application/octet-stream, whatever the sender knows of Spine's list.
TYPES = (
    *(("letter.txt", "text/plain"), ("page.html", "text/html"), ("note.rtf", "text/rtf"), ("data.xml", "text/xml")),
    *(("scan.tif", "image/tiff"), ("wound.jpeg", "image/jpeg"), ("chart.png", "image/png"), ("logo.gif", "image/gif")),
    *(("ecg.pdf", "application/pdf"), ("letter.doc", "application/msword")),
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARKUP = 'Ratio <2 & >1 is "normal", she\'s told; the label read &lt;b&gt;, as typed.'


def _refused(name: str, case: str, code: str, *before: Ask, variants: tuple[str, ...] = (), **more: object) -> Scenario:
    """What is the system's own trouble, or Spine's, its user is told: of the others nobody needs to hear there."""
    told = (NOTICES,) if code in ("10", "20") else ()
    script = (*before, Send(Message.REQUEST, variants=variants), ANSWER, Hold(), *told)
    return Scenario(name, "sender", (case,), script, code=code, **more)  # type: ignore[arg-type] # data, read at import


def _odd(name: str, case: str, *variants: str) -> Scenario:
    script = (HOLD, Send(Message.REQUEST, variants=variants), EXTRACT, ANSWER, ACCEPT, Hold(), STATE)
    return Scenario(name, "sender", (case,) if case else (), script)


def _untaken(name: str, case: str, variant: str) -> Scenario:
    """What cannot be read may be refused on the transport already, so that nothing is waited for."""
    return Scenario(name, "sender", (case,), (HOLD, Send(Message.REQUEST, variants=(variant,)), Hold(), STATE))


def _files(*files: tuple[str, str]) -> tuple[Attachment, ...]:
    return tuple(Attachment(name, kind, size=400) for name, kind in files)


SMALL = (
    Scenario("the record is sent", "sender", ("SA-01", "SB-01", "SB-03", "SB-04", "SB-05", "SB-07", "SD-01"), SENT),
    Scenario("a redacted record is sent", "sender", ("SB-22",), SENT, redacted=True),
    Scenario(
        "a record with two documents is sent",
        "sender",
        ("SB-09", "SB-10", "SB-11", "SB-12", "SB-13", "SB-14"),
        SENT,
        documents=2,
    ),
    Scenario("a record with documents of ten types is sent", "sender", ("SB-15",), SENT, files=_files(*TYPES)),
    Scenario(
        "a record with a document that Spine does not carry is sent",
        "sender",
        ("SB-16",),
        SENT,
        files=_files(("letter.docx", WORD)),
    ),
    Scenario(
        "a record with a document of an unusual name is sent",
        "sender",
        ("SB-24",),
        SENT,
        files=_files(("r\u00e9sum\u00e9 100% #1 [R&D] (a+b) = c; d.txt", "text/plain")),
    ),
    Scenario("a placeholder that came with the record is sent on", "sender", ("SB-20",), SENT, files=(PLACEHOLDER,)),
    Scenario("the text of the record holds the characters of markup", "sender", ("SB-21",), SENT, note=MARKUP),
)

REFUSALS = (
    _refused("the patient is not at the surgery", "SA-02", "06", holds=False),
    _refused("GP2GP is not enabled", "SA-03", "07", HOLD, OFF),
    _refused(
        "the extract cannot be generated", "SA-20", "10", HOLD, Ask("configure", {"condition": "extract-failure"})
    ),
    _refused("the request has no NHS number", "SA-05", "18", HOLD, variants=("request without NHS number",)),
    _refused("the request has no author", "SA-05", "18", HOLD, variants=("request without author",)),
    _refused("the request has no id", "SA-05", "18", HOLD, variants=("request without id",)),
    _untaken("the request is not well-formed", "SA-04", "request that does not end"),
    _untaken("the request does not say which ASID sent it", "SA-06", "request without sending ASID"),
    _untaken("the request comes from another ASID", "SA-22", "request from another ASID"),
    _untaken("a message of an unknown interaction comes", "SA-23", "unknown interaction"),
    _untaken("a request of another version comes", "SA-24", "request UK06"),
    _refused("the requester is not the current practice", "SA-07", "19", HOLD, registered="elsewhere"),
    _refused("the patient is suspended", "SA-08", "19", HOLD, registered="nowhere"),
    _refused("PDS fails", "SA-09", "20", HOLD, pds_fails=True),
    Scenario(
        "Spine refuses the extract",
        "sender",
        ("SB-08",),
        (HOLD, REQUEST, ANSWER, Hold(), NOTICES),
        faults=(Fault("from sut", faults.REFUSE, UK06, count=9),),
        code="20",
    ),
    Scenario(
        "Spine refuses the refusal of the request",
        "sender",
        (),
        (HOLD, REQUEST, Hold()),
        faults=(Fault("from sut", faults.REFUSE, UK13, count=9),),
        code="20",
        pds_fails=True,
    ),
    Scenario(
        "GP2GP is switched on again after a refusal", "sender", (), (HOLD, OFF, REQUEST, ANSWER, ON, Hold()), code="07"
    ),
)

UNDELIVERED = Scenario(
    "the extract is sent, and its receiver may never see it",
    "sender",
    (),
    (HOLD, REQUEST, ANSWER, Hold(), STATE, NOTICES),
)

REPEATS = (
    Scenario(
        "Spine delivers the request twice",
        "sender",
        ("EN-05", "SD-25"),
        SENT,
        faults=(Fault("to sut", faults.DELIVER_TWICE, UK05),),
    ),
    Scenario(
        "the request is sent twice in one conversation",
        "sender",
        ("SA-14",),
        (HOLD, REQUEST, EXTRACT, ANSWER, Send(Message.REQUEST, repeat="new id"), Hold(), ACCEPT, Hold()),
    ),
    Scenario(
        "the request comes again in another conversation",
        "sender",
        ("SA-15",),
        (
            *(HOLD, REQUEST, EXTRACT, ANSWER, Send(Message.REQUEST, conversation="new", repeat="new id")),
            *(EXTRACT, ANSWER, ACCEPT, Hold(), STATE),
        ),
    ),
    Scenario(
        "the acknowledgement of the extract is lost on the way back",
        "sender",
        ("EN-14",),
        SENT,
        faults=(Fault("from sut", faults.LOSE_THE_ACKNOWLEDGEMENT, UK06),),
    ),
)

SPELLINGS = (
    Scenario(
        "a request is addressed to another party",
        "sender",
        ("EN-04",),
        (HOLD, Send(Message.REQUEST, variants=("to another party",)), Hold()),
    ),
    _odd("the request has ids in lower case", "SA-13", "lower-case ids"),
    _odd("the request is pretty-printed", "SA-10", "pretty-printed request"),
    _odd("the request has RIM type attributes", "SA-11", "RIM type attributes"),
    _odd("the line breaks have no carriage return", "", "line breaks without carriage return"),
)

SCENARIOS = (*SMALL, *REFUSALS, UNDELIVERED, *REPEATS, *SPELLINGS)
