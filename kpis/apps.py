from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = _("運営方針と実績")

    def ready(self):
        """Tell the hand-over of posts what work lies open at them."""
        from wards.handover import tells_open_work

        from .open_work import open_entries

        tells_open_work(open_entries)
