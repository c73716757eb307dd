"""約束: the list by age, one promise and its result, carrying on to next year's policy."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tables2 import RequestConfig

from kpis.listing_views import CSV, XLSX, taken_away
from kpis.models import Policy, Project
from kpis.phrases import Phrases
from kpis.spreadsheets import Sheet, write_csv, write_xlsx
from wards.models import Ward
from wards.permissions import INSIDE, access_of

from . import promising
from .answer_tables import PromiseTable
from .comment_files import file_name
from .comment_views import find_ward_or_city, newest_visible, sections_of
from .item_page import history
from .item_views import seen_version
from .models import Promise
from .permissions import can_settle, looks_after
from .promise_forms import PromiseForm, ResultForm
from .promise_list import (
    PromiseFilter,
    PromiseLine,
    PromiseList,
    as_context,
    day_in_words,
    is_demo,
    promise_columns,
)
from .promising import PromiseConflict
from .workflow import MoveRefused


def _narrowed(request, ward: Ward) -> tuple[PromiseList, PromiseFilter, list[PromiseTable]]:
    """Of a ward: what is open first, the oldest on top; what is settled after, the newest on top;
    or as the address sorts them."""
    every = PromiseList(request.user, ward)
    narrow = PromiseFilter(request.GET, promises=every)
    kept = narrow.kept()
    is_open = [line for line in kept if line.is_open]
    settled = sorted(
        (line for line in kept if not line.is_open),
        key=lambda line: line.promise.result_on or line.made_on,
        reverse=True,
    )
    tables = []
    for lines, caption in ((is_open, _("対処結果を待つ約束")), (settled, _("対処した約束"))):
        table = PromiseTable(lines, caption=caption, is_open=lines is is_open)
        RequestConfig(request, paginate=False).configure(table)
        tables.append(table)
    return every, narrow, tables


@require_safe
def promises(request, code: str):
    """All promises of a ward; the secretariat carries the open ones on to next year's policy."""
    ward = find_ward_or_city(request.user, code)
    every, narrow, (is_open, settled) = _narrowed(request, ward)
    compiles = looks_after(request.user, ward.pk)
    query = request.GET.urlencode()
    context = {
        "ward": ward,
        "policy": newest_visible(request.user, ward),
        "place": "reviews",
        "filter": narrow,
        "narrowed": narrow.active(),
        "open": is_open,
        "settled": settled,
        "open_count": len(is_open.data.data),
        "settled_count": len(settled.data.data),
        "total": len(is_open.data.data) + len(settled.data.data),
        "none_at_all": not every.lines,
        "compiles": compiles,
        "carry": _to_carry_on(ward, every) if compiles else None,
        "is_demo": any(is_demo(line.promise) for line in every.lines),
        "sort": request.GET.get("sort", ""),
        "query": f"?{query}" if query else "",
    }
    return render(request, "reviews/promises.html", context)


def _to_carry_on(ward: Ward, every: PromiseList) -> dict[str, Any] | None:
    """What may go on to the newest policy in force; None where there is nothing."""
    policy = promising.newest_policy(ward)
    waiting = [
        line.promise
        for line in every.lines
        if line.is_open and policy and line.stands_with < policy.fiscal_year
    ]
    if policy is None or not waiting:
        return None
    projects = list(Project.objects.filter(policy=policy).order_by("order", "id"))
    return {
        "policy": policy,
        "year": Phrases(policy).year(policy.fiscal_year),
        "projects": projects,
        "suggestions": promising.suggestions(waiting, policy, projects),
    }


@require_POST
def promises_attach(request, code: str):
    """Carry on each promise to the project chosen beside it; what is left empty stays."""
    ward = find_ward_or_city(request.user, code)
    if not looks_after(request.user, ward.pk):
        raise PermissionDenied(_("約束を翌年度の方針に引き継ぐのは、事務局です。"))
    policy = get_object_or_404(
        Policy, ward=ward, state=Policy.State.IN_FORCE, pk=_number(request.POST.get("policy"))
    )
    projects = {str(each.pk): each for each in Project.objects.filter(policy=policy)}
    waiting = {
        str(each.pk): each
        for each in Promise.objects.filter(ward=ward, result="").select_related("policy")
        if promising.year_of(each) < policy.fiscal_year
    }
    carried = refused = 0
    for pk, promise in waiting.items():
        chosen = request.POST.get(f"promise-{pk}", "")
        if chosen in projects or chosen == "whole":
            try:
                carried += promising.attach(promise, policy, projects.get(chosen), by=request.user)
            except MoveRefused as gone:
                refused += 1
                messages.warning(request, str(gone))
    year = Phrases(policy).era_year(policy.fiscal_year)
    told = ngettext(
        "%(n)d件の約束を%(year)sの方針に引き継ぎました。",
        "%(n)d件の約束を%(year)sの方針に引き継ぎました。",
        carried,
    )
    if carried:
        messages.success(request, told % {"n": carried, "year": year})
    elif not refused:
        messages.warning(request, _("引き継ぐ事業が選ばれていません。選んでから、押してください。"))
    return redirect("reviews:promises", code)


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


# One promise --------------------------------------------------------------------------------------


def _find(request, code: str, number: int) -> Promise:
    rows = Promise.objects.visible_to(request.user).select_related(
        "ward",
        "policy__ward",
        "project__policy__ward",
        "section",
        "item__round__policy__ward",
        "item__round__period",
    )
    return get_object_or_404(rows, ward__code=code, pk=number)


@require_http_methods(["GET", "HEAD", "POST"])
def promise(request, code: str, number: int):
    """What was promised, and its 対処結果: written by the section or the secretariat."""
    found = _find(request, code, number)
    if request.method != "POST":
        return _show(request, found)
    if not can_settle(request.user, found):
        raise PermissionDenied(_("対処結果を書くのは、担当する課と事務局です。"))
    form = ResultForm(request.POST, promise=found)
    if not form.is_valid():
        return _show(request, found, form=form, status=422)
    said = form.cleaned_data
    try:
        promising.settle(
            found,
            said["result"],
            said["result_on"],
            seen=seen_version(request),
            by=request.user,
            reason=said.get("reason", ""),
        )
    except PromiseConflict as met:
        return _both(request, found, met, form)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return _show(request, found, form=form, status=422)
    messages.success(request, _("対処結果を保存しました。"))
    return redirect("reviews:promise", code, number)


def _both(request, found: Promise, met: PromiseConflict, form: ResultForm) -> HttpResponse:
    now, said = met.promise, form.cleaned_data
    conflict = {
        "by": now.result_by_name,
        "at": None,
        "rows": [
            (_("対処結果"), now.result, said["result"]),
            (_("対処結果の日"), day_in_words(now.result_on), day_in_words(said["result_on"])),
        ],
        "may_save": True,
    }
    found = _find(request, found.ward.code, found.pk)
    again = ResultForm(request.POST, promise=found)
    return _show(request, found, form=again, conflict=conflict, status=409)


def _show(request, found: Promise, *, form=None, conflict=None, status: int = 200) -> HttpResponse:
    may = can_settle(request.user, found)
    inside = access_of(request.user).has(found.ward_id, *INSIDE)
    records = promising.records_of(found) if inside else []
    item = found.item
    seen = None
    if item and type(item).objects.visible_to(request.user).filter(pk=item.pk).exists():
        seen = item
    context = {
        **as_context(PromiseLine(found, timezone.localdate())),
        "ward": found.ward,
        "policy": found.policy or newest_visible(request.user, found.ward),
        "place": "reviews",
        "may": may,
        "form": (form or ResultForm(promise=found)) if may else None,
        "conflict": conflict,
        "history": history(records, get_language() or "ja"),
        "corrections": [each for each in records if each.act == "promise_correct"],
        "project_url": _project_url(request.user, found),
        "item": seen,
        "item_url": seen.round.address("item", seen.number) if seen else "",
        "is_demo": is_demo(found),
    }
    return render(request, "reviews/promise.html", context, status=status)


def _project_url(user, found: Promise) -> str:
    """The project's page, where this person may open it."""
    project = found.project
    if not project or not Project.objects.visible_to(user).filter(pk=project.pk).exists():
        return ""
    policy = project.policy
    return reverse("kpis:project", args=[policy.ward.code, policy.fiscal_year, project.key])


@require_http_methods(["GET", "HEAD", "POST"])
def promise_add(request, code: str):
    """Write down a promise that came of no comment here: out of an opinion on paper."""
    ward = find_ward_or_city(request.user, code)
    if not looks_after(request.user, ward.pk):
        raise PermissionDenied(_("約束を登録できるのは、事務局だけです。"))
    policy = promising.newest_policy(ward)
    projects = (
        Project.objects.filter(policy=policy).select_related("policy").order_by("order", "id")
        if policy
        else []
    )
    data = request.POST if request.method == "POST" else None
    form = PromiseForm(data, sections=sections_of(ward), projects=projects)
    if data is not None and form.is_valid():
        made = promising.write_down(form.promise(ward), by=request.user)
        messages.success(request, _("約束を登録しました。"))
        return redirect("reviews:promise", code, made.pk)
    context = {
        "ward": ward,
        "policy": policy,
        "place": "reviews",
        "form": form,
        "year": Phrases(policy).era_year(policy.fiscal_year) if policy else "",
    }
    status = 422 if data is not None else 200
    return render(request, "reviews/promise_add.html", context, status=status)


# Files --------------------------------------------------------------------------------------------


def _rows(request, ward: Ward) -> list[PromiseLine]:
    _every, _narrow, (is_open, settled) = _narrowed(request, ward)
    return [*is_open.data.data, *settled.data.data]


@require_safe
def promises_xlsx(request, code: str):
    ward = find_ward_or_city(request.user, code)
    rows = _rows(request, ward)
    day = timezone.localdate().isoformat()
    demo = any(is_demo(line.promise) for line in rows)
    sheet = Sheet(
        _("約束の一覧"), promise_columns(rows), rows, title=f"{ward.label} {_('約束の一覧')}"
    )
    data = write_xlsx(
        [sheet],
        footer=_("%(day)s作成 %(who)s") % {"day": day, "who": request.user},
        note=_("デモデータ") if demo else "",
    )
    return taken_away(request, data, XLSX, file_name(ward.label, _("約束の一覧"), ending="xlsx"))


@require_safe
def promises_csv(request, code: str):
    ward = find_ward_or_city(request.user, code)
    rows = _rows(request, ward)
    data = write_csv(promise_columns(rows), rows)
    return taken_away(request, data, CSV, file_name(ward.label, _("約束の一覧"), ending="csv"))
