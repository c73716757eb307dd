"""From policy documents to the database: create or update by id, all or nothing.

An import never deletes. What the file does not name stays and is reported; a figure that was
submitted or confirmed is not overwritten unless somebody gives a reason, which goes into the
history with everything else that changed.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wards.models import Ward

from . import models
from .document_checks import default_periods, targets
from .documents import Document, Problem, at, canonical
from .import_figures import import_actuals, import_revisions
from .import_narratives import import_narratives
from .import_plan import import_organisation, import_plan, import_sections
from .import_rows import Author, PolicyImport, Report, assign, day_of, said

__all__ = ["Author", "ImportRefused", "Report", "import_documents", "lock_wards"]


class ImportRefused(Exception):
    """Nothing was written. `problems` pairs the name of a file with what is wrong in it."""

    def __init__(self, problems: Sequence[tuple[str, Problem]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{name}: {problem}" for name, problem in problems))


def import_documents(
    documents: Sequence[tuple[str, Document]], *, author: Author, dry_run: bool = False
) -> list[Report]:
    """Write checked documents (of `read_document`), each with the name of its file.

    Raises ImportRefused with the problems of all of them, and then has written nothing. A dry
    run does the same work and takes it back.
    """
    reports, problems = [], []
    history: list[models.Change] = []
    with transaction.atomic():
        wards = lock_wards(document["ward"]["code"] for _name, document in documents)
        seen: dict[tuple[str, int], str] = {}
        for name, document in documents:
            which = (document["ward"]["code"], document["fiscal_year"])
            if which in seen:
                message = _("{first} と同じ区・年度の文書です。どちらか 1 つにしてください。")
                problems.append((name, Problem("", message.format(first=seen[which]))))
                continue
            seen[which] = name
            one = PolicyImport(name, document, author)
            reports.append(_import(one, wards.get(which[0])))
            problems += [(name, problem) for problem in one.problems]
            if reports[-1] and not reports[-1].is_unchanged:
                history += one.history
        if problems:
            raise ImportRefused(problems)
        # Last of all: a line locks its ward's history, and nothing may be waited for after that.
        models.Change.objects.bulk_create(history)
        if dry_run:
            transaction.set_rollback(True)
    return [report for report in reports if report is not None]


def lock_wards(codes: Iterable[str]) -> dict[str, Ward]:
    """The wards by code, in a transaction: one import of a ward waits for another.

    They are locked in one order, whatever that of the files, so that no two wait for each other;
    and not their keys, so that nobody who enters a figure of the ward has to wait.
    """
    wards = Ward.objects.filter(code__in=set(codes)).order_by("code")
    return {ward.code: ward for ward in wards.select_for_update(no_key=True)}


def _import(one: PolicyImport, ward: Ward | None) -> Report | None:
    """Write, and report; with problems what was written has to be taken back."""
    _check_ward(one, ward)
    if ward is None:
        return None
    _policy(one, ward)
    _periods(one)
    if one.problems:
        return one.report
    import_sections(one, ward)
    import_plan(one)
    import_revisions(one)
    import_narratives(one)
    import_organisation(one)
    import_actuals(one)
    if not one.problems:
        _finish(one)
    return one.report


def _check_ward(one: PolicyImport, ward: Ward | None) -> None:
    code, name = one.document["ward"]["code"], one.document["ward"].get("name")
    if ward is None:
        message = _("団体コード {code} の区はありません。横浜市の区のコードを書いてください。")
        one.problem("ward.code", message.format(code=code))
    elif name is not None and name != ward.name:
        message = _("団体コード {code} は{name}です。コードか区名を直してください。")
        one.problem("ward.name", message.format(code=code, name=ward.name))


def _policy(one: PolicyImport, ward: Ward) -> None:
    found = models.Policy.objects.filter(ward=ward, fiscal_year=one.document["fiscal_year"])
    policy = found.first()
    to_check = [place for place, target in targets(one.document) if target.get("check", "").strip()]
    is_new = policy is None
    if policy is None:
        policy = models.Policy(ward=ward, fiscal_year=one.document["fiscal_year"])
        draft = models.Policy.State.DRAFT
        policy.state = draft if to_check else models.Policy.State.IN_FORCE
    elif policy.state == models.Policy.State.IN_FORCE:
        for place in to_check:
            message = _(
                "実施中の運営方針に、確認が必要な点の残る文書は取り込めません。"
                "確かめて check を消してください。"
            )
            one.problem(at(place, "check"), message)
    one.policy = policy
    one.report = Report(one.name, policy, is_new)
    one.was_to_check = not is_new and policy.targets.exclude(check_note="").exists()
    wanted = {
        "title": one.document["title"],
        "basic_goal": one.document.get("basic_goal", ""),
        "preamble": one.document.get("preamble", ""),
        "contact": one.document.get("contact", ""),
        "grades": _tidy(one, "grades", {}),
        "committee_opinions": _tidy(one, "committee_opinions", []),
        "notes": one.document.get("notes", []),
    }
    changed = assign(policy, wanted)
    if is_new:
        policy.save()
        if to_check:
            message = _("確認が必要な点が {count} 件あるため、作成中として登録します。")
            one.report.changes.append(message.format(count=len(to_check)))
    elif changed:
        policy.save(update_fields=list(changed))
        one.report.changes += said(_("運営方針"), changed)


def _tidy(one: PolicyImport, key: str, nothing: Any) -> Any:
    return canonical({key: one.document.get(key, nothing)}).get(key, nothing)


def _periods(one: PolicyImport) -> None:
    given = "periods" in one.document
    rows = one.document.get("periods") or default_periods(one.policy.fiscal_year)
    # As whoever enters a figure does first (kpis/entering.py): one waits for the other.
    rows_there = one.policy.periods.select_for_update(no_key=True)
    existing = {period.key: period for period in rows_there}
    one.closed_before = {key for key, period in existing.items() if not period.is_open}
    wanted = {}
    for row in rows:
        key = row["key"]
        if not given and key in existing:
            continue
        now = existing[key].state if key in existing else models.Period.State.OPEN
        wanted[key] = {
            "starts": date.fromisoformat(row["starts"]),
            "ends": date.fromisoformat(row["ends"]),
            "due": day_of(row.get("due")),
            # Closing is a decision: a file that does not speak of it opens nothing again.
            "state": row.get("state", now),
        }
        if row.get("state") == models.Period.State.OPEN:
            one.closed_before.discard(key)
    kept = existing.keys() - wanted.keys()
    _keep_dates(one, {key: existing[key] for key in kept}, wanted)
    _keep_keys(one, existing, wanted)
    if one.problems:
        return
    if given:
        one.keep(_("期"), kept)
    one.periods = existing | one.merge(
        models.Period, _("期"), existing, wanted, {"policy_id": one.policy.pk}
    )


def _keep_dates(
    one: PolicyImport, kept: dict[str, models.Period], wanted: dict[str, dict[str, Any]]
) -> None:
    """Recorded periods that the file leaves out stay, and no other runs into them."""
    for key, period in sorted(kept.items()):
        if any(
            row["starts"] <= period.ends and period.starts <= row["ends"] for row in wanted.values()
        ):
            message = _(
                "登録済みの期「{key}」（{starts}から{ends}）と日が重なっています。"
                "取込みで期は消えません。登録済みの期に合わせてください。"
            )
            one.problem("periods", message.format(key=key, starts=period.starts, ends=period.ends))


def _keep_keys(
    one: PolicyImport, existing: dict[str, models.Period], wanted: dict[str, dict[str, Any]]
) -> None:
    """Two recorded periods do not change places: their figures would count for the other."""
    by_end = {period.ends: key for key, period in existing.items()}
    for key, row in wanted.items():
        if (recorded := by_end.get(row["ends"], key)) != key and recorded in wanted:
            message = _(
                "期「{key}」は{ends}に終わりますが、登録済みではその期は「{recorded}」です。"
                "期の記号を登録済みのものに合わせてください。"
            )
            one.problem("periods", message.format(key=key, ends=row["ends"], recorded=recorded))


def _finish(one: PolicyImport) -> None:
    """Put a draft in force whose last open question was answered; tell the history the file."""
    policy = one.policy
    left = policy.targets.exclude(check_note="").exists()
    if policy.state == models.Policy.State.DRAFT and one.was_to_check and not left:
        policy.state = models.Policy.State.IN_FORCE
        policy.save(update_fields=["state"])
        one.report.changes.append(_("確認が必要な点がなくなったため、実施中にしました。"))
    if not one.report.is_unchanged:
        one.remember({"document": ("", one.name)})
