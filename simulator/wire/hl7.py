"""Reads the HL7 v3 transmission wrapper and control act that all five GP2GP messages share.

Sources: MIM 3.1.10 and 4.2.00, MCCI_MT010101UK12, MCCI_MT020101UK12, MCAI_MT040101UK03; Response Codes v1.7 §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simulator.wire import names, times, xml
from simulator.wire.departures import D, Departure, Departures, note
from simulator.wire.interactions import BY_ID
from simulator.wire.xml import Element


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: ``@code``, ``@codeSystem``, ``@displayName``, and the qualifier's value code when there is one."""

    code: str
    code_system: str = ""
    display_name: str = ""
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Transmission wrapper and control act, as read. Absent texts are empty strings.

    :param interaction: local name of the root element.
    :param interaction_id: ``interactionId/@extension``.
    :param ack_type: ``acknowledgement/@typeCode``; empty when there is no acknowledgement.
    :param ack_details: codes of ``acknowledgementDetail``, with their ``@typeCode`` in ``detail_types``.
    :param reasons: codes of ``ControlActEvent/reason/justifyingDetectedIssueEvent``.
    :param message_ref: ``acknowledgement/messageRef/id/@root``, as written.
    """

    interaction: str
    id: str = ""
    creation_time: str = ""
    version_code: str = ""
    interaction_id: str = ""
    interaction_root: str = ""
    processing_code: str = ""
    processing_mode_code: str = ""
    accept_ack_code: str = ""
    receiver_asid: str = ""
    sender_asid: str = ""
    author_asid: str = ""
    ack_type: str = ""
    ack_details: tuple[Code, ...] = ()
    detail_types: tuple[str, ...] = ()
    reasons: tuple[Code, ...] = ()
    message_ref: str = ""
    child_order: tuple[str, ...] = ()
    has_subject: bool = False


def read(root: Element) -> tuple[Wrapper, Departures]:
    """The wrapper of a parsed payload. Works whatever prefixes are used; missing elements are departures."""
    found = [*_root_facts(root), *_wrapper_facts(root)]
    acknowledgement = first(root, "acknowledgement")
    act = first(root, "ControlActEvent")
    details = [] if acknowledgement is None else every(acknowledgement, "acknowledgementDetail")
    wrapper = Wrapper(
        interaction=local_name(root),
        id=attribute(root, "id", "root"),
        creation_time=attribute(root, "creationTime", "value"),
        version_code=attribute(root, "versionCode", "code"),
        interaction_id=attribute(root, "interactionId", "extension"),
        interaction_root=attribute(root, "interactionId", "root"),
        processing_code=attribute(root, "processingCode", "code"),
        processing_mode_code=attribute(root, "processingModeCode", "code"),
        accept_ack_code=attribute(root, "acceptAckCode", "code"),
        receiver_asid=extension(root, "communicationFunctionRcv/device", names.OID_ASID),
        sender_asid=extension(root, "communicationFunctionSnd/device", names.OID_ASID),
        author_asid=_author(act),
        ack_type=attribute(root, "acknowledgement", "typeCode"),
        ack_details=tuple(code_of(first(each, "code")) for each in details),
        detail_types=tuple(str(each.get("typeCode", "")) for each in details),
        reasons=() if act is None else tuple(code_of(each) for each in every(act, _REASON)),
        message_ref=attribute(root, "acknowledgement/messageRef/id", "root"),
        child_order=tuple(local_name(child) for child in root.iterchildren("*")),
        has_subject=first(root, "ControlActEvent/subject") is not None,
    )
    return wrapper, tuple(found)


# -- what the readers of the payload use as well. A path is local names with slashes: in the namespace of the element
#    that it starts from, whatever the prefix, or in any where a step begins with "*:".


def first(element: Element, path: str) -> Element | None:
    """The first element at ``path`` below ``element``."""
    return element.find(_qualified(element, path))


def every(element: Element, path: str) -> list[Element]:
    """All elements at ``path`` below ``element``."""
    return element.findall(_qualified(element, path))


def attribute(element: Element, path: str, name: str) -> str:
    """An attribute of the first element at ``path``, as written; empty when there is none."""
    target = first(element, path)
    return "" if target is None else str(target.get(name, ""))


def extension(element: Element, path: str, root: str) -> str:
    """The extension of the ``id`` at ``path`` that is of the scheme ``root``; failing that, of the first ``id``."""
    ids = every(element, path + "/id")
    chosen = next((each for each in ids if each.get("root") == root), ids[0] if ids else None)
    return "" if chosen is None else str(chosen.get("extension", ""))


def code_of(element: Element | None) -> Code:
    """A coded value. The qualifier is written as ``qualifier/value/@code`` or, by some, as ``qualifier/@code``."""
    if element is None:
        return Code("")
    return Code(
        code=str(element.get("code", "")),
        code_system=str(element.get("codeSystem", "")),
        display_name=str(element.get("displayName", "")),
        qualifier=attribute(element, "qualifier/value", "code") or attribute(element, "qualifier", "code"),
    )


def text(element: Element, path: str) -> str:
    """The text at ``path``, without surrounding blanks."""
    target = first(element, path)
    return "" if target is None else xml.text_of(target).strip()


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


_REASON = "reason/justifyingDetectedIssueEvent/code"
# Spine's wrapper checks (ErrorBase1732) ask for exactly one of each; and what else MCCI_MT010101UK12 makes mandatory.
_MANDATORY = {
    "id": "root",
    "creationTime": "value",
    "versionCode": "code",
    "interactionId": "extension",
    "processingCode": "code",
    "processingModeCode": "code",
    "acceptAckCode": "code",
    "communicationFunctionRcv/device/id": "extension",
    "communicationFunctionSnd/device/id": "extension",
    "ControlActEvent": "",
}


def namespace_of(element: Element) -> str:
    """The element's namespace; empty when it has none."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _qualified(element: Element, path: str) -> str:
    return _path(namespace_of(element), path)


# The paths are ours and few, but the namespace is the sender's: hence a bound.
@lru_cache(maxsize=512)
def _path(namespace: str, path: str) -> str:
    own = f"{{{namespace}}}"
    return "/".join("{*}" + step[2:] if step.startswith("*:") else own + step for step in path.split("/"))


def _root_facts(root: Element) -> list[Departure]:
    found = []
    if namespace_of(root) != names.HL7:
        found.append(note(D.HL7_NAMESPACE, str(root.tag)))
    if local_name(root) not in BY_ID:
        found.append(note(D.HL7_UNKNOWN_INTERACTION, local_name(root)))
    return found


def _wrapper_facts(root: Element) -> list[Departure]:
    found = []
    for path, name in _MANDATORY.items():
        elements = every(root, path)
        if not elements or (name and not elements[0].get(name)):
            found.append(note(D.HL7_ELEMENT_MISSING, f"{path}/@{name}" if elements else path))
        if len(elements) > 1:
            found.append(note(D.HL7_ELEMENT_REPEATED, path))
    created = attribute(root, "creationTime", "value")
    if created and times.instant(created) is None:
        found.append(note(D.HL7_TIME, f"creationTime {created}"))
    return found


def _author(act: Element | None) -> str:
    if act is None:
        return ""
    path = "AgentSystemSDS/agentSystemSDS"
    return extension(act, f"author1/{path}", names.OID_ASID) or extension(act, f"author/{path}", names.OID_ASID)
