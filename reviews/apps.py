from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("評価委員会")

    def ready(self):
        """What the committee's work has to say on the pages of kpis."""
        from kpis.beside import tells_beside_projects, tells_tasks

        from .answer_tasks import answer_tasks
        from .promises_beside import promises_beside
        from .tasks import to_comment

        tells_beside_projects(promises_beside)
        tells_tasks(to_comment)
        tells_tasks(answer_tasks)
