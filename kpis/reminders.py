"""Reminders (督促): who is written to today, what the letter says, and that it goes out once.

`due_today` is what manage.py send_reminders sends, `nudges` what the secretariat sends at one
press. A line (models.Reminder) is written before a letter is sent: the database allows one a
person, sheet and day, so that of two runs at once one sends. docs/reminders.md tells the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from wards import mail
from wards.models import Post, User, Ward

from .models import Kind, Period, Policy, Reminder, ReminderPlan, ReminderText
from .owing import SectionSheet, in_words, periods_at_work, sheets_in
from .phrases import Phrases
from .reminder_texts import DEFAULTS, Text, fill, one_line

Role = Post.Role

#: The most pressing first: a letter about several sheets begins with it.
PRESSING = [Kind.NUDGE, Kind.LATE, Kind.DUE, Kind.RETURNED, Kind.BEFORE, Kind.WAITING]
#: After so long a letter that is still being sent was given up by whoever sent it.
GIVEN_UP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for a section, as a letter needs to know them."""

    id: int
    name: str
    email: str
    role: str

    @property
    def can_be_reached(self) -> bool:
        return mail.is_address(self.email)


@dataclass(frozen=True, slots=True)
class Item:
    """One sheet in a letter, and why it is there."""

    sheet: SectionSheet
    kind: str

    @property
    def key(self) -> tuple[int, int]:
        assert self.sheet.section_id is not None
        return self.sheet.period.pk, self.sheet.section_id

    @property
    def count(self) -> int:
        """How many targets the letter is about."""
        if self.kind == Kind.WAITING:
            return self.sheet.submitted
        return self.sheet.sent_back if self.kind == Kind.RETURNED else self.sheet.outstanding

    def counts(self) -> str:
        """What the sheet is made of; in a letter about what is owed, what `count` is made of."""
        return self.sheet.counts(owed_only=self.kind not in (Kind.WAITING, Kind.RETURNED))


@dataclass(slots=True)
class Letter:
    """What one person gets: all their sheets in one."""

    to: Person
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of some letters."""

    sent: list[Letter] = field(default_factory=list)
    already: list[Letter] = field(default_factory=list)  # had one today
    failed: list[tuple[Letter, str]] = field(default_factory=list)


# Who is written to -------------------------------------------------------------------------------


def people_of(section_ids: Iterable[int], day: date) -> dict[int, list[Person]]:
    """Staff and heads of the sections on a day, staff first; in one query.

    Who works for a section that another was merged into finishes the old one's year
    (wards/permissions.py). Demo accounts are nobody's where there is no demo.
    """
    wanted = set(section_ids)
    posts = (
        Post.objects.held_on(day)
        .filter(role__in=[Role.STAFF, Role.HEAD], user__is_active=True)
        .filter(Q(section__in=wanted) | Q(section__predecessors__in=wanted))
        .order_by()
    )
    if not settings.DEMO:
        posts = posts.filter(user__is_demo=False)
    columns = posts.values_list(
        *("section_id", "section__predecessors", "role", "user_id"),
        *("user__display_name", "user__last_name", "user__first_name", "user__username"),
        "user__email",
    )
    people: dict[int, dict[tuple[int, str], Person]] = {}
    for section, predecessor, role, user, shown, last, first, login, email in columns:
        name = shown or f"{first} {last}".strip() or login
        for worked_for in {section, predecessor} & wanted:
            people.setdefault(worked_for, {})[user, role] = Person(user, name, email.strip(), role)
    return {
        section: sorted(found.values(), key=lambda each: (each.role != Role.STAFF, each.id))
        for section, found in people.items()
    }


def due_today(day: date, wards: Sequence[Ward] | None = None) -> tuple[list[Letter], list[Letter]]:
    """The letters of a day, and those to people who have no address.

    Only sheets on which something is still to do; of which kind, and when, the ward's plan says.
    A day on which nothing was sent is made up for on the next.
    """
    rows = Policy.objects.filter(state=Policy.State.IN_FORCE).select_related("ward")
    policies = {
        policy.pk: policy for policy in (rows if wards is None else rows.filter(ward__in=wards))
    }
    plans = plans_of({policy.ward_id for policy in policies.values()})
    policies = {pk: policy for pk, policy in policies.items() if plans[policy.ward_id].is_on}
    periods = periods_at_work(policies.values())
    sheets = [
        sheet for sheet in sheets_in(periods, policies) if sheet.section_id and not sheet.is_done
    ]
    people = people_of({sheet.section_id for sheet in sheets if sheet.section_id}, day)
    past = sent_before(periods, day)
    letters: dict[int, Letter] = {}
    for sheet in sheets:
        here = people.get(sheet.section_id or 0, [])
        staff_reached = any(each.role == Role.STAFF and each.can_be_reached for each in here)
        for person in here:
            before = past.get((person.id, sheet.period.pk, sheet.section_id), [])
            kind = kind_for(
                sheet,
                plans[sheet.policy.ward_id],
                day,
                before,
                confirms=person.role == Role.HEAD,
                enters=person.role == Role.STAFF or not staff_reached,
            )
            if kind:
                _add(letters, person, Item(sheet, kind))
    return _with_and_without_address(letters.values())


def kind_for(
    sheet: SectionSheet,
    plan: ReminderPlan,
    day: date,
    before: Sequence[tuple[str, date]],
    *,
    confirms: bool,
    enters: bool,
) -> str:
    """Why somebody is written to about a sheet today; "" where they are not.

    `before` are kind and day of the letters they had about it. Staff hear of what they have to
    hand in; the head of what is late and of what waits to be confirmed, and where none of the
    staff can be reached of everything.
    """

    def rested(every: int, *kinds: str, since: date = date.min) -> bool:
        """Whether `every` days went by since the last such letter."""
        last = max((at for kind, at in before if kind in kinds and at >= since), default=None)
        return every > 0 and (last is None or (day - last).days >= every)

    left = sheet.left(day)
    if sheet.outstanding and left is not None:
        due = day + timedelta(days=left)
        if left < 0 and rested(plan.late_every, Kind.DUE, Kind.LATE, Kind.NUDGE, since=due):
            return Kind.LATE
        if enters and left == 0 and plan.on_due:
            return Kind.DUE
        steps = [step for step in plan.before_days if left <= step]
        if enters and left > 0 and steps:
            begun = due - timedelta(days=min(steps))
            if not any(kind in (Kind.BEFORE, Kind.NUDGE) and at >= begun for kind, at in before):
                return Kind.BEFORE
    sent_back = sheet.outstanding and sheet.sent_back
    if enters and sent_back and rested(plan.returned_every, Kind.RETURNED):
        return Kind.RETURNED
    if confirms and sheet.submitted and rested(plan.waiting_every, Kind.WAITING):
        return Kind.WAITING
    return ""


def nudges(sheets: Iterable[SectionSheet], day: date) -> tuple[list[Letter], list[Letter]]:
    """The letters that the secretariat sends about these sheets now, and those without address.

    Staff and head of a section that owes something; where all is submitted, the head alone, who
    has to confirm it.
    """
    wanted = [sheet for sheet in sheets if sheet.section_id and not sheet.is_done]
    people = people_of({sheet.section_id for sheet in wanted if sheet.section_id}, day)
    letters: dict[int, Letter] = {}
    for sheet in wanted:
        for person in people.get(sheet.section_id or 0, []):
            if sheet.outstanding:
                _add(letters, person, Item(sheet, Kind.NUDGE))
            elif person.role == Role.HEAD:
                _add(letters, person, Item(sheet, Kind.WAITING))
    return _with_and_without_address(letters.values())


def _add(letters: dict[int, Letter], person: Person, item: Item) -> None:
    letter = letters.setdefault(person.id, Letter(person))
    for at, other in enumerate(letter.items):
        if other.key == item.key:  # staff and head of the same section in one person
            if PRESSING.index(Kind(item.kind)) < PRESSING.index(Kind(other.kind)):
                letter.items[at] = item
            return
    letter.items.append(item)


def _with_and_without_address(letters: Iterable[Letter]) -> tuple[list[Letter], list[Letter]]:
    reached: list[Letter] = []
    not_reached: list[Letter] = []
    for letter in letters:
        letter.items.sort(key=lambda item: PRESSING.index(Kind(item.kind)))
        (reached if letter.to.can_be_reached else not_reached).append(letter)
    return reached, not_reached


def plans_of(ward_ids: Iterable[int]) -> dict[int, ReminderPlan]:
    """By ward when its reminders go out, as it said or by default."""
    made = ReminderPlan.objects.in_bulk(list(ward_ids))
    return {ward: made.get(ward) or ReminderPlan(ward_id=ward) for ward in ward_ids}


def sent_before(
    periods: Sequence[Period], day: date
) -> dict[tuple[int, int, int | None], list[tuple[str, date]]]:
    """Kind and day of the letters sent about these periods, by person, period and section."""
    rows = Reminder.objects.filter(period__in=periods, day__lte=day, state=Reminder.State.SENT)
    found: dict[tuple[int, int, int | None], list[tuple[str, date]]] = {}
    for user, period, section, kind, at in rows.order_by().values_list(
        "user_id", "period_id", "section_id", "kind", "day"
    ):
        found.setdefault((user, period, section), []).append((kind, at))
    return found


# What it says ------------------------------------------------------------------------------------


def texts_of(ward_ids: Iterable[int]) -> dict[tuple[int, str, str], Text]:
    """What wards wrote in the place of defaults, by ward, kind and language."""
    rows = ReminderText.objects.filter(ward__in=list(ward_ids))
    return {(row.ward_id, row.kind, row.language): Text(row.subject, row.body) for row in rows}


def values(item: Item, day: date) -> dict[str, str]:
    """What the names in braces stand for, in the language that is switched on."""
    sheet = item.sheet
    phrases = Phrases(sheet.policy)
    due = sheet.period.due
    return {
        "ward": sheet.policy.ward.label,
        "section": sheet.section,
        "period": phrases.period(sheet.period.starts, sheet.period.ends),
        "due": phrases.short_day(due) if due else gettext("なし"),
        "left": in_words(sheet.left(day)) or "—",
        "count": str(item.count),
        "counts": item.counts(),
        "link": f"{settings.SITE_URL}{sheet.url}",
    }


#: What stands around the wording: above it, below it, and between two sheets.
GREETING = {"ja": "{name} 様\n\n", "en": "Dear {name},\n\n"}
CLOSING = {
    "ja": "\n\nこのメールは、あゆみ（運営方針 進捗管理）から送っています。"
    "お問い合わせは、区政推進課へお願いします。\n",
    "en": "\n\nSent by Ayumi, which follows the operating policy. "
    "Please turn to the ward's secretariat with questions.\n",
}
BETWEEN = "\n\n――――――――――――――――――――\n\n"
AND_MORE = {"ja": "{subject}（ほか{n}件）", "en": "{subject} (and {n} more)"}


def written(
    letter: Letter, texts: Mapping[tuple[int, str, str], Text], languages: Sequence[str], day: date
) -> Text:
    """Subject and body: all sheets in the first language, then all of them in the next."""
    subject, parts = "", []
    for language in languages:
        told = []
        with translation.override(language):
            for item in letter.items:
                ward = item.sheet.policy.ward_id
                text = texts.get((ward, item.kind, language)) or DEFAULTS[item.kind, language]
                stands_for = values(item, day)
                told.append(fill(text.body, stands_for).strip())
                subject = subject or fill(text.subject, stands_for)
        greeting = GREETING[language].replace("{name}", letter.to.name)
        parts.append(greeting + BETWEEN.join(told) + CLOSING[language])
    more = len(letter.items) - 1
    if more:
        pattern = AND_MORE[languages[0]]
        subject = pattern.replace("{subject}", subject).replace("{n}", str(more))
    body = "\n----- English -----\n\n".join(parts).replace("\r\n", "\n").replace("\r", "\n")
    return Text(one_line(subject), body)


# Sending -----------------------------------------------------------------------------------------


def send(letters: Sequence[Letter], *, by: User | None, day: date) -> Outcome:
    """Send each letter once; one that fails does not keep the others back.

    Raises mail.NoMail where no e-mail is set up or the mail server does not answer: then nothing
    was recorded.
    """
    mail.check_on()
    outcome = Outcome()
    if not letters:
        return outcome
    with mail.post() as post:
        wards = {item.sheet.policy.ward_id for letter in letters for item in letter.items}
        texts, plans = texts_of(wards), plans_of(wards)
        for letter in letters:
            claimed, rows = _claim(letter, by=by, day=day)
            if len(claimed.items) < len(letter.items):
                left = [item for item in letter.items if item not in claimed.items]
                outcome.already.append(Letter(letter.to, left))
            if not rows:
                continue
            english = any(plans[item.sheet.policy.ward_id].with_english for item in claimed.items)
            text = written(claimed, texts, ["ja", "en"] if english else ["ja"], day)
            failure = post.send(text.subject, text.body, letter.to.email)
            lines = Reminder.objects.filter(pk__in=rows)
            if failure:
                lines.update(state=Reminder.State.FAILED, failure=failure[:300])
                outcome.failed.append((claimed, failure))
            else:
                lines.update(state=Reminder.State.SENT, failure="", at=timezone.now())
                outcome.sent.append(claimed)
    return outcome


def would_send(letters: Sequence[Letter], day: date) -> Outcome:
    """What `send` would do with these letters now: which go out, and who had theirs today."""
    given_up = timezone.now() - GIVEN_UP
    free = Q(state=Reminder.State.FAILED) | Q(state=Reminder.State.SENDING, at__lt=given_up)
    rows = Reminder.objects.filter(day=day, user__in=[letter.to.id for letter in letters])
    had = set(rows.exclude(free).values_list("user_id", "period_id", "section_id"))
    outcome = Outcome()
    for letter in letters:
        already = [item for item in letter.items if (letter.to.id, *item.key) in had]
        rest = [item for item in letter.items if item not in already]
        if rest:
            outcome.sent.append(Letter(letter.to, rest))
        if already:
            outcome.already.append(Letter(letter.to, already))
    return outcome


def _claim(letter: Letter, *, by: User | None, day: date) -> tuple[Letter, list[int]]:
    """Write the lines of a letter; what another run or an earlier press wrote is not ours.

    A line that failed, or that nobody finished, is taken over.
    """
    mine, rows = Letter(letter.to), []
    now = timezone.now()
    with transaction.atomic():
        # Of two runs the second waits here, and then finds what the first has taken on.
        User.objects.select_for_update(no_key=True).get(pk=letter.to.id)
        for item in letter.items:
            period, section = item.key
            new = {"kind": item.kind, "by": by, "at": now, "address": letter.to.email}
            row, created = Reminder.objects.get_or_create(
                user_id=letter.to.id,
                period_id=period,
                section_id=section,
                day=day,
                defaults=new,
            )
            if not created:
                stopped = Q(state=Reminder.State.SENDING, at__lt=now - GIVEN_UP)
                again = Reminder.objects.filter(Q(state=Reminder.State.FAILED) | stopped, pk=row.pk)
                if not again.update(state=Reminder.State.SENDING, failure="", **new):
                    continue
            mine.items.append(item)
            rows.append(row.pk)
    return mine, rows


def told(letters: Iterable[Letter]) -> Iterator[tuple[Letter, Item]]:
    """Each sheet of each letter."""
    for letter in letters:
        for item in letter.items:
            yield letter, item
