"""The key=value text of ``eb:Description`` (Handling Large Messages v1.1 §2.3), and documents against their references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harness.rules.attachments import bodies, named
from harness.rules.places import beside, described, spot
from harness.rules.register import EXTRACTS, POINT_TO_POINT, Flaw, Subject, once, rule
from simulator.wire.departures import D
from simulator.wire.description import KEYS, MANDATORY, Description
from simulator.wire.envelope import Reference

_SKELETON = "X-GP2GP-Skeleton: Yes"
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_DESCRIBED = (*EXTRACTS, POINT_TO_POINT)
_PAIRS = {key: re.compile(rf'(?:^|\s|"){key}=("[^"]*"|\S*)') for key in KEYS}
_KEY, _QUOTED = re.compile(r"([A-Za-z][\w.-]*)="), re.compile(r'"[^"]*"')
_FLAGS = ("Compressed", "LargeAttachment", "OriginalBase64")


@once
def told(subject: Subject) -> Iterator[tuple[Reference, Description, frozenset[str]]]:
    """The references that have to describe a file. In a point to point message those to its further pieces: what stands
    beside a piece's own data is one word in every official example."""
    extract = subject.interaction in EXTRACTS
    for each in beside(subject):
        if extract or each.scheme == "mid":
            yield each, *described(each.description)


def _at(reference: Reference, expected: str, found: str) -> Flaw:
    return spot(expected, found, "eb:Reference/eb:Description", reference.line or -1)


def _pair(text: str, key: str) -> str:
    """A key's value as written, with its quotes; empty when the key is not there."""
    found = _PAIRS[key].search(text)
    return found[1] if found else ""


@lru_cache(maxsize=256)
def _keys(text: str) -> tuple[str, ...]:
    return tuple(_KEY.findall(_QUOTED.sub('" ', text)))


@rule(
    "R-description-01",
    "a part that follows is described by the five keys",
    "LM24",
    "LM23",
    interactions=_DESCRIBED,
    since="2.2a",
)
def mandatory(subject: Subject) -> Iterator[Flaw]:
    """Filename, ContentType, Compressed, LargeAttachment, Length of every ``mid:`` reference."""
    for each, _, _ in told(subject):
        lacking = [key for key in MANDATORY if key not in _keys(each.description)]
        if lacking and each.scheme == "mid":
            yield _at(each, ", ".join(lacking), each.description)


@rule(
    "R-description-02",
    "an attachment in line is described as one that follows",
    "LM23",
    level="SHOULD",
    interactions=EXTRACTS,
    since="2.2a",
)
def inline_described(subject: Subject) -> Iterator[Flaw]:
    """The same keys of ``cid:`` references: LM24 names point to point messages alone; some write the bare file name."""
    for each, _, _ in told(subject):
        lacking = [key for key in MANDATORY if key not in _keys(each.description)]
        if lacking and each.scheme == "cid":
            yield _at(each, ", ".join(lacking), each.description)


@rule(
    "R-description-03",
    "keys are spelt as the specification spells them",
    "LMS-C",
    interactions=_DESCRIBED,
    since="2.2a",
)
def key_case(subject: Subject) -> Iterator[Flaw]:
    """Keys are case-sensitive: ``filename`` is nobody's key."""
    exact = {key.lower(): key for key in KEYS}
    for each, _, _ in told(subject):
        for key in _keys(each.description):
            if exact.get(key.lower(), key) != key:
                yield _at(each, exact[key.lower()], key)


@rule("R-description-04", "no key is made up", "LM24", level="REVIEW", interactions=_DESCRIBED, since="2.2a")
def known_keys(subject: Subject) -> Iterator[Flaw]:
    """Keys beside the seven: receivers pass over them, and no document forbids them."""
    known = {key.lower() for key in KEYS}
    for each, _, _ in told(subject):
        for key in _keys(each.description):
            if key.lower() not in known:
                yield _at(each, "one of the seven keys", key)


@rule("R-description-05", "the file name is quoted", "LMS-C", interactions=_DESCRIBED, since="2.2a")
def quoted(subject: Subject) -> Iterator[Flaw]:
    """``Filename="..."``: names may hold blanks."""
    for each, _, _ in told(subject):
        pair = _pair(each.description, "Filename")
        if "Filename" in _keys(each.description) and not re.fullmatch(r'"[^"]+"', pair):
            yield _at(each, 'Filename="..."', pair)


@rule("R-description-06", "flags say Yes or No", "LMS-C", "LM26", interactions=_DESCRIBED, since="2.2a")
def flags(subject: Subject) -> Iterator[Flaw]:
    """Compressed, LargeAttachment, OriginalBase64: values are case-sensitive too."""
    for each, _, _ in told(subject):
        for key in _FLAGS:
            if key in _keys(each.description) and _pair(each.description, key) not in ("Yes", "No"):
                yield _at(each, f"{key}=Yes or {key}=No", _pair(each.description, key))


@rule("R-description-07", "the length is a number", "LM24", "LMS-C", interactions=_DESCRIBED, since="2.2a")
def length_number(subject: Subject) -> Iterator[Flaw]:
    """``Length``: digits, no unit, no separators."""
    for each, _, _ in told(subject):
        if "Length" in _keys(each.description) and not re.fullmatch(r"[0-9]+", _pair(each.description, "Length")):
            yield _at(each, "digits", _pair(each.description, "Length"))


@rule(
    "R-description-08",
    "the length is that of the attachment in base64",
    "LM24",
    "LMS-C",
    interactions=EXTRACTS,
    since="2.2a",
)
def length_true(subject: Subject) -> Iterator[Flaw]:
    """``Length`` of an attachment in line: bytes after compression and base64, line breaks counted or not."""
    sizes = {number: size for number, _, size, _ in bodies(subject)}
    for reference, number, part in named(subject):
        length, bare = described(reference.description)[0].length, sizes[number]
        if length is not None and not bare <= length <= max(len(part.body), bare + bare // 32) + 2:
            yield _at(reference, f"{len(part.body)} bytes, those of part {number}", str(length))


@rule("R-description-09", "the content type is a media type", "LM24", interactions=_DESCRIBED, since="2.2a")
def content_type(subject: Subject) -> Iterator[Flaw]:
    """``ContentType``: type and subtype, no parameters, no quotes."""
    for each, _, _ in told(subject):
        if "ContentType" in _keys(each.description) and not _TYPE.fullmatch(_pair(each.description, "ContentType")):
            yield _at(each, "type/subtype", _pair(each.description, "ContentType"))


@rule(
    "R-description-10", "domain data says skeleton, and says it exactly", "LM24", interactions=_DESCRIBED, since="2.2a"
)
def domain_data(subject: Subject) -> Iterator[Flaw]:
    """``DomainData``: the one value that is defined, in quotes."""
    for each, _, _ in told(subject):
        pair = _pair(each.description, "DomainData")
        if "DomainData" in _keys(each.description) and pair != f'"{_SKELETON}"':
            yield _at(each, f'DomainData="{_SKELETON}"', pair)


@rule(
    "R-description-11",
    "the removed payload follows in a message of its own",
    "LM10",
    interactions=EXTRACTS,
    since="2.2a",
)
def skeleton_follows(subject: Subject) -> Iterator[Flaw]:
    """The reference with DomainData: one in an extract, by ``mid:``."""
    marked = [each for each, about, _ in told(subject) if about.skeleton]
    for each in marked:
        if each.scheme != "mid" or len(marked) > 1:
            yield _at(each, "one mid: reference", f"{len(marked)}, {each.href}")


@rule(
    "R-description-12", "the removed payload is compressed", "LM10", level="REVIEW", interactions=EXTRACTS, since="2.2a"
)
def skeleton_compressed(subject: Subject) -> Iterator[Flaw]:
    """``Compressed`` of the reference with DomainData: LM10 wants GZIP, the figures of the same document print No."""
    for each, about, _ in told(subject):
        if about.skeleton and not about.compressed:
            yield _at(each, "Compressed=Yes", each.description)


@rule(
    "R-description-13",
    "a description holds nothing but its pairs, each key once",
    "LMS-C",
    interactions=_DESCRIBED,
    since="2.2a",
)
def only_pairs(subject: Subject) -> Iterator[Flaw]:
    """Loose words, repeated keys, an open quote, pairs that touch."""
    odd = {D.DESCRIPTION_LOOSE_TEXT, D.DESCRIPTION_KEY_REPEATED, D.DESCRIPTION_QUOTE_OPEN, D.DESCRIPTION_UNSPACED}
    for each, _, departures in told(subject):
        for code in sorted({each.value for each in odd} & departures):
            yield _at(each, "pairs parted by white space", f"{code}: {each.description}")


@rule("R-description-14", "an attachment in line is not split", "LMS-C", "LM23", interactions=EXTRACTS, since="2.2a")
def inline_whole(subject: Subject) -> Iterator[Flaw]:
    """``LargeAttachment=Yes`` says that pieces follow; what is in this message is whole."""
    for each, about, _ in told(subject):
        if each.scheme == "cid" and about.large:
            yield _at(each, "LargeAttachment=No beside cid:", each.description)


@rule(
    "R-description-15",
    "a description says whether the original was base64",
    "LMS-C",
    level="REVIEW",
    interactions=_DESCRIBED,
    since="2.2a",
)
def original_base64(subject: Subject) -> Iterator[Flaw]:
    """``OriginalBase64``: in every example of §2.3, not on the list of LM24."""
    for each, about, _ in told(subject):
        if about.filename and about.original_base64 is None and "Filename" in _keys(each.description):
            yield _at(each, "OriginalBase64=Yes or OriginalBase64=No", each.description)
