"""manage.py create_demo_people: the accounts of a demo, and a table of them."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wards import demo
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = "Creates the demo accounts that are missing and prints them with their password."

    def handle(self, **options):
        speak_utf8(self.stdout, self.stderr)
        if not settings.DEMO:
            raise CommandError(
                "Demo accounts have a known password: they are made only where DEMO=on is set."
            )
        accounts = demo.create()
        width = max(len(account.username) for account in accounts)
        self.stdout.write(f"{'account'.ljust(width)}  post")
        for account in accounts:
            self.stdout.write(f"{account.username.ljust(width)}  {account.name}")
        self.stdout.write(f"\nPassword of every demo account: {demo.PASSWORD}")
