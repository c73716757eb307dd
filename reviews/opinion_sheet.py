"""意見票: one member's sheet for one round, whatever it is written on. Knows no database.

It goes out as an Excel file, as a file that any browser opens, and on paper; the first two come
back. So it finds its way by what is in sight: a reference number (整理番号) that says whose sheet
of which round it is, from which frozen copy it was made, and when; and the number of each field
(欄番号), which says what the words in it are about and, of words that went out with the sheet,
which comment they are and how they stood then.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kpis.units import fold
from kpis.workbook import bare

from .models.comments import Kind, Subject

#: What stands over each column of the Excel sheet. A file is read by these words.
HEADINGS = {
    "slot": _("欄番号"),
    "number": _("番号"),
    "about": _("事業・柱"),
    "result": _("この期までの結果"),
    "grade": _("評価の段階"),
    "kind": _("種別"),
    "text": _("意見"),
}
#: The columns that members fill in.
FILLED = ("grade", "kind", "text")

FORMAT = "ayumi-opinion-sheet/1"

#: Of one comment, in characters. A cell of a spreadsheet holds 32,767.
LONGEST = 20_000

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_REFERENCE = re.compile(
    r"(?<![\w-])(?P<ward>\d{5})-(?P<year>\d{4})-(?P<period>[a-z0-9][a-z0-9_-]{0,9}?)"
    r"-m(?P<member>\d{1,18})-c(?P<copy>\d{1,5})-(?P<digest>[0-9a-f]{8})-(?P<issued>[0-9a-z]{5,8})"
    r"(?![\w-])",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """整理番号: 14107-2020-H1-M3-C1-1a2b3c4d-t5kq2x.

    Ward, fiscal year, period, member, number and digest of the frozen copy, moment of issue.
    """

    ward: str
    year: int
    period: str
    member: int
    copy: int
    digest: str
    issued: str

    def __str__(self) -> str:
        return (
            f"{self.ward}-{self.year}-{self.period}-M{self.member}-C{self.copy}"
            f"-{self.digest}-{self.issued}"
        )

    def is_of_the_same_sheet(self, other: Reference) -> bool:
        """Whether both are of one member, round and copy, whenever they were made."""
        return self._sheet == other._sheet

    @property
    def _sheet(self) -> tuple[str, int, str, int, int, str]:
        period = self.period.casefold()
        return self.ward, self.year, period, self.member, self.copy, self.digest

    @property
    def issued_at(self) -> datetime:
        """When the sheet was made, to the second."""
        return datetime.fromtimestamp(min(int(self.issued, 36), 2**32), UTC)


def issue(moment: datetime) -> str:
    """A moment as a reference holds it: seconds since 1970 on the base of 36."""
    seconds, text = int(moment.timestamp()), ""
    while seconds:
        seconds, digit = divmod(seconds, 36)
        text = _DIGITS[digit] + text
    return text


def find_references(text: str) -> list[Reference]:
    return [
        Reference(
            each["ward"],
            int(each["year"]),
            each["period"].upper(),
            int(each["member"]),
            int(each["copy"]),
            each["digest"].lower(),
            each["issued"].lower(),
        )
        for each in _REFERENCE.finditer(fold(text))
    ]


# The numbers of the fields -----------------------------------------------------------------------

_SLOT = re.compile(r"(?P<what>.+)-(?P<n>\d{1,4})")
_MARK = re.compile(r"#(?P<id>\d{1,18})-(?P<version>\d{1,9})-(?P<digest>[0-9a-f]{8})")
WHOLE, PILLAR, FURTHER = "全体", "柱", "追加"


@dataclass(frozen=True, slots=True)
class Mark:
    """Which comment a field went out with, in which version, and what it said then."""

    id: int
    version: int
    digest: str

    def __str__(self) -> str:
        return f"#{self.id}-{self.version}-{self.digest}"


def digest(kind: str, text: str) -> str:
    """Eight letters that change with the words; line ends do not count."""
    plain = "\n".join(text.splitlines())
    return hashlib.sha256(f"{kind}\n{plain}".encode(errors="replace")).hexdigest()[:8]


def read_mark(slot: str) -> Mark | None:
    found = _MARK.fullmatch(fold(slot).strip().lower())
    return Mark(int(found["id"]), int(found["version"]), found["digest"]) if found else None


def slot(subject: str, key: str, number: int) -> str:
    """The number of an empty field: p05-1, 柱a-1, 全体-1."""
    named = {Subject.WHOLE: WHOLE, Subject.PILLAR: f"{PILLAR}{key}"}
    return f"{named.get(Subject(subject), key)}-{number}"


def about_slot(text: str) -> tuple[str, str] | None:
    """Subject and key of an empty field's number; ("", "") where somebody has to say.

    None: it is no such number.
    """
    found = _SLOT.fullmatch(text.strip())
    if found is None:
        return None
    what = found["what"]
    if what == FURTHER:
        return "", ""
    if what == WHOLE:
        return Subject.WHOLE.value, ""
    if what.startswith(PILLAR):
        return Subject.PILLAR.value, what.removeprefix(PILLAR)
    return Subject.PROJECT.value, what


def client_key(reference: Reference, slot: str, more: str = "") -> str:
    """By which a comment of a field is known again when the same sheet comes a second time.

    The numbers that a browser gives (u-…) are of one comment wherever it is carried; those of an
    Excel sheet are of one sheet, and the next one that is made has the same.
    """
    sheet = str(reference)
    if slot.startswith("u-"):
        sheet = sheet.rpartition("-")[0]
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ayumi:{sheet}/{slot}/{more}"))


# What goes out -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """Where one comment is written: an empty field, or one with words that are here already."""

    slot: str
    kind: str = ""
    text: str = ""
    state: str = ""  # of what is here already: 画面から提出済, 代理入力（紙）

    @property
    def kind_name(self) -> str:
        return name_of_kind(self.kind)


@dataclass(slots=True)
class About:
    """A project, a pillar or the whole, with its result and the fields for its comments."""

    subject: str
    key: str
    number: str
    name: str
    result: Sequence[str] = ()  # a line a target
    status: str = ""
    fields: list[Field] = field(default_factory=list)
    grade: str = ""
    heading: str = ""  # the pillar that begins here
    corrected: Sequence[str] = ()  # what was corrected since the copy was made

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}".strip()

    @property
    def is_project(self) -> bool:
        return self.subject == Subject.PROJECT

    @property
    def first_empty(self) -> str:
        """The number of the first field that nobody has written in."""
        return next((each.slot for each in self.fields if not each.text), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A member's sheet. `facts` are name and text, as every form of it shows them on top."""

    reference: Reference
    title: str
    member: str
    facts: Sequence[tuple[str, str]]
    note: str
    due: str
    contact: str
    footer: str
    demo: str
    subjects: Sequence[About]
    grades: Sequence[tuple[str, str]] = ()  # mark and name, where the round asks for them

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.subjects]


# What comes back ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be put right in the file: where, and how.

    `about` is the number of the field, until it is known what that stands for.
    """

    at: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One field that came back filled: its words exactly as typed."""

    slot: str
    kind: str
    text: str
    at: str  # where it stands: G12, or the name of the project
    about: str = ""  # a further row's own word of what it is about

    def __post_init__(self) -> None:
        """What travelled in a page is a list again; nothing else is taken."""
        if not all(isinstance(each, str) for each in (self.slot, self.kind, self.text, self.at)):
            raise TypeError

    @property
    def kind_name(self) -> str:
        return name_of_kind(self.kind)


@dataclass(frozen=True, slots=True)
class GivenGrade:
    key: str
    grade: str
    at: str


@dataclass(slots=True)
class Returned:
    """A sheet that came back. `source` is one of Comment.Source: xlsx or file."""

    reference: Reference
    source: str
    fields: list[Given] = field(default_factory=list)
    grades: list[GivenGrade] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def is_writable(text: str) -> bool:
    """Whether a database can hold it: no NUL, and no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def heading_names() -> dict[str, str]:
    """Every heading as it may stand in a file, to the column's name."""
    found: dict[str, str] = {}
    for language in ("ja", "en"):
        with override(language):
            found |= {bare(str(heading)): name for name, heading in HEADINGS.items()}
    return found


def name_of_kind(kind: str) -> str:
    return str(Kind(kind).label) if kind in Kind.values else ""


def kind_by_name(typed: str) -> str | None:
    """The kind that somebody chose or typed: 評価, 1, 1 評価, Praise; None where it is none."""
    wanted = bare(fold(typed))
    for number, kind in enumerate(Kind, start=1):
        names = {kind.value, str(number)}
        for language in ("ja", "en"):
            with override(language):
                label = bare(str(kind.label))
            names |= {label, f"{number}{label}", f"{number}.{label}"}
        if wanted in names:
            return kind.value
    return None
