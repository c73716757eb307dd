"""The demo's committee: who sits on it, two rounds, what was said and answered, all made up.

fixtures/demo/reviews/ holds a file a ward and year (docs/demo.md). Rounds go the way that rounds
go: opened on a frozen copy, closed, published; what stands in between is written as the pages
would write it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from kpis.demo import due_after
from kpis.models import Policy
from wards.models import Section, User

from .items import places
from .models import (
    Attendance,
    Comment,
    Committee,
    Item,
    ItemSource,
    Meeting,
    Member,
    Opinion,
    OpinionVersion,
    Paper,
    Promise,
    ReadMark,
    ReviewRecord,
    Round,
    Term,
)
from .models.answers import PROMISES
from .workflow import Publication, move_round

FORMAT = "ayumi-demo-review/1"
FOLDER = settings.BASE_DIR / "fixtures" / "demo" / "reviews"
Document = Mapping[str, Any]


def files() -> list[Document]:
    return [_read(path) for path in sorted(FOLDER.glob("*.json"))]


def _read(path: Path) -> Document:
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("format") != FORMAT:
        raise ValueError(f"{path.name}: format: expected {FORMAT}")
    return document


def load(document: Document) -> bool:
    """Load one ward's committee, in a transaction; False where the ward has one, or no policy."""
    policies = Policy.objects.select_related("ward").filter(ward__code=document["ward"]["code"])
    policy = policies.filter(fiscal_year=document["fiscal_year"]).first()
    if policy is None or not policy.is_demo:
        return False
    if Committee.objects.filter(ward=policy.ward).exists():
        return False
    Story(policy, document).tell()
    return True


class Story:
    """One ward's committee and rounds, as the document has them."""

    def __init__(self, policy: Policy, document: Document) -> None:
        self.policy = policy
        self.document = document
        self.now = timezone.now()
        self.secretariat = User.objects.filter(
            posts__role="secretariat", posts__ward=policy.ward, is_demo=True
        ).first()
        self.sections = {each.name: each for each in Section.objects.filter(ward=policy.ward)}
        self.projects = {each.key: each for each in policy.projects.all()}
        self.members: dict[str, Member] = {}
        self.comments: dict[str, Comment] = {}

    def tell(self) -> None:
        self._committee(self.document["committee"])
        periods = {each.key: each for each in self.policy.periods.all()}
        rounds = {}
        for told in self.document["rounds"]:
            rounds[told["period"]] = self._round(told, periods[told["period"]])
        for told in self.document["meetings"]:
            self._meeting(told, rounds[told["round"]])
        for told in self.document["promises"]:
            self._old_promise(told)

    # The committee -------------------------------------------------------------------------------

    def _committee(self, told: Document) -> None:
        self.committee = Committee.objects.create(
            ward=self.policy.ward, name=told["name"], purpose=told["purpose"]
        )
        for order, each in enumerate(told["members"]):
            account = User.objects.filter(username=each.get("account", "")).first()
            member = Member.objects.create(
                committee=self.committee,
                name=each["name"],
                user=account,
                email=each.get("email", ""),
                order=order,
            )
            Term.objects.create(
                member=member,
                category=each["category"],
                seat=each.get("seat", Term.Seat.MEMBER),
                starts=date.fromisoformat(told["term"]["starts"]),
            )
            self.members[each["id"]] = member

    def _meeting(self, told: Document, round: Round) -> None:
        """A meeting without a day of its own lies a week after the closing date of its round."""
        day = (
            date.fromisoformat(told["day"])
            if "day" in told
            else (round.due or timezone.localdate()) + timedelta(days=7)
        )
        meeting = Meeting.objects.create(
            committee=self.committee,
            round=round,
            fiscal_year=self.policy.fiscal_year,
            number=told["number"],
            title=told["title"],
            day=day,
            starts=time.fromisoformat(told.get("starts", "14:00")),
            ends=time.fromisoformat(told.get("ends", "16:00")),
            place=told["place"],
            agenda=told["agenda"],
            minutes=told.get("minutes", ""),
            minutes_approved=told.get("minutes_approved", False),
        )
        for order, paper in enumerate(told["papers"]):
            Paper.objects.create(meeting=meeting, order=order, **paper)
        for id_, member in self.members.items() if "present" in told else ():
            Attendance.objects.create(
                meeting=meeting, member=member, present=id_ in told["present"]
            )

    # A round ------------------------------------------------------------------------------------

    def _round(self, told: Document, period) -> Round:
        round = Round.objects.create(
            committee=self.committee,
            policy=self.policy,
            period=period,
            due=due_after(timezone.localdate()),
            note=told["note"],
        )
        move_round(round, "open", by=self.secretariat)
        for each in told["comments"]:
            self.comments[each["id"]] = self._comment(round, each)
        for member, keys in told.get("read", {}).items():
            for key in keys:
                ReadMark.objects.create(
                    round=round, member=self.members[member], key=key, at=self.now
                )
        if "items" not in told:
            return round
        move_round(round, "close", by=self.secretariat)
        self._items(round, told["items"])
        if "opinion" in told:
            self._opinion(round, told["opinion"], told["decision"])
        move_round(round, "publish", by=self.secretariat, decision=_decision(told["decision"]))
        return round

    def _comment(self, round: Round, told: Document) -> Comment:
        member = self.members[told["member"]]
        subject, key = _subject(told.get("on", ""))
        source = told.get("source", Comment.Source.SCREEN)
        on_behalf = source != Comment.Source.SCREEN or member.user is None
        by = self.secretariat if on_behalf else member.user
        return Comment.objects.create(
            round=round,
            member=member,
            subject=subject,
            key=key,
            kind=told["kind"],
            text=told["text"],
            state=told.get("state", Comment.State.SENT),
            source=source,
            entered_by=by,
            entered_by_name=str(by),
            entered_at=self.now,
            changed_at=self.now,
            on_behalf=on_behalf,
        )

    def _items(self, round: Round, told: list[Document]) -> None:
        """The list as the secretariat left it: what was listed one by one, merged and answered."""
        listed = {
            source.comment_id: source.item
            for source in ItemSource.objects.filter(item__round=round).select_related("item")
        }
        last = max(each.number for each in listed.values())
        for number, each in enumerate(told, start=1):
            comments = [self.comments[id_] for id_ in each["comments"]]
            alone = listed[comments[0].pk] if len(comments) == 1 else None
            item = alone or Item(round=round, number=last + number)
            subject, key = _subject(each.get("on", ""))
            answer = {
                name: each.get(name, "")
                for name in ("disposition", "view", "reason", "what", "who", "by_when")
            }
            for name, value in {
                "subject": subject,
                "key": key,
                "kind": each["kind"],
                "text": each["text"],
                "section": self.sections[each["section"]],
                "due": timezone.localdate(),
                "state": Item.State.RELEASED,
                "answered_by_name": f"{each['section']} 担当者",
                "answered_at": self.now,
                "released_at": self.now,
                "decided_by": "区政推進課長",
                "decided_on": date(self.policy.fiscal_year, 12, 1),
                **answer,
            }.items():
                setattr(item, name, value)
            item.save()
            if alone is None:
                for comment in comments:
                    ItemSource.objects.create(
                        item=item, comment=comment, comment_version=comment.version
                    )
                    before = listed[comment.pk]
                    before.state = Item.State.REPLACED
                    before.save()
                    before.replaced_by.add(item)
            ReviewRecord.objects.create(
                ward=self.policy.ward,
                round=round,
                item=item,
                act="item_release",
                by=self.secretariat,
                by_name=str(self.secretariat),
            )
            if item.disposition in PROMISES:
                self._promise(item)
        self._number(round)

    def _number(self, round: Round) -> None:
        """Number the list as the secretariat does before it is passed on: without gaps, in the
        order of the policy; what was merged behind it."""
        place = places(round)
        items = list(Item.objects.filter(round=round))
        items.sort(
            key=lambda each: (
                each.state == Item.State.REPLACED,
                place[each.subject, each.key],
                each.number,
            )
        )
        for number, item in enumerate(items, start=1):
            Item.objects.filter(pk=item.pk).update(number=number + 1000)
        Item.objects.filter(round=round).update(number=F("number") - 1000)

    def _promise(self, item: Item) -> None:
        Promise.objects.create(
            ward=self.policy.ward,
            item=item,
            on_fiscal_year=self.policy.fiscal_year,
            text=item.text,
            what=item.what,
            who=item.who,
            by_when=item.by_when,
            disposition=item.disposition,
            made_on=item.decided_on or timezone.localdate(),
            policy=self.policy,
            project=self.projects.get(item.key),
            section=item.section,
        )

    def _old_promise(self, told: Document) -> None:
        """A promise on an opinion from before the product: it stands on this year's project."""
        result_on = told.get("result_on")
        Promise.objects.create(
            ward=self.policy.ward,
            on_fiscal_year=self.policy.fiscal_year - 1,
            source=told["source"],
            text=told["text"],
            what=told["what"],
            who=told["who"],
            by_when=told["by_when"],
            disposition=told["disposition"],
            made_on=date.fromisoformat(told["made_on"]),
            policy=self.policy,
            project=self.projects[told["on"]],
            section=self.sections[told["section"]],
            carried_over=True,
            result=told.get("result", ""),
            result_on=date.fromisoformat(result_on) if result_on else None,
            result_by_name=f"{told['section']} 担当者" if result_on else "",
        )

    def _opinion(self, round: Round, told: Document, decision: Document) -> None:
        decided = _decision(decision)
        opinion = Opinion.objects.create(
            round=round,
            state=Opinion.State.PUBLISHED,
            approved_on=date.fromisoformat(told["approved_on"]),
            approved_by=told["approved_by"],
            decided_by=decided.decided_by,
            decided_on=decided.decided_on,
            document_number=decided.document_number,
            published_at=self.now,
        )
        body = [
            {
                "id": f"p{number}",
                "text": each["text"],
                "sources": [self.comments[id_].pk for id_ in each["sources"]],
            }
            for number, each in enumerate(told["paragraphs"], start=1)
        ]
        # The first draft stopped half-way, as drafts do.
        for number, written in enumerate((body[: len(body) // 2], body), start=1):
            OpinionVersion.objects.create(
                opinion=opinion,
                number=number,
                based_on=number - 1,
                title=told["title"],
                body=written,
                by=self.secretariat,
                by_name=str(self.secretariat),
                at=self.now,
            )


def _decision(told: Document) -> Publication:
    return Publication(
        told["decided_by"], date.fromisoformat(told["decided_on"]), told["document_number"]
    )


def _subject(on: str) -> tuple[str, str]:
    """What a line of the file is about: `p05`, `pillar:a`, or the whole where it says nothing."""
    if not on:
        return "whole", ""
    kind, _colon, key = on.rpartition(":")
    return kind or "project", key
