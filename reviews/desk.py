"""The desk of a round: where it stands, what comes next, how far its members are.

Each part is asked for by itself and costs a fixed number of queries, however many members,
comments and projects there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpis.models import Actual, Narrative
from kpis.owing import SectionSheet, sheets_in

from .models import Comment, Item, Member, Round, Term
from .permissions import items_seen_by
from .roll import day_in_words
from .workflow import ROUND_MOVES

State = Round.State

#: What a move is called on its button, what its page is called, and what follows from it.
MOVE_NAMES = {
    "open": _("意見の受付を始める"),
    "take_back": _("準備中に戻す"),
    "close": _("意見の受付を終える"),
    "reopen": _("意見の受付を再開する"),
    "publish": _("結果を公表する"),
    "withdraw": _("公表を取り下げる"),
}
#: The move onwards from each state.
ONWARDS = {State.PREPARING: "open", State.OPEN: "close", State.CLOSED: "publish"}


# The steps ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four states: done, now, or to come; and the day it began."""

    name: str
    standing: str  # done, now, later
    since: str


def steps_of(round: Round) -> list[Step]:
    states = list(State)
    here = states.index(State(round.state))
    began = [None, round.opened_at, round.closed_at, round.published_at]
    return [
        Step(
            name=str(state.label),
            standing="done" if place < here else "now" if place == here else "later",
            since=_since(began[place]) if place <= here else "",
        )
        for place, state in enumerate(states)
    ]


def moves_from(round: Round) -> list[tuple[str, str]]:
    """The moves that lead back from where the round stands, by key and name."""
    onwards = ONWARDS.get(State(round.state))
    return [
        (action, str(MOVE_NAMES[action]))
        for action, move in ROUND_MOVES.items()
        if move.before == round.state and action != onwards
    ]


def _since(at: datetime | None) -> str:
    return day_in_words(timezone.localdate(at)) if at else ""


def _day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


# Before it opens ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Readiness:
    """What opening now would freeze: entries of the period by section."""

    sheets: Sequence[SectionSheet]
    accounts: int  # confirmed accounts of projects
    projects: int

    @property
    def confirmed(self) -> int:
        return sum(sheet.confirmed for sheet in self.sheets)

    @property
    def unconfirmed(self) -> int:
        """Entered, and no member will see it."""
        return sum(unconfirmed_of(sheet) for sheet in self.sheets)

    @property
    def missing(self) -> int:
        return sum(sheet.missing for sheet in self.sheets)

    @property
    def is_whole(self) -> bool:
        return not self.unconfirmed and not self.missing

    def __str__(self) -> str:
        """What goes into the copy, and what no member will see."""
        told = gettext("いま始めると、確認済の実績%(n)d件が写しに入ります。") % {
            "n": self.confirmed
        }
        if self.is_whole:
            return told
        left = [
            text % {"n": n}
            for text, n in (
                (gettext("確認前の%(n)d件"), self.unconfirmed),
                (gettext("未入力の%(n)d件"), self.missing),
            )
            if n
        ]
        return told + gettext("%(left)sは、委員には見えません。") % {
            "left": gettext("と").join(left)
        }

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [{"sheet": sheet, "unconfirmed": unconfirmed_of(sheet)} for sheet in self.sheets]


def unconfirmed_of(sheet: SectionSheet) -> int:
    return sheet.drafts + sheet.submitted + sheet.sent_back


def readiness_of(round: Round) -> Readiness:
    """Six queries."""
    policy = round.policy
    counted = Narrative.objects.filter(project__policy=policy, period=round.period)
    return Readiness(
        sheets=sheets_in([round.period], {policy.pk: policy}),
        accounts=counted.filter(state=Actual.State.CONFIRMED).count(),
        projects=policy.projects.count(),
    )


# The members -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a member is with a round."""

    member: Member
    category: str
    sent: int
    drafts: int
    read: int
    last: datetime | None

    @property
    def state(self) -> str:
        """sent, writing, reading, nothing."""
        if self.sent:
            return "sent"
        if self.drafts:
            return "writing"
        return "reading" if self.read else "nothing"


@dataclass(frozen=True, slots=True)
class Members:
    lines: Sequence[Progress]

    @property
    def sent(self) -> int:
        """Members who have sent at least one comment."""
        return sum(1 for each in self.lines if each.sent)

    @property
    def writing(self) -> int:
        """Members with something that is not sent."""
        return sum(1 for each in self.lines if each.drafts)

    @property
    def drafts(self) -> int:
        return sum(each.drafts for each in self.lines)

    @property
    def silent(self) -> int:
        return sum(1 for each in self.lines if not each.sent)

    @property
    def comments(self) -> int:
        return sum(each.sent for each in self.lines)


def progress_of(round: Round) -> Members:
    """Of the members in office, on the day it closed where it has, and of whoever wrote besides.

    For the secretariat alone: it tells of drafts. Three queries, and one for whoever left since.
    """
    day = _day(round.closed_at) if round.is_over else None
    day = day or timezone.localdate()
    terms = {
        term.member_id: term
        for term in Term.objects.in_force_on(day)
        .filter(member__committee=round.committee_id)
        .select_related("member")
    }
    counts: dict[int, Any] = {
        row["member"]: row
        for row in Comment.objects.filter(round=round)
        .order_by()
        .values("member")
        .annotate(
            sent=Count("pk", filter=Q(state=Comment.State.SENT)),
            drafts=Count("pk", filter=Q(state=Comment.State.DRAFT)),
            last=Max("changed_at"),
        )
    }
    read = Counter(round.read_marks.values_list("member_id", flat=True))
    members = [term.member for term in terms.values()]
    if left := counts.keys() - terms.keys():
        members += Member.objects.filter(pk__in=left)
    lines = []
    for member in sorted(members, key=lambda each: (each.order, each.pk)):
        said = counts.get(member.pk, {})
        lines.append(
            Progress(
                member=member,
                category=terms[member.pk].get_category_display() if member.pk in terms else "",
                sent=said.get("sent", 0),
                drafts=said.get("drafts", 0),
                read=read[member.pk],
                last=said.get("last"),
            )
        )
    return Members(lines)


# Answers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answers:
    """The list of comments as far as this person sees it, by state."""

    listed: int  # being worked on by the secretariat
    waiting: int  # with the sections, or answered and not released
    released: int

    @property
    def total(self) -> int:
        return self.listed + self.waiting + self.released

    @property
    def left(self) -> int:
        return self.listed + self.waiting


def answers_by_round(user, rounds: Sequence[Round]) -> dict[int, Answers]:
    """One query."""
    rows = Item.objects.filter(items_seen_by(user), round__in=[each.pk for each in rounds]).listed()
    counted: dict[int, Counter[str]] = {}
    for round, state, n in (
        rows.order_by().values_list("round", "state").annotate(n=Count("pk", distinct=True))
    ):
        counted.setdefault(round, Counter())[state] += n
    return {
        round: Answers(
            listed=by[Item.State.LISTED],
            waiting=by[Item.State.ASKED] + by[Item.State.ANSWERED] + by[Item.State.RETURNED],
            released=by[Item.State.RELEASED],
        )
        for round, by in counted.items()
    }


NO_ANSWERS = Answers(0, 0, 0)


def sent_comments_by_round(user, rounds: Sequence[Round]) -> dict[int, int]:
    """How many sent comments this person sees of each. One query."""
    rows = Comment.objects.visible_to(user).sent().filter(round__in=[each.pk for each in rounds])
    counted = rows.order_by().values_list("round").annotate(n=Count("pk", distinct=True))
    return dict(counted)


# What a move means, in sentences -----------------------------------------------------------------


def what_follows(action: str) -> list[str]:
    """What happens when the move is made, before it is."""
    return {
        "open": [
            gettext("確認済の実績と説明を、いまのまま写しに取ります。委員が読むのはこの写しです。"),
            gettext("あとから実績を訂正しても、写しは変わりません。訂正は写しの横に出ます。"),
        ],
        "take_back": [
            gettext("委員は、事業を読めなくなります。"),
            gettext("もう一度受付を始めると、新しい写しを取ります。いまの写しも残ります。"),
            gettext("すでに意見がある回は、準備中に戻せません。"),
        ],
        "close": [
            gettext("委員は、意見を書いたり直したりできなくなります。"),
            gettext(
                "提出済の意見は、意見一覧に1件ずつ載ります。委員どうしも読めるようになります。"
            ),
        ],
        "reopen": [
            gettext("委員は、また意見を書けます。写しはそのままです。"),
            gettext("再開している間、委員に見えるのは自分の意見だけになります。"),
            gettext("もう一度受付を終えると、新しく提出された意見が一覧の後ろに加わります。"),
        ],
        "publish": [
            gettext("公開してよいとした回答と、委員会からの意見を、だれでも読めるようになります。"),
            gettext("委員の名前は出ません。"),
        ],
        "withdraw": [
            gettext("公表したページは、見られなくなります。公表した記録は残ります。"),
        ],
    }[action]


def unsent_in_words(members: Members) -> str:
    """Who would be left out by closing now; "" where nobody would."""
    if not members.writing:
        return ""
    return gettext(
        "%(people)d人の委員が、まだ書いています（書きかけ%(drafts)d件）。"
        "受付を終えると、書きかけは意見一覧に載りません。"
    ) % {"people": members.writing, "drafts": members.drafts}


def closed_in_words(members: Members, listed: int) -> str:
    """What closing did with what the members wrote."""
    told = [
        gettext("意見の受付を終えました。提出済の意見%(n)d件が意見一覧にあります。") % {"n": listed}
    ]
    if members.drafts:
        told.append(
            gettext(
                "書きかけの意見%(drafts)d件（%(people)d人）は一覧に載せず、そのまま残しました。"
                "本人と事務局だけが見られます。受付を再開すると、続きを書けます。"
            )
            % {"drafts": members.drafts, "people": members.writing}
        )
    return "\n".join(told)
