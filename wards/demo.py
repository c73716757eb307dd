"""The demo's accounts: posts, not people, in the five wards whose policies are loaded.

Their password is printed in the manual and on the screen of whoever starts a demo, so they
open nothing where the setting DEMO is off (wards/permissions.py, wards/forms.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from .models import Post, Section, User, Ward
from .organisation import FUKUSHI, SECTIONS

MAIL_DOMAIN = "ayumi.example"  # a domain that there cannot be

PASSWORD = "ayumi-no-demo"  # noqa: S105 -- meant to be known: it opens a demo and nothing else

#: Wards with a policy in the demo, by national code, as account names spell them.
WARDS = {
    "14107": "isogo",
    "14105": "minami",
    "14116": "izumi",
    "14109": "kohoku",
    "14103": "nishi",
}
#: The ward whose sections all have accounts; the others have these.
WHOLE_WARD = "14107"
SOME_SECTIONS = ("chiiki", "fukushi", "kodomo", "doboku")


@dataclass(frozen=True, slots=True)
class Account:
    """One demo account, and what somebody who tries it comes to do."""

    username: str
    name: str
    role: Post.Role
    ward: str = ""
    section: str = ""
    department: str = ""


def accounts() -> Iterator[Account]:
    """All demo accounts, in the order in which one would try them."""
    wards = {ward.code: ward.name for ward in Ward.objects.filter(code__in=WARDS)}
    role = Post.Role
    for code, key in WARDS.items():
        ward = wards[code]
        yield Account(
            f"{key}-kusei-secretariat", f"{ward} 区政推進課 事務局", role.SECRETARIAT, code
        )
        yield Account(f"{key}-manager", f"{ward} 区長・副区長", role.MANAGER, code)
        yield Account(
            f"{key}-fukushi-manager",
            f"{ward} {FUKUSHI} 部長",
            role.MANAGER,
            code,
            department=FUKUSHI,
        )
        yield Account(f"{key}-member", f"{ward} 評価委員", role.MEMBER, code)
        if code == WHOLE_WARD:
            yield Account(f"{key}-expert", f"{ward} 評価委員（有識者）", role.MEMBER, code)
        yield Account(f"{key}-auditor", f"{ward} 監査", role.AUDITOR, code)
        for desk in SECTIONS:
            if code != WHOLE_WARD and desk.key not in SOME_SECTIONS:
                continue
            section = desk.named_in(ward)
            office = section if ward.removesuffix("区") in section else f"{ward} {section}"
            head = "所長" if desk.key == "doboku" else "課長"
            yield Account(f"{key}-{desk.key}-staff", f"{office} 担当者", role.STAFF, code, section)
            yield Account(f"{key}-{desk.key}-head", f"{office} {head}", role.HEAD, code, section)
    yield Account("city", "市の所管局", role.CITY)


@transaction.atomic
def create() -> list[Account]:
    """Make the accounts that are missing. What somebody changed since stays as it is."""
    wards = {ward.code: ward for ward in Ward.objects.filter(code__in=WARDS)}
    sections = {}
    for ward in wards.values():
        for order, desk in enumerate(SECTIONS):
            section, _created = Section.objects.get_or_create(
                ward=ward,
                name=desk.named_in(ward.name),
                defaults={"department": desk.department, "order": order},
            )
            if not section.department:
                section.department = desk.department
                section.save(update_fields=["department"])
            sections[ward.code, section.name] = section
    password = make_password(PASSWORD)
    wanted = list(accounts())
    known = set(User.objects.values_list("username", flat=True))
    for account in wanted:
        if account.username in known:
            continue
        user = User.objects.create(
            username=account.username,
            display_name=account.name,
            email=f"{account.username}@{MAIL_DOMAIN}",
            password=password,
            must_change_password=False,
            is_demo=True,
        )
        Post.objects.create(
            user=user,
            role=account.role,
            ward=wards.get(account.ward),
            section=sections.get((account.ward, account.section)),
            department=account.department,
        )
    return wanted
