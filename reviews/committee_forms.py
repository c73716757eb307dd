"""What the secretariat writes about the committee, its members and their terms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wards.models import User
from wards.people_forms import DayField, FieldsThatSayWhatIsWrong, Line, MailField

from .models import Term
from .models.committee import Category
from .together import TogetherForm

#: More people than any committee has.
MOST = 200


class Text(forms.CharField):
    """Some lines of text, kept as typed."""

    def __init__(self, *, max_length: int, rows: int = 4, **options):
        options.setdefault("required", False)
        super().__init__(
            widget=forms.Textarea({"class": "textarea short", "rows": rows}), **options
        )
        self.longest = max_length

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def clean(self, value):
        text = super().clean(value)
        if len(text) > self.longest:
            raise ValidationError(
                gettext("%(length)s文字以内で入力してください。いまは%(now)s文字です。")
                % {"length": f"{self.longest:,}", "now": f"{len(text):,}"}
            )
        return text


class Count(forms.IntegerField):
    """A small whole number; full-width digits are read."""

    def __init__(self, *, least: int, most: int, **options):
        sentence = _("%(least)s から %(most)s までの数を入力してください。") % {
            "least": least,
            "most": most,
        }
        super().__init__(
            min_value=least,
            max_value=most,
            widget=forms.TextInput(
                {"class": "input short", "inputmode": "numeric", "autocomplete": "off"}
            ),
            error_messages={
                "invalid": sentence,
                "min_value": sentence,
                "max_value": sentence,
                "required": _("数を入力してください。"),
            },
            **options,
        )


class OneOf(forms.TypedChoiceField):
    """One of a few."""

    def __init__(self, **options):
        options.setdefault("widget", forms.Select({"class": "select"}))
        super().__init__(
            error_messages={
                "required": _("選んでください。"),
                "invalid_choice": _("選び直してください。"),
            },
            **options,
        )


class CommitteeForm(TogetherForm):
    name = Line(label=_("名称"), max_length=100, help_text=_("例：磯子区事業評価委員会"))
    purpose = Text(label=_("設置の目的"), max_length=2000)
    quorum = Count(
        label=_("定足数"),
        least=1,
        most=MOST,
        required=False,
        help_text=_("会議が成立する出席者の数です。空のときは、委員の過半数です。"),
    )


class MemberForm(TogetherForm):
    name = Line(
        label=_("委員"), max_length=100, help_text=_("区の中で使う名前です。公表はしません。")
    )
    affiliation = Line(
        label=_("所属など"),
        max_length=200,
        required=False,
        help_text=_("例：連合町内会長会、大学教授"),
    )
    order = Count(
        label=_("並び順"), least=0, most=9999, help_text=_("小さい数の委員から順に並びます。")
    )
    email = MailField()
    contact = Text(
        label=_("連絡先など"),
        max_length=2000,
        help_text=_("住所・電話など。事務局だけが見ます。"),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["email"].help_text = _(
            "アカウントのない委員へのお知らせに使います。事務局だけが見ます。"
        )


class TermForm(TogetherForm):
    category = OneOf(label=_("区分"), choices=Category.choices)
    seat = OneOf(label=_("役職"), choices=Term.Seat.choices, initial=Term.Seat.MEMBER)
    starts = DayField(label=_("任期の始まり"), required=False)
    ends = DayField(
        label=_("任期の終わり"),
        required=False,
        help_text=_("この日まで委員です。決まっていないときは空けておきます。"),
    )

    def clean(self):
        typed = self.cleaned_data
        starts, ends = typed.get("starts"), typed.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", gettext("任期の終わりは、始まりの日かそのあとにしてください。"))
        return typed


class NewMemberForm(TermForm, MemberForm):
    """A new member with a first term."""

    field_order = ("name", "affiliation", *TermForm.base_fields, "order", "email", "contact")

    @property
    def of_member(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in MemberForm.base_fields}

    @property
    def of_term(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in TermForm.base_fields}


class AccountForm(TogetherForm):
    """Which account is the member's: one with a post as 評価委員 here that is nobody else's."""

    user_id = OneOf(
        label=_("アカウント"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("この区で「評価委員」の職を持つ利用者から選びます。"),
    )

    def __init__(self, *args, people: list[User], **options):
        super().__init__(*args, **options)
        field = self.fields["user_id"]
        assert isinstance(field, OneOf)
        field.choices = [
            ("", gettext("アカウントなし（紙や電子メールで意見を出す）")),
            *((person.pk, f"{person}（{person.username}）") for person in people),
        ]


class OnForm(FieldsThatSayWhatIsWrong):
    """The day on which one wants to know who sits."""

    on = DayField(label=_("日付"), required=False)
