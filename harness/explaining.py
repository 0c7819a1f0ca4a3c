"""``gp2gp list``, ``explain`` and ``plan``: what there is, what it means, and what a run would do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fixtures.response_codes import codes
from harness import features, worksheet
from harness.cases import cases
from harness.checks import CHECKS, Check
from harness.conduct import Order, left_out, proof, selected
from harness.force import DEFAULT, releases
from harness.monitors import MONITORS
from harness.mutations import mutations
from harness.profile import Profile
from harness.proof import rows
from harness.requirements import Requirement, catalogue
from harness.rules import RULES, Rule
from harness.world import World, slug, sut_practice
from scenarios import LIBRARY, Scenario, find
from simulator.protocol.script import describe


def listing(*, checks: bool) -> Iterator[str]:
    """One line each: scenarios by feature, or checks."""
    if checks:
        proved = proof()
        for check in (*CHECKS.values(), *MONITORS.values()):
            state = "proved" if proved.proved(check) else "UNPROVEN"
            yield f"{check.id:<24} {state:<9} {', '.join(check.requirements):<24} {check.sentence}"
        return
    for feature, scenarios in features.load():
        yield f"{feature.name}  ({feature.rel_filename})"
        for wanted in scenarios:
            scenario = find(wanted.transfer)
            yield f"  {slug(wanted.transfer):<62} {scenario.role:<10} {' '.join(scenario.cases)}"


def explain(identifier: str) -> Iterator[str]:
    """Everything that an id names: requirement, check, rule, case, scenario, mutation, response code."""
    yield from _requirement(identifier)
    yield from _check(identifier)
    yield from _rule(identifier)
    yield from _case(identifier)
    for scenario in LIBRARY.values():
        if identifier in (scenario.name, slug(scenario.name)) or identifier.upper() in scenario.cases:
            yield from _scenario(scenario)
    mutation = mutations().get(identifier)
    if mutation:
        yield f"mutation {mutation.id}: {mutation.summary}"
        yield f"  exposed by: {'; '.join(mutation.scenarios)}"
        yield from (f'  killed by {kill.check} in "{kill.scenario}"' for kill in rows() if kill.mutation == mutation.id)
    code = codes().get(identifier)
    if code:
        yield f"response code {identifier}: {code.text} ({code.status})"


def _requirement(identifier: str) -> Iterator[str]:
    row = catalogue().get(identifier.upper()) or catalogue().get(identifier)
    if row is None:
        return
    yield f"requirement {row.cited}, {row.level}, {row.role}"
    yield f"  {row.text}"
    yield f"  from release {row.release} on" + "".join(f", {need}" for need in (_packs(row), _in_default(row)) if need)
    every: list[Check | Rule] = [*CHECKS.values(), *MONITORS.values(), *RULES.values()]
    yield from (f"  checked by {each.id}: {each.sentence}" for each in every if row.id in each.requirements)
    waits = (("needs", row.needs), ("not tested", row.reason), ("not seen", row.unseen))
    yield from (f"  {word}: {text}" for word, text in waits if text)
    for _, scenarios in features.load():
        for wanted in scenarios:
            if f"req:{row.id}" in wanted.tags:
                yield f'  in {wanted.feature}: "{wanted.name}"'


def _packs(row: Requirement) -> str:
    return f"for systems with {' and '.join(row.packs)}".replace("with no ", "without ") if row.packs else ""


def _in_default(row: Requirement) -> str:
    """What the default release makes of it, where that is something of note."""
    if row.superseded:
        return f"superseded by {row.superseded} in {DEFAULT}"
    return "" if row.release in releases()[DEFAULT].takes else f"not in {DEFAULT}"


def _check(identifier: str) -> Iterator[str]:
    check: Check | None = CHECKS.get(identifier) or MONITORS.get(identifier)
    if check is None:
        return
    yield f"check {check.id}: {check.sentence}"
    yield f"  stands on {', '.join(catalogue()[each].cited for each in check.requirements)}"
    yield f"  basis: {check.basis}; layer: {check.layer}"
    yield f"  {check.doc}"
    if check.remedy:
        yield f"  remedy: {check.remedy}"
    kills = sorted({kill.mutation for kill in rows() if kill.check == check.id})
    yield f"  broken by: {', '.join(kills) or 'nothing yet: UNPROVEN'}"


def _rule(identifier: str) -> Iterator[str]:
    found = RULES.get(identifier)
    if found is None:
        return
    yield f"rule {found.id}, {found.level}: {found.sentence}"
    yield f"  stands on {', '.join(catalogue()[each].cited for each in found.requirements)}"
    yield f"  basis: {found.basis}; in force from {found.since}; for {', '.join(found.interactions) or 'every message'}"
    yield f"  {found.doc}"
    if found.remedy:
        yield f"  remedy: {found.remedy}"
    for name in sorted(mutations()):
        if name.removeprefix("rule:").split(".")[0] == found.id:
            example = mutations()[name].row
            yield f"  broken by {name}, made from the good message {example['base']!r}: {_patches(example['patch'])}"


def _patches(patches: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        " ".join(f"{name}={value!r}" if name not in ("layer", "op") else str(value) for name, value in each.items())
        for each in patches
    )


def _case(identifier: str) -> Iterator[str]:
    case = cases().get(identifier.upper())
    if case is None:
        return
    yield f"case {case.id}, the system under test as {case.role}: {case.stimulus}"
    yield f"  expected: {case.expected}"
    yield f"  basis: {case.basis}" + "".join(f"; {catalogue()[each].cited}" for each in case.requirements)
    yield from (f'  played by "{name}" ({slug(name)})' for name in case.scenarios)
    waits = (("pack", case.pack), ("needs", case.needs), ("not played", case.reason))
    yield from (f"  {word}: {text}" for word, text in waits if text)


def _scenario(scenario: Scenario) -> Iterator[str]:
    yield f'scenario "{scenario.name}" ({slug(scenario.name)}), the system under test as {scenario.role}'
    if scenario.cases:
        yield f"  cases {', '.join(scenario.cases)}"
    yield from (f"  {number}. {describe(step)}" for number, step in enumerate(scenario.script, 1))
    yield from (f"  fault: {fault.action}, {fault.towards}, {fault.interaction}" for fault in scenario.faults)


def plan(profile: Profile, seed: int, only: tuple[str, ...]) -> Iterator[str]:
    """What a run would do: the cast and the script of each case. Nothing is started."""
    from pathlib import Path

    order = Order(profile, Path(), seed, 1, only=only)
    sut = sut_practice(profile, {}, seed)
    world = World(profile, sut, seed, 1, "http://127.0.0.1", lambda octets: hashlib.sha256(octets).hexdigest())
    cast = []
    for wanted in selected(order):
        if why := left_out(wanted, profile.force):
            yield f"{slug(wanted.transfer)}: {wanted.name}"
            yield f"  not played: {why}"
        else:
            cast.append((wanted, world.cast(find(wanted.transfer))))
    if profile.driver.kind == "manual":
        yield from worksheet.text(worksheet.sheet(casting for _, casting in cast))
        return
    for wanted, casting in cast:
        peer, patient = casting.plan["peer"], casting.patient
        yield f"{casting.case}: {wanted.name}"
        yield f"  peer {peer['ods']}, ASID {peer['asid']}, party key {peer['party_key']}"
        yield f"  patient {patient['nhs_number']} {patient['family']}, {patient['given']}, born {patient['birth_date']}"
        yield from (f"  {number}. {describe(step)}" for number, step in enumerate(casting.scenario.script, 1))
