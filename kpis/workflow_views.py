"""What is said of moves: submitting, taking back, confirming, returning; opening and closing."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from .entry_views import entry_list_url
from .forms import sentence
from .models import Actual
from .permissions import can_open_and_close
from .phrases import Phrases
from .sheet import Line, chosen, policy_entered_by
from .workflow import PERIOD_MOVES, Left, Move, MoveRefused, Outcome, move_period

#: Why an entry stayed where it was. %(state)s is where it stands.
WHY = {
    "not_allowed": gettext_lazy("この操作は、課長か区政推進課が行います。"),
    "no_entry": gettext_lazy("まだ入力されていません。"),
    "stale": gettext_lazy(
        "画面を開いたあとに変わりました（いまは「%(state)s」）。内容を確かめてください。"
    ),
    "closed": gettext_lazy("期が締め切られています（いまは「%(state)s」）。"),
    "not_from": gettext_lazy("いまは「%(state)s」です。"),
}
OVERTAKEN = gettext_lazy(
    "同じときに、ほかの人が操作しました。いまの状態を確かめて、もう一度押してください。"
)


def versions_seen(rows: Sequence[str]) -> dict[str, int]:
    """Versions by target key, from "p05-t1:3"; what is no such pair is left out."""
    pairs = (row.rpartition(":") for row in rows)
    return {
        key: int(version)
        for key, _colon, version in pairs
        if version.isascii() and version.isdigit() and len(version) < 10
    }


def concerns(line: Line, action: str, rule: Move, period, seen: dict[str, int]) -> bool:
    """Whether a press on the whole sheet is about this line, so that it is told if it stays.

    What changed since the page was opened is; of submitting, also what is owed. Who returns a
    sheet means what was submitted: what is confirmed already is picked by itself.
    """
    if line.state and seen.get(line.key) != line.meta.version:
        return True
    if action == "submit" and line.owed:
        return True
    if action == "return":
        return line.state == Actual.State.SUBMITTED
    return line.state in (rule.open if action == "submit" else rule.before(period))


def tell(request, action: str, outcome: Outcome) -> None:
    """Say what was done, and by name what stayed and why."""
    if count := len(outcome.moved):
        done = {
            "submit": ngettext("%(n)d件を提出しました。", "%(n)d件を提出しました。", count),
            "take_back": ngettext(
                "%(n)d件を下書きに戻しました。", "%(n)d件を下書きに戻しました。", count
            ),
            "confirm": ngettext("%(n)d件を確認しました。", "%(n)d件を確認しました。", count),
            "return": ngettext("%(n)d件を差し戻しました。", "%(n)d件を差し戻しました。", count),
        }
        messages.success(request, done[action] % {"n": count})
    if outcome.left:
        named = "\n".join(
            _("%(names)s：%(why)s") % {"names": _("、").join(names), "why": said_why}
            for said_why, names in by_reason(outcome.left).items()
        )
        count = len(outcome.left)
        said = ngettext("次の%(n)d件はそのままです。", "次の%(n)d件はそのままです。", count) % {
            "n": count
        }
        messages.warning(request, f"{said}\n{named}")
    if count := len(outcome.narratives):
        along = {
            "submit": ngettext("説明%(n)d件を提出しました。", "説明%(n)d件を提出しました。", count),
            "take_back": ngettext(
                "説明%(n)d件を下書きに戻しました。", "説明%(n)d件を下書きに戻しました。", count
            ),
            "confirm": ngettext(
                "説明%(n)d件を確認しました。", "説明%(n)d件を確認しました。", count
            ),
            "return": ngettext(
                "説明%(n)d件を差し戻しました。", "説明%(n)d件を差し戻しました。", count
            ),
        }
        messages.success(request, along[action] % {"n": count})
    if not outcome.moved and not outcome.left and not outcome.narratives:
        messages.warning(request, _("この操作の対象になる目標はありません。"))


def by_reason(left: Sequence[Left]) -> dict[str, list[str]]:
    """What stayed, in quotes, by the sentence that says why: of a whole sheet it is said once."""
    named: dict[str, list[str]] = {}
    for each in left:
        named.setdefault(why(each), []).append(_("「%(label)s」") % {"label": each.target.label})
    return named


def why(left: Left) -> str:
    if left.remarks:
        return " ".join(sentence(remark) for remark in left.remarks)
    return str(WHY[left.why]) % {"state": str(dict(Actual.State.choices).get(left.state, ""))}


@require_POST
def period_move(request, code: str, year: int, period: str):
    """Open or close a period, and say what that means."""
    policy = policy_entered_by(request.user, code, year)
    if not can_open_and_close(request.user, policy):
        raise PermissionDenied(_("期の受付と締切は、区政推進課（事務局）が行います。"))
    at = chosen(list(policy.periods.order_by("starts")), period)
    action = request.POST.get("action", "")
    back = redirect(
        entry_list_url(code, year, period=period, section=request.POST.get("section", ""))
    )
    if action not in PERIOD_MOVES:
        messages.error(request, _("ボタンを選び直してください。"))
        return back
    name = Phrases(policy).period(at.starts, at.ends)
    done = {
        "close": _(
            "%(period)sを締め切りました。入力と提出はできなくなりました。"
            "提出済の実績は、確認できます。"
        ),
        "open": _("%(period)sの受付を再開しました。入力と提出ができます。"),
    }
    already = {
        "close": _("%(period)sは、すでに締め切られています。"),
        "open": _("%(period)sは、すでに受け付けています。"),
    }
    try:
        move_period(action, policy, at, by=request.user)
    except MoveRefused:
        messages.warning(request, already[action] % {"period": name})
        return back
    messages.success(request, done[action] % {"period": name})
    return back
