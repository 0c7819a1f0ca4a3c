"""Judging one scenario: runs the checks that its Then steps name on frozen evidence, and rolls the findings up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.checks import BY_SENTENCE, Check, run
from harness.checks.register import Saw, finding, untested
from harness.checks.second import disagreement
from harness.evidence import Evidence
from harness.proof import Proof
from harness.report.build import messages
from harness.report.model import MessageView, ScenarioView, StepView
from harness.verdict import Finding, Outcome, worst
from scenarios import find
from scenarios.disturbing import fault

GIVEN = r'a transfer in which "(?P<name>[^"]+)"'


@dataclass(frozen=True, slots=True)
class Wanted:
    """One scenario of a feature: its steps as texts, tags, and where it stands."""

    feature: str
    name: str
    tags: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    transfer: str
    digest: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """What its Then steps say."""
        return tuple(text for word, text in self.steps if word == "Then")

    @property
    def requirements(self) -> tuple[str, ...]:
        """What its tags cite."""
        return tuple(tag.removeprefix("req:") for tag in self.tags if tag.startswith("req:"))

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that they name. :raises KeyError: for a sentence that no check has."""
        return tuple(BY_SENTENCE[sentence] for sentence in self.sentences)


@dataclass(slots=True)
class Judging:
    """The judging of one scenario, step by step. ``left_out``: why it was not played, for nothing of it is in force."""

    wanted: Wanted
    case: str
    evidence: Evidence
    proof: Proof
    again: str
    left_out: str = ""
    findings: list[Finding] = field(default_factory=list)
    steps: list[StepView] = field(default_factory=list)

    @property
    def lack(self) -> str:
        """Why the case could not be cast; empty when it was."""
        return next((str(entry.data["reason"]) for entry in self.evidence.of("case.lacking")), "")

    def begin(self, name: str) -> None:
        """The Given step: says which transfer was played."""
        stopped = not self.left_out and (self.lack or self.evidence.stopped())
        outcome = Outcome.NOT_APPLICABLE if self.left_out else Outcome.NOT_TESTED if stopped else Outcome.PASS
        self.steps.append(StepView("Given", f'a transfer in which "{name}"', outcome))

    def disturb(self, sentence: str) -> None:
        """A When step: what Spine does wrong on purpose. What never came to that was no test of it."""
        if self.left_out or self.lack or not self.evidence.plan:
            self.steps.append(replace(self.steps[0], keyword="When", text=sentence))
            return
        action = fault(sentence, self.evidence.role).action
        told = (entry.data.get(name, "") for entry in self.evidence.entries for name in ("fault", "deliberate"))
        played = any(str(each).partition(" (")[0] == action for each in told if each)
        self.steps.append(StepView("When", sentence, Outcome.PASS if played else Outcome.INCONCLUSIVE))
        if not played and not self.evidence.stopped():
            why = "Spine never came to do it: no such message passed"
            self.findings.append(Finding("?", (), Outcome.INCONCLUSIVE, sentence, reason=why))

    def judge(self, sentence: str) -> None:
        """A Then step: its check's findings."""
        check = BY_SENTENCE.get(sentence)
        if check is None:
            made = [_unknown(sentence)]
        elif self.left_out:
            made = [finding(check, Saw(Outcome.NOT_APPLICABLE, reason=self.left_out))]
        elif self.lack:
            made = [finding(check, untested(self.lack))]
        else:
            found = run(check, self.evidence)
            made = [self.proof.cap(finding, check) for finding in found]
            made += [each for each in [disagreement(found, self.evidence)] if each]
        first = len(self.findings)
        self.findings += made
        numbers = tuple(range(first, len(self.findings)))
        self.steps.append(StepView("Then", sentence, worst(f.outcome for f in made), numbers))

    def view(self) -> ScenarioView:
        """The scenario as reports show it."""
        outcome = worst(finding.outcome for finding in self.findings)
        reason = ""
        if outcome in (Outcome.NOT_TESTED, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE):
            reason = next((f.reason for f in self.findings if f.reason), "") or "no check found anything to test"
        shown: tuple[MessageView, ...] = tuple(messages(self.evidence))
        entries = self.evidence.entries
        return ScenarioView(
            case=self.case,
            name=self.wanted.name,
            role=self.evidence.role or find(self.wanted.transfer).role,
            tags=self.wanted.tags,
            outcome=outcome,
            reason=reason,
            steps=tuple(_keywords(self.steps)),
            findings=tuple(self.findings),
            messages=shown,
            seconds=_seconds(entries[0].at, entries[-1].at) if entries else 0.0,
            again=self.again,
            patients=tuple(str(row["nhs_number"]) for row in self.evidence.plan.get("patients", ())),
            conversations=tuple(dict.fromkeys(m.conversation_id for m in shown if m.conversation_id)),
        )


def _keywords(steps: Sequence[StepView]) -> list[StepView]:
    """The second Then in a row reads "And"."""
    return [
        replace(step, keyword="And") if number and step.keyword == steps[number - 1].keyword else step
        for number, step in enumerate(steps)
    ]


def _seconds(first: str, last: str) -> float:
    from simulator.wire.times import instant

    begin, end = instant(first), instant(last)
    return round((end - begin).total_seconds(), 3) if begin and end else 0.0


def _unknown(sentence: str) -> Finding:
    text = "no check has this sentence"
    return Finding(
        "?", (), Outcome.ERROR, sentence, reason=f"{text}; correct the feature, or register a check under it"
    )
