"""What a policy document has to keep to beyond its schema: rules that join two places.

Each check reads a document whose single values are right; a value that the schema refused has
been taken out before, so every check lives with what is missing. docs/policy-document.md lists
the rules; the numbers in brackets are those of docs/calculation.md.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from wards.calendar import due_date, halves

from .documents import Document, Problem, at, number_text, shown

#: Of one kind in a policy; a ward's has a few hundred at most.
MOST_ITEMS = 2000
Found = Iterator[Problem]


def cross_check(document: Document) -> list[Problem]:
    """Every problem between the parts of a document, in the order of the document."""
    return [
        *_check_grades(document.get("grades") or {}),
        *_check_periods(document),
        *_check_sections(document),
        *_check_ids(document),
        *_check_projects(document),
    ]


def _items(holder: Document, key: str) -> Iterator[tuple[int, Any]]:
    """The objects of a list, with their numbers; what was taken out is passed over."""
    value = holder.get(key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def pillars(document: Document) -> Iterator[tuple[str, Document]]:
    for index, pillar in _items(document, "pillars"):
        yield at("pillars", index), pillar


def projects(document: Document) -> Iterator[tuple[str, Document]]:
    for place, pillar in pillars(document):
        for index, project in _items(pillar, "projects"):
            yield at(place, "projects", index), project


def initiatives(document: Document) -> Iterator[tuple[str, Document]]:
    for place, project in projects(document):
        for index, initiative in _items(project, "initiatives"):
            yield at(place, "initiatives", index), initiative


def targets(document: Document) -> Iterator[tuple[str, Document]]:
    for place, initiative in initiatives(document):
        for index, target in _items(initiative, "targets"):
            yield at(place, "targets", index), target


def _figure(holder: Document, key: str) -> Decimal | None:
    return Decimal(holder[key]) if isinstance(holder.get(key), str) else None


def _day(holder: Document, key: str) -> date | None:
    return date.fromisoformat(holder[key]) if isinstance(holder.get(key), str) else None


# The policy ---------------------------------------------------------------------------------------


def _check_grades(grades: Document) -> Found:
    for key, most in (("achieved", 1000), ("pace", 100), ("rate", 100)):
        bound = _figure(grades, key)
        if bound is not None and not 0 < bound <= most:
            message = _("0 より大きく {most} 以下の百分率で書いてください。")
            yield Problem(at("grades", key), message.format(most=most))


def _check_periods(document: Document) -> Found:
    year = document.get("fiscal_year")
    keys: set[str] = set()
    spans: list[tuple[date, date, str]] = []
    for index, period in _items(document, "periods"):
        place = at("periods", index)
        if (key := period.get("key")) in keys:
            message = _("期「{key}」が2回書かれています。記号を変えてください。")
            yield Problem(at(place, "key"), message.format(key=shown(key)))
        if key:
            keys.add(key)
        starts, ends = _day(period, "starts"), _day(period, "ends")
        if starts is None or ends is None:
            continue
        if ends <= starts:
            message = _("期の終わりは、始まりより後の日にしてください。")
            yield Problem(at(place, "ends"), message)
            continue
        due = _day(period, "due")
        if due is not None and due < starts:
            yield Problem(at(place, "due"), _("入力期限は、期の始まり以後の日にしてください。"))
        if isinstance(year, int) and not (
            date(year, 4, 1) <= starts and ends <= date(year + 1, 3, 31)
        ):
            message = _("期は {year}年度（{year}年4月1日から{next}年3月31日）に収めてください。")
            yield Problem(place, message.format(year=year, next=year + 1))
        spans.append((starts, ends, place))
    spans.sort()
    for (_starts, ends, _place), (starts, _ends, place) in pairwise(spans):
        if starts <= ends:
            yield Problem(place, _("前の期と日が重なっています。重ならないように分けてください。"))


def _period_keys(document: Document) -> list[str] | None:
    """The keys of the periods in their order in time; None where a period is itself in doubt."""
    rows = document.get("periods")
    if rows is None and isinstance(document.get("fiscal_year"), int):
        rows = default_periods(document["fiscal_year"])
    if not rows or not all(row and row.get("key") and row.get("starts") for row in rows):
        return None
    return [row["key"] for row in sorted(rows, key=lambda row: row["starts"])]


def _check_sections(document: Document) -> Found:
    yield from _once(
        (
            (at("sections", index, "name"), section.get("name"))
            for index, section in _items(document, "sections")
        ),
        _("「{value}」は {first} にもあります。課は 1 回だけ書いてください。"),
    )


def _once(values: Iterable[tuple[str, str | None]], message: str) -> Found:
    first: dict[str, str] = {}
    for place, value in values:
        if value in first:
            yield Problem(place, message.format(value=value, first=first[value]))
        elif value:
            first[value] = place


def _check_ids(document: Document) -> Found:
    """An id stands once among the pillars, once among the projects, and so on."""
    message = _("id「{value}」は {first} にもあります。id は重ならないようにしてください。")
    for kind in (pillars, projects, initiatives, targets):
        yield from _once(
            ((at(place, "id"), item.get("id")) for place, item in kind(document)), message
        )
        if (total := sum(1 for _item in kind(document))) > MOST_ITEMS:
            too_many = _("{name} が全部で {total} 件あります。{most} 件までにしてください。")
            yield Problem(
                "pillars", too_many.format(name=kind.__name__, total=total, most=MOST_ITEMS)
            )


# Projects and targets -----------------------------------------------------------------------------


def _check_projects(document: Document) -> Found:
    periods = _period_keys(document)
    year = document.get("fiscal_year")
    by_id = {target["id"]: target for _place, target in targets(document) if target.get("id")}
    for place, project in projects(document):
        yield from _check_day(project, "status_on", place, year)
        yield from _check_given_up(project, place)
        yield from _check_named_periods(project, "narratives", place, periods)
    for place, target in targets(document):
        yield from _check_day(target, "status_on", place, year)
        yield from _check_given_up(target, place)
        yield from check_target(target, place, periods)
        yield from _check_link(target, place, by_id)
        for index, revision in _items(target, "revisions"):
            yield from _check_day(revision, "on", at(place, "revisions", index), year)
        yield from check_revisions(target, place)
        yield from _check_named_periods(target, "actuals", place, periods)
        yield from check_actuals(target, place, periods)


def _check_day(holder: Document, key: str, place: str, year: int | None) -> Found:
    day = _day(holder, key)
    if day is None or year is None or date(year, 4, 1) <= day <= date(year + 1, 3, 31):
        return
    message = _("{year}年度の日付（{year}年4月1日から{next}年3月31日）を書いてください。")
    yield Problem(at(place, key), message.format(year=year, next=year + 1))


def _check_given_up(holder: Document, place: str) -> Found:
    """Nothing is cancelled or postponed without a reason: it would only vanish."""
    if holder.get("status", "active") == "active" or str(holder.get("status_reason", "")).strip():
        return
    message = _("中止や延期には理由が必要です。status_reason に書いてください。")
    yield Problem(at(place, "status_reason"), message)


def _is_unknown(key: str, periods: list[str] | None) -> bool:
    return periods is not None and key not in periods


def _unknown_period(key: str, periods: list[str] | None) -> str:
    message = _("期「{key}」は periods にありません。{keys} のどれかを書いてください。")
    return message.format(key=shown(key), keys=_("、").join(map(shown, periods or [])))


def _check_named_periods(
    holder: Document, name: str, place: str, periods: list[str] | None
) -> Found:
    """What is said by period names one that there is, and each only once."""
    seen: set[str] = set()
    for index, item in _items(holder, name):
        key = item.get("period")
        if not key:
            continue
        where = at(place, name, index, "period")
        if _is_unknown(key, periods):
            yield Problem(where, _unknown_period(key, periods))
        elif key in seen:
            message = _("期「{key}」が2回書かれています。1つにまとめてください。")
            yield Problem(where, message.format(key=shown(key)))
        seen.add(key)


def check_target(target: Document, place: str, periods: list[str] | None) -> Found:
    """What a target says of itself: measure, accumulation, baseline, months and plan."""
    if target.get("measure") == "ratio" and "of" not in target:
        message = _("「n中m」の目標には母数が必要です。of を書き足してください。")
        yield Problem(at(place, "of"), message)
    if target.get("measure") in ("number", "percentage") and "of" in target:
        message = _("母数は measure が ratio の目標だけに書けます。of を消してください。")
        yield Problem(at(place, "of"), message)
    if target.get("accumulation") == "sum":
        if target.get("cumulative"):
            message = _("累計は最新の値で見ます。accumulation を latest にしてください。")
            yield Problem(at(place, "cumulative"), message)
        if "baseline" in target:
            message = _("期首値は accumulation が latest の目標だけに書けます。消してください。")
            yield Problem(at(place, "baseline"), message)
    if "baseline" not in target:
        yield from _not_negative(target, "value", place)
        for index, revision in _items(target, "revisions"):
            for key in ("from", "to"):
                yield from _not_negative(revision, key, at(place, "revisions", index))
        for key in target.get("plan") or {}:
            yield from _not_negative(target["plan"], key, at(place, "plan"))
    if (of := _figure(target, "of")) is not None and of < 0:
        yield Problem(at(place, "of"), _negative(of))
    for key in target.get("plan") or {}:
        if _is_unknown(key, periods):
            yield Problem(at(place, "plan", key), _unknown_period(key, periods))
    starts, ends = target.get("starts_month"), target.get("ends_month")
    if starts and ends and (ends - 4) % 12 < (starts - 4) % 12:
        message = _(
            "終わる月が始まる月（{starts}月）より前です。4月から3月の順で見直してください。"
        )
        yield Problem(at(place, "ends_month"), message.format(starts=starts))


def _negative(figure: Decimal) -> str:
    message = _(
        "負の数（{figure}）は期首値のある目標だけに書けます。"
        "baseline を加えるか、0 以上にしてください。"
    )
    return message.format(figure=number_text(figure))


def _not_negative(holder: Document, key: str, place: str) -> Found:
    figure = _figure(holder, key)
    if figure is not None and figure < 0:
        yield Problem(at(place, key), _negative(figure))


def _check_link(target: Document, place: str, by_id: dict[str, Document]) -> Found:
    """A cumulative number follows from a yearly sum of the same policy [1]."""
    if (linked := target.get("linked_to")) is None:
        return
    where = at(place, "linked_to")
    if not target.get("cumulative") or target.get("measure") != "number":
        message = _(
            "linked_to は累計の数量（cumulative が true の number）だけに書けます。消してください。"
        )
        yield Problem(where, message)
    partner = by_id.get(linked)
    if partner is None:
        message = _("id「{id}」の目標はこの文書にありません。id を確かめてください。")
        yield Problem(where, message.format(id=shown(linked)))
    elif (partner.get("measure"), partner.get("accumulation")) != ("number", "sum"):
        message = _(
            "「{id}」は年度の合計（number で sum）ではありません。"
            "年度の目標の id を書いてください。"
        )
        yield Problem(where, message.format(id=shown(linked)))


def check_revisions(target: Document, place: str) -> Found:
    """Each change starts from the value before it, and the last one is the value in force [2]."""
    dated = []
    for index, revision in _items(target, "revisions"):
        if not {"on", "from", "to"} <= revision.keys():
            return
        dated.append((revision["on"], index, revision))
    dated.sort(key=lambda row: row[:2])
    for (before_on, _before, before), (on, index, revision) in pairwise(dated):
        where = at(place, "revisions", index)
        if on == before_on:
            message = _("{on} の変更が2つあります。1日に1つにまとめてください。")
            yield Problem(at(where, "on"), message.format(on=on))
        elif Decimal(revision["from"]) != Decimal(before["to"]):
            message = _("前の変更後の値（{to}）から始まっていません。from を直してください。")
            yield Problem(at(where, "from"), message.format(to=before["to"]))
    value = _figure(target, "value")
    if dated and value is not None and Decimal(dated[-1][2]["to"]) != value:
        message = _("value は最後の変更後の値（{to}）です。どちらかを直してください。")
        yield Problem(at(place, "value"), message.format(to=dated[-1][2]["to"]))


# Actuals ------------------------------------------------------------------------------------------


def check_actuals(target: Document, place: str, periods: list[str] | None) -> Found:
    """Entries fit their target's measure; m is never exceeded, nothing is negative [1, 3]."""
    measure = target.get("measure")
    in_time = {key: number for number, key in enumerate(periods or [])}
    rows = [
        (in_time[actual["period"]], at(place, "actuals", index), actual)
        for index, actual in _items(target, "actuals")
        if actual.get("period") in in_time
    ]
    so_far, m = Decimal(0), _figure(target, "of")
    for _order, where, actual in sorted(rows, key=lambda row: row[0]):
        yield from _check_kind(actual, where, measure, bool(target.get("linked_to")))
        if measure == "milestone":
            continue
        value, of = _figure(actual, "value"), _figure(actual, "of")
        if "baseline" not in target:
            yield from _not_negative(actual, "value", where)
            yield from _not_negative(actual.get("outlook") or {}, "value", at(where, "outlook"))
        if of is not None and of < 0:
            yield Problem(at(where, "of"), _negative(of))
        if measure != "ratio" or value is None:
            continue
        m = of if of is not None else m
        so_far = so_far + value if target.get("accumulation") == "sum" else value
        if m is not None and so_far > m:
            message = _("これまでの実績（{figure}）が母数（{m}）を超えています。見直してください。")
            yield Problem(
                at(where, "value"), message.format(figure=number_text(so_far), m=number_text(m))
            )


def _check_kind(actual: Document, place: str, measure: str | None, linked: bool) -> Found:
    entries = [key for key in ("value", "stage", "missing") if key in actual]
    if len(entries) > 1:
        message = _("{keys} は同時に書けません。どれか 1 つにしてください。")
        yield Problem(place, message.format(keys=_("、").join(entries)))
    if measure == "milestone":
        for key in ("value", "of"):
            if key in actual:
                message = _("数値のない目標です。段階（stage）を書いてください。")
                yield Problem(at(place, key), message)
        if "value" in (actual.get("outlook") or {}):
            message = _("数値のない目標には、年度末の見込値を書けません。消してください。")
            yield Problem(at(place, "outlook", "value"), message)
        return
    if measure and "stage" in actual:
        message = _("数値のある目標です。段階（stage）ではなく value を書いてください。")
        yield Problem(at(place, "stage"), message)
    if "of" in actual and measure and measure != "ratio":
        message = _("母数は measure が ratio の目標だけに書けます。of を消してください。")
        yield Problem(at(place, "of"), message)
    elif "of" in actual and "value" not in actual:
        message = _("母数は実績（value）と一緒に書いてください。")
        yield Problem(at(place, "of"), message)
    if linked and "missing" in actual:
        message = _("年度の目標に連動する累計です。理由は年度の目標のほうに書いてください。")
        yield Problem(at(place, "missing"), message)


# What a document may leave out --------------------------------------------------------------------


def default_periods(year: int) -> list[Document]:
    """The two halves of a fiscal year, each due a month after it ends."""
    return [
        {
            "key": half.key,
            "starts": half.starts.isoformat(),
            "ends": half.ends.isoformat(),
            "due": due_date(half.ends, months=1).isoformat(),
        }
        for half in halves(year)
    ]
