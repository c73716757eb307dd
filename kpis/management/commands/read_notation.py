"""Print what target phrases promise, as JSON."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from kpis.notation import read
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = (
        "Reads target phrases as policies print them and prints a JSON list, one item a phrase: "
        '{"text", "targets", "unread"}. docs/notation.md explains it.'
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("phrases", metavar="TEXT", nargs="*", help="a phrase as printed")

    def handle(self, *args, phrases, **options):
        speak_utf8(self.stdout)
        speak_utf8(self.stderr)
        if not phrases:
            raise CommandError(
                _(
                    "読み取る語句がありません。「manage.py read_notation 50回」のように"
                    "指定してください。"
                )
            )
        for phrase in phrases:
            if any("\ud800" <= char <= "\udfff" for char in phrase):
                raise CommandError(
                    _("UTF-8 でない文字があります。UTF-8 の端末から指定してください。")
                )
        readings = [read(phrase).as_dict() for phrase in phrases]
        self.stdout.write(json.dumps(readings, ensure_ascii=False, indent=2))
