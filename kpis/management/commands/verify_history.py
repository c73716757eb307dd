"""manage.py verify_history: recompute the chain of each ward's history."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpis.chain import CONTENT, Broken, Chain, Why
from kpis.documents import shown
from kpis.lookup import NotFound, find_ward
from kpis.models import Change, HistoryHead
from wards.management.streams import speak_utf8
from wards.models import Ward

WHAT_IS_WRONG = {
    Why.CHANGED: gettext_lazy("書かれたあとで、内容が変えられています"),
    Why.MISSING: gettext_lazy("この番号の行が消されています"),
    Why.INSERTED: gettext_lazy("記録の手順を通らずに、行が書き足されています"),
    Why.REORDERED: gettext_lazy("行の順序か番号が変えられています"),
    Why.REPLACED: gettext_lazy("この行の前後で、行が置き換えられています"),
    Why.CUT_OFF: gettext_lazy("この番号からあとの行が消されています"),
}


class Command(BaseCommand):
    help = "Recomputes the chain of the history and names the first broken link: docs/history.md."

    def add_arguments(self, parser):
        parser.add_argument(
            "wards", metavar="WARD", nargs="*", help="a code such as 14107, or a ward's name"
        )

    def handle(self, *args, wards, **options):
        speak_utf8(self.stdout, self.stderr)
        try:
            chosen = [find_ward(typed) for typed in wards] or list(Ward.objects.order_by("code"))
            broken = sum(not self.verify(ward, named=bool(wards)) for ward in chosen)
        except NotFound as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            message = _(
                "データベースを読めませんでした（{why}）。設定と migrate を確かめてください。"
            )
            raise CommandError(message.format(why=shown(str(error), 120))) from error
        if broken:
            message = _(
                "履歴のつながりが切れています（{count}区）。データベースを直さずに保存し、"
                "控えと比べてください。"
            )
            raise CommandError(message.format(count=broken))

    def verify(self, ward: Ward, *, named: bool) -> bool:
        """Say how it stands; a ward without any history is passed over unless it was named."""
        chain = follow(ward)
        name = f"{ward.code} {ward.name}"
        if chain.broken:
            self.stdout.write(f"{name}: {_said(chain.broken)}")
        elif chain.number:
            message = _("{ward}: OK {count}件（最後の行 {digest}）")
            self.stdout.write(
                message.format(ward=name, count=f"{chain.number:,}", digest=chain.digest)
            )
        elif named:
            self.stdout.write(_("{ward}: OK 履歴はまだありません").format(ward=name))
        return chain.broken is None


def follow(ward: Ward) -> Chain:
    """The ward's chain, followed to its end. Nobody has to stop working meanwhile."""
    lines = Change.objects.filter(ward=ward).order_by("number", "id")
    fields = ("id", "digest", *CONTENT)
    chain = Chain()
    chain.follow(lines.values(*fields).iterator())
    while True:
        head = HistoryHead.objects.filter(ward=ward).first() or HistoryHead(ward=ward)
        before = chain.number
        if not chain.broken and head.number > before:
            # Lines that were written since the others were read; the head names the last of them.
            newer = lines.filter(number__gt=before, number__lte=head.number)
            chain.follow(newer.values(*fields).iterator())
        if chain.broken or chain.number in (before, head.number):
            chain.end(head.number, head.digest)
            return chain


def _said(broken: Broken) -> str:
    what = WHAT_IS_WRONG[broken.why]
    if broken.at is None:
        return _("{number}番 {what}。").format(number=broken.number, what=what)
    when = timezone.localtime(broken.at).strftime("%Y-%m-%d %H:%M:%S")
    return _("{number}番（{when}の記録）{what}。").format(
        number=broken.number, when=when, what=what
    )
