"""manage.py add_person: an account for somebody, with a post and a password for one log-in."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from wards.accounts import Newcomer, new_account
from wards.management.streams import is_plain_line, speak_utf8
from wards.models import Post, Section, User, Ward
from wards.posts import Desk, give, lock


class Command(BaseCommand):
    help = (
        "Creates an account with a post, or gives an existing account one more post. "
        "Prints the password of a new account once."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="the name shown on screens")
        parser.add_argument("--email", default="", help="for reminders of what is due")
        parser.add_argument("--role", required=True, choices=Post.Role.values)
        parser.add_argument("--ward", help="5-digit code, such as 14107; not for the city")
        parser.add_argument("--section", help="of staff and heads: 磯子土木事務所")
        parser.add_argument("--department", default="", help="of a manager who is 部長 of one")

    def handle(self, *, username, name, email, role, ward, section, department, **options):
        speak_utf8(self.stdout, self.stderr)
        for value in filter(None, (username, name, email, ward, section, department)):
            if not is_plain_line(value):
                raise CommandError(f"{value!a} is no plain text in UTF-8.")
        if not username.strip("."):
            raise CommandError("A username of dots alone stands in no address: write another.")
        if role in (Post.Role.STAFF, Post.Role.HEAD) and not (ward and section):
            raise CommandError(f"A post as {role} is held in a section: add --ward and --section.")
        if role not in (Post.Role.STAFF, Post.Role.HEAD) and section:
            raise CommandError(f"A post as {role} is held in no section: leave --section out.")
        if (role == Post.Role.CITY) == bool(ward):
            raise CommandError("A post is held in a ward (--ward 14107); only the city's in none.")
        if department and role != Post.Role.MANAGER:
            raise CommandError("Only a manager is head of a department: leave --department out.")
        try:
            password = self.add(Newcomer(username, name, email), role, ward, section, department)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{username}: {role} {section or department or ''}".rstrip())
        if password:
            self.stdout.write(f"Password for the first log-in: {password}")

    def add(self, newcomer, role, ward_code, section_name, department) -> str:
        """The new account's password; empty where the account existed."""
        ward = Ward.objects.filter(code=ward_code).first()
        if ward_code and not ward:
            raise CommandError(f"There is no ward {ward_code}.")
        section = None
        if section_name:
            section = Section.objects.filter(ward=ward, name=section_name).first()
            if not section:
                raise CommandError(f"{ward} has no section {section_name}.")
        desk, ready = Desk(role, ward, section, department), newcomer.with_password()
        with transaction.atomic():
            lock(ward)
            password = ""
            user = User.objects.filter(username=newcomer.username).first()
            if not user:
                user, password = new_account(ready)
            if desk.held_by(user).not_over().exists():
                raise CommandError(f"{newcomer.username} holds that post already.")
            give(user, desk, None, by=None)
        return password
