"""前に何と言い、どうなったか: earlier comments of the committee on the same subject, and promises.

The lines of the list of this and earlier rounds on the same policy, and what was promised to the
committee for this project, also the year before. Each with 区の考え方, 対応区分 and 対処結果 as far
as this reader may see them. Two queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q

from kpis.phrases import Phrases
from wards.permissions import access_of
from wards.prepared import PreparedObjects

from .comment_list import shows_answer
from .models import Item, Promise, Round
from .models.answers import Disposition
from .models.comments import Kind, Subject
from .permissions import sees_item, sees_promise


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """One comment of the committee, and what came of it."""

    when: str  # 令和2年度 上半期
    kind: str
    kind_name: str
    text: str
    is_answered: bool
    view: str = ""
    disposition: str = ""
    what: str = ""
    who: str = ""
    by_when: str = ""
    section: str = ""
    result: str = ""
    result_on: str = ""
    is_promise: bool = False


def said_before(
    user, round: Round, subject: str, key: str, phrases: Phrases
) -> tuple[list[SaidBefore], list[SaidBefore]]:
    """Of this round, once it is over, and of those before it with the promises; newest first."""
    policy = round.policy
    items = [
        item
        for item in _items()(policy.pk, subject, key)
        if item.round.period.starts <= round.period.starts
    ]
    promises = _promises(policy.pk, subject, key)
    for item in items:
        item.round.policy = policy
    if access_of(user).is_city or access_of(user).department_scope(policy.ward_id):
        seen = Item.objects.visible_to(user).filter(pk__in=[each.pk for each in items])
        seen_items = set(seen.values_list("pk", flat=True))
        kept = Promise.objects.visible_to(user).filter(pk__in=[each.pk for each in promises])
        seen_promises = set(kept.values_list("pk", flat=True))
        items = [each for each in items if each.pk in seen_items]
        promises = [each for each in promises if each.pk in seen_promises]
    else:
        items = [each for each in items if sees_item(user, each)]
        promises = [each for each in promises if sees_promise(user, each)]
    by_item = {each.item_id: each for each in promises if each.item_id}
    now: list[SaidBefore] = []
    before: list[SaidBefore] = []
    for item in items:
        told = _of_item(user, item, by_item.get(item.pk), phrases)
        (now if item.round_id == round.pk else before).append(told)
    shown = {item.pk for item in items}
    of_others = [
        _of_promise(each, phrases)
        for each in promises
        if each.item_id not in shown and _is_kept_here(each, policy.pk, subject, key)
    ]
    return now, before + of_others


def _is_kept_here(promise: Promise, policy: int, subject: str, key: str) -> bool:
    """Whether the promise is attached here, and not only came of something said here."""
    project = promise.project if promise.project_id else None
    if subject == Subject.PROJECT:
        return project is not None and (project.policy_id, project.key) == (policy, key)
    return promise.policy_id == policy and project is None


@lru_cache(maxsize=1)
def _items() -> PreparedObjects:
    round = ("state", "policy", "period__starts", "period__ends")
    return PreparedObjects(
        Item.objects,
        lambda rows, policy, subject, key: (
            rows.filter(round__policy=policy, subject=subject, key=key)
            .exclude(state=Item.State.REPLACED)
            .order_by("-round__period__starts", "number")
        ),
        only=[
            *(each.name for each in Item._meta.concrete_fields),
            *(f"round__{name}" for name in round),
            "section__name",
        ],
    )


def _promises(policy: int, subject: str, key: str) -> list[Promise]:
    if subject == Subject.PROJECT:
        return _promises_of_project()(policy, key)
    found = _promises_of_subject()(policy, subject, key)
    return [each for each in found if each.item_id or subject == Subject.WHOLE]


@lru_cache(maxsize=1)
def _promises_of_project() -> PreparedObjects:
    """Those that are kept at a project, and those that came of what was said of it."""
    return PreparedObjects(
        Promise.objects,
        lambda rows, policy, key: rows.filter(
            Q(project__policy=policy, project__key=key)
            | Q(item__round__policy=policy, item__subject=Subject.PROJECT, item__key=key)
        ).order_by("-made_on", "-id"),
        only=_OF_PROMISE,
    )


@lru_cache(maxsize=1)
def _promises_of_subject() -> PreparedObjects:
    """The same of a pillar or the whole; a promise without an item is one of the whole."""
    return PreparedObjects(
        Promise.objects,
        lambda rows, policy, subject, key: rows.filter(
            Q(policy=policy, project__isnull=True, item__isnull=True)
            | Q(policy=policy, project__isnull=True, item__subject=subject, item__key=key)
            | Q(item__round__policy=policy, item__subject=subject, item__key=key)
        ).order_by("-made_on", "-id"),
        only=_OF_PROMISE,
    )


_OF_PROMISE = [
    *(each.name for each in Promise._meta.concrete_fields),
    *("project__policy", "project__key", "section__name", "item__kind", "item__view"),
]


def _of_item(user, item: Item, promise: Promise | None, phrases: Phrases) -> SaidBefore:
    period = item.round.period
    name = phrases.period_parts(period.starts, period.ends)[0]
    when = f"{phrases.era_year(item.round.policy.fiscal_year)} {name}"
    heard: dict[str, Any] = {
        "when": when,
        "kind": item.kind,
        "kind_name": str(Kind(item.kind).label),
        "text": item.text,
    }
    if not item.view or not shows_answer(user, item):
        return SaidBefore(**heard, is_answered=False)
    return SaidBefore(
        **heard,
        is_answered=True,
        view=item.view,
        disposition=str(Disposition(item.disposition).label) if item.disposition else "",
        what=item.what,
        who=item.who,
        by_when=item.by_when,
        section=(item.section and item.section.name) or "",
        is_promise=promise is not None,
        **_outcome(promise, phrases),
    )


def _outcome(promise: Promise | None, phrases: Phrases) -> dict[str, str]:
    if promise is None or not promise.result:
        return {}
    on = phrases.day(promise.result_on) if promise.result_on else ""
    return {"result": promise.result, "result_on": on}


def _of_promise(promise: Promise, phrases: Phrases) -> SaidBefore:
    item = promise.item if promise.item_id else None
    return SaidBefore(
        when=promise.source or phrases.era_year(promise.on_fiscal_year),
        kind=item.kind if item else "",
        kind_name=str(Kind(item.kind).label) if item else "",
        text=promise.text,
        is_answered=True,
        view=item.view if item else "",
        disposition=str(Disposition(promise.disposition).label),
        what=promise.what,
        who=promise.who,
        by_when=promise.by_when,
        section=(promise.section and promise.section.name) or "",
        is_promise=True,
        **_outcome(promise, phrases),
    )
