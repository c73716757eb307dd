"""The target list as a sortable table."""

from __future__ import annotations

import django_tables2
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableListData

from .listing import MAY_BE_UNKNOWN


class ListedData(TableListData):
    """Rows of the list. Those without a value stand last, whichever way a column is sorted."""

    def order_by(self, aliases) -> None:
        super().order_by(aliases)
        if not aliases:  # the address asks for a column that there is not
            return
        column = aliases[0].bare
        if column in MAY_BE_UNKNOWN:
            self.data.sort(key=lambda row: getattr(row, column) is None)


class TargetTable(django_tables2.Table):
    """A row a target. What is drawn (chart, figures, chip) comes finished from kpis/rows.py."""

    project = django_tables2.Column(verbose_name=_("事業・所管課"), accessor="place")
    target = django_tables2.Column(verbose_name=_("目標"), accessor="words__label", orderable=False)
    chart = django_tables2.Column(
        verbose_name=_("進み具合"), accessor="row__chart", orderable=False
    )
    value = django_tables2.Column(
        verbose_name=_("実績 / 目標"), accessor="row__value", orderable=False
    )
    rate = django_tables2.Column(verbose_name=_("達成率"), accessor="rate")
    gap = django_tables2.Column(verbose_name=_("計画との差"), accessor="gap")
    status = django_tables2.Column(verbose_name=_("状況"), accessor="urgency")

    class Meta:
        template_name = "kpis/targets_table.html"

    def __init__(self, rows, *, project_url: str, period: str, known: set[str], **options) -> None:
        """Each row leads to its project: what stands around the table is not in its template.

        A column in which no target has anything is left out: `known` names those that are not.
        """
        self.project_url, self.period, self.known = project_url, period, known
        empty = [name for name in MAY_BE_UNKNOWN if name not in known]
        super().__init__(ListedData(list(rows)), exclude=empty, **options)
