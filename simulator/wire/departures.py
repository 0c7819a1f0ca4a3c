"""What a reader reports when the octets are not quite what the standards say.

A departure is a fact about octets, not a judgement: it has a closed code, the place, and a short detail. It carries no
severity, because whether it matters depends on who sent it and on which document one holds against it; checks decide
(architecture, "Departures"). Readers return ``(value, departures)`` and never raise for what the other side sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class D(StrEnum):
    """Every departure a reader can report. The value is what the ledger and the reports print."""

    # -- HTTP
    CONTENT_LENGTH_LIES = "http.content-length-lies"
    CONTENT_TYPE_MISSING = "http.content-type-missing"
    SOAP_ACTION_MISSING = "http.soapaction-missing"
    # -- MIME: the package
    NOT_MULTIPART = "mime.not-multipart"
    TYPE_UNQUOTED = "mime.type-unquoted"
    TYPE_MISSING = "mime.type-missing"
    START_UNQUOTED = "mime.start-unquoted"
    START_NO_ANGLE_BRACKETS = "mime.start-no-angle-brackets"
    START_MISSING = "mime.start-missing"
    START_NOT_FIRST = "mime.start-names-another-part"
    PARAMETER_SPACED = "mime.blank-beside-equals"
    BOUNDARY_MISSING = "mime.boundary-missing"
    BOUNDARY_UNQUOTED = "mime.boundary-unquoted"
    BOUNDARY_GUESSED = "mime.boundary-guessed-from-body"
    BARE_LF = "mime.bare-lf"
    PREAMBLE = "mime.preamble"
    EPILOGUE = "mime.epilogue"
    CLOSING_MISSING = "mime.closing-delimiter-missing"
    NO_PARTS = "mime.no-parts"
    TOO_MANY_PARTS = "mime.too-many-parts"
    # -- MIME: a part
    HEADER_MALFORMED = "mime.header-malformed"
    HEADER_DUPLICATE = "mime.header-repeated"
    HEADERS_UNTERMINATED = "mime.headers-without-blank-line"
    CONTENT_ID_MISSING = "mime.content-id-missing"
    CONTENT_ID_NO_ANGLE_BRACKETS = "mime.content-id-no-angle-brackets"
    CONTENT_ID_PERCENT_ENCODED = "mime.content-id-percent-encoded"
    CONTENT_ID_DUPLICATE = "mime.content-id-repeated"
    PART_TYPE_MISSING = "mime.part-content-type-missing"
    ENCODING_MISSING = "mime.transfer-encoding-missing"
    ENCODING_UNKNOWN = "mime.transfer-encoding-unknown"
    BASE64_INVALID = "mime.base64-invalid"
    BASE64_UNWRAPPED = "mime.base64-unwrapped"
    QUOTED_PRINTABLE = "mime.quoted-printable"
    EIGHT_BIT_IN_SEVEN = "mime.8bit-data-in-7bit-part"
    # -- XML
    XML_MALFORMED = "xml.not-well-formed"
    XML_DTD = "xml.dtd"
    XML_TOO_DEEP = "xml.too-deep"
    XML_TOO_LARGE = "xml.too-large"
    XML_EMPTY = "xml.empty"
    XML_ENCODING_DIFFERS = "xml.encoding-differs-from-mime-charset"
    XML_BYTES_BEFORE_ROOT = "xml.blank-before-declaration"
    # -- ebXML
    EBXML_NOT_SOAP = "ebxml.not-a-soap-envelope"
    EBXML_ELEMENT_MISSING = "ebxml.element-missing"
    EBXML_ELEMENT_REPEATED = "ebxml.element-repeated"
    EBXML_TIMESTAMP = "ebxml.timestamp-unreadable"
    EBXML_TIMESTAMP_NO_ZONE = "ebxml.timestamp-without-zone"
    EBXML_PARTY_TYPE = "ebxml.party-type"
    EBXML_ATTRIBUTE_UNQUALIFIED = "ebxml.attribute-without-namespace"
    EBXML_REFERENCE_NO_HREF = "ebxml.reference-without-href"
    EBXML_CID_UNRESOLVED = "ebxml.cid-without-part"
    EBXML_PART_UNREFERENCED = "ebxml.part-without-reference"
    # -- manifest Description
    DESCRIPTION_NO_PAIRS = "description.no-key-value-pairs"
    DESCRIPTION_LOOSE_TEXT = "description.text-outside-pairs"
    DESCRIPTION_UNSPACED = "description.no-blank-between-pairs"
    DESCRIPTION_UNQUOTED = "description.value-unquoted"
    DESCRIPTION_QUOTE_OPEN = "description.quote-unclosed"
    DESCRIPTION_KEY_UNKNOWN = "description.key-unknown"
    DESCRIPTION_KEY_REPEATED = "description.key-repeated"
    DESCRIPTION_KEY_MISSING = "description.key-missing"
    DESCRIPTION_VALUE = "description.value-unreadable"
    # -- HL7
    HL7_NO_PAYLOAD = "hl7.no-payload-part"
    HL7_NAMESPACE = "hl7.namespace"
    HL7_ELEMENT_MISSING = "hl7.element-missing"
    HL7_ELEMENT_REPEATED = "hl7.element-repeated"
    HL7_UNKNOWN_INTERACTION = "hl7.unknown-interaction"
    HL7_TIME = "hl7.time-unreadable"


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure.

    :param code: which one, from the closed list.
    :param offset: byte offset in the octets that the reader was given, or -1 when no single place can be named.
    :param detail: what stood there, shortened to a line; never more than 200 characters.
    :param part: number of the MIME part, the envelope being 0; -1 for the package as a whole.
    """

    code: D
    offset: int = -1
    detail: str = ""
    part: int = -1


Departures = tuple[Departure, ...]

_DETAIL = 200


def note(code: D, detail: str = "", *, offset: int = -1, part: int = -1) -> Departure:
    """A departure whose detail is made fit to print: one line, no control characters, at most 200 characters."""
    line = " ".join(detail[: 4 * _DETAIL].split())[:_DETAIL]
    return Departure(code, offset, "".join(c if c.isprintable() else "?" for c in line), part)
