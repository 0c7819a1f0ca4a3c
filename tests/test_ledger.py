"""The ledger: what is written is read, and whatever is changed afterwards is found."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.ledger import BLOBS, FIRST, INLINE, LEDGER, Blobs, Entry, Ledger, digests, inline, read, verify

AT = "2026-11-24T12:00:00.000Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def written(folder: Path, entries: int = 4) -> Path:
    """A ledger of so many entries, each naming octets of its own; the path of its lines."""
    ledger, blobs = Ledger(folder), Blobs(folder)
    for number in range(1, entries + 1):
        octets = f"octets {number}".encode()
        assert ledger.append("kind", f"case-{number}", {"n": number, "blob": blobs.put(octets)}, AT) == number
    ledger.close()
    return folder / LEDGER


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A ledger of four entries."""
    return written(tmp_path)


def problems(file: Path) -> tuple[str, ...]:
    """What a verification says of the ledger."""
    return verify(file.parent).problems


def change(file: Path, how: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rewrite the lines of the ledger."""
    file.write_bytes(b"".join(line + b"\n" for line in how(file.read_bytes().splitlines())))


def test_what_was_appended_is_read_in_order(lines: Path) -> None:
    entries = list(read(lines.parent))
    assert [(entry.seq, entry.at, entry.kind, entry.case) for entry in entries] == [
        (number, AT, "kind", f"case-{number}") for number in range(1, 5)
    ]
    assert entries[0].prev == FIRST


def test_a_whole_ledger_has_no_problem_and_its_head_is_the_digest_of_its_last_line(lines: Path) -> None:
    last = lines.read_bytes().splitlines()[-1]
    found = verify(lines.parent)
    assert (found.entries, found.torn, found.problems) == (4, False, ())
    assert found.head == hashlib.sha256(last).hexdigest()


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_the_chain_can_be_checked_with_sha256sum_alone(lines: Path) -> None:
    first, second, *_ = lines.read_bytes().splitlines()
    printed = subprocess.run(["sha256sum"], input=first, capture_output=True, check=True).stdout.decode()
    assert json.loads(second)["prev"] == printed.split()[0]


def test_an_empty_ledger_has_no_problem(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    assert verify(tmp_path).head == FIRST
    assert list(read(tmp_path)) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), max_size=3))
def test_any_json_survives(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    """Line breaks and lone surrogates too."""
    folder = tmp_path_factory.mktemp("any")
    ledger = Ledger(folder)
    for row in rows:
        ledger.append("any", "", {"it": row}, AT)
    ledger.close()
    assert [entry.data for entry in read(folder)] == [{"it": row} for row in rows]
    assert verify(folder).head == ledger.head


def test_a_lone_surrogate_survives(tmp_path: Path) -> None:
    """What a header holds need not be text."""
    ledger = Ledger(tmp_path)
    ledger.append("any", "", {"header": "\ud800"}, AT)
    ledger.close()
    assert [entry.data for entry in read(tmp_path)] == [{"header": "\ud800"}]


def test_entries_that_belong_together_are_written_together(tmp_path: Path) -> None:
    """Chained like any others; none at all write nothing."""
    ledger = Ledger(tmp_path)
    assert ledger.extend([], AT) == 0
    assert ledger.extend([("one", "", {}), ("two", "case-1", {"n": 2})], AT) == 2
    ledger.close()
    assert [(entry.seq, entry.kind) for entry in read(tmp_path)] == [(1, "one"), (2, "two")]
    assert verify(tmp_path).head == ledger.head


def test_a_new_ledger_never_takes_the_place_of_another(lines: Path) -> None:
    with pytest.raises(FileExistsError):
        Ledger(lines.parent)


@pytest.mark.parametrize("torn", [b"", b'{"seq": 5'])
def test_a_ledger_that_is_gone_on_with_continues_its_chain(lines: Path, torn: bytes) -> None:
    """What a kill has left behind the last whole line is taken away, and told to whoever goes on."""
    before = lines.read_bytes()
    lines.write_bytes(before + torn)
    ledger = Ledger(lines.parent, resume=True)
    assert (ledger.seq, ledger.torn) == (4, torn)
    assert ledger.append("more", "", {}, AT) == 5
    ledger.close()
    assert lines.read_bytes().startswith(before)
    found = verify(lines.parent)
    assert (found.entries, found.head, found.torn, found.problems) == (5, ledger.head, False, ())


def test_a_ledger_that_was_touched_is_not_gone_on_with(lines: Path) -> None:
    """It stays as it is: another entry would only hide what happened to it."""
    change(lines, lambda rows: [rows[0], *rows[2:]])
    before = lines.read_bytes()
    with pytest.raises(ValueError, match="not whole: line 2"):
        Ledger(lines.parent, resume=True)
    assert lines.read_bytes() == before


def test_after_the_end_nothing_can_be_appended(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        ledger.append("kind", "", {}, AT)


# -- what is found


@pytest.mark.parametrize("cut", [1, 2, 50])
def test_a_torn_last_line_is_left_out_and_said(lines: Path, cut: int) -> None:
    """A process that was killed leaves a ledger that is good up to its last whole line."""
    lines.write_bytes(lines.read_bytes()[:-cut])
    found = verify(lines.parent)
    assert (found.entries, found.torn, found.problems) == (3, True, ())
    assert [entry.seq for entry in read(lines.parent)] == [1, 2, 3]


def test_a_changed_line_is_one_problem_at_the_line_after_it(lines: Path) -> None:
    change(lines, lambda all_: [all_[0], all_[1].replace(b"case-2", b"case-9"), *all_[2:]])
    assert problems(lines) == ("line 3: does not follow from the line before it; something was changed or removed",)


def test_a_removed_line_is_found_by_number_and_by_chain(lines: Path) -> None:
    change(lines, lambda all_: [all_[0], *all_[2:]])
    assert problems(lines) == (
        "line 2: the entry says it is number 3",
        "line 2: does not follow from the line before it; something was changed or removed",
        "line 3: the entry says it is number 4",
    )


def test_a_renumbered_line_is_one_problem(tmp_path: Path) -> None:
    """Its writer counted wrongly: the chain is whole, the number is not."""
    head, out = FIRST, b""
    for seq in (1, 3, 3):
        line = Entry(seq, AT, "kind", "", {}, head).line()
        head, out = hashlib.sha256(line).hexdigest(), out + line + b"\n"
    (tmp_path / LEDGER).write_bytes(out)
    assert verify(tmp_path).problems == ("line 2: the entry says it is number 3",)


@pytest.mark.parametrize("line", [b"nonsense", b"", b"[]", b"{}", b"7", b"\xff", b'{"seq":1}', b"[" * 100_000])
def test_a_line_that_is_no_entry_ends_the_reading(lines: Path, line: bytes) -> None:
    change(lines, lambda all_: [all_[0], line, *all_[1:]])
    (problem,) = problems(lines)
    assert problem.startswith("line 2: is no ledger entry (")
    with pytest.raises(ValueError, match="line 2: is no ledger entry"):
        list(read(lines.parent))


def test_changed_octets_are_one_problem(lines: Path) -> None:
    digest = hashlib.sha256(b"octets 2").hexdigest()
    Blobs(lines.parent).path(digest).write_bytes(b"octets 9")
    assert problems(lines) == (f"line 2: the octets {digest[:12]} were changed",)


def test_missing_octets_are_one_problem_however_often_they_are_named(lines: Path) -> None:
    digest = hashlib.sha256(b"octets 2").hexdigest()
    Blobs(lines.parent).path(digest).unlink()
    assert problems(lines) == (f"line 2: the octets {digest[:12]} are missing",)
    other = lines.parent / "other"
    ledger = Ledger(other)
    for _ in range(3):
        ledger.append("kind", "", {"blob": digest}, AT)
    ledger.close()
    assert verify(other).problems == (f"line 1: the octets {digest[:12]} are missing",)


WHOLE = 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose lines the property below spoils, one byte at a time."""
    return written(tmp_path_factory.mktemp("whole"), WHOLE)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_changed_byte_before_the_last_line_is_found(
    tmp_path_factory: pytest.TempPathFactory, whole: Path, data: st.DataObject
) -> None:
    """Whoever holds the head holds a proof over everything before it; the last line itself is what the head is for."""
    octets = bytearray(whole.read_bytes())
    last = len(b"\n".join(octets.splitlines()[:-1])) + 1
    at = data.draw(st.integers(0, last - 1))
    octets[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != octets[at]))
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / BLOBS).symlink_to(whole.parent / BLOBS)
    (folder / LEDGER).write_bytes(octets)
    assert verify(folder).problems


def test_a_changed_last_line_changes_the_head(lines: Path) -> None:
    head = verify(lines.parent).head
    change(lines, lambda all_: [*all_[:-1], all_[-1].replace(b"case-4", b"case-9")])
    found = verify(lines.parent)
    assert found.problems == ()
    assert found.head != head


# -- octets


def test_octets_are_stored_once_under_their_digest(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"octets")
    assert digest == hashlib.sha256(b"octets").hexdigest()
    assert blobs.put(b"octets", digest) == digest
    assert blobs.get(digest) == b"octets"
    assert [each.name for each in blobs.path(digest).parent.iterdir()] == [digest], "and no scratch file stays"


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "g" * 64])
def test_what_is_no_digest_names_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(KeyError):
        Blobs(tmp_path).get(digest)


def test_octets_that_were_never_stored_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Blobs(tmp_path).get("a" * 64)


def test_digests_are_found_at_any_depth_and_empty_ones_are_none() -> None:
    data = {"blob": "1", "x": [{"blob": "2"}, ({"y": {"blob": "3"}},)], "z": {"blob": ""}, "text": "blob"}
    assert list(digests(data)) == ["1", "2", "3"]


def test_small_texts_stand_in_the_entry_and_everything_else_has_a_file_of_its_own() -> None:
    assert inline(b"<a/>") == "<a/>"
    assert inline(b"\xff") is None, "what is no UTF-8 keeps its octets"
    assert inline(b"x" * (INLINE + 1)) is None
    assert inline(b"x" * INLINE) is not None


def test_a_ledger_that_is_being_written_is_not_taken_up(tmp_path: Path) -> None:
    """Two writers would number their entries alike, and a line that is torn now may be whole in a moment."""
    first = Ledger(tmp_path)
    first.append("a", "", {}, "2026-11-24T12:00:00.000Z")
    with pytest.raises(ValueError, match="the run is under way"):
        Ledger(tmp_path, resume=True)
    first.close()
    Ledger(tmp_path, resume=True).close()
