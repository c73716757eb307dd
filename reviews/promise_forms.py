"""The forms of promises: their result, and one that is older than the product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kpis.models import Project
from kpis.proposal_forms import DayField, line_field
from wards.calendar import UnreadableYear, parse_year
from wards.models import Section

from .answer_forms import LONGEST_VIEW, LONGEST_WORDS, SELECT, Told, long_text
from .models import Promise
from .models.answers import PROMISES, Disposition


class ResultForm(Told):
    """対処結果: what came of it, and when. One that stands is corrected with a reason."""

    result = long_text(
        _("対処結果"),
        LONGEST_VIEW,
        4,
        error_messages={"required": _("対処結果が空です。何をしたかを書いてください。")},
    )
    result_on = DayField(
        _("対処結果の日"), error_messages={"required": _("日を入力してください。")}
    )
    reason = long_text(_("訂正の理由"), LONGEST_WORDS, 2, required=False)

    def __init__(self, data=None, *, promise: Promise) -> None:
        initial = {
            "result": promise.result,
            "result_on": promise.result_on or timezone.localdate(),
        }
        super().__init__(data, initial=initial)
        self.promise = promise
        if not promise.result:
            del self.fields["reason"]

    def clean_result_on(self):
        day = self.cleaned_data["result_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(
                gettext("対処結果の日が、きょうよりあとです。きょうまでの日を入力してください。")
            )
        if day < self.promise.made_on:
            raise forms.ValidationError(
                gettext("対処結果の日が、約束した日より前です。日を確かめてください。")
            )
        return day

    def clean(self) -> dict[str, Any]:
        super().clean()
        said = self.cleaned_data
        if "reason" in self.fields and not said.get("reason") and not self.errors:
            stands = self.promise.result, self.promise.result_on
            if (said.get("result"), said.get("result_on")) != stands:
                self.add_error("reason", gettext("訂正の理由を書いてください。"))
        return said


class PromiseForm(Told):
    """A promise out of an opinion on paper."""

    on_fiscal_year = forms.CharField(
        label=_("意見の年度"),
        max_length=20,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        help_text=_("意見が対象とした年度です。令和元年度、R1、2019 のように入力します。"),
        error_messages={"required": _("意見の年度を入力してください。")},
    )
    source = line_field(
        _("もとの意見"), 200, help_text=_("例：令和元年度 事業評価委員会からの意見 2")
    )
    text = long_text(
        _("意見"),
        LONGEST_VIEW,
        3,
        error_messages={"required": _("意見を書いてください。")},
    )
    disposition = forms.ChoiceField(
        label=_("対応区分"),
        choices=[(each.value, each.label) for each in Disposition if each in PROMISES],
        widget=forms.RadioSelect,
        error_messages={"required": _("対応区分を選んでください。")},
    )
    what = long_text(
        _("約束した内容"),
        LONGEST_WORDS,
        3,
        error_messages={"required": _("約束した内容を書いてください。")},
    )
    who = line_field(_("だれが"), 100)
    by_when = line_field(_("いつまでに"), 60)
    made_on = DayField(
        _("約束した日"), error_messages={"required": _("約束した日を入力してください。")}
    )

    def __init__(
        self, data=None, *, sections: Iterable[Section], projects: Iterable[Project]
    ) -> None:
        super().__init__(data)
        self.sections = {str(each.pk): each for each in sections}
        self.projects = {str(each.pk): each for each in projects}
        for name, label, found in (
            ("section", _("担当する課"), self.sections),
            ("project", _("事業"), self.projects),
        ):
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[("", gettext("なし")), *((pk, str(each)) for pk, each in found.items())],
                required=False,
                widget=forms.Select(SELECT),
                error_messages={"invalid_choice": _("一覧にありません。選び直してください。")},
            )

    def clean_on_fiscal_year(self) -> int:
        try:
            return parse_year(self.cleaned_data["on_fiscal_year"])
        except UnreadableYear as error:
            raise forms.ValidationError(error.text(get_language() or "ja")) from error

    def clean_made_on(self):
        day = self.cleaned_data["made_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(
                gettext("約束した日が、きょうよりあとです。きょうまでの日を入力してください。")
            )
        return day

    def promise(self, ward) -> Promise:
        """As it would be saved; with the policy of its project."""
        said = dict(self.cleaned_data)
        project = self.projects.get(said.pop("project"))
        section = self.sections.get(said.pop("section"))
        policy = project.policy if project else None
        return Promise(ward=ward, project=project, policy=policy, section=section, **said)
