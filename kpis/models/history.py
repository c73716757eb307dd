"""The history: each change one line, the lines of a ward a chain (docs/history.md)."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wards.models import Section, Ward
from wards.prepared import Prepared

from .. import chain, permissions
from .plan import Period, Policy, Project, Target


class HistoryIsKept(TypeError):
    """A line of the history was to be changed or deleted. It stays as it was written."""


class ChangeQuerySet(models.QuerySet["Change"]):
    """`record`, `create` and `bulk_create` add lines, each linked to the ward's last one."""

    def visible_to(self, user):
        return self.filter(permissions.changes_seen_by(user))

    def record(
        self,
        target: "Target",
        act: str,
        changed: dict[str, list[Any]],
        *,
        by: Any,
        period: "Period | None" = None,
        reason: str = "",
        on_behalf: bool = False,
        at: datetime | None = None,
    ) -> "Change":
        """Add a line about a target (read `with_owner`): from what to what, by field."""
        return self.create(
            **about(target),
            period=period,
            act=act,
            changed=changed,
            reason=reason,
            by=by,
            by_name=str(by),
            on_behalf=on_behalf,
            at=at or timezone.now(),
        )

    def bulk_create(self, objs, *args: Any, **options: Any):
        if options.keys() - {"batch_size"}:
            raise HistoryIsKept("A line of the history cannot take another's place.")
        lines = list(objs)
        with transaction.atomic(savepoint=False):
            link(lines)
            return super().bulk_create(lines, *args, **options)

    def update(self, **values):
        raise HistoryIsKept("The history is only added to.")

    def delete(self):
        raise HistoryIsKept("The history is only added to.")


class HistoryHead(models.Model):
    """The newest line of a ward's history: whoever adds the next one locks it first.

    Triggers of the database move it on with each line, refuse a line that does not follow it,
    and let nobody take it back (migration 0007).
    """

    ward = models.OneToOneField(
        Ward, primary_key=True, on_delete=models.PROTECT, related_name="history_head"
    )
    number = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default=chain.NOTHING_BEFORE)

    def __str__(self) -> str:
        return f"{self.ward} {self.number}"


class Change(models.Model):
    """One line of the append-only history: who changed what, when, from what to what, why.

    The lines of a ward are numbered from 1 and form a chain: each carries the digest of the one
    before and of itself (kpis/chain.py). The database itself refuses to change or delete a line,
    and one that does not follow the last (migration 0007).
    """

    class Act(models.TextChoices):
        ENTERED = "entered", _("入力")
        CHANGED = "changed", _("変更")
        MOVED = "moved", _("状態の変更")
        IMPORTED = "imported", _("取込み")
        REVISED = "revised", _("目標変更")
        CORRECTED = "corrected", _("訂正")
        PROPOSED = "proposed", _("目標変更の申請")
        WITHDRAWN = "withdrawn", _("申請の取下げ")
        DECIDED = "decided", _("目標変更の決定")

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    period = models.ForeignKey(
        Period, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    act = models.CharField(max_length=10, choices=Act.choices)
    changed = models.JSONField(
        default=dict, help_text=_("項目名から [変更前, 変更後] へ。数は十進数の文字列。")
    )
    reason = models.TextField(_("理由"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField(_("記録した人"), max_length=150)
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    at = models.DateTimeField(_("日時"))
    number = models.PositiveIntegerField(_("番号"), editable=False)
    previous = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("履歴")
        verbose_name_plural = _("履歴")
        indexes = [
            models.Index(fields=["target", "-id"], name="change_by_target"),
            models.Index(fields=["policy", "-id"], name="change_by_policy"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ward", "number"], name="change_number_once_a_ward"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.by_name}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise HistoryIsKept("The history is only added to.")
        with transaction.atomic(savepoint=False):
            link([self])
            super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise HistoryIsKept("The history is only added to.")


def about(target: Target) -> dict[str, Any]:
    """What a line about a target (read `with_owner`) says of where it belongs."""
    return {
        "ward_id": target.policy.ward_id,
        "policy_id": target.policy_id,
        "project_id": target.project_id,
        "target_id": target.pk,
        "section_id": target.owner_id,
    }


def link(lines: Iterable[Change]) -> None:
    """Number the lines on from their wards' last ones. The wards are locked until the end of
    the transaction, in the order of their ids."""
    by_ward: dict[int, list[Change]] = {}
    for line in lines:
        by_ward.setdefault(line.ward_id, []).append(line)
    for ward_id, of_ward in sorted(by_ward.items()):
        number, digest = _last_of(ward_id)
        for line in of_ward:
            # As the database will keep it: ids of what was saved meanwhile, a moment, 150 letters.
            line._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]
            line.at = _AT.to_python(line.at)
            line.by_name = str(line.by_name)[:150]
            number += 1
            line.number, line.previous = number, digest
            line.digest = digest = chain.digest(vars(line))


_AT: Any = Change._meta.get_field("at")


def _last_of(ward_id: int) -> tuple[int, str]:
    """Number and digest of the ward's newest line, locked."""
    found = _heads()(ward_id)
    if not found:
        # The ward's first line; if two write theirs at once, one waits here for the other.
        HistoryHead.objects.bulk_create([HistoryHead(ward_id=ward_id)], ignore_conflicts=True)
        found = _heads()(ward_id)
    number, digest = found[0]
    return number, digest


@lru_cache(maxsize=1)
def _heads() -> Prepared:
    return Prepared(
        lambda ward: (
            HistoryHead.objects.select_for_update(no_key=True)
            .filter(ward=ward)
            .values_list("number", "digest")
        )
    )
