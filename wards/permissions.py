"""Who may see and do what, as far as it follows from posts alone.

Everything is denied unless a rule here or in a later app's permissions.py allows it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .models import Post, PostRecord, User, Ward
from .prepared import Prepared

Role = Post.Role

#: Roles that work inside a ward office and so read its figures before they are confirmed.
INSIDE = frozenset({Role.STAFF, Role.HEAD, Role.SECRETARIAT, Role.MANAGER, Role.AUDITOR})

#: Who reads the record of posts: those who keep it, and those who look into what was done.
READS_POST_RECORDS = (Role.SECRETARIAT, Role.AUDITOR)


@dataclass(frozen=True)
class Access:
    """What one person's posts of today give them. Ids, not objects: it is asked on every page."""

    roles: dict[int, frozenset[str]] = field(default_factory=dict)  # ward id → roles there
    sections: dict[str, frozenset[int]] = field(default_factory=dict)  # role → section ids
    departments: dict[int, frozenset[str]] = field(default_factory=dict)  # ward id → 部 of a 部長
    is_city: bool = False

    @property
    def ward_ids(self) -> frozenset[int]:
        """Wards in which this person holds a post (the city reads all, through is_city)."""
        return frozenset(self.roles)

    @property
    def section_ids(self) -> frozenset[int]:
        """Sections this person works for, as staff or as head."""
        return frozenset().union(*self.sections.values())

    def has(self, ward_id: int, *roles: str) -> bool:
        return not self.roles.get(ward_id, frozenset()).isdisjoint(roles)

    def wards_with(self, *roles: str) -> frozenset[int]:
        """Wards in which this person holds one of the roles."""
        return frozenset(ward for ward in self.roles if self.has(ward, *roles))

    def works_for(self, section_id: int | None, *roles: str) -> bool:
        """Whether this person is staff or head (or one of the roles given) of a section."""
        return any(
            section_id in self.sections.get(role, ()) for role in roles or (Role.STAFF, Role.HEAD)
        )

    @property
    def enters_figures(self) -> bool:
        return bool(self.wards_with(Role.STAFF, Role.HEAD, Role.SECRETARIAT))

    @property
    def is_only_member(self) -> bool:
        """Whether this person sits on a committee and does nothing else here."""
        return set().union(*self.roles.values()) == {Role.MEMBER} and not self.is_city

    @property
    def looks_after_people(self) -> bool:
        return bool(self.wards_with(Role.SECRETARIAT))

    @property
    def reads_post_records(self) -> bool:
        """Whether this person reads who gave and ended which post."""
        return bool(self.wards_with(*READS_POST_RECORDS))

    def reads_drafts(self, ward_id: int) -> bool:
        """Whether unconfirmed entries of the ward are shown; else confirmed ones only."""
        return self.has(ward_id, *INSIDE)

    def department_scope(self, ward_id: int) -> frozenset[str] | None:
        """The departments (部) this person is limited to in a ward; None: the whole ward."""
        only_a_manager = self.roles.get(ward_id, frozenset()) == {Role.MANAGER}
        return (
            self.departments.get(ward_id) or None if only_a_manager and not self.is_city else None
        )

    def draft_scope(self, ward_id: int) -> frozenset[str] | None:
        """The departments whose unconfirmed entries are shown; None: those of the whole ward.

        A 部長 who also sits on the committee reads the ward's confirmed entries as a member,
        and drafts as a 部長: of the department only.
        """
        inside = self.roles.get(ward_id, frozenset()) & INSIDE
        return self.departments.get(ward_id) or None if inside == {Role.MANAGER} else None


NOTHING = Access()

#: The posts of a person, whenever held; the order of the model would join three tables.
POSTS = Prepared(
    lambda user: (
        Post.objects.given()
        .filter(user=user)
        .order_by()
        .values_list(
            "role", "ward_id", "section_id", "section__predecessors", "department", "starts", "ends"
        )
    )
)


def access_of(user) -> Access:
    """The person's access, read once per request: it stays on the user object.

    Demo accounts, whose passwords are printed in the manual, have none where there is no demo.
    """
    if not user.is_authenticated or not user.is_active:
        return NOTHING
    if user.is_demo and not settings.DEMO:
        return NOTHING
    if (known := getattr(user, "_access", None)) is not None:
        return known
    roles: dict[int, set[str]] = defaultdict(set)
    sections: dict[str, set[int]] = defaultdict(set)
    departments: dict[int, set[str]] = defaultdict(set)
    whole_ward, is_city = set(), False
    today = timezone.localdate()
    held = POSTS(user.pk)
    for role, ward, section, predecessor, department, starts, ends in held:
        if (starts and starts > today) or (ends and ends < today):
            continue
        if role == Role.CITY:
            is_city = True
            continue
        roles[ward].add(role)
        # Who works for a section that was renamed or merged finishes the old one's year.
        sections[role].update(which for which in (section, predecessor) if which)
        if role == Role.MANAGER:
            departments[ward].add(department) if department else whole_ward.add(ward)
    user._access = Access(
        roles={ward: frozenset(held) for ward, held in roles.items()},
        sections={role: frozenset(held) for role, held in sections.items() if held},
        departments={
            ward: frozenset(held) for ward, held in departments.items() if ward not in whole_ward
        },
        is_city=is_city,
    )
    return user._access


def forget_access(user) -> None:
    """Read the person's posts anew, after they may have changed within this request."""
    if hasattr(user, "_access"):
        del user._access


def for_templates(request) -> dict:
    """`access` in every template: what the person's posts give, asked for only if it is used."""
    return {"access": SimpleLazyObject(lambda: access_of(request.user))}


def wards_looked_after(user):
    """Wards whose people this person looks after, as their secretariat."""
    return Ward.objects.filter(pk__in=access_of(user).wards_with(Role.SECRETARIAT))


def people_visible_to(user):
    """Accounts that hold, held or will hold a post in a ward this person looks after."""
    return User.objects.filter(
        pk__in=Post.objects.filter(ward__in=wards_looked_after(user)).values("user")
    )


def posts_looked_after(user):
    """The posts of those wards, whosever they are: not the city's, nor other wards'."""
    return Post.objects.filter(ward__in=access_of(user).wards_with(Role.SECRETARIAT))


def looks_after_account(user, person) -> bool:
    """Whether this secretariat alone answers for an account: its name, its log-ins, its stopping.

    Only where every post that the person holds or will hold lies in its wards. Whoever works
    elsewhere too, or for the city, is also somebody else's to look after. A post that is over
    opens nothing any more, and so binds nobody: people move from ward to ward in April.
    """
    mine = access_of(user).wards_with(Role.SECRETARIAT)
    held = set(Post.objects.not_over().filter(user=person).values_list("ward_id", flat=True))
    known = Post.objects.filter(user=person, ward__in=mine)
    return held <= mine and not person.is_superuser and (bool(held) or known.exists())


def can_reset_password(user, person) -> bool:
    """Whether the secretariat may give this person a new password.

    Not to somebody who also works elsewhere: with that password it would see what it may not.
    One's own is changed with the old one, never reset; a stopped account gets one when it is
    started again.
    """
    return person != user and person.is_active and looks_after_account(user, person)


def post_records_seen_by(user):
    """The record of posts of the wards this person looks after or audits; None: not theirs."""
    wards = access_of(user).wards_with(*READS_POST_RECORDS)
    return PostRecord.objects.filter(ward__in=wards) if wards else None


def elsewhere_until(user, person):
    """The last day on which a person who held posts in other wards held one; None: never did.

    What the account did until then, its log-ins and exports, is those wards' to read.
    """
    mine = access_of(user).wards_with(Role.SECRETARIAT)
    ends = list(
        Post.objects.given()
        .filter(user=person)
        .exclude(ward__in=mine)
        .values_list("ends", flat=True)
    )
    return max((day or date.max for day in ends), default=None)
