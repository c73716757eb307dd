"""Who may see and do what with the evaluation committee's work.

Deny by default, as in kpis/permissions.py: each rule is a Q that lets something through.

A comment is its author's and the secretariat's alone until the round closes. Then the committee
reads it, and the auditor; sections and managers read the list (`Item`) from the moment the
secretariat passes an item on. Who is a member follows from two things together: a post as
評価委員 in the ward, and a line in the committee's list with a term of today.
"""

from functools import lru_cache

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from kpis.permissions import (
    NOTHING,
    READS_DRAFT_POLICIES,
    policies_seen_by,
    projects_seen_by,
)
from wards.permissions import INSIDE, Role, access_of
from wards.prepared import PreparedObjects

#: Who works with the list of comments inside the ward office.
ANSWERS = (Role.STAFF, Role.HEAD)
OVER = ("closed", "published")
#: States of an item in which others than the secretariat know of it.
PASSED_ON = ("asked", "answered", "returned", "released")


def rounds_seen_by(user, at: str = "") -> Q:
    """Rounds of visible policies: while they are prepared the secretariat's and the auditor's own,
    for the city once they are published."""
    access = access_of(user)
    early = access.wards_with(Role.SECRETARIAT, Role.AUDITOR)
    begun = Q(**{f"{at}policy__ward__in": access.ward_ids}) & ~Q(**{f"{at}state": "preparing"})
    rule = Q(**{f"{at}policy__ward__in": early}) | begun
    if access.is_city:
        rule |= Q(**{f"{at}state": "published"})
    return rule & policies_seen_by(user, f"{at}policy__")


def sees_round(user, round) -> bool:
    """The same of one round that was fetched with its policy; a test holds that the two agree."""
    access, policy = access_of(user), round.policy
    ward = policy.ward_id
    sees_policy = access.has(ward, *READS_DRAFT_POLICIES) or (
        policy.state == "in_force" and (access.is_city or ward in access.ward_ids)
    )
    return sees_policy and (
        access.has(ward, Role.SECRETARIAT, Role.AUDITOR)
        or (ward in access.ward_ids and round.state != "preparing")
        or (access.is_city and round.state == "published")
    )


def members_seen_by(user) -> Q:
    """The list of members: inside the ward office and to the committee itself."""
    return Q(committee__ward__in=access_of(user).ward_ids)


def meetings_seen_by(user) -> Q:
    """Meetings with their papers and minutes: inside the ward office and to the committee."""
    return Q(committee__ward__in=access_of(user).ward_ids)


def looks_after(user, ward_id: int) -> bool:
    """Whether this person is the committee's secretariat in the ward (事務局)."""
    return access_of(user).has(ward_id, Role.SECRETARIAT)


def member_of(user, ward_id: int):
    """This person's line in the committee's list, while the term runs; None: no member.

    A post as 評価委員 lets somebody read; to comment, the secretariat has to have them in its list.
    """
    if not access_of(user).has(ward_id, Role.MEMBER):
        return None
    today = timezone.localdate()
    for term in _terms_of()(ward_id, user.pk):
        if (term.starts is None or term.starts <= today) and (
            term.ends is None or today <= term.ends
        ):
            return term.member
    return None


@lru_cache(maxsize=1)
def _terms_of() -> PreparedObjects:
    member = ("committee", "name", "user", "order", "version")
    return PreparedObjects(
        apps.get_model("reviews", "Term").objects,
        lambda rows, ward, user: rows.filter(member__committee__ward=ward, member__user=user),
        only=["starts", "ends", *(f"member__{name}" for name in member)],
    )


def reads_as_member(user, ward_id: int) -> bool:
    """Whether this person reads a round as a member does, or as those who prepare it."""
    return access_of(user).has(ward_id, Role.MEMBER, Role.SECRETARIAT)


def reads_copy(user, round) -> bool:
    """Whether this person reads the frozen copy: the committee from its opening on, the ward
    office too, a 部長 the department's projects (`frozen_projects_seen_by`), the city once it is
    published. Ask of a round that is visible."""
    access = access_of(user)
    ward = round.policy.ward_id
    if round.state == "preparing":
        return False
    return access.has(ward, Role.MEMBER, *INSIDE) or (access.is_city and round.state == "published")


def frozen_projects_seen_by(user, policy):
    """The keys of the projects whose copies this person reads; None: all of them.

    Who sees the ward's policy whole sees the copy whole; a 部長 the department's projects.
    """
    if access_of(user).department_scope(policy.ward_id) is None:
        return None
    projects = apps.get_model("kpis", "Project").objects.filter(policy=policy)
    return frozenset(projects.filter(projects_seen_by(user)).values_list("key", flat=True))


def comments_seen_by(user) -> Q:
    """Comments themselves, in the members' own words."""
    access = access_of(user)
    rule = Q(member__user=user, round__policy__ward__in=access.wards_with(Role.MEMBER))
    rule |= Q(round__policy__ward__in=access.wards_with(Role.SECRETARIAT))
    committee = access.wards_with(Role.MEMBER, Role.AUDITOR)
    rule |= Q(round__policy__ward__in=committee, round__state__in=OVER, state="sent")
    return rule & rounds_seen_by(user, "round__")


def items_seen_by(user) -> Q:
    """The list of comments with the ward's answers.

    The committee and the auditor read it from the closing on; sections and managers what was
    passed on; the city what was released, once the round is published. What of an item is shown
    is another matter: an answer stays inside the ward office until it is released (`reads_answer`).
    """
    access = access_of(user)
    rule = Q(round__policy__ward__in=access.wards_with(Role.SECRETARIAT))
    committee = access.wards_with(Role.MEMBER, Role.AUDITOR)
    rule |= Q(round__policy__ward__in=committee, round__state__in=OVER)
    for ward in access.wards_with(*ANSWERS, Role.MANAGER):
        here = Q(round__policy__ward=ward, state__in=PASSED_ON)
        if departments := access.department_scope(ward):
            here &= Q(section__department__in=departments)
        rule |= here
    if access.is_city:
        rule |= Q(round__state="published", state="released")
    return rule & rounds_seen_by(user, "round__")


def sees_item(user, item) -> bool:
    """The same of one item that was fetched with round and policy, but for who is limited to a
    department; a test holds that the two agree."""
    access, round = access_of(user), item.round
    ward = round.policy.ward_id
    return sees_round(user, round) and (
        access.has(ward, Role.SECRETARIAT)
        or (access.has(ward, Role.MEMBER, Role.AUDITOR) and round.state in OVER)
        or (access.has(ward, *ANSWERS, Role.MANAGER) and item.state in PASSED_ON)
        or (access.is_city and round.state == "published" and item.state == "released")
    )


def reads_answer(user, item) -> bool:
    """Whether the ward's answer is shown: once released, and before that inside the ward office."""
    return item.state == "released" or access_of(user).has(item.round.policy.ward_id, *INSIDE)


def can_answer(user, item) -> bool:
    """Whether this person writes the ward's view: the section asked, and the secretariat."""
    ward = item.round.policy.ward_id
    return access_of(user).works_for(item.section_id) or looks_after(user, ward)


def answers_on_behalf(user, item) -> bool:
    """Whether what this person writes is marked as written for the section (代理入力)."""
    return not access_of(user).works_for(item.section_id)


def promises_seen_by(user) -> Q:
    """Promises to the committee: they were released, so everybody in the ward reads them; the city
    once their round is published. A 部長 reads those of the department's sections and projects."""
    access = access_of(user)
    rule = Q(ward__in=access.ward_ids)
    if access.is_city:
        rule |= Q(item__isnull=True) | Q(item__round__state="published")
    for ward in access.ward_ids:
        if departments := access.department_scope(ward):
            work = apps.get_model("kpis", "ProjectSection").objects.filter(
                project=OuterRef("project"), section__department__in=departments
            )
            rule &= ~Q(ward=ward) | Q(section__department__in=departments) | Q(Exists(work))
    return rule


def sees_promise(user, promise) -> bool:
    """The same of one promise, but for the city and for who is limited to a department."""
    return promise.ward_id in access_of(user).ward_ids


def can_settle(user, promise) -> bool:
    """Whether this person writes a promise's 対処結果: its section, or the secretariat."""
    access = access_of(user)
    return access.works_for(promise.section_id) or access.has(promise.ward_id, Role.SECRETARIAT)


def records_seen_by(user) -> Q:
    """The record of the committee's work: the secretariat's and the auditor's."""
    wards = access_of(user).wards_with(Role.SECRETARIAT, Role.AUDITOR)
    return Q(ward__in=wards) if wards else NOTHING
