"""The evaluation committee (事業評価委員会) and what comes of it: one module a subject."""

from .answers import Item, ItemSource, Promise
from .comments import Comment, Grade, ReadMark
from .committee import Attendance, Committee, Meeting, Member, Paper, Term
from .notices import Notice
from .opinion import Opinion, OpinionVersion
from .records import ReviewRecord
from .rounds import Frozen, FrozenProject, Round

__all__ = [
    "Attendance",
    "Comment",
    "Committee",
    "Frozen",
    "FrozenProject",
    "Grade",
    "Item",
    "ItemSource",
    "Meeting",
    "Member",
    "Notice",
    "Opinion",
    "OpinionVersion",
    "Paper",
    "Promise",
    "ReadMark",
    "ReviewRecord",
    "Round",
    "Term",
]
