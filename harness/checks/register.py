"""The register of checks, and what a check yields.

A check is one function under one sentence of the standard: ``Evidence`` in, ``Saw`` values out. It never raises for what
it sees, and never says how bad that is: the requirement's row says MUST or SHOULD, the basis says whether it can FAIL, and
:func:`run` puts the three together. One that raises is our ERROR; one that says nothing is one too.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from harness.evidence import Evidence, Received
from harness.force import Force
from harness.requirements import catalogue, cite
from harness.rules.register import Rule
from harness.verdict import Basis, Finding, Grade, Layer, Outcome, Where

NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Saw:
    """What a check saw once. ``outcome`` is PASS, FAIL, REVIEW, OBSERVED, INCONCLUSIVE, NOT_TESTED or NOT_APPLICABLE.

    :param rule: the rule of message shape that was broken, which then stands for itself in the finding.
    """

    outcome: Outcome
    actual: str = ""
    expected: str = ""
    reason: str = ""
    where: Where = NOWHERE
    attested: bool = False
    rule: Rule | None = None


def ok(actual: str, where: Where) -> Saw:
    """Right; ``where`` cites the message or the window that shows it: no evidence is never a pass."""
    return Saw(Outcome.PASS, actual, where=where)


def bad(expected: str, actual: str, where: Where = NOWHERE) -> Saw:
    """Wrong."""
    return Saw(Outcome.FAIL, actual, expected, where=where)


def missing(evidence: Evidence, expected: str) -> Saw:
    """Something that had to come did not: wrong, if its window was watched to the end; else it proves nothing."""
    stopped = evidence.stopped()
    if stopped:
        return Saw(Outcome.NOT_TESTED, reason=stopped)
    window = evidence.window()
    if window is None:
        return Saw(Outcome.INCONCLUSIVE, "the case did not come to its end", expected)
    unsure = interrupted(evidence)
    if unsure:
        return Saw(Outcome.INCONCLUSIVE, "nothing came", expected, reason=unsure)
    if any(_never_arrived(each) for each in evidence.received):
        return untested("profile: the contract leaves no sending of a message that was not spoilt on purpose")
    held = f"nothing came ({window.data['how']} after {window.data['seconds']} s)"
    return Saw(Outcome.FAIL, held, expected, where=Where(entry=window.seq))


def nothing_came(evidence: Evidence, what: str) -> Saw:
    """A "must not send" that held: cites the window it was watched for."""
    window = evidence.window()
    if window is None:
        return Saw(Outcome.INCONCLUSIVE, reason="the case did not come to its end")
    # A case that stood at a question had been watched to rest before it, and is watched again after it.
    unsure = interrupted(evidence, asking=False)
    if unsure:
        return Saw(Outcome.INCONCLUSIVE, reason=unsure)
    return ok(f"{what} ({window.data['how']} after {window.data['seconds']} s)", Where(entry=window.seq))


def interrupted(evidence: Evidence, *, asking: bool = True) -> str:
    """Why what did not come is held against nobody: what the system said while Spine was away, it said to nobody.

    :param asking: whether a stop counts while the case stood at a question to the system's user.
    """
    stops = (entry for entry in evidence.of("case.interrupted") if asking or entry.data.get("status") != "asking")
    stop = next(stops, None)
    return f"Spine was stopped while this was under way (entry {stop.seq}); play it again" if stop else ""


def _never_arrived(received: Received) -> bool:
    """Whether each sending of a message was spoilt on purpose, and none was acknowledged all the same."""
    spoilt = all(not attempt.arrived_whole for attempt in received.attempts)
    return spoilt and not any(attempt.answer and attempt.answer.envelope for attempt in received.attempts)


def observed(actual: str, where: Where) -> Saw:
    """Noted without a verdict, where sources disagree or are silent."""
    return Saw(Outcome.OBSERVED, actual, where=where)


def untested(reason: str) -> Saw:
    """Not tested, and why."""
    return Saw(Outcome.NOT_TESTED, reason=reason)


def reading(evidence: Evidence, name: str, seen: str, why: str, where: Where) -> Saw:
    """A registered ambiguity: REVIEW with the reading seen, unless the profile pins one (``[readings]``).

    :param name: the ambiguity; ``seen``: the reading; ``why``: what the published texts and the field say.
    """
    pinned = str(evidence.plan.get("readings", {}).get(name, ""))
    if not pinned:
        return Saw(Outcome.REVIEW, seen, reason=why, where=where)
    return ok(f"{seen}, as the profile has it", where) if pinned == seen else bad(f"{pinned} (pinned)", seen, where)


Function = Callable[[Evidence], Iterator[Saw]]


@dataclass(frozen=True)
class Check:
    """One check.

    :param id: our id; :param sentence: what a feature says after "Then".
    :param requirements: ids of the catalogue, the most particular first: its row decides MUST or SHOULD, and whether the
        check is in force.
    :param notes: it notes what was done and judges nothing, so that there is no failing to be proved.
    """

    id: str
    sentence: str
    requirements: tuple[str, ...]
    layer: Layer
    basis: Basis
    remedy: str
    function: Function
    notes: bool = False

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the check's own source: a changed check must be proved again."""
        return hashlib.sha256(inspect.getsource(self.function).encode()).hexdigest()

    @property
    def doc(self) -> str:
        """What it looks at: its docstring."""
        return inspect.getdoc(self.function) or ""


CHECKS: dict[str, Check] = {}
BY_SENTENCE: dict[str, Check] = {}


def check(
    identifier: str,
    sentence: str,
    *requirements: str,
    layer: Layer = Layer.MESSAGE,
    basis: Basis = Basis.PUBLISHED,
    remedy: str = "",
    notes: bool = False,
) -> Callable[[Function], Function]:
    """Register a check. :raises ValueError: for an unknown requirement, or an id or sentence used twice."""

    def put(function: Function) -> Function:
        cite(f"check {identifier}", requirements)
        if identifier in CHECKS or sentence in BY_SENTENCE:
            raise ValueError(f"check {identifier} is registered twice")
        row = Check(identifier, sentence, requirements, layer, basis, remedy, function, notes)
        CHECKS[identifier] = BY_SENTENCE[sentence] = row
        return function

    return put


def run(row: Check, evidence: Evidence) -> tuple[Finding, ...]:
    """The findings of one check on one case, as far as its first requirement is in force there."""
    force = Force.of(evidence.plan)
    if why := force.why_not(row.requirements[0]):
        return (finding(row, Saw(Outcome.NOT_APPLICABLE, reason=why)),)
    seen = look(row, evidence)
    if not seen:
        return (finding(row, Saw(Outcome.ERROR, reason="our check said nothing")),)
    return tuple(force.cap(finding(row, each)) for each in _folded(seen))


def look(row: Check, evidence: Evidence) -> tuple[Saw, ...]:
    """What a check saw in one case, thing by thing; when it raises, our error alone."""
    try:
        return tuple(_graded(saw, evidence) for saw in row.function(evidence))
    except Exception as trouble:  # noqa: BLE001 - whatever a check raises is our own failure, and must be seen as one
        return (Saw(Outcome.ERROR, f"{type(trouble).__name__}: {trouble}", reason="our check failed"),)


def _graded(saw: Saw, evidence: Evidence) -> Saw:
    """What points at a person's word is attested."""
    word = next((hook.entry for hook in evidence.hooks if hook.entry.seq == saw.where.entry), None)
    return saw if word is None or word.data.get("grade") != "attested" else replace(saw, attested=True)


def _folded(seen: tuple[Saw, ...]) -> tuple[Saw, ...]:
    """Many passes of one check are one finding that counts them; everything else stands for itself."""
    passes = [each for each in seen if each.outcome is Outcome.PASS]
    others = [each for each in seen if each.outcome is not Outcome.PASS]
    if len(passes) > 1:
        passes = [replace(passes[0], actual=f"{passes[0].actual} (and {len(passes) - 1} more)")]
    return (*others, *passes)


def finding(row: Check, saw: Saw) -> Finding:
    """What a check saw as a finding: with its requirements, and as bad as they make it."""
    if saw.rule is not None:
        return _broken(row, saw, saw.rule)
    return Finding(
        check=row.id,
        requirements=row.requirements,
        outcome=_severity(row, saw),
        sentence=row.sentence,
        expected=saw.expected,
        actual=saw.actual,
        reason=saw.reason,
        where=saw.where,
        basis=row.basis,
        grade=_grade(row, saw),
        layer=row.layer,
        remedy=row.remedy,
    )


def _broken(row: Check, saw: Saw, rule: Rule) -> Finding:
    """The finding of a broken rule: the rule's own id, requirements, basis and level."""
    return Finding(
        check=rule.id,
        requirements=rule.requirements,
        outcome=Outcome(rule.severity),
        sentence=rule.sentence,
        expected=saw.expected,
        actual=saw.actual,
        where=saw.where,
        basis=rule.basis,
        grade=Grade.WIRE,
        layer=row.layer,
        remedy=rule.remedy,
    )


def _severity(row: Check, saw: Saw) -> Outcome:
    """FAIL needs a MUST and a basis that a supplier cannot dispute; less gives WARN."""
    if saw.outcome is not Outcome.FAIL:
        return saw.outcome
    disputable = row.basis in (Basis.FIELD, Basis.PRODUCT)
    return Outcome.WARN if disputable or catalogue()[row.requirements[0]].level == "SHOULD" else Outcome.FAIL


def _grade(row: Check, saw: Saw) -> Grade:
    if saw.attested:
        return Grade.ATTESTED
    return {Layer.SERVICE: Grade.SERVICE, Layer.HOOK: Grade.HOOK}.get(row.layer, Grade.WIRE)
