"""The section's sheet as an Excel file: taken out, and brought back.

What comes back is read whole and shown before anything of it is written. Between the two, the
texts of its cells travel in the page, signed: nothing of a file is kept on the server, and the
page that is confirmed is the one that was shown.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from wards.models import User

from . import entering
from .listing_views import XLSX, taken_away
from .models import Actual
from .permissions import enters_on_behalf
from .workbook import HEADINGS, Reference
from .workbook_changes import ENTRY, NotAsSeen, Preview, RowChange, preview, said, write
from .workbook_reading import LARGEST_FILE, Filled, UnreadableFile, read_file
from .workbook_sheet import Opened, book_of, open_sheet
from .workbook_words import FILE_SENTENCES, file_sentence
from .workbook_writing import write_book

SALT = "kpis.sheet_upload"


@require_safe
def sheet_xlsx(request, code: str, year: int, section: int, period: str):
    """The sheet to fill. Of a closed period too: to read, and to keep."""
    opened = open_sheet(request.user, code, year, section, period)
    data = write_book(book_of(opened, made_by=str(request.user)))
    return taken_away(request, data, XLSX, opened.file_name)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_upload(request, code: str, year: int, section: int, period: str):
    """A filled sheet: chosen, then what it would change, then written."""
    opened = open_sheet(request.user, code, year, section, period)
    if request.method != "POST":
        return show(request, opened)
    if not opened.period.is_open:
        return show(request, opened, refused=FILE_SENTENCES["closed"])
    return confirm(request, opened) if "kept" in request.POST else upload(request, opened)


def upload(request, opened: Opened):
    """Read the file, and show what it would change; or say why it is not read."""
    file = request.FILES.get("file")
    try:
        if file is None:
            # One that is far too large is passed over while it arrives.
            sent = int(request.META.get("CONTENT_LENGTH") or 0)
            raise UnreadableFile("too_large" if sent > LARGEST_FILE else "no_file")
        if file.size > LARGEST_FILE:
            raise UnreadableFile("too_large")
        filled = read_file(file.read(), opened.reference)
    except UnreadableFile as error:
        return show(request, opened, **why_not(request.user, opened, error))
    found = preview(opened, filled, opened.places(), {})
    return show_preview(request, opened, filled, found, name=file.name)


def confirm(request, opened: Opened):
    """Write what was shown; where something is otherwise by now, show it again."""
    try:
        kept = signing.loads(request.POST["kept"], salt=SALT, max_age=settings.SESSION_COOKIE_AGE)
        if kept["by"] != request.user.pk or kept["reference"] != str(opened.reference):
            raise signing.BadSignature
    except signing.BadSignature:
        return show(request, opened, refused=FILE_SENTENCES["stale"])
    filled = Filled.again(opened.reference, kept["file"])
    try:
        written = write(opened, filled, kept["seen"], request.POST, by=request.user)
    except NotAsSeen as error:
        return shown_again(request, opened, filled, error.preview, kept)
    except entering.Closed:
        return show(request, opened, refused=FILE_SENTENCES["closed"])
    except (IntegrityError, entering.Conflict):
        # Somebody else saved the same target in the same moment.
        found = preview(opened, filled, opened.places(), request.POST)
        return shown_again(request, opened, filled, found, kept)
    if written:
        told = ngettext(
            "「%(sheet)s」に、Excelから%(count)d件を取り込みました。",
            "「%(sheet)s」に、Excelから%(count)d件を取り込みました。",
            len(written),
        )
        messages.success(request, told % {"sheet": opened.name, "count": len(written)})
    else:
        messages.info(request, _("いまの内容をすべて残したため、変わったところはありません。"))
    return redirect(opened.back)


def shown_again(request, opened: Opened, filled: Filled, now: Preview, kept: dict[str, Any]):
    if not now.problems and not any(row.taken or row.unanswered for row in now.changes):
        messages.info(
            request, _("このファイルの内容は、もう保存されています。変わったところはありません。")
        )
        return redirect(opened.back)
    moved = now.versions != kept["seen"]
    return show_preview(request, opened, filled, now, name=kept["name"], again=True, moved=moved)


def why_not(user, opened: Opened, error: UnreadableFile) -> dict[str, Any]:
    """Why a file is not read; of another sheet the page where it belongs, if it may be opened."""
    reference = error.values.get("reference")
    if not isinstance(reference, Reference):
        return {"refused": file_sentence(error)}
    error.values["wanted"] = opened.reference
    context: dict[str, Any] = {"refused": file_sentence(error)}
    try:
        other = open_sheet(
            user, reference.ward, reference.year, reference.section, reference.period
        )
    except (Http404, PermissionDenied):
        return context
    return context | {"other": {"name": other.name, "url": other.url("sheet_upload")}}


# Pages ------------------------------------------------------------------------------------------


def show(request, opened: Opened, **more):
    context = {
        "place": "entry",
        "policy": opened.policy,
        "section": opened.section,
        "year": opened.phrases.year(opened.policy.fiscal_year),
        "period": opened.period,
        "period_name": opened.period_name,
        "back_url": opened.back,
        "download_url": opened.url("sheet_xlsx"),
        "on_behalf": enters_on_behalf(request.user, opened.targets[0]),
        "most": LARGEST_FILE // 1024 // 1024,
        **more,
    }
    return render(request, "kpis/sheet_upload.html", context)


def show_preview(request, opened: Opened, filled: Filled, found: Preview, *, name: str, **more):
    """What would change, cell by cell. Where nothing has to be put right, it can be confirmed."""
    known = {target.key for target in opened.targets}
    filled.rows = [row for row in filled.rows if row.text("key") in known]
    kept = {
        "by": request.user.pk,
        "reference": str(opened.reference),
        "name": name,
        "seen": found.versions,
        "file": filled.kept(),
    }
    names = people(found)
    rows = [told(opened, change, names) for change in found.changes]
    fields = [each for row in rows for each in row["fields"]]
    return show(
        request,
        opened,
        preview=found,
        file_name=name[-100:],
        rows=rows,
        plain=[each for each in fields if not each["choose"]],
        choices=[each for each in fields if each["choose"]],
        questions=[row for row in rows if row["change"].question],
        fixed=[each for row in found.fixed for each in told(opened, row, names)["fields"]],
        kept=""
        if found.problems or not found.changes
        else signing.dumps(kept, salt=SALT, compress=True),
        **more,
    )


def people(found: Preview) -> dict[int, str]:
    """Who saved what somebody has to choose about."""
    rows = [row for row in found.rows if any(each.moved for each in row.fields)]
    actuals = [row.place.actual for row in rows if row.place.actual]
    ids = {actual.saved_by_id for actual in actuals if actual.saved_by_id}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def told(opened: Opened, change: RowChange, names: dict[int, str]) -> dict[str, Any]:
    """A row of the preview in words."""
    actual = change.place.actual or Actual()
    return {
        "change": change,
        "key": change.target.key,
        "label": change.target.label,
        "figure_at": next((each.address for each in change.fields if each.name == ENTRY), ""),
        "fields": [
            {
                "key": change.target.key,
                "label": change.target.label,
                "name": each.name,
                "column": HEADINGS["figure" if each.name == ENTRY else each.name],
                "address": each.address,
                "old": said(each.old, change.place, opened.phrases),
                "new": said(each.new, change.place, opened.phrases),
                "choose": each.moved or each.clears,
                "moved": each.moved,
                "answer": each.answer,
                "missing": each.unanswered,
                "by": names.get(actual.saved_by_id or 0, ""),
                "at": actual.saved_at,
                "state": actual.get_state_display(),
            }
            for each in change.fields
        ],
    }
