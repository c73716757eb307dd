"""The form in which the secretariat compiles an opinion, and those that move it on."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpis.forms import TextField

from .compiling import LONGEST_PARAGRAPH, MOST_PARAGRAPHS
from .joining import Paragraph
from .opinion_pages import Source, numbers

#: So many empty paragraphs stand below what is written.
SPARE = 2
_RANGE = re.compile(r"^(\d{1,4})(?:[-~〜–](\d{1,4}))?$")


@dataclass(slots=True)
class Part:
    """One paragraph as it was typed, and what is wrong with it."""

    id: str
    text: str = ""
    sources: str = ""
    order: str = ""
    clash: bool = False
    errors: list[str] = field(default_factory=list)
    wrong: str = ""  # the field that is wrong: text, sources, order


class CompileForm:
    """Paragraphs with the numbers of the comments that each was made of, and their order.

    Not a Django form: so many paragraphs as there are, and what was typed stands as it was typed.
    """

    def __init__(
        self,
        known: Collection[Source],
        data: Mapping[str, Any] | None = None,
        *,
        title: str = "",
        paragraphs: Sequence[Paragraph] = (),
        more: bool = False,
    ) -> None:
        self.known = known
        self.title_error = ""
        if data is None:
            self.title = title
            self.parts = [
                Part(each.id, each.text, numbers(each.sources, known), str(n), each.clash)
                for n, each in enumerate(paragraphs, start=1)
            ]
        else:
            self.title = (data.get("title") or "").strip()
            self.parts = _typed(data)
        spare = SPARE + 3 if more else SPARE
        empty = sum(not each.text.strip() for each in self.parts)
        for _n in range(max(0, min(spare - empty, MOST_PARAGRAPHS - len(self.parts)))):
            self.parts.append(Part(_new_id(), order=str(len(self.parts) + 1)))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Anchor and sentence, for the summary above the form."""
        told = [("title", self.title_error)] if self.title_error else []
        for number, part in enumerate(self.parts, start=1):
            told += [(f"{part.wrong}_{number}", error) for error in part.errors]
        return told

    def paragraphs(self) -> list[Paragraph] | None:
        """What was typed, in its order; None where something is wrong with it."""
        if not self.title:
            self.title_error = gettext("表題が空です。表題を書いてください。")
        elif len(self.title) > 200:
            self.title_error = gettext("表題は200文字以内にしてください。")
        elif "\x00" in self.title:
            self.title_error = gettext("表題に使えない文字（NUL）が入っています。消してください。")
        ids = {each.number: each.id for each in self.known}
        found: list[tuple[float, int, Paragraph]] = []
        for number, part in enumerate(self.parts, start=1):
            text = part.text.strip()
            if not text:
                if part.sources.strip():
                    part.errors.append(
                        gettext("段落%(n)d：意見番号だけがあります。本文も書いてください。")
                        % {"n": number}
                    )
                    part.wrong = "text"
                continue
            if "\x00" in text:
                told = gettext("段落%(n)d：使えない文字（NUL）が入っています。消してください。")
                part.errors.append(told % {"n": number})
                part.wrong = "text"
            if len(text) > LONGEST_PARAGRAPH:
                told = gettext(
                    "段落%(n)d：%(length)d文字あります。%(most)d文字以内に分けてください。"
                )
                words = {"n": number, "length": len(text), "most": LONGEST_PARAGRAPH}
                part.errors.append(told % words)
                part.wrong = "text"
            place = unicodedata.normalize("NFKC", part.order).strip()
            if place and not re.fullmatch(r"\d{1,3}(\.\d)?", place):
                told = gettext("段落%(n)d：順番の「%(typed)s」は数として読めません。")
                part.errors.append(told % {"n": number, "typed": part.order[:20]})
                part.wrong = "order"
                place = ""
            chosen = self._sources(part, number, ids)
            at = float(place) if place else float(number)
            found.append((at, number, Paragraph(part.id, text, chosen)))
        if self.problems:
            return None
        return [paragraph for _at, _number, paragraph in sorted(found, key=lambda each: each[:2])]

    def _sources(self, part: Part, number: int, ids: Mapping[int, int]) -> tuple[int, ...]:
        typed = unicodedata.normalize("NFKC", part.sources)
        chosen: list[int] = []
        for piece in re.split(r"[、,・\s]+", typed):
            if not piece:
                continue
            match = _RANGE.match(piece)
            if match is None:
                told = gettext(
                    "段落%(n)d：「%(typed)s」は意見番号として読めません。"
                    "3、5-8 のように書いてください。"
                )
                part.errors.append(told % {"n": number, "typed": piece[:20]})
                part.wrong = "sources"
                return ()
            first, last = int(match[1]), int(match[2] or match[1])
            wanted = range(first, last + 1)
            missing = next((each for each in wanted if each not in ids), None)
            if missing is not None or last < first:
                told = gettext(
                    "段落%(n)d：意見番号%(which)sはありません。右の一覧の番号を書いてください。"
                )
                which = piece if missing is None else missing
                part.errors.append(told % {"n": number, "which": which})
                part.wrong = "sources"
                return ()
            chosen += [ids[each] for each in wanted]
        return tuple(dict.fromkeys(chosen))


def _typed(data: Mapping[str, Any]) -> list[Part]:
    parts = []
    # Two long drafts that were joined come to more than anybody may add.
    for number in range(1, 2 * MOST_PARAGRAPHS + 1):
        if f"text_{number}" not in data:
            break
        id_ = (data.get(f"id_{number}") or "")[:40]
        parts.append(
            Part(
                id=id_ if re.fullmatch(r"[\w-]+", id_, re.ASCII) else _new_id(),
                text=(data.get(f"text_{number}") or "").replace("\r\n", "\n"),
                sources=data.get(f"sources_{number}") or "",
                order=data.get(f"order_{number}") or "",
            )
        )
    return parts


def _new_id() -> str:
    return secrets.token_hex(4)


class ApproveForm(forms.Form):
    who = forms.CharField(
        label=_("確認した人"),
        max_length=100,
        initial=_("委員長"),
        help_text=_("委員会として確認した人の役職。例：委員長"),
        widget=forms.TextInput({"class": "input"}),
    )
    on = forms.DateField(
        label=_("確認した日"), widget=forms.DateInput({"class": "input day", "type": "date"})
    )


class PublishForm(forms.Form):
    who = forms.CharField(
        label=_("決裁者"), max_length=100, widget=forms.TextInput({"class": "input"})
    )
    on = forms.DateField(
        label=_("決裁日"), widget=forms.DateInput({"class": "input day", "type": "date"})
    )
    document_number = forms.CharField(
        label=_("文書番号"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"class": "input"}),
    )


class ReasonForm(forms.Form):
    reason = TextField(
        label=_("理由"),
        max_length=1000,
        widget=forms.Textarea({"class": "textarea short", "rows": 2}),
    )
