"""A member writes: what is typed is kept, what is sent counts, and no word is lost."""

from django.test import TestCase

from reviews import commenting
from reviews.commenting import LONGEST, Closed, Overtaken, Place, Seen, Typed, Unfit
from reviews.models import Comment, Grade, Item, ReadMark, ReviewRecord, Round
from reviews.workflow import move_round
from tests.reviews.cast import CommitteeCast

WORD = "ご意見：\n①　𠮷野町と髙島町の㉝を\t“優先”して👨‍👩‍👧‍👦ください。<b>太字</b>"


class ThePen(TestCase):
    """委員（地域代表）1 writes on ⑤ while the round is open."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.cast.open()

    def setUp(self):
        self.place = Place(self.cast.round, self.cast.area_member, "project", "p05")

    def save(self, text, seen=None, kind="proposal", place=None) -> Comment:
        seen = seen or Seen(client_key="a")
        return commenting.save(
            place or self.place, Typed.read(kind, text), seen, by=self.cast.member
        )

    def send(self, text, seen=None, kind="proposal", place=None) -> Comment:
        seen = seen or Seen(client_key="a")
        return commenting.send(
            place or self.place, Typed.read(kind, text), seen, by=self.cast.member
        )

    def seen(self, comment: Comment) -> Seen:
        return Seen(comment.pk, comment.client_key, comment.version)

    def acts(self) -> list[str]:
        return list(
            ReviewRecord.objects.filter(comment__isnull=False)
            .order_by("id")
            .values_list("act", flat=True)
        )

    # Rule 1

    def test_what_is_typed_is_a_draft_until_it_is_sent(self):
        draft = self.save("回数だけでは")
        self.assertEqual((draft.state, draft.text), ("draft", "回数だけでは"))
        sent = self.send("回数だけでは分かりません。", self.seen(draft))
        self.assertEqual((sent.pk, sent.state), (draft.pk, "sent"))
        self.assertEqual(self.acts(), ["comment_send"])

    def test_nothing_typed_is_nothing_kept(self):
        self.assertIsNone(self.save(" \n　"))
        self.assertFalse(Comment.objects.exists())

    def test_a_first_save_that_arrives_twice_is_one_comment(self):
        self.save("二度")
        self.save("二度")
        self.send("二度")
        self.send("二度")
        self.assertEqual(Comment.objects.get().state, "sent")
        self.assertEqual(self.acts(), ["comment_send"])

    def test_what_cannot_be_sent_yet_is_kept_all_the_same(self):
        with self.assertRaisesMessage(Unfit, "種別を選んで"):
            self.send("種別を忘れた", kind="")
        self.assertEqual(Comment.objects.get().text, "種別を忘れた")
        with self.assertRaisesMessage(Unfit, "意見が空です"):
            self.send("　", Seen(client_key="b"))

    # Rule 2

    def test_what_was_sent_stands_until_it_is_sent_again(self):
        sent = self.send("はじめの意見")
        edited = self.save("直している途", self.seen(sent))
        self.assertEqual((edited.text, edited.edit_text), ("はじめの意見", "直している途"))
        self.cast.close()
        self.assertEqual(Item.objects.get().text, "はじめの意見")

    def test_sent_again_it_is_the_new_text_and_the_record_says_that_it_changed(self):
        sent = self.send("はじめの意見")
        edited = self.save("次の", self.seen(sent))
        again = self.send("次の意見", self.seen(edited), kind="concern")
        self.assertEqual((again.kind, again.text), ("concern", "次の意見"))
        self.assertFalse(again.is_being_edited)
        self.assertEqual(self.acts(), ["comment_send", "comment_change"])
        self.assertNotIn("意見", str(list(ReviewRecord.objects.values("changed", "reason"))))

    def test_typed_back_to_what_was_sent_nothing_is_being_edited(self):
        sent = self.send("意見")
        edited = self.save("意見。", self.seen(sent))
        self.assertFalse(self.save("意見", self.seen(edited)).is_being_edited)

    def test_what_the_secretariat_entered_is_the_members_to_correct(self):
        entered = self.cast.comment(
            self.cast.area_member, "電話で聞いた", on_behalf=True, source="phone"
        )
        sent = self.send("電話で言ったとおりに", self.seen(entered))
        self.assertEqual((sent.text, sent.on_behalf), ("電話で言ったとおりに", True))
        self.assertEqual(self.acts(), ["comment_change"])

    # Rule 3

    def test_of_two_windows_the_second_is_told_and_both_texts_are_there(self):
        first = self.save("一つ目の窓")
        with self.assertRaises(Overtaken) as told:
            self.save("二つ目の窓")  # opened when there was nothing: the same mark, version 0
        self.assertEqual(told.exception.theirs.text, "一つ目の窓")
        self.assertEqual(Comment.objects.get().text, "一つ目の窓")
        self.save("二つ目の窓", self.seen(first))  # chosen
        self.assertEqual(Comment.objects.get().text, "二つ目の窓")

    def test_a_comment_withdrawn_in_one_window_does_not_come_back_from_the_other(self):
        sent = self.send("意見")
        commenting.withdraw(self.place, self.seen(sent), by=self.cast.member)
        with self.assertRaises(Overtaken):
            self.save("意見の続き", self.seen(sent))
        self.assertEqual(Comment.objects.get().state, "withdrawn")

    def test_anothers_comment_cannot_be_reached_by_its_id(self):
        others = self.cast.comment(self.cast.expert, "有識者の意見")
        for act in (self.save, self.send):
            with self.assertRaises(Comment.DoesNotExist):
                act("書き換え", self.seen(others))
        with self.assertRaises(Comment.DoesNotExist):
            commenting.withdraw(self.place, self.seen(others), by=self.cast.member)

    # Rule 4

    def test_what_arrives_after_the_closing_is_kept_as_late_and_counts_for_nothing(self):
        sent = self.send("間に合った意見")
        self.cast.close()
        with self.assertRaisesMessage(Closed, "事務局に預けました"):
            self.save("間に合わなかった", self.seen(sent))
        comment = Comment.objects.get()
        self.assertEqual((comment.text, comment.late_text), ("間に合った意見", "間に合わなかった"))
        self.assertEqual(Item.objects.get().text, "間に合った意見")

    def test_late_and_never_kept_before_it_is_a_comment_that_was_not_sent(self):
        self.cast.close()
        for text in ("締切の", "締切のあと", "別の話"):
            with self.assertRaises(Closed):
                self.send(text)
        comment = Comment.objects.get()
        self.assertEqual((comment.state, comment.text), ("draft", ""))
        self.assertEqual(comment.late_text, "締切のあと\n\n――\n\n別の話")
        self.assertFalse(Item.objects.exists())
        self.assertEqual(self.acts(), ["comment_late"])

    def test_many_marks_make_one_late_line(self):
        self.cast.close()
        for mark in "abc":
            with self.assertRaises(Closed):
                self.save(f"文{mark}", Seen(client_key=mark))
        self.assertEqual(Comment.objects.count(), 1)

    def test_closed_is_closed_for_marks_grades_and_withdrawing_too(self):
        sent = self.send("意見")
        Round.objects.update(asks_grade=True, grades=[{"key": "A", "name": "よい"}])
        self.cast.round.refresh_from_db()
        place = Place(self.cast.round, self.cast.area_member, "project", "p05")
        self.cast.close()
        for act in (
            lambda: commenting.withdraw(place, self.seen(sent), by=self.cast.member),
            lambda: commenting.mark(place, read=False),
            lambda: commenting.grade(place, "A", by=self.cast.member),
        ):
            with self.assertRaises(Closed):
                act()
        self.assertEqual(Comment.objects.get().state, "sent")
        self.assertTrue(ReadMark.objects.exists())

    def test_reopened_it_goes_on(self):
        draft = self.save("続きは")
        self.cast.close()
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="欠席者のため")
        self.assertEqual(self.send("続きはこうです", self.seen(draft)).state, "sent")

    # Rule 5

    def test_sending_marks_the_project_as_read_and_a_pillar_marks_nothing(self):
        self.send("意見")
        pillar = Place(self.cast.round, self.cast.area_member, "pillar", "a")
        self.send("柱の意見", Seen(client_key="p"), place=pillar)
        self.assertEqual(list(ReadMark.objects.values_list("key", flat=True)), ["p05"])

    def test_a_mark_is_set_and_taken_back(self):
        commenting.mark(self.place, read=True)
        commenting.mark(self.place, read=True)
        self.assertEqual(ReadMark.objects.count(), 1)
        commenting.mark(self.place, read=False)
        self.assertFalse(ReadMark.objects.exists())

    def test_a_grade_is_one_of_the_rounds_and_can_be_changed_and_taken_back(self):
        Round.objects.update(
            asks_grade=True,
            grades=[{"key": "A", "name": "期待どおり"}, {"key": "B", "name": "もう一歩"}],
        )
        place = Place(Round.objects.get(), self.cast.area_member, "project", "p05")
        self.assertEqual(place.round.grade_steps, [("A", "期待どおり"), ("B", "もう一歩")])
        for symbol in ("A", "B"):
            commenting.grade(place, symbol, by=self.cast.member)
        self.assertEqual(Grade.objects.get().grade, "B")
        with self.assertRaises(Unfit):
            commenting.grade(place, "S", by=self.cast.member)
        commenting.grade(place, "", by=self.cast.member)
        self.assertFalse(Grade.objects.exists())

    # Rule 6

    def test_a_text_is_kept_letter_for_letter(self):
        sent = self.send("\n  " + WORD.replace("\n", "\r\n") + "  \n")
        sent.refresh_from_db()
        self.assertEqual(sent.text, "\n  " + WORD + "  \n")

    def test_twenty_thousand_letters_are_kept_and_one_more_gets_a_sentence(self):
        sent = self.send("𠮷" * LONGEST)
        with self.assertRaisesMessage(Unfit, "20,000文字までです。いま20,001文字"):
            self.send("𠮷" * (LONGEST + 1), self.seen(sent))
        self.assertEqual(len(Comment.objects.get().text), LONGEST)

    def test_a_nul_gets_a_sentence(self):
        with self.assertRaisesMessage(Unfit, "NUL"):
            self.save("a\x00b")

    # and back

    def test_withdrawn_it_stays_with_its_author_and_is_on_no_list(self):
        sent = self.send("取り下げる意見")
        commenting.withdraw(self.place, self.seen(sent), by=self.cast.member)
        self.cast.close()
        self.assertEqual(Comment.objects.get().text, "取り下げる意見")
        self.assertFalse(Item.objects.exists())
        self.assertEqual(self.acts(), ["comment_send", "comment_withdraw"])

    def test_withdrawn_it_can_be_sent_once_more(self):
        sent = self.send("やはり送る")
        gone = commenting.withdraw(self.place, self.seen(sent), by=self.cast.member)
        self.assertEqual(self.send("やはり送る", self.seen(gone)).state, "sent")
