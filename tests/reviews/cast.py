"""磯子区's committee, beside the cast of tests/cast.py: seven who read, two of them told of here.

The first half is closed; the public works office patrolled 275 times, which is confirmed.
委員（地域代表）1 has an account, 委員（有識者） sends paper. The round on the first half is being
prepared.
"""

from datetime import date, timedelta

from django.utils import timezone

from kpis.models import Actual, Narrative
from reviews.models import Comment, Committee, Item, ItemSource, Member, Round, Term
from reviews.workflow import Publication, move_round
from tests.cast import Cast

CONFIRMED = Actual.State.CONFIRMED


class CommitteeCast(Cast):
    """Everybody and everything, made in the database. Build it in setUpTestData."""

    def __init__(self):
        super().__init__()
        self.committee = Committee.objects.create(ward=self.isogo, name="磯子区事業評価委員会")
        self.area_member = self.seat("委員（地域代表）1", "area", user=self.member)
        self.expert = self.seat("委員（有識者）", "expert", email="expert@ayumi.example")
        self.entered(self.patrols, self.first_half, 275, state=CONFIRMED)
        self.entered(self.supporters, self.first_half, 328, state=CONFIRMED)
        self.entered(self.nurseries, self.first_half, 9)  # still a draft: in no copy
        Narrative.objects.create(
            project=self.flood,
            period=self.first_half,
            done="道路と公園を巡回しました。",
            state=CONFIRMED,
        )
        self.round = Round.objects.create(
            committee=self.committee,
            policy=self.policy,
            period=self.first_half,
            due=timezone.localdate() + timedelta(days=14),
        )

    def seat(self, name: str, category: str, **attributes) -> Member:
        """A member in office."""
        order = Member.objects.filter(committee=self.committee).count()
        member = Member.objects.create(
            committee=self.committee, name=name, order=order, **attributes
        )
        Term.objects.create(member=member, category=category, starts=date(2020, 4, 1))
        return member

    def open(self) -> Round:
        return move_round(self.round, "open", by=self.secretariat)

    def close(self) -> Round:
        return move_round(self.round, "close", by=self.secretariat)

    def publish(self) -> Round:
        decision = Publication("区長", date(2020, 12, 1), "磯区企第10号")
        return move_round(self.round, "publish", by=self.secretariat, decision=decision)

    def comment(self, member: Member, text: str, key: str = "p05", **attributes) -> Comment:
        """A comment as the member sent it, on a project unless said otherwise."""
        now = timezone.now()
        defaults = {
            "subject": "project",
            "kind": "proposal",
            "state": Comment.State.SENT,
            "entered_by": member.user,
            "entered_at": now,
            "changed_at": now,
        }
        return Comment.objects.create(
            round=self.round, member=member, key=key, text=text, **(defaults | attributes)
        )

    def item(self, comment: Comment, **attributes) -> Item:
        """A line of the list, out of one comment."""
        number = Item.objects.filter(round=self.round).count() + 1
        item = Item.objects.create(
            round=self.round,
            number=number,
            subject=comment.subject,
            key=comment.key,
            kind=comment.kind,
            text=comment.text,
            **attributes,
        )
        ItemSource.objects.create(item=item, comment=comment, comment_version=comment.version)
        return item
