"""意見を書く, among what is to do on the first page: of those who sit on a committee."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext, ngettext

from kpis.models import Policy
from kpis.my_work import Task
from kpis.owing import in_words
from kpis.phrases import Phrases
from wards.permissions import Role, access_of

from .models import Comment, FrozenProject, Member, ReadMark, Round

#: A draft with words in it, or words typed over what was sent.
UNSENT = Q(state="draft") & ~Q(text="") | Q(state="sent") & ~(Q(edit_kind="") & Q(edit_text=""))


def to_comment(user, policies: Iterable[Policy], today: date) -> list[Task]:
    """The open rounds in which this member has something to read or to send.

    Five queries for a member of an open round, however many there are; for others none.
    """
    wards = access_of(user).wards_with(Role.MEMBER)
    of_wards = {each.pk: each for each in policies if each.ward_id in wards}
    if not of_wards:
        return []
    open_rounds = Round.objects.filter(policy__in=of_wards, state=Round.State.OPEN)
    rounds = list(open_rounds.select_related("period").order_by("due", "id"))
    if not rounds:
        return []
    seats = Member.objects.in_office_now().filter(user=user)
    seated = dict(seats.values_list("committee_id", "id"))
    mine = {"round__in": rounds, "member__in": seated.values()}
    marked = set(ReadMark.objects.filter(**mine).values_list("round_id", "key"))
    drafts = list(Comment.objects.filter(UNSENT, **mine).values_list("round_id", flat=True))
    # Of a round that was opened anew the newest copy, which comes last.
    copies: dict[int, dict[int, set[str]]] = {}
    rows = FrozenProject.objects.filter(frozen__round__in=rounds).order_by("frozen__number")
    for of_round, copy, key in rows.values_list("frozen__round_id", "frozen_id", "key"):
        copies.setdefault(of_round, {}).setdefault(copy, set()).add(key)
    tasks = []
    for round in rounds:
        if round.committee_id not in seated:
            continue
        *_older, keys = copies[round.pk].values()
        left = sum((round.pk, key) not in marked for key in keys)
        todo = _todo(left, drafts.count(round.pk))
        if todo:
            tasks.append(_task(round, of_wards[round.policy_id], todo, today))
    return tasks


def _todo(left: int, drafts: int) -> list[str]:
    told = []
    if left:
        told.append(ngettext("あと%(n)d事業を読む", "あと%(n)d事業を読む", left) % {"n": left})
    if drafts:
        told.append(
            ngettext("書きかけ%(n)d件を送る", "書きかけ%(n)d件を送る", drafts) % {"n": drafts}
        )
    return told


def _task(round: Round, policy: Policy, todo: list[str], today: date) -> Task:
    round.policy = policy
    phrases = Phrases(policy)
    period = phrases.period_parts(round.period.starts, round.period.ends)[0]
    return Task(
        name=gettext("意見を書く"),
        about=f"{policy.ward.label} {phrases.era_year(policy.fiscal_year)} {period}",
        url=round.address("read"),
        todo=todo,
        is_late=bool(round.due and round.due < today),
        due=phrases.short_day(round.due) if round.due else "",
        left=in_words((round.due - today).days) if round.due else "",
    )
