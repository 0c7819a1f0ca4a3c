"""The documents of a record against the manifest that says where they are (Attachment References v2.0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from harness.rules.descriptions import told
from harness.rules.places import beside, described, envelope, said, spot, value
from harness.rules.register import EXTRACTS, Flaw, Subject, flaw, rule
from harness.verdict import Basis
from simulator.wire.envelope import Reference
from simulator.wire.xml import Element

_LOCALHOST = "file://localhost/"
_URL = re.compile(r"[a-z0-9+-]+:[!-~]*")


def _documents(subject: Subject) -> list[tuple[str, str, Element]]:
    """Id without underscore in upper case, file reference, and element of every ``referredToExternalDocument``."""
    found = []
    for each in subject.root.iter("{*}referredToExternalDocument") if subject.root is not None else ():
        identifier, reference = each.find("{*}id"), each.find("{*}text/{*}reference")
        uid = value(identifier, "root") if identifier is not None else ""
        found.append((uid.removeprefix("_").upper(), value(reference, "value") if reference is not None else "", each))
    return found


def _manifest(subject: Subject) -> dict[str, Reference]:
    return {each.id.removeprefix("_").upper(): each for each in beside(subject) if each.id}


def _skeleton(subject: Subject) -> bool:
    return any(about.skeleton for _, about, _ in told(subject))


@rule("R-reference-01", "every document of the record is in the manifest", "AR01", "AR03", interactions=EXTRACTS)
def in_manifest(subject: Subject) -> Iterator[Flaw]:
    """``referredToExternalDocument/id`` among the ``eb:id``, underscores left out (AR11); a skeleton's one may lack it."""
    there = _manifest(subject)
    for uid, _, each in _documents(subject) if envelope(subject) is not None and not _skeleton(subject) else ():
        if uid not in there:
            yield flaw("an eb:Reference with its id", said(uid), each)


@rule(
    "R-reference-02",
    "every identified reference is a document of the record",
    "AR01",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def in_record(subject: Subject) -> Iterator[Flaw]:
    """The other way round; beside a skeleton the documents are in the part that follows."""
    there = {uid for uid, _, _ in _documents(subject)}
    for uid, each in _manifest(subject).items() if not _skeleton(subject) and subject.root is not None else ():
        if uid not in there:
            yield spot("a referredToExternalDocument with that id", each.id, "eb:Reference/@eb:id", each.line or -1)


@rule("R-reference-03", "a document's file reference is a URI", "AR16", "V-67", interactions=EXTRACTS)
def file_uri(subject: Subject) -> Iterator[Flaw]:
    """``text/reference/@value``: a scheme, no blank, nothing beyond ASCII; the rest is percent-encoded."""
    for _, reference, each in _documents(subject):
        if not _URL.fullmatch(reference) or re.search(r"%(?![0-9A-Fa-f]{2})", reference):
            yield flaw("percent-encoding for what a URI cannot hold", said(reference), each)


@rule(
    "R-reference-04",
    "a document has the same name in record and manifest",
    "AR15",
    "LM23",
    level="SHOULD",
    basis=Basis.FIELD,
    interactions=EXTRACTS,
)
def same_name(subject: Subject) -> Iterator[Flaw]:
    """The last step of ``text/reference/@value``, decoded, and ``Filename``: it is how one receiver joins the two."""
    there = _manifest(subject)
    for uid, reference, each in _documents(subject):
        name = described(there[uid].description)[0].filename if uid in there else ""
        if name and reference.startswith(_LOCALHOST) and unquote(reference.rpartition("/")[2]) != unquote(name):
            yield flaw(said(name), said(reference), each)
