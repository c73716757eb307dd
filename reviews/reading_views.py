"""The pages on which a round is read and commented; as plain forms, without a script.

Everybody who reads the copy reads them. Who sits on the committee (with a line in its list) writes
below what they read, as long as the round is open.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kpis import charts
from wards.permissions import Role, access_of

from . import commenting
from .before import said_before
from .comment_form import CommentForm, number
from .commenting import Closed, NotKept, Overtaken, Seen, Typed, Unfit
from .lookup import about_round, find_copy, find_round
from .models import Comment, Meeting, Round
from .models.comments import Subject
from .permissions import looks_after
from .reading import Part, Reader, is_unsent
from .reading_list import ListWriter
from .reading_page import ReadingPage


def open_reader(request, code: str, year: int, period: str) -> Reader:
    """The reader in front of a round that they may read; else 404."""
    round = find_round(request.user, code, year, period)
    return Reader(round, find_copy(request.user, round), request.user)


@require_safe
def reading(request) -> HttpResponse:
    """Leads to the round that is to be read now: the open one, else the newest."""
    wards = access_of(request.user).wards_with(Role.MEMBER) or access_of(request.user).ward_ids
    rounds = (
        Round.objects.visible_to(request.user)
        .filter(policy__ward__in=wards)
        .exclude(state=Round.State.PREPARING)
        .select_related("policy__ward", "period")
        .order_by("-period__starts", "policy__ward__code")
    )
    found = list(rounds[:20])
    first = next((each for each in found if each.is_open), next(iter(found), None))
    if first is None:
        messages.info(request, _("いま読める評価の回はありません。始まるとここから開けます。"))
        return redirect("kpis:home")
    return redirect(first.address("read"))


def about_reading(reader: Reader, subject: str, key: str) -> dict[str, Any]:
    """What every reading page is told: the round, how far one is, the list beside it."""
    phrases, member = reader.phrases, reader.member
    writer = ListWriter(
        phrases.lang, phrases.in_japanese, (subject, key), counts=member is not None
    )
    told = reader.context()
    whole = writer.marks(commented=told["whole_commented"], draft=told["whole_draft"])
    return {
        **about_round(reader.round, reader.user, "read"),
        **told,
        "subject": subject,
        "key": key,
        "list": [writer.pillar(part, is_open=_holds(part, subject, key)) for part in reader.parts],
        "save_url": reader.round.address("comment_save"),
        "whole_marks": charts.Markup(whole),
        "words": always_the_same("reviews/read_words.html", phrases.lang) if member else "",
    }


def _holds(part: Part, subject: str, key: str) -> bool:
    if subject == Subject.PILLAR:
        return part.key == key
    return subject == Subject.PROJECT and any(line.title.key == key for line in part.lines)


@lru_cache(maxsize=8)
def always_the_same(template: str, lang: str) -> SafeString:
    """A part of the page in the reader's language `lang`: a dozen sentences, rendered once."""
    return render_to_string(template)


# The overview ------------------------------------------------------------------------------------


@require_safe
def read(request, code: str, year: int, period: str) -> HttpResponse:
    """The round from above: what it is about, how far one has read, and where to go on."""
    reader = open_reader(request, code, year, period)
    upcoming = reader.next_unread() if reader.can_write else None
    context = {
        **about_reading(reader, "", ""),
        "upcoming": upcoming,
        "unsent": _unsent(reader),
        "meetings": _meetings(reader),
        "late": _late(reader),
        "copied_on": reader.phrases.day(reader.copy.frozen.at.date()),
    }
    return render(request, "reviews/read.html", context)


def _unsent(reader: Reader) -> list[dict[str, str]]:
    """What waits to be sent, with where it stands."""
    titles = {line.title.key: (line.title.title, line.url) for line in reader.lines}
    pillars = {part.key: (part.name, part.url) for part in reader.parts}
    found = []
    for comment in reader.comments:
        if not is_unsent(comment):
            continue
        known = {Subject.PROJECT: titles, Subject.PILLAR: pillars}.get(Subject(comment.subject), {})
        whole = (_("全体について"), reader.round.address("read_whole"))
        name, url = known.get(comment.key, whole)
        found.append({"name": name, "url": f"{url}?edit={comment.pk}#slip"})
    return found


def _meetings(reader: Reader) -> list[dict[str, Any]]:
    """The meetings of the round; their papers are theirs to show."""
    rows = Meeting.objects.visible_to(reader.user).filter(round=reader.round)
    return [
        {"meeting": each, "day": reader.phrases.short_day(each.day)}
        for each in rows.order_by("number")
    ]


def _late(reader: Reader) -> list[Comment]:
    """What arrived late: the secretariat's to see, and one's own."""
    if not reader.round.is_over:
        return []
    if looks_after(reader.user, reader.round.policy.ward_id):
        rows = Comment.objects.visible_to(reader.user).filter(round=reader.round)
        return list(rows.exclude(late_text="").select_related("member").order_by("late_at"))
    return [each for each in reader.comments if each.late_text]


# A project, a pillar, the whole ------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def read_project(request, code: str, year: int, period: str, key: str) -> HttpResponse:
    """One project as the copy has it, and below it what the member has to say."""
    reader = open_reader(request, code, year, period)
    if reader.copy.title(key) is None:
        raise Http404
    return answer(request, reader, Subject.PROJECT, key)


@require_http_methods(["GET", "HEAD", "POST"])
def read_pillar(request, code: str, year: int, period: str, key: str) -> HttpResponse:
    """One pillar: its projects, and comments on the pillar itself."""
    reader = open_reader(request, code, year, period)
    if reader.copy.pillar(key) is None:
        raise Http404
    return answer(request, reader, Subject.PILLAR, key)


@require_http_methods(["GET", "HEAD", "POST"])
def read_whole(request, code: str, year: int, period: str) -> HttpResponse:
    """Comments on the whole."""
    return answer(request, open_reader(request, code, year, period), Subject.WHOLE, "")


@require_POST
def read_mark(request, code: str, year: int, period: str, key: str) -> HttpResponse:
    """確認済, or (without `read`) not after all; leads back to the project."""
    reader = open_reader(request, code, year, period)
    if reader.copy.title(key) is None:
        raise Http404
    require_member(reader)
    try:
        commenting.mark(reader.place(Subject.PROJECT, key), read="read" in request.POST)
    except Closed as closed:
        messages.error(request, str(closed))
    return redirect(reader.round.address("read_project", key))


def require_member(reader: Reader) -> None:
    """Only who sits on the committee writes."""
    if reader.member is None:
        raise PermissionDenied(
            _("意見を書くのは、評価委員会の名簿に載っている委員です。事務局に確かめてください。")
        )


def answer(request, reader: Reader, subject: str, key: str) -> HttpResponse:
    if request.method == "POST":
        require_member(reader)
        return press(request, reader, subject, key)
    form = None
    if reader.can_write:
        form = CommentForm.standing(reader, subject, key, request.GET.get("edit", ""))
    return show(request, reader, subject, key, form)


# A press on a button -----------------------------------------------------------------------------


def press(request, reader: Reader, subject: str, key: str) -> HttpResponse:
    """What stands in the form goes along with every button, and is kept whichever is pressed."""
    data = request.POST
    form = CommentForm.sent(data)
    place, typed, seen = reader.place(subject, key), form.typed, form.seen
    here = reader.round.address(*address(subject, key))
    try:
        if subject == Subject.PROJECT and "grade" in data:
            commenting.grade(place, data["grade"], by=request.user)
        if "withdraw" in data:
            return withdraw(request, reader, place, typed, seen, here)
        if "edit" in data:
            commenting.save(place, typed, seen, by=request.user)
            return redirect(f"{here}?edit={number(data['edit'])}#slip")
        action = data.get("action", "draft")
        if action == "send":
            commenting.send(place, typed, seen, by=request.user)
            messages.success(request, sent_words(reader))
        elif action == "nothing":
            kept = commenting.save(place, typed, seen, by=request.user)
            return nothing(request, reader, place, kept)
        elif commenting.save(place, typed, seen, by=request.user):
            messages.success(request, _("書きかけとして保存しました。まだ送っていません。"))
        return redirect(here)
    except Comment.DoesNotExist:
        raise Http404 from None
    except NotKept as not_kept:
        return show_again(request, reader, subject, key, form, not_kept)


def address(subject: str, key: str) -> tuple[str, ...]:
    """The name of the page and what it takes, for `Round.address`."""
    if subject == Subject.WHOLE:
        return ("read_whole",)
    return (f"read_{subject}", key)


def sent_words(reader: Reader) -> str:
    if reader.round.due:
        due = reader.phrases.short_day(reader.round.due)
        return _("意見を送りました。締切の%(due)sまで直せます。") % {"due": due}
    return _("意見を送りました。受付が終わるまで直せます。")


def nothing(request, reader: Reader, place, kept: Comment | None) -> HttpResponse:
    """意見はなし: marked as read, and on to the next that is not."""
    title = reader.copy.title(place.key) if place.is_project else None
    if title is None:
        return redirect(reader.round.address(*address(place.subject, place.key)))
    commenting.mark(place, read=True)
    if kept is not None and is_unsent(kept):
        messages.warning(
            request,
            _("「%(title)s」を確認済にしました。書きかけの意見は、送らずに残してあります。")
            % {"title": title.title},
        )
        return redirect(reader.round.address("read_project", place.key))
    messages.success(request, _("「%(title)s」を確認済にしました。") % {"title": title.title})
    upcoming = reader.next_unread(place.key)
    return redirect(upcoming.url if upcoming else reader.round.address("read"))


def withdraw(request, reader: Reader, place, typed: Typed, seen: Seen, here: str) -> HttpResponse:
    """Take back the comment that the button names; what is typed meanwhile is kept first."""
    which, _colon, version = request.POST["withdraw"].partition(":")
    chosen = Seen(id=number(which), version=number(version))
    if seen.id != chosen.id:
        commenting.save(place, typed, seen, by=request.user)
    commenting.withdraw(place, chosen, by=request.user)
    messages.success(request, _("意見を取り下げました。文は残してあるので、いつでも送り直せます。"))
    return redirect(here)


def show_again(
    request, reader: Reader, subject: str, key: str, form: CommentForm, not_kept: NotKept
) -> HttpResponse:
    """The page as it was typed into, with what was wrong and what to do."""
    policy = reader.round.policy
    key_of_period = reader.round.period.key
    again = open_reader(request, policy.ward.code, policy.fiscal_year, key_of_period)
    if isinstance(not_kept, Closed):
        typed = "" if form.typed.is_blank else form.typed.text
        told = {"closed_because": str(not_kept), "closed_text": typed}
        return show(request, again, subject, key, None, status=409, **told)
    if isinstance(not_kept, Overtaken):
        form.rest_on(not_kept.theirs)
    elif isinstance(not_kept, Unfit) and not_kept.kept:
        form.rest_on(not_kept.kept)
    else:
        mine = again.own(subject, key)
        form.stands = next((each for each in mine if each.pk == form.seen.id), None)
    form.problem = not_kept
    status = 200 if isinstance(not_kept, Unfit) else 409
    return show(request, again, subject, key, form, status=status)


# The page ----------------------------------------------------------------------------------------


def show(
    request,
    reader: Reader,
    subject: str,
    key: str,
    form: CommentForm | None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    phrases, round = reader.phrases, reader.round
    context: dict[str, Any] = {
        **about_reading(reader, subject, key),
        "here": round.address(*address(subject, key)),
        "form": form,
        "own": own_lines(reader, subject, key, form),
        **more,
    }
    now, before = said_before(request.user, round, subject, key, phrases)
    context |= {"said_now": now, "said_before": before}
    if round.is_over or context["looks_after"]:
        context["others"] = reader.others(subject, key)
    if subject == Subject.PROJECT:
        context |= of_project(reader, key)
        return render(request, "reviews/read_project.html", context, status=status)
    if subject == Subject.PILLAR:
        part = next(each for each in reader.parts if each.key == key)
        statuses = phrases.statuses
        chips = [charts.chip(one.title.status, statuses[one.title.status]) for one in part.lines]
        context |= {"part": part, "chipped": list(zip(part.lines, chips, strict=True))}
    return render(request, "reviews/read_subject.html", context, status=status)


def of_project(reader: Reader, key: str) -> dict[str, Any]:
    board = reader.copy.project(key)
    assert board is not None
    lines = reader.lines
    at = next(n for n, each in enumerate(lines) if each.title.key == key)
    return {
        **ReadingPage(reader.copy, board, key, reader.phrases).context(),
        "line": lines[at],
        "part": next(part for part in reader.parts if lines[at] in part.lines),
        "before": lines[at - 1] if at else None,
        "after": lines[at + 1] if at + 1 < len(lines) else None,
        "steps": reader.round.grade_steps,
        "grade": reader.grades.get(key, ""),
    }


def own_lines(reader: Reader, subject: str, key: str, form: CommentForm | None) -> list[Comment]:
    """What this member wrote here, but for what stands in the form as a draft."""
    in_form = form.seen.id if form else None
    return [
        each
        for each in reader.own(subject, key)
        if not (each.pk == in_form and each.state == Comment.State.DRAFT)
        and (each.text.strip() or each.late_text)
    ]
