"""意見一覧: the list of a round, and that of all rounds of a ward; what is taken away of it; and
what the secretariat does with several lines at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from kpis.listing_views import CSV, XLSX, taken_away
from kpis.models import Policy
from kpis.phrases import Phrases
from kpis.spreadsheets import Sheet, write_csv, write_xlsx
from wards.models import Section, Ward
from wards.permissions import Role, access_of

from . import answering, merging
from .answer_forms import AssignForm, ReleaseForm, WordingForm
from .answer_tables import CommentTable
from .answering import Conflict, State
from .comment_files import comment_columns, file_name
from .comment_filters import CommentFilter
from .comment_list import CommentList, Line, round_name
from .item_views import address
from .lookup import about_round, find_round, find_ward
from .merging import joined
from .models import Comment, Item, Member, Round
from .permissions import looks_after
from .workflow import MoveRefused


def rounds_of(user, ward: Ward) -> list[Round]:
    """The ward's rounds that this person may know of, the newest first."""
    rows = Round.objects.visible_to(user).filter(policy__ward=ward)
    rows = rows.select_related("policy__ward", "period", "committee")
    return list(rows.order_by("-policy__fiscal_year", "-period__starts"))


def narrowed(
    request, listed: CommentList, *, picks: bool, chosen: Collection[int] = ()
) -> tuple[CommentFilter, CommentTable]:
    """The lines as filtered and sorted by the address."""
    narrow = CommentFilter(request.GET, comments=listed)
    many = len(listed.rounds) > 1
    table = CommentTable(narrow.kept(), picks=picks, many_rounds=many, chosen=chosen)
    RequestConfig(request, paginate=False).configure(table)
    return narrow, table


# The list of a round ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request, code: str, year: int, period: str):
    """The list of a round; the secretariat picks lines and works on them."""
    round = find_round(request.user, code, year, period)
    if request.method == "POST":
        if not looks_after(request.user, round.policy.ward_id):
            raise PermissionDenied(_("意見一覧を整理できるのは、事務局だけです。"))
        return _act(request, round)
    return _show(request, round)


def _show(request, round: Round, *, status: int = 200, picked=(), **bound) -> HttpResponse:
    listed = CommentList(request.user, [round])
    compiles = looks_after(request.user, round.policy.ward_id)
    narrow, table = narrowed(request, listed, picks=compiles, chosen=picked)
    forms = dict(bound)
    if compiles and listed.lines:
        if "assign" not in forms:
            forms["assign"] = AssignForm(sections=sections_of(round.policy.ward))
        forms.setdefault("release", ReleaseForm())
    context = {
        **about_round(round, request.user, "comments"),
        **about_list(request, listed, narrow, table),
        "forms": forms,
        "may_renumber": compiles
        and all(line.item.state == State.LISTED for line in listed.lines)
        and merging.has_gaps(line.item for line in listed.lines),
        "progress": progress(round) if compiles and not round.is_over else [],
        "works_on": request.get_full_path(),
        "enters": access_of(request.user).has(
            round.policy.ward_id, Role.STAFF, Role.HEAD, Role.SECRETARIAT
        ),
        "answers_url": round.address("answers"),
        "base": round.address("comments"),
        "xlsx_url": round.address("comments_xlsx"),
        "csv_url": round.address("comments_csv"),
    }
    return render(request, "reviews/comments.html", context, status=status)


def about_list(
    request, listed: CommentList, narrow: CommentFilter, table: CommentTable
) -> dict[str, Any]:
    query = request.GET.urlencode()
    return {
        "filter": narrow,
        "narrowed": narrow.active(),
        "table": table,
        "rows": table.data.data,
        "listed": listed,
        "figures": figures(listed.lines),
        "waiting": waiting_in_words(listed),
        "sort": request.GET.get("sort", ""),
        "query": f"?{query}" if query else "",
    }


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the headline, and the filter that shows what it is made of."""

    name: str
    count: int
    query: str
    late: int = 0


def figures(lines: Sequence[Line]) -> list[Figure]:
    """How many comments there are, and how far their answers have come."""
    if not lines:
        return []
    counted = dict.fromkeys(("waiting", *State.values), 0)
    for line in lines:
        counted[line.state] += 1
    found = [Figure(_("意見"), len(lines), "")]
    if any(line.inside for line in lines):
        late = sum(line.is_late for line in lines)
        to_answer = counted[State.ASKED] + counted[State.RETURNED]
        found += [
            Figure(_("整理中"), counted[State.LISTED], "state=listed"),
            Figure(_("課の回答待ち"), to_answer, "state=unanswered", late),
            Figure(_("公開待ち"), counted[State.ANSWERED], "state=answered"),
        ]
    else:
        found.append(Figure(_("回答準備中"), counted["waiting"], "state=waiting"))
    return [*found, Figure(_("回答あり"), counted[State.RELEASED], "state=released")]


def waiting_in_words(listed: CommentList) -> list[dict[str, Any]]:
    """The sections that have still to answer, late ones first."""
    first = next(iter(listed.rounds.values()), None)
    if first is None:
        return []
    phrases = Phrases(first.policy)
    return [
        {
            "section": each.section,
            "count": each.count,
            "late": each.late,
            "due": phrases.short_day(each.due),
        }
        for each in listed.waiting
    ]


def sections_of(ward: Ward) -> list[Section]:
    """The ward's sections that there still are."""
    return list(Section.objects.filter(ward=ward, successor=None).order_by("order", "id"))


def progress(round: Round) -> list[Member]:
    """How far each member is while comments are taken: for the secretariat alone; one query."""
    of_round = Q(comments__round=round)
    sent = Q(comments__state=Comment.State.SENT)
    drafts = Q(comments__state=Comment.State.DRAFT)
    members = Member.objects.filter(committee=round.committee_id).filter(
        Q(pk__in=Member.objects.in_office_now()) | Q(comments__round=round)
    )
    counted = members.annotate(
        sent=Count("comments", filter=of_round & sent, distinct=True),
        drafts=Count("comments", filter=of_round & drafts, distinct=True),
        read=Count("read_marks", filter=Q(read_marks__round=round), distinct=True),
    )
    return list(counted.defer("contact").order_by("order", "id"))


# Several lines at once ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pick:
    """A line that was chosen, with the version that stood on the page."""

    item: Item
    seen: int


def picks_of(request, round: Round) -> list[Pick]:
    """The lines chosen on the page ("12:3" is line 12 in its version 3), in their order."""
    seen: dict[int, int] = {}
    for typed in request.POST.getlist("pick"):
        number, _colon, version = typed.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (number, version)):
            seen[int(number)] = int(version)
    rows = Item.objects.visible_to(request.user).filter(round=round, number__in=seen)
    rows = rows.select_related("round__policy__ward", "round__period").order_by("number")
    return [Pick(item, seen[item.number]) for item in rows]


def _act(request, round: Round) -> HttpResponse:
    action, picks = request.POST.get("action", ""), picks_of(request, round)
    if action == "renumber":
        return _renumber(request, round)
    if action not in ("assign", "ask", "take_back", "release", "merge"):
        messages.error(request, _("ボタンを選び直してください。"))
        return redirect(request.get_full_path())
    chosen = [each.item.number for each in picks]
    if not picks:
        messages.error(request, _("意見が選ばれていません。選んでから、もう一度押してください。"))
        return _show(request, round, status=422, **_bound(request, round))
    if action == "merge":
        numbers = "&".join(f"n={each.item.number}" for each in picks)
        return redirect(f"{round.address('comments_merge')}?{numbers}")
    bound = _bound(request, round)
    if action in ("assign", "ask"):
        form = bound["assign"]
        if not form.is_valid() or not _is_assigned(form):
            return _show(request, round, status=422, picked=chosen, assign=form)
    elif action == "release":
        form = bound["release"]
        if not form.is_valid():
            return _show(request, round, status=422, picked=chosen, release=form)
    done, left = _each(request, action, picks, bound)
    if done:
        messages.success(request, TOLD[action](done))
    if action in ("assign", "ask") and bound["assign"].moved:
        messages.info(request, bound["assign"].moved)
    for told in left:
        messages.warning(request, told)
    return redirect(request.get_full_path())


def _renumber(request, round: Round) -> HttpResponse:
    try:
        merging.renumber(round, by=request.user)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("番号を付け直しました。"))
    return redirect(request.get_full_path())


def _bound(request, round: Round) -> dict[str, Any]:
    return {
        "assign": AssignForm(request.POST, sections=sections_of(round.policy.ward)),
        "release": ReleaseForm(request.POST),
    }


def _is_assigned(form: AssignForm) -> bool:
    """Whether several lines get both a section and a day; else the form says what is missing."""
    if not form.cleaned_data["section"]:
        form.add_error("section", _("回答する課を選んでください。"))
    if not form.cleaned_data["due"]:
        form.add_error("due", _("回答期限を入力してください。"))
    return not form.errors


TOLD = {
    "assign": lambda n: (
        ngettext("%(n)d件の課と期限を決めました。", "%(n)d件の課と期限を決めました。", n) % {"n": n}
    ),
    "ask": lambda n: (
        ngettext("%(n)d件の回答を課に依頼しました。", "%(n)d件の回答を課に依頼しました。", n)
        % {"n": n}
    ),
    "take_back": lambda n: (
        ngettext("%(n)d件の依頼を取り消しました。", "%(n)d件の依頼を取り消しました。", n) % {"n": n}
    ),
    "release": lambda n: (
        ngettext("%(n)d件の回答を公開可としました。", "%(n)d件の回答を公開可としました。", n)
        % {"n": n}
    ),
}


def _each(request, action: str, picks: list[Pick], bound) -> tuple[int, list[str]]:
    """Each line by itself: how many went, and why the others did not."""
    done, left = 0, []
    for pick in picks:
        try:
            _one(request, action, pick, bound)
        except MoveRefused as refused:
            left.append(f"No.{pick.item.number}：{refused}")
        except Conflict as met:
            state = met.item.get_state_display()
            told = _("No.%(n)d：いまは「%(state)s」です。確かめてから、もう一度押してください。")
            left.append(told % {"n": pick.item.number, "state": state})
        else:
            done += 1
    return done, left


def _one(request, action: str, pick: Pick, bound) -> None:
    item, seen, by = pick.item, pick.seen, request.user
    if action in ("assign", "ask"):
        given = bound["assign"].cleaned_data
        item = answering.assign(item, given["section"], given["due"], seen=seen, by=by)
        if action == "ask" and item.state == State.LISTED:
            answering.move("pass_on", item, by=by, seen=item.version)
    elif action == "release":
        answering.move("release", item, by=by, seen=seen, decision=bound["release"].publication)
    else:
        answering.move(action, item, by=by, seen=seen)


@require_http_methods(["GET", "HEAD", "POST"])
def comments_merge(request, code: str, year: int, period: str):
    """Several lines become one: its words begin as theirs, one below the other."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("意見一覧を整理できるのは、事務局だけです。"))
    listed = CommentList(request.user, [round])
    abouts = listed.abouts[round.pk]
    if request.method == "POST":
        picks = picks_of(request, round)
        form = WordingForm(request.POST, abouts=abouts)
        if form.is_valid():
            try:
                made = merging.merge(
                    [(each.item, each.seen) for each in picks], form.wording, by=request.user
                )
            except (MoveRefused, IndexError) as refused:
                messages.error(request, str(refused))
            else:
                numbers = _("、").join(f"No.{each.item.number}" for each in picks)
                told = _("%(numbers)sを、No.%(n)dにまとめました。")
                messages.success(request, told % {"numbers": numbers, "n": made.number})
                return redirect(address(made))
        wanted = {each.item.number for each in picks}
    else:
        typed = request.GET.getlist("n")
        wanted = {int(n) for n in typed if n.isascii() and n.isdigit() and len(n) < 10}
        form = None
    lines = sorted(
        (line for line in listed.lines if line.item.number in wanted), key=lambda line: line.number
    )
    mergeable = len(lines) > 1 and all(line.item.state == State.LISTED for line in lines)
    if not lines or (form is None and not mergeable):
        messages.error(request, _("整理中の意見を、2件以上選んでください。"))
        return redirect(round.address("comments"))
    if form is None:
        first = lines[0].item
        one_subject = len({(line.item.subject, line.item.key) for line in lines}) == 1
        start = {
            "about": f"{first.subject}:{first.key}" if one_subject else "whole:",
            "kind": first.kind,
            "text": joined(line.item for line in lines),
        }
        form = WordingForm(abouts=abouts, initial=start)
    context = {
        **about_round(round, request.user, "comments"),
        "lines": lines,
        "form": form,
        "base": round.address("comments"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "reviews/comments_merge.html", context, status=status)


# All rounds of a ward -----------------------------------------------------------------------------


def _of_ward(request, code: str) -> tuple[Ward, CommentList]:
    ward = find_ward_or_city(request.user, code)
    return ward, CommentList(request.user, rounds_of(request.user, ward))


def find_ward_or_city(user, code: str) -> Ward:
    """A ward in which this person holds a post; for the city any that has a policy; else 404."""
    try:
        return find_ward(user, code)
    except Http404:
        policy = Policy.objects.visible_to(user).filter(ward__code=code).select_related("ward")
        if found := policy.first():
            return found.ward
        raise


def newest_visible(user, ward: Ward) -> Policy | None:
    """The policy that the menu of a page about the whole ward leads to."""
    rows = Policy.objects.visible_to(user).filter(ward=ward).select_related("ward")
    return rows.order_by("-fiscal_year").first()


@require_safe
def all_comments(request, code: str):
    """Every comment of a ward, over the years: the year is a filter like the others."""
    ward, listed = _of_ward(request, code)
    narrow, table = narrowed(request, listed, picks=False)
    context = {
        **about_list(request, listed, narrow, table),
        "ward": ward,
        "policy": newest_visible(request.user, ward),
        "place": "reviews",
        "is_demo": any(each.policy.is_demo for each in listed.rounds.values()),
    }
    return render(request, "reviews/all_comments.html", context)


# Files --------------------------------------------------------------------------------------------


def _xlsx(request, listed: CommentList, *parts: str) -> HttpResponse:
    _narrow, table = narrowed(request, listed, picks=False)
    rows = table.data.data
    footer = _("%(day)s作成 %(who)s") % {
        "day": timezone.localdate().isoformat(),
        "who": request.user,
    }
    is_demo = any(each.policy.is_demo for each in listed.rounds.values())
    sheet = Sheet(_("意見一覧"), comment_columns(rows), rows, title=" ".join(parts))
    data = write_xlsx([sheet], footer=footer, note=_("デモデータ") if is_demo else "")
    return taken_away(request, data, XLSX, file_name(*parts, ending="xlsx"))


def _csv(request, listed: CommentList, *parts: str) -> HttpResponse:
    _narrow, table = narrowed(request, listed, picks=False)
    rows = table.data.data
    data = write_csv(comment_columns(rows), rows)
    return taken_away(request, data, CSV, file_name(*parts, ending="csv"))


def _parts(round: Round) -> tuple[str, ...]:
    return (round.policy.ward.label, *round_name(round).split(" "), _("意見一覧"))


@require_safe
def comments_xlsx(request, code: str, year: int, period: str):
    round = find_round(request.user, code, year, period)
    return _xlsx(request, CommentList(request.user, [round]), *_parts(round))


@require_safe
def comments_csv(request, code: str, year: int, period: str):
    round = find_round(request.user, code, year, period)
    return _csv(request, CommentList(request.user, [round]), *_parts(round))


@require_safe
def all_comments_xlsx(request, code: str):
    ward, listed = _of_ward(request, code)
    return _xlsx(request, listed, ward.label, _("意見一覧"))


@require_safe
def all_comments_csv(request, code: str):
    ward, listed = _of_ward(request, code)
    return _csv(request, listed, ward.label, _("意見一覧"))
