"""What is taken a shorter way, because every message goes it, leads to the same as the long way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from simulator.wire import mime, xml

LIMIT = 998
_LENGTHS = st.sampled_from([0, 1, 76, 77, 996, 997, 998, 999, 1_000, 2_500])


@given(st.lists(st.tuples(_LENGTHS, st.sampled_from([b"\n", b"\r\n"])), max_size=8), _LENGTHS, st.integers(1, 4))
def test_a_long_line_is_found_wherever_it_stands(lines: list[tuple[int, bytes]], last: int, times: int) -> None:
    """Also among lines of one length, after them, and where the last has no end."""
    data = b"".join(b"x" * length + end for length, end in lines) * times + b"x" * last
    longest = max(len(line.removesuffix(b"\r")) for line in data.split(b"\n"))
    # One octet over the limit is let pass where it may be the first of the line break.
    if longest <= LIMIT:
        assert not mime._has_long_line(data)
    if longest > LIMIT + 1:
        assert mime._has_long_line(data)


@given(st.text(alphabet="ab \n", max_size=5), st.text(alphabet="ab", max_size=3), st.text(alphabet="ab", max_size=3))
def test_text_is_the_xpath_string(before: str, inner: str, after: str) -> None:
    """With and without children, comments, CDATA and nothing at all."""
    for inside in ("", "<b/>", f"<b>{inner}</b>", f"<!--{inner}-->", f"<![CDATA[{inner}]]>", f"<?p {inner}?>"):
        element = etree.fromstring(f"<a>{before}{inside}{after}</a>")
        assert xml.text_of(element) == element.xpath("string()")


def test_a_remembered_media_type_is_nobodys_to_change() -> None:
    """What one reader does to its parameters, the next does not see."""
    written = 'multipart/related; boundary="a"; type=text/xml'
    first = mime.media_type(written)
    first[1]["boundary"] = "changed"
    assert mime.media_type(written)[1] == {"boundary": "a", "type": "text/xml"}
    assert mime.media_type(written)[2] == first[2] != ()
