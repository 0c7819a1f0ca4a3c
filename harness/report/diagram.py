"""Sequence diagrams of what really happened: SVG for the HTML report, plain text for a console. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from harness.report.model import MessageView
from harness.report.words import clean, duration, seconds_between

FIRST, LAST = 150, 50  # arrows drawn of a long run: the beginning, where it is set up, and the end, where it goes wrong
PAUSE = 60.0  # seconds of silence worth a line of its own: the shortest published timer is minutes long
GUTTER, COLUMN, MARGIN, TOP, ROW, NOTE = 170, 320, 210, 58, 42, 17  # pixels
CHARACTER = 7.3  # pixels; a generous mean for the 13 px labels, so that a label is cut before it leaves its arrow
CELL = 30  # characters between two lifelines of the text diagram


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diagram: an arrow with its offset from the first message, or only a remark."""

    message: MessageView | None
    offset: str = ""
    remark: str = ""


def lifelines(messages: Sequence[MessageView]) -> tuple[str, ...]:
    """Who takes part: the SUT, Spine, then the peers by appearance."""
    seen = dict.fromkeys(name for message in messages for name in (message.sender, message.receiver))
    return tuple(sorted(seen, key=lambda name: {"SUT": 0, "Spine": 1}.get(name, 2)))


def offset(messages: Sequence[MessageView], message: MessageView) -> str:
    """Time of a message after the first, such as ``+0.215 s``; empty when a time cannot be read."""
    elapsed = seconds_between(messages[0].at, message.at)
    return "" if elapsed is None else f"{'-' if elapsed < 0 else '+'}{duration(abs(elapsed))}"


def rows(messages: Sequence[MessageView]) -> list[Row]:
    """The lines to draw: at most FIRST + LAST arrows, a remark for what is left out and for every long silence."""
    left_out = len(messages) - FIRST - LAST
    drawn = list(messages) if left_out <= 0 else [*messages[:FIRST], *messages[-LAST:]]
    found: list[Row] = []
    for place, message in enumerate(drawn):
        if left_out > 0 and place == FIRST:
            found.append(Row(None, remark=f"… {left_out} more"))
        elif place:
            quiet = seconds_between(drawn[place - 1].at, message.at)
            found += [Row(None, remark=f"{duration(quiet)} without a message")] if quiet and quiet >= PAUSE else []
        found.append(Row(message, offset(messages, message)))
    return found


def notes(message: MessageView) -> list[tuple[str, str]]:
    """What is said under an arrow: (kind, text), kind being ``deliberate`` or ``trouble``."""
    said = [("deliberate", message.deliberate), ("trouble", message.trouble)]
    return [(kind, clean(text)) for kind, text in said if text]


def title(message: MessageView, *, interaction: bool = True) -> str:
    """The label of an arrow: name, for a repeat which attempt it is, and the interaction."""
    again = f"attempt {message.attempt}" if message.attempt > 1 else ""
    bits = [message.label or message.kind, again, message.interaction if interaction else ""]
    return clean(" · ".join(bit for bit in bits if bit)).replace("\n", " ")


def svg(messages: Sequence[MessageView], names: Sequence[str], *, ident: str = "diagram", name: str = "") -> str:
    """An SVG element to be put into an HTML page, whose style sheet gives the ``d-*`` classes their colours.

    :param names: the lifelines from left to right; one that is missing is added at the right.
    :param ident: prefix of the two ids in the element; unique in the page.
    :param name: what the picture shows, for its title.
    """
    everyone = list(dict.fromkeys([*names, *lifelines(messages)]))
    across = {who: GUTTER + COLUMN * place for place, who in enumerate(everyone)}
    width = GUTTER + COLUMN * max(len(everyone) - 1, 0) + MARGIN
    body: list[str] = []
    down = TOP
    for row in rows(messages):
        down += ROW
        if row.message is None:
            body.append(_remark(row.remark, down, width))
        else:
            body.append(_arrow(row.message, row.offset, across, down, width))
            down += NOTE * len(notes(row.message))
    height = down + 34
    drawn = escape(clean(name or "What happened"))
    counted = f"{len(messages)} messages between {', '.join(everyone)}, in order of time. A table says the same."
    return (
        f'<svg class="d" xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-labelledby="{ident}-t {ident}-d">'
        f'<title id="{ident}-t">{drawn}</title><desc id="{ident}-d">{escape(clean(counted))}</desc>'
        f"{''.join(_lifeline(who, x, height) for who, x in across.items())}{''.join(body)}</svg>"
    )


def _lifeline(who: str, x: int, height: int) -> str:
    shown = escape(_cut(clean(who), COLUMN - 60))
    return (
        f'<line class="d-life" x1="{x}" y1="{TOP - 18}" x2="{x}" y2="{height - 8}" stroke="currentColor"/>'
        f'<rect class="d-box" x="{x - 92}" y="8" width="184" height="32" rx="6" fill="none" stroke="currentColor"/>'
        f'<text class="d-who" x="{x}" y="29" text-anchor="middle" fill="currentColor">{shown}</text>'
    )


def _remark(text: str, y: int, width: int) -> str:
    return (
        f'<line class="d-pause" x1="12" y1="{y - 4}" x2="{width - 12}" y2="{y - 4}" stroke="currentColor" '
        f'stroke-dasharray="1 6"/><text class="d-note" x="{(GUTTER + width - MARGIN) // 2}" y="{y}" '
        f'text-anchor="middle" fill="currentColor">{escape(text)}</text>'
    )


def _arrow(message: MessageView, when: str, across: dict[str, int], y: int, width: int) -> str:
    start, end = across[message.sender], across[message.receiver]
    forth = 1 if end >= start else -1
    tip = end - forth * (16 if message.trouble else 2)
    dash = ' stroke-dasharray="7 5"' if message.kind == "answer" else ""
    if start == end:
        path, head = f"M{start} {y - 12}h46v12h-40", f"M{start + 12} {y - 5}l-9 5l9 5z"
        left, room = start + 54, MARGIN - 60
    else:
        path = f"M{start} {y}H{tip}"
        head = f"M{tip - forth * 10} {y - 5}L{tip} {y}L{tip - forth * 10} {y + 5}z"
        left, room = min(start, end) + 12, abs(end - start) - 20
    bad = " d-bad" if message.trouble else ""
    marks = _cross(end - forth * 8, y) if message.trouble and start != end else ""
    above = y - 7 if start != end else y - 2
    return (
        f'<g class="d-row{bad}"><text class="d-time" x="12" y="{y + 4}" fill="currentColor">{escape(when)}</text>'
        f'<path class="d-line" d="{path}" fill="none" stroke="currentColor"{dash}/>'
        f'<path class="d-head" d="{head}" fill="currentColor"/>{marks}'
        f'<text class="d-label" x="{left}" y="{above}" fill="currentColor">{escape(_cut(title(message), room))}</text>'
        f"{_notes(message, left, y, width)}</g>"
    )


def _cross(x: int, y: int) -> str:
    return f'<path class="d-cross" d="M{x - 6} {y - 6}l12 12m0 -12l-12 12" fill="none" stroke="currentColor"/>'


def _notes(message: MessageView, left: int, y: int, width: int) -> str:
    drawn = []
    for place, (kind, text) in enumerate(notes(message), start=1):
        line, said = y + NOTE * place - 1, text.replace("\n", " ")
        room = width - left - 12
        if kind == "deliberate":
            drawn.append(
                f'<rect class="d-badge" x="{left}" y="{line - 11}" width="72" height="15" rx="7" fill="none" '
                f'stroke="currentColor"/><text class="d-badge-text" x="{left + 36}" y="{line}" text-anchor="middle" '
                f'fill="currentColor">deliberate</text>'
            )
        shift = 80 if kind == "deliberate" else 0
        shown = escape(_cut(said if shift else f"✕ {said}", room - shift))
        drawn.append(f'<text class="d-{kind}" x="{left + shift}" y="{line}" fill="currentColor">{shown}</text>')
    return "".join(drawn)


def _cut(text: str, pixels: int) -> str:
    room = max(int(pixels / CHARACTER), 4)
    return text if len(text) <= room else text[: room - 1] + "…"


def text(messages: Sequence[MessageView]) -> str:
    """The diagram in plain text, one line a message: ``--->`` sent, ``...>`` answered, ``X`` in trouble."""
    names = lifelines(messages)
    place = {who: index for index, who in enumerate(names)}
    lines = [" " * 14 + "".join(clean(who)[: CELL - 2].ljust(CELL) for who in names).rstrip()] if names else []
    for row in rows(messages):
        if row.message is None:
            lines.append(" " * 14 + row.remark.replace("…", "..."))
            continue
        drawn = _ladder(row.message, place[row.message.sender], place[row.message.receiver], len(names))
        lines.append(f"{row.offset:>12}  {drawn}".rstrip())
        lines += [" " * 16 + _once(f"{kind}: {said}") for kind, said in notes(row.message)]
    return "".join(f"{line}\n" for line in lines)


def _once(said: str) -> str:
    return said.replace("\n", " ")


def _ladder(message: MessageView, start: int, end: int, count: int) -> str:
    cells = ["|" + " " * (CELL - 1)] * count
    if start == end:
        said = f"(self) {title(message, interaction=False)}"
        cells[start] = ("|" + said[: CELL - 2]).ljust(CELL)
        return "".join(cells).rstrip()
    low, high = sorted((start, end))
    room = (high - low) * CELL - 1
    said = title(message, interaction=False).replace(" · ", ", ")
    said = said if len(said) <= room - 6 else said[: room - 8] + ".."
    body = f" {said} ".center(room - 1, "." if message.kind == "answer" else "-")
    tip = "X" if message.trouble else ">" if end > start else "<"
    span = f"|{body}{tip}" if end > start else f"|{tip}{body}"
    return "".join([*cells[:low], span, *cells[high:]]).rstrip()
