"""The committee's opinion is compiled, and of two who write at once neither loses a word."""

from datetime import date

from django.test import SimpleTestCase, TestCase

from reviews.compiling import (
    OPINION_MOVES,
    move_opinion,
    newest,
    paragraphs_of,
    save_version,
)
from reviews.joining import Paragraph, join
from reviews.models import Opinion, ReviewRecord
from reviews.workflow import MoveRefused, move_round
from tests.reviews.cast import CommitteeCast

DAY = date(2020, 11, 25)


def p(id_, text, *sources):
    return Paragraph(id_, text, sources)


FLOOD, ELDERLY = p("p1", "水害への備えが進んだ。", 1), p("p2", "高齢者の支援を続けてほしい。", 2)


class Joining(SimpleTestCase):
    def texts(self, theirs, mine, base=(FLOOD, ELDERLY)):
        return [each.text for each in join(base, theirs, mine)]

    def test_what_only_one_changed_is_taken_from_that_one(self):
        theirs = [p("p1", "水害への備えが大きく進んだ。", 1), ELDERLY]
        mine = [FLOOD, p("p2", "高齢者の支援を広げてほしい。", 2)]
        self.assertEqual(
            self.texts(theirs, mine),
            ["水害への備えが大きく進んだ。", "高齢者の支援を広げてほしい。"],
        )

    def test_where_both_changed_the_same_both_stand_marked(self):
        joined = join([FLOOD], [p("p1", "甲", 1)], [p("p1", "乙", 1, 3)])
        self.assertEqual([(each.text, each.clash) for each in joined], [("甲", True), ("乙", True)])
        self.assertEqual(len({each.id for each in joined}), 2)

    def test_what_either_added_stands_where_it_was_added(self):
        theirs = [FLOOD, p("a", "彼の新しい段落"), ELDERLY]
        mine = [p("b", "私のはじめ"), FLOOD, ELDERLY, p("c", "私の終わり")]
        self.assertEqual(
            self.texts(theirs, mine),
            ["私のはじめ", FLOOD.text, "彼の新しい段落", ELDERLY.text, "私の終わり"],
        )

    def test_what_one_took_out_and_the_other_changed_stays(self):
        rewritten = p("p2", "書き直した")
        told = [FLOOD.text, rewritten.text]
        self.assertEqual(self.texts([FLOOD], [FLOOD, rewritten]), told)
        self.assertEqual(self.texts([FLOOD, rewritten], [FLOOD]), told)

    def test_what_one_took_out_untouched_is_gone(self):
        self.assertEqual(self.texts([FLOOD], [FLOOD, ELDERLY]), [FLOOD.text])
        self.assertEqual(self.texts([FLOOD, ELDERLY], [FLOOD]), [FLOOD.text])

    def test_sources_of_both_are_kept(self):
        joined = join([FLOOD], [p("p1", "同じ", 1, 5)], [p("p1", "同じ", 1, 6)])
        self.assertEqual(joined, [p("p1", "同じ", 1, 5, 6)])


class Compiling(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.round = cls.cast.open()
        cls.cast.comment(cls.cast.expert, "土のうの設置が早かった", kind="praise")
        cls.round = cls.cast.close()

    def save(self, *paragraphs, based_on=0, title="上半期の意見", by=None):
        return save_version(
            self.round,
            title=title,
            paragraphs=list(paragraphs),
            based_on=based_on,
            by=by or self.cast.secretariat,
        )

    def test_each_saving_is_a_version_and_the_same_twice_is_one(self):
        self.save(FLOOD)
        self.save(FLOOD, ELDERLY, based_on=1)
        self.save(FLOOD, ELDERLY, based_on=2)
        self.assertEqual(newest(self.round).number, 2)
        self.assertEqual(paragraphs_of(newest(self.round)), [FLOOD, ELDERLY])

    def test_two_who_write_at_once_both_keep_every_word(self):
        self.save(FLOOD)
        self.save(p("p1", "甲が書いた"), p("n1", "甲の段落"), based_on=1)
        saved = self.save(p("p1", "乙が書いた"), p("n2", "乙の段落"), based_on=1)
        self.assertEqual([each.number for each in saved.joined_with], [2])
        self.assertEqual(saved.clashes, 2)
        told = {each.text for each in paragraphs_of(newest(self.round))}
        self.assertEqual(told, {"甲が書いた", "乙が書いた", "甲の段落", "乙の段落"})
        as_typed = self.round.opinion.versions.get(number=3)
        self.assertEqual([each["text"] for each in as_typed.body], ["乙が書いた", "乙の段落"])

    def test_is_not_approved_while_two_texts_clash(self):
        self.save(FLOOD)
        self.save(p("p1", "甲"), based_on=1)
        self.save(p("p1", "乙"), based_on=1)
        with self.assertRaisesMessage(MoveRefused, "行き違い"):
            self.move("approve", version=4)
        self.save(p("p1", "甲と乙"), based_on=4)
        self.assertEqual(self.move("approve", version=5).state, Opinion.State.APPROVED)

    def move(self, action, version=1, **options):
        defaults = {"who": "委員長", "on": DAY, "reason": "直すため"}
        return move_opinion(
            self.round,
            action,
            by=self.cast.secretariat,
            version=version,
            **(defaults | options),
        )

    def test_only_the_table_passes(self):
        self.save(FLOOD)
        for before in Opinion.State.values:
            for action, move in OPINION_MOVES.items():
                with self.subTest(before=before, action=action):
                    Opinion.objects.update(state=before)
                    try:
                        after = self.move(action).state
                    except MoveRefused:
                        after = None
                    self.assertEqual(after, move.after if before == move.before else None)

    def test_nobody_approves_a_version_unseen(self):
        self.save(FLOOD)
        self.save(FLOOD, ELDERLY, based_on=1)
        with self.assertRaisesMessage(MoveRefused, "新しい稿"):
            self.move("approve", version=1)

    def test_an_approved_opinion_is_not_written_over(self):
        self.save(FLOOD)
        self.move("approve")
        with self.assertRaisesMessage(MoveRefused, "作成中に戻す"):
            self.save(ELDERLY, based_on=1)
        self.move("rework")
        self.assertEqual(self.save(ELDERLY, based_on=1).version.number, 2)
        self.assertEqual(ReviewRecord.objects.filter(act="opinion_rework").count(), 1)

    def test_publishing_needs_who_decided_and_when(self):
        self.save(FLOOD)
        self.move("approve")
        with self.assertRaisesMessage(MoveRefused, "決裁者"):
            self.move("publish", who="")
        self.move("publish", who="区長", document_number="磯区企第210号")
        self.assertEqual(Opinion.objects.get().document_number, "磯区企第210号")

    def test_waits_until_all_comments_are_in(self):
        move_round(self.round, "reopen", by=self.cast.secretariat, reason="追加")
        with self.assertRaisesMessage(MoveRefused, "受付が終わって"):
            self.save(FLOOD)
