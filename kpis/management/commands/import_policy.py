"""Take policy documents in: check all of them, then create or update, all or nothing."""

from pathlib import PurePath

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kpis.document_reading import MOST_PROBLEMS, read_document
from kpis.documents import Document, Problem, shown
from kpis.imports import Author, ImportRefused, Report, import_documents
from kpis.management.files import read_bytes
from wards.calendar import year_label
from wards.management.streams import is_plain_line, speak_utf8

MOST_LINES, LONGEST_LINE = 100, 300


class Command(BaseCommand):
    help = "Imports policy documents (ayumi-policy/1). docs/policy-document.md describes them."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", help="a document; - reads it piped")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change and write nothing"
        )
        parser.add_argument(
            "--force-reason",
            metavar="TEXT",
            default="",
            help="why figures that were submitted or confirmed may be overwritten",
        )

    def handle(self, *args, files, dry_run, force_reason, **options):
        speak_utf8(self.stdout, self.stderr)
        if not is_plain_line(force_reason):
            raise CommandError(_("--force-reason には、1 行の文字で理由を書いてください。"))
        documents, problems = self._read(files)
        author = Author(name=_("文書の取込み"), reason=force_reason.strip())
        try:
            # Beside a file that cannot be taken the others are only tried, for their problems.
            only_try = dry_run or bool(problems)
            reports = import_documents(documents, author=author, dry_run=only_try)
        except ImportRefused as refused:
            problems += refused.problems
        except DatabaseError as error:
            message = _(
                "データベースに書き込めませんでした（{why}）。何も変わっていません。"
                "データベースの設定と migrate を確かめてください。"
            )
            raise CommandError(message.format(why=shown(str(error), 120))) from error
        if problems:
            raise CommandError(refusal(problems))
        for report in reports:
            self.stdout.write("\n".join(lines_of(report, dry_run)))

    def _read(
        self, files: list[str]
    ) -> tuple[list[tuple[str, Document]], list[tuple[str, Problem]]]:
        documents, problems = [], []
        for path in files:
            name = shown(PurePath(path).name, 120)
            try:
                document, found = read_document(read_bytes(path))
            except CommandError as error:
                problems.append(("", Problem("", str(error))))
                continue
            problems += [(name, problem) for problem in found]
            if document is not None:
                documents.append((name, document))
        return documents, problems


def refusal(problems: list[tuple[str, Problem]]) -> str:
    """Everything that is wrong, a line each, under a sentence that says nothing was written."""
    lines = [f"{name}: {problem}" if name else str(problem) for name, problem in problems]
    if len(lines) > MOST_PROBLEMS:
        lines = [*lines[:MOST_PROBLEMS], _("ほかにもあります。まず以上を直してください。")]
    count = len(problems)
    first = _("問題が {count} 件あるため、取り込みませんでした。何も変わっていません。")
    if count >= MOST_PROBLEMS:
        first = _("問題が {count} 件以上あるため、取り込みませんでした。何も変わっていません。")
    return "\n".join([first.format(count=min(count, MOST_PROBLEMS)), *lines])


def lines_of(report: Report, dry_run: bool) -> list[str]:
    """What one document did, for a person to read."""
    policy = report.policy
    where = f"{policy.ward.label} {year_label(policy.fiscal_year, get_language() or 'ja')}"
    if report.is_unchanged:
        first = _("{where}: 変更はありません。")
    elif dry_run and report.is_new:
        first = _("{where}: 新しく登録することになります（確認のみ。何も書き込んでいません）。")
    elif dry_run:
        first = _("{where}: 次のように更新することになります（確認のみ。何も書き込んでいません）。")
    elif report.is_new:
        first = _("{where}: 新しく登録しました。")
    else:
        first = _("{where}: 更新しました。")
    lines = [first.format(where=where)]
    if report.added:
        added = _("、").join(f"{kind} {count}" for kind, count in report.added.items())
        lines.append("  " + _("追加: {added}").format(added=added))
    lines += _shortened(_("変更: {line}"), report.changes)
    lines += _shortened(_("文書にないため残したもの: {line}"), report.kept)
    return lines


def _shortened(template: str, rows: list[str]) -> list[str]:
    lines = ["  " + template.format(line=shown(row, LONGEST_LINE)) for row in rows[:MOST_LINES]]
    if len(rows) > MOST_LINES:
        lines.append("  " + _("ほか {count} 件").format(count=len(rows) - MOST_LINES))
    return lines
