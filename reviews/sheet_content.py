"""What stands in a member's opinion sheet: the frozen copy in a few words, and what is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext

from kpis.achievement import Target
from kpis.phrases import Phrases

from .frozen import Copy, FrozenBoard
from .models import Comment, Grade, Member, Round
from .models.comments import Subject
from .opinion_sheet import About, Field, Mark, Reference, Sheet, digest, issue, slot

#: So many empty fields at the least.
EMPTY_OF = {Subject.PROJECT: 2, Subject.PILLAR: 1, Subject.WHOLE: 3}


def reference_of(copy: Copy, member: Member) -> Reference:
    """The reference number of a sheet that is made now."""
    round, frozen = copy.round, copy.frozen
    return Reference(
        round.policy.ward.code,
        round.policy.fiscal_year,
        round.period.key,
        member.pk,
        frozen.number,
        frozen.sha256[:8],
        issue(timezone.now()),
    )


def comments_by_member(round: Round, members: Iterable[Member]) -> dict[int, list[Comment]]:
    """What each has said, without what was taken back, in the order in which it came."""
    found: dict[int, list[Comment]] = {member.pk: [] for member in members}
    by_pk = {member.pk: member for member in members}
    for comment in Comment.objects.filter(round=round, member__in=found).order_by("id"):
        comment.member = by_pk[comment.member_id]
        found[comment.member_id].append(comment)
    return found


def sheets_of(copy: Copy, board: FrozenBoard, members: Sequence[Member]) -> list[Sheet]:
    """The sheets of some members. Three queries beside those of the board, however many they are.

    What a member has not handed in yet stays on the screen: a sheet lies about on desks.
    """
    round = copy.round
    comments = comments_by_member(round, members)
    asked = round.grade_steps
    grades: dict[int, dict[str, str]] = {}
    if asked:
        for member, key, grade in Grade.objects.filter(round=round).values_list(
            "member_id", "key", "grade"
        ):
            grades.setdefault(member, {})[key] = grade
    phrases = Phrases(copy.policy)
    results = _results(board, copy.period.key, phrases)
    corrected = _corrected(copy, board, phrases)
    return [
        _sheet(
            copy, member, comments[member.pk], grades.get(member.pk, {}), asked, results, corrected
        )
        for member in members
    ]


def _sheet(
    copy: Copy,
    member: Member,
    comments: Sequence[Comment],
    grades: dict[str, str],
    asked: Sequence[tuple[str, str]],
    results: dict[str, tuple[list[str], str]],
    corrected: dict[str, list[str]],
) -> Sheet:
    round, policy = copy.round, copy.policy
    phrases = Phrases(policy)
    reference = reference_of(copy, member)
    name, months = phrases.period_parts(round.period.starts, round.period.ends)
    frozen_on = phrases.day(timezone.localtime(copy.frozen.at).date())
    short = (
        frozen_on
        if not copy.frozen.number
        else gettext("%(day)s（第%(number)d版）")
        % {
            "day": frozen_on,
            "number": copy.frozen.number,
        }
    )
    due = phrases.short_day(round.due) if round.due else ""
    made = timezone.localtime()
    demo = gettext("デモデータ") if policy.is_demo else ""
    title = gettext("%(committee)s 意見票") % {"committee": round.committee.name}
    return Sheet(
        reference=reference,
        title=title,
        member=member.name,
        facts=[
            (gettext("委員"), member.name),
            (gettext("区"), policy.ward.label),
            (
                gettext("対象"),
                f"{phrases.year(policy.fiscal_year)} {name}"
                + (f"（{months}）" if months and phrases.is_japanese else ""),
            ),
            (gettext("締切"), due),
            (gettext("結果の写し"), short),
        ],
        note=round.note,
        due=due,
        contact=policy.contact,
        footer=gettext("%(title)s　%(member)s　%(day)s作成")
        % {"title": title, "member": member.name, "day": made.strftime("%Y-%m-%d %H:%M")},
        demo=demo,
        subjects=_subjects(copy, comments, grades, results, corrected),
        grades=asked,
    )


def _subjects(
    copy: Copy,
    comments: Sequence[Comment],
    grades: dict[str, str],
    results: dict[str, tuple[list[str], str]],
    corrected: dict[str, list[str]],
) -> list[About]:
    """The projects, each pillar after its own, then the whole."""
    ever = Counter((each.subject, each.key) for each in comments)
    here: dict[tuple[str, str], list[Comment]] = {}
    for each in comments:
        if each.state == Comment.State.SENT:
            here.setdefault((each.subject, each.key), []).append(each)

    def about(subject: Subject, key: str, number: str, name: str, **more) -> About:
        place = (subject.value, key)
        fields = [_filled(each) for each in here.get(place, [])]
        # A number is never used again: what was taken back keeps its own.
        begin = ever[place] + 1
        fields += [Field(slot(subject, key, begin + n)) for n in range(EMPTY_OF[subject])]
        return About(subject.value, key, number, name, fields=fields, **more)

    subjects = []
    for pillar in copy.pillars:
        heading = pillar.name
        for title in pillar.projects:
            lines, status = results[title.key]
            subjects.append(
                about(
                    Subject.PROJECT,
                    title.key,
                    title.number,
                    title.name,
                    result=lines,
                    status=status,
                    grade=grades.get(title.key, ""),
                    corrected=corrected.get(title.key, ()),
                    heading=heading,
                )
            )
            heading = ""
        whole_pillar = gettext("柱「%(name)s」について") % {"name": pillar.name}
        subjects.append(about(Subject.PILLAR, pillar.key, "", whole_pillar))
    subjects.append(about(Subject.WHOLE, "", "", gettext("全体について")))
    return subjects


def _filled(comment: Comment) -> Field:
    mark = Mark(comment.pk, comment.version, digest(comment.kind, comment.text))
    return Field(str(mark), comment.kind, comment.text, how_it_stands(comment))


def how_it_stands(comment: Comment) -> str:
    """In a word how a comment came, and whether it was handed in."""
    if comment.state != Comment.State.SENT:
        return str(comment.get_state_display())
    if comment.on_behalf:
        return gettext("代理入力（%(source)s）") % {"source": comment.get_source_display()}
    return gettext("画面から提出済")


# The result in a few words -----------------------------------------------------------------------


def _results(board: FrozenBoard, period: str, phrases: Phrases) -> dict[str, tuple[list[str], str]]:
    """By project key, a line a target and the project's status."""
    results = board.results(period)
    told = {}
    for project in board.projects:
        targets = [each for each in project.targets if not results[each.key].linked]
        lines = [brief(board, target, period, phrases) for target in targets]
        status = board.project_statuses[project.key].get(period, "")
        told[project.key] = (lines or [phrases.texts.no_targets], phrases.statuses.get(status, ""))
    return told


def _corrected(copy: Copy, board: FrozenBoard, phrases: Phrases) -> dict[str, list[str]]:
    """By project key what was corrected after the copy was made, a sentence each."""
    told: dict[str, list[str]] = {}
    for each in copy.corrections_since():
        words = board.reading.words.get(each.target)
        what = words.label if words else gettext("担当課の説明")
        told.setdefault(each.project, []).append(
            gettext("写しのあとに訂正がありました：%(what)s（%(day)s　%(reason)s）")
            % {
                "what": what,
                "day": phrases.short_day(timezone.localtime(each.at).date()),
                "reason": each.reason,
            }
        )
    return told


def brief(board: FrozenBoard, target: Target, period: str, phrases: Phrases) -> str:
    """One target in words and figures: パトロール　275回／目標550回（50.0%）順調."""
    result, words = board.results(period)[target.key], board.reading.words[target.key]
    status = phrases.status(result)
    said = {"label": words.label, "status": status}
    if target.is_milestone:
        stage = phrases.stage(result)
        if not stage:
            return gettext("%(label)s　%(status)s") % said
        return gettext("%(label)s　%(stage)s　%(status)s") % {**said, "stage": stage}
    said["goal"] = phrases.goal(target, result, words.unit)
    said["actual"] = phrases.actual(result, words.unit)
    if result.rate is None and not result.within_allowance:
        return gettext("%(label)s　%(actual)s／目標%(goal)s　%(status)s") % said
    said["rate"] = phrases.rate(result)
    return gettext("%(label)s　%(actual)s／目標%(goal)s（%(rate)s）%(status)s") % said
