"""What is wrong with a message is found, told with its place, and weighed by what the rule stands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.requirements import catalogue
from harness.rules import RULES, Flaw, Rule, Subject
from harness.rules.register import PACKS
from harness.validation import judge as judging
from harness.validation.detect import detect
from harness.validation.judge import Judgement, judge, severity
from harness.validation.schemas import SchemaError
from harness.validation.unreadable import _ROWS
from harness.verdict import Basis, Outcome
from simulator.wire.departures import D
from tests.rules import bases
from tests.shared import SHARED, needs_shared
from tests.validation import forms
from tests.wire.received import swap

HL7 = forms.hl7().decode()


def judged(text: str | bytes, **options: object) -> Judgement:
    """The one message of some text, judged."""
    (found,) = detect(text if isinstance(text, bytes) else text.encode())
    return judge(found, **options)  # type: ignore[arg-type]


def rules_of(judgement: Judgement) -> dict[str, Outcome]:
    """Each rule that was broken, and what that is worth."""
    return {each.rule: each.severity for each in judgement.findings}


@pytest.mark.parametrize("name", bases.BASES)
def test_a_good_message_has_no_finding(name: str) -> None:
    """Of any kind."""
    wire = bases.base(name)
    head = "".join(f"{header}: {value}\r\n" for header, value in wire.headers)
    assert judged(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + wire.body).findings == ()


def test_a_schema_error_is_explained() -> None:
    """Where it is, what was allowed, what stood there, the cause and what to do: in words, not in libxml2's."""
    finding = next(
        f for f in judged(swap(HL7, "<availabilityTime ", "<availableTime ")).findings if f.rule == "X-schema"
    )
    assert finding.severity is Outcome.FAIL
    assert finding.requirements == ("S232",)
    assert (finding.found, finding.cause) == ("availableTime", "unknown element")
    assert "availabilityTime" in finding.expected
    assert finding.path.endswith("/availableTime")
    assert finding.line > 0
    assert "availableTime" in finding.remedy
    assert "{" not in finding.remedy


def test_a_request_is_held_to_its_own_requirement() -> None:
    """S231 is about requests."""
    payload = bases.subject(forms.REQUEST).reading.payload.decode()
    finding = next(
        f for f in judged(swap(payload, "<destination", "<target").replace("</destination", "</target")).findings
    )
    assert finding.requirements[0] == "S231"


def test_an_envelope_against_its_schema_only_warns() -> None:
    """Suppliers' envelopes break it, and no receiver refuses them for it."""
    broken = forms.envelope().decode().replace("eb:CPAId>", "eb:Contract>")
    assert rules_of(judged(broken))["X-envelope"] is Outcome.WARN


def test_what_a_finding_is_worth_follows_from_the_rule() -> None:
    """Only a published or official MUST fails."""
    for rule in RULES.values():
        strong = rule.basis in (Basis.PUBLISHED, Basis.OFFICIAL)
        wanted = {"REVIEW": Outcome.REVIEW, "SHOULD": Outcome.WARN, "MUST": Outcome.FAIL if strong else Outcome.WARN}
        assert severity(rule) is wanted[rule.level]
    assert {severity(rule) for rule in RULES.values()} == {Outcome.FAIL, Outcome.WARN, Outcome.REVIEW}


def test_the_worst_comes_first() -> None:
    """And within one severity the order of the message."""
    findings = judged(
        swap(swap(HL7, "<availabilityTime ", "<availableTime "), 'moodCode="EVN"', 'moodCode="ENV"')
    ).findings
    order = [judging._ORDER.index(each.severity) for each in findings]
    assert len(findings) > 1
    assert order == sorted(order)


@pytest.mark.parametrize("pack", PACKS)
def test_a_profile_has_its_own_rules_and_those_before(pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of a later release says nothing."""
    asked: list[str] = []

    def ask(rule: Rule, subject: Subject) -> tuple[Flaw, ...]:
        asked.append(rule.id)
        return ()

    monkeypatch.setattr(Rule, "flaws", ask)
    judged(HL7, pack=pack)
    in_force = PACKS[: PACKS.index(pack) + 1]
    assert set(asked) == {rule.id for rule in RULES.values() if rule.since in in_force}


@pytest.mark.parametrize("code", _ROWS)
def test_each_departure_that_is_told_cites_the_catalogue(code: D) -> None:
    """By a row that exists."""
    assert _ROWS[code][0] in catalogue()


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (swap(HL7, "</EhrExtract>", "</EhrFolder>").encode(), D.XML_MALFORMED),
        (b"<!DOCTYPE x>" + HL7.partition("?>")[2].encode(), D.XML_DTD),
        (swap(HL7, "<EhrExtract ", "<deep>" * 300 + "<EhrExtract ").encode(), D.XML_TOO_DEEP),
        (swap(HL7, "</EhrExtract>", f"<text>{'a' * 10_000_001}</text></EhrExtract>").encode(), D.XML_TOO_LARGE),
        (swap(HL7, 'classCode="EXTRACT"', 'classCode="é"').encode("latin-1"), D.XML_MALFORMED),
        (forms.mime().replace(forms.hl7(), b""), D.XML_EMPTY),
        (
            forms.mime().replace(b"Content-Id: <ebXML", b"Content-Id: <x").replace(b"Envelope", b"Letter"),
            D.EBXML_NOT_SOAP,
        ),
    ],
    ids=lambda value: value.value if isinstance(value, D) else "",
)
def test_what_cannot_be_read_is_a_finding(octets: bytes, code: D) -> None:
    """Not an exception."""
    finding = next(f for f in judged(octets).findings if f.rule == f"X-{code.value}")
    assert finding.severity is Outcome.FAIL
    assert finding.expected
    assert finding.found


def test_a_malformed_message_names_its_line() -> None:
    """As libxml2 has it; in the file, not only in the part."""
    broken = HL7.replace("><", ">\n<", 5).replace("</EhrExtract>", "</x>")
    finding = next(f for f in judged(broken).findings if f.rule == "X-xml.not-well-formed")
    assert finding.line == 1 + broken[: broken.index("</x>")].count("\n")
    assert "line" not in finding.found.rpartition("tag mismatch")[2].partition("and")[2]


def test_an_unknown_interaction_fails() -> None:
    """It is none of the five."""
    found = rules_of(judged('<PRPA_IN000202UK01 xmlns="urn:hl7-org:v3"/>'))
    assert found["X-interaction"] is Outcome.FAIL


@pytest.mark.parametrize("interaction", ["RCMR_IN010000UK06", "RCMR_IN030000UK08"])
def test_an_interaction_of_the_other_release_is_for_a_person(interaction: str) -> None:
    """There is no schema of ours for it, so nothing was checked: that is not a pass."""
    found = rules_of(judged(f'<{interaction} xmlns="urn:hl7-org:v3"/>'))
    assert found["X-release"] is Outcome.REVIEW
    assert "X-interaction" not in found


def test_an_extract_alone_is_judged_as_one_and_not_for_our_wrapper() -> None:
    """Paths begin at the EhrExtract."""
    broken = swap(forms.extract().decode(), "<availabilityTime ", "<availableTime ")
    findings = judged(broken).findings
    assert findings
    assert {each.path.split("/")[1] for each in findings} == {"EhrExtract"}


def test_a_bare_envelope_is_judged_without_its_parts() -> None:
    """What would stand in them is not missed; what the envelope says is judged."""
    text = forms.envelope().decode()
    broken = swap(text, ">RCMR_IN030000UK06<", ">RCMR_IN010000UK05<")
    assert judged(text).findings == ()
    assert not any(each.rule.startswith("R-part") for each in judged(broken.replace("cid:", "cid:x")).findings)


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("below", ["", "adaptor", "adaptor/schema"])
def test_the_official_verdict_stands_beside_ours(below: str) -> None:
    """Whatever layout the folder has."""
    assert SHARED is not None
    mim = SHARED / "mim" / below
    good, bad = judged(HL7, mim=mim), judged(swap(HL7, "<availabilityTime ", "<availableTime "), mim=mim)
    assert good.official is not None
    assert bad.official is not None
    assert (good.official.verdict, good.findings) == ("valid", ())
    assert bad.official.verdict == "not valid"
    assert bad.official.errors[0].line > 0
    assert not any(each.rule == "X-official" for each in bad.findings), "ours says it already, and better"


@pytest.mark.shared
@needs_shared
def test_where_there_is_no_official_schema_that_is_said() -> None:
    """And the verdict is ours alone."""
    assert SHARED is not None
    payload = bases.subject(forms.REQUEST).reading.payload
    official = judged(payload, mim=SHARED / "mim" / "adaptor").official
    assert official is not None
    assert official.verdict == "none"
    assert "RCMR_IN010000UK05" in official.missing


def test_a_message_that_only_the_official_schema_refuses_is_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readings of one standard: neither is thrown away."""
    error = SchemaError(3, "/RCMR_IN030000UK06/id", "not accepted")
    monkeypatch.setattr(judging, "_official", lambda *_: judging.Official((error,)))
    (finding,) = judged(HL7, mim=Path("official")).findings
    assert (finding.rule, finding.severity, finding.line) == ("X-official", Outcome.REVIEW, 3)


def test_an_interaction_without_a_schema_of_ours_fails_by_the_official_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the only authority there is."""
    error = SchemaError(1, "/RCMR_IN030000UK08", "missing child")
    monkeypatch.setattr(judging, "_official", lambda *_: judging.Official((error,)))
    found = rules_of(judged('<RCMR_IN030000UK08 xmlns="urn:hl7-org:v3"/>', mim=Path("official")))
    assert found["X-official"] is Outcome.FAIL
    assert "X-release" not in found


def test_of_very_many_errors_the_first_are_told() -> None:
    """In the order of the message, also where every statement has the same mistake."""
    broken = HL7.replace("<availabilityTime ", "\n<availableTime ")
    findings = [each for each in judged(broken).findings if each.rule == "X-schema"]
    assert len(findings) == 20
    assert findings[0].path.endswith("/subject/EhrExtract/availableTime")
    assert [each.line for each in findings] == sorted(each.line for each in findings)
