"""What a person or a CI log sees while a run goes on, and the summary at its end. No meaning rests on colour alone."""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TextIO

from rich.cells import set_cell_size
from rich.console import Console as Rich
from rich.text import Text

from harness.report.anchors import anchors
from harness.report.model import RunView, ScenarioView
from harness.report.tally import grades, headline, message_of, red, reviews, scenarios, verdicts
from harness.report.words import (
    GRADES,
    RED,
    SHAPES,
    blob_path,
    clean,
    duration,
    finding_word,
    requirements,
    scenario_word,
    why,
    word,
)
from harness.verdict import Finding, Outcome

BLOCKS = 60  # red findings told in full; a broken connection reddens everything, and its first block says it all
STYLES = {
    Outcome.ERROR: "bold magenta",
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.REVIEW: "blue",
    Outcome.WARN: "yellow",
    Outcome.UNPROVEN: "bold magenta",
    Outcome.PASS: "green",
}
_QUIET = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.OBSERVED)


class Console:
    """Listens to a run. On a terminal: a live line and what is worth a look; elsewhere: one plain line a scenario.

    :param stream: where to write; what its encoding cannot hold is written as ``\\uNNNN``.
    :param colour: False for none; ``NO_COLOR`` in the environment and a stream that is no terminal mean none, too.
    """

    def __init__(self, stream: TextIO, colour: bool = True) -> None:
        self._stream = stream
        self._live = stream.isatty()
        plain = not colour or not self._live or bool(os.environ.get("NO_COLOR"))
        self._rich = Rich(
            file=stream,
            force_terminal=self._live and not plain,
            no_color=plain,
            color_system=None if plain else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        self._seen: Counter[Outcome] = Counter()

    def scenario_finished(self, view: ScenarioView) -> None:
        """One scenario is judged: a line for it (on a terminal only if it did not simply pass), then the live line."""
        self._seen[view.outcome] += 1
        self._wipe()
        shown = scenario_word(view.outcome, view.findings)
        if not self._live or view.outcome not in _QUIET:
            reason = f" ({view.reason})" if view.reason else ""
            self._say((f"{shown:<14} ", STYLES.get(view.outcome, "")), (f"{view.case}  {view.name}{reason}", ""))
        if self._live:
            self._progress(view)

    def summary(self, run: RunView, report: Path | None = None) -> None:
        """The end of the run: every red finding in full, counts, where the report is, and REVIEW on the last line."""
        self._wipe()
        links = {id(view): names for view, names in zip(scenarios(run), anchors(run), strict=True)}
        found = list(red(run))
        for view, finding in islice(found, BLOCKS):
            link = f"{report}#{links[id(view)].scenario}" if report and view else ""
            self._block(run, view, finding, link)
        if len(found) > BLOCKS:
            self._say((f"... {len(found) - BLOCKS} more red findings are in the report", ""))
        self._say(("", ""))
        self._say((headline(run), "bold"))
        self._counts(run)
        if report:
            self._say((f"report       {report}", ""))
        self._say((f"ledger head  {run.head} ({run.entries} entries)", ""))
        to_decide = reviews(run)
        call = f": {'a person decides it' if to_decide == 1 else 'a person decides them'}" if to_decide else ""
        self._say((f"exit {run.exit_code}, {to_decide} REVIEW{call}", ""))

    def _counts(self, run: RunView) -> None:
        for outcome, number in verdicts(run).items():
            if number:
                plural = "scenario" if number == 1 else "scenarios"
                self._say((f"{word(outcome):<14} ", STYLES.get(outcome, "")), (f"{number} {plural}", ""))
        for grade, (passed, tested) in grades(run).items():
            if tested:
                self._say((f"{grade.value:<14} {passed} of {tested} findings passed ({GRADES[grade]})", ""))

    def _block(self, run: RunView, view: ScenarioView | None, found: Finding, link: str) -> None:
        message = message_of(view, found)
        octets = blob_path(message.blob) if message else ""
        entry = f"{octets} (ledger entry {found.where.entry})" if octets else ""
        facts = {
            "scenario": f"{view.case} {view.name}" if view else "the run as a whole",
            "expected": found.expected,
            "actual": found.actual,
            "where": str(found.where),
            "why": why(found),
            "octets": entry,
            "remedy": found.remedy,
            "report": link,
            "run alone": view.again if view else run.command,
        }
        self._say(("", ""))
        self._say((f"{finding_word(found)} {requirements(found)}: {found.sentence}", STYLES[found.outcome]))
        for name, value in facts.items():
            if value:
                self._say((f"  {name:<10} {value}", ""))

    def _say(self, *spans: tuple[str, str]) -> None:
        """One logical line, not wrapped so that a CI log can be searched, with nothing in it that a terminal obeys."""
        line = Text.assemble(*((self._fit(words), style) for words, style in spans))
        self._rich.print(line, soft_wrap=True)

    def _fit(self, words: str) -> str:
        encoding = self._stream.encoding or "utf-8"
        return clean(words).replace("\n", "\n    ").encode(encoding, "backslashreplace").decode(encoding)

    def _progress(self, view: ScenarioView) -> None:
        done = sum(self._seen.values())
        bad = sum(number for outcome, number in self._seen.items() if outcome in RED)
        said = f"{done} done, {bad} red, last {SHAPES[view.outcome]} {view.case} in {duration(view.seconds)}"
        room = max(self._rich.width - 1, 10)
        self._stream.write(set_cell_size(self._fit(said).replace("\n", " "), room).rstrip())
        self._stream.flush()

    def _wipe(self) -> None:
        if self._live:
            self._stream.write("\r\x1b[2K")
