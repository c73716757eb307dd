"""The wording of reminders: the defaults, and the names in braces that stand for something.

Pure: no database, no framework. A ward may write its own (models.ReminderText). A name in
braces is replaced by what it stands for and by nothing else: it is looked up, never evaluated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_SUBJECT, LONGEST_BODY = 200, 4000

#: What may stand in braces.
PLACEHOLDERS = ("ward", "section", "period", "due", "left", "count", "counts", "link")

#: {due}, and ｛due｝ as a Japanese keyboard types it.
BRACED = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body as they are written, with names in braces."""

    subject: str
    body: str


def unknown(text: str) -> list[str]:
    """The names in braces that stand for nothing, as they were written."""
    return [found[0] for found in BRACED.finditer(text) if _plain(found[1]) not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what its names stand for; a name that stands for nothing stays."""
    return BRACED.sub(lambda found: values.get(_plain(found[1]), found[0]), text)


def one_line(text: str) -> str:
    """A subject: whatever it holds, it can begin no second line of a letter's head."""
    seen = (" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    return " ".join("".join(seen).split())


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


_FACTS_JA = """\
　期限　　　：{due}（{left}）
　未提出　　：{count}件（{counts}）
　入力の画面：{link}
"""
_FACTS_EN = """\
  Due:             {due} ({left})
  Not handed in:   {count} ({counts})
  Sheet:           {link}
"""
_CROSSED_JA = "すでに提出されているときは、行き違いです。ご容赦ください。"
_CROSSED_EN = "If you have handed it in meanwhile, please disregard this letter."

DEFAULTS: Mapping[tuple[str, str], Text] = {
    ("before", "ja"): Text(
        "【{ward} 運営方針】{period}の実績入力のお願い（期限 {due}）",
        f"{{section}}の{{period}}の実績について、提出の期限が近づいています。\n\n"
        f"{_FACTS_JA}\n期限までに入力し、提出してください。\n{_CROSSED_JA}",
    ),
    ("before", "en"): Text(
        "{ward} operating policy: figures of {period} due on {due}",
        f"The figures of {{section}} for {{period}} are due soon.\n\n"
        f"{_FACTS_EN}\nPlease enter and submit them by then.\n{_CROSSED_EN}",
    ),
    ("due", "ja"): Text(
        "【{ward} 運営方針】{period}の実績の提出は本日までです",
        f"{{section}}の{{period}}の実績は、本日が提出の期限です。\n\n"
        f"{_FACTS_JA}\n本日中に入力し、提出してください。\n{_CROSSED_JA}",
    ),
    ("due", "en"): Text(
        "{ward} operating policy: figures of {period} are due today",
        f"The figures of {{section}} for {{period}} are due today.\n\n"
        f"{_FACTS_EN}\nPlease enter and submit them today.\n{_CROSSED_EN}",
    ),
    ("late", "ja"): Text(
        "【{ward} 運営方針】{period}の実績の提出期限を過ぎています",
        f"{{section}}の{{period}}の実績は、提出の期限を過ぎています。\n\n"
        f"{_FACTS_JA}\n至急、入力と提出をお願いします。"
        f"間に合わない事情があるときは、区政推進課へご連絡ください。\n{_CROSSED_JA}",
    ),
    ("late", "en"): Text(
        "{ward} operating policy: figures of {period} are late",
        f"The figures of {{section}} for {{period}} are late.\n\n"
        f"{_FACTS_EN}\nPlease enter and submit them now, or tell the secretariat what stands in "
        f"the way.\n{_CROSSED_EN}",
    ),
    ("returned", "ja"): Text(
        "【{ward} 運営方針】{period}の実績が差し戻されています",
        "{section}の{period}の実績のうち、{count}件が差し戻されています。\n\n"
        "　期限　　　：{due}（{left}）\n　内訳　　　：{counts}\n　入力の画面：{link}\n\n"
        "差戻しの理由は、入力の画面に表示されています。直して、もう一度提出してください。",
    ),
    ("returned", "en"): Text(
        "{ward} operating policy: figures of {period} were returned",
        "Of the figures of {section} for {period}, {count} were returned.\n\n"
        "  Due:     {due} ({left})\n  All:     {counts}\n  Sheet:   {link}\n\n"
        "The sheet says why. Please put them right and submit them again.",
    ),
    ("waiting", "ja"): Text(
        "【{ward} 運営方針】{period}の実績が確認を待っています",
        "{section}の{period}の実績のうち、{count}件が課長の確認を待っています。\n\n"
        "　内訳　　　：{counts}\n　確認の画面：{link}\n\n"
        "内容を確かめ、確認するか、理由を付けて差し戻してください。",
    ),
    ("waiting", "en"): Text(
        "{ward} operating policy: figures of {period} wait to be confirmed",
        "Of the figures of {section} for {period}, {count} wait for the head of the section.\n\n"
        "  All:     {counts}\n  Sheet:   {link}\n\n"
        "Please confirm them, or return them with a reason.",
    ),
    ("nudge", "ja"): Text(
        "【{ward} 運営方針】{period}の実績の提出をお願いします",
        f"{{section}}の{{period}}の実績が、まだ提出されていません。\n\n"
        f"{_FACTS_JA}\n入力と提出をお願いします。"
        f"間に合わない事情があるときは、区政推進課へご連絡ください。\n{_CROSSED_JA}",
    ),
    ("nudge", "en"): Text(
        "{ward} operating policy: please hand in the figures of {period}",
        f"The figures of {{section}} for {{period}} have not been handed in.\n\n"
        f"{_FACTS_EN}\nPlease enter and submit them, or tell the secretariat what stands in the "
        f"way.\n{_CROSSED_EN}",
    ),
}
