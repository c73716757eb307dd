"""Where the secretariat sees who has to hear of what, and tells them at one press."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from wards import mail

from .lookup import about_round, find_round
from .models import Notice
from .notices import Letter, lines, pending, rounds_at_work, send
from .permissions import looks_after

#: How many of the notices that went out stand on the page, the newest first.
LATEST = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that somebody has to hear of."""

    name: str
    address: str
    what: str


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request, code: str, year: int, period: str):
    """What of this round is to be told to whom; a press sends it."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("お知らせを送るのは、区政推進課（事務局）です。"))
    day = timezone.localdate()
    ours = [each for each in rounds_at_work([round.policy.ward_id]) if each.pk == round.pk]
    letters, without_address = pending(ours, day)
    if request.method == "POST":
        _send(request, letters)
        return redirect(request.path)
    sent = Notice.objects.filter(round=round).select_related("user", "member", "item")
    context = {
        **about_round(round, request.user, "notices"),
        "letters": len(letters),
        "waiting": _waiting(letters),
        "without_address": _waiting(without_address),
        "sent": sent[:LATEST],
        "mail_is_off": mail.is_off(),
        "mail_is_shown_only": mail.is_shown_only(),
    }
    return render(request, "reviews/notices.html", context)


def _waiting(letters: list[Letter]) -> list[Waiting]:
    return [
        Waiting(
            letter.to.name,
            letter.to.address,
            _("%(kind)s（%(n)d件）") % {"kind": kind, "n": len(event.items)}
            if event.items
            else str(kind),
        )
        for letter, event in lines(letters)
        for kind in [Notice.Kind(event.kind).label]
    ]


def _send(request, letters: list[Letter]) -> None:
    try:
        outcome = send(letters, day=timezone.localdate())
    except mail.NoMail as error:
        messages.error(request, str(error))
        return
    if n := len(outcome.sent):
        told = ngettext("お知らせを%(n)d通送りました。", "お知らせを%(n)d通送りました。", n)
        messages.success(request, told % {"n": n})
    elif not outcome.failed:
        messages.info(request, _("送るお知らせはありませんでした。"))
    for letter, why in outcome.failed:
        told = _("%(name)sへは送れませんでした（%(why)s）。アドレスを確かめてください。")
        messages.error(request, told % {"name": letter.to.name, "why": why})
