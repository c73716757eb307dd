"""いますること, of the list and its answers: what sections answer, what the secretariat sorts,
releases and chases, and what managers may want to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext

from kpis.models import Policy
from kpis.my_work import Task
from kpis.owing import in_words
from kpis.phrases import Phrases
from wards.permissions import Role, access_of

from .answering import ANSWERABLE, State
from .models import Item, Round

WORKS = (Role.STAFF, Role.HEAD, Role.SECRETARIAT, Role.MANAGER)


@dataclass(slots=True)
class _Counts:
    """Of one round, and for a section's people of their sections only."""

    listed: int = 0
    asked: int = 0
    returned: int = 0
    answered: int = 0
    late: int = 0
    due: date | None = None

    def add(self, state: str, due: date | None, today: date) -> None:
        name = str(State(state).value)
        setattr(self, name, getattr(self, name) + 1)
        if state in ANSWERABLE and due:
            self.late += due < today
            self.due = min(self.due or due, due)

    @property
    def waiting(self) -> int:
        return self.asked + self.returned


def answer_tasks(user: Any, policies: Iterable[Policy], today: date) -> list[Task]:
    """One query where there is nothing to do, two where there is; none for those without a part."""
    wards = access_of(user).wards_with(*WORKS)
    seen = {policy.pk: policy for policy in policies if policy.ward_id in wards}
    if not seen:
        return []
    states = (State.LISTED, *ANSWERABLE, State.ANSWERED)
    rows = Item.objects.visible_to(user).filter(round__policy__in=seen, state__in=states)
    lines = list(rows.order_by().values_list("round", "section", "state", "due"))
    if not lines:
        return []
    rounds = Round.objects.filter(pk__in={line[0] for line in lines}).select_related("period")
    found: list[Task] = []
    for round in rounds.order_by("policy__ward", "period__starts"):
        round.policy = seen[round.policy_id]
        of_round = [line[1:] for line in lines if line[0] == round.pk]
        found += _of_round(user, round, of_round, today)
    return found


def _of_round(user: Any, round: Round, lines: list[tuple[Any, ...]], today: date) -> list[Task]:
    access, ward = access_of(user), round.policy.ward_id
    mine, whole = _Counts(), _Counts()
    for section, state, due in lines:
        whole.add(state, due, today)
        if access.works_for(section):
            mine.add(state, due, today)
    tasks = []
    if todo := _to_answer(mine):
        url = round.address("answers")
        tasks.append(_task(round, gettext("意見への回答"), url, todo, mine, today))
    if access.has(ward, Role.SECRETARIAT):
        if todo := _to_compile(round, whole):
            url = round.address("comments")
            tasks.append(_task(round, gettext("意見一覧のとりまとめ"), url, todo, whole, today))
    elif access.has(ward, Role.MANAGER) and whole.waiting:
        told = ngettext("課の回答を待つ意見%(n)d件", "課の回答を待つ意見%(n)d件", whole.waiting)
        url = f"{round.address('comments')}?state=unanswered"
        todo = [told % {"n": whole.waiting}, *_late(whole)]
        tasks.append(_task(round, gettext("意見への回答（お知らせ）"), url, todo, whole, today))
    return tasks


def _to_answer(counts: _Counts) -> list[str]:
    told = []
    if n := counts.returned:
        told.append(
            ngettext("差し戻された回答%(n)d件を直す", "差し戻された回答%(n)d件を直す", n) % {"n": n}
        )
    if n := counts.asked:
        told.append(ngettext("意見%(n)d件に回答する", "意見%(n)d件に回答する", n) % {"n": n})
    return told


def _to_compile(round: Round, counts: _Counts) -> list[str]:
    told = []
    if round.is_over and (n := counts.listed):
        told.append(ngettext("意見%(n)d件を整理する", "意見%(n)d件を整理する", n) % {"n": n})
    if n := counts.answered:
        told.append(
            ngettext("公開を待つ回答が%(n)d件あります", "公開を待つ回答が%(n)d件あります", n)
            % {"n": n}
        )
    return [*told, *_late(counts)]


def _late(counts: _Counts) -> list[str]:
    if not (n := counts.late):
        return []
    return [
        ngettext("期限を過ぎた回答が%(n)d件あります", "期限を過ぎた回答が%(n)d件あります", n)
        % {"n": n}
    ]


def _task(round: Round, name: str, url: str, todo: list[str], counts: _Counts, today: date) -> Task:
    policy, phrases = round.policy, Phrases(round.policy)
    period = phrases.period_parts(round.period.starts, round.period.ends)[0]
    return Task(
        name=name,
        about=f"{policy.ward.label} {phrases.era_year(policy.fiscal_year)} {period}",
        url=url,
        todo=todo,
        is_late=bool(counts.late),
        due=phrases.short_day(counts.due) if counts.due else "",
        left=in_words((counts.due - today).days) if counts.due else "",
    )
