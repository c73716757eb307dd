"""The forms in which a change of the plan is asked for and decided about."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from wards.calendar import era_date

from . import proposals
from .forms import FigureField, text_field
from .models import Proposal
from .numbers import plain
from .proposal_rules import Effect, Remark, Wish
from .proposals import Decision, Subject
from .reading import PolicyReading
from .wording import with_unit

#: What a rule of kpis/proposal_rules.py says to the person who asks.
SENTENCES = {
    "not_now": _("この変更は、いまの状態からはできません。変更の種類を選び直してください。"),
    "outside_year": _("%(first)sから%(last)sまでの日を入力してください。"),
    "before_standing": _(
        "%(on)sから中止または延期になっています。その日以後の日を入力してください。"
    ),
    "once_a_day": _(
        "%(on)sの目標変更が登録されています。変更は1日に1回です。それよりあとの日にしてください。"
    ),
    "before_revision": _(
        "%(on)sの目標変更が登録されています。それよりあとの日を入力してください。"
    ),
    "no_value": _("新しい目標値を入力してください。"),
    "same_value": _("いまの目標値と同じ%(value)sです。違う数を入力してください。"),
    "negative": _("期首値のない目標に、0より小さい数は置けません。0以上の数を入力してください。"),
    "above_whole": _(
        "%(value)sは、母数の%(whole)sを超えています。母数以下の数を入力してください。"
    ),
    "value_changed": _(
        "申請のあとに、目標値が%(value)sに変わりました。この申請のままでは承認できません。"
        "不承認として、改めて申請を受けてください。"
    ),
}

DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")


def sentence(remark: Remark, unit: str = "") -> str:
    lang = get_language() or "ja"
    values = {
        name: era_date(value, lang) if isinstance(value, date) else with_unit(value, unit, lang)
        for name, value in remark.values.items()
    }
    return SENTENCES[remark.key] % values if values else str(SENTENCES[remark.key])


class DayField(forms.DateField):
    """A day as the browser sends it, or typed: 2020-08-03, ２０２０/8/3, 2020年8月3日."""

    def __init__(self, label, **options):
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"class": "input day", "type": "date"})
        super().__init__(label=label, input_formats=DAY_FORMATS, widget=widget, **options)
        self.error_messages["invalid"] = _(
            "日付として読めません。2020-08-03 のように入力してください。"
        )

    def to_python(self, value):
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
        return super().to_python(value)


def line_field(label, length: int, **options) -> forms.CharField:
    widget = forms.TextInput({"class": "input", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget, **options)


class Deciding(forms.Form):
    """決裁: asked for where something is decided, and not where it is only asked for."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["decided_by"] = line_field(
            _("決裁者"), 100, help_text=_("区長、区政推進課長など、決めた人の職名です。")
        )
        self.fields["decided_on"] = DayField(_("決裁日"), required=False)
        self.fields["document_number"] = line_field(_("文書番号"), 60)

    def check_decision(self, *, accepted: bool) -> None:
        """Who and when always; of what was accepted also the number of the document."""
        wanted = {
            "decided_by": _("決裁者を入力してください。"),
            "decided_on": _("決裁日を入力してください。"),
        }
        if accepted:
            wanted["document_number"] = _("文書番号を入力してください。")
        for name, missing in wanted.items():
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, missing)
        on = self.cleaned_data.get("decided_on")
        if on and on > timezone.localdate():
            self.add_error(
                "decided_on", _("決裁日が、きょうよりあとです。決裁した日を入力してください。")
            )

    @property
    def decision(self) -> Decision:
        cleaned = self.cleaned_data
        return Decision(
            cleaned["decided_by"],
            cleaned["decided_on"],
            cleaned["document_number"],
            cleaned.get("note", ""),
        )


class ChangeForm(Deciding):
    """A change of a target or project. `question`: it changes what was closed already."""

    reason = text_field(_("理由"), 3)
    sure = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, data=None, *, subject: Subject, reading: PolicyReading, decides: bool):
        super().__init__(data)
        self.subject, self.reading = subject, reading
        self.effects: list[Effect] = []
        self.question = False
        kinds = subject.kinds(reading)
        names = dict(Proposal.Kind.choices)
        self.fields["kind"] = forms.ChoiceField(
            label=_("変更の種類"),
            choices=[(kind, names[kind]) for kind in kinds],
            widget=forms.RadioSelect,
            initial=kinds[0] if len(kinds) == 1 else None,
            error_messages={
                "required": _("変更の種類を選んでください。"),
                "invalid_choice": SENTENCES["not_now"],
            },
        )
        first, last = reading_days(subject)
        self.fields["on"] = DayField(
            _("変更日"),
            help_text=gettext("この日から変わります。%(first)sから%(last)sまでの日です。")
            % {"first": first, "last": last},
            error_messages={"required": _("変更日を入力してください。")},
        )
        if proposals.Kind.REVISE in kinds:
            self.fields["new"] = FigureField(
                label=self._what_it_becomes(),
                unit=self.unit,
                help_text=_("目標値を変えるときだけ入力します。"),
            )
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = _("理由を入力してください。")
        self.fields["reason"].help_text = _("目標と一緒に公表されます。")
        if not decides:
            for name in ("decided_by", "decided_on", "document_number"):
                del self.fields[name]

    def _what_it_becomes(self) -> str:
        if not self.unit:
            return gettext("新しい目標値")
        return gettext("新しい目標値（%(unit)s）") % {"unit": self.unit}

    @property
    def unit(self) -> str:
        return self.subject.target.unit if self.subject.target else ""

    @property
    def records(self) -> bool:
        """Whether this is a decision to be recorded, and no proposal that waits for one."""
        return self.data.get("action") == "record" and "decided_by" in self.fields

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if not {"kind", "on", "new"} & set(self.errors):
            for remark in proposals.remarks_on(self.subject, self.wish, self.reading):
                self.add_error(remark.about, sentence(remark, self.unit))
        if self.records:
            self.check_decision(accepted=True)
        if not self.errors:
            self.effects = proposals.effects(self.subject, self.wish, self.reading)
            closed = closed_among(self.effects, self.reading)
            if closed and cleaned.get("sure") != self.signature:
                self.question = True
                self.add_error(None, _("締め切った期の結果が変わります。"))
        return cleaned

    @property
    def wish(self) -> Wish:
        cleaned = self.cleaned_data
        new = cleaned.get("new") if cleaned["kind"] == proposals.Kind.REVISE else None
        return Wish(cleaned["kind"], cleaned["on"], new)

    @property
    def signature(self) -> str:
        """What the person says yes to: another day or value is asked about again."""
        wish = self.wish
        value = plain(wish.new) if isinstance(wish.new, Decimal) else ""
        return f"{wish.kind} {wish.on.isoformat()} {value}".strip()

    @property
    def asked(self) -> list[forms.BoundField]:
        names = ("kind", "new", "on", "reason")
        return [self[name] for name in names if name in self.fields]

    @property
    def decided(self) -> list[forms.BoundField]:
        names = ("decided_by", "decided_on", "document_number")
        return [self[name] for name in names if name in self.fields]

    @property
    def problems(self):
        """Fields with their messages, for the summary at the top; a question is none."""
        return [(field, field.errors) for field in (*self.asked, *self.decided) if field.errors]


class DecisionForm(Deciding):
    """What was decided about a proposal. `accepted`: by the button that was pressed."""

    note = text_field(_("不承認の理由・説明"), 3)
    sure = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, data=None, *, accepted: bool = True, changes_closed: bool = False):
        super().__init__(data)
        self.accepted, self.changes_closed = accepted, changes_closed
        self.question = False
        self.fields["note"].help_text = _(
            "不承認のときは、理由を入力してください。申請した課に伝わります。"
        )
        self.order_fields(["decided_by", "decided_on", "document_number", "note"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_decision(accepted=self.accepted)
        if not self.accepted and "note" not in self.errors and not self.cleaned_data["note"]:
            self.add_error("note", _("不承認の理由を入力してください。"))
        if self.accepted and self.changes_closed and not self.errors:
            self.question = not self.cleaned_data.get("sure")
            if self.question:
                self.add_error(None, _("締め切った期の結果が変わります。"))
        return self.cleaned_data

    @property
    def problems(self):
        fields = [field for field in self if not field.is_hidden]
        return [(field, field.errors) for field in fields if field.errors]


def closed_among(effects: Iterable[Effect], reading: PolicyReading) -> list[Effect]:
    """Those at the end of a period that is closed: its results were handed on already."""
    return [each for each in effects if each.period.key not in reading.open_periods]


def reading_days(subject: Subject) -> tuple[str, str]:
    """The first and last day of the fiscal year, as people read them."""
    year, lang = subject.policy.fiscal_year, get_language() or "ja"
    return era_date(date(year, 4, 1), lang), era_date(date(year + 1, 3, 31), lang)
