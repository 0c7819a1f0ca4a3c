"""Where in a message: lines and paths by bare names, whatever prefixes the sender chose."""

from __future__ import annotations

from typing import Any

from lxml import etree

from fixtures.hl7 import Element


def bare(tag: object) -> str:
    """The name without its namespace; empty for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def line(element: Element) -> int:
    """The line in the message, from 1; 0 where unknown."""
    found: Any = element.sourceline
    return int(found or 0)


def path(element: Element) -> str:
    """XPath by bare names, with a position where the element has siblings of its name: ``/A/B[2]/C``."""
    steps = [_step(element), *(_step(each) for each in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: Element) -> str:
    name = bare(element.tag)
    parent = element.getparent()
    if parent is None:
        return name
    same = [child for child in parent if child.tag == element.tag]
    return f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name


def at(root: Element, libxml2_path: str | None) -> Element:
    """The element that libxml2 names in an error: its own kind of path, ``/*/*[2]``. The root where that fails."""
    try:
        found = etree.ElementTree(root).xpath(libxml2_path or "/*")
    except etree.XPathError:
        return root
    first = found[0] if isinstance(found, list) and found else root
    return first if isinstance(first, Element) else root
