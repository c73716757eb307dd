"""manage.py load_demo_reviews: the demo's committee with its rounds, after load_demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from kpis.imports import lock_wards
from reviews.demo import files, load
from wards.management.streams import speak_utf8


class Command(BaseCommand):
    help = "Loads the demo's committee with its rounds, where the ward has none yet."

    def handle(self, **options):
        speak_utf8(self.stdout, self.stderr)
        if not settings.DEMO:
            message = _(
                "デモデータは読み込みませんでした。環境変数 DEMO=on を設定してから、"
                "もう一度実行してください。"
            )
            raise CommandError(message)
        documents = files()
        with transaction.atomic():
            # Of two that start at once, the second finds what the first has loaded.
            lock_wards(each["ward"]["code"] for each in documents)
            for document in documents:
                if load(document):
                    message = _("{name}: 評価委員会のデモデータを読み込みました。")
                    self.stdout.write(message.format(name=document["committee"]["name"]))
