"""A finding of ``gp2gp validate``, and what to do about each cause of a schema error."""

from __future__ import annotations

from dataclasses import dataclass

from harness.validation.explanation import Cause
from harness.verdict import Basis, Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a message, or that a person must look at.

    :param rule: id of the rule; ``X-…`` where a reader or a schema found it.
    :param severity: FAIL, WARN or REVIEW.
    :param part: MIME part, 0 the envelope and 1 the payload, -1 the package; ``line`` of it from 1, -1 when unknown.
    :param path: XPath by bare names, or the name of a header.
    :param file_line: line of the file from 1, -1 when unknown.
    """

    rule: str
    requirements: tuple[str, ...]
    severity: Outcome
    basis: Basis
    sentence: str
    part: int = 1
    line: int = -1
    path: str = ""
    expected: str = ""
    found: str = ""
    cause: str = ""
    remedy: str = ""
    file_line: int = -1


CAUSES = {
    Cause.ORDER: "Write the elements in the order of the message model; {element} comes too late or too early.",
    Cause.NAMESPACE: "Put {element} into the namespace that the schema names.",
    Cause.UNKNOWN_ELEMENT: "Leave out {element}, or write it under its right name and in its right place.",
    Cause.MISSING_ELEMENT: "Add what is expected before or inside {element}.",
    Cause.TOO_MANY: "Write {element} no oftener than the message model allows.",
    Cause.MISSING_ATTRIBUTE: "Give {element} the attribute.",
    Cause.UNKNOWN_ATTRIBUTE: "Remove the attribute from {element}, or correct its name.",
    Cause.TYPE: "Correct the value or the xsi:type of {element}.",
    Cause.TEXT: "Remove the text from {element}.",
    Cause.NOT_XML: "Write well-formed XML without a document type.",
}
