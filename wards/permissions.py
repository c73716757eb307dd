"""Who may see and do what, as far as it follows from posts alone.

Everything is denied unless a rule here or in a later app's permissions.py allows it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .models import Post, User, Ward
from .prepared import Prepared

Role = Post.Role

#: Roles that work inside a ward office and so read its figures before they are confirmed.
INSIDE = frozenset({Role.STAFF, Role.HEAD, Role.SECRETARIAT, Role.MANAGER, Role.AUDITOR})


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
    def looks_after_people(self) -> bool:
        return bool(self.wards_with(Role.SECRETARIAT))

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
        Post.objects.filter(user=user)
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


def can_reset_password(user, person) -> bool:
    """Whether the secretariat may give this person a new password.

    Only where every post of the person lies in wards it looks after: with the password of
    somebody who also works elsewhere, it would see what it may not. One's own password is
    changed with the old one, never reset.
    """
    mine = access_of(user).wards_with(Role.SECRETARIAT)
    held = set(Post.objects.filter(user=person).values_list("ward_id", flat=True))
    return bool(held) and held <= mine and person != user and not person.is_superuser
