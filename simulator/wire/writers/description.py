"""Writes the ``key=value`` text of a manifest entry (Handling Large Messages v1.1 §2.3.1, LM23, LM24)."""

from __future__ import annotations

import re

SKELETON = "X-GP2GP-Skeleton: Yes"  # the only DomainData value that is defined (LM24)

_TOKEN = re.compile(r"[!#$%&'*+\-./0-9A-Z^_`a-z|~]+/[!#$%&'*+\-./0-9A-Z^_`a-z|~]+")
_QUOTABLE = re.compile(r'[^"\x00-\x1f\x7f]+')


def describe(
    filename: str,
    content_type: str,
    *,
    compressed: bool,
    large: bool,
    original_base64: bool,
    length: int,
    domain_data: str = "",
) -> str:
    """The pairs in the order of the specification's examples, one blank between them.

    :param content_type: the *original* media type, even where the MIME part travels as ``application/octet-stream``.
    :param length: bytes after compression and base64: what the attachment would add to a message's content length.
    :param domain_data: only on the reference to the removed HL7 of a skeleton, then :data:`SKELETON`.
    :raises ValueError: for a text that the quotes cannot hold, a type that is none, or a negative length.
    """
    if filename != filename.strip():
        raise ValueError("a file name with blanks at its ends is not read back by every system")
    if not _TOKEN.fullmatch(content_type):
        raise ValueError(f"not a media type: {content_type!r}")
    if length < 0:
        raise ValueError(f"not a length: {length}")
    domain = f" DomainData={_quoted(domain_data, 'domain data')}" if domain_data else ""
    return (
        f"Filename={_quoted(filename, 'file name')} ContentType={content_type} Compressed={_yes_no(compressed)}"
        f" LargeAttachment={_yes_no(large)} OriginalBase64={_yes_no(original_base64)} Length={length}{domain}"
    )


def _quoted(value: str, what: str) -> str:
    if not _QUOTABLE.fullmatch(value):
        raise ValueError(f"{what} is empty, or holds a quote or a control character, which the format cannot escape")
    return f'"{value}"'


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"
