"""The published payloads, and the two schemas that each is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xmlschema
from lxml import etree

from fixtures.encodings import UnreadableError, find
from fixtures.hl7 import Element
from harness.validation.schemas import INTERACTIONS, official, schema

# The adaptors' set has extracts and acknowledgements as they are checked today; the request and COPC are in the MIM only.
_SETS = {"RCMR_IN010000UK05": "mim-4.2-7.2", "COPC_IN000001UK01": "mim-4.2-7.2"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A payload. ``name`` is the file below the folder of samples."""

    name: str
    interaction: str
    root: Element


def theirs(shared: Path, interaction: str) -> etree.XMLSchema:
    """The official schema that counts for an interaction."""
    return official(shared / "mim" / _SETS.get(interaction, "adaptor"), interaction)


@cache
def grammar(shared: Path, interaction: str) -> xmlschema.XMLSchema10:
    """The official schema as a model to walk through; no strict processor takes it."""
    folder = "mim-4.2-7.2/TightenedSchemas" if interaction in _SETS else "adaptor/schema"
    return xmlschema.XMLSchema10(str(shared / "mim" / folder / f"{interaction}.xsd"), validation="lax")


def samples(shared: Path) -> list[Sample]:
    """Every payload among the samples, in the order of their names."""
    found = []
    for file in sorted((shared / "samples").rglob("*")):
        if file.is_file() and file.suffix != ".tsv":
            found += _in(file, file.relative_to(shared / "samples").as_posix())
    return found


def _in(file: Path, name: str) -> list[Sample]:
    try:
        roots = [each.root for each in find(file.read_bytes())]
    except UnreadableError:
        return []
    tags = [(etree.QName(root).localname, root) for root in roots]
    return [Sample(name, tag, root) for tag, root in tags if tag in INTERACTIONS]


def valid(shared: Path) -> list[Sample]:
    """The samples that both schemas accept."""
    return [each for each in samples(shared) if accepted(theirs(shared, each.interaction), each) and _by_ours(each)]


def accepted(against: etree.XMLSchema, sample: Sample) -> bool:
    """The verdict of one schema."""
    return bool(against.validate(sample.root))


def _by_ours(sample: Sample) -> bool:
    return accepted(schema(sample.interaction), sample)
