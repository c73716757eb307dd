"""The secretariat's pages about people and posts, in the wards it looks after."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import accounts, posts
from .handover import HANDED_OVER, usual_day
from .models import AccessRecord, Post, PostRecord, Ward
from .people_forms import AccountForm, DaysForm, GiveForm, PersonForm
from .permissions import (
    access_of,
    can_reset_password,
    elsewhere_until,
    forget_access,
    looks_after_account,
    people_visible_to,
    post_records_seen_by,
    posts_looked_after,
    wards_looked_after,
)
from .record_words import in_words

Act = AccessRecord.Act

RECORDS_A_PAGE = 100


def wards_or_refuse(user) -> list[Ward]:
    """The wards whose people this person looks after; PermissionDenied where there is none."""
    wards = list(wards_looked_after(user))
    if not wards:
        raise PermissionDenied(_("利用者の一覧は、区政推進課（事務局）だけが見られます。"))
    return wards


@require_safe
def people(request):
    """Accounts of the wards that this secretariat looks after, and when each was used last."""
    wards = wards_or_refuse(request.user)
    here = {ward.pk for ward in wards}
    held = Prefetch("posts", Post.objects.given().select_related("ward", "section"))
    found = people_visible_to(request.user).prefetch_related(held).order_by("username")
    lines = [line_of(person, here) for person in found]
    return render(request, "wards/people.html", {"place": "people", "lines": lines, "wards": wards})


def line_of(person, here: set[int]) -> dict[str, Any]:
    """Somebody on the list. Of whoever works elsewhere as well, only what they do here shows."""
    held = person.posts.all()
    return {
        "person": person,
        "posts": [post for post in held if post.ward_id in here and not post.is_over],
        "over": [post for post in held if post.ward_id in here and post.is_over],
        "elsewhere": any(post.ward_id not in here and not post.is_over for post in held),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("password")
def person_add(request):
    """Somebody new here: an account, or the one they have elsewhere, and a first post."""
    wards = wards_or_refuse(request.user)
    first = {"starts": timezone.localdate()}
    form = PersonForm(request.POST or None, wards=wards, initial=first)
    if request.method == "POST":
        form = PersonForm(request.POST, wards=wards)
        if form.is_valid():
            typed = form.cleaned_data
            try:
                post, password = accounts.add_person(
                    form.newcomer, typed["desk"], typed["starts"], typed["ends"], by=request.user
                )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                said = _("%(name)sさんに「%(post)s」の職を付けました。")
                messages.success(request, said % {"name": post.user, "post": post})
                return render(
                    request,
                    "wards/person.html",
                    about(request, post.user) | {"password": password},
                )
    context = {"place": "people", "form": form, "wards": wards}
    if known := typed_person(request, form):
        context["known"] = known
    return render(request, "wards/person_add.html", context)


def typed_person(request, form):
    """The person of this ward whose number was typed, to lead to; nobody of another ward."""
    number = getattr(form, "cleaned_data", {}).get("username")
    return number and people_visible_to(request.user).filter(username=number).first()


@require_safe
def person(request, username):
    """One account: its posts here, and what happened to it."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    return render(request, "wards/person.html", about(request, account))


@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request, username):
    """The name on screens and the e-mail address."""
    account = found_account(request, username)
    first = {name: getattr(account, name) for name in accounts.OF_AN_ACCOUNT}
    form = AccountForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        ward = accounts.ward_for(request.user, account)
        if accounts.edit(account, form.changed, by=request.user, ward=ward):
            messages.success(request, _("名前とメールアドレスを保存しました。"))
        else:
            messages.info(request, _("変わったところはありません。"))
        return redirect("person", account.username)
    context = {"place": "people", "form": form, "person": account}
    return render(request, "wards/person_edit.html", context)


@require_POST
@sensitive_variables("password")
def reset_password(request, username):
    """Give out a password that is shown once, here, and has to be changed at the next log-in."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    if not can_reset_password(request.user, account):
        raise PermissionDenied(
            _(
                "この利用者は別の区の仕事もしているか、停止中か、あなた自身です。"
                "パスワードは再発行できません。"
            )
        )
    with transaction.atomic():
        password = accounts.fresh_password(account)
        AccessRecord.objects.record(request, Act.PASSWORD_RESET, user=account)
    return render(request, "wards/person.html", about(request, account) | {"password": password})


@require_POST
@sensitive_variables("password")
def person_stop(request, username):
    """Stop an account (`action=stop`) or start it again, which shows a new password once."""
    account = found_account(request, username)
    ward = accounts.ward_for(request.user, account)
    name = {"name": account}
    if request.POST.get("action") == "start":
        password = accounts.start(account, by=request.user, ward=ward)
        if password:
            messages.success(request, _("%(name)sさんの利用を再開しました。") % name)
        return render(
            request, "wards/person.html", about(request, account) | {"password": password}
        )
    try:
        accounts.stop(account, by=request.user, ward=ward)
        messages.success(request, _("%(name)sさんの利用を停止しました。") % name)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("person", account.username)


def found_account(request, username):
    """The account, for the secretariat that alone answers for it; else 404 or PermissionDenied."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    if not looks_after_account(request.user, account):
        raise PermissionDenied(
            _(
                "この利用者は別の区の仕事もしています。名前の変更や停止は、システムの管理者が行います。"
            )
        )
    return account


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("password")
def post_give(request, username):
    """One more post for somebody known here."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    wards = wards_or_refuse(request.user)
    sent = request.POST if request.method == "POST" else None
    form = GiveForm(sent, wards=wards, initial={"starts": timezone.localdate()})
    if form.is_valid():
        typed = form.cleaned_data
        try:
            post, password = accounts.give_one_more(
                account, typed["desk"], typed["starts"], typed["ends"], by=request.user
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _("%(name)sさんに「%(post)s」の職を付けました。")
            messages.success(request, said % {"name": account, "post": post})
            if password:
                shown = about(request, account) | {"password": password}
                return render(request, "wards/person.html", shown)
            return redirect("person", account.username)
    context = {"place": "people", "form": form, "person": account}
    return render(request, "wards/post_give.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def post(request, pk):
    """One post: its days, its end, and taking it back while no day of it has passed."""
    found = get_object_or_404(
        posts_looked_after(request.user).select_related("user", "ward", "section"), pk=pk
    )
    first = {"starts": found.starts, "ends": found.ends}
    form = DaysForm(request.POST if request.method == "POST" else None, post=found, initial=first)
    action = request.POST.get("action")
    if request.method == "POST" and (action == "withdraw" or form.is_valid()):
        try:
            if action == "withdraw":
                done = posts.withdraw(found, by=request.user)
                said = _("「%(post)s」の職を取り消しました。")
            else:
                days = first | form.cleaned_data
                done = posts.change_days(
                    found,
                    days["starts"],
                    days["ends"],
                    by=request.user,
                    seen=days["seen"] or None,
                )
                said = _("「%(post)s」の職の期間を保存しました。")
        except ValidationError as error:
            form.is_valid()
            form.add_error(None, error)
            found.refresh_from_db()
        else:
            if done:
                messages.success(request, said % {"post": found})
            else:
                messages.info(request, _("変わったところはありません。"))
            return redirect(*back_to(request.user, found))
    context = {
        "place": "people",
        "post": found,
        "form": form,
        "can_hand_over": found.role in HANDED_OVER and not (found.withdrawn or found.is_over),
        "hand_over_on": usual_day(timezone.localdate()),
        "records": in_words(found.records.all()),
    }
    return render(request, "wards/post.html", context)


def back_to(user, post: Post) -> tuple[str, ...]:
    """The person's page; the first page for somebody whose own post just ended."""
    forget_access(user)
    if posts_looked_after(user).filter(pk=post.pk).exists():
        return "person", post.user.username
    return ("kpis:home",)


@require_safe
def post_records(request):
    """Who gave, changed and ended which post: the ward's record, newest first."""
    records = post_records_seen_by(request.user)
    if records is None:
        raise PermissionDenied(_("人事の記録は、区政推進課（事務局）と監査だけが見られます。"))
    pages = Paginator(records.select_related("ward"), RECORDS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "place": "people" if access_of(request.user).looks_after_people else "records",
        "page": page,
        "records": in_words(page.object_list, with_people=True),
        "wards": Ward.objects.filter(pk__in=access_of(request.user).ward_ids),
    }
    return render(request, "wards/records.html", context)


def about(request, account) -> dict[str, Any]:
    """What the page of a person shows: of whoever works elsewhere as well, only what is here."""
    here = posts_looked_after(request.user).filter(user=account)
    elsewhere = elsewhere_until(request.user, account)
    log_ins: Iterable[AccessRecord] = []
    shared = elsewhere is not None and elsewhere >= timezone.localdate()
    if not shared:
        kept = account.access_records.select_related("by")
        if elsewhere:
            kept = kept.filter(at__date__gt=elsewhere)
        log_ins = kept[:50]
    mine = wards_looked_after(request.user)
    records = PostRecord.objects.filter(user=account, ward__in=mine)
    return {
        "place": "people",
        "person": account,
        "posts": here.given().select_related("ward", "section").order_by("-starts", "-id"),
        "records": log_ins,
        "post_records": in_words(records[:50]),
        "shared": shared,
        "looked_after": looks_after_account(request.user, account),
        "can_reset": can_reset_password(request.user, account),
        "myself": account == request.user,
    }
