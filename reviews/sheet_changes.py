"""What a sheet that came back would change, field by field, and writing it: all of it, or nothing.

Of each field there are three: what went out (the field's number names the comment, its version and
a digest of its words), what stands here, and what the file says. Who changed nothing in the file
changes nothing here. What the member wrote on the screen is never written over: where it differs,
somebody chooses between leaving it and putting the file's words beside it as a further comment.
A second upload of the same sheet finds its own comments again and changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from . import behalf
from .behalf import Said
from .frozen import Copy
from .models import Comment, Grade, Member, Round
from .models.comments import Subject
from .opinion_sheet import (
    LONGEST,
    Given,
    Problem,
    Returned,
    about_slot,
    client_key,
    digest,
    is_writable,
    read_mark,
)
from .sheet_words import problem_sentence

#: What somebody can choose: leave it as it stands; the file's words in its place; beside it;
#: take it back, where the file has the field empty.
KEEP, REPLACE, BESIDE, WITHDRAW = "keep", "replace", "beside", "withdraw"


@dataclass(slots=True)
class FieldChange:
    """One field of the file that is otherwise than what stands here."""

    name: str  # of the answer in the form
    given: Given
    subject: str
    key: str
    title: str
    comment: Comment | None = None  # what stands here
    choices: Sequence[str] = ()  # empty: there is nothing to choose
    moved: bool = False  # it changed here since the sheet was made
    own: bool = False  # the member wrote what stands here
    answer: str = ""

    @property
    def is_new(self) -> bool:
        return self.comment is None

    @property
    def unanswered(self) -> bool:
        return bool(self.choices) and not self.answer

    @property
    def act(self) -> str:
        """What is written: new, replace, beside, withdraw or keep."""
        if self.comment is None:
            return "new"
        return self.answer or (REPLACE if not self.choices else KEEP)


@dataclass(slots=True)
class GradeChange:
    name: str
    key: str
    title: str
    old: str
    new: str
    at: str
    own: bool = False  # the member gave it on the screen
    choices: Sequence[str] = ()
    answer: str = ""

    @property
    def unanswered(self) -> bool:
        return bool(self.choices) and not self.answer


@dataclass(slots=True)
class Preview:
    """Everything that an upload would do."""

    problems: list[Problem] = field(default_factory=list)
    fields: list[FieldChange] = field(default_factory=list)
    grades: list[GradeChange] = field(default_factory=list)
    unchanged: int = 0
    kept: list[Comment] = field(default_factory=list)  # changed here and not in the file
    kept_grades: list[GradeChange] = field(default_factory=list)  # the member's own, or too late
    seen: dict[str, Any] = field(default_factory=dict)  # what it rests on

    @property
    def new(self) -> list[FieldChange]:
        return [each for each in self.fields if each.is_new]

    @property
    def changed(self) -> list[FieldChange]:
        return [each for each in self.fields if not each.is_new and not each.choices]

    @property
    def to_choose(self) -> list[FieldChange]:
        return [each for each in self.fields if each.choices]

    @property
    def unanswered(self) -> int:
        return sum(each.unanswered for each in self.fields) + sum(
            each.unanswered for each in self.grades
        )

    @property
    def is_empty(self) -> bool:
        return not self.fields and not self.grades


class NotAsSeen(Exception):
    """Something is otherwise than in the preview that was confirmed; `preview` is how it is."""

    def __init__(self, now: Preview) -> None:
        super().__init__()
        self.preview = now


class Titles:
    """What can be commented on in a copy, by subject and key, and by what somebody calls it."""

    def __init__(self, copy: Copy) -> None:
        self.names: dict[tuple[str, str], str] = {}
        self._called: dict[str, list[tuple[str, str]]] = {}
        for title in copy.titles:
            place = (Subject.PROJECT.value, title.key)
            self._add(place, title.title, title.number, title.name, title.key)
        for n, pillar in enumerate(copy.pillars, start=1):
            name = gettext("柱「%(name)s」について") % {"name": pillar.name}
            place = (Subject.PILLAR.value, pillar.key)
            names = (f"柱{n}", f"柱{pillar.name}", f"pillar {n}")
            self._add(place, name, pillar.name, *names)
        whole = (Subject.WHOLE.value, "")
        self._add(whole, gettext("全体について"), "全体", "whole")

    def _add(self, place: tuple[str, str], title: str, *called: str) -> None:
        self.names[place] = title
        for name in {_plain(each) for each in (title, *called)} - {""}:
            self._called.setdefault(name, []).append(place)

    def called(self, typed: str) -> list[tuple[str, str]]:
        """What somebody may mean by ⑤, 5, the name, or the number and the name."""
        return self._called.get(_plain(typed), [])


def _plain(text: str) -> str:
    """Without width, circles and blanks: ⑤ and ５ are 5."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def preview(
    round: Round,
    copy: Copy,
    member: Member,
    returned: Returned,
    answers: Mapping[str, str],
) -> Preview:
    """Compare a sheet with what stands. Two queries beside the copy's own."""
    return _Comparison(round, copy, member, returned, answers).compare()


class _Comparison:
    def __init__(
        self,
        round: Round,
        copy: Copy,
        member: Member,
        returned: Returned,
        answers: Mapping[str, str],
    ) -> None:
        self.round, self.member, self.returned, self.answers = round, member, returned, answers
        self.titles = Titles(copy)
        self.found = Preview()
        comments = list(Comment.objects.filter(round=round, member=member).order_by("id"))
        for each in comments:
            each.member = member
        self.by_id = {each.pk: each for each in comments}
        self.by_client_key = {each.client_key: each for each in comments if each.client_key}
        self.contents = {
            _content(each.subject, each.key, each.kind, each.text)
            for each in comments
            if each.state == Comment.State.SENT
        }

    def compare(self) -> Preview:
        for each in self.returned.problems:
            title = self.title_of(Given(each.about, "", "", each.at)) if each.about else ""
            self.found.problems.append(Problem(each.at, each.text, title))
        for n, given in enumerate(self.returned.fields):
            self.compare_field(f"c{n}", given)
        if self.round.asks_grade:
            self.compare_grades()
        # Of what would change, not of all: a member may be typing elsewhere meanwhile.
        self.found.seen |= {
            "state": self.round.state,
            "comments": {
                str(each.comment.pk): each.comment.version
                for each in self.found.fields
                if each.comment is not None
            },
        }
        return self.found

    def problem(self, given: Given, key: str, **values: Any) -> None:
        self.found.problems.append(
            Problem(self.place(given), problem_sentence(key, **values), self.title_of(given))
        )

    def place(self, given: Given) -> str:
        return given.at if self.returned.source == Comment.Source.XLSX else self.title_of(given)

    def title_of(self, given: Given) -> str:
        """What a field is about, as far as it can be told."""
        if mark := read_mark(given.slot):
            comment = self.by_id.get(mark.id)
            return self.titles.names.get((comment.subject, comment.key), "") if comment else ""
        place = about_slot(given.slot) if self.returned.source == Comment.Source.XLSX else None
        if place in (None, ("", "")):
            called = self.meant(given)
            place = called[0] if len(called) == 1 else ("", "")
        return self.titles.names.get(place or ("", ""), "")

    def meant(self, given: Given) -> list[tuple[str, str]]:
        """What a further row or a saved comment says that it is about."""
        if self.returned.source == Comment.Source.XLSX:
            return self.titles.called(given.about)
        subject, _space, key = given.about.partition(" ")
        return [(subject, key)] if (subject, key) in self.titles.names else []

    # One field -----------------------------------------------------------------------------------

    def compare_field(self, name: str, given: Given) -> None:
        if given.text:
            if not is_writable(given.text):
                return self.problem(given, "null")
            if len(given.text) > LONGEST:
                length, most = f"{len(given.text):,}", f"{LONGEST:,}"
                return self.problem(given, "too_long", length=length, most=most)
            if given.kind not in behalf.Kind.values:
                return self.problem(given, "no_kind")
        mark = read_mark(given.slot)
        if mark is None:
            return self.compare_new(name, given)
        comment = self.by_id.get(mark.id)
        if comment is None:
            if given.text:
                self.problem(given, "unknown_comment", slot=given.slot[:40])
            return None
        then = mark.digest == digest(given.kind, given.text)
        return self.compare_with(name, given, comment, left=then, then=mark.version)

    def compare_new(self, name: str, given: Given) -> None:
        """A field that went out empty."""
        if not given.text:
            return
        place = self.place_of(given)
        if place is None:
            return
        subject, key = place
        known = self.by_client_key.get(client_key(self.returned.reference, given.slot))
        if known is not None:
            self.compare_with(name, given, known, left=False, then=1)
        elif _content(subject, key, given.kind, given.text) in self.contents:
            self.found.unchanged += 1
        else:
            self.contents.add(_content(subject, key, given.kind, given.text))
            title = self.titles.names[place]
            self.found.fields.append(FieldChange(name, given, subject, key, title))

    def place_of(self, given: Given) -> tuple[str, str] | None:
        """Subject and key; None where it is a problem, which is told."""
        of_workbook = self.returned.source == Comment.Source.XLSX
        place = about_slot(given.slot) if of_workbook else ("", "")
        if place is not None and place != ("", "") and place in self.titles.names:
            return place
        if place != ("", ""):
            self.problem(given, "unknown_slot", slot=given.slot[:40])
            return None
        called = self.meant(given)
        if len(called) == 1:
            return called[0]
        key = "many_about" if called else "unknown_about" if given.about.strip() else "no_about"
        self.problem(given, key, about=given.about[:60])
        return None

    def compare_with(
        self, name: str, given: Given, comment: Comment, *, left: bool, then: int
    ) -> None:
        """A field of a comment that is here: `left` as it went out, in the version `then`."""
        withdrawn = comment.state == Comment.State.WITHDRAWN
        same = _words(given.kind, given.text) == _words(comment.kind, comment.text)
        if (same and not withdrawn) or (not given.text and withdrawn):
            self.found.unchanged += 1
            return
        if left or (same and withdrawn):
            self.found.kept.append(comment)
            return
        beside = client_key(self.returned.reference, given.slot, digest(given.kind, given.text))
        if given.text and beside in self.by_client_key:
            self.found.unchanged += 1
            return
        own = behalf.is_members_own(comment)
        moved = comment.version != then
        fixed = own or withdrawn or self.round.state != Round.State.OPEN
        if not given.text:
            if fixed:
                self.found.kept.append(comment)
                return
            choices: tuple[str, ...] = (KEEP, WITHDRAW)
        elif fixed:
            choices = (KEEP, BESIDE)
        else:
            choices = (KEEP, REPLACE, BESIDE) if moved else ()
        title = self.titles.names.get((comment.subject, comment.key), "")
        change = FieldChange(
            name, given, comment.subject, comment.key, title, comment, choices, moved, own
        )
        answer = self.answers.get(name, "")
        change.answer = answer if answer in choices else ""
        self.found.fields.append(change)

    # Grades --------------------------------------------------------------------------------------

    def compare_grades(self) -> None:
        known = {
            each.key: each for each in Grade.objects.filter(round=self.round, member=self.member)
        }
        marks = {_plain(mark): mark for mark, _name in self.round.grade_steps}
        for given in self.returned.grades:
            key = self.project_of(given.key)
            if key is None:
                continue
            # A mark, or the mark with its name as a list shows it.
            mark = marks.get(_plain(given.grade)) or marks.get(_plain(given.grade.split(" ")[0]))
            title = self.titles.names[Subject.PROJECT.value, key]
            if mark is None:
                text = problem_sentence(
                    "grade", typed=given.grade[:20], grades=gettext("、").join(marks.values())
                )
                self.found.problems.append(Problem(given.at or title, text, title))
                continue
            held = known.get(key)
            if held is not None and held.grade == mark:
                continue
            own = held is not None and not held.on_behalf
            change = GradeChange(
                f"g.{key}",
                key,
                title,
                held.grade if held else "",
                mark,
                given.at,
                own=own,
                choices=(KEEP, REPLACE) if held is not None and not own else (),
            )
            if own or self.round.state != Round.State.OPEN:
                self.found.kept_grades.append(change)
                continue
            answer = self.answers.get(change.name, "")
            change.answer = answer if answer in change.choices else ""
            self.found.grades.append(change)
            self.found.seen[change.name] = change.old

    def project_of(self, slot: str) -> str | None:
        """The key of the project in whose row a grade stands; None where there is none."""
        place: tuple[str, str] | None
        if mark := read_mark(slot):
            comment = self.by_id.get(mark.id)
            place = (comment.subject, comment.key) if comment else None
        elif self.returned.source == Comment.Source.FILE:
            place = (Subject.PROJECT.value, slot)
        else:
            place = about_slot(slot)
        is_project = (
            place is not None and place[0] == Subject.PROJECT and place in self.titles.names
        )
        return place[1] if place is not None and is_project else None


def _words(kind: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Kind and text, to be compared whatever the line ends are."""
    return kind, tuple(text.splitlines())


def _content(subject: str, key: str, kind: str, text: str) -> tuple[Any, ...]:
    return subject, key, *_words(kind, text)


# Writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    new: int
    changed: int
    withdrawn: int
    grades: int

    @property
    def total(self) -> int:
        return self.new + self.changed + self.withdrawn + self.grades


@transaction.atomic
def write(
    round: Round,
    copy: Copy,
    member: Member,
    returned: Returned,
    seen: Mapping[str, Any],
    answers: Mapping[str, str],
    *,
    by: Any,
    reason: str = "",
) -> Written:
    """Write what the preview showed: all of it, or none.

    `seen` is what the preview rested on. Raises NotAsSeen where something moved since, cannot be
    taken over or is not answered; behalf.NotTaken where the round takes nothing any more.
    """
    held = behalf.lock(round, reason=reason)
    round.state = held.state
    now = preview(round, copy, member, returned, answers)
    if now.problems or now.unanswered or now.seen != dict(seen):
        raise NotAsSeen(now)
    new: list[Said] = []
    changed = withdrawn = 0
    for each in now.fields:
        given = each.given
        if each.act in ("new", BESIDE):
            more = digest(given.kind, given.text) if each.act == BESIDE else ""
            key = client_key(returned.reference, given.slot, more)
            new.append(Said(each.subject, each.key, given.kind, given.text, key))
        elif each.comment is not None and each.act == REPLACE:
            behalf.change(
                round,
                each.comment,
                version=each.comment.version,
                kind=given.kind,
                text=given.text,
                by=by,
            )
            changed += 1
        elif each.comment is not None and each.act == WITHDRAW:
            behalf.withdraw(round, each.comment, version=each.comment.version, by=by)
            withdrawn += 1
    entered = behalf.enter(round, member, new, source=returned.source, by=by, reason=reason)
    grades = {each.key: each.new for each in now.grades if each.answer != KEEP}
    given_grades = behalf.grade(round, member, grades, by=by) if grades else 0
    return Written(len(entered), changed, withdrawn, given_grades)
