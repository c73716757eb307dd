"""The secretariat's pages about people: who there is, and passwords for one log-in."""

from axes.utils import reset as reset_failures
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from .forms import one_time_password
from .models import AccessRecord, Post
from .permissions import can_reset_password, people_visible_to, wards_looked_after

Act = AccessRecord.Act


@require_safe
def people(request):
    """Accounts of the wards that this secretariat looks after, and when each was used last."""
    wards = wards_looked_after(request.user)
    if not wards:
        raise PermissionDenied(_("利用者の一覧は、区政推進課（事務局）だけが見られます。"))
    posts = Prefetch("posts", Post.objects.select_related("ward", "section"))
    accounts = people_visible_to(request.user).prefetch_related(posts).order_by("username")
    return render(
        request, "wards/people.html", {"place": "people", "people": accounts, "wards": wards}
    )


@require_safe
def person(request, username):
    """One account: its posts, and what happened to it."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    return render(request, "wards/person.html", about(request, account))


@require_POST
@sensitive_variables("password")
def reset_password(request, username):
    """Give out a password that is shown once, here, and has to be changed at the next log-in."""
    account = get_object_or_404(people_visible_to(request.user), username=username)
    if not can_reset_password(request.user, account):
        raise PermissionDenied(
            _(
                "この利用者は別の区の仕事もしているか、あなた自身です。パスワードは再発行できません。"
            )
        )
    password = one_time_password()
    with transaction.atomic():
        account.set_password(password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        reset_failures(username=account.username)
        AccessRecord.objects.record(request, Act.PASSWORD_RESET, user=account)
    return render(request, "wards/person.html", about(request, account) | {"password": password})


def about(request, account) -> dict:
    return {
        "place": "people",
        "person": account,
        "posts": account.posts.select_related("ward", "section"),
        "records": account.access_records.select_related("by")[:50],
        "can_reset": can_reset_password(request.user, account),
    }
