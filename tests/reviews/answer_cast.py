"""A closed round with three lines on its list, beside the cast of tests/reviews/cast.py.

委員（地域代表）1 asks on the patrols and on the nurseries what came of them, 委員（有識者） praises
the whole. No. 1 and 2 are those of 土木事務所 and 地域振興課, No. 3 is about the whole.
"""

from datetime import date, timedelta

from django.utils import timezone

from reviews import answering
from reviews.models import Item
from reviews.workflow import Publication
from tests.reviews.cast import CommitteeCast

DECISION = Publication("区長", date(2020, 12, 1), "磯区企第12号")
WHOLE = {
    "view": "巡回の結果を、場所ごとに整理して報告します。",
    "disposition": "reflect",
    "reason": "",
    "what": "報告に、直した箇所の数を加えます。",
    "who": "磯子土木事務所",
    "by_when": "令和3年度上半期の報告まで",
}
DIFFICULT = {
    "view": "回数を増やすことは、いまの人数ではできません。",
    "disposition": "difficult",
    "reason": "職員の数が足りないため。",
    "what": "",
    "who": "",
    "by_when": "",
}


class AnswerCast(CommitteeCast):
    """Everybody and everything, made in the database. Build it in setUpTestData."""

    def __init__(self, *, closed: bool = True):
        super().__init__()
        self.due = timezone.localdate() + timedelta(days=14)
        self.open()
        self.asked_comment = self.comment(self.area_member, "巡回して、何が直りましたか。")
        self.safety_comment = self.comment(
            self.area_member, "園に通わない子にも教えてほしい。", key="p07"
        )
        self.whole_comment = self.comment(
            self.expert, "全体として堅実です。", key="", subject="whole", kind="praise"
        )
        if closed:
            self.close()

    def line(self, number: int) -> Item:
        """A line of the list as it stands."""
        rows = Item.objects.select_related("round__policy__ward", "section")
        return rows.get(round=self.round, number=number)

    def asked(self, number: int = 1, section=None, due=None) -> Item:
        """A line that was passed on to a section."""
        section = section or self.doboku
        line = self.line(number)
        answering.assign(line, section, due or self.due, seen=line.version, by=self.secretariat)
        return answering.move("pass_on", line, by=self.secretariat)

    def answered(self, number: int = 1, typed=None, by=None, section=None) -> Item:
        line = self.asked(number, section)
        by = by or self.doboku_staff
        line = answering.answer(line, typed or WHOLE, seen=line.version, by=by)
        return answering.move("hand_in", line, by=by, seen=line.version)

    def released(self, number: int = 1, typed=None, **more) -> Item:
        line = self.answered(number, typed, **more)
        return answering.move("release", line, by=self.secretariat, decision=DECISION)
