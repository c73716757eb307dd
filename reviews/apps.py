from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("評価委員会")

    def ready(self):
        """What the committee's work has to say on the pages of kpis."""
        from kpis.beside import tells_tasks

        from .tasks import to_comment

        for teller in (to_comment,):
            tells_tasks(teller)
