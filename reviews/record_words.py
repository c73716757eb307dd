"""Lines of the committee's record, in sentences.

An act that is not known here (another subject may write its own) is told by what its name begins
with, so that no line is ever silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import item_page
from .models import Item, Opinion, ReviewRecord, Round, Term
from .models.answers import Disposition
from .models.comments import Kind
from .models.committee import Category
from .recording import PRIVATE
from .roll import day_in_words

ACTS = {
    **item_page.ACTS,
    "committee_founded": _("委員会を設置しました"),
    "committee_edited": _("委員会の情報を直しました"),
    "member_added": _("委員を名簿に加えました"),
    "member_edited": _("委員の情報を直しました"),
    "member_account": _("委員のアカウントを変えました"),
    "term_given": _("任期を加えました"),
    "term_changed": _("任期を直しました"),
    "term_removed": _("まちがえて加えた任期を取り消しました"),
    "meeting_added": _("会議を加えました"),
    "meeting_edited": _("会議の情報を直しました"),
    "attendance_written": _("出欠を書きました"),
    "minutes_written": _("議事録を書きました"),
    "paper_added": _("資料を加えました"),
    "paper_edited": _("資料を直しました"),
    "paper_removed": _("資料を外しました"),
    "round_added": _("評価の回を作りました"),
    "round_edited": _("回の設定を変えました"),
    "round_open": _("意見の受付を始めました"),
    "round_take_back": _("受付を取り消し、準備中に戻しました"),
    "round_close": _("意見の受付を終えました"),
    "round_reopen": _("意見の受付を再開しました"),
    "round_publish": _("結果を公表しました"),
    "round_withdraw": _("公表を取り下げました"),
    "item_edit": _("意見一覧の文を直しました"),
    "item_merge": _("意見をまとめました"),
    "item_split": _("意見を分けました"),
    "item_assign": _("回答する課を決めました"),
    "item_pass_on": _("課に回答を依頼しました"),
    "item_answer": _("区の考え方を書きました"),
    "item_return": _("回答を差し戻しました"),
    "item_release": _("回答を公開できるようにしました"),
    "item_withdraw": _("回答の公開を取り消しました"),
    "comment_send": _("意見を提出しました"),
    "comment_change": _("提出した意見を直しました"),
    "comment_withdraw": _("意見を取り下げました"),
    "comment_late": _("締切後に意見が届きました"),
    "behalf_enter": _("委員に代わって意見を入力しました"),
    "behalf_change": _("代わって入力した意見を直しました"),
    "behalf_withdraw": _("代わって入力した意見を取り下げました"),
    "behalf_grade": _("委員に代わって評価を入力しました"),
    "behalf_late": _("締切後に届いた意見を入力しました"),
    "opinion_agree": _("委員会からの意見の案に同意しました"),
    "opinion_edit": _("委員会からの意見を書きました"),
    "opinion_approve": _("委員会からの意見を、委員会が確認済にしました"),
    "opinion_rework": _("委員会からの意見を、作成中に戻しました"),
    "opinion_publish": _("委員会からの意見を公表しました"),
    "opinion_withdraw": _("委員会からの意見の公表を取り下げました"),
    "promise_add": _("約束を加えました"),
    "promise_attach": _("約束を翌年度の事業に結び付けました"),
    "promise_correct": _("約束の対処結果を直しました"),
    "promise_result": _("約束の対処結果を書きました"),
}
#: What an act is about, by what its name begins with.
ABOUT = {
    "round": _("回について記録しました"),
    "item": _("意見一覧を変えました"),
    "comment": _("意見を変えました"),
    "opinion": _("委員会からの意見を変えました"),
    "promise": _("約束について記録しました"),
    "behalf": _("代理入力をしました"),
    "notice": _("お知らせについて記録しました"),
    "meeting": _("会議について記録しました"),
    "member": _("委員について記録しました"),
    "paper": _("資料について記録しました"),
}
FIELDS = {
    "name": _("名前"),
    "purpose": _("設置の目的"),
    "quorum": _("定足数"),
    "affiliation": _("所属など"),
    "order": _("並び順"),
    "email": _("メールアドレス"),
    "contact": _("連絡先など"),
    "user": _("アカウント"),
    "category": _("区分"),
    "seat": _("役職"),
    "starts": _("始まり"),
    "ends": _("終わり"),
    "number": _("番号"),
    "title": _("名前"),
    "day": _("開催日"),
    "place": _("場所"),
    "round_id": _("評価の回"),
    "is_public": _("公開"),
    "agenda": _("次第"),
    "minutes": _("議事録"),
    "minutes_approved_on": _("委員会が確認した日"),
    "label": _("資料番号"),
    "on_the_day": _("当日配布"),
    "file": _("ファイル"),
    "sha256": _("SHA-256"),
    "state": _("状態"),
    "due": _("期限"),
    "note": _("委員へのことば"),
    "asks_grade": _("評価をたずねる"),
    "grades": _("評価の段階"),
    "decided_by": _("決裁者"),
    "decided_on": _("決裁日"),
    "document_number": _("文書番号"),
    "text": _("文"),
    "section": _("課"),
    "view": _("区の考え方"),
    "disposition": _("対応区分"),
    "reason": _("理由"),
    "what": _("何をするか"),
    "who": _("だれが"),
    "by_when": _("いつまでに"),
    "result": _("対処結果"),
    "kind": _("種別"),
    "numbers": _("No."),
    "promise": _("約束の番号"),
    "comment_version": _("原文の版"),
}
#: Values that are keys, by their field.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "state": dict(Item.State.choices) | dict(Opinion.State.choices) | dict(Round.State.choices),
    "category": dict(Category.choices),
    "seat": dict(Term.Seat.choices),
    "disposition": dict(Disposition.choices),
    "kind": dict(Kind.choices),
}
#: In the CSV, not on the page.
FOR_MACHINES = ("sha256", "promise")
HERE = {"present": _("出席"), "absent": _("欠席"), "": _("未記入")}
#: Longer values are cut on the page; the CSV has them whole.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed, in words; both empty where the record keeps no values."""

    field: str
    before: str
    after: str
    is_for_machines: bool = False

    @property
    def short(self) -> str:
        """期限：令和2年11月20日 → 令和2年11月27日."""
        if not self.before and not self.after:
            return gettext("%(field)sを変更") % {"field": self.field}
        words = {"field": self.field, "before": _cut(self.before), "after": _cut(self.after)}
        if not self.before:
            return gettext("%(field)s：%(after)s") % words
        return gettext("%(field)s：%(before)s → %(after)s") % words


@dataclass(frozen=True, slots=True)
class Told:
    """One line: when, in which round, what happened to what, from what to what, why, by whom."""

    at: datetime
    round: str
    act: str
    about: str
    changes: list[Change]
    reason: str
    by: str


def in_words(lines: Iterable[ReviewRecord], rounds: Mapping[int, str]) -> list[Told]:
    """The lines, which have their item and member; `rounds` are the rounds' names by id."""
    return [
        Told(
            at=line.at,
            round=rounds.get(line.round_id or 0, ""),
            act=act_in_words(line.act),
            about=_about(line),
            changes=changes_in_words(line.act, line.changed),
            reason=line.reason,
            by=line.by_name,
        )
        for line in lines
    ]


def act_in_words(act: str) -> str:
    """意見の受付を始めました; in general words of an act that is not known."""
    known = ACTS.get(act) or ABOUT.get(act.partition("_")[0])
    return str(known) if known else gettext("記録しました（%(act)s）") % {"act": act}


def changes_in_words(act: str, changed: Mapping[str, Any]) -> list[Change]:
    found = []
    for name, pair in changed.items():
        if name in ("about", *item_page.UNTOLD) or not isinstance(pair, list) or len(pair) != 2:
            continue
        if name in PRIVATE:
            found.append(Change(_field(name), "", ""))
        elif act == "attendance_written":
            before, after = (str(HERE.get(each, each)) for each in pair)
            found.append(Change(name, before, after))
        elif any(each not in (None, "", []) for each in pair):
            before, after = (value_in_words(name, each) for each in pair)
            after = after or gettext("（空）")
            for_machines = name in FOR_MACHINES
            found.append(Change(_field(name), before, after, is_for_machines=for_machines))
    return found


def value_in_words(name: str, value: Any) -> str:
    """A value as people read it; "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("はい") if value else gettext("いいえ")
    if name in CHOICES and value in CHOICES[name]:
        return str(CHOICES[name][value])
    if isinstance(value, list):
        return gettext("、").join(
            " ".join(str(part) for part in each.values()) if isinstance(each, dict) else str(each)
            for each in value
        )
    text = str(value)
    if isinstance(value, str) and len(text) == 10 and text[4:5] == "-":
        try:
            return day_in_words(date.fromisoformat(text))
        except ValueError:
            return text
    return text


def _field(name: str) -> str:
    return str(FIELDS.get(name) or item_page.FIELDS.get(name, name))


def _about(line: ReviewRecord) -> str:
    told = line.changed.get("about", [""])[0] if isinstance(line.changed, dict) else ""
    if line.member_id and line.member:
        told = told or str(line.member)
    if line.item_id and line.item:
        told = told or gettext("No.%(number)d") % {"number": line.item.number}
    return told


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
