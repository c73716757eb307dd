"""What is asked of one thing and what is filtered out of many is the same rule, for everybody."""

from datetime import date

from django.test import TestCase

from kpis.models import Policy
from reviews import permissions
from reviews.models import Item, Member, Promise, Round, Term
from tests.cast import person
from tests.reviews.cast import CommitteeCast


class TheTwoFormsOfARule(TestCase):
    """Everybody of the cast, a member who is staff too, and a city that audits the ward."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.cast.both = person("both", "staff", cls.cast.isogo, cls.cast.doboku)
        cls.cast.both.posts.create(role="member", ward=cls.cast.isogo)
        cls.cast.city_auditor = person("city-auditor", "city")
        cls.cast.city_auditor.posts.create(role="auditor", ward=cls.cast.isogo)
        cls.item = cls.cast.item(
            cls.cast.comment(cls.cast.area_member, "意見"), view="考え方", disposition="consider"
        )
        cls.promise = Promise.objects.create(
            ward=cls.cast.isogo,
            on_fiscal_year=2020,
            text="意見",
            what="約束",
            disposition="consider",
            made_on=date(2020, 12, 1),
        )

    def each_person(self):
        yield from self.cast.everybody().items()

    def test_rounds(self):
        for policy_state in Policy.State.values:
            for state in Round.State.values:
                Policy.objects.update(state=policy_state)
                Round.objects.update(state=state)
                round = Round.objects.select_related("policy").get()
                for who, user in self.each_person():
                    with self.subTest(who=who, policy=policy_state, state=state):
                        filtered = Round.objects.visible_to(user).exists()
                        self.assertEqual(permissions.sees_round(user, round), filtered)

    def test_items(self):
        for round_state in Round.State.values:
            for state in Item.State.values:
                Round.objects.update(state=round_state)
                Item.objects.update(state=state)
                item = Item.objects.select_related("round__policy").get()
                for who, user in self.each_person():
                    if who == "fukushi_bucho":  # of a department: always filtered
                        continue
                    with self.subTest(who=who, round=round_state, state=state):
                        filtered = Item.objects.visible_to(user).exists()
                        self.assertEqual(permissions.sees_item(user, item), filtered)

    def test_promises(self):
        for who, user in self.each_person():
            if who in ("fukushi_bucho", "city"):  # always filtered
                continue
            with self.subTest(who=who):
                filtered = Promise.objects.visible_to(user).exists()
                self.assertEqual(permissions.sees_promise(user, self.promise), filtered)

    def test_the_city_reads_a_promise_with_its_round(self):
        mine = Promise.objects.visible_to(self.cast.city)
        for state in Round.State.values:
            Round.objects.update(state=state)
            Promise.objects.update(item=Item.objects.get())
            with self.subTest(state=state):
                self.assertEqual(mine.exists(), state == Round.State.PUBLISHED)
        Promise.objects.update(item=None)
        self.assertTrue(mine.exists())

    def test_members_by_the_days_of_their_terms(self):
        mine = Term.objects.filter(member=self.cast.area_member)
        for starts, ends in (
            (None, None),
            (date(2020, 4, 1), None),
            (date(2020, 4, 1), date(2021, 3, 31)),
            (date(2999, 4, 1), None),
            (None, date(2999, 3, 31)),
        ):
            mine.update(starts=starts, ends=ends)
            for who, user in self.each_person():
                with self.subTest(who=who, starts=starts, ends=ends):
                    found = permissions.member_of(user, self.cast.isogo.pk)
                    seats = Member.objects.in_office_now().filter(
                        committee=self.cast.committee, user=user
                    )
                    self.assertEqual(found, seats.first())
