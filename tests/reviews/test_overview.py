"""The dashboard says where the committee stands, to those whom it concerns."""

from datetime import date

from django.test import TestCase

from reviews.models import Promise
from tests.reviews.cast import CommitteeCast


class OnTheDashboard(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()

    def page(self, who):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get(self.cast.policy.get_absolute_url() + "?period=H1")

    def test_a_round_that_is_prepared_is_nobody_s_news(self):
        self.assertNotContains(self.page("manager"), "h-committee")

    def test_the_ward_office_sees_what_waits_for_an_answer(self):
        self.cast.open()
        comment = self.cast.comment(self.cast.expert, "意見")
        self.cast.item(comment, state="asked", section=self.cast.doboku)
        self.assertContains(self.page("manager"), "回答を終えていない意見 1件")
        self.assertContains(self.page("member"), "上半期の回は意見を受付中")
        self.assertNotContains(self.page("member"), "回答を終えていない")
        self.assertNotContains(self.page("city"), "h-committee")

    def test_promises_stand_until_their_result_is_written(self):
        promise = Promise.objects.create(
            ward=self.cast.isogo,
            on_fiscal_year=2019,
            text="違いの周知",
            what="広報に載せる。",
            disposition="reflect",
            made_on=date(2020, 4, 1),
            policy=self.cast.policy,
            project=self.cast.flood,
        )
        self.assertContains(self.page("manager"), "対処結果を待つ約束 1件")
        Promise.objects.filter(pk=promise.pk).update(
            result="載せました。", result_on=date(2020, 9, 1)
        )
        self.assertNotContains(self.page("manager"), "対処結果を待つ約束")
