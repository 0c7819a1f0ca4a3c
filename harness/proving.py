"""``gp2gp prove``: plays every mutation of the reference practice and finds which check kills it.

All mutants and the clean practice are played side by side inside one reference practice, each mutation bound to its own
case. A check is proved when it fails on a mutant and on nothing of the clean practice: with every requirement in force, and
under each profile of the declared list.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

import gp2gp_conformance
from harness import conduct, features
from harness.checks import CHECKS, Check, run
from harness.checks.second import disagreement
from harness.evidence import Evidence, by_case
from harness.force import EVERYTHING, Force
from harness.judging import Wanted
from harness.monitors import MONITORS, QUIET, of_case, watch_all
from harness.mutations import Mutation, mutations
from harness.profile import load
from harness.profiles import Named, profiles
from harness.proof import FILE, Kill, as_json, rows
from harness.rules import RULES, Rule
from harness.verdict import Finding, Outcome
from harness.world import slug
from scenarios import find
from simulator import ledger
from simulator.protocol.script import Ask

KILLS = frozenset({Outcome.FAIL, Outcome.WARN})
SOUND = frozenset({Outcome.PASS, Outcome.OBSERVED})
"""What may be found on the clean practice; anything else is a false alarm."""


class ProveTrouble(Exception):
    """A proof that cannot begin; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One scenario against one mutant; against the clean practice when ``mutation`` is ``None``."""

    wanted: Wanted
    mutation: Mutation | None

    @property
    def case(self) -> str:
        """Its case id."""
        name = slug(self.wanted.transfer)
        return f"{name}~{self.mutation.id}" if self.mutation else name


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of a proof: kills, false alarms on the clean practice, and how long it took in seconds."""

    kills: tuple[Kill, ...]
    alarms: tuple[tuple[str, Finding], ...]
    trials: int
    seconds: float


def trials(chosen: Iterable[Mutation], *, clean: bool = True) -> list[Trial]:
    """Every mutation against the scenarios that its row names, and the clean practice against all."""
    wanted = {each.transfer: each for _, scenarios in features.load() for each in scenarios}
    made = [Trial(each, None) for each in wanted.values()] if clean else []
    for mutation in chosen:
        for name in mutation.scenarios:
            if name not in wanted:
                raise ProveTrouble(f"fixtures/mutations.toml: {mutation.id}: there is no scenario {name!r}.")
            made.append(Trial(wanted[name], mutation))
    return made


def play(made: Sequence[Trial], out: Path, seed: int, jobs: int) -> dict[str, Evidence]:
    """Play the trials in one reference practice; what was seen of each, by case."""
    profile = load(gp2gp_conformance.root() / "fixtures" / "reference.toml")
    order = conduct.Order(profile, out, seed, 0, jobs)
    with conduct.staged(order, lambda text: "") as stage:
        castings = []
        for trial in made:
            scenario = find(trial.wanted.transfer)
            if trial.mutation:
                change = Ask("configure", {"condition": "mutation", "value": trial.mutation.id})
                scenario = replace(scenario, script=(change, *scenario.script))
            castings.append(stage.world.cast(scenario, case=trial.case))
        stage.session.play(castings)
    cases, blobs = by_case(ledger.read(out)), ledger.Blobs(out)
    return {trial.case: Evidence(cases.get(trial.case, []), blobs) for trial in made}


def found(trial: Trial, evidence: Evidence) -> tuple[Finding, ...]:
    """What is found in a trial with every requirement in force: whether a check bites is no question of a release."""
    return _all_found(trial, evidence.under(force=Force(EVERYTHING).facts()))


def _all_found(trial: Trial, evidence: Evidence) -> tuple[Finding, ...]:
    """What the checks of a trial's scenario found, and the monitors, whose notes prove nothing and alarm nobody."""
    every = [finding for check in trial.wanted.checks for finding in _found(check, evidence)]
    every += of_case(watch_all({trial.case: evidence}), trial.case)
    return tuple(finding for finding in every if finding.check not in MONITORS or finding.outcome not in QUIET)


def _found(check: Check, evidence: Evidence) -> tuple[Finding, ...]:
    seen = run(check, evidence)
    second = disagreement(seen, evidence)
    return (*seen, second) if second else seen


def prove(made: Sequence[Trial], out: Path, seed: int, jobs: int) -> Proved:
    """Play, and read off kills and false alarms: with every requirement in force, and under each profile of the list."""
    begun = time.monotonic()
    seen = play(made, out, seed, jobs)
    kills, alarms = [], []
    for trial in made:
        for finding in found(trial, seen[trial.case]):
            if finding.outcome is Outcome.ERROR or (trial.mutation is None and finding.outcome not in SOUND):
                alarms.append((trial.case, finding))
            elif trial.mutation is None:
                continue
            elif finding.check in RULES:
                # A flaw was seen, whatever its level makes of it; and the check that looks at the rules has failed.
                kills += [_kill(trial, trial.mutation, name) for name in (finding.check, "V-rules")]
            elif finding.outcome in KILLS:
                kills.append(_kill(trial, trial.mutation, finding.check))
    clean = {trial: seen[trial.case] for trial in made if trial.mutation is None}
    alarms += [alarm for each in profiles() for alarm in false_alarms(each, clean)]
    return Proved(tuple(dict.fromkeys(kills)), tuple(alarms), len(made), time.monotonic() - begun)


def false_alarms(named: Named, clean: Mapping[Trial, Evidence]) -> Iterator[tuple[str, Finding]]:
    """What the judge would hold against the clean practice under one profile."""
    profile, allowed = named.profile, SOUND | {Outcome.NOT_APPLICABLE} | (set() if named.pinned else {Outcome.REVIEW})
    facts = {"force": profile.force.facts(), "readings": profile.readings.model_dump()}
    for trial, evidence in clean.items():
        if evidence.role in profile.roles and not conduct.left_out(trial.wanted, profile.force):
            for finding in _all_found(trial, evidence.under(**facts)):
                if finding.outcome not in allowed:
                    yield f"{trial.case} under {named.name}", finding


def _kill(trial: Trial, mutation: Mutation, check: str) -> Kill:
    return Kill(
        check=check,
        mutation=mutation.id,
        scenario=trial.wanted.transfer,
        check_digest=known()[check].digest,
        mutation_digest=mutation.digest,
        scenario_digest=trial.wanted.digest,
    )


def known() -> Mapping[str, Check | Rule]:
    """Everything that can fail: checks, monitors, and the rules of message shape that a live message can break."""
    return {**CHECKS, **MONITORS, **RULES}


def to_prove() -> set[str]:
    """What must kill a mutation: what judges, and every rule whose example the reference practice can send."""
    judging = {name for name, check in (CHECKS | MONITORS).items() if not check.notes}
    live = {m.row["id"] for m in mutations().values() if m.id.startswith("rule:") and not m.needs}
    return judging | (live & set(RULES))


def command(out: Path | None, seed: int, write: bool, only: Sequence[str], jobs: int) -> int:
    """Prove, print the matrix, and with ``write`` commit it to fixtures/. 0 when every check kills and none cries wolf."""
    chosen = _chosen(only)
    with tempfile.TemporaryDirectory(prefix="gp2gp-prove-") as scratch:
        proved = prove(trials(chosen.values()), out or Path(scratch) / "run", seed, jobs)
    show(proved, chosen)
    if write:
        _write(proved, chosen, whole=not only)
    if proved.alarms:
        return 1
    return 0 if only or not unproved(proved.kills) else 1


def _chosen(only: Sequence[str]) -> Mapping[str, Mutation]:
    every = mutations()
    unknown = [name for name in only if name not in every]
    if unknown:
        raise ProveTrouble(f"There is no mutation {', '.join(unknown)}; see fixtures/mutations.toml.")
    return {name: every[name] for name in only} if only else every


def unproved(kills: Iterable[Kill]) -> list[str]:
    """The checks, monitors and rules that kill nothing."""
    return sorted(to_prove() - {kill.check for kill in kills})


def show(proved: Proved, chosen: Mapping[str, Mutation]) -> None:
    """Print which check kills which mutation, what survives, and what cried wolf."""
    by_check: dict[str, set[str]] = defaultdict(set)
    for kill in proved.kills:
        by_check[kill.check].add(kill.mutation)
    for check in sorted(by_check):
        click.echo(f"{check:<26} kills {len(by_check[check]):>3}: {', '.join(sorted(by_check[check]))}")
    for check in unproved(proved.kills):
        click.echo(f"{check:<26} UNPROVEN: kills nothing")
    killed = {kill.mutation for kill in proved.kills}
    for name in sorted(set(chosen) - killed):
        click.echo(f"survives: {name} ({chosen[name].summary})")
    for case, finding in proved.alarms:
        click.echo(
            f"false alarm on the clean practice: {case}: {finding.check} {finding.outcome}: {finding.actual} {finding.reason}"
        )
    wanted, left = to_prove(), unproved(proved.kills)
    click.echo(
        f"{len(wanted) - len(left)} of {len(wanted)} checks, monitors and rules kill a mutation, "
        f"{len(killed)} of {len(chosen)} mutations are killed, {len(proved.alarms)} false alarms on the clean practice "
        f"under {len(profiles())} profiles; "
        f"{proved.trials} trials in {proved.seconds:.0f} s"
    )


def _write(proved: Proved, chosen: Mapping[str, Mutation], *, whole: bool) -> None:
    path = gp2gp_conformance.root() / "fixtures" / FILE
    kept = () if whole else tuple(kill for kill in rows() if kill.mutation not in chosen)
    text = json.dumps(as_json((*kept, *proved.kills), mutations()), indent=1)
    path.write_text(text + "\n", "utf-8")
    click.echo(f"wrote {path.name}")
