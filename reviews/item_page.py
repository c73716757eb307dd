"""One line of the list: what it says, the members' own words below it, the answer, its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kpis.phrases import Phrases
from wards.calendar import era_date
from wards.models import Section
from wards.permissions import Role, access_of

from .answer_forms import AnswerForm, AssignForm, ReasonForm, ReleaseForm, WordingForm
from .answering import ANSWER, ANSWERABLE, EDITABLE, MOVES, State
from .comment_list import CATEGORIES, Abouts, CommentList, abouts_of, category_of
from .lookup import about_round
from .merging import successors
from .models import Comment, Item, ItemSource, ReviewRecord
from .models.answers import Disposition
from .models.comments import Kind, Subject
from .permissions import can_answer, looks_after

#: What the record calls what happened to a line.
ACTS = {
    "item_edit": _("意見の文などを直した"),
    "item_assign": _("回答する課と期限を決めた"),
    "item_pass_on": _("課に回答を依頼した"),
    "item_take_back": _("回答の依頼を取り消した"),
    "item_answer": _("回答を保存した"),
    "item_hand_in": _("回答を提出した"),
    "item_recall": _("提出した回答を取り戻した"),
    "item_return": _("回答を差し戻した"),
    "item_release": _("回答を公開可とした"),
    "item_withdraw": _("回答の公開を取り消した"),
    "item_replace": _("まとめ・分割により一覧から外した"),
    "item_restore": _("一覧に戻した"),
    "item_merge": _("まとめた"),
    "item_split": _("分けた"),
    "item_undo": _("まとめ・分割を元に戻した"),
    "item_renumber": _("番号を付け直した"),
    "item_original": _("委員が直した原文を確認した"),
    "promise_result": _("約束の対処結果を書いた"),
    "promise_correct": _("約束の対処結果を訂正した"),
    "promise_attach": _("約束を翌年度の方針に引き継いだ"),
    "promise_add": _("約束を登録した"),
}
#: And what it calls the fields.
FIELDS = {
    **{each.name: each.verbose_name for each in Item._meta.fields},
    "text": _("意見"),
    "key": _("事業・柱の記号"),
    "section": _("回答する課"),
    "due": _("回答期限"),
    "numbers": _("番号"),
    "comment_version": _("原文の版"),
    "result": _("対処結果"),
    "result_on": _("対処結果の日"),
    "fiscal_year": _("方針の年度"),
    "project": _("事業"),
    "on_behalf": _("代理入力"),
}
VALUES: dict[str, dict[Any, Any]] = {
    "state": dict(Item.State.choices),
    "kind": dict(Kind.choices),
    "subject": dict(Subject.choices),
    "disposition": dict(Disposition.choices),
    "on_behalf": {True: _("はい"), False: _("いいえ")},
}
#: Not told: the promise's own id.
UNTOLD = ("promise",)


@dataclass(frozen=True, slots=True)
class Original:
    """A member's own words, as far as this person reads them."""

    source: ItemSource
    comment: Comment
    category: str
    name: str  # for the secretariat alone
    is_shown: bool
    changed: bool  # since it was put on the list
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the record, in words."""

    at: Any
    what: str
    changes: list[tuple[str, str, str]]
    reason: str
    by: str


def history(records, lang: str) -> list[Told]:
    """Lines of the record as people tell them."""
    return [
        Told(
            at=each.at,
            what=str(ACTS.get(each.act, each.act)),
            changes=[
                (
                    str(FIELDS.get(name, name)),
                    _said(name, pair[0], lang),
                    _said(name, pair[1], lang),
                )
                for name, pair in each.changed.items()
                if name not in UNTOLD
            ],
            reason=each.reason,
            by=each.by_name,
        )
        for each in records
    ]


def _said(name: str, value: Any, lang: str) -> str:
    if value in (None, "", []):
        return ""
    if name in VALUES:
        return str(VALUES[name].get(value, value))
    if name in ("due", "decided_on", "result_on"):
        return era_date(date.fromisoformat(value), lang)
    if name == "numbers":
        return gettext("、").join(f"No.{number}" for number in value)
    return str(value)


class ItemPage:
    """What one person is told of one line; `find_item` in reviews/item_views.py found it."""

    def __init__(self, user, item: Item) -> None:
        self.user, self.item = user, item
        self.round = item.round
        self.compiles = looks_after(user, self.round.policy.ward_id)
        self.answers = can_answer(user, item)
        self.lang = get_language() or "ja"
        self.phrases = Phrases(self.round.policy)
        self._abouts: Abouts | None = None

    @property
    def abouts(self) -> Abouts:
        if self._abouts is None:
            self._abouts = abouts_of([self.round])[self.round.pk]
        return self._abouts

    def originals(self) -> list[Original]:
        """The comments behind the line, in the order they came in.

        The secretariat reads them as they stand, with the member's name. Others who see the line
        read what was sent, and while a reopened round takes comments nothing: what a member is
        changing is the member's own until it closes. The city reads the list alone.
        """
        rows = (
            ItemSource.objects.filter(item=self.item)
            .select_related("comment__member")
            .prefetch_related("comment__member__terms")
            .order_by("comment_id")
        )
        in_ward = self.round.policy.ward_id in access_of(self.user).ward_ids
        if not in_ward:
            return []
        found = []
        for source in rows:
            comment = source.comment
            sent = comment.state == Comment.State.SENT
            found.append(
                Original(
                    source=source,
                    comment=comment,
                    category=str(CATEGORIES.get(category_of(comment), "")),
                    name=comment.member.name if self.compiles else "",
                    is_shown=self.compiles or (self.round.is_over and sent),
                    changed=comment.version != source.comment_version,
                    withdrawn=not sent,
                )
            )
        return found

    def offered(self) -> set[str]:
        """The moves that this person may make now."""
        return {
            name
            for name, rule in MOVES.items()
            if self.item.state in rule.before and rule.allowed(self.user, self.item)
        }

    def history(self) -> list[Told]:
        """For those who keep the record, and for those who answer."""
        ward = self.round.policy.ward_id
        reads = access_of(self.user).has(ward, Role.SECRETARIAT, Role.AUDITOR)
        if not (reads or self.answers):
            return []
        return history(ReviewRecord.objects.filter(item=self.item), self.lang)

    def forms(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        """The forms that this person may fill in now; those that were sent already, as sent."""
        item, found = self.item, dict(bound)
        if self.compiles and item.state in EDITABLE:
            if "wording" not in found:
                found["wording"] = WordingForm(abouts=self.abouts, item=item)
            if "assign" not in found:
                found["assign"] = AssignForm(sections=self.sections(), item=item)
        if self.answers and item.state in ANSWERABLE and "answer" not in found:
            found["answer"] = AnswerForm(item=item)
        if self.compiles and item.state == State.ANSWERED:
            found.setdefault("release", ReleaseForm())
        if self.compiles and item.state in (State.ANSWERED, State.RELEASED):
            found.setdefault("send_back", ReasonForm())
        return found

    def sections(self) -> list[Section]:
        """The ward's sections that there still are, and the one that was chosen."""
        rows = Section.objects.filter(ward=self.round.policy.ward)
        return [
            each
            for each in rows.order_by("order", "id")
            if each.successor_id is None or each.pk == self.item.section_id
        ]

    def neighbours(self) -> tuple[int | None, int | None]:
        """The numbers of the lines before and after, of those that this person sees."""
        rows = Item.objects.visible_to(self.user).listed().filter(round=self.round)
        numbers = list(rows.order_by("number").values_list("number", flat=True))
        before = [number for number in numbers if number < self.item.number]
        after = [number for number in numbers if number > self.item.number]
        return (before[-1] if before else None), (after[0] if after else None)

    def context(self, bound: Mapping[str, Any], conflict: dict[str, Any] | None) -> dict[str, Any]:
        item, phrases = self.item, self.phrases
        comments = CommentList(self.user, [self.round])
        comments.__dict__["abouts"] = {self.round.pk: self.abouts}
        originals = self.originals()
        line = comments.line(item, [each.comment for each in originals])
        before, after = self.neighbours()
        replaced = list(item.replaces.order_by("number")) if self.compiles else []
        return {
            **about_round(self.round, self.user, "comments"),
            "item": item,
            "line": line,
            "compiles": self.compiles,
            "answers": self.answers,
            "own": access_of(self.user).works_for(item.section_id),
            "originals": originals,
            "changed": [each for each in originals if each.changed or each.withdrawn],
            "replaces": replaced,
            "replaced_by": successors([item]).get(item.pk, [])
            if item.state == State.REPLACED
            else [],
            "offered": self.offered(),
            "forms": self.forms(bound),
            "conflict": conflict,
            "history": self.history(),
            "before": before,
            "after": after,
            "due_day": phrases.day(item.due) if item.due else "",
            "days_left": (item.due - timezone.localdate()).days if item.due else None,
            "decided_day": phrases.day(item.decided_on) if item.decided_on else "",
            "promise": line.promise,
            "is_project": item.subject == Subject.PROJECT,
        }


def conflict_rows(
    labels: Mapping[str, Any], mine: Mapping[str, Any], theirs: Item
) -> list[tuple[str, str, str]]:
    """Label, what stands, what was typed: of the fields in which they differ."""
    rows = []
    for name, label in labels.items():
        stands, typed = getattr(theirs, name), mine[name]
        if stands != typed:
            rows.append((str(label), _shown(name, stands), _shown(name, typed)))
    return rows


def _shown(name: str, value: Any) -> str:
    if isinstance(value, date):
        return era_date(value, get_language() or "ja")
    if name in VALUES:
        return str(VALUES[name].get(value, value))
    return str(value or "")


LABELS_OF_ANSWER = {name: FIELDS[name] for name in ANSWER}
LABELS_OF_WORDING = {name: FIELDS[name] for name in ("subject", "key", "kind", "text")}
LABELS_OF_ASSIGNMENT = {name: FIELDS[name] for name in ("section", "due")}
