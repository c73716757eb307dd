"""Charts as SVG text: from figures to drawings, without a framework and without an inline style.

Every target is drawn on the same axis, 0 to 120 % of itself, so that the goal lines of a page
stand under one another: x = min(share, 1.2) / 1.2. Widths are percentages and heights are em, so a
chart grows with its column and with the reader's type size. Colour comes from `data-status` and
classes in static/ayumi.css; marks come from templates/components/sprite.html.

The caller brings the words (`label`), in the reader's language; they are escaped here. A figure is
any real number; it is turned into a float for its place on the page only, nothing is judged here.
What is returned is `Markup`, which a Django template writes out as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any

Figure = Fraction | Decimal | int | float
Counts = Mapping[Any, int]  # by status or stage, in text or as an enum of text

AXIS = Fraction(6, 5)  # the axis ends at 120 % of the target
GOAL = "83.333%"  # where 100 % stands on it
STAGES = ("not_started", "preparing", "under_way", "done")
WITHOUT_GOAL = frozenset({"cancelled", "postponed"})
# The order in which counts are stacked, from the best news to what is not judged.
ORDER = (
    "achieved",
    "on_track",
    "nearly_achieved",
    "slightly_behind",
    "behind",
    "not_achieved",
    "not_judged",
    "not_entered",
    "postponed",
    "cancelled",
)

# Below these shares of the width a segment drops its mark, then its number: (full, small chart).
ROOM_FOR_MARK = (0.08, 0.16)
ROOM_FOR_NUMBER = (0.03, 0.07)


class Markup(str):
    """Text that is already HTML: Django and Jinja ask for `__html__` and do not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def place(share: Figure, end: Figure = AXIS) -> str:
    """Where a share of the target stands on an axis up to `end`: 1/2 -> "41.67%", 2 -> "100%"."""
    at = min(max(float(share), 0.0) / float(end), 1.0) * 100
    return f"{at:.2f}".rstrip("0").rstrip(".") + "%"


# ── marks and words ──────────────────────────────────────────────────────────────────────────────


def mark(status: str) -> Markup:
    """The mark of a status (◎ ○ △ ▼ …), for the eye only: a word always stands beside it."""
    return Markup(f'<svg aria-hidden="true"><use href="#i-{status}"/></svg>')


def chip(status: str, word: str) -> Markup:
    """Mark and word of a status."""
    return Markup(
        f'<span class="status" data-status="{status}">{mark(status)}{escape(word)}</span>'
    )


def cell(status: str, word: str) -> Markup:
    """One cell of a heat map: fill and mark, and the word for those who hear the page."""
    return Markup(
        f'<span class="cell" data-status="{status}">{mark(status)}'
        f'<span class="vh">{escape(word)}</span></span>'
    )


# ── bullet: one target against its plan ──────────────────────────────────────────────────────────

_TARGET = f'<line class="b-target" x1="{GOAL}" x2="{GOAL}" y1=".25em" y2="2em"/>'
_OVER = '<use class="b-over" href="#m-over" x="100%" width="1em" height="2.25em"/>'


def bullet(
    status: str,
    label: str,
    *,
    reach: Figure | None = None,
    due: Figure | None = None,
    limit: bool = False,
    provisional: bool = False,
    earlier: Figure | None = None,
    original: Figure | None = None,
    end: Figure = AXIS,
) -> Markup:
    """A target, its actual and where the plan stands.

    `reach` is the actual and `due` the figure expected by now, both as a share of the target in
    force (for a baseline: of the way from it). None means there is none; 0 is a figure and shows as
    a sliver. `limit` is for targets that must not be exceeded: the goal gets a cap that points back
    to 0. A cancelled or postponed target is hatched and has no goal.
    For a page of one target: `earlier` is what earlier periods brought, in grey below the rest;
    `original` the target before it was changed, a dotted line; `end` the end of the axis.
    """
    goal = GOAL if end == AXIS else place(1, end)
    if status in WITHOUT_GOAL:
        return _svg("bullet", status, label, _box("b-void", goal))
    parts = [_box("b-empty" if status == "not_entered" else "b-track", goal)]
    shows_due = due is not None and due > 0
    if due is not None and shows_due and status != "not_entered":
        parts.append(_box("b-due", place(min(due, 1), end)))
    if reach is not None:
        parts.append(_bar(reach, _bar_kind(status, provisional), end))
        if earlier is not None and 0 < earlier < reach:
            parts.append(_bar(earlier, "b-bar earlier", end))
    if due is not None and shows_due:
        parts.append(f'<use href="#m-pace" x="{place(due, end)}" width="1em" height="2.25em"/>')
    if original is not None:
        parts.append(_line("b-ghost", place(original, end)))
    parts.append(_TARGET if goal == GOAL else _line("b-target", goal))
    if limit:
        parts.append(f'<use href="#m-cap" x="{goal}" width="1em" height="2.25em"/>')
    if reach is not None and reach > end:
        parts.append(_OVER)
    return _svg("bullet", status, label, "".join(parts))


def _box(kind: str, width: str) -> str:
    return f'<rect class="{kind}" width="{width}" y=".5625em" height="1.125em"/>'


def _line(kind: str, at: str) -> str:
    return f'<line class="{kind}" x1="{at}" x2="{at}" y1=".25em" y2="2em"/>'


def _bar_kind(status: str, provisional: bool) -> str:
    if status == "not_entered":  # an earlier period's figure, still shown, judged by nobody
        return "b-bar earlier"
    return "b-bar prov" if provisional else "b-bar"


def _bar(reach: Figure, kind: str, end: Figure = AXIS) -> str:
    width = place(reach, end) if reach > 0 else ".2em"
    return f'<rect class="{kind}" width="{width}" y=".8125em" height=".625em"/>'


def steps(status: str, label: str, *, stage: str | None = None) -> Markup:
    """A target without a number: three steps after 未着手, filled as far as the work has come.

    `stage` is one of STAGES, or None where nothing was entered or a reason stands in its place.
    What is achieved reaches the goal, also a work without an end that was carried on all year.
    """
    if status in WITHOUT_GOAL:
        return _svg("bullet", status, label, _box("b-void", GOAL))
    if status == "not_entered":
        kind, reached = "b-step open", STAGES.index(stage) if stage else 0
        on = "b-step earlier"
    else:
        kind, reached = "b-step", STAGES.index(stage) if stage else 0
        on = "b-step on"
    if status == "achieved":  # also by being carried on all year: the goal is reached
        reached = 3
    parts = [
        f'<rect class="{on if step < reached else kind}" x="{x}" width="27.1%"'
        ' y=".8125em" height=".625em"/>'
        for step, x in enumerate(("0", "27.78%", "55.56%"))
    ]
    if stage == "not_started":  # said, and nothing done yet: not the same as nothing said
        parts.append(_bar(0, "b-bar"))
    parts.append(_TARGET)
    return _svg("bullet", status, label, "".join(parts))


def _svg(kind: str, status: str, label: str, body: str) -> Markup:
    return Markup(
        f'<svg class="{kind}" data-status="{status}" role="img" aria-label="{escape(label)}">'
        f"{body}</svg>"
    )


# ── stacked bars: how many targets in which state ────────────────────────────────────────────────


def stacked(
    counts: Counts,
    label: str,
    *,
    order: Sequence[str] = ORDER,
    attribute: str = "data-status",
    small: bool = False,
) -> Markup:
    """Counts as one bar, widths in proportion, each with its mark and number where there is room.

    `counts` goes by status (or by stage, with `order=STAGES, attribute="data-stage"`). The number
    that finds no room stays in `label`, which must name every count.
    """
    total = sum(counts.values())
    if not total:
        return Markup("")
    parts = []
    x = 0.0
    for key in order:
        count = counts.get(key, 0)
        if not count:
            continue
        share = count / total
        parts.append(
            f'<g {attribute}="{key}">'
            f'<rect x="{x * 100:.2f}%" y="1" width="{share * 100:.2f}%" height="1.9em"/>'
            f"{_segment_text(key, count, x + share / 2, share, small)}</g>"
        )
        x += share
    return Markup(
        f'<svg class="stackbar" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _segment_text(key: str, count: int, middle: float, share: float, small: bool) -> str:
    if share < ROOM_FOR_NUMBER[small]:
        return ""
    at = f'<svg x="{middle * 100:.2f}%" overflow="visible">'
    if share < ROOM_FOR_MARK[small]:
        return f'{at}<text y="1.5em">{count}</text></svg>'
    wide = count > 9
    return (
        f'{at}<use href="#i-{key}" x="{"-1.35" if wide else "-1.1"}em" y=".55em"'
        f' width=".9em" height=".9em"/><text x="{".4" if wide else ".35"}em" y="1.5em">'
        f"{count}</text></svg>"
    )


def strip(
    counts: Counts,
    *,
    order: Sequence[str] = ORDER,
    attribute: str = "data-status",
) -> Markup:
    """The same without words, as a thin band beside figures that say it."""
    total = sum(counts.values())
    x = 0.0
    parts = []
    for key in order:
        share = counts.get(key, 0) / total if total else 0
        if share:
            parts.append(
                f'<rect class="c-fill" {attribute}="{key}" x="{x * 100:.2f}%"'
                f' width="{share * 100:.2f}%" height="100%"/>'
            )
            x += share
    return Markup(f'<svg class="thin" aria-hidden="true">{"".join(parts)}</svg>')


def thin(share: Figure, *, tick: Figure | None = None) -> Markup:
    """A thin bar under a headline figure: `share` of 1, and a tick where the plan stands.

    The headline says the figure, so the bar is for the eye only.
    """
    line = ""
    if tick is not None:
        at = _percent_of_one(tick)
        line = f'<line x1="{at}" x2="{at}" y1="-.2em" y2=".7em"/>'
    return Markup(
        '<svg class="thin" aria-hidden="true"><rect class="t" width="100%" height="100%"/>'
        f'<rect class="v" width="{_percent_of_one(share)}" height="100%"/>{line}</svg>'
    )


def _percent_of_one(share: Figure) -> str:
    return f"{min(max(float(share), 0.0), 1.0) * 100:.1f}%"


# ── axes ─────────────────────────────────────────────────────────────────────────────────────────


def bullet_axis(label: str, *, pace: str, goal: str, at: Figure | None = None) -> Markup:
    """The head of a bullet column: 0, where most plans stand (`at`, a share of 1), the goal.

    At year end the plan is the goal, and `at` is None.
    """
    plan = ""
    if at is not None:
        x = place(at)
        plan = (
            f'<line x1="{x}" x2="{x}" y1="3em" y2="3.6em"/>'
            f'<text x="{x}" y="1em" text-anchor="middle">▼{escape(pace)}</text>'
            f'<text x="{x}" y="2.7em" text-anchor="middle">{float(at) * 100:.0f}%</text>'
        )
    return Markup(
        f'<svg class="axis" role="img" aria-label="{escape(label)}">'
        f'<line x1="0" x2="0" y1="3em" y2="3.6em"/><text x="0" y="2.7em">0</text>{plan}'
        f'<line x1="{GOAL}" x2="{GOAL}" y1="1.25em" y2="3.6em"/>'
        f'<text class="c-strong" x="{GOAL}" y="1em" text-anchor="middle">{escape(goal)}</text>'
        "</svg>"
    )


def steps_axis(label: str, names: Iterable[str]) -> Markup:
    """The head of a column of steps: the names of the three stages over the three steps."""
    texts = "".join(
        f'<text x="{x}" y="2.7em" text-anchor="middle">{escape(name)}</text>'
        for x, name in zip(("13.55%", "41.33%", "69.11%"), names, strict=True)
    )
    return Markup(
        f'<svg class="axis" role="img" aria-label="{escape(label)}">{texts}'
        f'<line x1="{GOAL}" x2="{GOAL}" y1="1.25em" y2="3.6em"/></svg>'
    )


def number_axis(ticks: Sequence[tuple[Figure, str]], *, end: Figure = AXIS) -> Markup:
    """The head of a bullet column that shows one target only: real figures at shares of it."""
    parts = []
    for share, text in ticks:
        x = place(share, end)
        anchor = "start" if share == 0 else "middle"
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="1.2em" y2="1.6em"/>'
            f'<text x="{x}" y="1em" text-anchor="{anchor}">{escape(text)}</text>'
        )
    return Markup(f'<svg class="axis axis-1" aria-hidden="true">{"".join(parts)}</svg>')
