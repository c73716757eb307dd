"""Every address, opened and posted to by everybody: nothing is open that no rule opens.

The addresses come from the resolver: one that has no line in EXPECTED fails the test, so that
a new page cannot be forgotten. A line says what a person gets who may, and what the others get.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.test import TestCase
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from kpis.models import Proposal
from reviews.models import Meeting, Paper, Promise
from tests.cast import Cast
from tests.reviews.cast import CommitteeCast
from tests.reviews.pdf_fonts import NO_FONTS

NOBODY = "nobody"
INSIDE_ISOGO = frozenset(
    {
        "doboku_staff",
        "doboku_head",
        "chiiki_staff",
        "fukushi_staff",
        "secretariat",
        "manager",
        "fukushi_bucho",
        "auditor",
    }
)
OF_ISOGO = INSIDE_ISOGO | {"member"}
STRANGERS = frozenset({"minami_staff", "minami_secretariat", "without_post"})
EVERYBODY = OF_ISOGO | {"city"} | STRANGERS
SECRETARIATS = frozenset({"secretariat", "minami_secretariat"})

LOG_IN_FIRST = "log in first"  # a page leads to the log-in; what was sent is handed back, unsaved


@dataclass(frozen=True)
class Answer:
    """The status for those who may; for the other logged-in people; for nobody."""

    allowed: int
    may: frozenset[str] = EVERYBODY
    others: int = 404
    nobody: int | str = LOG_IN_FIRST

    def to(self, who: str) -> int | str:
        if who == NOBODY:
            return self.nobody
        return self.allowed if who in self.may else self.others


@dataclass(frozen=True)
class Page:
    """`args` of the address; a name in them is that of somebody or something of the cast."""

    get: "Answer | ByWhom"
    post: "Answer | ByWhom" = Answer(405)
    args: tuple = ()

    def address(self, name: str, cast: Cast) -> str:
        args = [getattr(cast, each.name).pk if isinstance(each, Of) else each for each in self.args]
        return reverse(name, args=args)


@dataclass(frozen=True)
class Of:
    """The id of somebody or something of the cast."""

    name: str


@dataclass(frozen=True)
class ByWhom:
    """An answer for each, where there are more than two: 403 to who sees it and may not act."""

    answers: dict[int, frozenset[str]]

    def to(self, who: str) -> int | str:
        if who == NOBODY:
            return LOG_IN_FIRST
        return next((status for status, people in self.answers.items() if who in people), 404)


NOT_BY_GET = Answer(405)
ENTERS_FLOOD = frozenset({"doboku_staff", "doboku_head", "secretariat"})
ENTERS_SOMETHING = ENTERS_FLOOD | {"chiiki_staff", "fukushi_staff"}
SEES_ISOGO = OF_ISOGO | {"city"}
SEES_FLOOD = SEES_ISOGO - {"fukushi_bucho"}  # the 部長 of another department does not
FOR_THE_SECTION = ByWhom({200: ENTERS_FLOOD, 403: SEES_FLOOD - ENTERS_FLOOD})
OF_ONE_SECTION = ByWhom({200: ENTERS_FLOOD, 403: SEES_ISOGO - ENTERS_FLOOD})
NOT_BY_THOSE_OUTSIDE = ByWhom({200: INSIDE_ISOGO, 403: SEES_ISOGO - INSIDE_ISOGO})
NOT_BY_OTHERS_OF_ISOGO = ByWhom({200: ENTERS_SOMETHING, 403: SEES_ISOGO - ENTERS_SOMETHING})
BY_THE_SECRETARIAT = ByWhom({200: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}})
#: Of the committee's round: a member writes, the others read the copy.
MEMBER = frozenset({"member"})
READS_FLOOD = OF_ISOGO - {"fukushi_bucho"}
#: The member's own sheet, and the secretariat's.
OWN_SHEET = MEMBER | {"secretariat"}

# The committee: everybody of the ward reads, its secretariat keeps, the auditor reads the record.
ONLY_SECRETARIAT = frozenset({"secretariat"})
PREPARES = frozenset({"secretariat", "auditor"})
OF_THE_WARD = Answer(200, may=OF_ISOGO)
KEEPS = ByWhom({200: ONLY_SECRETARIAT, 403: OF_ISOGO})
SAVES = ByWhom({302: ONLY_SECRETARIAT, 403: OF_ISOGO})
READS_THE_RECORD = ByWhom({200: PREPARES, 403: OF_ISOGO})
#: The round on the first half, which takes no more comments.
ROUND = ("14107", 2020, "H1")
OF_THE_DESK = ByWhom({200: frozenset({"secretariat"}), 403: OF_ISOGO - {"secretariat"}})


def refused(status: int) -> ByWhom:
    """A form that was sent empty: the secretariat is told so, the others may not send it."""
    return ByWhom({status: frozenset({"secretariat"}), 403: OF_ISOGO - {"secretariat"}})


SEES_LINE = OF_ISOGO - {"fukushi_bucho"}  # the line is another department's

#: The public works office asks to cancel its patrols.
PROPOSAL = 7

EXPECTED = {
    "health": Page(get=Answer(200, nobody=200), post=Answer(405, nobody=405)),
    "set_language": Page(get=Answer(302, nobody=302), post=Answer(302, nobody=302)),
    "login": Page(get=Answer(302, nobody=200), post=Answer(302, nobody=200)),
    "logout": Page(get=Answer(405, nobody=405), post=Answer(302, nobody=302)),
    "password_change": Page(get=Answer(200), post=Answer(200)),
    "people": Page(get=Answer(200, may=SECRETARIATS, others=403)),
    "person": Page(args=("doboku-staff",), get=Answer(200, may=frozenset({"secretariat"}))),
    "person_reset": Page(
        args=("doboku-staff",),
        get=NOT_BY_GET,
        post=Answer(200, may=frozenset({"secretariat"})),
    ),
    "person_add": Page(
        get=Answer(200, may=SECRETARIATS, others=403),
        post=Answer(200, may=SECRETARIATS, others=403),
    ),
    "person_edit": Page(
        args=("doboku-staff",),
        get=Answer(200, may=frozenset({"secretariat"})),
        post=Answer(200, may=frozenset({"secretariat"})),
    ),
    "person_stop": Page(
        args=("doboku-staff",),
        get=NOT_BY_GET,
        post=Answer(302, may=frozenset({"secretariat"})),
    ),
    "post_give": Page(
        args=("doboku-staff",),
        get=Answer(200, may=frozenset({"secretariat"})),
        post=Answer(200, may=frozenset({"secretariat"})),
    ),
    "posts": Page(get=Answer(200, may=SECRETARIATS, others=403)),
    "hand_over": Page(
        get=Answer(302, may=SECRETARIATS, others=403),
        post=Answer(302, may=SECRETARIATS, others=403),
    ),
    "post": Page(
        args=(Of("doboku_staff_post"),),
        get=Answer(200, may=frozenset({"secretariat"})),
        post=Answer(302, may=frozenset({"secretariat"})),
    ),
    "post_records": Page(get=Answer(200, may=SECRETARIATS | {"auditor"}, others=403)),
    "kpis:home": Page(get=Answer(200)),
    "kpis:dashboard": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:policy": Page(args=("14107", 2020), get=Answer(200, may=OF_ISOGO | {"city"})),
    "kpis:targets": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:targets_xlsx": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:targets_csv": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:summary_xlsx": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:summary_csv": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:project": Page(args=("14107", 2020, "p20"), get=Answer(200, may=SEES_ISOGO)),
    "kpis:history": Page(args=("14107", 2020), get=NOT_BY_THOSE_OUTSIDE),
    "kpis:history_csv": Page(args=("14107", 2020), get=NOT_BY_THOSE_OUTSIDE),
    "kpis:policy_schema": Page(get=Answer(200, nobody=200), post=Answer(405, nobody=405)),
    "kpis:entry_list": Page(
        args=("14107", 2020),
        get=ByWhom(
            {
                200: frozenset({"secretariat"}),
                302: ENTERS_SOMETHING,
                403: SEES_ISOGO - ENTERS_SOMETHING,
            }
        ),
    ),
    "kpis:sheet": Page(
        args=("14107", 2020, Of("doboku"), "H2"),
        get=ByWhom({200: ENTERS_FLOOD, 403: SEES_ISOGO - ENTERS_FLOOD}),
        # An empty form changes nothing and leads back to the sheet.
        post=ByWhom({302: ENTERS_FLOOD, 403: SEES_ISOGO - ENTERS_FLOOD}),
    ),
    "kpis:cell": Page(
        args=("14107", 2020, "p05-t1", "H2"),
        get=NOT_BY_GET,
        post=ByWhom({422: ENTERS_FLOOD, 403: SEES_FLOOD - ENTERS_FLOOD}),
    ),
    "kpis:period_move": Page(
        args=("14107", 2020, "H2"),
        get=NOT_BY_GET,
        post=ByWhom({302: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "kpis:narrative": Page(
        args=("14107", 2020, "p05", "H2"),
        get=FOR_THE_SECTION,
        post=ByWhom({200: ENTERS_FLOOD, 403: SEES_FLOOD - ENTERS_FLOOD}),
    ),
    # Nobody has put a file there: tests/kpis/test_evidence.py asks for one that is.
    "kpis:evidence": Page(args=("14107", 2020, "0" * 32), get=Answer(404)),
    "kpis:changes": Page(args=("14107", 2020), get=Answer(200, may=SEES_ISOGO)),
    "kpis:change": Page(
        args=("14107", 2020, PROPOSAL),
        get=Answer(200, may=INSIDE_ISOGO - {"fukushi_bucho"}),
        post=ByWhom({302: ENTERS_FLOOD, 403: INSIDE_ISOGO - {"fukushi_bucho"} - ENTERS_FLOOD}),
    ),
    "kpis:target_change": Page(
        args=("14107", 2020, "p05-t1"), get=FOR_THE_SECTION, post=FOR_THE_SECTION
    ),
    "kpis:project_change": Page(
        args=("14107", 2020, "p05"), get=FOR_THE_SECTION, post=FOR_THE_SECTION
    ),
    "kpis:nudge": Page(
        args=("14107", 2020, "H2"),
        get=NOT_BY_GET,
        post=ByWhom({302: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "kpis:period_due": Page(
        args=("14107", 2020, "H2"),
        get=NOT_BY_GET,
        post=ByWhom({302: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "kpis:reminders": Page(
        args=("14107", 2020),
        get=BY_THE_SECRETARIAT,
        post=ByWhom({400: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "kpis:reminder_text": Page(
        args=("14107", 2020, "late"),
        get=BY_THE_SECRETARIAT,
        post=ByWhom({400: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "kpis:sheet_xlsx": Page(args=("14107", 2020, Of("doboku"), "H2"), get=OF_ONE_SECTION),
    "kpis:sheet_upload": Page(
        args=("14107", 2020, Of("doboku"), "H2"), get=OF_ONE_SECTION, post=OF_ONE_SECTION
    ),
    "kpis:entry": Page(
        args=("14107", 2020, "p05-t1", "H2"), get=FOR_THE_SECTION, post=FOR_THE_SECTION
    ),
    # reviews: the committee and the desk of a round
    "reviews:committee": Page(args=("14107",), get=OF_THE_WARD),
    "reviews:committee_edit": Page(args=("14107",), get=KEEPS, post=KEEPS),
    "reviews:member_add": Page(args=("14107",), get=KEEPS, post=KEEPS),
    "reviews:member": Page(args=("14107", Of("expert")), get=OF_THE_WARD),
    "reviews:member_edit": Page(args=("14107", Of("expert")), get=KEEPS, post=KEEPS),
    "reviews:member_account": Page(args=("14107", Of("expert")), get=KEEPS, post=SAVES),
    "reviews:term_add": Page(args=("14107", Of("expert")), get=KEEPS, post=KEEPS),
    "reviews:term": Page(args=("14107", Of("expert"), Of("expert_term")), get=KEEPS, post=KEEPS),
    "reviews:meetings": Page(args=("14107",), get=OF_THE_WARD),
    "reviews:meeting_add": Page(args=("14107",), get=KEEPS, post=KEEPS),
    "reviews:meeting": Page(args=("14107", Of("meeting")), get=OF_THE_WARD),
    "reviews:meeting_print": Page(args=("14107", Of("meeting")), get=OF_THE_WARD),
    "reviews:meeting_edit": Page(args=("14107", Of("meeting")), get=KEEPS, post=KEEPS),
    "reviews:meeting_minutes": Page(args=("14107", Of("meeting")), get=KEEPS, post=SAVES),
    "reviews:meeting_attendance": Page(args=("14107", Of("meeting")), get=KEEPS, post=SAVES),
    "reviews:paper_add": Page(args=("14107", Of("meeting")), get=KEEPS, post=KEEPS),
    # No file stands there, but a page of the round: tests/reviews/test_meetings.py has files.
    "reviews:paper": Page(args=("14107", Of("meeting"), Of("paper")), get=Answer(404)),
    "reviews:paper_edit": Page(args=("14107", Of("meeting"), Of("paper")), get=KEEPS, post=KEEPS),
    "reviews:paper_remove": Page(
        args=("14107", Of("meeting"), Of("paper")), get=NOT_BY_GET, post=SAVES
    ),
    "reviews:rounds": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:round_add": Page(args=("14107",), get=KEEPS, post=KEEPS),
    "reviews:review_record": Page(args=("14107",), get=READS_THE_RECORD),
    "reviews:review_record_csv": Page(args=("14107",), get=READS_THE_RECORD),
    "reviews:round": Page(args=ROUND, get=OF_THE_WARD),
    # It takes no more comments, so that its settings stay: the secretariat is told so.
    "reviews:round_edit": Page(args=ROUND, get=SAVES, post=KEEPS),
    "reviews:round_move": Page(args=(*ROUND, "reopen"), get=KEEPS, post=KEEPS),
    # reviews: reading and commenting
    "reviews:reading": Page(get=Answer(302)),
    "reviews:read": Page(args=ROUND, get=Answer(200, may=OF_ISOGO)),
    # The round takes no more comments, and says so to the member who sends one.
    "reviews:read_project": Page(
        args=(*ROUND, "p05"),
        get=Answer(200, may=READS_FLOOD),
        post=ByWhom({409: MEMBER, 403: READS_FLOOD - MEMBER}),
    ),
    "reviews:read_mark": Page(
        args=(*ROUND, "p05"),
        get=NOT_BY_GET,
        post=ByWhom({302: MEMBER, 403: READS_FLOOD - MEMBER}),
    ),
    "reviews:read_pillar": Page(
        args=(*ROUND, "a"),
        get=Answer(200, may=OF_ISOGO),
        post=ByWhom({409: MEMBER, 403: OF_ISOGO - MEMBER}),
    ),
    "reviews:read_whole": Page(
        args=ROUND,
        get=Answer(200, may=OF_ISOGO),
        post=ByWhom({409: MEMBER, 403: OF_ISOGO - MEMBER}),
    ),
    # Of nothing in particular there is nothing to save: 404 to the member, too.
    "reviews:comment_save": Page(args=ROUND, get=NOT_BY_GET, post=ByWhom({403: OF_ISOGO - MEMBER})),
    # reviews: sheets out and in
    "reviews:behalf": Page(args=ROUND, get=OF_THE_DESK),
    "reviews:sheets_print": Page(args=ROUND, get=OF_THE_DESK),
    "reviews:sheets_zip": Page(args=ROUND, get=OF_THE_DESK),
    "reviews:behalf_member": Page(
        args=(*ROUND, Of("area_member")),
        get=OF_THE_DESK,
        post=OF_THE_DESK,
    ),
    "reviews:sheet_xlsx": Page(args=(*ROUND, Of("area_member")), get=Answer(200, may=OWN_SHEET)),
    "reviews:sheet_html": Page(args=(*ROUND, Of("area_member")), get=Answer(200, may=OWN_SHEET)),
    "reviews:sheet_print": Page(args=(*ROUND, Of("area_member")), get=Answer(200, may=OWN_SHEET)),
    "reviews:sheet_upload": Page(
        args=(*ROUND, Of("area_member")),
        get=OF_THE_DESK,
        post=OF_THE_DESK,
    ),
    # reviews: the list and its answers. Its first line waits for the public works office.
    "reviews:comments": Page(args=ROUND, get=Answer(200, may=OF_ISOGO), post=refused(302)),
    "reviews:comments_xlsx": Page(args=ROUND, get=Answer(200, may=OF_ISOGO)),
    "reviews:comments_csv": Page(args=ROUND, get=Answer(200, may=OF_ISOGO)),
    "reviews:comments_merge": Page(args=ROUND, get=refused(302), post=refused(302)),
    "reviews:item": Page(
        args=(*ROUND, 1),
        get=Answer(200, may=SEES_LINE),
        post=ByWhom({302: ENTERS_FLOOD, 403: SEES_LINE - ENTERS_FLOOD}),
    ),
    "reviews:item_split": Page(
        args=(*ROUND, 1),
        get=ByWhom({302: frozenset({"secretariat"}), 403: SEES_LINE - {"secretariat"}}),
        post=ByWhom({200: frozenset({"secretariat"}), 403: SEES_LINE - {"secretariat"}}),
    ),
    "reviews:answers": Page(
        args=ROUND,
        get=ByWhom({200: ENTERS_SOMETHING, 403: OF_ISOGO - ENTERS_SOMETHING}),
        post=ByWhom({404: ENTERS_SOMETHING, 403: OF_ISOGO - ENTERS_SOMETHING}),
    ),
    "reviews:all_comments": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:all_comments_xlsx": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:all_comments_csv": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:promises": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:promises_xlsx": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:promises_csv": Page(args=("14107",), get=Answer(200, may=SEES_ISOGO)),
    "reviews:promise_add": Page(
        args=("14107",),
        get=BY_THE_SECRETARIAT,
        post=ByWhom({422: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "reviews:promises_attach": Page(
        args=("14107",),
        get=NOT_BY_GET,
        post=ByWhom({404: frozenset({"secretariat"}), 403: SEES_ISOGO - {"secretariat"}}),
    ),
    "reviews:promise": Page(
        args=("14107", Of("promise")),
        get=Answer(200, may=SEES_FLOOD),
        post=ByWhom({422: ENTERS_FLOOD, 403: SEES_FLOOD - ENTERS_FLOOD}),
    ),
    # reviews: the opinion and what is public. The round of the cast is closed.
    "reviews:opinion": Page(args=ROUND, get=Answer(200, may=OF_ISOGO)),
    "reviews:opinion_edit": Page(args=ROUND, get=OF_THE_DESK, post=refused(422)),
    "reviews:opinion_move": Page(args=ROUND, get=NOT_BY_GET, post=refused(404)),
    "reviews:opinion_agree": Page(
        args=ROUND,
        get=NOT_BY_GET,
        post=ByWhom({302: frozenset({"member"}), 403: OF_ISOGO - {"member"}}),
    ),
    "reviews:opinion_version": Page(args=(*ROUND, 9), get=Answer(404)),
    "reviews:public_rounds": Page(get=Answer(200, nobody=200), post=Answer(405, nobody=405)),
    "reviews:public_round": Page(
        args=ROUND, get=Answer(404, others=404, nobody=404), post=Answer(405, nobody=405)
    ),
    "reviews:public_comments_csv": Page(
        args=ROUND, get=Answer(404, others=404, nobody=404), post=Answer(405, nobody=405)
    ),
    # reviews: notices. A press of the secretariat sends what is pending and leads back.
    "reviews:notices": Page(args=ROUND, get=OF_THE_DESK, post=refused(302)),
    # reviews: the booklet. Where the fonts of PDFs are missing, a page says so instead.
    "reviews:booklet": Page(args=ROUND, get=Answer(200, may=OF_ISOGO)),
    "reviews:booklet_pdf": Page(args=ROUND, get=Answer(503 if NO_FONTS else 200, may=OF_ISOGO)),
}


def named_urls(patterns=None, namespace=""):
    """Names of all addresses, with their namespaces; an address without a name is an error."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield f"{namespace}{entry.name}"
        else:
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from named_urls(entry.url_patterns, inside)


class EveryAddress(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cast = cls.cast
        cast.expert_term = cast.expert.terms.get()
        cast.meeting = Meeting.objects.create(
            committee=cast.committee, fiscal_year=2020, number=1, day=date(2020, 11, 20)
        )
        cast.paper = Paper.objects.create(
            meeting=cast.meeting, label="資料1", title="評価資料", kind="booklet"
        )
        cast.open()
        cast.close()
        asked = {"state": "asked", "section": cast.doboku, "due": date(2020, 12, 28)}
        cast.item(cast.comment(cast.expert, "何が直りましたか。"), **asked)
        cast.promise = Promise.objects.create(
            ward=cast.isogo,
            on_fiscal_year=2019,
            text="成果を示すこと。",
            what="報告に加えます。",
            disposition="reflect",
            made_on=date(2020, 3, 31),
            section=cast.doboku,
        )
        Proposal.objects.create(
            pk=PROPOSAL,
            policy=cast.policy,
            project=cast.flood,
            target=cast.patrols,
            kind=Proposal.Kind.CANCEL,
            on=date(2020, 12, 1),
            reason="河川敷の閉鎖",
            proposed_by_name="土木事務所",
            proposed_at=timezone.now(),
        )

    def test_each_address_has_its_line(self):
        found = set(named_urls())
        self.assertEqual(found - set(EXPECTED), set(), "say in EXPECTED who may open these")
        self.assertEqual(set(EXPECTED) - found, set(), "these are gone")

    def test_everybody_of_the_cast_is_asked(self):
        self.assertEqual(set(self.cast.everybody()), EVERYBODY)

    def test_opened_by_everybody(self):
        self.walk("get")

    def test_posted_to_by_everybody(self):
        self.walk("post")

    def walk(self, method):
        """Each address by each person, each with a database as it was."""
        people = {NOBODY: None, **self.cast.everybody()}
        for name, page in EXPECTED.items():
            address = page.address(name, self.cast)
            for who, user in people.items():
                with self.subTest(method=method, address=name, who=who):
                    answer = self.answer(user, method, address)
                    expected = getattr(page, method).to(who)
                    if expected == LOG_IN_FIRST:
                        self.assert_log_in_first(answer, method, address)
                    else:
                        self.assertEqual(answer.status_code, expected)

    def answer(self, user, method, address):
        """What this person gets; whatever the request changed is undone."""
        client = self.client_class(raise_request_exception=False)
        with transaction.atomic():
            if user:
                client.force_login(user)
            answer = getattr(client, method)(address)
            transaction.set_rollback(True)
        return answer

    def assert_log_in_first(self, answer, method, address):
        if method == "get":
            self.assertRedirects(
                answer,
                f"{reverse(settings.LOGIN_URL)}?next={address}",
                fetch_redirect_response=False,
            )
        else:
            self.assertContains(answer, "ログインし直してください", status_code=403)
