"""The features as data: which scenarios there are, what they say, and whether every sentence resolves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from pytest_bdd.parser import Feature, FeatureParser, Scenario

import gp2gp_conformance
from harness.judging import GIVEN, Wanted
from scenarios.disturbing import named


def folder() -> Path:
    """Where the features stand."""
    return gp2gp_conformance.root() / "features"


def load() -> tuple[tuple[Feature, tuple[Wanted, ...]], ...]:
    """Every feature file with its scenarios, outlines unfolded, in the order of their paths."""
    base = folder()
    found = []
    for path in sorted(base.rglob("*.feature")):
        feature = FeatureParser(str(base), str(path.relative_to(base))).parse()
        found.append((feature, tuple(_wanted(feature))))
    return tuple(found)


def _wanted(feature: Feature) -> list[Wanted]:
    wanted = []
    for template in feature.scenarios.values():
        contexts = [row for examples in template.examples for row in examples.as_contexts()] or [{}]
        wanted += [wanted_of(template.render(context), feature, context) for context in contexts]
    return wanted


def wanted_of(scenario: Scenario, feature: Feature, example: Mapping[str, str]) -> Wanted:
    """One scenario as the harness wants it. :raises ValueError: when it does not begin with the Given of this project."""
    steps = tuple((step.type.capitalize(), step.name) for step in scenario.steps)
    given = re.fullmatch(GIVEN, steps[0][1]) if steps else None
    if given is None:
        raise ValueError(f'{feature.rel_filename}: "{scenario.name}" must begin: Given a transfer in which "..."')
    disturbed = tuple(text for word, text in steps if word == "When")
    text = "\n".join(f"{keyword} {name}" for keyword, name in steps)
    name = scenario.name + (f" ({'; '.join((given['name'], *disturbed))})" if example else "")
    return Wanted(
        feature=feature.rel_filename.replace("\\", "/"),
        name=name,
        tags=tuple(sorted(scenario.tags | feature.tags)),
        steps=steps,
        transfer=named(given["name"], disturbed),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
