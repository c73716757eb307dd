"""What the secretariat types about people and posts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .accounts import Newcomer
from .models import Post, Section, User, Ward
from .posts import ROLES, Desk

Role = Post.Role

#: A number as it stands on a staff card: it is also part of addresses, so nothing else is in it.
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,29}")
#: No name has these: control and format codes, halves of letters, gaiji (private use).
NO_LETTERS = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
EARLIEST = date(2000, 4, 1)
YEARS_AHEAD = 5


class Line(forms.CharField):
    """A line of text that people can read aloud."""

    def __init__(self, *, max_length: int, **options):
        too_long = _("%(length)s文字以内で入力してください。") % {"length": max_length}
        options.setdefault("widget", forms.TextInput({"class": "input", "autocomplete": "off"}))
        # The length is checked here: Django's own sentence is another house's.
        super().__init__(**options)
        self.longest, self.too_long = max_length, too_long
        self.error_messages["required"] = _("入力してください。")

    def to_python(self, value):
        return unicodedata.normalize("NFC", " ".join((super().to_python(value) or "").split()))

    def clean(self, value):
        text = super().clean(value)
        if len(text) > self.longest:
            raise ValidationError(self.too_long)
        for char in text:
            if unicodedata.category(char) == "Co":
                raise ValidationError(
                    gettext("外字は、ほかの端末では別の字に見えます。標準の字で入力してください。")
                )
            if unicodedata.category(char) in NO_LETTERS:
                raise ValidationError(gettext("見えない文字が入っています。入力し直してください。"))
        return text


class NumberField(Line):
    """職員番号: half-width letters, digits and . _ - ; full width is read as half.

    An account that exists already is found by its name, whatever rule it was made under.
    """

    def __init__(self, **options):
        options.setdefault("label", _("職員番号・委員番号"))
        options.setdefault(
            "help_text",
            _("半角の英数字と . - _ で2〜30文字。ログインに使います。あとから変えられません。"),
        )
        super().__init__(max_length=150, **options)
        self.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def to_python(self, value):
        # Spaces inside stay, and are refused: "12 34" may be two numbers.
        return unicodedata.normalize("NFKC", forms.CharField.to_python(self, value) or "").strip()

    def clean(self, value):
        number = super().clean(value)
        if not number or NUMBER.fullmatch(number):
            return number
        if number.strip(".") and User.objects.filter(username=number).exists():
            return number
        raise ValidationError(
            gettext(
                "番号「%(number)s」は使えません。半角の英数字と . - _ だけで、"
                "2〜30文字にし、英字か数字で始めてください。"
            )
            % {"number": number[:40]}
        )


def name_field(**options) -> Line:
    return Line(
        label=_("表示名"),
        max_length=100,
        help_text=_("画面と履歴に出る名前です。例：磯子 花子、土木事務所 窓口"),
        **options,
    )


class MailField(forms.EmailField):
    """An address for reminders, or none. Full-width letters are read as half."""

    def __init__(self, **options):
        super().__init__(
            label=_("メールアドレス"),
            required=False,
            max_length=254,
            help_text=_("入力期限などのお知らせを送ります。ないときは空けておきます。"),
            error_messages={
                "invalid": _("メールアドレスとして読めません。例のように直してください：a@b.jp"),
                "max_length": _("254文字以内で入力してください。"),
            },
            widget=forms.TextInput({"class": "input", "autocomplete": "off", "inputmode": "email"}),
            **options,
        )

    def to_python(self, value):
        return unicodedata.normalize("NFKC", super().to_python(value) or "").strip()


class DayField(forms.DateField):
    """A day: as the browser's own field sends it, or typed as 2027/4/1 or 2027年4月1日."""

    def __init__(self, **options):
        super().__init__(
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
            widget=forms.DateInput({"class": "input day", "type": "date"}, format="%Y-%m-%d"),
            error_messages={
                "invalid": _("日付として読めません。2027/4/1 のように入力してください。"),
                "required": _("日付を入力してください。"),
            },
            **options,
        )

    def to_python(self, value):
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
        return super().to_python(value)

    def clean(self, value):
        day = super().clean(value)
        latest = timezone.localdate().year + YEARS_AHEAD
        if day and not EARLIEST <= day <= date(latest, 12, 31):
            raise ValidationError(
                gettext("%(first)s年から%(last)s年までの日付を入力してください。")
                % {"first": EARLIEST.year, "last": latest}
            )
        return day


class DeskField(forms.ChoiceField):
    """Which post: each that the secretariat may give, by role and section. Cleaned: a Desk."""

    def __init__(self, **options):
        super().__init__(
            label=_("職"),
            widget=forms.Select({"class": "select"}),
            error_messages={
                "required": _("職を選んでください。"),
                "invalid_choice": _("その職は選べません。選び直してください。"),
            },
            **options,
        )
        self.desks: dict[str, Desk] = {}

    def offer(self, wards: list[Ward]) -> None:
        """The posts of these wards. Sections that were merged or renamed get no new people."""
        sections = Section.objects.filter(ward__in=wards, successor__isnull=True)
        by_ward = {ward.pk: ward for ward in wards}
        several = len(wards) > 1
        groups: dict[str, list[tuple[str, str]]] = {str(role.label): [] for role in ROLES}
        departments: dict[tuple[int, str], None] = {}

        def add(role: Post.Role, key: str, desk: Desk) -> None:
            self.desks[key] = desk
            place = desk.section or desk.department or gettext("区全体")
            ward = f"{desk.ward} " if several else ""
            groups[str(role.label)].append((key, f"{ward}{place} {role.label}"))

        for section in sections:
            ward = by_ward[section.ward_id]
            if section.department:
                departments[ward.pk, section.department] = None
            for role in (Role.STAFF, Role.HEAD):
                add(role, f"{role}:{section.pk}", Desk(role, ward, section))
        for ward in wards:
            for role in ROLES[2:]:
                add(role, f"{role}:{ward.pk}", Desk(role, ward))
        for ward_id, department in departments:
            desk = Desk(Role.MANAGER, by_ward[ward_id], None, department)
            add(Role.MANAGER, f"manager:{ward_id}:{department}", desk)
        self.choices = [("", gettext("（選んでください）")), *groups.items()]

    def clean(self, value):
        return self.desks.get(super().clean(value))


class FieldsThatSayWhatIsWrong(forms.Form):
    """The error stands under its field, and the field names it to screen readers."""

    def sentences(self):
        """Each error with the field it belongs to; None for the whole form."""
        for name, errors in self.errors.items():
            field = self[name] if name in self.fields else None
            for error in errors:
                yield field, error


def offer_desks(form: forms.Form, wards: list[Ward]) -> None:
    field = form.fields["desk"]
    assert isinstance(field, DeskField)
    field.offer(wards)


class PersonForm(FieldsThatSayWhatIsWrong):
    username = NumberField()
    display_name = name_field()
    email = MailField()
    desk = DeskField()
    starts = DayField(label=_("開始日"), help_text=_("この日から、画面が見え、入力できます。"))
    ends = DayField(
        label=_("最後の日"),
        required=False,
        help_text=_("決まっているときだけ入力します。この日までは使えます。"),
    )

    def __init__(self, *args, wards: list[Ward], **options):
        super().__init__(*args, **options)
        offer_desks(self, wards)

    @property
    def newcomer(self) -> Newcomer:
        typed = self.cleaned_data
        return Newcomer(typed["username"], typed["display_name"], typed["email"])


class AccountForm(FieldsThatSayWhatIsWrong):
    """What the page showed goes along, so that only what this person changed is written."""

    display_name = name_field(show_hidden_initial=True)
    email = MailField(show_hidden_initial=True)

    @property
    def changed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class GiveForm(FieldsThatSayWhatIsWrong):
    desk = DeskField()
    starts = DayField(label=_("開始日"), help_text=_("この日から、画面が見え、入力できます。"))
    ends = DayField(
        label=_("最後の日"),
        required=False,
        help_text=_("決まっているときだけ入力します。この日までは使えます。"),
    )

    def __init__(self, *args, wards: list[Ward], **options):
        super().__init__(*args, **options)
        offer_desks(self, wards)


class DaysForm(FieldsThatSayWhatIsWrong):
    """The days of a post; the first one only while it has not come."""

    starts = DayField(label=_("開始日"))
    ends = DayField(
        label=_("最後の日"),
        required=False,
        help_text=_("この日までは使えます。すぐに使えなくするには、きのうの日付にします。"),
    )

    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(self, *args, post: Post, **options):
        super().__init__(*args, **options)
        self.fields["seen"].initial = post.days
        if post.has_begun:
            del self.fields["starts"]


class DayForm(FieldsThatSayWhatIsWrong):
    on = DayField(
        label=_("引き継ぐ日"),
        help_text=_("前の担当者は前の日まで、次の担当者はこの日から使えます。"),
    )


class TakeOverForm(FieldsThatSayWhatIsWrong):
    """Who takes one post over. `taker` is what was chosen: a user, a newcomer or nobody."""

    to = forms.ChoiceField(
        label=_("引き継ぐ人"), required=False, widget=forms.Select({"class": "select"})
    )
    username = NumberField(required=False, help_text="")
    display_name = Line(label=_("表示名"), max_length=100, required=False)
    email = MailField()
    seen = forms.DateField(required=False, widget=forms.HiddenInput)

    NOBODY, NEW = "nobody", "new"

    def __init__(self, data, *, post: Post, people: list[User], **options):
        super().__init__(data, prefix=f"p{post.pk}", **options)
        self.post = post
        self.people = {str(user.pk): user for user in people if user.pk != post.user_id}
        self.fields["email"].help_text = ""
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [
            ("", gettext("（選んでください）")),
            (self.NEW, gettext("下に入力する人")),
            (self.NOBODY, gettext("まだ決まっていない（終わらせるだけ）")),
            (
                gettext("この区の利用者"),
                [(key, f"{user}（{user.username}）") for key, user in self.people.items()],
            ),
        ]
        to.error_messages["invalid_choice"] = gettext("その人は選べません。選び直してください。")

    def clean(self):
        typed = self.cleaned_data
        to, number = typed.get("to"), typed.get("username")
        if not to and number:
            typed["to"] = to = self.NEW
        if to == self.NEW:
            if not number and "username" not in self.errors:
                self.add_error("username", gettext("番号を入力してください。"))
            if not typed.get("display_name") and "display_name" not in self.errors:
                self.add_error("display_name", gettext("表示名を入力してください。"))
        elif not to and "to" not in self.errors:
            self.add_error(
                "to", gettext("引き継ぐ人を選ぶか、新しい人の番号と表示名を入力してください。")
            )
        elif number and to:
            self.add_error(
                "to",
                gettext("選んだ人と、下に入力した人の、どちらが引き継ぐかを決めてください。"),
            )
        return typed

    @property
    def taker(self) -> User | Newcomer | None:
        typed = self.cleaned_data
        if typed["to"] == self.NEW:
            return Newcomer(typed["username"], typed["display_name"], typed["email"])
        return self.people.get(typed["to"])
