"""Made-up fields for messages of our own: well-formed identifiers, and any text that XML can hold."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from simulator.wire.interactions import Interaction
from simulator.wire.writers import ebxml
from simulator.wire.writers.gp2gp import Ends
from simulator.wire.writers.package import Attachment


def numbered(form: str, below: int) -> st.SearchStrategy[str]:
    """Texts made from a number: much faster to draw than from a pattern."""
    return st.integers(0, below - 1).map(form.format)


# -- one strategy a kind of field. A reader trims blanks at the ends, so no text has any there.
UUIDS = numbered("{:032X}", 16**32).map(lambda x: f"{x[:8]}-{x[8:12]}-{x[12:16]}-{x[16:20]}-{x[20:]}")
TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
    .map(str.strip)
    .filter(bool)
)
ODS = numbered("X9{:04}", 10**4)
ASIDS = numbered("9990{:08}", 10**8)
PARTIES = numbered("X90001-9{:05}", 10**5)
NHS_NUMBERS = numbered("999{:07}", 10**7)
UTC_TIMES = st.datetimes(min_value=datetime(1000, 1, 1)).map("{:%Y-%m-%dT%H:%M:%SZ}".format)  # noqa: DTZ001
HL7_TIMES = st.datetimes(min_value=datetime(1000, 1, 1)).map("{:%Y%m%d%H%M%S}".format)  # noqa: DTZ001
CODES = numbered("{:02}", 100)
ENDS = st.builds(Ends, UUIDS, HL7_TIMES, ASIDS, ASIDS)
CONTENT_IDS = UUIDS | UUIDS.map("{}@spine.nhs.uk".format) | UUIDS.map("Attachment-{}@host/System/GP2GP2.2A".format)
EXTERNAL = st.builds(ebxml.Reference, UUIDS.map("mid:{}".format), TEXTS, UUIDS.map("_{}".format) | st.just(""))
ATTACHMENTS = st.builds(
    Attachment,
    CONTENT_IDS,
    st.sampled_from(["text/plain", "image/tiff", "application/octet-stream"]),
    st.binary(max_size=200),
    TEXTS,
    UUIDS.map("_{}".format) | st.just(""),
)


def headers(action: Interaction, message_id: str) -> st.SearchStrategy[ebxml.Header]:
    return st.builds(
        ebxml.Header,
        from_party=PARTIES,
        to_party=PARTIES,
        cpa_id=TEXTS,
        conversation_id=UUIDS,
        action=st.just(action.id),
        message_id=st.just(message_id),
        timestamp=UTC_TIMES,
        ref_to_message_id=UUIDS | st.just(""),
        time_to_live=UTC_TIMES | st.just(""),
    )
