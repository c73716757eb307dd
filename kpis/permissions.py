"""Who may see and do what with a policy and the figures recorded under it.

Deny by default: each rule is a Q that lets something through, and no posts make an empty one.
What may be seen is filtered (`visible_to` of the models asks here); what may be done to
something visible is a question of its own (`can_enter`).
"""

from collections.abc import Callable

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from wards.permissions import Role, access_of

NOTHING = Q(pk__in=[])

Departments = frozenset[str]

#: Who reads a policy before it is put in force.
READS_DRAFT_POLICIES = (Role.SECRETARIAT, Role.AUDITOR)


def policies_seen_by(user, at: str = "") -> Q:
    """Policies in force of the wards this person has a post in, and for the city of all wards.

    A draft is the secretariat's own until it is put in force; an auditor reads it too.
    `at` is the way to the policy, as in "policy__".
    """
    access = access_of(user)
    drafters = access.wards_with(*READS_DRAFT_POLICIES)
    if not access.is_city and access.ward_ids == drafters:
        return Q(**{f"{at}ward__in": drafters})
    rule = Q(**{f"{at}state": "in_force"})
    if not access.is_city:
        rule &= Q(**{f"{at}ward__in": access.ward_ids})
    return rule | Q(**{f"{at}ward__in": drafters}) if drafters else rule


def projects_seen_by(user, at: str = "") -> Q:
    """Projects of visible policies; for a 部長 those that a section of the department works on."""
    return _of_departments(user, at, _worked_on_by)


def targets_seen_by(user, at: str = "") -> Q:
    """Targets of visible policies; for a 部長 those that a section of the department enters."""
    return _of_departments(user, at, _entered_by)


def _of_departments(user, at: str, in_departments: Callable[[Departments, str], Q]) -> Q:
    access = access_of(user)
    rule = policies_seen_by(user, f"{at}policy__")
    for ward in access.ward_ids:
        if departments := access.department_scope(ward):
            elsewhere = ~Q(**{f"{at}policy__ward": ward})
            rule &= elsewhere | in_departments(departments, at)
    return rule


def _worked_on_by(departments: Departments, at: str = "") -> Q:
    """Projects for which a section of these departments is responsible, or enters a target."""
    project = OuterRef(f"{at}pk")
    work = apps.get_model("kpis", "ProjectSection").objects.filter(project=project)
    targets = apps.get_model("kpis", "Target").objects.filter(project=project)
    return Q(Exists(work.filter(section__department__in=departments))) | Q(
        Exists(targets.filter(section__department__in=departments))
    )


def _entered_by(departments: Departments, at: str = "") -> Q:
    """Targets that a section of these departments enters: their own, else the project's first."""
    work = apps.get_model("kpis", "ProjectSection").objects.filter(project=OuterRef("project"))
    first = work.order_by("order", "id").values("section__department")[:1]
    target = apps.get_model("kpis", "Target").objects.filter(pk=OuterRef(f"{at}pk"))
    owned = target.annotate(owned_by=Coalesce("section__department", Subquery(first)))
    return Q(Exists(owned.filter(owned_by__in=departments)))


def actuals_seen_by(user) -> Q:
    """Entries for visible targets: drafts inside the ward office, else confirmed ones only."""
    access = access_of(user)
    rule = Q(state="confirmed")
    for ward in access.ward_ids:
        if access.reads_drafts(ward):
            drafts = Q(target__policy__ward=ward)
            if departments := access.draft_scope(ward):
                drafts &= _entered_by(departments, "target__")
            rule |= drafts
    return targets_seen_by(user, "target__") & rule


def narratives_seen_by(user) -> Q:
    """Accounts of visible projects: drafts inside the ward office, else confirmed ones only."""
    access = access_of(user)
    rule = Q(state="confirmed")
    for ward in access.ward_ids:
        if access.reads_drafts(ward):
            drafts = Q(project__policy__ward=ward)
            if departments := access.draft_scope(ward):
                drafts &= _worked_on_by(departments, "project__")
            rule |= drafts
    return projects_seen_by(user, "project__") & rule


def changes_seen_by(user) -> Q:
    """The history: of figures that were still being worked on, so inside the ward office only."""
    access = access_of(user)
    rule = NOTHING
    for ward in access.ward_ids:
        if not access.reads_drafts(ward):
            continue
        here = Q(ward=ward)
        if departments := access.draft_scope(ward):
            of_project = Q(target__isnull=True) & _worked_on_by(departments, "project__")
            here &= of_project | _entered_by(departments, "target__")
        rule |= here
    seen = apps.get_model("kpis", "Policy").objects.filter(policies_seen_by(user))
    return rule & (Q(policy__isnull=True) | Q(policy__in=seen))


def proposals_seen_by(user) -> Q:
    """Changes of the plan: inside the ward office from the day they are asked for, by others
    once they were accepted, as with any revision."""
    access = access_of(user)
    rule = Q(state="accepted")
    for ward in access.ward_ids:
        if not access.reads_drafts(ward):
            continue
        here = Q(policy__ward=ward)
        if departments := access.draft_scope(ward):
            of_project = Q(target__isnull=True) & _worked_on_by(departments, "project__")
            here &= of_project | _entered_by(departments, "target__")
        rule |= here
    of_project = Q(target__isnull=True) & projects_seen_by(user, "project__")
    return rule & (of_project | targets_seen_by(user, "target__"))


def can_propose(user, policy, section_ids) -> bool:
    """Whether this person may ask for a change of what these sections answer for.

    Of a target that is the section that enters it, of a project those responsible for it; the
    secretariat may for any of them.
    """
    access = access_of(user)
    return any(access.works_for(section) for section in section_ids) or can_decide(user, policy)


def can_decide(user, policy) -> bool:
    """Whether this person records what was decided about a proposal, or without one."""
    return access_of(user).has(policy.ward_id, Role.SECRETARIAT)


def can_enter(user, target) -> bool:
    """Whether this person may enter figures for a target they can see.

    Staff and head of the section that enters it, and the secretariat for any section. Whether
    the period is open is a fact of the day and no matter of rights: kpis/entering.py asks it.
    Of many targets ask with `Target.objects.with_owner()`, so that it costs no query each.
    """
    return access_of(user).works_for(target.owner_id) or _secretariat(user, target)


def enters_anything(user, policy) -> bool:
    """Whether this person enters figures of the policy's ward at all."""
    return access_of(user).has(policy.ward_id, Role.STAFF, Role.HEAD, Role.SECRETARIAT)


def enters_on_behalf(user, target) -> bool:
    """Whether what this person enters is marked as entered for the section (代理入力)."""
    return not access_of(user).works_for(target.owner_id) and _secretariat(user, target)


def can_write(user, project) -> bool:
    """Whether this person may write a project's account for a period.

    Staff and heads of every section that is responsible for it, and the secretariat. It is handed
    in and confirmed by the first of them alone, with that section's sheet (kpis/workflow.py).
    """
    return works_on(user, project) or _secretariat(user, project)


def works_on(user, project) -> bool:
    """Whether this person works for a section of the project; else what they write is marked."""
    return any(access_of(user).works_for(section) for section in project.section_ids)


def can_confirm(user, target) -> bool:
    """Whether this person confirms and returns a target's entries: the section's head, and the
    secretariat. Of a project's account the same, its first section being the one that leads."""
    return access_of(user).works_for(target.owner_id, Role.HEAD) or _secretariat(user, target)


def can_correct(user, target, period) -> bool:
    """Whether this person may correct what is confirmed or closed.

    The head answers for the section's figures while the period is open; after that they have
    gone further (to the committee, to be published), and the secretariat alone corrects them.
    """
    return _secretariat(user, target) or (period.is_open and can_confirm(user, target))


def can_open_and_close(user, policy) -> bool:
    """Whether this person opens and closes the policy's periods."""
    return access_of(user).has(policy.ward_id, Role.SECRETARIAT)


def can_remind(user, policy) -> bool:
    """Whether this person reminds the policy's sections, and writes the wording of reminders."""
    return access_of(user).has(policy.ward_id, Role.SECRETARIAT)


def _secretariat(user, target) -> bool:
    return access_of(user).has(target.policy.ward_id, Role.SECRETARIAT)
