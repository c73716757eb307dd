"""配布資料: the numbered papers of a meeting, as files of ours or as pages of the round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from kpis.evidence import size_text
from kpis.evidence_store import Kept, Store
from kpis.file_kinds import KINDS

from .meeting_forms import PaperForm
from .meetings import name_of
from .models import Meeting, Paper, Round
from .recording import record
from .together import hold, pairs, stored_in

OF_PAPER = ("label", "title", "on_the_day", "order")
#: Which pages of the round stand for a paper; the first one that there is.
PAGES = {
    Paper.Kind.BOOKLET: ("booklet_pdf", "booklet"),
    Paper.Kind.OPINION_SHEET: ("sheet_print", "read"),
    Paper.Kind.COMMENTS: ("comments",),
    Paper.Kind.OPINION: ("opinion",),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper on a page: where it leads (nowhere, as long as its page does not exist)."""

    paper: Paper
    href: str
    about: str  # PDF 340 KB


def shown(papers: list[Paper], meeting: Meeting, code: str) -> list[Shown]:
    return [Shown(paper, _href(paper, meeting, code), _about(paper)) for paper in papers]


def _href(paper: Paper, meeting: Meeting, code: str) -> str:
    if paper.kind == Paper.Kind.FILE:
        return reverse("reviews:paper", args=[code, meeting.pk, paper.pk])
    round = meeting.round
    return page_of(round, PAGES[Paper.Kind(paper.kind)]) if round else ""


def page_of(round: Round, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return round.address(name)
        except NoReverseMatch:
            continue
    return ""


def _about(paper: Paper) -> str:
    if paper.kind != Paper.Kind.FILE:
        return str(paper.get_kind_display())
    kind = KINDS.get(paper.file_kind)
    return f"{gettext(kind.label) if kind else ''} {size_text(paper.size or 0)}".strip()


def add_paper(meeting: Meeting, form: PaperForm, *, by: Any) -> Paper:
    """Raises ValidationError where the number is taken, or the file cannot be stored."""
    typed = form.cleaned_data
    with Store() as store:
        stored = _write(store, typed.get("file"))
        try:
            with transaction.atomic():
                row = _held(meeting)
                paper = Paper.objects.create(
                    meeting=row, kind=typed["kind"], **{n: typed[n] for n in OF_PAPER}, **stored
                )
                _record("paper_added", row, paper, by, _brought(paper))
        except IntegrityError as error:
            raise _label_is_taken() from error
        store.keep([paper.stored])
    return paper


def edit_paper(paper: Paper, form: PaperForm, *, by: Any) -> bool | None:
    """Whether something changed; None where another changed the same. A new file takes the place
    of the old one, which is kept, hidden."""
    typed = form.cleaned_data
    with Store() as store:
        new = _write(store, typed.get("file"))
        try:
            with transaction.atomic():
                meeting = _held(paper.meeting)
                row = Paper.objects.standing().filter(pk=paper.pk).first()
                if row is None:
                    raise ValidationError(gettext("この資料は、ほかの人が外しました。"))
                stored = stored_in(row, *OF_PAPER)
                write = form.changes(stored)
                if write is None or not (write or new):
                    transaction.set_rollback(True)
                    return None if write is None else False
                told = pairs(stored, write)
                if new:
                    told["file"] = [row.file_name, new["file_name"]]
                    told["sha256"] = [row.sha256, new["sha256"]]
                    _keep_old(row)
                Paper.objects.filter(pk=row.pk).update(**write, **new)
                _record("paper_edited", meeting, row, by, told)
        except IntegrityError as error:
            raise _label_is_taken() from error
        if new:
            store.keep([new["stored"]])
    return True


@transaction.atomic
def take_paper_away(paper: Paper, *, by: Any) -> bool:
    """Hide it; False where somebody did so before."""
    meeting = _held(paper.meeting)
    gone = Paper.objects.standing().filter(pk=paper.pk).update(removed_at=timezone.now())
    if not gone:
        transaction.set_rollback(True)
        return False
    told = {name: pair[::-1] for name, pair in _brought(paper).items()}
    _record("paper_removed", meeting, paper, by, told)
    return True


def files_of_papers() -> Iterator[Kept]:
    """Every file of a paper that lies in the folder, hidden ones too (manage.py check_evidence)."""
    rows = Paper.objects.exclude(stored="").select_related("meeting__committee__ward")
    for paper in rows.order_by("id").iterator(chunk_size=500):
        meeting = paper.meeting
        place = f"{meeting.committee.ward.code} {meeting.fiscal_year} {meeting.number} {paper}"
        yield Kept(paper.stored, paper.sha256, place)


def _write(store: Store, looked: Any) -> dict[str, Any]:
    if looked is None:
        return {}
    try:
        stored = store.write(looked.upload.file)
    except OSError as error:
        raise ValidationError(
            {
                "file": gettext(
                    "サーバーにファイルを保存できませんでした。システムの管理者へご連絡ください。"
                )
            }
        ) from error
    return {
        "stored": stored.stored,
        "file_name": looked.name,
        "file_kind": looked.kind.key,
        "size": stored.size,
        "sha256": stored.sha256,
    }


def _keep_old(paper: Paper) -> None:
    """The file that is replaced, as a hidden paper of its own."""
    old = Paper.objects.get(pk=paper.pk)
    old.pk = None
    old._state.adding = True
    old.removed_at = timezone.now()
    old.save()


def _held(meeting: Meeting) -> Meeting:
    return hold(Meeting.objects.select_related("committee", "round"), meeting.pk)


def _record(act: str, meeting: Meeting, paper: Paper, by: Any, changed: dict[str, Any]) -> None:
    record(
        act,
        ward_id=meeting.committee.ward_id,
        by=by,
        about=f"{name_of(meeting)} {paper.label}",
        round=meeting.round,
        changed=changed,
    )


def _brought(paper: Paper) -> dict[str, Any]:
    told: dict[str, Any] = {"title": [None, paper.title]}
    if paper.stored:
        told["file"], told["sha256"] = [None, paper.file_name], [None, paper.sha256]
    return told


def _label_is_taken() -> ValidationError:
    return ValidationError(
        {"label": gettext("この会議には、同じ番号の資料がもうあります。ほかの番号にしてください。")}
    )
