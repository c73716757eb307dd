"""What the secretariat writes about a round, and beside each of its moves."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wards.people_forms import DayField, FieldsThatSayWhatIsWrong, Line

from .committee_forms import OneOf, Text
from .grades import LONGEST_KEY, LONGEST_NAME, MOST, USUAL, WrongGrades, read_grades, written
from .together import TogetherForm
from .workflow import RoundMove

WHY = {
    "none": _("段階は2つ以上、1行に1つずつ書いてください。"),
    "many": _("段階は%(most)sまでです。まとめてください。"),
    "twice": _("記号「%(line)s」が2回出ています。別の記号にしてください。"),
    "long": _(
        "「%(line)s」は長すぎます。記号は%(key)s文字、名前は%(name)s文字までです。"
        "記号と名前の間は1字あけてください。"
    ),
}


class GradesField(Text):
    """One step a line; cleaned to what `Round.grades` holds."""

    def clean(self, value):
        text = super().clean(value)
        if not text.strip():
            return []
        try:
            return read_grades(text)
        except WrongGrades as wrong:
            said = {
                "line": wrong.line[:40],
                "most": MOST,
                "key": LONGEST_KEY,
                "name": LONGEST_NAME,
            }
            raise ValidationError(WHY[wrong.why] % said) from wrong

    def prepare_value(self, value):
        return written(value) if isinstance(value, list) else value


class RoundForm(TogetherForm):
    """Grades only while the round is prepared: what members have graded by stays as it was."""

    due = DayField(
        label=_("意見の締切"),
        required=False,
        help_text=_("閉庁日のときは、次の開庁日になります。受付を始めるまでに決めます。"),
    )
    note = Text(
        label=_("委員へのことば"),
        max_length=4000,
        rows=5,
        help_text=_("読むページのはじめに出ます。見てほしい所や、会議の日などを書きます。"),
    )
    asks_grade = forms.BooleanField(label=_("事業ごとの評価もたずねる"), required=False)
    grades = GradesField(
        label=_("評価の段階"),
        max_length=1000,
        rows=4,
        help_text=_("上から順に1行に1つ、記号・空白・名前。例：A 期待どおり"),
    )

    def __init__(self, *args, with_grades: bool = True, **options):
        super().__init__(*args, **options)
        if not with_grades:
            del self.fields["asks_grade"], self.fields["grades"]

    def clean(self):
        typed = self.cleaned_data
        if typed.get("asks_grade") and "grades" not in self.errors and not typed.get("grades"):
            self.add_error("grades", gettext("評価をたずねるときは、段階を書いてください。"))
        return typed

    def in_words(self, name, value):
        return written(value) if name == "grades" and value else super().in_words(name, value)


class NewRoundForm(RoundForm):
    """A round on a period that has none."""

    period = OneOf(label=_("どの期の評価か"), coerce=int)

    field_order = ("period", "due", "note", "asks_grade", "grades")

    def __init__(self, *args, periods: dict[int, str], **options):
        super().__init__(*args, **options)
        field = self.fields["period"]
        assert isinstance(field, OneOf)
        field.choices = list(periods.items())
        self.initial.setdefault("grades", USUAL)


class MoveForm(FieldsThatSayWhatIsWrong):
    """What a move asks for: a reason on the way back, the decision for what is published."""

    reason = Text(label=_("理由"), max_length=2000, rows=4)
    decided_by = Line(label=_("決裁者"), max_length=100, help_text=_("例：区長"))
    decided_on = DayField(label=_("決裁日"))
    document_number = Line(
        label=_("文書番号"), max_length=60, required=False, help_text=_("例：磯区企第10号")
    )

    def __init__(self, *args, move: RoundMove, **options):
        super().__init__(*args, **options)
        if move.with_reason:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = gettext("理由を書いてください。")
        else:
            del self.fields["reason"]
        if not move.with_decision:
            for name in ("decided_by", "decided_on", "document_number"):
                del self.fields[name]
