"""What the secretariat writes about a meeting: when and where, who was there, minutes, papers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpis import evidence
from kpis.evidence_forms import FilesField, Looked
from wards.people_forms import DayField, Line

from .committee_forms import Count, OneOf, Text
from .models import Attendance, Member, Paper, Round
from .together import TogetherForm


class TimeOfDay(forms.TimeField):
    """A time as the browser's own field sends it, or typed as 18:30."""

    def __init__(self, **options):
        super().__init__(
            required=False,
            widget=forms.TimeInput({"class": "input time", "type": "time"}, format="%H:%M"),
            error_messages={"invalid": _("時刻として読めません。18:30 のように入力してください。")},
            **options,
        )

    def to_python(self, value):
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
        return super().to_python(value)


class MeetingForm(TogetherForm):
    """`round_id` offers the ward's rounds by what they are called."""

    number = Count(
        label=_("回"), least=1, most=99, help_text=_("年度の中で何回目か。開催日の年度で数えます。")
    )
    title = Line(
        label=_("会議名"), max_length=200, required=False, help_text=_("ふつうは空けておきます。")
    )
    day = DayField(label=_("開催日"))
    starts = TimeOfDay(label=_("開始"))
    ends = TimeOfDay(label=_("終了"))
    place = Line(label=_("場所"), max_length=200, required=False)
    round_id = OneOf(
        label=_("評価の回"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("この会議で扱う回です。回のページと、ここから出す資料につながります。"),
    )
    is_public = forms.BooleanField(label=_("公開する会議（傍聴できる）"), required=False)
    agenda = Text(
        label=_("次第"), max_length=10_000, rows=8, help_text=_("1行に1つ。番号は自動で付きます。")
    )

    def __init__(self, *args, rounds: Mapping[int, str], **options):
        super().__init__(*args, **options)
        field = self.fields["round_id"]
        assert isinstance(field, OneOf)
        field.choices = [("", gettext("（どの回でもない）")), *rounds.items()]

    def clean(self):
        typed = self.cleaned_data
        starts, ends = typed.get("starts"), typed.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", gettext("終了は、開始よりあとの時刻にしてください。"))
        return typed


class MinutesForm(TogetherForm):
    minutes = Text(label=_("議事録"), max_length=100_000, rows=20)
    minutes_approved_on = DayField(
        label=_("委員会が確認した日"),
        required=False,
        help_text=_("ふつうは次の会議の日です。空の間は「未確認」と出ます。"),
    )


#: Whether a member was there; nothing: not written yet.
HERE = [("", _("未記入")), ("present", _("出席")), ("absent", _("欠席"))]


class AttendanceForm(TogetherForm):
    """Two fields a member: whether there, and a remark."""

    def __init__(self, data=None, *, members: Sequence[Member], known: Mapping[int, Attendance]):
        super().__init__(data)
        self.members = members
        for member in members:
            here, note = self.names(member)
            self.fields[here] = OneOf(
                label=_("%(name)sの出欠") % {"name": member},
                choices=HERE,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[note] = Line(
                label=_("%(name)sの備考") % {"name": member}, max_length=100, required=False
            )
        self.show_first(self.stored_of(known))

    @staticmethod
    def names(member: Member) -> tuple[str, str]:
        return f"here_{member.pk}", f"note_{member.pk}"

    def stored_of(self, known: Mapping[int, Attendance]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for member in self.members:
            here, note = self.names(member)
            line = known.get(member.pk)
            found[here] = "" if line is None else "present" if line.present else "absent"
            found[note] = line.note if line else ""
        return found

    def clean(self):
        """A remark alone is no attendance."""
        for member in self.members:
            here, note = self.names(member)
            if self.cleaned_data.get(note) and not self.cleaned_data.get(here):
                self.add_error(
                    here, gettext("備考だけは保存できません。出席か欠席を選んでください。")
                )
        return self.cleaned_data

    def lines(self):
        """For each member the choice, the remark, and the hidden first value of the choice."""
        for member in self.members:
            here, note = self.names(member)
            yield member, self[here], self[note], self[here].as_hidden(only_initial=True)


class OneFile(forms.Field):
    """One file, looked at as evidence is (kpis/evidence_forms.py). Cleaned: a Looked, or None."""

    widget = forms.FileInput

    def clean(self, value) -> Looked | None:
        if value is None:
            if self.required:
                raise ValidationError(gettext("ファイルを選んでください。"))
            return None
        most = evidence.largest_file()
        if (value.size or 0) > most:
            raise ValidationError(
                gettext("ファイルが%(size)sあります。1つのファイルは%(most)sまでです。")
                % {"size": evidence.size_text(value.size), "most": evidence.size_text(most)}
            )
        (looked,) = FilesField().clean([value])
        return looked


class PaperForm(TogetherForm):
    """A paper: its number and name, and a file or one of the round's own pages."""

    label = Line(label=_("資料番号"), max_length=20, help_text=_("例：資料1、資料2-1、参考、次第"))
    title = Line(label=_("資料名"), max_length=200)
    kind = OneOf(label=_("種類"), choices=Paper.Kind.choices)
    on_the_day = forms.BooleanField(label=_("当日配布"), required=False)
    order = Count(label=_("並び順"), least=0, most=9999)
    file = OneFile(label=_("ファイル"), required=False, widget=forms.FileInput({"class": "input"}))

    def __init__(self, *args, round: Round | None, standing: Paper | None = None, **options):
        super().__init__(*args, **options)
        self.standing = standing
        self.fields["file"].help_text = gettext(
            "PDF、画像（PNG・JPEG）、Excel・Word・PowerPoint（マクロのないもの）、CSV、テキスト。"
            "%(most)sまで。"
        ) % {"most": evidence.size_text(evidence.largest_file())}
        kinds = self.fields["kind"]
        assert isinstance(kinds, OneOf)
        if standing is None and round is None:
            kinds.choices = [each for each in Paper.Kind.choices if each[0] == Paper.Kind.FILE]
            kinds.help_text = _("評価の回を決めた会議では、その回の冊子や一覧も資料にできます。")
        elif standing is not None:
            del self.fields["kind"]
            if standing.kind != Paper.Kind.FILE:
                del self.fields["file"]
            else:
                self.fields["file"].label = _("ファイルの差し替え")

    def clean(self):
        typed = self.cleaned_data
        if self.standing is None and "file" not in self.errors:
            file, kind = typed.get("file"), typed.get("kind")
            if kind == Paper.Kind.FILE and not file:
                self.add_error("file", gettext("ファイルを選んでください。"))
            elif kind and kind != Paper.Kind.FILE and file:
                self.add_error(
                    "file", gettext("この種類の資料は画面から作ります。ファイルは要りません。")
                )
        return typed
