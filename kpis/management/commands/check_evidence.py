"""manage.py check_evidence: does the folder hold what the database says, and nothing else?"""

import hashlib
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from kpis import evidence_store
from kpis.models import EvidenceFile
from wards.management.streams import speak_utf8

#: A file that the database does not know of may be on its way into it this long.
ON_ITS_WAY = 3600


class Command(BaseCommand):
    help = "Compares the files of evidence with what the database says of them: docs/evidence.md."

    def add_arguments(self, parser):
        parser.add_argument(
            "--clean",
            action="store_true",
            help="deletes files that no entry ever had, left behind by a stop in between",
        )

    def handle(self, *args, clean, **options):
        speak_utf8(self.stdout, self.stderr)
        # The folder first: a file that comes meanwhile is known before it is looked for.
        before = time.time() - ON_ITS_WAY
        lying = {path.name: path for path in evidence_store.all_stored()}
        known = EvidenceFile.objects.select_related("target__policy__ward", "period")
        wrong = looked_at = 0
        for file in known.order_by("id").iterator(chunk_size=500):
            lying.pop(file.stored, None)
            looked_at += 1
            if why := _what_is_wrong(file):
                wrong += 1
                self.stdout.write(f"{_place(file)}: {why}")
        for other in evidence_store.kept_by_others():
            lying.pop(other.stored, None)
            looked_at += 1
            if why := _what_is_wrong(other):
                wrong += 1
                self.stdout.write(f"{other.place} {other.stored}: {why}")
        strays = [path for path in lying.values() if path.stat().st_mtime < before]
        for path in strays:
            if clean:
                path.unlink(missing_ok=True)
        if strays:
            message = (
                _("どの実績にもないファイル{count}件を消しました。")
                if clean
                else _("どの実績にもないファイルが{count}件あります。--clean で消せます。")
            )
            self.stdout.write(message.format(count=len(strays)))
        if wrong:
            message = _(
                "{count}件のファイルが失われたか、書き換えられています。控えから戻してください。"
            )
            raise CommandError(message.format(count=wrong))
        self.stdout.write(_("{count}件のファイルを確かめました。").format(count=looked_at))


def _what_is_wrong(file: EvidenceFile | evidence_store.Kept) -> str:
    try:
        data = evidence_store.read(file.stored)
    except OSError as error:
        return _("読めません（{why}）").format(why=error.strerror)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        return _("登録したときの中身と違います")
    return ""


def _place(file: EvidenceFile) -> str:
    policy = file.target.policy
    where = (policy.ward.code, policy.fiscal_year, file.target.key, file.period.key)
    return " ".join([*map(str, where), f"「{file.name}」", file.stored])
