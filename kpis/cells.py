"""The language of a cell: what people type or paste into the one figure cell of a row.

    275   １，２００   1.2万   88.4%   275回      a figure (kpis/numbers.py)
    見込 275   275（見込）   provisional 275       a figure that may still change
    14/30   30中14   30園中14園   14 of 30        a figure of a ratio with its denominator
    未着手   準備中   実施中   完了               the stage of a milestone, for a milestone alone
    集計中   今期は調査なし   対象外   非公表     the reason why there is no figure
    (empty)   —                                  nothing is entered

Rule 1  A cell is read only where it can mean one thing; anything else is refused with a sentence
        that says what was read and what would be.
Rule 2  Both languages are read whatever the page speaks: a sheet may be pasted from an English
        colleague's. Full and half width, capitals and spaces make no difference.
Rule 3  A cell in which Excel has made a date out of 「3-5」 or 「3/5」 is refused: what stood there
        is lost, and the day is no figure.
Rule 4  What `cell_text` writes, `read_cell` reads back as the same entry.

Pure: no database, no framework. Whether the figure is possible is for kpis/entry_rules.py to say.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kpis.figures import Entry, Missing, Stage
from kpis.numbers import UnreadableNumber, plain, read_number
from kpis.units import fold
from kpis.wording import MISSING_NAMES, STAGE_NAMES

#: What is written in front of a figure that may still change.
PROVISIONAL_NAMES = ("見込", "provisional")

#: A dash alone is how a table says that there is nothing.
_DASHES = frozenset("-−‐‑‒–—―ー─━－ｰ")

_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def _bare(text: str) -> str:
    """A name as it is compared: without width, capitals, spaces and the signs around it."""
    return re.sub(r"[ _\-()\[\]【】〔〕「」]", "", fold(text)).casefold()


_STAGES = {
    _bare(name): stage.value
    for stage, names in STAGE_NAMES.items()
    for name in (*names, stage.value)
}
_REASONS = {
    _bare(name): missing.value
    for missing, names in MISSING_NAMES.items()
    for name in (*names, missing.value)
} | {_bare(name): Missing.NOT_SURVEYED.value for name in ("調査なし", "調査無し", "no survey")}

_MARK = r"(?:見込み?|provisional)"
_PROVISIONAL = re.compile(
    rf"(?:\( *{_MARK} *\)|{_MARK}) *:? *(?P<behind>.+)"
    rf"|(?P<before>.+?) *(?:\( *{_MARK} *\)|{_MARK})",
    re.IGNORECASE,
)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_ERA = r"(?:令和|平成|昭和|[rhs])"
#: Without spaces: 2020年3月5日, 3月5日, 2020-03-05, 3/5/2020, R2.3.5, 5-Mar-20, Mar-5,2020.
_DATE = re.compile(
    rf"""
    {_ERA}?(?:[0-9]{{1,4}}|元)年[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?
    | [0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?
    | [0-9]{{4}}(?P<a>[-/.])[0-9]{{1,2}}(?P=a)[0-9]{{1,2}}
    | [0-9]{{1,2}}(?P<b>[-/.])[0-9]{{1,2}}(?P=b)(?:[0-9]{{4}}|[0-9]{{2}})
    | {_ERA}[0-9]{{1,2}}(?P<c>[-/.])[0-9]{{1,2}}(?P=c)[0-9]{{1,2}}
    | [0-9]{{1,2}}[-/]?{_MONTH}(?:[-/,]?[0-9]{{2,4}})?
    | {_MONTH}[-/]?[0-9]{{1,4}}(?:[-/,][0-9]{{2,4}})?
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: The hour that a date drags along when a program writes it out.
_HOUR = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")

_RATIO = re.compile(r"(?P<of_last>[^/]+)/(?P<last>[^/]+)|(?P<first>.+?) *(?:out +)?of +(?P<of>.+)")

_REASONS_TOLD = (
    "数がないときは、「集計中」「今期は調査なし」「対象外」「非公表」のどれかを入力してください。",
    "Where there is no figure, type “Being counted”, “No survey this period”, “Not applicable” or "
    "“Not published”.",
)
_SENTENCES = {
    "date": (
        "「{typed}」は日付のように読めます。Excelが「3-5」や「3/5」を日付に直したのかもしれません。"
        "数を入力し直してください。",
        "“{typed}” looks like a date. Excel may have made it out of something like “3-5” or “3/5”. "
        "Type the figure again.",
    ),
    "date_ratio": (
        "「{typed}」は日付のように読めます。Excelが「3/5」を日付に直したのかもしれません。"
        "「5中3」のように入力し直してください。",
        "“{typed}” looks like a date. Excel may have made it out of something like “3/5”. "
        "Type it again, like “3 of 5”.",
    ),
    "ratio": (
        "「{typed}」は「母数中の数」として読めません。「14」「14/30」「30中14」のように"
        "入力してください。",
        "“{typed}” cannot be read as so many of so many. Type it like “14”, “14/30” or “14 of 30”.",
    ),
    "provisional_alone": (
        "「{typed}」に数がありません。「見込 275」のように、数も入力してください。",
        "“{typed}” has no figure. Type the figure too, like “provisional 275”.",
    ),
    "provisional_reason": (
        "「{typed}」には、見込と、数がない理由の両方があります。どちらか一方だけにしてください。",
        "“{typed}” is both provisional and a reason for no figure. Type only one of them.",
    ),
    "stage": (
        "「{typed}」は段階として読めません。「未着手」「準備中」「実施中」「完了」のどれかを"
        "入力してください。",
        "“{typed}” is no stage. Type “Not started”, “Preparing”, “Under way” or “Done”.",
    ),
    "stage_of_number": (
        "「{typed}」は段階です。この目標には、数を「12」や「1.2万」のように入力してください。",
        "“{typed}” is a stage. This target takes a number: type it like “12” or “1.2万”.",
    ),
}


class UnreadableCell(ValueError):
    """A cell that can mean nothing, or two things. `text` says what was read and what would be.

    `key` names the sentence, as in kpis/numbers.py for what is wrong with a number.
    """

    def __init__(self, key: str, typed: str, ja: str, en: str, lang: str = "ja") -> None:
        self.key = key
        self.typed = typed
        self._texts = (ja, en)
        super().__init__(self.text(lang))

    def text(self, lang: str = "ja") -> str:
        return self._texts[lang.lower().startswith("en")]


def read_cell(text: str, *, measure: str, unit: str = "", lang: str = "ja") -> Entry:
    """The entry that a cell says; `Entry()` for an empty one. Raises UnreadableCell.

    `measure` and `unit` are the target's own. A ratio's figure alone leaves the denominator as
    planned. `lang` is that of the error's `str()`, not of the cell.
    """
    typed = " ".join(_UNSEEN.sub("", fold(text)).split())
    if not typed or (len(typed) <= 2 and set(typed) <= _DASHES):
        return Entry()
    reader = _Cell(typed, measure, "%" if measure == "percentage" and not unit else unit, lang)
    return reader.entry()


def cell_text(entry: Entry, *, unit: str = "", lang: str = "ja") -> str:
    """The one canonical text of a cell, without the unit: 1200, 14/30, 見込 275, 完了, 集計中.

    `""` where the entry says nothing. A reason is never provisional.
    """
    english = lang.lower().startswith("en")
    if entry.missing:
        return MISSING_NAMES[Missing(entry.missing)][english]
    if entry.stage:
        said = STAGE_NAMES[Stage(entry.stage)][english]
    elif entry.value is not None:
        said = plain(entry.value)
        said = said if entry.of is None else f"{said}/{plain(entry.of)}"
    else:
        return ""
    return f"{PROVISIONAL_NAMES[english]} {said}" if entry.provisional else said


class _Cell:
    """One cell on its way to being read."""

    def __init__(self, typed: str, measure: str, unit: str, lang: str) -> None:
        self.typed = typed
        self.measure = measure
        self.unit = unit
        self.lang = lang

    def entry(self) -> Entry:
        if reason := _REASONS.get(_bare(self.typed)):
            return Entry(missing=reason)
        marked = _PROVISIONAL.fullmatch(self.typed)
        if not marked:
            if re.fullmatch(rf"\(?{_MARK}\)?", self.typed, re.IGNORECASE):
                raise self.unreadable("provisional_alone")
            return self.answer(self.typed)
        said = marked["behind"] or marked["before"]
        if _bare(said) in _REASONS:
            raise self.unreadable("provisional_reason")
        return replace(self.answer(said), provisional=True)

    def answer(self, said: str) -> Entry:
        stage = _STAGES.get(_bare(said))
        if self.measure == "milestone":
            if stage is None:
                raise self.unreadable("stage")
            return Entry(stage=stage)
        if stage is not None:
            raise self.unreadable("stage_of_number")
        if _DATE.fullmatch(_HOUR.sub("", said).replace(" ", "")):
            raise self.unreadable("date_ratio" if self.measure == "ratio" else "date")
        if self.measure == "ratio" and (parts := self.parts(said)):
            return parts
        try:
            return Entry(value=read_number(said, unit=self.unit))
        except UnreadableNumber as error:
            raise self.number_unreadable(error) from error

    def parts(self, said: str) -> Entry | None:
        """Both numbers of a ratio; None where there is but one."""
        pairs = []
        if match := _RATIO.fullmatch(said):
            pairs = [(match["of_last"] or match["first"], match["last"] or match["of"])]
        for place in re.finditer("中", said):  # the unit may have one too: 10中学校中5中学校
            whole = said[: place.start()].removeprefix("全").strip().removesuffix("の")
            pairs.append((said[place.end() :], whole))
        for whole, part in re.findall(r"^(.+)のうち(.+)$", said):
            pairs.append((part, whole.removeprefix("全")))
        for part, whole in pairs:
            try:
                return Entry(
                    value=read_number(part, unit=self.unit), of=read_number(whole, unit=self.unit)
                )
            except UnreadableNumber as error:
                if error.key == "too_many_digits":
                    raise self.number_unreadable(error) from error
        if pairs:
            raise self.unreadable("ratio")
        return None

    def unreadable(self, key: str) -> UnreadableCell:
        shown = self.typed if len(self.typed) <= 30 else self.typed[:30] + "…"
        ja, en = (sentence.format(typed=shown) for sentence in _SENTENCES[key])
        return UnreadableCell(key, self.typed, ja, en, self.lang)

    def number_unreadable(self, error: UnreadableNumber) -> UnreadableCell:
        ja, en = error.text("ja"), error.text("en")
        if error.key == "not_a_number":
            if self.measure == "ratio":
                return self.unreadable("ratio")
            ja, en = ja + _REASONS_TOLD[0], f"{en} {_REASONS_TOLD[1]}"
        return UnreadableCell(error.key, self.typed, ja, en, self.lang)
