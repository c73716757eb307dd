"""manage.py load_demo: the five policies with a made-up year, and the demo's accounts."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kpis import proposals
from kpis.demo import Asked, Return, demo_year, due_after, returns
from kpis.demo import proposals as asked_in
from kpis.document_reading import read_document
from kpis.documents import Document, document_text
from kpis.imports import Author, ImportRefused, Report, import_documents, lock_wards
from kpis.management.commands.import_policy import refusal
from kpis.models import DEMO_NOTE, Actual, Change, Policy, Proposal, about
from wards import demo as demo_people
from wards.calendar import era_date, year_label
from wards.management.streams import speak_utf8

FIXTURES = settings.BASE_DIR / "fixtures"
Which = tuple[str, int]  # ward code and fiscal year
#: Enough to see every role at work; create_demo_people prints the others.
TRIED_FIRST = (
    "isogo-doboku-staff",
    "isogo-doboku-head",
    "isogo-kusei-secretariat",
    "isogo-manager",
    "isogo-member",
    "isogo-auditor",
    "minami-chiiki-staff",
    "city",
)


class Command(BaseCommand):
    help = "Loads the five policies with a made-up year and the demo's accounts, where missing."

    def handle(self, **options):
        speak_utf8(self.stdout, self.stderr)
        if not settings.DEMO:
            message = _(
                "デモデータは読み込みませんでした。環境変数 DEMO=on を設定してから、"
                "もう一度実行してください。"
            )
            raise CommandError(message)
        with transaction.atomic():
            overlays = read_overlays(FIXTURES / "demo")
            # Of two that start at once, the second finds what the first has loaded.
            lock_wards(code for code, _year in overlays)
            before = policies_of(overlays)
            reports = load(overlays.keys() - before.keys(), overlays)
            accounts = demo_people.create()
        for line in _lines(reports, before.values()):
            self.stdout.write(line)
        self.stdout.write("")
        for line in _accounts(accounts):
            self.stdout.write(line)


def read_overlays(folder: Path) -> dict[Which, Document]:
    """The made-up years in fixtures/demo/, by ward code and fiscal year."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        overlay = json.loads(path.read_text(encoding="utf-8"))
        found[overlay["ward"]["code"], overlay["fiscal_year"]] = overlay
    return found


def policies_of(overlays: Iterable[Which]) -> dict[Which, Policy]:
    """Those of the demo's policies that are registered already, be it by a ward for its work."""
    wanted = set(overlays)
    rows = Policy.objects.filter(ward__code__in={code for code, _year in wanted})
    there = {
        (policy.ward.code, policy.fiscal_year): policy for policy in rows.select_related("ward")
    }
    return {which: policy for which, policy in there.items() if which in wanted}


def load(wanted: Iterable[Which], overlays: dict[Which, Document]) -> list[Report]:
    """Import policies of fixtures/policies/, each with its made-up year: all of them or none."""
    documents, sent_back, asked = [], {}, {}
    for which in sorted(wanted):
        name = "{}-{}.json".format(*which)
        text = (FIXTURES / "policies" / name).read_text(encoding="utf-8")
        year = demo_year(
            json.loads(text), overlays[which], loaded_on=timezone.localdate(), note=DEMO_NOTE
        )
        document, problems = read_document(document_text(year).encode())
        if document is None:
            raise CommandError(refusal([(name, problem) for problem in problems]))
        documents.append((name, document))
        sent_back[name] = returns(overlays[which])
        asked[name] = asked_in(overlays[which])
    try:
        reports = import_documents(documents, author=Author(name=_("デモデータ")))
    except ImportRefused as refused:
        raise CommandError(refusal(list(refused.problems))) from refused
    for report in reports:
        _remember_returns(report.policy, sent_back[report.name])
        _remember_proposals(report.policy, asked[report.name])
    return reports


def _remember_returns(policy: Policy, sent_back: list[Return]) -> None:
    """The reason of a return stands in the history too, as when a head gives it."""
    targets = {target.key: target for target in policy.targets.with_owner()}
    periods = {period.key: period for period in policy.periods.all()}
    Change.objects.bulk_create(
        Change(
            **about(targets[back.target]),
            period=periods[back.period],
            act=Change.Act.MOVED,
            changed={"state": [Actual.State.SUBMITTED, Actual.State.RETURNED]},
            reason=back.reason,
            by_name=_("課長（デモデータ）"),
            at=timezone.now(),
        )
        for back in sent_back
    )


def _remember_proposals(policy: Policy, asked: list[Asked]) -> None:
    """What sections asked for, and what was declined, with their lines of history."""
    targets = {target.key: target for target in policy.targets.with_owner()}
    for each in asked:
        target = targets[each.target]
        proposal = Proposal.objects.create(
            policy=policy,
            project_id=target.project_id,
            target=target,
            section_id=target.owner_id,
            kind=Proposal.Kind.REVISE,
            on=date.fromisoformat(each.on),
            old=target.value,
            new=Decimal(each.to),
            reason=each.reason,
            proposed_by_name=_("担当者（デモデータ）"),
            proposed_at=timezone.now(),
        )
        proposals.record(proposal, by=None, by_name=proposal.proposed_by_name)
        if not each.declined_by:
            continue
        proposal.state = Proposal.State.DECLINED
        proposal.decided_by = each.declined_by
        proposal.decided_on = date.fromisoformat(each.declined_on)
        proposal.decision_note = each.declined_because
        proposal.recorded_by_name = _("企画調整係（デモデータ）")
        proposal.recorded_at = timezone.now()
        proposal.save()
        proposals.record(proposal, by=None, by_name=proposal.recorded_by_name)


# What it says -------------------------------------------------------------------------------------


def _lines(reports: list[Report], before: Iterable[Policy]) -> Iterator[str]:
    due = era_date(due_after(timezone.localdate()), get_language() or "ja")
    for report in reports:
        message = _("{policy}: デモデータを読み込みました（入力期限 {due}）。")
        yield message.format(policy=_called(report.policy), due=due)
    if any(policy.is_demo for policy in before):
        yield _("デモデータは読み込み済みです。入力された内容は、そのままです。")
    for policy in before:
        if not policy.is_demo:
            message = _("{policy}: 登録済みの運営方針があるため、デモデータを重ねませんでした。")
            yield message.format(policy=_called(policy))


def _called(policy: Policy) -> str:
    return f"{policy.ward.label} {year_label(policy.fiscal_year, get_language() or 'ja')}"


def _accounts(accounts: list[demo_people.Account]) -> Iterator[str]:
    first = _("試せるアカウント（パスワードはどれも {password}）")
    yield first.format(password=demo_people.PASSWORD)
    by_name = {account.username: account for account in accounts}
    for username in TRIED_FIRST:
        yield f"  {username:<24}  {by_name[username].name}"
    yield "  " + _("ほかの区と課のアカウントは、manage.py create_demo_people で一覧できます。")
