"""Who sees which policies, targets and figures, and who may enter them."""

from datetime import date, timedelta

from django.test import TestCase
from django.utils import timezone

from kpis.models import Actual, Change, Policy, Project, Target
from kpis.permissions import can_enter, enters_on_behalf
from tests.cast import Cast, person, section
from wards.models import Post, User

STRANGERS = {"minami_staff", "minami_secretariat", "without_post"}


def again(user):
    """The person as of the next request: what they hold is read anew."""
    return User.objects.get(pk=user.pk)


class Seeing(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def who_sees(self, queryset):
        """Names of those to whom every row of the queryset is visible, and of those with some."""
        full, part = set(), set()
        whole = set(queryset.values_list("pk", flat=True))
        for name, user in self.cast.everybody().items():
            seen = set(queryset.visible_to(user).values_list("pk", flat=True))
            if seen == whole:
                full.add(name)
            elif seen:
                part.add(name)
        return full, part

    def test_a_policy_in_force_is_seen_by_its_ward_and_by_the_city(self):
        full, part = self.who_sees(Policy.objects.all())
        self.assertEqual(full, set(self.cast.everybody()) - STRANGERS)
        self.assertEqual(part, set())

    def test_a_draft_is_seen_by_the_secretariat_and_the_auditor_of_the_ward(self):
        self.cast.policy.state = Policy.State.DRAFT
        self.cast.policy.save()
        for queryset in [Policy.objects.all(), Project.objects.all(), Target.objects.all()]:
            full, part = self.who_sees(queryset)
            self.assertEqual((full, part), ({"secretariat", "auditor"}, set()))

    def test_a_head_of_department_sees_the_projects_of_the_department(self):
        seen = Target.objects.visible_to(self.cast.fukushi_bucho)
        of_the_centre = {self.cast.supporters, self.cast.supporters_in_all, self.cast.plan}
        self.assertEqual(set(seen), of_the_centre)
        _full, part = self.who_sees(Project.objects.all())
        self.assertEqual(part, {"fukushi_bucho"})

    def test_also_one_in_which_the_department_only_enters_a_target(self):
        self.cast.target(
            self.cast.traffic, "p07-t9", "高齢者向け教室", value=1, section=self.cast.fukushi
        )
        seen = Project.objects.visible_to(self.cast.fukushi_bucho)
        self.assertEqual(set(seen), {self.cast.dementia, self.cast.traffic})
        targets = Target.objects.visible_to(self.cast.fukushi_bucho).filter(
            project=self.cast.traffic
        )
        self.assertEqual([target.key for target in targets], ["p07-t9"])

    def test_a_head_of_department_with_another_post_sees_what_that_one_gives(self):
        Post.objects.create(
            user=self.cast.fukushi_bucho,
            role="head",
            ward=self.cast.isogo,
            section=self.cast.fukushi,
        )
        seen = Project.objects.visible_to(again(self.cast.fukushi_bucho))
        self.assertEqual(seen.count(), 3)

    def test_drafts_stay_inside_the_ward_office(self):
        self.cast.entered(self.cast.supporters, self.cast.second_half, 300)
        full, _part = self.who_sees(Actual.objects.all())
        self.assertEqual(full, set(self.cast.everybody()) - STRANGERS - {"member", "city"})

    def test_confirmed_entries_are_read_by_the_committee_and_the_city_too(self):
        self.cast.entered(self.cast.supporters, self.cast.second_half, 300, state="confirmed")
        full, _part = self.who_sees(Actual.objects.all())
        self.assertEqual(full, set(self.cast.everybody()) - STRANGERS)

    def test_entries_of_another_department_are_not_the_head_of_departments_business(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 300, state="confirmed")
        _full, part = self.who_sees(Actual.objects.all())
        self.assertFalse(Actual.objects.visible_to(self.cast.fukushi_bucho).exists())
        self.assertEqual(part, set())

    def test_on_the_committee_a_head_of_department_reads_confirmed_entries_of_the_ward(self):
        Post.objects.create(user=self.cast.fukushi_bucho, role="member", ward=self.cast.isogo)
        both = again(self.cast.fukushi_bucho)
        confirmed = self.cast.entered(
            self.cast.patrols, self.cast.second_half, 300, state="confirmed"
        )
        self.cast.entered(self.cast.nurseries, self.cast.second_half, 9)
        own = self.cast.entered(self.cast.supporters, self.cast.second_half, 300)
        self.assertEqual(set(Actual.objects.visible_to(both)), {confirmed, own})

    def test_history_stays_inside_the_ward_office(self):
        Change.objects.create(
            ward=self.cast.isogo,
            policy=self.cast.policy,
            project=self.cast.flood,
            act="entered",
            by_name="磯子土木事務所 担当者",
            at=timezone.now(),
        )
        full, _part = self.who_sees(Change.objects.all())
        outside = STRANGERS | {"member", "city", "fukushi_bucho"}
        self.assertEqual(full, set(self.cast.everybody()) - outside)

    def test_a_post_that_is_over_opens_nothing(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        Post.objects.filter(user=self.cast.doboku_staff).update(ends=yesterday)
        self.assertFalse(Policy.objects.visible_to(again(self.cast.doboku_staff)).exists())

    def test_nor_one_that_has_not_begun(self):
        Post.objects.filter(user=self.cast.doboku_staff).update(starts=date(2999, 4, 1))
        self.assertFalse(Policy.objects.visible_to(again(self.cast.doboku_staff)).exists())


class Entering(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def who_enters(self, target):
        target = Target.objects.with_owner().get(pk=target.pk)
        people = self.cast.everybody().items()
        return {name for name, user in people if can_enter(user, target)}

    def test_the_section_and_the_secretariat_enter(self):
        self.assertEqual(
            self.who_enters(self.cast.patrols), {"doboku_staff", "doboku_head", "secretariat"}
        )

    def test_a_targets_own_section_goes_before_the_projects_first(self):
        mine = self.cast.target(
            self.cast.flood, "p05-t9", "避難場所の掲示", value=3, section=self.cast.chiiki
        )
        self.assertEqual(self.who_enters(mine), {"chiiki_staff", "secretariat"})

    def test_where_no_section_is_named_the_secretariat_enters(self):
        alone = self.cast.project("p30", "㉚", "広報")
        target = self.cast.target(alone, "p30-t1", "広報紙", value=12)
        self.assertEqual(self.who_enters(target), {"secretariat"})

    def test_the_secretariat_enters_for_the_section_and_is_marked_so(self):
        target = Target.objects.with_owner().get(pk=self.cast.patrols.pk)
        self.assertTrue(enters_on_behalf(self.cast.secretariat, target))
        self.assertFalse(enters_on_behalf(self.cast.doboku_staff, target))
        self.assertFalse(enters_on_behalf(self.cast.member, target))

    def test_staff_of_a_section_that_was_merged_finish_the_old_ones_year(self):
        merged = section(self.cast.isogo, "道路河川課")
        self.cast.doboku.successor = merged
        self.cast.doboku.save()
        newcomer = person("newcomer", Post.Role.STAFF, self.cast.isogo, merged)
        target = Target.objects.with_owner().get(pk=self.cast.patrols.pk)
        self.assertTrue(can_enter(newcomer, target))
