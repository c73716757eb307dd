"""Lines of the record of posts, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from .models import PostRecord


@dataclass(frozen=True, slots=True)
class Told:
    """One line: when, what happened, to which post, from what to what, by whom."""

    record: PostRecord
    post: str
    changes: list[str]
    by: str


def in_words(records: Iterable[PostRecord], *, with_people: bool = False) -> list[Told]:
    """The lines, in two queries at most."""
    if hasattr(records, "select_related"):
        records = records.select_related("post__ward", "post__section", *["user"] * with_people)
    return [
        Told(
            record=record,
            post=str(record.post) if record.post else "",
            changes=[
                change_in_words(name, *pair)
                for name, pair in record.changed.items()
                if pair[0] or pair[1]
            ],
            by=record.by_name or _("システムの管理者"),
        )
        for record in records
    ]


def change_in_words(name: str, before: str | None, after: str | None) -> str:
    said = {
        "display_name": _("表示名"),
        "email": _("メールアドレス"),
        "starts": _("開始日"),
        "ends": _("最後の日"),
    }[name]
    read = day if name in ("starts", "ends") else str
    values = {
        "name": said,
        "before": read(before) if before else _("なし"),
        "after": read(after) if after else _("なし"),
    }
    if not before:
        return _("%(name)s：%(after)s") % values
    return _("%(name)s：%(before)s → %(after)s") % values


def day(iso: str) -> str:
    return formats.date_format(date.fromisoformat(iso), "DATE_FORMAT")
