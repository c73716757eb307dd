"""Print what the achievement maths makes of a policy at the end of a period."""

from collections.abc import Mapping

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kpis.achievement import Result, Status, judge_all
from kpis.corrections import corrections
from kpis.documents import shown
from kpis.lookup import NotFound, find_policy
from kpis.management.files import write
from kpis.models import Policy
from kpis.reading import PolicyReading, policy_targets
from kpis.results import (
    Caption,
    Remarks,
    Scope,
    csv_rows,
    csv_text,
    json_text,
    results_document,
    table_text,
)
from kpis.standing import dropped_since
from wards.management.streams import speak_utf8

FORMATS = ("json", "csv", "table")


class Command(BaseCommand):
    help = "Prints results (ayumi-results/1) of a ward's policy: docs/policy-document.md."

    def add_arguments(self, parser):
        parser.add_argument("ward", metavar="WARD", help="a code such as 14107, or a ward's name")
        parser.add_argument("year", metavar="YEAR", help="a fiscal year: 2020, R2 or 令和2")
        parser.add_argument("--period", metavar="KEY", default="", help="needed: H1, Q2, M04…")
        parser.add_argument("--format", metavar="|".join(FORMATS), default="json")
        parser.add_argument("--confirmed", action="store_true", help="count confirmed entries only")
        parser.add_argument("--output", metavar="FILE", help="write into this file")

    def handle(self, *args, ward, year, period, format, confirmed, output, **options):
        speak_utf8(self.stderr)
        if format not in FORMATS:
            message = _("形式「{format}」はありません。{formats} のどれかを書いてください。")
            raise CommandError(message.format(format=shown(format), formats=_("、").join(FORMATS)))
        try:
            policy = find_policy(ward, year)
            text = results_text(policy, period, format, confirmed_only=confirmed)
        except NotFound as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            message = _(
                "データベースを読めませんでした（{why}）。設定と migrate を確かめてください。"
            )
            raise CommandError(message.format(why=shown(str(error), 120))) from error
        # Excel takes a file for UTF-8 by its BOM; what is piped on has no use for one.
        in_excel = format == "csv" and output
        write(text, output, self.stdout, encoding="utf-8-sig" if in_excel else "utf-8")


def results_text(policy: Policy, period: str, format: str, *, confirmed_only: bool = False) -> str:
    """The results of a policy in force in one of FORMATS. Raises NotFound for another period."""
    if policy.state == Policy.State.DRAFT:
        message = _(
            "{policy}は作成中のため、結果はありません。実施中にしてから書き出してください。"
        )
        raise NotFound(message.format(policy=policy.title))
    reading = policy_targets(policy, confirmed_only=confirmed_only)
    if not reading.has_period(period):
        keys = _("、").join(period.key for period in reading.periods)
        message = (
            _("期「{period}」はありません。--period には {keys} のどれかを書いてください。")
            if period
            else _("--period に期を書いてください。この方針の期は {keys} です。")
        )
        raise NotFound(message.format(period=shown(period), keys=keys))
    results = judge_all(
        reading.targets,
        reading.entries,
        periods=reading.periods,
        period=period,
        fiscal_year=reading.fiscal_year,
        grades=reading.grades,
    )
    judged = [(target, results[target.key]) for target in reading.targets]
    scope = Scope(
        ward_code=policy.ward.code,
        ward_name=policy.ward.name,
        fiscal_year=policy.fiscal_year,
        period=period,
        pillars=list(policy.pillars.order_by("order", "id").values_list("key", flat=True)),
        projects=list(policy.projects.order_by("order", "id").values_list("key", flat=True)),
    )
    said = remarks(policy, reading, period, results)
    if format == "json":
        return json_text(results_document(scope, judged, said))
    captions = {
        key: Caption(label=label, unit=unit)
        for key, label, unit in policy.targets.order_by().values_list("key", "label", "unit")
    }
    if format == "csv":
        return csv_text(csv_rows(scope, judged, captions, said))
    language = "en" if (get_language() or "ja").startswith("en") else "ja"
    names = policy.grades.get("names", {})
    return table_text(scope, judged, captions, said=said, names=names, lang=language)


def remarks(
    policy: Policy, reading: PolicyReading, period: str, results: Mapping[str, Result]
) -> dict[str, Remarks]:
    """What stands beside the figures: corrections, and when and why something was given up."""
    ends = next(each.ends for each in reading.periods if each.key == period)
    corrected = corrections(reading, period)
    of_project = dict(policy.projects.order_by().values_list("key", "status_reason"))
    said = {}
    for target in reading.targets:
        dropped = None
        if results[target.key].status in (Status.CANCELLED, Status.POSTPONED):
            dropped = dropped_since(target, ends)
        made = corrected.get(target.key, ())
        if not dropped and not made:
            continue
        why = ""
        if dropped:
            own = reading.words[target.key].status_reason
            why = of_project[target.project] if dropped.with_project else own
        said[target.key] = Remarks(
            corrections=[(each.period, each.reason) for each in made],
            given_up_on=dropped.since.isoformat() if dropped and dropped.since else "",
            given_up_because=why,
        )
    return said
