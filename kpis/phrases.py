"""What a page says of a result, in the reader's language: words, figures and whole sentences.

kpis/achievement.py says what a target is worth; here it becomes what people read beside the
chart, so that every row says the same thing as number, word and mark. A policy may name its own
grades (`grades.names`); those are data and stay as they are in every language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from wards import calendar

from .achievement import Result, Stage, Status, Target, Why, percent
from .charts import Markup
from .models import Judgement, Standing
from .standing import dropped_since
from .wording import grouped

if TYPE_CHECKING:
    from .models import Policy

STAGE_NAMES = {
    Stage.NOT_STARTED: _("未着手"),
    Stage.PREPARING: _("準備中"),
    Stage.UNDER_WAY: _("実施中"),
    Stage.DONE: _("完了"),
}

Reasons = tuple[str, str]  # why the project was given up, and why the target itself

#: What stands on the chip of a target that is not judged: why it is not.
WHY_NOT_JUDGED = {
    Why.STARTS_LATER: _("これから"),
    Why.BEFORE_PLAN: _("これから"),
    Why.AT_YEAR_END: _("判定は年度末"),
    Why.INCOMPLETE: _("数の不足"),
    Why.NO_RATE: _("率なし"),
    "pending": _("集計中"),
    "not_surveyed": _("調査なし"),
    "not_applicable": _("対象外"),
    "suppressed": _("非公表"),
}


class Worded(Protocol):
    """What a sentence says of a target beside its figures."""

    @property
    def unit(self) -> str: ...

    @property
    def status_reason(self) -> str: ...


class Texts:
    """Everything that rows and pages say in one language, looked up once and not for every row."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {each.value: str(each.label) for each in Judgement}
        self.stages = {str(stage): str(name) for stage, name in STAGE_NAMES.items()}
        self.reasons = {str(why): str(name) for why, name in WHY_NOT_JUDGED.items()}
        self.no_figure = gettext("実績なし")
        self.provisional = gettext("見込")
        self.within = gettext("枠内")
        self.provisional_value = gettext("見込%(value)s")
        self.at_most = pgettext("目標の数のあと", "以下")
        self.counted = gettext("%(status)s%(count)d")
        self.tally = gettext("%(name)s：%(counts)s")
        self.comma = gettext("、")
        self.sentence = gettext(
            "%(status)s。目標%(target)sに対し%(actual)s、達成率%(rate)s、計画の位置%(due)s"
        )
        self.sentence_without_plan = gettext(
            "%(status)s。目標%(target)sに対し%(actual)s、達成率%(rate)s"
        )
        self.sentence_of_limit = gettext("%(status)s。上限%(target)sに対し%(actual)s")
        self.sentence_of_nothing = gettext("%(status)s。目標%(target)s、実績なし")
        self.sentence_of_stage = gettext("%(status)s。段階は%(stage)s")
        self.sentence_of_reason = gettext("%(status)s。%(reason)s")
        self.revised = gettext("目標変更")
        self.cumulative = gettext("累計")
        self.originally = gettext("当初 %(value)s")
        self.of_all = gettext("全%(whole)s中")
        self.at_start = gettext("期首 %(value)s")
        self.total = gettext("累計 %(value)s / %(target)s")
        self.incomplete = gettext("前の期の数なし")
        self.allowance = gettext("枠 %(value)s")
        self.overall = gettext("累計に対する率")
        self.stage_before = gettext("前の期は%(stage)s")
        self.all_year = gettext("通年")
        self.with_original = gettext("%(target)s（当初 %(value)s）")
        self.goal = gettext("目標%(value)s")
        self.rate = gettext("達成率%(rate)s")
        self.corrected = gettext("訂正")
        self.corrected_total = gettext("%(total)s（訂正あり）")
        self.given_up_on = gettext("%(day)sに%(status)s")
        self.no_targets = gettext("目標はありません。")


@lru_cache(maxsize=8)
def texts(lang: str) -> Texts:
    """The texts of a language that is switched on."""
    return Texts()


class Phrases:
    """The words of one policy's results, in the language of the reader."""

    def __init__(self, policy: Policy) -> None:
        self.lang = get_language() or "ja"
        self.is_japanese = self.lang.startswith("ja")
        # What a policy says is Japanese on an English page too, and says so to a screen reader.
        self.in_japanese = Markup("" if self.is_japanese else ' lang="ja"')
        self.texts = texts(self.lang)
        self.provisional = self.texts.provisional
        own = policy.grades.get("names", {})
        self.statuses = {**self.texts.statuses, **own} if own else self.texts.statuses
        self.stages = self.texts.stages
        self.reasons = self.texts.reasons
        if "not_judged" in own:
            later = dict.fromkeys((str(Why.STARTS_LATER), str(Why.BEFORE_PLAN)), own["not_judged"])
            self.reasons = {**self.reasons, **later}

    def status(self, result: Result) -> str:
        """達成, or これから・集計中 and the like where there is nothing to judge."""
        if result.status is Status.NOT_JUDGED:
            return self.reasons.get(result.why) or self.statuses[Status.NOT_JUDGED]
        return self.statuses[result.status]

    def amount(self, value: Fraction | Decimal | None, unit: str) -> str:
        """550回 or 100%; an English reader gets a space before a Japanese counter."""
        if value is None:
            return "—"
        if isinstance(value, Fraction) and value.denominator == 1 and value >= 0:
            number = f"{value.numerator:,}"  # nearly every figure
        else:
            number = grouped(value)
        if not unit or self.is_japanese or unit in ("%", "％"):
            return f"{number}{unit}"
        return f"{number} {unit}"

    def target(self, target: Target, result: Result, unit: str) -> str:
        """The target in force with its unit: 550回, 120台以下."""
        bound = self.texts.at_most if target.is_limit else ""
        return self.amount(result.target_value, unit) + bound

    def goal(self, target: Target, result: Result, unit: str) -> str:
        """The same with the value before any revision: 400回（当初 550回）.

        Wherever a target shows outside a row that has 当初 on a line of its own.
        """
        told = self.target(target, result, unit)
        if result.original_value is None:
            return told
        before = self.amount(result.original_value, unit)
        return self.texts.with_original % {"target": told, "value": before}

    def given_up(
        self,
        target: Target,
        result: Result,
        ends: date,
        *,
        reasons: Reasons,
        beside_chip: bool = False,
    ) -> str:
        """令和2年5月18日に中止　感染症の拡大のため; "" where it is carried on.

        Of the project or of the target itself, whichever counts: `reasons` are both of theirs.
        Without a day, `beside_chip` leaves out the word that the chip has already.
        """
        if result.status not in (Status.CANCELLED, Status.POSTPONED):
            return ""
        dropped = dropped_since(target, ends)
        if dropped is None:
            return ""
        of_project, own = reasons
        reason = of_project if dropped.with_project else own
        if beside_chip and dropped.since is None:
            return reason
        return self.gone(dropped.status, dropped.since, reason)

    def gone(self, status: str, on: date | None, *words: str) -> str:
        """令和2年5月18日に中止, and what is known beside it; "" of what is carried on."""
        if status == Standing.ACTIVE:
            return ""
        told = self.statuses[status]
        if on:
            told = self.texts.given_up_on % {"day": self.day(on), "status": told}
        return "　".join(part for part in (told, *words) if part)

    def actual(self, result: Result, unit: str) -> str:
        """The figure to date with its unit, and 見込 before one that is not final."""
        if result.to_date is None:
            return self.texts.no_figure
        said = self.amount(result.to_date, unit)
        return self.texts.provisional_value % {"value": said} if result.provisional else said

    def stage(self, result: Result) -> str:
        """完了, or 見込完了 where that is not final; "" where there is none."""
        if result.stage is None:
            return ""
        said = self.stages[result.stage]
        return self.texts.provisional_value % {"value": said} if result.provisional else said

    def rate(self, result: Result) -> str:
        """50.0%, 枠内 while an upper limit runs, or a dash where there is none."""
        if result.within_allowance:
            return self.texts.within
        return "—" if result.rate is None else f"{percent(result.rate)}%"

    def sentence(self, target: Target, words: Worded, result: Result, due: Fraction | None) -> str:
        """The whole row in one sentence, for those who hear the chart."""
        status = self.status(result)
        if result.status in (Status.CANCELLED, Status.POSTPONED):
            reason = words.status_reason
            return (
                self.texts.sentence_of_reason % {"status": status, "reason": reason}
                if reason
                else status
            )
        if target.is_milestone:
            if result.stage is None:
                return status
            return self.texts.sentence_of_stage % {
                "status": status,
                "stage": self.stage(result),
            }
        said = {
            "status": status,
            "target": self.goal(target, result, words.unit),
            "actual": self.actual(result, words.unit),
            "rate": self.rate(result),
        }
        if result.to_date is None:
            return self.texts.sentence_of_nothing % said
        if target.is_limit and target.baseline is None:
            return self.texts.sentence_of_limit % said
        if due is None:
            return self.texts.sentence_without_plan % said
        return self.texts.sentence % {**said, "due": f"{percent(due)}%"}

    def tally(self, name: str, counts: Iterable[tuple[str, int]]) -> str:
        """What a stacked bar says: 区全体：達成3、順調12, without what does not occur."""
        counted = self.texts.counted
        told = [counted % {"status": status, "count": count} for status, count in counts if count]
        return self.texts.tally % {"name": name, "counts": self.texts.comma.join(told)}

    def months(self, target: Target) -> str:
        """When its work is done, where it is bound to a season: 10月から, 7月まで, 4–7月."""
        first, last = target.starts_month, target.ends_month
        if first and last:
            if first == last:
                return self._month(first)
            return gettext("%(first)s–%(last)s") % {
                "first": self._month(first, with_unit=False),
                "last": self._month(last),
            }
        if first:
            return gettext("%(month)sから") % {"month": self._month(first)}
        return gettext("%(month)sまで") % {"month": self._month(last)} if last else ""

    def _month(self, month: int, *, with_unit: bool = True) -> str:
        if not self.is_japanese:
            return calendar.MONTHS_EN[month - 1][:3]
        return f"{month}月" if with_unit else str(month)

    def period(self, starts: date, ends: date) -> str:
        return calendar.span_name(starts, ends, self.lang)

    def period_parts(self, starts: date, ends: date) -> tuple[str, str]:
        """A period's name and its months, for two lines: 上半期 and 4–9月."""
        name, _bracket, rest = self.period(starts, ends).replace("（", " (", 1).partition(" (")
        return name, rest.rstrip(")）")

    def period_in_two(self, starts: date, ends: date) -> dict[str, str]:
        """The same for components/periods.html: its `name` and its `months`."""
        name, months = self.period_parts(starts, ends)
        return {"name": name, "months": months}

    def year(self, fiscal_year: int) -> str:
        return calendar.year_label(fiscal_year, self.lang)

    def era_year(self, fiscal_year: int) -> str:
        return calendar.era_year(fiscal_year, self.lang)

    def day(self, day: date) -> str:
        return calendar.era_date(day, self.lang)

    def short_day(self, day: date) -> str:
        return calendar.short_date(day, self.lang)


def points(difference: Fraction) -> str:
    """A gap in percentage points with its sign, one decimal, half away from zero: −5.6pt."""
    tenths = _tenths(difference)
    sign = "±" if not tenths else "+" if difference > 0 else "−"
    return f"{sign}{tenths // 10}.{tenths % 10}pt"


def points_number(difference: Fraction) -> Decimal:
    """The same as a number, for files: -5.6."""
    tenths = Decimal(_tenths(difference)).scaleb(-1)
    return -tenths if difference < 0 else tenths


def _tenths(difference: Fraction) -> int:
    """Tenths of a percentage point, without the sign."""
    return int(abs(difference) * 1000 + Fraction(1, 2))
