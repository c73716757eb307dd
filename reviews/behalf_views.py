"""意見票・代理入力: who commented how, and typing in what came on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from . import behalf
from .behalf_forms import CorrectionForm, HowForm, Rows
from .frozen import Copy
from .lookup import about_round, find_round
from .models import Comment, Grade, Member, ReadMark, Round
from .permissions import looks_after
from .sheet_changes import Titles

#: In which ways a member takes part, in the order in which the page tells of them.
SOURCES = Comment.Source


def for_the_secretariat(request, code: str, year: int, period: str) -> Round:
    """The round, for those who look after it: else 404 or 403."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("意見票と代理入力は、区政推進課（事務局）だけが扱えます。"))
    return round


def member_of_round(round: Round, pk: int) -> Member:
    """A member with a sheet in the round; else 404."""
    found = next((each for each in behalf.members_of(round) if each.pk == pk), None)
    if found is None:
        raise Http404
    return found


# Who has commented how ----------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """One member on the page: how, how many, how far."""

    member: Member
    ways: list[tuple[str, int]] = field(default_factory=list)  # 画面 3, 紙 2
    sent: int = 0
    drafts: int = 0
    read: int = 0
    grades: int = 0
    last: datetime | None = None

    @property
    def has_begun(self) -> bool:
        return bool(self.sent or self.drafts or self.read)

    @property
    def state(self) -> str:
        return "sent" if self.sent else "begun" if self.has_begun else "none"


def lines_of(round: Round, members: Sequence[Member]) -> list[Line]:
    """Three queries, however many members and comments there are."""
    lines = {each.pk: Line(each) for each in members}
    names = dict(SOURCES.choices)
    rows = (
        Comment.objects.filter(round=round)
        .exclude(state=Comment.State.WITHDRAWN)
        .order_by()
        .values("member", "source")
        .annotate(
            sent=Count("pk", filter=Q(state=Comment.State.SENT)),
            drafts=Count("pk", filter=Q(state=Comment.State.DRAFT)),
            last=Max("changed_at"),
        )
    )
    order = list(SOURCES.values)
    for row in sorted(rows, key=lambda each: order.index(each["source"])):
        line = lines.get(row["member"])
        if line is None:
            continue
        line.sent += row["sent"]
        line.drafts += row["drafts"]
        line.last = max(filter(None, (line.last, row["last"])))
        line.ways.append((str(names[row["source"]]), row["sent"] + row["drafts"]))
    for model, name in ((ReadMark, "read"), (Grade, "grades")):
        if model is Grade and not round.asks_grade:
            continue
        counted = (
            model.objects.filter(round=round)  # type: ignore[attr-defined]
            .order_by()
            .values_list("member")
            .annotate(n=Count("pk"))
        )
        for member, n in counted:
            if member in lines:
                setattr(lines[member], name, n)
    return list(lines.values())


@require_safe
def behalf_page(request, code: str, year: int, period: str):
    """The secretariat's page of the members of a round."""
    round = for_the_secretariat(request, code, year, period)
    lines = lines_of(round, behalf.members_of(round))
    projects = 0
    if round.state != Round.State.PREPARING:
        projects = len(Copy(round).titles)
    context = {
        **about_round(round, request.user, "behalf"),
        "heading": _("意見票・代理入力"),
        "lines": lines,
        "projects": projects,
        "has_sheets": round.state != Round.State.PREPARING,
        "takes": takes(round),
        "late": round.state == Round.State.CLOSED,
        "silent": sum(line.state == "none" for line in lines),
        "in_all": sum(line.sent for line in lines),
    }
    return render(request, "reviews/behalf.html", context)


def takes(round: Round) -> bool:
    """Whether anything can be entered: while it is open, and with a reason until published."""
    return round.state in (Round.State.OPEN, Round.State.CLOSED)


# Typing in for one member -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One comment of the member, as the page shows it."""

    comment: Comment
    title: str
    own: bool
    form: CorrectionForm | None
    refused: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def behalf_member(request, code: str, year: int, period: str, member: int):
    """The comments of one member, and the form to type in what came on paper."""
    round = for_the_secretariat(request, code, year, period)
    who = member_of_round(round, member)
    if request.method != "POST":
        return show_member(request, round, who)
    if round.state == Round.State.PREPARING:
        raise Http404
    act = {"correct": correct, "grades": give_grades}.get(request.POST.get("act", ""), enter)
    return act(request, round, who)


def enter(request, round: Round, member: Member):
    """What was typed in several rows: all of it, or nothing and what is wrong."""
    late = round.state == Round.State.CLOSED
    titles = Titles(Copy(round))
    rows = Rows(request.POST, prefix="c", form_kwargs={"titles": titles})
    how = HowForm(request.POST, late=late)
    if not rows.is_valid() or not how.is_valid():
        return show_member(request, round, member, titles=titles, rows=rows, how=how)
    said = [row.said() for row in rows.forms if not row.is_left_empty]
    if not said:
        refused = _(
            "何も入力されていません。事業の番号と意見を入れてから、もう一度押してください。"
        )
        return show_member(
            request, round, member, titles=titles, rows=rows, how=how, refused=refused
        )
    try:
        entered = behalf.enter(
            round,
            member,
            said,
            source=how.cleaned_data["source"],
            by=request.user,
            reason=how.cleaned_data.get("reason", ""),
        )
    except behalf.NotTaken as error:
        round.refresh_from_db()
        how = HowForm(request.POST, late=round.state == Round.State.CLOSED)
        return show_member(
            request, round, member, titles=titles, rows=rows, how=how, refused=str(error)
        )
    told = ngettext(
        "%(member)sの意見を%(count)d件、代理入力しました。",
        "%(member)sの意見を%(count)d件、代理入力しました。",
        len(entered),
    )
    if entered:
        messages.success(request, told % {"member": member.name, "count": len(entered)})
    else:
        messages.info(request, _("同じ意見は、もう入力されています。変わったところはありません。"))
    return redirect(f"{request.path}?source={how.cleaned_data['source']}#new")


def correct(request, round: Round, member: Member):
    """Put right, or take back, one comment that was entered on behalf."""
    comment = Comment.objects.filter(
        round=round, member=member, pk=whole_number(request.POST.get("comment"))
    ).first()
    if comment is None:
        raise Http404
    comment.member = member
    form = CorrectionForm(request.POST, prefix=f"e{comment.pk}")
    taking_back = "withdraw" in request.POST
    refused = ""
    try:
        if taking_back:
            version = whole_number(request.POST.get(f"e{comment.pk}-version"))
            behalf.withdraw(round, comment, version=version, by=request.user)
            messages.success(request, _("意見を取り下げました。元の文は記録に残っています。"))
            return redirect(f"{request.path}#comments")
        if form.is_valid():
            behalf.change(round, comment, **form.cleaned_data, by=request.user)
            messages.success(request, _("意見を直しました。"))
            return redirect(f"{request.path}#comment-{comment.pk}")
    except behalf.NotTaken as error:
        refused = str(error)
    return show_member(request, round, member, corrected=(comment.pk, form, refused))


def whole_number(text: str | None) -> int:
    """A number that a database can be asked for; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def give_grades(request, round: Round, member: Member):
    """The member's grades, project by project."""
    given = {
        name.removeprefix("grade."): value
        for name, value in request.POST.items()
        if name.startswith("grade.")
    }
    known = {title.key for title in Copy(round).titles}
    try:
        changed = behalf.grade(
            round,
            member,
            {key: value for key, value in given.items() if key in known},
            by=request.user,
        )
    except behalf.NotTaken as error:
        return show_member(request, round, member, refused=str(error))
    if changed:
        told = ngettext(
            "評価の段階を%(count)d件、代理入力しました。",
            "評価の段階を%(count)d件、代理入力しました。",
            changed,
        )
        messages.success(request, told % {"count": changed})
    else:
        messages.info(request, _("評価の段階に、変わったところはありません。"))
    return redirect(f"{request.path}#grades")


def show_member(
    request,
    round: Round,
    member: Member,
    *,
    titles: Titles | None = None,
    rows: Any = None,
    how: HowForm | None = None,
    corrected: tuple[int, CorrectionForm, str] | None = None,
    refused: str = "",
):
    if round.state == Round.State.PREPARING:
        raise Http404
    late = round.state == Round.State.CLOSED
    copy = Copy(round)
    titles = titles or Titles(copy)
    source = request.GET.get("source")
    first = {"source": source} if source in behalf.BY_HAND else {}
    about = request.GET.get("about", "")
    named = titles.names.get(("project", about)) or titles.names.get(("pillar", about), "")
    context = {
        **about_round(round, request.user, "behalf"),
        "heading": _("代理入力"),
        "member": member,
        "takes": takes(round),
        "late": late,
        "rows": rows
        or Rows(
            prefix="c",
            form_kwargs={"titles": titles},
            initial=[{"about": named}] if named else None,
        ),
        "how": how or HowForm(late=late, initial=first),
        "refused": refused,
        "subjects": list(titles.names.values()),
        "comments": comments_told(round, member, titles, corrected),
        "corrected": corrected[0] if corrected else 0,
        "grades": grades_told(round, member, copy),
        "asked": round.grade_steps,
    }
    return render(request, "reviews/behalf_member.html", context)


def comments_told(
    round: Round,
    member: Member,
    titles: Titles,
    corrected: tuple[int, CorrectionForm, str] | None = None,
) -> list[Told]:
    """The member's comments in the order of the policy, what was taken back at the end."""
    order = {place: n for n, place in enumerate(titles.names)}
    comments = list(Comment.objects.filter(round=round, member=member))
    comments.sort(
        key=lambda each: (
            each.state == Comment.State.WITHDRAWN,
            order.get((each.subject, each.key), len(order)),
            each.pk,
        )
    )
    told = []
    for comment in comments:
        comment.member = member
        own = behalf.is_members_own(comment)
        form, refused = None, ""
        can = round.state == Round.State.OPEN and not own
        if can and comment.state != Comment.State.WITHDRAWN:
            form = CorrectionForm(
                prefix=f"e{comment.pk}",
                initial={"kind": comment.kind, "text": comment.text, "version": comment.version},
            )
        if corrected and corrected[0] == comment.pk:
            form, refused = corrected[1], corrected[2]
        title = titles.names.get((comment.subject, comment.key), comment.key)
        told.append(Told(comment, title, own, form, refused))
    return told


def grades_told(round: Round, member: Member, copy: Copy) -> list[dict[str, Any]]:
    """A line a project, where the round asks for grades."""
    if not round.asks_grade:
        return []
    held: Mapping[str, Grade] = {
        each.key: each for each in Grade.objects.filter(round=round, member=member)
    }
    return [
        {
            "key": title.key,
            "title": title.title,
            "grade": held[title.key].grade if title.key in held else "",
            "own": title.key in held and not held[title.key].on_behalf,
        }
        for title in copy.titles
    ]
