"""A committee of seven with two rounds on the bench's policy: one that takes comments, and one
that is closed with sixty of them on its list. The booklet is made of the latter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from kpis.models import Actual, Narrative, Policy, Project
from reviews.models import Comment, Committee, Item, Member, Round, Term
from reviews.workflow import move_round
from wards.models import Post, User

MEMBERS, COMMENTS = 7, 60
SAID = (
    "回数だけでなく、その後の活動がどう変わったかも知りたいです。次の報告で例を紹介してください。",
    "会場の定員を半分にしても続けたことを評価します。",
    "オンラインだけでは参加できない人がいます。会場の講座も続けてください。",
    "問合せ先がどの課か分かりません。窓口を一つ決めて知らせてはどうでしょうか。",
)
DONE = "学年を分けて教室を行いました。定員を会場の半分にし、家に持ち帰れる表を配りました。"


@dataclass
class Rounds:
    open: Round
    closed: Round
    member: User


@transaction.atomic
def make_rounds(
    policy: Policy,
    secretariat: User,
    *,
    members: int = MEMBERS,
    comments: int = COMMENTS,
    password: str = "",
) -> Rounds:
    """Confirm what was entered, open a round on each half, and close the first."""
    Actual.objects.filter(target__policy=policy).update(state=Actual.State.CONFIRMED)
    projects = list(Project.objects.filter(policy=policy).order_by("order"))
    periods = list(policy.periods.order_by("starts"))
    Narrative.objects.bulk_create(
        Narrative(project=project, period=period, done=DONE, state=Actual.State.CONFIRMED)
        for project in projects
        for period in periods
    )
    committee = Committee.objects.create(ward=policy.ward, name=f"{policy.ward.name}事業評価委員会")
    seats = []
    for number in range(members):
        user = User(username=f"bench-member-{number}", must_change_password=False)
        user.set_password(password) if password and not number else user.set_unusable_password()
        user.save()
        Post.objects.create(user=user, role=Post.Role.MEMBER, ward=policy.ward)
        seat = Member.objects.create(
            committee=committee, name=f"委員{number}", user=user, order=number
        )
        Term.objects.create(member=seat, category="area", starts=date(2020, 4, 1))
        seats.append(seat)
    made = []
    for period in periods:
        round = Round.objects.create(
            committee=committee,
            policy=policy,
            period=period,
            due=timezone.localdate() + timedelta(days=14),
        )
        made.append(move_round(round, "open", by=secretariat))
        now = timezone.now()
        Comment.objects.bulk_create(
            Comment(
                round=round,
                member=seats[n % members],
                subject="project",
                key=projects[n % len(projects)].key,
                kind=("proposal", "praise", "concern", "question")[n % 4],
                text=SAID[n % len(SAID)],
                state=Comment.State.SENT,
                entered_by=seats[n % members].user,
                entered_at=now,
                changed_at=now,
            )
            for n in range(comments)
        )
    closed = move_round(made[0], "close", by=secretariat)
    for item in Item.objects.filter(round=closed):
        item.section = projects[0].responsible.first().section  # type: ignore[union-attr]
        item.view = "ご意見のとおりです。次の報告から、その後の活動の例を載せます。"
        item.disposition = ("done", "reference")[item.number % 2]
        item.reason = "すでに行っているため。"
        item.state = Item.State.RELEASED
        item.save()
    return Rounds(made[1], closed, seats[0].user)  # type: ignore[arg-type]
