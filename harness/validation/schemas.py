"""The schemas of ``fixtures/schemas``, and the official ones where the user has them: verdicts and explanations.

libxml2 gives the verdict: it is quick, and every build of the official schemas loads in it. xmlschema gives the
explanation of a message that failed: it knows what was allowed at a place. Both take the same documents and agree on
every published sample (``docs/schema-differences.md``).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

import fixtures
from fixtures.hl7 import Element
from harness.validation.explanation import Cause, Explanation, explanations, from_log
from harness.validation.places import at, path

__all__ = [
    "INTERACTIONS",
    "OFFICIAL_ONLY",
    "OTHERS",
    "Cause",
    "Explanation",
    "SchemaError",
    "explain",
    "grammar",
    "official",
    "schema",
    "verdict",
]

INTERACTIONS = (
    "RCMR_IN010000UK05",
    "RCMR_IN030000UK06",
    "RCMR_IN030000UK07",
    "COPC_IN000001UK01",
    "MCCI_IN010000UK13",
)
"""The interactions that have a schema of ours."""

OFFICIAL_ONLY = ("RCMR_IN010000UK06", "RCMR_IN030000UK08")
"""The interactions of MIM 7.2.02 without a published sample: checked only with the official schemas."""

OTHERS = {"Envelope": "soap.xsd", "Gp2gpfragment": "fragment.xsd"}
"""What else has a schema of ours, by the name of its root element."""

LIMIT = 20
"""How many errors of one message are reported: enough to work with, few enough to read."""

MAX_ELEMENTS = 100_000
"""Beyond so many elements, about 6 MB of extract, the quick engine explains as well as it can: xmlschema needs five
seconds for as many."""

MAX_ATTRIBUTES = 100
"""The same for the attributes of one element, on which xmlschema spends the square of their number."""

_NAMESPACE = re.compile(r"\{[^{}\s]*[:/][^{}\s]*\}")
_FOLDER = Path(fixtures.__file__).parent / "schemas"
# The sets in which an official schema is looked for, as the NHS repositories lay them out. The adaptors' set comes first
# where it has the interaction: it is what checks extracts and acknowledgements today.
_LAYOUTS = ("adaptor/schema", "mim-4.2-7.2/TightenedSchemas", "schema", "TightenedSchemas", "Schemas", ".")
# libxml2 keeps the errors of a validation in the schema object.
_ONE_AT_A_TIME = threading.Lock()


class SchemaTrouble(Exception):
    """A folder without official schemas; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One error: where, and in libxml2's words without namespaces.

    :param line: of the message, from 1; 0 where unknown. :param path: XPath of the element, by bare names.
    """

    line: int
    path: str
    text: str


def schema(interaction: str) -> etree.XMLSchema:
    """Our schema for an interaction, for ``Envelope`` or for ``Gp2gpfragment``; compiled once.

    :raises ValueError: when there is none of ours.
    """
    return _compiled(_file(interaction))


@cache
def grammar(interaction: str) -> xmlschema.XMLSchema10:
    """Our schema in the second engine, loaded strictly: a model of what is allowed that can be walked through.

    :raises ValueError: when there is none of ours.
    """
    return xmlschema.XMLSchema10(str(_file(interaction)), validation="strict")


def official(folder: Path, interaction: str) -> etree.XMLSchema:
    """The official schema for an interaction, in a folder that holds one of the published sets; compiled once.

    :raises ValueError: when it is not there or cannot be compiled: one sentence for the user.
    """
    for layout in _LAYOUTS:
        file = folder / layout / f"{interaction}.xsd"
        if file.is_file():
            return _compiled(file.resolve())
    looked = ", ".join(_LAYOUTS[:-1])
    raise ValueError(f"{folder} holds no {interaction}.xsd, neither itself nor in {looked}")


def need(folder: Path) -> None:
    """:raises SchemaTrouble: when the folder holds none of the official schemas."""
    sentence = ""
    for interaction in (*INTERACTIONS, *OFFICIAL_ONLY):
        try:
            official(folder, interaction)
        except ValueError as trouble:
            sentence = sentence or str(trouble)
        else:
            return
    raise SchemaTrouble(f"{sentence}.")


def verdict(root: Element, interaction: str, against: etree.XMLSchema | None = None) -> tuple[SchemaError, ...]:
    """What is wrong, first error first, at most ``LIMIT``; empty when the message is valid.

    :param against: another schema than ours, as :func:`official` returns it.
    :raises ValueError: when there is no schema for the interaction.
    """
    chosen = schema(interaction) if against is None else against
    with _ONE_AT_A_TIME:
        if chosen.validate(root):
            return ()
        entries = _first_errors(chosen)
    return tuple(
        SchemaError(entry.line, path(at(root, entry.path)), _without_namespaces(entry.message)) for entry in entries
    )


def explain(message: Element | bytes, interaction: str) -> tuple[Explanation, ...]:
    """What is wrong and what was allowed instead, first error first, at most ``LIMIT``; empty when valid.

    :param message: the payload, parsed or as octets. Octets that are no XML, or that declare a document type, are
        explained too.
    :raises ValueError: when there is no schema of ours for the interaction.
    """
    ours = schema(interaction)
    if isinstance(message, bytes):
        parsed = _parsed(message)
        if isinstance(parsed, Explanation):
            return (parsed,)
        message = parsed
    with _ONE_AT_A_TIME:
        if ours.validate(message):
            return ()
        entries = _first_errors(ours)
    found = explanations(grammar(interaction), message, LIMIT) if _small(message) else ()
    return found or from_log(entries, message)


def _small(message: Element) -> bool:
    counted = enumerate(message.iter(etree.Element), 1)
    return all(number <= MAX_ELEMENTS and len(each.attrib) <= MAX_ATTRIBUTES for number, each in counted)


def _first_errors(judged: etree.XMLSchema) -> list[Any]:
    log: Any = judged.error_log
    return list(islice(log, LIMIT))


def _file(interaction: str) -> Path:
    if interaction not in INTERACTIONS and interaction not in OTHERS:
        known = ", ".join((*INTERACTIONS, *OTHERS))
        raise ValueError(f"there is no schema for {interaction!r}; there is one for {known}")
    return _FOLDER / OTHERS.get(interaction, f"{interaction}.xsd")


@cache
def _compiled(file: Path) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.parse(str(file)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError) as error:
        raise ValueError(f"{file} is no schema that can be used: {error}") from None


def _parsed(octets: bytes) -> Element | Explanation:
    if b"<!DOCTYPE" in octets:
        return Explanation(1, "/", "", ("no document type",), "<!DOCTYPE", Cause.NOT_XML)
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(octets, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return Explanation(line, "/", "", ("well-formed XML",), f"a fault in line {line}", Cause.NOT_XML)


def _without_namespaces(text: str) -> str:
    return _NAMESPACE.sub("", text)
