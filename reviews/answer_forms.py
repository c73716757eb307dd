"""The forms of the list and its answers. What is wrong is said at the field; nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kpis.filters import PlainSelect
from kpis.forms import TextField
from kpis.proposal_forms import DayField, Deciding, line_field
from wards.calendar import era_date, is_working_day, next_working_day
from wards.models import Section

from .answering import lacking
from .comment_list import Abouts
from .merging import Wording
from .models import Item
from .models.answers import Disposition
from .models.comments import Kind
from .workflow import Publication

#: A comment may be long, and several are made into one.
LONGEST_OPINION, LONGEST_VIEW, LONGEST_WORDS = 60_000, 10_000, 2_000
SELECT = {"class": "select"}


def long_text(label, longest: int, rows: int, **options) -> TextField:
    widget = forms.Textarea({"class": "textarea", "rows": rows})
    return TextField(label=label, max_length=longest, widget=widget, **options)


class Told(forms.Form):
    """A form that lists what is wrong with it, for the summary at the top."""

    @property
    def problems(self) -> list[tuple[Any, Any]]:
        return [(field, field.errors) for field in self if field.errors]


class WordingForm(Told):
    """What a line says, of which kind, and about what."""

    about = forms.ChoiceField(
        label=_("対象"),
        widget=forms.Select(SELECT),
        error_messages={
            "required": _("対象を選んでください。"),
            "invalid_choice": _("一覧にない対象です。選び直してください。"),
        },
    )
    kind = forms.ChoiceField(
        label=_("種別"),
        choices=Kind.choices,
        widget=forms.Select(SELECT),
        error_messages={"required": _("種別を選んでください。")},
    )
    text = long_text(
        _("一覧に載せる意見"),
        LONGEST_OPINION,
        5,
        error_messages={"required": _("意見が空です。文を書いてください。")},
    )

    def __init__(self, data=None, *, abouts: Abouts, item: Item | None = None, **options) -> None:
        if item is not None:
            options["initial"] = {
                "about": f"{item.subject}:{item.key}",
                "kind": item.kind,
                "text": item.text,
                **options.get("initial", {}),
            }
        super().__init__(data, **options)
        choices = abouts.choices()
        own = f"{item.subject}:{item.key}" if item else ""
        if own and own not in _flat(choices):  # the copy no longer has it: it stays what it is
            choices.append((own, item.key if item else ""))
        self.fields["about"].choices = choices  # type: ignore[attr-defined]

    @property
    def wording(self) -> Wording:
        subject, _colon, key = self.cleaned_data["about"].partition(":")
        return Wording(self.cleaned_data["text"], self.cleaned_data["kind"], subject, key)

    @property
    def typed(self) -> dict[str, str]:
        said = self.wording
        return {"text": said.text, "kind": said.kind, "subject": said.subject, "key": said.key}


def _flat(choices: Iterable[tuple[str, Any]]) -> set[str]:
    found = set()
    for value, name in choices:
        found |= {each for each, _name in name} if isinstance(name, list) else {value}
    return found


class PartForm(Told):
    """One of the lines that a line is split into; empty: no part."""

    kind = forms.ChoiceField(label=_("種別"), choices=Kind.choices, widget=forms.Select(SELECT))
    text = long_text(_("意見"), LONGEST_OPINION, 4, required=False)


class DueField(DayField):
    """A day on which offices are open: another becomes the next one that is."""

    def clean(self, value):
        day = super().clean(value)
        if day and day < timezone.localdate():
            raise forms.ValidationError(
                gettext("回答期限が、きょうより前です。きょう以後の日を入力してください。")
            )
        return next_working_day(day) if day else day


class AssignForm(Told):
    """Which section answers, and by when."""

    section = forms.ModelChoiceField(
        label=_("回答する課"),
        queryset=Section.objects.none(),
        required=False,
        empty_label=_("選んでください"),
        widget=PlainSelect(SELECT),
        error_messages={"invalid_choice": _("一覧にない課です。選び直してください。")},
    )
    due = DueField(
        _("回答期限"),
        required=False,
        help_text=_("開庁日でない日は、次の開庁日になります。"),
    )

    def __init__(self, data=None, *, sections: Iterable[Section], item: Item | None = None, **more):
        if item is not None:
            more["initial"] = {"section": item.section_id, "due": item.due}
        # The filters of the list have a field of the same name.
        super().__init__(data, auto_id="id_assign_%s", **more)
        sections = list(sections)
        field = self.fields["section"]
        field.queryset = Section.objects.filter(pk__in=[each.pk for each in sections])  # type: ignore[attr-defined]
        # The sections have been read already: the list costs no query of its own.
        field.widget.choices = [  # type: ignore[attr-defined]
            ("", gettext("選んでください")),
            *((each.pk, each.name) for each in sections),
        ]
        self.kept_due = item.due if item else None

    def clean(self) -> dict[str, Any]:
        """A day that stands already may have passed meanwhile."""
        super().clean()
        typed = self.fields["due"].widget.value_from_datadict(self.data, self.files, "due")
        if self.kept_due and typed == self.kept_due.isoformat() and "due" in self.errors:
            del self.errors["due"]
            self.cleaned_data["due"] = self.kept_due
        return self.cleaned_data

    @property
    def moved(self) -> str:
        """What to say where the day became another."""
        due = self.cleaned_data.get("due")
        typed = self.fields["due"].widget.value_from_datadict(self.data, self.files, "due")
        if not due or typed == due.isoformat():
            return ""
        try:
            asked = date.fromisoformat(typed)
        except (TypeError, ValueError):
            return ""
        if is_working_day(asked):
            return ""
        lang = get_language() or "ja"
        return gettext("%(asked)sは開庁日でないため、回答期限を%(due)sにしました。") % {
            "asked": era_date(asked, lang),
            "due": era_date(due, lang),
        }


class AnswerForm(Told):
    """区の考え方 and 対応区分. As a draft anything may be left out; `lacks` says what is missing
    before it is handed in, and then it was `kept` as a draft."""

    kept = False
    view = long_text(_("区の考え方"), LONGEST_VIEW, 5, required=False)
    disposition = forms.ChoiceField(
        label=_("対応区分"),
        choices=Disposition.choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("一覧にない対応区分です。選び直してください。")},
    )
    reason = long_text(
        _("対応区分の理由"),
        LONGEST_WORDS,
        2,
        required=False,
        help_text=_("対応困難・参考とするのときは、必ず書きます。"),
    )
    what = long_text(
        _("何をするか"),
        LONGEST_WORDS,
        2,
        required=False,
        help_text=_("反映する・検討するのときは、必ず書きます。約束として残ります。"),
    )
    who = line_field(_("だれが"), 100)
    by_when = line_field(_("いつまでに"), 60)

    def __init__(self, data=None, *, item: Item) -> None:
        self.item = item
        initial = {name: getattr(item, name) for name in self.base_fields}
        super().__init__(data, initial=initial, auto_id=f"id_{item.number}_%s")

    def lacks(self) -> bool:
        """Say at the fields what is still missing; whether anything is."""
        self.kept = True
        typed = Item(**self.cleaned_data)
        for name, told in lacking(typed).items():
            self.add_error(name, told)
        return bool(self.errors)

    @property
    def promise_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("what", "who", "by_when")]


class ReasonForm(Told):
    """Why something goes back."""

    reason = long_text(
        _("理由"),
        LONGEST_WORDS,
        3,
        error_messages={"required": _("理由が空です。理由を書いてください。")},
    )


class ReleaseForm(Deciding):
    """Who decided that answers are released, when, and under which number."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_decision(accepted=False)
        return self.cleaned_data

    @property
    def publication(self) -> Publication:
        cleaned = self.cleaned_data
        return Publication(cleaned["decided_by"], cleaned["decided_on"], cleaned["document_number"])

    @property
    def problems(self) -> list[tuple[Any, Any]]:
        return [(field, field.errors) for field in self if field.errors]
