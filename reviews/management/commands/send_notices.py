"""manage.py send_notices: tell members and sections what they have to hear of, each thing once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from kpis.lookup import NotFound, find_ward
from reviews.models import Notice
from reviews.notices import Event, Letter, lines, pending, rounds_at_work, send
from wards.mail import NoMail
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = "Sends the committee's notices that nobody has sent yet: docs/committee.md."

    def add_arguments(self, parser):
        parser.add_argument(
            "wards", metavar="WARD", nargs="*", help="a code such as 14107, or a ward's name"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go to whom, and send nothing"
        )

    def handle(self, *args: Any, wards: list[str], **options: Any) -> None:
        speak_utf8(self.stdout, self.stderr)
        try:
            chosen = [find_ward(typed) for typed in wards] or None
        except NotFound as error:
            raise CommandError(str(error)) from error
        day = timezone.localdate()
        letters, without_address = pending(rounds_at_work(chosen), day)
        for letter, event in lines(without_address):
            self.stdout.write(_("アドレスなし：{line}").format(line=line(letter, event)))
        if options["dry_run"]:
            for letter, event in lines(letters):
                self.stdout.write(_("送信予定：{line}").format(line=line(letter, event)))
            message = _("お知らせは{count}通です。送っていません（--dry-run）。")
            self.stdout.write(message.format(count=len(letters)))
            return
        if not letters:
            self.stdout.write(_("送るお知らせはありません。"))
            return
        try:
            outcome = send(letters, day=day)
        except NoMail as error:
            raise CommandError(str(error)) from error
        for letter, event in lines(outcome.sent):
            self.stdout.write(_("送信：{line}").format(line=line(letter, event)))
        for letter, why in outcome.failed:
            for _letter, event in lines([letter]):
                message = _("失敗：{line}（{why}）")
                self.stderr.write(message.format(line=line(letter, event), why=why))
        self.stdout.write(_("お知らせを{count}通送りました。").format(count=len(outcome.sent)))
        if outcome.failed:
            message = _(
                "{count}通を送れませんでした。宛先とメールの設定を確かめ、もう一度実行してください。"
                "送れたものは、二度と送りません。"
            )
            raise CommandError(message.format(count=len(outcome.failed)))


def line(letter: Letter, event: Event) -> str:
    """One thing that is told: to whom, and what."""
    to = f"{letter.to.name} <{letter.to.address}>" if letter.to.address else letter.to.name
    kind = Notice.Kind(event.kind).label
    what = _("{kind} {count}件").format(kind=kind, count=len(event.items)) if event.items else kind
    return f"{to}: {letter.round.committee.name} {letter.round.period.key} {what}"
