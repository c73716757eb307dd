"""区の約束をやさしい言葉で: what the ward promised with a project, in two or three sentences.

Out of the plan as the copy has it: the initiatives, and the figures of the targets. What a policy
prints stays as it is printed, in brackets; the sentences around it are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext, ngettext

from kpis.achievement import Result, Target
from kpis.board import ProjectOnBoard
from kpis.phrases import Phrases
from kpis.reading import Words

#: So many initiatives or figures are named in a sentence; more are counted, and follow below.
NAMED = 3


def promised(
    project: ProjectOnBoard,
    initiatives: Sequence[str],
    results: Mapping[str, Result],
    words: Mapping[str, Words],
    phrases: Phrases,
    *,
    ward: str,
    year: str,
) -> list[str]:
    """Sentences: what is done, how much of it, and what is judged without a number."""
    told = [_work(initiatives, ward=ward, year=year)]
    counted = [each for each in project.targets if not each.is_milestone]
    told.append(_figures(counted, results, words, phrases, len(project.targets)))
    milestones = len(project.targets) - len(counted)
    if not counted and milestones:
        told.append(gettext("数の目標はありません。どこまで進んだかを段階で確かめます。"))
    elif milestones:
        told.append(
            ngettext(
                "ほかに、数ではなく段階で確かめる取組が%(n)d件あります。",
                "ほかに、数ではなく段階で確かめる取組が%(n)d件あります。",
                milestones,
            )
            % {"n": milestones}
        )
    return [each for each in told if each]


def _work(initiatives: Sequence[str], *, ward: str, year: str) -> str:
    if not initiatives:
        return ""
    said = {"ward": ward, "year": year, "n": len(initiatives)}
    named = gettext("、").join(
        gettext("「%(name)s」") % {"name": each} for each in initiatives[:NAMED]
    )
    said["names"] = named
    if len(initiatives) == 1:
        return gettext("%(ward)sは%(year)s、%(names)sに取り組むと約束しました。") % said
    if len(initiatives) <= NAMED:
        return gettext("%(ward)sは%(year)s、%(names)sの%(n)d件に取り組むと約束しました。") % said
    return gettext("%(ward)sは%(year)s、%(names)sなど%(n)dの取組を約束しました。") % said


def _figures(
    targets: Sequence[Target],
    results: Mapping[str, Result],
    words: Mapping[str, Words],
    phrases: Phrases,
    all_of_them: int,
) -> str:
    goals = [_goal(each, results[each.key], words[each.key].unit, phrases) for each in targets]
    totals = {each.linked_to: goal for each, goal in zip(targets, goals, strict=True)}
    alone = [
        (each, goal)
        for each, goal in zip(targets, goals, strict=True)
        if not (each.linked_to and results[each.key].linked)
    ]
    if not alone:
        return ""
    if len(alone) == 1:
        target, goal = alone[0]
        if total := totals.get(target.key):
            return gettext("目標は%(goal)sで、%(total)sを目指します。") % {
                "goal": goal,
                "total": total,
            }
        if len(targets) < all_of_them:  # beside milestones one has to say whose goal it is
            return gettext("「%(name)s」の目標は%(goal)sです。") % {
                "name": words[target.key].label,
                "goal": goal,
            }
        return gettext("目標は%(goal)sです。") % {"goal": goal}
    if len(alone) <= NAMED:
        listed = gettext("、").join(
            gettext("「%(name)s」が%(goal)s") % {"name": words[each.key].label, "goal": goal}
            for each, goal in alone
        )
        return gettext("目標は、%(listed)sです。") % {"listed": listed}
    return gettext("数で確かめる目標は%(n)d件あります。") % {"n": len(alone)}


def _goal(target: Target, result: Result, unit: str, phrases: Phrases) -> str:
    """年間550回, 49園のうち33園, 累計18,500人, 満足度のような90%."""
    said = {"goal": phrases.target(target, result, unit)}
    if target.measure == "ratio" and target.of:
        said["whole"] = phrases.amount(target.of, unit)
        return gettext("%(whole)sのうち%(goal)s") % said
    if target.cumulative:
        return gettext("累計で%(goal)s") % said
    if target.is_sum and not target.is_limit:
        return gettext("年間%(goal)s") % said
    return said["goal"]
