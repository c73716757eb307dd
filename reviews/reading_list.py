"""The list of projects beside a reading page, written in one piece.

Thirty-four lines on every page: a template that looks up every mark would cost more than what
stands beside it (kpis/rows.py). What comes from a policy is escaped here.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from django.utils.translation import gettext, ngettext

from kpis.charts import Markup

from .reading import Line, Part


class Words:
    """What the list says in one language, looked up once."""

    def __init__(self) -> None:
        self.draft = gettext("書きかけ")
        self.commented = gettext("意見あり")
        self.read = gettext("確認済")
        self.about_pillar = gettext("この柱について")


@lru_cache(maxsize=8)
def words(lang: str) -> Words:
    """The words of a language that is switched on."""
    return Words()


class ListWriter:
    """Writes the pillars of one page; `at` is the subject and key of the page itself."""

    def __init__(self, lang: str, in_japanese: str, at: tuple[str, str], *, counts: bool) -> None:
        self.words = words(lang)
        self.in_japanese = in_japanese
        self.at = at
        self.counts = counts  # how many this person has read

    def pillar(self, part: Part, *, is_open: bool) -> Markup:
        lines = "".join(self._project(line) for line in part.lines)
        about = self._line(
            "",
            f"<span>{escape(self.words.about_pillar)}</span>",
            part.url,
            self.marks(commented=part.is_commented, draft=part.has_draft),
            self.at == ("pillar", part.key),
        )
        return Markup(
            f"<details{' open' if is_open else ''}><summary>"
            f'<span class="pillar-name"{self.in_japanese}>{escape(part.name)}</span>'
            f"<small>{escape(self._count(part))}</small></summary><ol>{lines}{about}</ol></details>"
        )

    def _count(self, part: Part) -> str:
        said = {"n": len(part.lines), "read": part.read}
        if self.counts:
            told = ngettext("%(n)d事業中 %(read)d", "%(n)d事業中 %(read)d", said["n"])
        else:
            told = ngettext("%(n)d事業", "%(n)d事業", said["n"])
        return told % said

    def _project(self, line: Line) -> str:
        title = line.title
        return self._line(
            title.number,
            f"<span{self.in_japanese}>{escape(title.name)}</span>",
            line.url,
            self.marks(commented=line.is_commented, draft=line.has_draft, read=line.is_read),
            self.at == ("project", title.key),
        )

    def _line(self, number: str, name: str, url: str, marks: str, is_here: bool) -> str:
        here = ' aria-current="page"' if is_here else ""
        return (
            f'<li{here}><a href="{escape(url)}"><span class="pno">{escape(number)}</span>'
            f"{name}{marks}</a></li>"
        )

    def marks(self, *, commented: bool, draft: bool, read: bool = False) -> str:
        """A pencil, a tick and the word for those who hear the page."""
        told = []
        if draft:
            told.append(f'<span class="draft">{escape(self.words.draft)}</span>')
        if commented:
            told.append(_icon("edit", self.words.commented))
        if read:
            told.append(_icon("check", self.words.read))
        return f'<span class="mk">{"".join(told)}</span>'


def _icon(name: str, word: str) -> str:
    return (
        f'<svg class="icon" aria-hidden="true"><use href="#u-{name}"/></svg>'
        f'<span class="vh">{escape(word)}</span>'
    )
