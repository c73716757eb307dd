from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("評価委員会")

    def ready(self):
        """What the committee's work has to say on the pages of kpis, and keeps in its folder."""
        from kpis.beside import tells_beside_policy, tells_beside_projects, tells_tasks
        from kpis.evidence_store import keeps_files

        from .answer_tasks import answer_tasks
        from .overview import committee_block
        from .papers import files_of_papers
        from .promises_beside import promises_beside
        from .tasks import to_comment

        tells_beside_policy(committee_block)
        tells_beside_projects(promises_beside)
        tells_tasks(to_comment)
        tells_tasks(answer_tasks)
        keeps_files(files_of_papers)
