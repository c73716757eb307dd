"""Keeping what was typed into a sheet that is sent as one form.

What is right is kept, with a line of history each; what is not stays as it was typed, as a `Draft`
that says why. Of each row only the fields that were changed are taken, so that nobody's figure is
overwritten by the one that stood there when the page was opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from . import entering, typed
from .entering import Closed, Conflict, Place, Refused
from .models import Actual, Change, Policy, Target
from .sheet_drafts import Clash, Draft, digest, mark, marks_of


class HandedIn(Refused):
    """It was submitted: on a sheet it is taken back before it is changed."""


@dataclass(slots=True)
class Row:
    """One row as it was sent."""

    values: dict[str, str] = field(default_factory=dict)
    version: int = 0
    was: str = ""
    sure: str = ""
    choice: str = ""
    undecided: bool = False

    @property
    def changed(self) -> dict[str, str]:
        """The fields that do not read any more as they did when the page was opened."""
        if self.choice == "theirs":
            return {}
        marks = marks_of(self.was)
        return {name: text for name, text in self.values.items() if mark(text) != marks.get(name)}


@dataclass(slots=True)
class Saved:
    """What became of a form: how many rows were kept, and those that were not."""

    kept: list[str] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)  # of what was kept just now


def rows_sent(data: Mapping[str, Any]) -> dict[str, Row]:
    """The rows of a form, by key: KEY.figure, KEY.note and so on."""
    rows: dict[str, Row] = {}
    for name in data:
        key, dot, part = name.rpartition(".")
        if not dot or not key:
            continue
        text = data[name]
        row = rows.setdefault(key, Row())
        if part in typed.FIELDS:
            row.values[part] = text.replace("\r\n", "\n")
        elif part == "version":
            row.version = number(text)
        elif part in ("was", "sure", "choice"):
            setattr(row, part, text)
        elif part == "undecided":
            row.undecided = True
    return {key: row for key, row in rows.items() if row.values}


def number(text: str) -> int:
    """A version as it was sent; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def save_rows(
    policy: Policy, period_key: str, targets: Iterable[Target], rows: Mapping[str, Row], *, by
) -> Saved:
    """Keep the rows of these targets, if they can be kept. Who may enter them was asked before."""
    wanted = [target for target in targets if target.key in rows and rows[target.key].changed]
    if not wanted:
        return Saved()
    for last_try in (False, True):
        try:
            return _save(policy, period_key, wanted, rows, by=by)
        except IntegrityError:
            # An import entered a first figure in the same moment: look at it again.
            if last_try:
                raise
    raise AssertionError


@transaction.atomic
def _save(
    policy: Policy, period_key: str, targets: list[Target], rows: Mapping[str, Row], *, by
) -> Saved:
    places = entering.read_all(policy, period_key, targets, to_save=True)
    saved, lines = Saved(), []
    for target in targets:
        place, row = places[target.key], rows[target.key]
        try:
            line = keep(place, row, by=by)
        except typed.Unkept as unkept:
            saved.drafts[target.key] = Draft(
                values=row.values, problems=unkept.problems, version=row.version, was=row.was
            )
        except Conflict:
            saved.drafts[target.key] = clashing(place, row)
        except Refused as refused:
            lost = {name: told(name, text) for name, text in row.changed.items()}
            saved.drafts[target.key] = Draft(
                values=lost, told=why_refused(refused), is_refused=True
            )
        else:
            if line is not None:
                lines.append(line)
                saved.kept.append(target.key)
            if place.actual:
                saved.versions[target.key] = place.actual.version
    # The history last: its head stays locked until the end.
    Change.objects.bulk_create([Change(**line) for line in lines])
    return saved


def keep(place: Place, row: Row, *, by) -> dict[str, Any] | None:
    """The line of history of a row that was kept; None where nothing was new."""
    changed = row.changed
    refusal = refusal_of(place)
    try:
        taken = typed.take(place, changed)
    except typed.Unkept:
        if refusal:
            raise refusal(place.actual) from None
        raise
    if not entering.differences(place.actual or Actual(), taken.typed):
        return None
    if refusal:
        raise refusal(place.actual)
    marks = marks_of(row.was)
    overtaken = typed.overtaken(
        place,
        changed,
        taken,
        seen_version=row.version,
        as_seen=lambda name, text: mark(text) == marks.get(name),
    )
    if overtaken or (row.undecided and row.choice != "mine"):
        raise Conflict(place.actual)
    typed.check(place, taken, sure=row.sure)
    version = place.actual.version if place.actual else 0
    try:
        return entering.write(place, taken.typed, version=version, by=by)
    except Conflict as conflict:
        assert conflict.theirs is not None
        place.actuals[place.period.key] = conflict.theirs
        raise


def refusal_of(place: Place) -> type[Refused] | None:
    """Why nothing can be typed into the row any more; None where it can."""
    handed_in = place.actual is not None and place.actual.state == Actual.State.SUBMITTED
    return place.refusal or (HandedIn if handed_in else None)


def why_refused(refused: Refused) -> str:
    if isinstance(refused, Closed):
        return _("この期は締め切られました。入力した内容は保存していません。")
    if isinstance(refused, HandedIn):
        return _(
            "この実績は提出済です。入力した内容は保存していません。"
            "直すときは、提出を取り戻してから入力してください。"
        )
    return _("この実績は確認が済んでいます。入力した内容は保存していません。")


def clashing(place: Place, row: Row) -> Draft:
    """Both figures side by side. Sent again it rests on what stands now: saving it is a choice."""
    actual = place.actual
    assert actual is not None
    now = typed.standing_texts(place)
    changed = {name: text for name, text in row.changed.items() if text != now.get(name)}
    return Draft(
        values=changed,
        clashes=[
            Clash(name, told(name, now.get(name, "")) or reason(name, actual), told(name, text))
            for name, text in changed.items()
        ],
        told=who_saved(actual)
        + _("あなたの入力はまだ保存していません。どちらを残すか選んでください。"),
        version=actual.version,
        was=digest(now),
    )


def told(name: str, text: str) -> str:
    """What stands in a field as somebody reads it."""
    return typed.kind_text(text) if name == "kind" else text


def reason(name: str, actual: Actual) -> str:
    """Where somebody gave a reason in the place of a figure, the reason."""
    return actual.get_missing_display() if name in ("figure", "total") and actual.missing else ""


def who_saved(actual: Actual) -> str:
    return _("この画面を開いたあとに、%(by)sが保存しました（%(at)s）。") % {
        "by": actual.saved_by or _("文書の取込み"),
        "at": moment(actual),
    }


def moment(actual: Actual) -> str:
    if actual.saved_at is None:
        return "—"
    return date_format(timezone.localtime(actual.saved_at), "SHORT_DATETIME_FORMAT")
