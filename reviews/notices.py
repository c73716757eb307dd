"""お知らせ: who is to be told what about a round, and that they are told once.

Who has to hear of something follows from what stands in the database: a round that is open, an
item that waits for its section. What was told already is in `Notice`; the rest is `pending`, and
goes out at one press (reviews/notice_views.py) or by `manage.py send_notices`. All that one person
has to hear of a round is one letter. docs/committee.md tells the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from kpis.phrases import Phrases
from kpis.reminder_texts import Text, fill, one_line
from kpis.reminders import BETWEEN, CLOSING, GIVEN_UP, GREETING, people_of, plans_of
from wards import mail
from wards.models import Post

from .models import FrozenProject, Item, Member, Notice, ReadMark, ReviewRecord, Round
from .notice_texts import DEFAULTS

Kind = Notice.Kind

#: So many days before the closing date those are told who have not read everything yet.
SOON = 3


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person with an account, a member without one, or both."""

    name: str
    address: str
    user_id: int | None = None
    member_id: int | None = None

    @property
    def can_be_reached(self) -> bool:
        return mail.is_address(self.address)


@dataclass(slots=True)
class Event:
    """Something one person has to hear of; with the items it is about, if it is about items."""

    kind: str
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Letter:
    """All that one person has to hear of a round."""

    to: Addressee
    round: Round
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    sent: list[Letter] = field(default_factory=list)
    failed: list[tuple[Letter, str]] = field(default_factory=list)


# Who has to hear of what -------------------------------------------------------------------------


def pending(rounds: Sequence[Round], day: date) -> tuple[list[Letter], list[Letter]]:
    """What has to be told and was not, and the same of those who have no address.

    In a fixed number of queries for all the rounds together.
    """
    told = _told(rounds)
    since = _since(rounds)
    finished = _finished([each for each in rounds if each.is_open])
    members = _members(rounds, day)
    items = list(Item.objects.filter(round__in=rounds).listed().exclude(state=Item.State.LISTED))
    sections = {each.section_id for each in items if each.section_id}
    people = people_of(sections, day) if sections else {}
    letters: dict[tuple[int, str, str], Letter] = {}

    def add(round: Round, to: Addressee, kind: str, item: Item | None = None) -> None:
        place = (round.pk, kind, item.pk if item else None)
        last = told.get((*place, to.address.lower()))
        if to.can_be_reached and last and last >= since.get(place, last):
            return
        letter = letters.setdefault((round.pk, to.name, to.address), Letter(to, round))
        event = next((each for each in letter.events if each.kind == kind), None)
        if event is None:
            event = Event(kind)
            letter.events.append(event)
        if item:
            event.items.append(item)

    for round in rounds:
        seated = members.get(round.committee_id, [])
        if round.is_open:
            soon = round.due and 0 <= (round.due - day).days <= SOON
            for to in seated:
                add(round, to, Kind.OPENED)
                if soon and (round.pk, to.member_id) not in finished:
                    add(round, to, Kind.DUE_SOON)
        if round.state == Round.State.PUBLISHED:
            for to in seated:
                add(round, to, Kind.PUBLISHED)
    by_id = {each.pk: each for each in rounds}
    for item in items:
        round = by_id[item.round_id]
        if item.state in (Item.State.ASKED, Item.State.RETURNED):
            kind = Kind.ASKED if item.state == Item.State.ASKED else Kind.RETURNED
            for to in _who_answers(people.get(item.section_id or 0, [])):
                add(round, to, kind, item)
        elif item.state == Item.State.RELEASED and round.is_over:
            for to in members.get(round.committee_id, []):
                add(round, to, Kind.RELEASED, item)
    for letter in letters.values():
        # A closing date that is near says all that the opening would.
        kinds = {each.kind for each in letter.events}
        if {Kind.OPENED, Kind.DUE_SOON} <= kinds:
            letter.events = [each for each in letter.events if each.kind != Kind.DUE_SOON]
    reached = [each for each in letters.values() if each.to.can_be_reached]
    return reached, [each for each in letters.values() if not each.to.can_be_reached]


def _who_answers(people: Iterable) -> list[Addressee]:
    """The staff of a section; where none of them can be reached, its head as well."""
    everybody = [(each.role, Addressee(each.name, each.email, each.id)) for each in people]
    staff = [to for role, to in everybody if role == Post.Role.STAFF]
    if any(to.can_be_reached for to in staff):
        return staff
    return [to for _role, to in everybody]


def _members(rounds: Sequence[Round], day: date) -> dict[int, list[Addressee]]:
    """The members in office, by committee: at their account's address, else at their own."""
    rows = Member.objects.in_office_on(day).filter(
        committee__in={each.committee_id for each in rounds}
    )
    found: dict[int, list[Addressee]] = {}
    for member in rows.select_related("user"):
        user = member.user
        works = user and user.is_active and (settings.DEMO or not user.is_demo)
        address = user.email if user and works and user.email else member.email
        found.setdefault(member.committee_id, []).append(
            Addressee(member.name, address.strip(), user.pk if user else None, member.pk)
        )
    return found


def _finished(rounds: Sequence[Round]) -> set[tuple[int, int | None]]:
    """Round and member, of those who have read every project of the newest copy."""
    if not rounds:
        return set()
    sizes: dict[int, tuple[int, int]] = {}
    copies = FrozenProject.objects.filter(frozen__round__in=rounds).order_by()
    for round, number, size in copies.values_list("frozen__round", "frozen__number").annotate(
        size=Count("pk")
    ):
        sizes[round] = max(sizes.get(round, (0, 0)), (number, size))
    marks = ReadMark.objects.filter(round__in=rounds).order_by()
    read = marks.values_list("round", "member").annotate(n=Count("pk"))
    return {(round, member) for round, member, n in read if n >= sizes.get(round, (0, n + 1))[1]}


Place = tuple[int, str, int | None]  # round, kind, item


def _told(rounds: Sequence[Round]) -> dict[tuple[int, str, int | None, str], datetime]:
    """When an address was last told of something."""
    rows = Notice.objects.filter(round__in=rounds, state=Notice.State.SENT).order_by("at")
    return {
        (round, kind, item, address.lower()): at
        for round, kind, item, address, at in rows.values_list(
            "round", "kind", "item", "address", "at"
        )
    }


def _since(rounds: Sequence[Round]) -> dict[Place, datetime]:
    """Since when something is to be told: the last move that led to how it stands now."""
    found: dict[Place, datetime] = {}
    rows = ReviewRecord.objects.filter(round__in=rounds).order_by("id")
    for round, item, changed, at in rows.values_list("round", "item", "changed", "at"):
        state = (changed.get("state") or [None, None])[1]
        if item is None and state == Round.State.OPEN:
            found[round, Kind.OPENED, None] = found[round, Kind.DUE_SOON, None] = at
        elif item is None and state == Round.State.PUBLISHED:
            found[round, Kind.PUBLISHED, None] = at
        elif item is not None and state in ("asked", "returned", "released"):
            found[round, state, item] = at
    return found


# What it says ------------------------------------------------------------------------------------


def written(letter: Letter, languages: Sequence[str]) -> Text:
    """Subject and body: what there is to tell, in the first language and then in the next."""
    subject, parts = "", []
    for language in languages:
        with translation.override(language):
            told = []
            for event in letter.events:
                text = DEFAULTS[event.kind, language]
                stands_for = _values(letter, event)
                told.append(fill(text.body, stands_for).strip())
                subject = subject or fill(text.subject, stands_for)
        greeting = GREETING[language].replace("{name}", letter.to.name)
        parts.append(greeting + BETWEEN.join(told) + CLOSING[language])
    return Text(one_line(subject), "\n----- English -----\n\n".join(parts))


def _values(letter: Letter, event: Event) -> dict[str, str]:
    round = letter.round
    phrases = Phrases(round.policy)
    days = [item.due for item in event.items if item.due]
    due = min(days) if days else round.due if not event.items else None
    year = phrases.era_year(round.policy.fiscal_year)
    half = phrases.period_parts(round.period.starts, round.period.ends)[0]
    return {
        "ward": round.policy.ward.label,
        "committee": round.committee.name,
        "round": f"{year} {half}",
        "due": phrases.short_day(due) if due else gettext("なし"),
        "count": str(len(event.items)),
        "link": f"{settings.SITE_URL}{round.address(PAGES[event.kind])}",
    }


#: Where a letter leads: the name of a page of the round.
PAGES: Mapping[str, str] = {
    Kind.OPENED: "read",
    Kind.DUE_SOON: "read",
    Kind.ASKED: "comments",
    Kind.RETURNED: "comments",
    Kind.RELEASED: "comments",
    Kind.PUBLISHED: "opinion",
}


# Sending -----------------------------------------------------------------------------------------


def send(letters: Sequence[Letter], *, day: date) -> Outcome:
    """Send each letter once; one that fails does not keep the others back.

    Raises mail.NoMail where no e-mail is set up or the mail server does not answer.
    """
    mail.check_on()
    outcome = Outcome()
    if not letters:
        return outcome
    plans = plans_of({each.round.policy.ward_id for each in letters})
    with mail.post() as post:
        for letter in letters:
            rows = _claim(letter, day)
            if not rows:
                continue
            english = plans[letter.round.policy.ward_id].with_english
            text = written(letter, ["ja", "en"] if english else ["ja"])
            failure = post.send(text.subject, text.body, letter.to.address)
            lines = Notice.objects.filter(pk__in=rows)
            if failure:
                lines.update(state=Notice.State.FAILED, failure=failure[:300])
                outcome.failed.append((letter, failure))
            else:
                lines.update(state=Notice.State.SENT, failure="", at=timezone.now())
                outcome.sent.append(letter)
    return outcome


def _claim(letter: Letter, day: date) -> list[int]:
    """Write the lines of a letter; what another run took on meanwhile is taken out of it."""
    rows, mine, now = [], [], timezone.now()
    with transaction.atomic():
        # Of two runs the second waits here, and then finds what the first has taken on.
        Round.objects.select_for_update(no_key=True).get(pk=letter.round.pk)
        for event in letter.events:
            taken = []
            wanted: list[Item | None] = [*event.items] or [None]
            for item in wanted:
                row = _line(letter, event.kind, item, day, now)
                if row is not None:
                    rows.append(row)
                    taken.append(item)
            if taken:
                mine.append(Event(event.kind, [item for item in taken if item]))
    letter.events = mine
    return rows


def _line(letter: Letter, kind: str, item: Item | None, day: date, now: datetime) -> int | None:
    """The line of one event, ours to send; None where it was told or is being told today."""
    row, created = Notice.objects.get_or_create(
        round=letter.round,
        kind=kind,
        item=item,
        address=letter.to.address,
        day=day,
        defaults={"at": now, "user_id": letter.to.user_id, "member_id": letter.to.member_id},
    )
    if created:
        return row.pk
    stopped = Q(state=Notice.State.SENDING, at__lt=now - GIVEN_UP)
    again = Notice.objects.filter(Q(state=Notice.State.FAILED) | stopped, pk=row.pk)
    return row.pk if again.update(state=Notice.State.SENDING, failure="", at=now) else None


def rounds_at_work(wards: Iterable | None = None) -> list[Round]:
    """Rounds about which somebody may have to be told: all that were ever opened.

    Of a published one a month after it was published: later it is no news.
    """
    month = timezone.now() - timedelta(days=31)
    rows = Round.objects.exclude(state=Round.State.PREPARING).exclude(
        state=Round.State.PUBLISHED, published_at__lt=month
    )
    if wards is not None:
        rows = rows.filter(policy__ward__in=wards)
    return list(rows.select_related("policy__ward", "period", "committee"))


def lines(letters: Iterable[Letter]) -> Iterator[tuple[Letter, Event]]:
    for letter in letters:
        for event in letter.events:
            yield letter, event


def counts(letters: Iterable[Letter]) -> Mapping[str, int]:
    """To how many each kind goes."""
    found: dict[str, int] = {}
    for _letter, event in lines(letters):
        found[event.kind] = found.get(event.kind, 0) + 1
    return found
