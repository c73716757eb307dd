"""The opinion sheet goes out, as Excel, as a file for any browser and on paper; and comes back.

What comes back is read whole and shown before anything of it is written. Between the two its
words travel in the page, signed: nothing of a file is kept on the server, and the page that is
confirmed is the one that was shown.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kpis.listing_views import XLSX, taken_away
from kpis.phrases import Phrases
from kpis.workbook_reading import LARGEST_FILE, UnreadableFile

from . import behalf
from .behalf_views import for_the_secretariat, member_of_round, takes
from .frozen import Copy
from .lookup import about_round, find_round
from .models import Member, Round
from .opinion_sheet import Given, GivenGrade, Reference, Returned, find_references
from .permissions import looks_after, member_of
from .sheet_changes import BESIDE, KEEP, REPLACE, WITHDRAW, NotAsSeen, Preview, preview, write
from .sheet_content import how_it_stands, reference_of, sheets_of
from .sheet_file import write_file
from .sheet_reading import read_sheet
from .sheet_words import FILE_SENTENCES, file_sentence
from .sheet_writing import write_sheet

SALT = "reviews.sheet_upload"
HTML = "text/html; charset=utf-8"
ZIP = "application/zip"
#: Of what travels in a page: what Django takes in a form, less room for the answers.
MOST_KEPT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 200_000


# Out ---------------------------------------------------------------------------------------------


def sheet_for(request, code: str, year: int, period: str, pk: int) -> tuple[Copy, Member]:
    """A member's sheet: for the secretariat, and for the member alone. To anybody else there is
    none."""
    round = find_round(request.user, code, year, period)
    if round.state == Round.State.PREPARING:
        raise Http404
    ward = round.policy.ward_id
    if not looks_after(request.user, ward):
        own = member_of(request.user, ward)
        if own is None or own.pk != pk:
            raise Http404
    return Copy(round), member_of_round(round, pk)


def file_stem(round: Round, *more: str) -> str:
    """磯子区_令和2年度_上半期_意見票_委員（地域代表）1, in the reader's language."""
    policy, period = round.policy, round.period
    phrases = Phrases(policy)
    name, _months = phrases.period_parts(period.starts, period.ends)
    parts = [policy.ward.label, phrases.era_year(policy.fiscal_year), name, _("意見票"), *more]
    stem = "_".join(parts)
    return "".join("-" if each in '/\\:*?"<>| \t' else each for each in stem)


@require_safe
def sheet_xlsx(request, code: str, year: int, period: str, member: int):
    copy, who = sheet_for(request, code, year, period, member)
    (sheet,) = sheets_of(copy, copy.board(), [who])
    name = f"{file_stem(copy.round, who.name)}.xlsx"
    return taken_away(request, write_sheet(sheet), XLSX, name)


@require_safe
def sheet_html(request, code: str, year: int, period: str, member: int):
    """The sheet as one file that a browser opens without a network. Never shown as a page here:
    it brings a style and a script of its own, which no page of ours may."""
    copy, who = sheet_for(request, code, year, period, member)
    board = copy.board()
    (sheet,) = sheets_of(copy, board, [who])
    stem = file_stem(copy.round, who.name)
    return taken_away(request, write_file(copy, board, sheet, stem), HTML, f"{stem}.html")


@require_safe
def sheet_print(request, code: str, year: int, period: str, member: int):
    """The sheet to write on by hand."""
    copy, who = sheet_for(request, code, year, period, member)
    return show_print(request, copy, [who])


@require_safe
def sheets_print(request, code: str, year: int, period: str):
    """The sheets of all members, one after the other."""
    round = for_the_secretariat(request, code, year, period)
    if round.state == Round.State.PREPARING:
        raise Http404
    return show_print(request, Copy(round), behalf.members_of(round))


def show_print(request, copy: Copy, members: list[Member]):
    round = copy.round
    runs_it = looks_after(request.user, round.policy.ward_id)
    context = {
        **about_round(round, request.user, "behalf"),
        "sheets": sheets_of(copy, copy.board(), members),
        "one": members[0] if len(members) == 1 else None,
        "back": round.address("behalf" if runs_it else "read"),
        "runs_it": runs_it,
    }
    return render(request, "reviews/sheet_print.html", context)


@require_safe
def sheets_zip(request, code: str, year: int, period: str):
    """Everybody's sheet in one parcel, as Excel and as a file for a browser."""
    round = for_the_secretariat(request, code, year, period)
    if round.state == Round.State.PREPARING:
        raise Http404
    copy = Copy(round)
    board = copy.board()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        members = behalf.members_of(round)
        for member, sheet in zip(members, sheets_of(copy, board, members), strict=True):
            stem = file_stem(round, member.name)
            parcel.writestr(f"{stem}.xlsx", write_sheet(sheet))
            parcel.writestr(f"{stem}.html", write_file(copy, board, sheet, stem))
    return taken_away(request, out.getvalue(), ZIP, f"{file_stem(round, _('全員'))}.zip")


# In ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_upload(request, code: str, year: int, period: str, member: int):
    """A sheet that came back: chosen, then what it would change, then written."""
    round = for_the_secretariat(request, code, year, period)
    if round.state == Round.State.PREPARING:
        raise Http404
    who = member_of_round(round, member)
    if request.method != "POST":
        return show(request, round, who)
    if not takes(round):
        return show(request, round, who, refused=_("この回は公表されているため、取り込めません。"))
    return confirm(request, round, who) if "kept" in request.POST else upload(request, round, who)


def upload(request, round: Round, member: Member):
    """Read the file, and show what it would change; or say why it is not read."""
    file = request.FILES.get("file")
    copy = Copy(round)
    try:
        if file is None:
            # One that is far too large is passed over while it arrives.
            sent = int(request.META.get("CONTENT_LENGTH") or 0)
            raise UnreadableFile("too_large" if sent > LARGEST_FILE else "no_file")
        if file.size > LARGEST_FILE:
            raise UnreadableFile("too_large")
        returned = read_sheet(file.read(), reference_of(copy, member))
    except UnreadableFile as error:
        return show(request, round, member, **why_not(round, error))
    found = preview(round, copy, member, returned, {})
    return show_preview(request, round, member, returned, found, name=file.name)


def why_not(round: Round, error: UnreadableFile) -> dict[str, Any]:
    """Why a file is not read; of another member of the round the page where it belongs."""
    context: dict[str, Any] = {"refused": file_sentence(error)}
    reference = error.values.get("reference")
    if error.key == "another_member" and isinstance(reference, Reference):
        others = {each.pk: each for each in behalf.members_of(round)}
        if other := others.get(reference.member):
            url = round.address("sheet_upload", other.pk)
            context["other"] = {"name": other.name, "url": url}
    return context


def confirm(request, round: Round, member: Member):
    """Write what was shown; where something is otherwise by now, show it again."""
    copy = Copy(round)
    try:
        kept = signing.loads(request.POST["kept"], salt=SALT, max_age=settings.SESSION_COOKIE_AGE)
        returned = unpacked(kept)
        here = reference_of(copy, member)
        if kept["by"] != request.user.pk or not returned.reference.is_of_the_same_sheet(here):
            raise signing.BadSignature
    except (signing.BadSignature, KeyError, TypeError, IndexError):
        return show(request, round, member, refused=FILE_SENTENCES["stale"])
    name, reason = str(kept["name"]), request.POST.get("reason", "").strip()[:500]
    try:
        written = write(
            round,
            copy,
            member,
            returned,
            kept["seen"],
            request.POST,
            by=request.user,
            reason=reason,
        )
    except NotAsSeen as error:
        moved = error.preview.seen != kept["seen"]
        return show_preview(
            request, round, member, returned, error.preview, name=name, again=True, moved=moved
        )
    except behalf.NotTaken as error:
        round.refresh_from_db()
        if not takes(round):
            return show(request, round, member, refused=str(error))
        found = preview(round, copy, member, returned, request.POST)
        return show_preview(
            request, round, member, returned, found, name=name, again=True, refused=str(error)
        )
    if written.total:
        told = _(
            "%(member)sの意見票を取り込みました（新しい意見%(new)d件、変わった意見%(changed)d件）。"
        )
        values = {
            "member": member.name,
            "new": written.new,
            "changed": written.changed + written.withdrawn,
        }
        messages.success(request, told % values)
    else:
        messages.info(request, _("変わったところはありません。"))
    return redirect(round.address("behalf_member", member.pk))


def packed(returned: Returned) -> dict[str, Any]:
    return {
        "reference": str(returned.reference),
        "source": str(returned.source),
        "fields": [asdict(each) for each in returned.fields],
        "grades": [asdict(each) for each in returned.grades],
    }


def unpacked(kept: dict[str, Any]) -> Returned:
    held = kept["file"]
    return Returned(
        find_references(held["reference"])[0],
        held["source"],
        [Given(**each) for each in held["fields"]],
        [GivenGrade(**each) for each in held["grades"]],
    )


# Pages ------------------------------------------------------------------------------------------


def show(request, round: Round, member: Member, **more: Any):
    context = {
        **about_round(round, request.user, "behalf"),
        "heading": _("取り込む前の確認") if "preview" in more else _("意見票を取り込む"),
        "member": member,
        "takes": takes(round),
        "late": round.state == Round.State.CLOSED,
        "most": LARGEST_FILE // 1024 // 1024,
        **more,
    }
    return render(request, "reviews/behalf_upload.html", context)


def show_preview(
    request, round: Round, member: Member, returned: Returned, found: Preview, *, name: str, **more
):
    """What would change. Where nothing has to be put right, it can be confirmed."""
    kept = ""
    if not found.problems and not found.is_empty:
        held = {
            "by": request.user.pk,
            "name": name[-100:],
            "seen": found.seen,
            "file": packed(returned),
        }
        kept = signing.dumps(held, salt=SALT, compress=True)
        if len(kept) > MOST_KEPT:
            return show(request, round, member, refused=FILE_SENTENCES["too_much_text"])
    words = {
        KEEP: _("いまの意見を残す"),
        REPLACE: _("ファイルの意見に置きかえる"),
        BESIDE: _("いまの意見を残し、ファイルの意見を別の意見として加える"),
        WITHDRAW: _("取り下げる"),
    }
    for each in found.fields:
        if each.comment is not None:
            each.comment.stands = how_it_stands(each.comment)  # type: ignore[attr-defined]
    return show(
        request,
        round,
        member,
        preview=found,
        file_name=name[-100:],
        issued=returned.reference.issued_at,
        choices=[
            (each, [(choice, words[choice]) for choice in each.choices]) for each in found.to_choose
        ],
        grade_choices=[each for each in found.grades if each.choices],
        to_choose=len(found.to_choose) + sum(bool(each.choices) for each in found.grades),
        plain_grades=[each for each in found.grades if not each.choices],
        kept=kept,
        reason=request.POST.get("reason", ""),
        **more,
    )
