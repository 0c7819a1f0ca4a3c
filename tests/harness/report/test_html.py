"""The HTML report: one self-contained, accessible file in which hostile text is only text."""

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html

from harness.report import html
from harness.report.model import PartView, RunView
from harness.verdict import Outcome, Where
from tests.harness.report import build


def _page(run: RunView) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring("".join(html.render(run)).encode())


@pytest.fixture(name="page", scope="module")
def _everything() -> lxml_html.HtmlElement:
    return _page(build.everything())


def test_headings_are_in_order(page: lxml_html.HtmlElement) -> None:
    """One h1, and no level is skipped on the way down."""
    levels = [int(node.tag[1]) for node in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_every_inner_link_arrives(page: lxml_html.HtmlElement) -> None:
    """A deep link leads to exactly one place."""
    ids = [str(node.get("id")) for node in page.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    inner = [str(href)[1:] for href in page.xpath("//a/@href") if str(href).startswith("#")]
    assert inner
    assert set(inner) <= set(ids)
    assert {"s-ehr-02", "f-ehr-02-check-fail", "m-ehr-02-2", "run-monitor-unattributed"} <= set(ids)


def test_pictures_have_text(page: lxml_html.HtmlElement) -> None:
    """Every picture has a title and a description, and there is no image without an alternative."""
    pictures = page.xpath("//svg")
    assert len(pictures) == 11
    assert all(picture.find("title").text and picture.find("desc").text for picture in pictures)
    assert not page.xpath("//img")


def test_every_diagram_has_its_table(page: lxml_html.HtmlElement) -> None:
    """The table has a row for each message of the picture, linked to it."""
    case = page.get_element_by_id("s-ehr-02")
    rows = case.xpath(".//table[caption]/tbody/tr")
    assert len(rows) == len(build.exchange())
    remarks = " ".join(rows[1].xpath("string(td[7])").split())
    assert remarks == "deliberate: Spine drops the first request ✕ no answer within 20 s"


def test_the_page_has_its_landmarks(page: lxml_html.HtmlElement) -> None:
    """Language, header, navigation, main, footer, a skip link that comes first, and a live count."""
    assert page.get("lang") == "en-GB"
    assert [page.xpath(f"count(/html/body/{name})") for name in ("header", "nav", "main", "footer")] == [1.0] * 4
    assert page.xpath("/html/body/*[1]/@href") == ["#main"]
    assert page.xpath("//p[@role='status']/@id") == ["shown"]


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(page: lxml_html.HtmlElement) -> None:
    """A box with a scroll bar takes the focus."""
    boxes = page.xpath("//*[contains(@class,'scroll') or @class='code' or @class='excerpt']")
    assert boxes
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in boxes)


def test_nothing_is_fetched_from_anywhere(page: lxml_html.HtmlElement) -> None:
    """No address outside the run's folder, in an attribute or in the style sheet."""
    addresses = [str(one) for one in page.xpath("//@src | //@href | //@action | //@data | //@srcset")]
    assert all(re.fullmatch(r"#[a-z0-9-]+|blobs/[0-9a-f]{2}/[0-9a-f]{64}", one) for one in addresses)
    assert "url(" not in page.findtext(".//style")
    assert "@import" not in page.findtext(".//style")
    assert not page.xpath("//link | //iframe | //object | //embed | //base | //@style")


def test_only_our_own_script_and_style_may_run(page: lxml_html.HtmlElement) -> None:
    """The policy names one script and one style sheet by digest, and those are the only ones there."""
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    for name in ("script", "style"):
        (element,) = page.xpath(f"//{name}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")


def test_hostile_text_is_inert(page: lxml_html.HtmlElement) -> None:
    """A script in a name, a header, a part, a finding or a command is shown and is no element or attribute."""
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert page.xpath("count(//script)") == 1
    shown = page.xpath("//pre[contains(., 'alert(1)')] | //dd[contains(., 'alert(1)')] | //h4[contains(., 'alert(1)')]")
    assert len(shown) > 10
    text = "".join(html.render(build.everything()))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffe\ud800-\udfff]", text)


def test_verdicts_are_words_and_shapes(page: lxml_html.HtmlElement) -> None:
    """Every verdict in the page is a word, with a shape that a screen reader passes over."""
    chips = page.xpath("//span[starts-with(@class, 'v ')]")
    assert {chip.get("class") for chip in chips} == {f"v v-{o.value.lower().replace('_', '-')}" for o in Outcome}
    assert all(chip.xpath("string(span[@aria-hidden])") and chip[0].tail for chip in chips)


def test_weak_grades_are_never_a_plain_pass(page: lxml_html.HtmlElement) -> None:
    """A hook's and a person's word are named in the verdict."""
    graded = page.get_element_by_id("s-ehr-20")
    said = [chip[0].tail for chip in graded.xpath(".//li/span[contains(@class, 'v-pass')]")]
    assert said == ["PASS", "PASS (by hook)", "PASS (attested)"]


def test_a_finding_shows_the_lines_it_means(page: lxml_html.HtmlElement) -> None:
    """Expected beside actual, the line marked among its neighbours, and links to the message and the octets."""
    found = page.get_element_by_id("f-ehr-02-check-fail")
    assert found.xpath("string(.//mark)").split(maxsplit=1)[0] == "3"
    assert len(found.xpath("string(.//code[@class='excerpt'])").strip().splitlines()) == 5
    assert found.xpath(".//dd/a/@href") == ["#m-ehr-02-2", f"blobs/ab/{build.SHA}"]
    assert found.xpath(".//dl[@class='two']//dd/text()") == ["X90001", "X90002"]


@pytest.mark.parametrize("where", [Where(), Where(2, 1, 999), Where(2, 7, 1), Where(99, 1, 1), Where(2, 1, 0)])
def test_a_finding_that_points_nowhere_is_still_told(where: Where) -> None:
    """No place, a line after the end, a part or an entry that is not there."""
    page = _page(build.run(build.scenario("A", build.finding(Outcome.FAIL, where=where))))
    assert not page.xpath("//mark")
    assert page.get_element_by_id("f-a-check-fail") is not None


def test_large_parts_are_named_and_linked_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 32 kB, without text, or over the budget of the page: digest, size and the file of the octets."""
    parts = tuple(PartView(number, (), size, build.SHA, "x" * size) for number, size in enumerate((10, 32_769, 20)))
    message = replace(build.exchange()[2], parts=parts)
    monkeypatch.setattr(html, "BUDGET", 15)
    page = _page(build.run(build.scenario("A", build.finding(Outcome.PASS), messages=(message,))))
    body = page.xpath("string(//details[@id='m-a-3'])")
    assert body.count("Not shown here") == 2
    assert "32.8 kB" in body
    assert "xx" * 20 not in body


def test_the_budget_goes_to_the_worst_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """When not everything fits, what failed is what is shown."""
    part = PartView(0, (), 10, build.SHA, "0123456789")
    good, bad = (replace(build.exchange()[2], parts=(replace(part),)) for _ in range(2))
    monkeypatch.setattr(html, "BUDGET", 15)
    run = build.run(
        build.scenario("GOOD", build.finding(Outcome.PASS), messages=(good,)),
        build.scenario("BAD", build.finding(Outcome.FAIL), messages=(bad,)),
    )
    page = _page(run)
    assert "Not shown here" in page.xpath("string(//details[@id='m-good-3'])")
    assert "0123456789" in page.xpath("string(//details[@id='m-bad-3'])")


def test_line_numbers_match_the_lines(page: lxml_html.HtmlElement) -> None:
    """The gutter counts every line of what stands beside it, and is not read aloud."""
    for box in page.xpath("//div[@class='code']"):
        gutter, text = box.xpath("pre")
        assert gutter.get("aria-hidden") == "true"
        assert gutter.text.splitlines()[-1] == str((text.text or "").count("\n") + 1)


def test_what_wants_reading_comes_before_the_scenarios(page: lxml_html.HtmlElement) -> None:
    """Failures, reviews and what was not tested, with the reason, one click away from their evidence."""
    listed = page.xpath("//section[@aria-labelledby='attention']/ul/li")
    words = [item.xpath("string(span[1])")[1:] for item in listed]
    assert words == [
        "ERROR",
        "FAIL",
        "INCONCLUSIVE",
        "REVIEW",
        "WARN",
        "UNPROVEN",
        "NOT TESTED",
        "REVIEW",
        "ERROR",
        "FAIL",
    ]
    assert "the profile offers no clock" in listed[6].text_content()
    assert "Spine did not start" in listed[8].text_content()


def test_the_summary_lets_a_reviewer_verify(page: lxml_html.HtmlElement) -> None:
    """Product, digest of the ledger and the command that checks it."""
    said = page.xpath("string(//section[@aria-labelledby='summary'])")
    for text in ("Acorn Practice 7.2", build.HEAD, "57 entries", "gp2gp verify RUN", "laptop", "A. Tester"):
        assert text in said


def test_without_script_there_is_no_dead_control(page: lxml_html.HtmlElement) -> None:
    """The filter is hidden until the script shows it; all else is plain HTML."""
    assert page.get_element_by_id("filter").get("hidden") is not None


def test_the_filter_finds_what_it_reads(page: lxml_html.HtmlElement) -> None:
    """Every scenario carries its verdict, role, requirements and words for the filter."""
    case = page.get_element_by_id("s-ehr-02")
    assert (case.get("data-verdict"), case.get("data-role")) == ("FAIL", "requester")
    assert case.get("data-requirements") == "S67 TD30.1"
    assert "rcmr_in010000uk05" in str(case.get("data-search"))


def test_an_empty_run_is_still_a_page() -> None:
    """It says that nothing was run."""
    assert "no evidence is never a pass" in _page(build.run()).text_content()


def test_the_file_is_utf8(tmp_path: Path) -> None:
    """The file on disk starts as HTML5 and declares its encoding."""
    text = html.write(build.everything(), tmp_path).read_text(encoding="utf-8")
    assert text.lstrip().startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in text[:200]


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_has_contrast_enough(page: lxml_html.HtmlElement, scheme: int) -> None:
    """WCAG 2.2 AA: 4.5:1 for text on every ground it stands on (1.4.3), 3:1 for edges of controls (1.4.11)."""
    style = page.findtext(".//style")
    assert style
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    grounds = [colours.pop(name) for name in ("paper", "card", "code")]
    mark, edge, _ = colours.pop("mark"), colours.pop("edge"), colours.pop("rule")
    assert len(colours) == 3 + len(Outcome)
    assert min(_contrast(colour, ground) for colour in colours.values() for ground in grounds) >= 4.5
    assert _contrast(colours["ink"], mark) >= 4.5
    assert min(_contrast(edge, ground) for ground in grounds) >= 3
