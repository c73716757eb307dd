"""The form in which a section enters one target's figure for one period."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from .achievement import Entry
from .entering import EVIDENCE, FIELDS, Place
from .entry_rules import Remark
from .evidence_forms import EvidenceForm
from .models import Actual, Judgement, Target
from .numbers import UnreadableNumber, plain, read_number
from .wording import with_unit

LONGEST_TEXT = 2000

#: What a rule of kpis/entry_rules.py says to the person who typed.
SENTENCES = {
    "figure_and_reason": _(
        "数と「数がない理由」の両方が入っています。どちらか一方だけにしてください。"
    ),
    "stage_and_reason": _(
        "段階と「報告できない理由」の両方が入っています。どちらか一方だけにしてください。"
    ),
    "reason_on_linked": _(
        "累計は年度の数から計算するので、理由は入れられません。理由は年度の目標に入れてください。"
    ),
    "negative": _("0より小さい数は入れられません。0以上の数を入力してください。"),
    "negative_denominator": _("母数に0より小さい数は入れられません。"),
    "denominator_alone": _("母数だけが入っています。実績の数も入力してください。"),
    "above_whole": _("%(value)sは、母数の%(whole)sを超えています。数か母数を確かめてください。"),
    "sum_above_whole": _(
        "ほかの期との合計が%(total)sになり、母数の%(whole)sを超えます。"
        "前の期と重なる分を除いた数を入力してください。"
    ),
    "later_above_whole": _(
        "あとの期の%(value)sが、この母数の%(whole)sを超えます。母数を確かめてください。"
    ),
    "later_without_whole": _(
        "この数と母数を消すと、あとの期までの%(value)sが母数の%(whole)sを超えます。"
        "先に、あとの期の数か母数を直してください。"
    ),
    "too_many_digits": _("桁が多すぎます。整数は11桁まで、小数は4桁までで入力してください。"),
    "over_a_hundred": _("%(value)s%%は100%%を超えています。"),
    "many_times_before": _("%(value)sは、前の数%(known)sの10倍以上です。"),
    "many_times_target": _("%(value)sは、目標%(known)sの10倍以上です。"),
    "total_falls": _("%(value)sは、前の期までの累計%(known)sより少なくなっています。"),
    "total_falls_later": _("%(value)sは、あとの期の累計%(known)sより多くなっています。"),
    "below_baseline": _("%(value)sは、年度はじめの累計%(known)sより少なくなっています。"),
    "sum_far_above": _(
        "年度の合計が%(total)sになり、目標の%(known)sを大きく超えます。"
        "この期の分だけの数か、確かめてください。"
    ),
    "no_cause": _("遅れの原因を入力してください。"),
    "no_remedy": _("今後の対応を入力してください。"),
    "no_outlook": _("年度末の目標に届きそうかどうかを選んでください。"),
    "no_self_reason": _("自動の判定と違う自己評価には、理由を入力してください。"),
}

SELF_STATUSES = [
    Judgement.ACHIEVED,
    Judgement.ON_TRACK,
    Judgement.SLIGHTLY_BEHIND,
    Judgement.BEHIND,
    Judgement.NEARLY_ACHIEVED,
    Judgement.NOT_ACHIEVED,
]


def sentence(remark: Remark, unit: str = "") -> str:
    """What a remark says, in the reader's language; `unit` is that of the target's figures."""
    lang = get_language() or "ja"
    if remark.key == "over_a_hundred":  # its sentence has the sign
        unit = ""
    values = {name: with_unit(value, unit, lang) for name, value in remark.values.items()}
    return SENTENCES[remark.key] % values if values else str(SENTENCES[remark.key])


class FigureField(forms.CharField):
    """A number as people type it: １，２００, 1.2万, 12.5. Cleaned: a Decimal, or None."""

    def __init__(self, *, unit: str = "", **options):
        widget = forms.TextInput({"class": "input short", "autocomplete": "off"})
        super().__init__(required=False, widget=widget, **options)
        self.unit = unit

    def prepare_value(self, value):
        return plain(value) if isinstance(value, Decimal) else value

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return read_number(typed, unit=self.unit)
        except UnreadableNumber as error:
            raise ValidationError(error.text(get_language() or "ja")) from error


class TextField(forms.CharField):
    """A text of several lines. A line break is sent as two letters and counts as one."""

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")


def text_field(label, rows: int) -> TextField:
    return TextField(
        label=label,
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"class": "textarea", "rows": rows}),
    )


def choice_field(label, choices, empty) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", empty), *choices],
        widget=forms.Select({"class": "select"}),
    )


class EntryForm(forms.Form):
    """One target, one period. `typed` is what was read; `question` is what has to be answered.

    `brought` is the evidence, a form of its own between the same buttons.
    """

    missing = choice_field(_("数がない理由"), Actual.Missing.choices, _("（数がある）"))
    certainty = forms.ChoiceField(
        label=_("確定・見込の別"),
        required=False,
        choices=Actual.Certainty.choices,
        widget=forms.RadioSelect,
        help_text=_("まだ変わるかもしれない数は「見込」にします。"),
    )
    note = text_field(_("備考"), 3)
    self_status = choice_field(
        _("自己評価"),
        [(status.value, status.label) for status in SELF_STATUSES],
        _("（自動の判定のとおり）"),
    )
    self_reason = text_field(_("自己評価の理由"), 2)
    cause = text_field(_("遅れの原因"), 2)
    remedy = text_field(_("今後の対応"), 2)
    outlook_met = forms.TypedChoiceField(
        label=_("年度末の見込み"),
        required=False,
        choices=[("", _("（まだ分からない）")), ("True", _("届く")), ("False", _("届かない"))],
        coerce=lambda chosen: chosen == "True",
        empty_value=None,
        widget=forms.Select({"class": "select"}),
    )
    sure = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data=None,
        *,
        place: Place,
        correcting: bool = False,
        brought: EvidenceForm | None = None,
    ):
        actual = place.actual or Actual()
        initial = {name: getattr(actual, name) for name in FIELDS} | {"version": 0}
        if place.actual:
            initial["version"] = place.actual.version
        super().__init__(data, initial=initial)
        self.place = place
        self.question = ""
        self.brought = brought or EvidenceForm()
        self.brought.stand_on(actual.evidence)
        target = place.target
        if target.is_milestone:
            self.fields["stage"] = choice_field(
                _("段階"), Actual.Stage.choices, _("（選んでください）")
            )
            self.fields["missing"] = choice_field(
                _("報告できない理由"), Actual.Missing.choices, _("（段階を報告する）")
            )
        else:
            self.fields["value"] = FigureField(
                label=self._what_to_count(),
                unit=target.unit,
                help_text=self._how_to_count(),
            )
        if target.measure == Target.Measure.RATIO:
            self.fields["denominator"] = FigureField(
                label=_("母数が変わったとき"),
                unit=target.unit,
                help_text=self._which_whole(),
            )
        if place.is_year_end:
            del self.fields["outlook_met"]
        elif not target.is_milestone:
            self.fields["outlook_value"] = FigureField(
                label=_("年度末の見込値"),
                unit=target.unit,
                help_text=_("分かるときだけ入れます。"),
            )
        if correcting:
            self.fields["correction_reason"] = text_field(_("訂正の理由"), 2)
            self.fields["correction_reason"].required = True
            self.fields["correction_reason"].error_messages["required"] = _(
                "訂正の理由を入力してください。"
            )
        self.fields["version"].error_messages |= dict.fromkeys(
            ("required", "invalid", "min_value"),
            _("画面を開き直してから、もう一度保存してください。"),
        )

    def _what_to_count(self) -> str:
        what = gettext("この期の数") if self.place.promise.is_sum else gettext("期末の数")
        unit = self.place.target.unit
        return gettext("%(what)s（%(unit)s）") % {"what": what, "unit": unit} if unit else what

    def _how_to_count(self):
        if self.place.target.linked_to_id:
            return _("空けておくと、年度の数から計算します。数を入れると、その数を使います。")
        if self.place.promise.is_sum:
            return _("この期の分だけを入れます。年度の合計は自動で計算します。")
        return _("期末の時点の数を入れます。前の期とは足しません。")

    def _which_whole(self) -> str:
        planned = self.place.target.denominator or 0  # every ratio has one
        whole = with_unit(planned, self.place.target.unit, get_language() or "ja")
        return gettext("年度全体の母数です。計画の%(whole)sから変わったときだけ入れます。") % {
            "whole": whole
        }

    # What was typed, read ------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if {"value", "denominator", "stage", "missing"} & set(self.errors):
            return cleaned
        entry = self.entry
        unit = self.place.target.unit
        refused, asked = self.place.objections(entry, sure=cleaned.get("sure", ""))
        for remark in refused:
            shown_at = remark.about if remark.about in self.fields else "value"
            self.add_error(shown_at, sentence(remark, unit))
        if self.errors:
            return cleaned
        if asked and entry.value is not None:
            self.question = sentence(asked[0], unit)
            self.figure_in_question = plain(entry.value)
            self.add_error("value", self.question)
        self._compare_judgements(entry)
        return cleaned

    def _compare_judgements(self, entry: Entry):
        """A self-assessment that differs from the machine's judgement says why."""
        own = self.cleaned_data.get("self_status")
        if own and own != self.place.result(entry).status and not self.cleaned_data["self_reason"]:
            self.add_error("self_reason", SENTENCES["no_self_reason"])

    @property
    def entry(self) -> Entry:
        """The figure, stage or reason as the rules read it."""
        cleaned = self.cleaned_data
        return Entry(
            value=cleaned.get("value"),
            of=cleaned.get("denominator"),
            stage=cleaned.get("stage") or None,
            missing=cleaned.get("missing") or None,
            provisional=cleaned.get("certainty") == Actual.Certainty.PROVISIONAL,
        )

    @property
    def typed(self) -> dict:
        """What kpis.entering.save keeps: a value for each of FIELDS."""
        cleaned = self.cleaned_data
        texts = ("note", "self_status", "self_reason", "cause", "remedy", "missing")
        return {
            "value": cleaned.get("value"),
            "denominator": cleaned.get("denominator"),
            "stage": cleaned.get("stage") or "",
            "certainty": cleaned.get("certainty") or Actual.Certainty.FINAL,
            **{name: cleaned.get(name) or "" for name in texts},
            **{name: self._or_as_it_stands(name) for name in ("outlook_met", "outlook_value")},
            **({EVIDENCE: self.brought.after} if self.brought.is_bound else {}),
        }

    def _or_as_it_stands(self, name: str):
        """What was typed; of a field that this form does not ask, what stands there."""
        if name in self.fields:
            return self.cleaned_data.get(name)
        return getattr(self.place.actual, name, None)

    @property
    def seen_version(self) -> int:
        """The version that stood on the page that was typed into; 0 where nothing stood there."""
        return self.cleaned_data["version"]

    def rest_on(self, version: int) -> None:
        """Show the form again as typed, but on another version: saving it now is a choice."""
        self.data = {**self.data.dict(), "version": str(version)}  # type: ignore[attr-defined]

    # Its parts, for the template -----------------------------------------------------------------

    @property
    def figures(self):
        """The fields that say something about the period."""
        names = ("value", "denominator", "stage", "missing")
        linked = self.place.target.linked_to_id and not self["missing"].errors
        return [
            self[name]
            for name in names
            if name in self.fields and not (name == "missing" and linked)
        ]

    @property
    def in_order(self):
        """What can be typed, from the top of the page to its end."""
        why = [self["correction_reason"]] if "correction_reason" in self.fields else []
        return [*self.figures, self["certainty"], self["note"], *self.explanations, *why]

    @property
    def explanations(self):
        names = (
            "outlook_met",
            "outlook_value",
            "cause",
            "remedy",
            "self_status",
            "self_reason",
        )
        return [self[name] for name in names if name in self.fields]

    @property
    def problems(self):
        """Fields with their messages, for the summary at the top; a question is none."""
        own = [
            (field, field.errors)
            for field in self
            if field.errors and not (field.name == "value" and self.question)
        ]
        return own + self.brought.problems
