"""The worksheet: cases that need the same condition stand together, and every line says what to do and what to answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from lxml import html

import gp2gp_conformance
from harness import planning, worksheet
from harness.profile import load
from harness.staging import Order
from harness.world import Casting, World, sut_practice
from scenarios import LIBRARY

PROFILE = load(gp2gp_conformance.root() / "examples" / "reference.toml")
BY_HAND = PROFILE.model_copy(update={"driver": PROFILE.driver.model_copy(update={"kind": "manual"})})


@cache
def cast() -> tuple[Casting, ...]:
    """The scenarios of the library whose record is small, and one that needs a condition a second time."""
    world = World(BY_HAND, sut_practice(BY_HAND, {}, 1), 1, 1, "http://127.0.0.1:8480", lambda octets: "0" * 64)
    small = [each for each in LIBRARY.values() if each.consultations < 50 and each.documents < 10]
    return (*(world.cast(each) for each in small), world.cast(LIBRARY["GP2GP is not enabled"], case="once-more"))


def test_cases_stand_in_groups_by_the_condition_that_they_need() -> None:
    """None first; each condition once; nobody is lost; within a group they keep their order."""
    castings = cast()
    made = worksheet.sheet(castings)
    conditions = [group.condition for group in made.groups]
    assert conditions[0] == ""
    assert len(set(conditions)) == len(conditions) > 3
    assert sorted(each.case for each in made.order) == sorted(each.case for each in castings)
    for group in made.groups:
        assert list(group.castings) == [each for each in castings if worksheet.condition(each) == group.condition]
        assert {made.places[each.case].condition for each in group.castings} == {group.condition}
    assert [made.places[each.case].number for each in made.order] == [*range(1, len(castings) + 1)]


def test_a_case_knows_everybody_of_its_group() -> None:
    """So that a condition can be set for all of them at once."""
    made = worksheet.sheet(cast())
    group = next(group.castings for group in made.groups if group.condition == "disabled")
    assert len(group) > 1
    place = made.places["once-more"]
    assert place == replace(made.places[group[0].case], number=place.number)
    assert place.nhs_numbers == tuple(each.patient["nhs_number"] for each in group)
    assert place.peers == tuple(each.plan["peer"]["ods"] for each in group)


def test_a_condition_that_begins_in_the_middle_of_a_transfer_is_shared_with_no_other_case() -> None:
    """It would hold from the beginning of the second."""
    for group in worksheet.sheet(cast()).groups:
        late = [each for each in group.castings if "in the middle" in group.condition]
        assert len(late) in (0, 1)
        assert not late or group.condition.endswith(f"in the middle of {late[0].case}")
    integration = next(each for each in cast() if each.case == "the-integration-fails")
    assert worksheet.condition(integration) == "integration-failure, in the middle of the-integration-fails"


def test_a_group_whose_case_ends_the_condition_itself_has_no_end_of_its_own() -> None:
    """The others say that it is to be taken away."""
    ends = {group.condition: group.end for group in worksheet.sheet(cast()).groups}
    assert ends[""] is None
    assert ends["integration-failure, then off"] is None
    assert str(ends["disabled"]).count("'disabled' away again") == 1


def test_the_page_has_each_case_with_its_patient_peer_and_tasks(tmp_path: Path) -> None:
    """A page that needs no colour or script, and loads nothing; a reader of screens finds headings and captions."""
    made = worksheet.sheet(cast())
    finished = made.order[3].case
    page = html.parse(worksheet.write(made, BY_HAND, tmp_path, [finished])).getroot()
    assert page.get("lang") == "en-GB"
    assert not page.xpath("//script | //img | //link | //*[@src or @onclick]")
    levels = [int(each.tag[1]) for each in page.xpath("//h1 | //h2 | //h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len({*page.xpath("//@id")}) == len(page.xpath("//@id"))
    assert {*page.xpath("//@aria-labelledby")} <= {*page.xpath("//@id")}
    tables = page.xpath("//table")
    assert len(tables) == len(made.order) - 1, "what is finished needs nothing more"
    assert not page.xpath(f"//section[@aria-labelledby='{finished}']//table")
    assert all(table.xpath("caption and count(thead//th[@scope='col']) = 3") for table in tables)
    for casting in made.order:
        if casting.case != finished:
            text = page.xpath(f"//section[@aria-labelledby='{casting.case}']")[0].text_content()
            assert casting.patient["nhs_number"] in text
            assert casting.plan["peer"]["ods"] in text
            assert all(task.do in text and task.answer in text for task in worksheet.tasks(casting))


def test_what_a_record_is_made_of_is_named_to_whoever_loads_it() -> None:
    """The extract's interaction, and each document with its name, type and place."""
    casting = next(each for each in cast() if each.case == "a-record-with-two-documents-is-sent")
    load_it = next(task.do for task in worksheet.tasks(casting) if task.do.startswith("Load"))
    lines = load_it.splitlines()
    assert "ehrFolder of RCMR_IN030000UK06: http://127.0.0.1:8480/blobs/" in lines[1]
    assert len(lines) == 4
    assert "referral letter.txt, text/plain: http://" in lines[2]


def test_the_plan_of_a_run_by_hand_is_its_worksheet() -> None:
    """In lines, for a terminal: the same groups, cases and tasks."""
    order = Order(BY_HAND, Path(), 1, 1, only=("SA-03", "a-patient-registers"))
    lines = list(planning.as_text(planning.sheet(order)))
    assert lines[0] == "== Without any condition"
    assert lines[1].startswith("1. a-patient-registers (peer X9")
    assert any(line.startswith("   [ ] Register the patient ") for line in lines)
    assert "== With the condition disabled" in lines
    assert lines.index("[ ] Take the condition 'disabled' away again.") < lines.index("load sheet of run 1, seed 1:")
