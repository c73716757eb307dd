"""What somebody typed into a row of the sheet, taken together with what stands there.

A row has four fields: the period's figure, the total so far, the kind of entry (final, provisional,
or the reason why there is no figure) and a note. Only what was changed is taken; all else of the
entry stays. Whether the result can be kept, `Place.objections` says, as of every entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext

from . import achievement, entering
from .achievement import Entry, Missing
from .cells import UnreadableCell, cell_text, read_cell
from .entering import Place
from .forms import LONGEST_TEXT, sentence
from .models import Actual
from .numbers import plain
from .wording import with_unit

FIELDS = ("figure", "total", "kind", "note")
REASONS = frozenset(str(reason) for reason in Missing)
KINDS = (*Actual.Certainty.values, *Actual.Missing.values)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be kept as typed; a question is kept once somebody is `sure` of it."""

    field: str
    message: str
    is_question: bool = False
    sure: str = ""


class Unkept(Exception):
    """A row cannot be kept as typed."""

    def __init__(self, *problems: Problem):
        super().__init__(*problems)
        self.problems = problems


# What stands, as the fields of a row say it ------------------------------------------------------


def figure_text(entry: Entry) -> str:
    """The text of the figure cell: `kind` says whether it is provisional, or a reason.

    A milestone's cell is a choice that has the reasons in it.
    """
    if entry.missing and not entry.stage:
        return ""
    return cell_text(replace(entry, provisional=False), lang=language())


def choice_text(entry: Entry) -> str:
    """The same of a milestone, whose reasons stand among the stages."""
    return cell_text(replace(entry, provisional=False), lang=language())


def kind_of(entry: Entry) -> str:
    if entry.missing:
        return entry.missing
    certainty = Actual.Certainty
    return certainty.PROVISIONAL.value if entry.provisional else certainty.FINAL.value


def total_text(entry: Entry, earlier: Decimal) -> str:
    """The total so far of what adds up; "" while the period itself has no figure."""
    return "" if entry.value is None else plain(earlier + entry.value)


def texts(promise: achievement.Target, entry: Entry, earlier: Decimal, note: str) -> dict[str, str]:
    """What stands in the fields of a row that can be typed into."""
    found = {
        "figure": choice_text(entry) if promise.is_milestone else figure_text(entry),
        "kind": kind_of(entry),
        "note": note,
    }
    if promise.is_sum:
        found["total"] = total_text(entry, earlier)
    return found


def language() -> str:
    return get_language() or "ja"


def earlier_sum(place: Place) -> Decimal:
    """What the periods before this one come to."""
    keys = [period.key for period in place.periods if period.starts < place.period.starts]
    values = [place.actuals[key].value for key in keys if key in place.actuals]
    return sum((value for value in values if value is not None), Decimal(0))


def standing_texts(place: Place) -> dict[str, str]:
    actual = place.actual
    entry = entering.entry_of(actual) if actual else Entry()
    return texts(place.promise, entry, earlier_sum(place), actual.note if actual else "")


# What was typed ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """A row as it would be kept: a value for each of `entering.FIELDS`."""

    typed: dict[str, Any]
    entry: Entry
    fields: tuple[str, ...] = field(default=())


def take(place: Place, changed: Mapping[str, str]) -> Taken:
    """The entry with the changed fields in it. Raises Unkept where a field cannot be read."""
    actual = place.actual or Actual()
    stands = entering.entry_of(actual)
    entry, problems = _entry(place, stands, changed)
    note = _note(changed.get("note"), actual.note)
    if len(note) > LONGEST_TEXT:
        problems.append(
            Problem(
                "note",
                gettext("備考は%(most)d文字までです。いま%(now)d文字あります。")
                % {"most": LONGEST_TEXT, "now": len(note)},
            )
        )
    if "\x00" in note:
        problems.append(Problem("note", gettext("備考に使えない文字（NUL）が入っています。")))
    if problems:
        raise Unkept(*problems)
    typed = {name: getattr(actual, name) for name in entering.FIELDS} | {
        "value": entry.value,
        "denominator": entry.of,
        "stage": entry.stage or "",
        "missing": entry.missing or "",
        "certainty": Actual.Certainty.PROVISIONAL if entry.provisional else Actual.Certainty.FINAL,
        "note": note,
    }
    return Taken(typed, entry, tuple(changed))


def check(place: Place, taken: Taken, *, sure: str = "") -> None:
    """Raises Unkept where the entry is refused, or asked about and nobody is `sure` of it."""
    if not {"figure", "total", "kind"}.intersection(taken.fields):
        return  # a note is no figure
    refused, asked = place.objections(taken.entry, sure=sure)
    shown_at = next(name for name in ("total", "figure", "kind") if name in taken.fields)
    unit = place.target.unit
    if refused:
        raise Unkept(*(Problem(shown_at, sentence(remark, unit)) for remark in refused))
    if asked:
        assert taken.entry.value is not None
        about = Problem(shown_at, sentence(asked[0], unit), True, plain(taken.entry.value))
        raise Unkept(about)


def _note(typed: str | None, stands: str) -> str:
    """A line break is sent as two letters and counts as one."""
    return stands if typed is None else typed.replace("\r\n", "\n").strip()


def _entry(place: Place, stands: Entry, changed: Mapping[str, str]) -> tuple[Entry, list[Problem]]:
    problems: list[Problem] = []
    read: dict[str, Entry] = {}
    for name in ("figure", "total"):
        if name in changed:
            try:
                read[name] = _read(place, changed[name])
            except UnreadableCell as error:
                problems.append(Problem(name, error.text(language())))
    if "kind" in changed and changed["kind"] not in KINDS:
        problems.append(Problem("kind", gettext("確定・見込の別を選び直してください。")))
    if problems:
        return stands, problems
    entry = read.get("figure")
    if "total" in read:
        by_total = _by_total(place, stands, read["total"])
        if _is_below_the_earlier(read["total"], by_total):
            return stands, [Problem("total", _below_the_earlier(place, read["total"]))]
        if entry is not None and (entry.value, entry.missing) != (by_total.value, by_total.missing):
            both = gettext("この期の数と年間の計が合いません。どちらか一方だけを直してください。")
            return stands, [Problem("total", both)]
        entry = entry or by_total
    kind = changed.get("kind")
    if entry is None:
        return (stands if kind is None else _of_kind(stands, kind)), []
    if kind is None:
        # 見込 stays until somebody says that the figure is final.
        still_so = stands.provisional and not entry.missing
        return replace(entry, provisional=entry.provisional or still_so), []
    if kind in REASONS:
        # A reason chosen beside a figure that was typed as well: the rules refuse both together.
        return replace(entry, missing=kind, provisional=False), []
    if kind == Actual.Certainty.PROVISIONAL and not entry.missing:
        return replace(entry, provisional=True), []
    return entry, []


def _read(place: Place, text: str) -> Entry:
    target = place.target
    return read_cell(text, measure=target.measure, unit=target.unit, lang=language())


def _by_total(place: Place, stands: Entry, total: Entry) -> Entry:
    """The period's entry of which the periods come to the total that was typed."""
    if total.value is None:
        return total
    of = total.of if total.of is not None else stands.of
    return replace(total, value=total.value - earlier_sum(place), of=of)


def _is_below_the_earlier(total: Entry, period: Entry) -> bool:
    """Whether a total is less than what the periods before come to.

    Most likely it is the period's own figure, typed one cell too far to the right. A total below 0
    is refused as any figure is.
    """
    return total.value is not None and period.value is not None and period.value < 0 <= total.value


def _below_the_earlier(place: Place, total: Entry) -> str:
    assert total.value is not None
    unit, lang = place.target.unit, language()
    return gettext(
        "年間の計の%(total)sは、前の期までの計%(earlier)sより少なくなっています。"
        "この期だけの数なら、この期の欄に入力してください。"
    ) % {
        "total": with_unit(total.value, unit, lang),
        "earlier": with_unit(earlier_sum(place), unit, lang),
    }


def _of_kind(stands: Entry, kind: str) -> Entry:
    """A reason takes the figure's place; 見込 and 確定 leave the figure as it is.

    見込 may be chosen before the figure is typed.
    """
    if kind in REASONS:
        return Entry(missing=kind)
    return replace(stands, missing=None, provisional=kind == Actual.Certainty.PROVISIONAL)


def says_figure(entry: Entry) -> bool:
    return entry.value is not None or entry.stage is not None


# What somebody else changed meanwhile ------------------------------------------------------------


def overtaken(
    place: Place,
    changed: Mapping[str, str],
    taken: Taken,
    *,
    seen_version: int,
    as_seen: Callable[[str, str], bool],
) -> list[str]:
    """The changed fields in which something else stands now than the person saw.

    `as_seen` says whether the text that stands in a field is what the person saw in it. What
    stands as it was typed already is in nobody's way. A reason and a figure stand in each
    other's way though they are two fields.
    """
    actual = place.actual
    if actual is None or actual.version == seen_version:
        return []
    now = standing_texts(place)
    stands, wanted = entering.entry_of(actual), taken.entry
    found = []
    for name in changed:
        if name == "note":
            same, lost = taken.typed["note"] == now["note"], False
        else:
            same = _same(name, stands, wanted)
            lost = (name != "kind" and stands.missing is not None) or (
                name == "kind" and wanted.missing is not None and says_figure(stands)
            )
        if not same and (lost or not as_seen(name, now.get(name, ""))):
            found.append(name)
    return found


def _same(name: str, stands: Entry, wanted: Entry) -> bool:
    if name == "kind":
        return kind_of(stands) == kind_of(wanted)
    return replace(stands, provisional=False) == replace(wanted, provisional=False)


def kind_text(kind: str) -> str:
    """The name of a kind of entry: 見込, 集計中."""
    names = dict([*Actual.Certainty.choices, *Actual.Missing.choices])
    return str(names.get(kind, kind))
