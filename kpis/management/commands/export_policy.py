"""Print the policy document of a ward and year."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from kpis.documents import shown
from kpis.exports import policy_text
from kpis.lookup import NotFound, find_policy
from kpis.management.files import write
from kpis.models import Policy
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = "Prints a policy document (ayumi-policy/1): two exports of a policy are the same bytes."

    def add_arguments(self, parser):
        parser.add_argument("ward", metavar="WARD", help="a code such as 14107, or a ward's name")
        parser.add_argument("year", metavar="YEAR", help="a fiscal year: 2020, R2 or 令和2")
        parser.add_argument("--output", metavar="FILE", help="write into this file")

    def handle(self, *args, ward, year, output, **options):
        speak_utf8(self.stderr)
        try:
            policy = find_policy(ward, year)
            text = policy_text(policy)
        except NotFound as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            message = _(
                "データベースを読めませんでした（{why}）。設定と migrate を確かめてください。"
            )
            raise CommandError(message.format(why=shown(str(error), 120))) from error
        if policy.state == Policy.State.DRAFT:
            self.stderr.write(
                _("作成中の運営方針です。確認が必要な点（check）が残っていることがあります。")
            )
        write(text, output, self.stdout)
