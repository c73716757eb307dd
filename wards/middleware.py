"""What stands between a request and any page: sessions that end, log-in, the first password.

They act once the view is known and the CSRF token is checked, so that an answer that shows
what somebody typed can only go to the person who typed it.
"""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, middleware
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from .models import AccessRecord

#: Views that stay open to somebody who has to choose a password first.
BEFORE_THE_FIRST_PASSWORD = {"password_change", "logout", "set_language"}

#: Never shown again to whoever sent them.
SECRET_FIELDS = {"csrfmiddlewaretoken", "password", "old_password"}
#: Hidden fields, buttons and choices of our forms: nobody typed them. A row of a sheet has its
#: key before the name: p05-t1.version.
UNTYPED_FIELDS = {
    *("version", "was", "undecided", "sure", "choice", "kind"),
    *("next", "seen", "pick", "action", "evidence_off", "kept"),
    *("comment", "client_key", "withdraw", "edit", "grade", "subject", "key"),
    *("number", "original", "disposition", "about", "section", "project", "policy"),
}


def begin_session(request) -> None:
    """Start both clocks of the session: since log-in, and since the last request."""
    request.session["started"] = request.session["seen"] = int(time.time())


class PlainAddress:
    """No page has a NUL character in its address, and PostgreSQL cannot even look for one.

    No cookie of ours holds one either; such a cookie is passed over before a session is sought.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "\x00" in request.path:
            raise Http404


class SessionLimits:
    """Ends a session some hours after log-in, and sooner when nothing happens in it.

    When it was last used is written at most every few minutes, so that reading a page does
    not cost a write.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated:
            return
        now, session = int(time.time()), request.session
        if "started" not in session:
            begin_session(request)
            return
        idle = now - session["seen"]
        if now - session["started"] >= settings.SESSION_COOKIE_AGE:
            why = _(
                "ログインから時間がたったため、ログアウトしました。もう一度ログインしてください。"
            )
        elif idle >= settings.SESSION_IDLE_SECONDS:
            why = _(
                "しばらく操作がなかったため、ログアウトしました。もう一度ログインしてください。"
            )
        else:
            if idle >= min(300, settings.SESSION_IDLE_SECONDS // 4):
                session["seen"] = now
            return
        AccessRecord.objects.record(request, AccessRecord.Act.SESSION_ENDED)
        logout(request)
        messages.info(request, why)


class LoginRequired(middleware.LoginRequiredMiddleware):
    """Asks for a log-in, and hands back what was being sent when the session had ended.

    A script is told in JSON where to log in, and keeps what was typed itself.
    """

    def handle_no_permission(self, request, view_func):
        if wants_json(request):
            login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page_before(request)})}"
            why = _("ログインの時間が切れたため、まだ保存していません。ログインし直してください。")
            return json_refusal(401, why, login=login)
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        response = render(
            request,
            "registration/session_ended.html",
            {"next": page_before(request), "typed": typed(request)},
            status=403,
        )
        add_never_cache_headers(response)
        return response


class PasswordFirst:
    """Leads everybody with a password made by somebody else to the page that changes it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        user = request.user
        if not user.is_authenticated or not user.must_change_password:
            return None
        if request.resolver_match.view_name in BEFORE_THE_FIRST_PASSWORD:
            return None
        if wants_json(request):
            return json_refusal(403, _("先にパスワードを変更してください。"))
        return redirect("password_change")


class NoStore:
    """Keeps what a logged-in person saw out of every cache, the browser's own included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def wants_json(request) -> bool:
    """Whether a script asks, which reads JSON and no pages."""
    return "application/json" in request.headers.get("Accept", "")


def json_refusal(status: int, message: str, **more: str) -> JsonResponse:
    """A refusal in the words of the cells of a sheet (docs/entering.md)."""
    response = JsonResponse({"ok": False, "message": message, **more}, status=status)
    add_never_cache_headers(response)
    return response


def page_before(request) -> str:
    """The page of ours that a form was sent from, else the first page."""
    referer = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(
        referer, {request.get_host()}, require_https=request.is_secure()
    ):
        parts = urlsplit(referer)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def was_sent_by_us(request) -> bool:
    """Whether the browser says that the form stood on a page of ours; no other site can say so."""
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in ours


def typed(request) -> list[str]:
    """What somebody wrote into a form, passwords and hidden tokens apart."""
    return [
        value
        for name, values in request.POST.lists()
        for value in values
        if value.strip()
        and name not in SECRET_FIELDS
        and name.rpartition(".")[2] not in UNTYPED_FIELDS
        and "password" not in name
        and not name.startswith("initial-")  # what a form showed first
    ]
