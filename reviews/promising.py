"""約束: what the ward said it would take up or consider, until its 対処結果 is written.

A promise comes of an item that is released as 反映する or 検討する, or is written down by the
secretariat where it is older than the product. It stands with this year's project as 翌年度へ until
next year's policy is in force and the secretariat attaches it there; on the project's page and on
the section's sheet it stands until its result is written. A result that stands is corrected with a
reason, on the record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from kpis.models import Policy, Project
from wards.models import Ward

from .models import Item, Promise, ReviewRecord
from .models.answers import PROMISES
from .permissions import can_settle, looks_after
from .workflow import MoveRefused


class PromiseConflict(Exception):
    """Somebody else wrote it since; `promise` is what stands now. Nothing was written."""

    def __init__(self, promise: Promise) -> None:
        super().__init__(str(promise))
        self.promise = promise


# Out of an item -----------------------------------------------------------------------------------


def promise_of(item: Item) -> Promise | None:
    """What a released item promises; None where it promises nothing."""
    if item.disposition not in PROMISES:
        return None
    policy = item.round.policy
    project = None
    if item.subject == "project":
        project = policy.projects.filter(key=item.key).first()
    return Promise.objects.create(
        ward_id=policy.ward_id,
        item=item,
        on_fiscal_year=policy.fiscal_year,
        text=item.text,
        what=item.what,
        who=item.who,
        by_when=item.by_when,
        disposition=item.disposition,
        made_on=item.decided_on or timezone.localdate(),
        policy=policy,
        project=project,
        section_id=item.section_id,
    )


def can_be_taken_back(item: Item) -> None:
    """Raises MoveRefused where the item's promise has a result or was carried on.

    The promise is held until the transaction ends: nobody writes its result meanwhile.
    """
    promise = Promise.objects.select_for_update(no_key=True).filter(item=item).first()
    if promise is None:
        return
    if promise.result:
        raise MoveRefused(gettext("この回答の約束には対処結果があるので、公開を取り消せません。"))
    if promise.carried_over:
        raise MoveRefused(
            gettext("この回答の約束は翌年度の方針に引き継いだので、公開を取り消せません。")
        )


def take_back(item: Item) -> None:
    Promise.objects.filter(item=item, result="", carried_over=False).delete()


# Its result ---------------------------------------------------------------------------------------


@transaction.atomic
def settle(promise: Promise, result: str, on: date, *, seen: int, by: Any, reason: str = ""):
    """Write the 対処結果, or correct the one that stands, which needs a reason.

    Raises PromiseConflict where somebody else was quicker.
    """
    now = _held(Promise.objects.all(), promise)
    if not can_settle(by, now):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    if (now.result, now.result_on) == (result, on):
        return now
    reason = reason.strip()
    if now.version != seen:
        raise PromiseConflict(now)
    if now.result and not reason:
        raise MoveRefused(gettext("訂正の理由を書いてから、もう一度押してください。"))
    rows = Promise.objects.filter(pk=now.pk, version=seen)
    written = rows.update(
        result=result,
        result_on=on,
        result_by=by,
        result_by_name=str(by)[:150],
        version=F("version") + 1,
    )
    if not written:
        raise PromiseConflict(Promise.objects.get(pk=now.pk))
    before = now.result_on.isoformat() if now.result_on else ""
    changed = {"result": [now.result, result], "result_on": [before, on.isoformat()]}
    act = "promise_correct" if now.result else "promise_result"
    _record(now, act, changed, by=by, reason=reason)
    now.refresh_from_db()
    return now


def _held(rows: QuerySet[Promise], promise: Promise) -> Promise:
    """The promise as it stands, held until the transaction ends; MoveRefused where it is gone."""
    held = rows.select_for_update(of=("self",), no_key=True).filter(pk=promise.pk).first()
    if held is None:
        raise MoveRefused(
            gettext(
                "この約束のもとの回答は、ほかの人が先に公開を取り消しました。"
                "「意見一覧」で確かめてください。"
            )
        )
    return held


# To next year's policy ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where an open promise might go on: a project of the newest policy, and why that one."""

    promise: Promise
    project: Project | None
    by_name: bool  # of the same name; else only of the same key, and the name is another


def newest_policy(ward: Ward) -> Policy | None:
    """The ward's latest policy in force."""
    rows = ward.policies.filter(state=Policy.State.IN_FORCE).select_related("ward")
    return rows.order_by("-fiscal_year").first()


def suggestions(
    promises: Iterable[Promise], policy: Policy, projects: Iterable[Project]
) -> list[Suggestion]:
    """For each open promise of an earlier year, a project of the policy: of the same name, else
    of the same key, else none."""
    projects = list(projects)
    by_name = {_folded(each.name): each for each in projects}
    by_key = {each.key: each for each in projects}
    found = []
    for promise in promises:
        if promise.result or year_of(promise) >= policy.fiscal_year:
            continue
        old = promise.project
        same = by_name.get(_folded(old.name)) if old else None
        found.append(
            Suggestion(promise, same or (by_key.get(old.key) if old else None), same is not None)
        )
    return found


def year_of(promise: Promise) -> int:
    """The fiscal year of the policy with which it stands."""
    return promise.policy.fiscal_year if promise.policy else promise.on_fiscal_year


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@transaction.atomic
def attach(promise: Promise, policy: Policy, project: Project | None, *, by: Any) -> bool:
    """Carry an open promise on to a later policy and its project; whether anything was new.

    None: to the policy as a whole.
    """
    now = _held(Promise.objects.select_related("policy", "project"), promise)
    if not looks_after(by, now.ward_id):
        raise MoveRefused(gettext("この操作ができるのは事務局です。"))
    if now.result or (now.policy_id, now.project_id) == (
        policy.pk,
        project.pk if project else None,
    ):
        return False
    Promise.objects.filter(pk=now.pk, result="").update(
        policy=policy, project=project, carried_over=True, version=F("version") + 1
    )
    changed = {
        "fiscal_year": [year_of(now), policy.fiscal_year],
        "project": [str(now.project or ""), str(project or "")],
    }
    _record(now, "promise_attach", changed, by=by)
    return True


# Older than the product ---------------------------------------------------------------------------


@transaction.atomic
def write_down(promise: Promise, *, by: Any) -> Promise:
    """Save a promise that came of no item: from an opinion on paper."""
    if not looks_after(by, promise.ward_id):
        raise MoveRefused(gettext("この操作ができるのは事務局です。"))
    promise.save(force_insert=True)
    _record(promise, "promise_add", {"what": ["", promise.what]}, by=by)
    return promise


# The record ---------------------------------------------------------------------------------------


def _record(
    promise: Promise, act: str, changed: Mapping[str, Any], *, by: Any, reason: str = ""
) -> None:
    item = promise.item
    ReviewRecord.objects.create(
        ward_id=promise.ward_id,
        round=item.round if item else None,
        item=item,
        act=act,
        changed={"promise": [None, promise.pk], **changed},
        reason=reason,
        by=by,
        by_name=str(by)[:150],
    )


def records_of(promise: Promise):
    """The lines of the record about a promise, newest first."""
    rows = ReviewRecord.objects.filter(ward_id=promise.ward_id, act__startswith="promise_")
    return rows.filter(changed__promise__1=promise.pk)
