"""Who holds which post of a ward, and the hand-over of April (人事異動)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from . import handover
from .handover import HANDED_OVER, Handover, Refusals
from .models import Post, Section
from .people_forms import DayForm, TakeOverForm
from .people_views import wards_or_refuse
from .permissions import (
    Role,
    forget_access,
    people_visible_to,
    posts_looked_after,
    wards_looked_after,
)
from .posts import DAY

ORDER = {role: place for place, role in enumerate(Role.values)}


@dataclass(slots=True)
class Group:
    """The posts of one section; without one: those of the whole ward."""

    name: str
    department: str = ""
    posts: list[Post] = field(default_factory=list)


@require_safe
def posts(request):
    """The posts of the ward by section with who holds them, to hand over or to change."""
    wards = wards_or_refuse(request.user)
    groups: dict[Any, Group] = {}
    several = len(wards) > 1
    for ward in wards:
        groups[ward.pk, None] = Group(_("%(ward)s全体") % {"ward": ward.label})
    for section in Section.objects.filter(ward__in=wards, successor__isnull=True):
        ward = next(each for each in wards if each.pk == section.ward_id)
        name = f"{ward.label} {section}" if several else str(section)
        groups[section.ward_id, section.pk] = Group(name, section.department)
    for post in in_order(posts_looked_after(request.user).not_over()):
        where = post.ward_id, post.section_id
        if where not in groups:  # a section that was merged or renamed, with people in it still
            groups[where] = Group(str(post.section), post.section.department)
        groups[where].posts.append(post)
    for group in groups.values():
        group.posts.sort(key=lambda post: (ORDER[post.role], post.department, post.pk))
    context = {
        "place": "people",
        "wards": wards,
        "groups": list(groups.values()),
        "handed_over": HANDED_OVER,
        "form": DayForm(initial={"on": handover.usual_day(timezone.localdate())}),
        "today": timezone.localdate(),
    }
    return render(request, "wards/posts.html", context)


def in_order(posts):
    """Those of the whole ward first, then section by section."""
    first = F("section__order").asc(nulls_first=True)
    return posts.select_related("user", "ward", "section").order_by(first, "section", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("password")
def hand_over(request):
    """Who takes the picked posts over (GET), a look at what will happen, and doing it (POST)."""
    wards_or_refuse(request.user)
    sent = request.POST if request.method == "POST" else request.GET
    picked = picked_posts(request, sent.getlist("pick"))
    if not picked:
        messages.warning(request, _("引き継ぐ職を選んでから、もう一度押してください。"))
        return redirect("posts")
    people = list(people_visible_to(request.user).filter(is_active=True).order_by("username"))
    day_form = DayForm(sent)
    data = request.POST if request.method == "POST" else None
    forms = [
        TakeOverForm(data, post=post, people=people, initial={"seen": post.ends}) for post in picked
    ]
    context = {"place": "people", "day_form": day_form, "forms": forms}
    # Every form is read, so that all that is wrong is said at once.
    readable = all([day_form.is_valid(), *(form.is_valid() for form in forms)])
    action = request.POST.get("action")
    if request.method != "POST" or not readable or action == "change":
        return show_forms(request, context)
    wanted = [Handover(form.post, form.taker, form.cleaned_data["seen"]) for form in forms]
    day = day_form.cleaned_data["on"]
    act = handover.carry_out if action == "write" else handover.try_out
    try:
        done = act(wanted, day, by=request.user)
    except ValidationError as error:
        tell(error, day_form, forms)
        return show_forms(request, context)
    context |= {"day": day, "last": day - DAY}
    if done is None:
        work = handover.open_work({post.section_id for post in picked if post.section_id})
        lines = [
            {"form": form, "post": form.post, "work": work.get(form.post.section_id or 0, [])}
            for form in forms
        ]
        return render(request, "wards/hand_over_check.html", context | {"lines": lines})
    forget_access(request.user)  # one's own post may have been among them
    context |= {
        "done": done,
        "passwords": [each for each in done if each.password],
        "back": resolve_url("posts" if wards_looked_after(request.user) else "kpis:home"),
    }
    return render(request, "wards/hand_over_done.html", context)


def tell(error: ValidationError, day_form: DayForm, forms: list[TakeOverForm]) -> None:
    """Put each refusal where it belongs: at its post, at the day, or above all of it."""
    if not isinstance(error, Refusals):
        day_form.add_error("on", error)
        return
    for form in forms:
        if sentence := error.by_post.get(form.post.pk):
            form.add_error("to", sentence)
    for sentence in error.general:
        day_form.add_error(None, sentence)


def show_forms(request: HttpRequest, context: dict[str, Any]):
    forms = [context["day_form"], *context["forms"]]
    wrong = [(form, *pair) for form in forms for pair in form.sentences()]
    return render(request, "wards/hand_over.html", context | {"wrong": wrong})


def picked_posts(request: HttpRequest, keys: list[str]) -> list[Post]:
    """The posts picked, in the order of the page; Http404 where one is none of this ward's."""
    if not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        raise Http404
    wanted = {int(key) for key in keys}
    here = posts_looked_after(request.user).filter(role__in=HANDED_OVER)
    found = list(in_order(here.filter(pk__in=wanted)))
    if len(found) != len(wanted):
        raise Http404
    return found
