"""The forms in which the secretariat says when reminders go out and what they say."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .models import ReminderPlan
from .models.reminders import LONGEST_INTERVAL
from .reminder_texts import LONGEST_BODY, LONGEST_SUBJECT, PLACEHOLDERS, unknown

MOST_STEPS = 5


class DaysField(forms.CharField):
    """Some days, as 7、1 or 7,1: whole numbers from 1 on, each once, the largest first."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        days = set()
        for part in text.replace("、", ",").replace("日", "").split(","):
            part = part.strip()
            if not part:
                continue
            if not (part.isdecimal() and len(part) < 4 and 0 < int(part) <= LONGEST_INTERVAL):
                raise ValidationError(
                    gettext(
                        "「%(part)s」は日数として読めません。1から%(most)dまでの数を、"
                        "読点で区切って書いてください（例：7、1）。"
                    )
                    % {"part": part[:20], "most": LONGEST_INTERVAL}
                )
            days.add(int(part))
        if len(days) > MOST_STEPS:
            raise ValidationError(gettext("5つまでにしてください。"))
        return sorted(days, reverse=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != initial


class PlanForm(forms.ModelForm):
    """When the reminders of a ward go out."""

    before_days = DaysField(
        label=_("期限の何日前に送るか"),
        required=False,
        max_length=60,
        help_text=_(
            "「7、1」のように、日数を「、」で区切ります。空にすると、期限の前には送りません。"
        ),
        widget=forms.TextInput({"class": "input"}),
    )

    class Meta:
        model = ReminderPlan
        fields = (
            "is_on",
            "before_days",
            "on_due",
            "late_every",
            "returned_every",
            "waiting_every",
            "with_english",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("late_every", "returned_every", "waiting_every"):
            field = self.fields[name]
            field.widget.attrs |= {"class": "input short", "max": LONGEST_INTERVAL}
            field.help_text = _("0にすると送りません。")
            field.error_messages |= {
                "required": _("日数を入力してください。送らないときは0です。"),
                "invalid": _("日数は、0から60までの数で入力してください。"),
                "max_value": _("日数は、0から60までの数で入力してください。"),
                "min_value": _("日数は、0から60までの数で入力してください。"),
            }


class TextForm(forms.Form):
    """One wording in both languages; every name in braces has to stand for something."""

    subject_ja = forms.CharField(label=_("件名"), max_length=LONGEST_SUBJECT)
    body_ja = forms.CharField(label=_("本文"), max_length=LONGEST_BODY, widget=forms.Textarea)
    subject_en = forms.CharField(label=_("件名"), max_length=LONGEST_SUBJECT)
    body_en = forms.CharField(label=_("本文"), max_length=LONGEST_BODY, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            is_body = name.startswith("body")
            field.widget.attrs |= {
                "class": "textarea" if is_body else "input",
                "lang": name[-2:],
            }
            if is_body:
                field.widget.attrs["rows"] = 12
            field.error_messages |= {
                "required": _(
                    "入力してください。「元の文面に戻す」を押すと、はじめの文面に戻ります。"
                )
            }

    def clean(self) -> dict[str, Any]:
        for name, text in list(self.cleaned_data.items()):
            if name.startswith("subject") and len(text.splitlines()) > 1:
                self.add_error(name, gettext("件名は1行で書いてください。"))
        for name, text in list(self.cleaned_data.items()):
            self.cleaned_data[name] = text = text.replace("\r\n", "\n")
            if odd := list(dict.fromkeys(unknown(text))):
                said = ngettext(
                    "%(names)sという差込み項目はありません。使えるのは%(known)sです。",
                    "%(names)sという差込み項目はありません。使えるのは%(known)sです。",
                    len(odd),
                )
                known = " ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                names = gettext("、").join(each[:40] for each in odd[:5])
                self.add_error(name, said % {"names": names, "known": known})
        return self.cleaned_data
