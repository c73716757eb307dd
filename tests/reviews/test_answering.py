"""A line of the list goes from the secretariat to a section and back, by one table of moves."""

from datetime import date

from django.db import transaction
from django.test import TestCase

from reviews import answering, merging
from reviews.answering import MOVES, Conflict, answer, assign, edit, move
from reviews.merging import Wording
from reviews.models import Comment, Item, ItemSource, Promise, ReviewRecord, Round
from reviews.record_words import act_in_words, changes_in_words
from reviews.workflow import MoveRefused, move_round
from tests.reviews.answer_cast import DECISION, DIFFICULT, WHOLE, AnswerCast


class TheMoves(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = AnswerCast()
        line = cls.cast.line(1)
        Item.objects.filter(pk=line.pk).update(section=cls.cast.doboku, due=cls.cast.due, **WHOLE)

    def test_only_the_table_passes(self):
        for before in Item.State.values:
            for action, rule in MOVES.items():
                with self.subTest(before=before, action=action), transaction.atomic():
                    Item.objects.filter(number=1).update(state=before)
                    try:
                        after = move(
                            action,
                            self.cast.line(1),
                            by=self.cast.secretariat,
                            reason="書き直すため",
                            decision=DECISION,
                        ).state
                    except MoveRefused:
                        after = None
                    self.assertEqual(after, rule.after if before in rule.before else None)
                    told = ReviewRecord.objects.filter(act=f"item_{action}")
                    self.assertEqual(told.count(), 1 if after else 0)
                    transaction.set_rollback(True)

    def test_sections_write_and_hand_in_and_the_secretariat_does_the_rest(self):
        of_section = {"hand_in", "recall"}
        for who, may in {
            "secretariat": set(MOVES),
            "doboku_staff": of_section,
            "doboku_head": of_section,
            "chiiki_staff": set(),
            "manager": set(),
            "auditor": set(),
            "member": set(),
            "minami_secretariat": set(),
        }.items():
            for action, rule in MOVES.items():
                with self.subTest(who=who, action=action), transaction.atomic():
                    Item.objects.filter(number=1).update(state=min(rule.before))
                    try:
                        made = move(
                            action,
                            self.cast.line(1),
                            by=getattr(self.cast, who),
                            reason="理由",
                            decision=DECISION,
                        )
                    except MoveRefused as refused:
                        self.assertIn("権限", str(refused))
                        made = None
                    self.assertEqual(made is not None, action in may)
                    transaction.set_rollback(True)

    def test_of_two_who_press_at_once_the_second_is_told(self):
        seen = self.cast.line(1)
        move("pass_on", seen, by=self.cast.secretariat, seen=seen.version)
        with self.assertRaisesMessage(MoveRefused, "ほかの人が先に"):
            move("pass_on", seen, by=self.cast.secretariat, seen=seen.version)


class TheRecord(TestCase):
    def test_tells_each_move_in_words_of_its_own(self):
        in_general = act_in_words("item_something")
        told = {act_in_words(f"item_{name}") for name in MOVES}
        self.assertEqual(len(told), len(MOVES))
        self.assertNotIn(in_general, told)
        changed = {"promise": [None, 7], "numbers": [[1, 2], [4]]}
        lines = changes_in_words("item_merge", changed)
        self.assertEqual([(each.field, each.after) for each in lines], [("No.", "4")])


class PassingOn(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = AnswerCast()

    def test_needs_a_section_and_a_day(self):
        with self.assertRaisesMessage(MoveRefused, "回答する課と回答期限"):
            move("pass_on", self.cast.line(1), by=self.cast.secretariat)

    def test_waits_until_the_round_is_closed(self):
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="追加のため")
        line = self.cast.line(1)
        assign(line, self.cast.doboku, self.cast.due, seen=1, by=self.cast.secretariat)
        with self.assertRaisesMessage(MoveRefused, "意見の受付中です"):
            move("pass_on", line, by=self.cast.secretariat)

    def test_taking_back_keeps_what_the_section_had_begun_to_write(self):
        line = self.cast.asked()
        answer(line, DIFFICULT | {"view": "書きかけ"}, seen=line.version, by=self.cast.doboku_staff)
        back = move("take_back", line, by=self.cast.secretariat)
        self.assertEqual((back.state, back.view), ("listed", "書きかけ"))

    def test_an_asked_line_always_has_its_section_and_day(self):
        line = self.cast.asked()
        with self.assertRaisesMessage(MoveRefused, "空にできません"):
            assign(line, None, None, seen=line.version, by=self.cast.secretariat)


class Answering(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = AnswerCast()

    def refused(self, **typed) -> str:
        line = self.cast.asked()
        line = answer(line, WHOLE | typed, seen=line.version, by=self.cast.doboku_staff)
        with self.assertRaises(MoveRefused) as caught:
            move("hand_in", line, by=self.cast.doboku_staff)
        return str(caught.exception)

    def test_a_promise_says_what_who_and_by_when(self):
        told = self.refused(what="", who=" ", by_when="")
        for word in ("何をするか", "だれがするか", "いつまでに"):
            self.assertIn(word, told)

    def test_a_refusal_says_why(self):
        self.assertIn("理由を書いて", self.refused(disposition="difficult", reason=""))

    def test_an_answer_has_a_view_and_a_disposition(self):
        self.assertIn("区の考え方", self.refused(view=""))

    def test_who_answers_for_the_section_is_marked(self):
        line = self.cast.asked()
        line = answer(line, WHOLE, seen=line.version, by=self.cast.secretariat)
        self.assertTrue(move("hand_in", line, by=self.cast.secretariat).on_behalf)
        self.assertFalse(self.cast.answered(2, DIFFICULT).on_behalf)

    def test_of_two_who_write_the_second_is_shown_what_stands_and_nothing_is_lost(self):
        line = self.cast.asked()
        answer(line, WHOLE, seen=line.version, by=self.cast.doboku_staff)
        with self.assertRaises(Conflict) as caught:
            answer(line, DIFFICULT, seen=line.version, by=self.cast.doboku_head)
        self.assertEqual(caught.exception.item.view, WHOLE["view"])
        self.assertEqual(self.cast.line(1).view, WHOLE["view"])

    def test_saving_twice_what_stands_already_is_no_conflict(self):
        line = self.cast.asked()
        answer(line, WHOLE, seen=line.version, by=self.cast.doboku_staff)
        answer(line, WHOLE, seen=line.version, by=self.cast.doboku_staff)
        self.assertEqual(ReviewRecord.objects.filter(act="item_answer").count(), 1)

    def test_a_return_says_why_and_what_was_written_stays(self):
        self.cast.answered()
        back = move("return", self.cast.line(1), by=self.cast.secretariat, reason="数を入れて")
        self.assertEqual((back.state, back.returned_because), ("returned", "数を入れて"))
        again = move("hand_in", back, by=self.cast.doboku_staff)
        self.assertEqual((again.state, again.returned_because), ("answered", ""))

    def test_what_is_released_is_written_no_more(self):
        line = self.cast.released()
        with self.assertRaises(Conflict):
            answer(line, DIFFICULT, seen=line.version, by=self.cast.doboku_staff)
        with self.assertRaises(Conflict):
            edit(line, {"text": "別の文"}, seen=line.version, by=self.cast.secretariat)


class Releasing(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = AnswerCast()

    def test_keeps_the_decision_and_makes_the_promise(self):
        line = self.cast.released()
        self.assertEqual((line.decided_by, line.document_number), ("区長", "磯区企第12号"))
        promise = Promise.objects.get()
        self.assertEqual(
            (promise.project, promise.section, promise.made_on, promise.what),
            (self.cast.flood, self.cast.doboku, date(2020, 12, 1), WHOLE["what"]),
        )

    def test_what_is_not_taken_up_promises_nothing(self):
        self.cast.released(typed=DIFFICULT)
        self.assertFalse(Promise.objects.exists())

    def test_withdrawing_takes_the_promise_back_until_it_has_a_result(self):
        line = self.cast.released()
        line = move("withdraw", line, by=self.cast.secretariat, reason="数の誤り")
        self.assertFalse(Promise.objects.exists())
        move("release", line, by=self.cast.secretariat, decision=DECISION)
        Promise.objects.update(result="加えました。", result_on=date(2021, 6, 1))
        with self.assertRaisesMessage(MoveRefused, "対処結果がある"):
            move("withdraw", self.cast.line(1), by=self.cast.secretariat, reason="数の誤り")

    def test_what_was_published_with_its_round_is_not_withdrawn_alone(self):
        self.cast.released()
        self.cast.publish()
        with self.assertRaisesMessage(MoveRefused, "公表済"):
            move("withdraw", self.cast.line(1), by=self.cast.secretariat, reason="数の誤り")


class Compiling(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = AnswerCast()

    def merged(self) -> Item:
        lines = [(each, each.version) for each in (self.cast.line(1), self.cast.line(2))]
        return merging.merge(
            lines, Wording("成果を知りたい。", "question", "whole"), by=self.cast.secretariat
        )

    def test_one_out_of_two_keeps_both_originals(self):
        made = self.merged()
        self.assertEqual(made.number, 4)
        words = [source.comment.text for source in made.sources.all()]
        self.assertEqual(words, [self.cast.asked_comment.text, self.cast.safety_comment.text])
        self.assertEqual(list(Item.objects.listed().values_list("number", flat=True)), [3, 4])

    def test_two_out_of_one_keep_the_original(self):
        line = self.cast.line(1)
        parts = [Wording(text, "question", "project", "p05") for text in ("何が", "いつ")]
        made = merging.split(line, parts, seen=line.version, by=self.cast.secretariat)
        self.assertEqual([each.text for each in made], ["何が", "いつ"])
        for each in made:
            self.assertEqual(each.sources.get().comment, self.cast.asked_comment)
        self.assertEqual(self.cast.line(1).state, "replaced")

    def test_both_are_undone_while_nothing_is_passed_on(self):
        back = merging.undo(self.merged(), by=self.cast.secretariat)
        self.assertEqual(
            [(each.number, each.state) for each in back], [(1, "listed"), (2, "listed")]
        )
        self.assertEqual(self.cast.line(4).state, "replaced")
        self.assertEqual(self.cast.line(4).text, "成果を知りたい。")
        with self.assertRaises(MoveRefused):
            merging.undo(self.cast.line(1), by=self.cast.secretariat)

    def test_numbers_are_given_anew_without_gaps_until_a_section_knows_them(self):
        made = self.merged()
        merging.renumber(self.cast.round, by=self.cast.secretariat)
        told = [(each.number, each.text) for each in Item.objects.listed().order_by("number")]
        self.assertEqual(told, [(1, "全体として堅実です。"), (2, "成果を知りたい。")])
        with self.assertRaises(Conflict):  # a page opened under the old number writes nowhere
            edit(self.cast.line(1), {"text": "x"}, seen=1, by=self.cast.secretariat)
        self.cast.asked(2)
        with self.assertRaisesMessage(MoveRefused, "番号は付け直せません"):
            merging.renumber(self.cast.round, by=self.cast.secretariat)
        self.assertEqual(Item.objects.get(pk=made.pk).number, 2)

    def test_not_once_a_section_was_asked(self):
        made = self.merged()
        self.cast.asked(made.number)
        with self.assertRaisesMessage(MoveRefused, "依頼を取り消して"):
            merging.undo(made, by=self.cast.secretariat)
        self.assertEqual(self.cast.line(1).state, "replaced")

    def test_a_line_that_somebody_changed_meanwhile_is_not_merged(self):
        first, second = self.cast.line(1), self.cast.line(2)
        edit(first, {"text": "直した文"}, seen=first.version, by=self.cast.secretariat)
        with self.assertRaisesMessage(MoveRefused, "ほかの人が先に"):
            merging.merge(
                [(second, second.version), (first, first.version)],
                Wording("一つに", "question", "whole"),
                by=self.cast.secretariat,
            )
        self.assertEqual((self.cast.line(1).text, self.cast.line(2).state), ("直した文", "listed"))

    def test_two_secretaries_at_once_lose_no_word(self):
        line = self.cast.line(1)
        edit(line, {"text": "一人目の文"}, seen=line.version, by=self.cast.secretariat)
        with self.assertRaises(Conflict) as caught:
            edit(line, {"text": "二人目の文"}, seen=line.version, by=self.cast.secretariat)
        self.assertEqual(caught.exception.item.text, "一人目の文")
        self.assertEqual(Comment.objects.get(pk=self.cast.asked_comment.pk).text, line.text)

    def test_the_record_never_holds_a_members_words(self):
        line = self.cast.line(1)
        edit(line, {"text": "整えた文"}, seen=line.version, by=self.cast.secretariat)
        changed = ReviewRecord.objects.get(act="item_edit").changed
        self.assertEqual(changed, {"text": ["", "整えた文"]})

    def test_what_a_member_changed_after_listing_is_taken_note_of(self):
        Comment.objects.filter(pk=self.cast.asked_comment.pk).update(text="直した意見", version=2)
        source = ItemSource.objects.get(comment=self.cast.asked_comment)
        answering.take_over_original(source, 2, by=self.cast.secretariat)
        source.refresh_from_db()
        self.assertEqual(source.comment_version, 2)
        Comment.objects.filter(pk=self.cast.asked_comment.pk).update(version=3)
        with self.assertRaises(MoveRefused):
            answering.take_over_original(source, 2, by=self.cast.secretariat)

    def test_a_round_that_was_reopened_still_lets_the_list_be_edited(self):
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="追加のため")
        self.assertEqual(Round.objects.get().state, "open")
        self.merged()
