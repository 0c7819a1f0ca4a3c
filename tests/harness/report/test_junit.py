"""JUnit XML that CI servers read: right counts, stable names, and a failure that explains itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harness.report import junit
from harness.report.model import RunView
from harness.verdict import Outcome
from tests.harness.report import build


def _root(run: RunView) -> etree._Element:
    return etree.fromstring(junit.render(run))


def _case(root: etree._Element, name: str) -> etree._Element:
    (found,) = [case for case in root.iter("testcase") if case.get("name") == name]
    return found


@pytest.mark.parametrize(
    ("outcome", "element"),
    [
        (Outcome.ERROR, "error"),
        (Outcome.FAIL, "failure"),
        (Outcome.INCONCLUSIVE, "failure"),
        (Outcome.UNPROVEN, "failure"),
        (Outcome.NOT_TESTED, "skipped"),
        (Outcome.NOT_APPLICABLE, "skipped"),
        (Outcome.REVIEW, None),
        (Outcome.WARN, None),
        (Outcome.PASS, None),
        (Outcome.OBSERVED, None),
    ],
)
def test_each_verdict_has_its_element(outcome: Outcome, element: str | None) -> None:
    """Ours is an error, theirs a failure, what was not seen is skipped, and the rest passes."""
    case = _case(_root(build.run(build.scenario("EHR-01", build.finding(outcome)))), "EHR-01")
    assert [child.tag for child in case if child.tag != "system-out"] == ([element] if element else [])


def test_counts_add_up() -> None:
    """The totals of the root and of each suite are those of the cases."""
    root = _root(build.everything())
    for element, attribute in (
        ("failure", "failures"),
        ("error", "errors"),
        ("skipped", "skipped"),
        ("testcase", "tests"),
    ):
        for node in (root, *root.iter("testsuite")):
            assert int(node.get(attribute, "")) == len(list(node.iter(element)))
    assert root.get("tests") == "14"


def test_a_failure_explains_itself() -> None:
    """Requirement ids, sentence, expected, actual, where, the octets, and how to run it again."""
    failure = _case(_root(build.everything()), "EHR-02").find("failure")
    assert failure is not None
    assert failure.get("message") == "TD30.1, S67: The EHR request carries the ODS code of the requesting practice."
    assert failure.get("type") == "FAIL"
    for said in ("X90001", "X90002", "entry 2, part 1, line 3", f"blobs/ab/{build.SHA}", "gp2gp run --only EHR-02"):
        assert said in (failure.text or "")


def test_a_skip_gives_its_reason() -> None:
    """The reason is the scenario's, or that of its findings."""
    silent = build.scenario("A", build.finding(Outcome.NOT_TESTED))
    skipped = _case(_root(build.run(silent)), "A").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "NOT TESTED: the profile offers no clock"


def test_a_broken_scenario_is_an_error_with_its_reason() -> None:
    """No check spoke, and it is told all the same."""
    error = _case(_root(build.everything()), "EHR-21").find("error")
    assert error is not None
    assert error.get("message") == "ERROR: Spine did not start"
    assert "run again: gp2gp run --only EHR-21" in (error.text or "")


def test_what_passes_with_a_remark_says_so() -> None:
    """REVIEW and the grade of a weak PASS stand in the output of the case."""
    out = _case(_root(build.everything()), "EHR-20").findtext("system-out")
    assert out is not None
    assert "REVIEW TD30.1, S67" in out
    assert "PASS (by hook) S10" in out


def test_names_do_not_depend_on_titles() -> None:
    """Trends are kept by class and name: path of the feature and id of the case."""
    case = _case(_root(build.everything()), "EHR-02")
    assert case.get("classname") == "features.requesting.ehr-request"


def test_monitors_redden_a_ci() -> None:
    """A finding about the run as a whole is a case of its own suite."""
    failure = _case(_root(build.everything()), "monitor.unattributed").find("failure")
    assert failure is not None


def test_it_is_written_as_utf8(tmp_path: Path) -> None:
    """The file parses from disk."""
    assert etree.parse(junit.write(build.everything(), tmp_path)).docinfo.encoding == "UTF-8"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_gives_well_formed_xml(text: str) -> None:
    """Control characters, lone surrogates and non-characters cannot break the file."""
    bad = build.finding(Outcome.FAIL, sentence=text, expected=text, actual=text, requirements=(text,))
    view = build.scenario(text, bad, name=text, tags=(text,), again=text)
    assert _root(build.run(view, product=text, started=text)).get("failures") == "1"
