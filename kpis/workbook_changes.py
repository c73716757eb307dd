"""What a filled sheet would change, row by row, and writing it: all of it, or nothing.

Of each field there are three: what stood there when the file was made, what stands there now, and
what the file says. Who changed nothing in the file overwrites nothing here; where both changed it
differently, somebody chooses. What stood there then is not in the file, and nobody could trust it
if it were: the file names the version of each row, and the history is followed back to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext

from . import entering
from .cells import PROVISIONAL_NAMES, UnreadableCell, read_cell
from .entering import Place, entry_of, says_something
from .entry_rules import Remark
from .entry_views import in_words
from .figures import Entry, Missing
from .forms import LONGEST_TEXT, sentence
from .models import Actual, Change, Target
from .numbers import UnreadableNumber, plain, read_number
from .units import fold
from .wording import MISSING_NAMES
from .workbook import FINAL_NAMES, TEXTS, bare, kind_names
from .workbook_reading import Filled, Row
from .workbook_sheet import Opened, is_fixed
from .workbook_words import listed, problem_sentence, trouble_sentence

#: In the history, of figures that came in so.
HOW = "Excel取込"

#: The fields that are compared as one: a figure with its denominator, kind and reason; each text.
ENTRY = "entry"
FIELDS = (ENTRY, *TEXTS)
#: Of an actual, what they consist of.
OF_ENTRY = ("value", "denominator", "stage", "missing", "certainty")

THEIRS, MINE = "theirs", "mine"

_KINDS = (
    {bare(name): "final" for name in FINAL_NAMES}
    | {bare(name): "provisional" for name in (*PROVISIONAL_NAMES, "見込み")}
    | {bare(name): missing.value for missing, names in MISSING_NAMES.items() for name in names}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be put right in the file: which cell, of which target, what and how."""

    address: str
    label: str
    text: str


@dataclass(slots=True)
class FieldChange:
    """One field of one target that the file has otherwise than it stands here."""

    name: str
    address: str
    old: Any  # an Entry or a text, as it stands here
    new: Any  # as the file has it
    moved: bool = False  # it changed here, too, since the file was made
    clears: bool = False
    answer: str = ""  # theirs or mine, where it moved; mine where emptying was confirmed

    @property
    def unanswered(self) -> bool:
        return (self.moved or self.clears) and not self.answer

    @property
    def is_taken(self) -> bool:
        return self.answer == MINE if self.moved or self.clears else True


@dataclass(slots=True)
class RowChange:
    """What the file would change of one target."""

    place: Place
    fields: list[FieldChange] = field(default_factory=list)
    fixed: bool = False  # nothing can be entered here any more: the file's words stay in the file
    question: str = ""
    figure: str = ""  # what is asked about, as it has to be answered
    sure: bool = False

    @property
    def target(self) -> Target:
        return self.place.target

    @property
    def version(self) -> int:
        return self.place.actual.version if self.place.actual else 0

    @property
    def unanswered(self) -> bool:
        return any(each.unanswered for each in self.fields) or bool(self.question and not self.sure)

    @property
    def taken(self) -> list[FieldChange]:
        return [] if self.fixed else [each for each in self.fields if each.is_taken]


@dataclass(slots=True)
class Preview:
    """Everything that an upload would do."""

    problems: list[Problem] = field(default_factory=list)
    rows: list[RowChange] = field(default_factory=list)
    unchanged: int = 0
    kept: list[Target] = field(default_factory=list)  # changed here and not in the file
    absent: list[Target] = field(default_factory=list)  # no row in the file

    @property
    def changes(self) -> list[RowChange]:
        return [row for row in self.rows if not row.fixed]

    @property
    def fixed(self) -> list[RowChange]:
        return [row for row in self.rows if row.fixed]

    @property
    def unanswered(self) -> int:
        return sum(row.unanswered for row in self.changes)

    @property
    def versions(self) -> dict[str, int]:
        """Of every row that would change, what the preview rests on."""
        return {row.target.key: row.version for row in self.rows}


Answers = Mapping[str, str]


def preview(
    opened: Opened, filled: Filled, places: Mapping[str, Place], answers: Answers
) -> Preview:
    """Compare the file with what stands. In at most one query beside those for the places."""
    found = Preview()
    rows = _rows_by_key(filled, places, found)
    bases = _bases(opened, rows, places)
    for target in opened.targets:
        row, place = rows.get(target.key), places[target.key]
        if row is None:
            found.absent.append(target)
            continue
        reader = _RowReader(filled, row, place, bases[target.key])
        change = reader.compare()
        found.problems += reader.problems
        if reader.problems:
            continue
        if change.fields:
            _answer(change, answers)
            found.rows.append(change)
        elif reader.left:
            found.kept.append(target)
        else:
            found.unchanged += 1
    # As they stand in the file, which lies beside the screen and may have been sorted.
    found.problems.sort(key=lambda problem: row_of(problem.address))
    found.rows.sort(key=lambda change: row_of(change.fields[0].address))
    return found


def row_of(address: str) -> int:
    """The row of a cell such as I12, as the spreadsheet counts."""
    return int(address.lstrip(ascii_uppercase))


def _rows_by_key(filled: Filled, places: Mapping[str, Place], found: Preview) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    known = {fold(key).casefold(): key for key in places}
    for row in filled.rows:
        address, typed = filled.address(row, "key"), row.text("key")
        key = known.get(fold(typed).strip().casefold())
        if "key" in row.troubles or (not typed and row.is_filled):
            found.problems.append(Problem(address, "", problem_sentence("no_key")))
        elif key is None and row.is_filled:
            text = problem_sentence("unknown_key", key=typed[:40])
            found.problems.append(Problem(address, "", text))
        elif key in rows:
            other = filled.address(rows[key], "key")
            text = problem_sentence("twice", key=key, other=other)
            found.problems.append(Problem(address, places[key].target.label, text))
        elif key is not None:
            rows[key] = row
    return rows


# What stood there when the file was made --------------------------------------------------------


def _bases(
    opened: Opened, rows: Mapping[str, Row], places: Mapping[str, Place]
) -> dict[str, Actual | None]:
    """By key what stood there at the version that the row names; None where nobody knows."""
    bases: dict[str, Actual | None] = {}
    steps: dict[int, int] = {}
    for key, row in rows.items():
        place = places[key]
        now = place.actual.version if place.actual else 0
        seen = row.text("version")
        then = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else now + 1
        bases[key] = _copy(place.actual) if then <= now else None
        if then < now:
            steps[place.target.pk] = now - then
    if steps:
        lines = Change.objects.filter(target__in=steps, period=opened.period).order_by("-id")
        keys = {places[key].target.pk: key for key in rows}
        for target, changed in lines.values_list("target_id", "changed"):
            if steps[target]:  # each line is one version, whatever changed in it
                steps[target] -= 1
                _undo(bases[keys[target]], changed)
        for target, left in steps.items():
            if left:  # the history is shorter than the version says
                bases[keys[target]] = None
    return bases


def _copy(actual: Actual | None) -> Actual:
    names = (*OF_ENTRY, *TEXTS)
    return Actual(**{name: getattr(actual, name) for name in names}) if actual else Actual()


def _undo(base: Actual | None, changed: Mapping[str, Sequence[Any]]) -> None:
    for name in (*OF_ENTRY, *TEXTS):
        if base is None or name not in changed:
            continue
        old = changed[name][0]
        if name in ("value", "denominator"):
            setattr(base, name, None if old is None else Decimal(old))
        elif name == "certainty":
            setattr(base, name, old or Actual.Certainty.FINAL)
        else:
            setattr(base, name, old or "")


# One row ----------------------------------------------------------------------------------------


class _RowReader:
    """One row of the file beside what stands: its fields that differ, or what is wrong with it."""

    def __init__(self, filled: Filled, row: Row, place: Place, base: Actual | None) -> None:
        self.filled = filled
        self.row = row
        self.place = place
        self.base = base
        self.problems: list[Problem] = []
        self.left = False  # something changed here that the file left as it was
        self.lang = get_language() or "ja"

    def compare(self) -> RowChange:
        change = RowChange(self.place, fixed=is_fixed(self.place))
        now = self.place.actual or Actual()
        for name in ("figure", "kind", "whole", *TEXTS):
            if trouble := self.row.troubles.get(name):
                self.problem(name, trouble_sentence(trouble))
        if self.problems:
            return change
        mine: dict[str, Any] = {name: self.text(name) for name in TEXTS}
        mine[ENTRY] = self.entry()
        for name in FIELDS:
            if name != ENTRY and name not in self.filled.columns:
                continue
            self.compare_field(change, name, of(now, name), mine[name])
        if not change.fixed and not self.problems:
            self.object(change)
        return change if not self.problems else RowChange(self.place)

    def compare_field(self, change: RowChange, name: str, now: Any, mine: Any) -> None:
        if mine == now:
            return
        then = None if self.base is None else of(self.base, name)
        if mine == then:
            self.left = True
            return
        nothing = Entry() if name == ENTRY else ""
        if then is None and mine == nothing:
            # Nobody knows what went out here: an empty cell overwrites nothing.
            self.left = True
            return
        moved = then != now if then is not None else now != nothing
        address = self.filled.address(self.row, "figure" if name == ENTRY else name)
        clears = mine == nothing and not moved
        change.fields.append(FieldChange(name, address, now, mine, moved, clears))

    def object(self, change: RowChange) -> None:
        """What the rules say of the figure, which are the same as on the page."""
        entry = next((each.new for each in change.fields if each.name == ENTRY), None)
        if entry is None:
            return
        refused, asked = self.place.objections(entry)
        for remark in refused:
            self.problem(AT.get(remark.about, "figure"), self.told(remark))
        if asked and not refused:
            change.question = self.told(asked[0])
            change.figure = plain(entry.value)

    def told(self, remark: Remark) -> str:
        return sentence(remark, self.place.target.unit)

    def problem(self, name: str, text: str) -> None:
        address = self.filled.address(self.row, name)
        self.problems.append(Problem(address, self.place.target.label, text))

    # Reading its cells ---------------------------------------------------------------------------

    def text(self, name: str) -> str:
        text = self.row.text(name)
        if len(text) > LONGEST_TEXT:
            said = problem_sentence("too_long", length=f"{len(text):,}", most=f"{LONGEST_TEXT:,}")
            self.problem(name, said)
        if "\x00" in text:
            self.problem(name, problem_sentence("null"))
        return text

    def entry(self) -> Entry:
        """What figure, kind and denominator say together. What was changed in the file counts
        more than what was left in it: who types a figure over 集計中 has a figure."""
        figure, kind, whole = self.figure(), self.kind(), self.whole()
        if self.problems:
            return Entry()
        then = Entry() if self.base is None else of(self.base, ENTRY)
        if kind in tuple(Missing):
            figure = self.with_reason(figure, kind, then)
        elif says_something(figure) and not figure.missing:
            figure = replace(figure, provisional=figure.provisional or kind == "provisional")
        if figure.value is None and whole == then.of:
            whole = None  # it was left behind when the figure was taken out
        if whole is not None and (figure.of is None or whole != then.of):
            if figure.of not in (None, whole):
                self.problem("whole", problem_sentence("two_wholes"))
            figure = replace(figure, of=whole)
        return tidy(figure)

    def with_reason(self, figure: Entry, reason: str, then: Entry) -> Entry:
        if not says_something(figure) or figure.missing == reason:
            return Entry(missing=reason)
        typed = (figure.value, figure.stage, figure.missing) != (then.value, then.stage, None)
        chosen = reason != then.missing
        if typed and not chosen and self.base is not None:
            return figure
        if chosen and not typed:
            return Entry(missing=reason)
        if figure.missing:
            self.problem("kind", problem_sentence("two_reasons"))
        return replace(figure, missing=reason)

    def figure(self) -> Entry:
        target = self.place.target
        try:
            return read_cell(self.row.text("figure"), measure=target.measure, unit=target.unit)
        except UnreadableCell as error:
            self.problem("figure", error.text(self.lang))
            return Entry()

    def kind(self) -> str:
        typed = self.row.text("kind")
        if not typed:
            return ""
        if (kind := _KINDS.get(bare(fold(typed)))) is not None:
            return kind
        try:
            if reason := read_cell(typed, measure=Target.Measure.MILESTONE).missing:
                return reason
        except UnreadableCell:
            pass
        said = problem_sentence("kind", typed=typed[:40], kinds=listed(kind_names()))
        self.problem("kind", said)
        return ""

    def whole(self) -> Decimal | None:
        typed, target = self.row.text("whole"), self.place.target
        if not typed:
            return None
        if target.measure != Target.Measure.RATIO:
            self.problem("whole", problem_sentence("no_whole"))
            return None
        try:
            return read_number(typed, unit=target.unit)
        except UnreadableNumber as error:
            self.problem("whole", error.text(self.lang))
            return None


#: Which column of the file a remark of the rules is about.
AT = {"value": "figure", "stage": "figure", "missing": "kind", "denominator": "whole"}


def of(actual: Actual, name: str) -> Any:
    """A field of what stands, as it is compared."""
    return tidy(entry_of(actual)) if name == ENTRY else getattr(actual, name)


def tidy(entry: Entry) -> Entry:
    """Without 見込 where there is nothing that could still change."""
    if entry.provisional and entry.value is None and not entry.stage:
        return replace(entry, provisional=False)
    return entry


# Answers, and writing ---------------------------------------------------------------------------


def _answer(change: RowChange, answers: Answers) -> None:
    key = change.target.key
    for each in change.fields:
        answer = answers.get(f"{each.name}.{key}", "")
        each.answer = answer if answer in (THEIRS, MINE) else ""
    change.sure = bool(change.figure) and answers.get(f"sure.{key}") == change.figure
    left = [each for each in change.fields if each.name == ENTRY and each.answer == THEIRS]
    change.sure = change.sure or bool(left)  # what is not taken over is not asked about


def typed(change: RowChange) -> dict[str, Any]:
    """What kpis.entering.write keeps: the row as it stands, with what is taken from the file."""
    actual = change.place.actual or Actual()
    values = {name: getattr(actual, name) for name in entering.FIELDS}
    for each in change.taken:
        if each.name != ENTRY:
            values[each.name] = each.new
            continue
        entry: Entry = each.new
        provisional = Actual.Certainty.PROVISIONAL if entry.provisional else Actual.Certainty.FINAL
        values |= {
            "value": entry.value,
            "denominator": entry.of,
            "stage": entry.stage or "",
            "missing": entry.missing or "",
            "certainty": provisional,
        }
    return values


class NotAsSeen(Exception):
    """Something is otherwise than in the preview that was confirmed; `preview` is how it is."""

    def __init__(self, now: Preview) -> None:
        super().__init__()
        self.preview = now


def write(
    opened: Opened, filled: Filled, seen: Mapping[str, int], answers: Answers, *, by
) -> list[Target]:
    """Write what the preview showed, and give the targets that are new: all of them, or none.

    `seen` are the versions that the preview rested on. Raises NotAsSeen where one of them moved,
    where something cannot be taken over, or where an answer is missing; entering.Closed where the
    period closed meanwhile; IntegrityError as entering.save does.
    """
    with transaction.atomic():
        places = opened.places(to_save=True)
        if not all(place.period.is_open for place in places.values()):
            raise entering.Closed
        now = preview(opened, filled, places, answers)
        if now.problems or now.unanswered or now.versions != dict(seen):
            raise NotAsSeen(now)
        lines, written = [], []
        for change in now.changes:
            line = entering.write(change.place, typed(change), version=change.version, by=by)
            if line is not None:
                lines.append(Change(**line, reason=HOW))
                written.append(change.target)
        Change.objects.bulk_create(lines)
    return written


def said(value: Any, place: Place, phrases) -> str:
    """A field's content in words; （空） where there is none."""
    if not isinstance(value, Entry):
        return value or gettext("（空）")
    if not says_something(value):
        return gettext("（空）")
    actual = Actual(
        value=value.value,
        denominator=value.of,
        stage=value.stage or "",
        missing=value.missing or "",
        certainty="provisional" if value.provisional else "final",
    )
    return in_words(actual, place.target.unit, phrases)
