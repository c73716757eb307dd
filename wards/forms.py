"""Log-in and passwords."""

import secrets

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

#: Without letters and digits that look alike on paper: l and 1, o and 0.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """Something to read out over the telephone: four groups of four, 80 bits in all."""
    return "-".join("".join(secrets.choice(ALPHABET) for _n in range(4)) for _n in range(4))


class LoginForm(AuthenticationForm):
    """Says the same whether the account does not exist or the password is wrong."""

    def __init__(self, request=None, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("職員番号・委員番号")
        self.fields["username"].error_messages["required"] = _(
            "職員番号または委員番号を入力してください。"
        )
        # Longer than any account's, and than the record of failed log-ins can hold.
        self.fields["username"].validators.append(
            MaxLengthValidator(150, _("職員番号・委員番号は150文字以内です。"))
        )
        self.fields["password"].label = _("パスワード")
        self.fields["password"].error_messages["required"] = _("パスワードを入力してください。")
        self.fields["username"].widget.attrs |= {"class": "input", "autocapitalize": "none"}
        self.fields["password"].widget.attrs |= {"class": "input"}

    def clean_username(self):
        """Longer than any account: not worth a try, nor a line in the lock-out's table."""
        name = self.cleaned_data["username"]
        if len(name) > (self.username_field.max_length or 0):
            raise ValidationError(gettext("職員番号または委員番号が長すぎます。"))
        return name

    def get_invalid_login_error(self):
        wrong = gettext("職員番号またはパスワードが違います。")
        failures = getattr(self.request, "axes_failures_since_start", None)
        if failures is None:
            return ValidationError(wrong, code="invalid_login")
        left = max(settings.AXES_FAILURE_LIMIT - failures, 0)
        warning = ngettext(
            "あと%(left)s回まちがえると、%(minutes)s分間ログインできなくなります。",
            "あと%(left)s回まちがえると、%(minutes)s分間ログインできなくなります。",
            left,
        ) % {"left": left, "minutes": round(settings.AXES_COOLOFF_TIME * 60)}
        return ValidationError([wrong, warning])

    def confirm_login_allowed(self, user):
        """Demo accounts, whose passwords are in the manual, open nothing outside a demo."""
        if not user.is_active or (user.is_demo and not settings.DEMO):
            raise self.get_invalid_login_error()


class PasswordForm(PasswordChangeForm):
    """The old password, and twice one that is long, not common and not the old one."""

    error_messages = {
        "password_incorrect": _("いまのパスワードが違います。もう一度入力してください。"),
        "password_mismatch": _("新しいパスワードと一致しません。同じものを入力してください。"),
        "password_same": _("いまと同じパスワードです。別のものを選んでください。"),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": _("いまのパスワード"),
            "new_password1": _("新しいパスワード"),
            "new_password2": _("新しいパスワード（確認）"),
        }
        for name, label in labels.items():
            field = self.fields[name]
            field.label = label
            field.help_text = ""
            field.error_messages["required"] = _("入力してください。")
            field.widget.attrs["class"] = "input"
        self.fields["new_password1"].help_text = _(
            "ほかで使っていない、人に推測されにくいものにしてください。"
        )
        self.rules = password_validation.password_validators_help_texts()

    def clean_new_password1(self):
        new = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise ValidationError(self.error_messages["password_same"], code="password_same")
        return new

    def save(self, commit=True):
        self.user.must_change_password = False
        return super().save(commit)
