"""Writing a line of the committee's record (reviews/models/records.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from .models import Member, ReviewRecord, Round

#: Fields of which the record says that they changed, and not what they hold: people's own details.
PRIVATE = ("email", "contact")


def record(
    act: str,
    *,
    ward_id: int,
    by: Any,
    about: str = "",
    changed: Mapping[str, Any] | None = None,
    reason: str = "",
    round: Round | None = None,
    member: Member | None = None,
) -> ReviewRecord:
    """One line: `about` names what it is about in words, where no link does (a meeting, a paper).

    `changed` holds (before, after) by the name of the field. Call it in the transaction of the act.
    """
    told = {
        name: [None, None] if name in PRIVATE else [_plain(each) for each in pair]
        for name, pair in (changed or {}).items()
    }
    if about:
        told = {"about": [about, about], **told}
    return ReviewRecord.objects.create(
        ward_id=ward_id,
        round=round,
        member=member,
        act=act,
        changed=told,
        reason=reason,
        by=by,
        by_name=str(by),
    )


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | list) else str(value)
