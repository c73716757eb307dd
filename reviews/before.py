"""前に何と言い、どうなったか: earlier comments of the committee on the same subject, and promises.

The lines of the list of this and earlier rounds on the same policy, and what was promised to the
committee for this project, also the year before. Each with 区の考え方, 対応区分 and 対処結果 as far
as this reader may see them. Two queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from kpis.phrases import Phrases

from .models import Item, Promise, Round
from .models.answers import Disposition
from .models.comments import Kind, Subject
from .permissions import reads_answer


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
    items = (
        Item.objects.visible_to(user)
        .listed()
        .filter(round__policy=policy, subject=subject, key=key)
        .filter(round__period__starts__lte=round.period.starts)
        .select_related("round__period", "section", "promise")
        .order_by("-round__period__starts", "number")
    )
    now: list[SaidBefore] = []
    before: list[SaidBefore] = []
    shown: set[int] = set()
    for item in items:
        item.round.policy = policy
        shown.add(item.pk)
        (now if item.round_id == round.pk else before).append(_of_item(user, item, phrases))
    return now, before + _promises(user, round, subject, key, phrases, shown)


def _of_item(user, item: Item, phrases: Phrases) -> SaidBefore:
    period = item.round.period
    name = phrases.period_parts(period.starts, period.ends)[0]
    when = f"{phrases.era_year(item.round.policy.fiscal_year)} {name}"
    heard: dict[str, Any] = {
        "when": when,
        "kind": item.kind,
        "kind_name": str(Kind(item.kind).label),
        "text": item.text,
    }
    if not item.view or not reads_answer(user, item):
        return SaidBefore(**heard, is_answered=False)
    promise = getattr(item, "promise", None)
    return SaidBefore(
        **heard,
        is_answered=True,
        view=item.view,
        disposition=str(Disposition(item.disposition).label) if item.disposition else "",
        what=item.what,
        who=item.who,
        by_when=item.by_when,
        section=item.section.name if item.section else "",
        is_promise=promise is not None,
        **_outcome(promise, phrases),
    )


def _outcome(promise: Promise | None, phrases: Phrases) -> dict[str, str]:
    if promise is None or not promise.result:
        return {}
    on = phrases.day(promise.result_on) if promise.result_on else ""
    return {"result": promise.result, "result_on": on}


def _promises(
    user, round: Round, subject: str, key: str, phrases: Phrases, shown: set[int]
) -> list[SaidBefore]:
    rows = Promise.objects.visible_to(user).select_related("section", "item")
    if subject == Subject.PROJECT:
        rows = rows.filter(project__policy=round.policy, project__key=key)
    elif subject == Subject.WHOLE:
        of_the_whole = Q(item__isnull=True) | Q(item__subject=subject)
        rows = rows.filter(of_the_whole, policy=round.policy, project__isnull=True)
    else:
        rows = rows.filter(policy=round.policy, item__subject=subject, item__key=key)
    found = []
    for promise in rows.order_by("-made_on", "-id"):
        item = promise.item
        if item is not None and item.pk in shown:
            continue
        found.append(
            SaidBefore(
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
                section=promise.section.name if promise.section else "",
                is_promise=True,
                **_outcome(promise, phrases),
            )
        )
    return found
