"""manage.py send_reminders: write to the sections that still owe something, once a day."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kpis.lookup import NotFound, find_ward
from kpis.models import Kind
from kpis.phrases import Phrases
from kpis.reminders import Item, Letter, Outcome, due_today, send, told, would_send
from wards.calendar import era_date
from wards.mail import NoMail
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = "Sends the reminders that are due today, each once: docs/reminders.md."

    def add_arguments(self, parser):
        parser.add_argument(
            "wards", metavar="WARD", nargs="*", help="a code such as 14107, or a ward's name"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go to whom, and send nothing"
        )
        parser.add_argument(
            "--date", metavar="YYYY-MM-DD", help="as if it were this day; for trying things out"
        )

    def handle(self, *args: Any, wards: list[str], **options: Any) -> None:
        speak_utf8(self.stdout, self.stderr)
        day = self.day(options["date"])
        try:
            chosen = [find_ward(typed) for typed in wards] or None
        except NotFound as error:
            raise CommandError(str(error)) from error
        letters, without_address = due_today(day, chosen)
        when = era_date(day, get_language() or "ja")
        for letter, item in told(without_address):
            self.stdout.write(_("アドレスなし：{line}").format(line=line(letter, item)))
        if options["dry_run"]:
            outcome = would_send(letters, day)
            for letter, item in told(outcome.sent):
                self.stdout.write(_("送信予定：{line}").format(line=line(letter, item)))
            self.tell_already(outcome)
            message = _("{day}に送るメールは{count}通です。送っていません（--dry-run）。")
            self.stdout.write(message.format(day=when, count=len(outcome.sent)))
            return
        if not letters:
            self.stdout.write(_("{day}に送るメールはありません。").format(day=when))
            return
        try:
            outcome = send(letters, by=None, day=day)
        except NoMail as error:
            raise CommandError(str(error)) from error
        for letter, item in told(outcome.sent):
            self.stdout.write(_("送信：{line}").format(line=line(letter, item)))
        self.tell_already(outcome)
        for letter, why in outcome.failed:
            for _letter, item in told([letter]):
                message = _("失敗：{line}（{why}）")
                self.stderr.write(message.format(line=line(letter, item), why=why))
        message = _("{day}のメールを{count}通送りました。")
        self.stdout.write(message.format(day=when, count=len(outcome.sent)))
        if outcome.failed:
            message = _(
                "{count}通を送れませんでした。宛先とメールの設定を確かめ、もう一度実行してください。"
                "送れたものは、きょうは二度と送りません。"
            )
            raise CommandError(message.format(count=len(outcome.failed)))

    def tell_already(self, outcome: Outcome) -> None:
        for letter, item in told(outcome.already):
            self.stdout.write(_("本日送信済み：{line}").format(line=line(letter, item)))

    def day(self, typed: str | None) -> date:
        if not typed:
            return timezone.localdate()
        try:
            return date.fromisoformat(typed)
        except ValueError as error:
            message = _("--date は 2020-10-16 のように書いてください。")
            raise CommandError(message) from error


def line(letter: Letter, item: Item) -> str:
    """One sheet of a letter: to whom, why, and about what."""
    sheet = item.sheet
    period = Phrases(sheet.policy).period(sheet.period.starts, sheet.period.ends)
    to = f"{letter.to.name} <{letter.to.email}>" if letter.to.email else letter.to.name
    what = _("{ward} {section} {period} {kind} {count}件").format(
        ward=sheet.policy.ward.label,
        section=sheet.section,
        period=period,
        kind=Kind(item.kind).label,
        count=item.count,
    )
    return f"{to}: {what}"
