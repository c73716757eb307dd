"""What the secretariat types in: many comments at once, by keyboard; and one that is put right."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import behalf
from .behalf import Said
from .models import Comment
from .models.comments import Kind
from .sheet_changes import Titles

#: So many comments are typed before they are saved together.
ROWS = 5


def kind_choices() -> list[tuple[str, str]]:
    """With a digit before each, so that a key chooses it."""
    return [
        ("", "—"),
        *((kind.value, f"{n} {kind.label}") for n, kind in enumerate(Kind, start=1)),
    ]


class CommentRow(forms.Form):
    """One comment: what it is about (⑤, 5, a name, 全体), its kind, its words."""

    about = forms.CharField(
        label=_("事業の番号"),
        required=False,
        max_length=300,
        widget=forms.TextInput(
            attrs={"class": "input", "list": "subjects", "autocomplete": "off", "size": 12}
        ),
    )
    kind = forms.ChoiceField(
        label=_("種別"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    text = forms.CharField(
        label=_("意見"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "textarea short", "rows": 3}),
    )
    client_key = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)

    def __init__(self, *args: Any, titles: Titles, **options: Any) -> None:
        super().__init__(*args, **options)
        self.titles = titles
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]
        self.fields["client_key"].initial = uuid.uuid4
        if self.is_bound:
            for name in self.errors:
                if name in self.fields:
                    self.fields[name].widget.attrs["aria-invalid"] = "true"

    @property
    def is_left_empty(self) -> bool:
        """Whether nobody typed here."""
        values = (self[name].value() or "" for name in ("about", "text"))
        return not any(str(value).strip() for value in values)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = cleaned["text"] = behalf.as_typed(cleaned.get("text") or "")
        about = str(cleaned.get("about") or "").strip()
        if not about and not text.strip():
            return cleaned
        called = self.titles.called(about)
        if not about:
            self.add_error("about", _("事業の番号を入れてください。全体への意見は「全体」です。"))
        elif not called:
            self.add_error(
                "about",
                ValidationError(
                    gettext("「%(about)s」という事業・柱は、この回にありません。")
                    % {"about": about[:60]}
                ),
            )
        elif len(called) > 1:
            names = gettext("、").join(self.titles.names[each] for each in called)
            self.add_error(
                "about",
                ValidationError(
                    gettext(
                        "「%(about)s」に当たる事業が2つ以上あります（%(names)s）。名前も入れてください。"
                    )
                    % {"about": about[:60], "names": names}
                ),
            )
        if not text.strip():
            self.add_error("text", _("意見が空です。意見を書いてください。"))
        elif not cleaned.get("kind"):
            self.add_error("kind", _("種別を選んでください。"))
        elif problem := behalf.problem_of(cleaned["kind"], text):
            self.add_error("text", problem)
        cleaned["called"] = called
        return cleaned

    def said(self) -> Said:
        """What was typed; ask a row that is valid and not left empty."""
        subject, key = self.cleaned_data["called"][0]
        typed = self.cleaned_data
        return Said(subject, key, typed["kind"], typed["text"], typed.get("client_key") or "")


Rows = forms.formset_factory(CommentRow, extra=ROWS, max_num=50, absolute_max=50)


class HowForm(forms.Form):
    """How the words came; after the closing also why they are still taken."""

    source = forms.ChoiceField(
        label=_("受け取り方"),
        choices=[(each.value, each.label) for each in behalf.BY_HAND],
        initial=Comment.Source.PAPER,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("締切後に届いた事情（理由）"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    def __init__(self, *args: Any, late: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if late:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = _(
                "締切後に届いた事情を書いてください。記録に残ります。"
            )
        else:
            del self.fields["reason"]


class CorrectionForm(forms.Form):
    """A comment that was entered on behalf, put right."""

    kind = forms.ChoiceField(label=_("種別"), widget=forms.Select(attrs={"class": "select"}))
    text = forms.CharField(
        label=_("意見"),
        strip=False,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 6}),
        error_messages={
            "required": _("意見が空です。意見を書くか、「取り下げる」を押してください。")
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = kind_choices()[1:]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        text = behalf.as_typed(self.cleaned_data["text"])
        if problem := behalf.problem_of(Kind.PRAISE, text):
            raise ValidationError(problem)
        return text
