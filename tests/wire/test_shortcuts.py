"""What is taken a shorter way, because every message goes it, leads to the same as the long way."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from simulator.wire import mime, xml

LIMIT = 998
_LENGTHS = (0, 1, 76, 77, 996, 997, 998, 999, 1_000, 2_500)


_LINES = st.sampled_from([b"x" * length + end for length in _LENGTHS for end in (b"\n", b"\r\n")])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_LINES, max_size=8), st.sampled_from(_LENGTHS), st.integers(1, 4))
def test_a_long_line_is_found_wherever_it_stands(lines: list[bytes], last: int, times: int) -> None:
    """Also among lines of one length, after them, and where the last has no end."""
    data = b"".join(lines) * times + b"x" * last
    longest = max(len(line.removesuffix(b"\r")) for line in data.split(b"\n"))
    # One octet over the limit is let pass where it may be the first of the line break.
    if longest <= LIMIT:
        assert not mime._has_long_line(data)
    if longest > LIMIT + 1:
        assert mime._has_long_line(data)


def test_text_is_the_xpath_string() -> None:
    """With and without children, comments, CDATA and nothing at all; with and without text before, inside and behind."""
    forms = ("", "<b/>", "<b>{}</b>", "<!--{}-->", "<![CDATA[{}]]>", "<?p {}?>", "<b><c>{}</c>x</b>")
    for before, form, inner, after in product(("", "a", " ", "\n b"), forms, ("", "a", "ab"), ("", "b", "\n")):
        element = etree.fromstring(f"<a>{before}{form.format(inner)}{after}</a>")
        assert xml.text_of(element) == element.xpath("string()"), etree.tostring(element)


def test_a_remembered_media_type_is_nobodys_to_change() -> None:
    """What one reader does to its parameters, the next does not see."""
    written = 'multipart/related; boundary="a"; type=text/xml'
    first = mime.media_type(written)
    first[1]["boundary"] = "changed"
    assert mime.media_type(written)[1] == {"boundary": "a", "type": "text/xml"}
    assert mime.media_type(written)[2] == first[2] != ()
