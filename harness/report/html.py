"""The HTML report: one file that needs no network, script or colour. All it holds is hostile until escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.report import diagram, tally, words
from harness.report.anchors import Anchors, anchors, monitor_anchors
from harness.report.model import MessageView, PartView, RunView, ScenarioView
from harness.verdict import Finding, Outcome

FILE = "index.html"
BUDGET = 24_000_000  # octets of message text put into one report; a browser opens that, and the rest is in the blobs
INLINE = 32_768  # octets of one text shown in the page
AROUND = 2  # lines shown before and after the line that a finding points at
LINE = 300  # characters of a line shown in such an excerpt: HL7 is often one line
_FOLDER = Path(__file__).with_name("templates")
_PLAIN = (Outcome.PASS, Outcome.OBSERVED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its anchor, the anchor of the message it points at, and the lines around the place."""

    view: Finding
    ident: str
    word: str
    message: str
    blob: str
    excerpt: tuple[tuple[int, str, bool], ...]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message with its anchor, its offset from the first, and the numbers of the parts shown in full."""

    view: MessageView
    ident: str
    offset: str
    shown: frozenset[int]


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario ready to be printed."""

    view: ScenarioView
    ident: str
    word: str
    findings: tuple[FindingRow, ...]
    messages: tuple[MessageRow, ...]
    picture: Markup
    requirements: tuple[str, ...]
    search: str

    @property
    def told(self) -> tuple[FindingRow, ...]:
        """The findings that want reading."""
        return tuple(row for row in self.findings if row.view.outcome not in _PLAIN)

    @property
    def plain(self) -> tuple[FindingRow, ...]:
        """Those that passed, were noted or did not apply."""
        return tuple(row for row in self.findings if row.view.outcome in _PLAIN)


def render(run: RunView) -> Iterator[str]:
    """The page in pieces, in order."""
    style, script = _asset("report.css"), _asset("report.js")
    rows = iter(_rows(run))
    features = [(feature, [next(rows) for _ in feature.scenarios]) for feature in run.features]
    scenarios = [row for _, some in features for row in some]
    monitors = [
        _finding(None, found, ident, ()) for found, ident in zip(run.monitors, monitor_anchors(run), strict=True)
    ]
    template = _environment().get_template("report.html.j2")
    yield from template.generate(
        run=run,
        style=Markup(style),  # noqa: S704 - ours, from the package
        script=Markup(script),  # noqa: S704 - ours, from the package
        style_hash=_hash(style),
        script_hash=_hash(script),
        features=features,
        scenarios=scenarios,
        monitors=monitors,
        headline=tally.headline(run),
        verdicts=tally.verdicts(run),
        grades=tally.grades(run),
        requirements=tally.requirements(run),
        links=_links(scenarios, monitors),
        roles=sorted({row.view.role for row in scenarios}),
        Outcome=Outcome,
    )


def write(run: RunView, folder: Path) -> Path:
    """Write ``index.html`` into the folder that holds the ledger and its blobs, and return its path."""
    path = folder / FILE
    with path.open("w", encoding="utf-8") as page:
        page.writelines(render(run))
    return path


def _rows(run: RunView) -> list[ScenarioRow]:
    views = tally.scenarios(run)
    shown = _inline(views)
    return [_scenario(view, names, shown) for view, names in zip(views, anchors(run), strict=True)]


def _scenario(view: ScenarioView, names: Anchors, shown: set[int]) -> ScenarioRow:
    messages = tuple(
        MessageRow(
            message,
            ident,
            diagram.offset(view.messages, message),
            frozenset(part.number for part in message.parts if id(part) in shown),
        )
        for message, ident in zip(view.messages, names.messages, strict=True)
    )
    picture = ""
    if view.messages:
        everyone = diagram.lifelines(view.messages)
        picture = diagram.svg(view.messages, everyone, ident=f"d-{names.scenario}", name=f"Sequence of {view.case}")
    requirements = sorted({one for found in view.findings for one in found.requirements}, key=tally.natural)
    return ScenarioRow(
        view=view,
        ident=names.scenario,
        word=words.scenario_word(view.outcome, view.findings),
        findings=tuple(
            _finding(view, found, ident, messages) for found, ident in zip(view.findings, names.findings, strict=True)
        ),
        messages=messages,
        picture=Markup(picture),  # noqa: S704 - diagram.svg escapes every text
        requirements=tuple(requirements),
        search=_search(view),
    )


def _finding(view: ScenarioView | None, found: Finding, ident: str, messages: tuple[MessageRow, ...]) -> FindingRow:
    message = tally.message_of(view, found)
    anchor = next((row.ident for row in messages if row.view is message), "")
    blob = words.blob_path(message.blob) if message else ""
    return FindingRow(found, ident, words.finding_word(found), anchor, blob, _excerpt(message, found))


def _excerpt(message: MessageView | None, found: Finding) -> tuple[tuple[int, str, bool], ...]:
    """The lines around the place: number, text, and whether it is the one; empty when the text is not at hand."""
    parts = message.parts if message and found.where.line > 0 else ()
    text = next((part.text for part in parts if part.number == found.where.part and part.text), "")
    lines = text.splitlines() if text else []
    first, last = max(found.where.line - AROUND, 1), min(found.where.line + AROUND, len(lines))
    return tuple(
        (number, lines[number - 1][:LINE] + ("…" if len(lines[number - 1]) > LINE else ""), number == found.where.line)
        for number in range(first, last + 1)
    )


def _inline(views: tuple[ScenarioView, ...]) -> set[int]:
    """The parts (by identity) whose text is put into the page: within the budget, the worst scenarios first."""
    order = list(Outcome)
    left, shown = BUDGET, set[int]()
    for view in sorted(views, key=lambda view: order.index(view.outcome)):
        for part in (part for message in view.messages for part in message.parts):
            cost = part.size if _is_small(part) else BUDGET + 1
            if cost <= left:
                left -= cost
                shown.add(id(part))
    return shown


def _is_small(part: PartView) -> bool:
    return part.text is not None and len(part.text) <= INLINE


def _search(view: ScenarioView) -> str:
    """What the text filter looks in, lower case and each word once."""
    texts = [view.case, view.name, view.role, *view.tags, *view.patients, *view.conversations]
    texts += [text for found in view.findings for text in (found.check, found.sentence, *found.requirements)]
    texts += [text for message in view.messages for text in (message.label, message.interaction, message.message_id)]
    return " ".join(dict.fromkeys(" ".join(texts).lower().split()))


def _links(scenarios: list[ScenarioRow], monitors: list[FindingRow]) -> dict[str, list[FindingRow]]:
    """The findings of each requirement, worst first."""
    order = list(Outcome)
    found: dict[str, list[FindingRow]] = {}
    for row in [*(one for scenario in scenarios for one in scenario.findings), *monitors]:
        for ident in row.view.requirements:
            found.setdefault(ident, []).append(row)
    return {ident: sorted(rows, key=lambda row: order.index(row.view.outcome)) for ident, rows in found.items()}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    environment.globals.update(
        MEANINGS=words.MEANINGS, SHAPES=words.SHAPES, GRADES=words.GRADES, word=words.word, INLINE=INLINE
    )
    environment.filters.update(
        blob=words.blob_path, size=words.size, duration=words.duration, why=words.why, gutter=_gutter, clean=words.clean
    )
    environment.filters["requirements"] = words.requirements
    return environment


def _safe(value: object) -> object:
    """Nothing that a browser would show as something else gets into the page; jinja then escapes what remains."""
    return words.clean(value) if type(value) is str else value


def _gutter(text: str) -> str:
    """The line numbers that stand beside a text."""
    return "\n".join(str(number) for number in range(1, words.clean(text).count("\n") + 2))


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    """The Content-Security-Policy source of an inline element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
