"""A synthetic run with every outcome, every grade and hostile text, for the tests of the reports."""

from __future__ import annotations

from dataclasses import replace

from harness.report.model import FeatureView, MessageView, PartView, RunView, ScenarioView, StepView
from harness.verdict import Basis, Finding, Grade, Layer, Outcome, Where, exit_code, worst

SCRIPT = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE = f'{SCRIPT}" onload="alert(3)\x00\x1b[31m\ud800\u202e\ufffe'
SHA = "ab" * 32
HEAD = "c0ffee00" * 8
CONVERSATION = "6F1A2B3C-0000-4000-8000-00000000000A"

_EHR = "RCMR_IN010000UK05"
_ACK = "MCCI_IN010000UK13"
_ROOT = "6F1A2B3C-0000-4000-8000-00000000000A"
_BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
<{_EHR} xmlns="urn:hl7-org:v3">
  <id root="{_ROOT}"/>
  <creationTime value="20261122093000"/>
  <versionCode code="V3NPfIT4.2.00"/>
  <interactionId root="2.16.840.1.113883.2.1.3.2.4.12" extension="{_EHR}"/>
</{_EHR}>"""


def finding(outcome: Outcome, check: str = "", **given: object) -> Finding:
    """A plausible finding of this outcome."""
    base = Finding(
        check=check or f"check.{outcome.value.lower()}",
        requirements=("TD30.1", "S67"),
        outcome=outcome,
        sentence="The EHR request carries the ODS code of the requesting practice.",
        expected="X90001",
        actual="X90002" if outcome is not Outcome.PASS else "X90001",
        reason="the profile offers no clock" if outcome is Outcome.NOT_TESTED else "",
        where=Where(entry=2, part=1, line=3, offset=120, path="/RCMR_IN010000UK05/id/@root"),
        remedy="Take the code from the sender's own SDS record.",
    )
    return replace(base, **given)  # type: ignore[arg-type]


def message(entry: int, sender: str, receiver: str, label: str, at: str, **given: object) -> MessageView:
    """A plausible message between two lifelines, with an envelope and one part."""
    base = MessageView(
        entry=entry,
        at=at,
        sender=sender,
        receiver=receiver,
        kind="message",
        label=label,
        interaction=_EHR,
        message_id=f"00000000-0000-4000-8000-{entry:012d}",
        conversation_id=CONVERSATION,
        blob=SHA,
        size=5321,
        head="POST /reliablemessaging/reliablerequest HTTP/1.1\r\nHost: localhost\r\nSOAPAction: urn:nhs:names\r\n\r\n",
        parts=(
            PartView(0, (("Content-Type", "text/xml"), ("Content-ID", "<root>")), 13, SHA, "<eb:Envelope/>"),
            PartView(1, (("Content-Type", "application/xml; charset=UTF-8"),), len(_BODY), SHA, _BODY),
        ),
    )
    return replace(base, **given)  # type: ignore[arg-type]


def exchange() -> tuple[MessageView, ...]:
    """An EHR request that is lost once, repeated, answered, refused by the peer, and a hook call."""
    minute = "2026-11-22T09:30"
    return (
        message(1, "SUT", "Spine", "PDS trace", f"{minute}:00.000Z", kind="service call", interaction="", parts=()),
        message(
            2,
            "SUT",
            "Spine",
            "EHR request",
            f"{minute}:00.215Z",
            deliberate="Spine drops the first request",
            trouble="no answer within 20 s",
            departures=("mime.bare-lf", "ebxml.missing-angle-brackets"),
        ),
        message(3, "SUT", "Spine", "EHR request", f"{minute}:20.300Z", attempt=2),
        message(
            4,
            "Spine",
            "SUT",
            "202 + Acknowledgment",
            f"{minute}:20.340Z",
            interaction="",
            kind="answer",
            status=202,
            parts=(),
        ),
        message(5, "Spine", "X90001", "EHR request", f"{minute}:20.400Z"),
        message(
            6, "X90001", "X90001", "looks for the record", f"{minute}:20.450Z", interaction="", kind="hook", parts=()
        ),
        message(
            7,
            "X90001",
            "Spine",
            "acknowledgement AE 06",
            "2026-11-22T09:51:20.500Z",
            interaction=_ACK,
            deliberate="the peer has no such patient",
        ),
        message(8, "Spine", "SUT", "acknowledgement AE 06", "2026-11-22T09:51:20.600Z", interaction=_ACK),
        message(
            9,
            "SUT",
            "Spine",
            "refused connection",
            "2026-11-22T09:51:21.600Z",
            kind="refused connection",
            interaction="",
            trouble="certificate has expired",
            blob="",
            parts=(
                PartView(0, (), 90_000, SHA, None),
                PartView(1, (("Content-Disposition", f'attachment; filename="{HOSTILE}"'),), 99, SHA, HOSTILE),
            ),
        ),
    )


def scenario(case: str, *findings: Finding, **given: object) -> ScenarioView:
    """A scenario with these findings, whose outcome follows from them."""
    outcome = worst(found.outcome for found in findings)
    places = tuple(range(len(findings)))
    base = ScenarioView(
        case=case,
        name="Spine loses the first EHR request",
        role="requester",
        tags=("req:TD30.1", "req:S67"),
        outcome=outcome,
        reason="",
        steps=(
            StepView("Given", 'a patient who moves from "X90001"', Outcome.OBSERVED),
            StepView("When", "Spine loses the first EHR request", Outcome.OBSERVED),
            StepView("Then", "the system asks again and once only", outcome, places),
        ),
        findings=findings,
        messages=exchange(),
        seconds=1.25,
        again=f"gp2gp run --only {case}",
        patients=("9990000018",),
        conversations=(CONVERSATION,),
    )
    return replace(base, **given)  # type: ignore[arg-type]


def run(*scenarios: ScenarioView, **given: object) -> RunView:
    """A run of one feature with these scenarios."""
    feature = FeatureView(
        name="Asking for a record",
        description="The new practice asks for the record as soon as the patient is registered.",
        path="features/requesting/ehr-request.feature",
        scenarios=scenarios,
        outcome=worst(view.outcome for view in scenarios),
    )
    base = RunView(
        tool_version="0.1.0",
        product="Acorn Practice",
        product_version="7.2",
        environment="laptop",
        executor="A. Tester",
        release="2.2",
        started="2026-11-22T09:30:00.000Z",
        finished="2026-11-22T09:52:00.000Z",
        seconds=1320.0,
        seed=42,
        run_number=3,
        head=HEAD,
        entries=57,
        features=(feature,),
        exit_code=exit_code(view.outcome for view in scenarios),
        command="gp2gp run --sut acorn.toml",
    )
    return replace(base, **given)  # type: ignore[arg-type]


def everything() -> RunView:
    """Every outcome, every grade, a PASS by hook, a scenario that failed before any check, monitors, hostile text."""
    outcomes = [scenario(f"EHR-{number:02}", finding(outcome)) for number, outcome in enumerate(Outcome, start=1)]
    skipped = (Outcome.NOT_TESTED, Outcome.NOT_APPLICABLE)
    outcomes = [
        replace(view, reason="the profile offers no clock", messages=()) if view.outcome in skipped else view
        for view in outcomes
    ]
    graded = scenario(
        "EHR-20",
        finding(Outcome.PASS, "check.wire", requirements=("S9",)),
        finding(Outcome.PASS, "check.hook", grade=Grade.HOOK, layer=Layer.HOOK, requirements=("S10",)),
        finding(Outcome.PASS, "check.hook", grade=Grade.ATTESTED, requirements=("S11",), where=Where()),
        finding(Outcome.REVIEW, "check.field", basis=Basis.FIELD, reason="reading B was observed"),
        name="The whole record is filed",
        role="sender",
    )
    broken = replace(scenario("EHR-21"), outcome=Outcome.ERROR, reason="Spine did not start", messages=(), steps=())
    hostile = scenario(
        "EHR-22",
        finding(Outcome.FAIL, sentence=HOSTILE, expected=HOSTILE, actual=HOSTILE, reason=HOSTILE, remedy=HOSTILE),
        name=HOSTILE,
        tags=(HOSTILE,),
        reason=HOSTILE,
        again=HOSTILE,
        role=HOSTILE,
        messages=(message(2, HOSTILE, "Spine", HOSTILE, "not a time", head=HOSTILE, trouble=HOSTILE, blob="../../x"),),
    )
    monitor = finding(Outcome.FAIL, "monitor.unattributed", sentence="Every message belongs to a case.", where=Where(9))
    return run(*outcomes, graded, broken, hostile, monitors=(monitor,))
