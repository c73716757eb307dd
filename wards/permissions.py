"""Who may see and do what, as far as it follows from posts alone.

Everything is denied unless a rule here or in a later app's permissions.py allows it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from .models import Post

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

    def has(self, ward_id: int, *roles: str) -> bool:
        return not self.roles.get(ward_id, frozenset()).isdisjoint(roles)

    def reads_drafts(self, ward_id: int) -> bool:
        """Whether unconfirmed entries of the ward are shown; else confirmed ones only."""
        return self.has(ward_id, *INSIDE)

    def department_scope(self, ward_id: int) -> frozenset[str] | None:
        """The departments (部) this person is limited to in a ward; None: the whole ward."""
        only_a_manager = self.roles.get(ward_id, frozenset()) == {Role.MANAGER}
        return self.departments.get(ward_id) or None if only_a_manager else None


NOTHING = Access()


def access_of(user) -> Access:
    """The person's access, read once per request: it stays on the user object."""
    if not user.is_authenticated or not user.is_active:
        return NOTHING
    if (known := getattr(user, "_access", None)) is not None:
        return known
    roles, sections = defaultdict(set), defaultdict(set)
    departments: dict[int, set[str]] = defaultdict(set)
    whole_ward, is_city = set(), False
    held = Post.objects.filter(user=user).held_now()
    for role, ward, section, department in held.values_list(
        "role", "ward_id", "section_id", "department"
    ):
        if role == Role.CITY:
            is_city = True
            continue
        roles[ward].add(role)
        if section:
            sections[role].add(section)
        if role == Role.MANAGER:
            departments[ward].add(department) if department else whole_ward.add(ward)
    user._access = Access(
        roles={ward: frozenset(held) for ward, held in roles.items()},
        sections={role: frozenset(held) for role, held in sections.items()},
        departments={
            ward: frozenset(held) for ward, held in departments.items() if ward not in whole_ward
        },
        is_city=is_city,
    )
    return user._access
