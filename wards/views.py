"""Log-in and log-out, and the password of one's own."""

import math

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import formats, timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .forms import LoginForm, PasswordForm
from .middleware import (
    begin_session,
    json_refusal,
    page_before,
    typed,
    wants_json,
    was_sent_by_us,
)
from .models import AccessRecord, User

Act = AccessRecord.Act


class Login(auth.LoginView):
    """Log-in, which ends by saying when this account was last used, and whether in vain."""

    form_class = LoginForm
    redirect_authenticated_user = True

    def get_success_url(self):
        """Where somebody was going; log-in itself is no such place, and Django stops at it."""
        going = super().get_success_url()
        return self.get_default_redirect_url() if going == self.request.path else going

    def form_valid(self, form):
        user = form.get_user()
        before = user.last_login
        response = super().form_valid(form)
        begin_session(self.request)
        AccessRecord.objects.record(self.request, Act.LOGGED_IN)
        if before and not user.must_change_password:
            messages.info(self.request, last_time(user, before))
        return response

    def form_invalid(self, form):
        if name := form.cleaned_data.get("username"):
            locked = getattr(self.request, "axes_locked_out", False)
            AccessRecord.objects.record(
                self.request,
                Act.LOCKED_OUT if locked else Act.FAILED,
                user=User.objects.filter(username=name).first(),
            )
        return super().form_invalid(form)


def last_time(user, before) -> str:
    """When the account was used last, and how often somebody failed to get in since then."""
    when = formats.date_format(timezone.localtime(before), "DATETIME_FORMAT")
    text = _("前回のログインは%(when)sです。") % {"when": when}
    in_vain = user.access_records.filter(act__in=[Act.FAILED, Act.LOCKED_OUT], at__gt=before)
    if count := in_vain.count():
        text += ngettext(
            "その後、ログインの失敗が%(count)s回ありました。覚えがないときは区政推進課へ知らせてください。",
            "その後、ログインの失敗が%(count)s回ありました。覚えがないときは区政推進課へ知らせてください。",
            count,
        ) % {"count": count}
    return text


def locked_out(request, response, credentials):
    """The answer to any log-in while the account rests, whether or not there is such an account."""
    attempts = [
        attempt
        for found in AxesProxyHandler.get_implementation().get_user_attempts(request, credentials)
        for attempt in found
    ]
    left = sum(attempt.failures_since_start for attempt in attempts)
    free_at = timezone.now()
    for attempt in sorted(attempts, key=lambda attempt: attempt.attempt_time):
        if left < settings.AXES_FAILURE_LIMIT:
            break
        left -= attempt.failures_since_start
        free_at = attempt.attempt_time + get_cool_off(request)
    seconds = max((free_at - timezone.now()).total_seconds(), 1)
    page = render(
        request, "registration/locked.html", {"minutes": math.ceil(seconds / 60)}, status=429
    )
    page["Retry-After"] = str(math.ceil(seconds))
    return page


def csrf_refused(request, reason=""):
    """The answer to a form whose token is an old one, as after logging in again in another tab.

    What was typed into a page of ours comes back; what another site sent does not.
    """
    if wants_json(request):
        why = _("画面が古くなったため、まだ保存していません。画面を開き直してください。")
        return json_refusal(403, why)
    mine = was_sent_by_us(request)
    context = {"next": page_before(request), "typed": typed(request)} if mine else {}
    response = render(request, "403_csrf.html", context, status=403)
    add_never_cache_headers(response)
    return response


@method_decorator(login_not_required, name="dispatch")
class Logout(auth.LogoutView):
    """Log-out, by POST alone; no harm where the session had ended already."""

    def post(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            AccessRecord.objects.record(request, Act.LOGGED_OUT)
        return super().post(request, *args, **kwargs)


class ChangePassword(auth.PasswordChangeView):
    """The person's own password. It ends every other session of the account."""

    form_class = PasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy(settings.LOGIN_REDIRECT_URL)

    def form_valid(self, form):
        with transaction.atomic():
            response = super().form_valid(form)
            AccessRecord.objects.record(self.request, Act.PASSWORD_CHANGED)
        begin_session(self.request)
        messages.success(self.request, _("パスワードを変更しました。"))
        return response
