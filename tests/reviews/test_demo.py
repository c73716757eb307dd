"""The demo's committee: a round that is published, one that is open, promises that stand."""

from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from reviews.models import Comment, Item, Member, Promise, Round
from reviews.models.committee import Category


@override_settings(DEMO=True)
class TheDemo(TestCase):
    @classmethod
    def setUpTestData(cls):
        call_command("load_demo", stdout=StringIO())
        cls.said = StringIO()
        call_command("load_demo_reviews", stdout=cls.said)

    def test_seven_sit_on_the_committee_as_isogo_prints_it(self):
        seats = Member.objects.in_office_now().values_list("terms__category", flat=True)
        self.assertEqual(sorted(seats), [Category.AREA] * 6 + [Category.EXPERT])
        self.assertIn("磯子区事業評価委員会", self.said.getvalue())

    def test_the_first_half_is_published_and_the_second_open(self):
        states = Round.objects.order_by("period__starts").values_list("state", flat=True)
        self.assertEqual(list(states), ["published", "open"])

    def test_every_comment_of_the_first_half_is_on_the_list_and_answered(self):
        round = Round.objects.get(period__key="H1")
        listed = Item.objects.filter(round=round).listed()
        self.assertEqual(set(listed.values_list("state", flat=True)), {"released"})
        of_items = set(listed.values_list("sources__comment", flat=True))
        self.assertEqual(of_items, set(round.comments.sent().values_list("pk", flat=True)))
        self.assertFalse(listed.filter(view="").exists())

    def test_what_is_promised_stands_until_its_result_is_written(self):
        promised = Item.objects.filter(disposition__in=["reflect", "consider"]).count()
        self.assertEqual(Promise.objects.filter(item__isnull=False).count(), promised)
        self.assertEqual(Promise.objects.exclude(result="").count(), 1)
        self.assertFalse(Promise.objects.exclude(policy__fiscal_year=2020).exists())

    def test_a_second_run_keeps_what_was_said(self):
        before = Comment.objects.count()
        Comment.objects.filter(state="draft").update(text="書き直した")
        call_command("load_demo_reviews", stdout=StringIO())
        self.assertEqual(Comment.objects.count(), before)
        self.assertEqual(Comment.objects.get(state="draft").text, "書き直した")

    def test_is_refused_where_there_is_no_demo(self):
        with override_settings(DEMO=False), self.assertRaisesMessage(CommandError, "DEMO=on"):
            call_command("load_demo_reviews", stdout=StringIO())

    def test_the_list_is_numbered_without_gaps_in_the_order_of_the_policy(self):
        listed = list(Item.objects.filter(round__period__key="H1").listed())
        self.assertEqual([each.number for each in listed], list(range(1, len(listed) + 1)))
        self.assertEqual((listed[0].key, listed[-1].subject), ("p01", "whole"))
