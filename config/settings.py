"""Settings of Ayumi, all of them from the environment.

A missing or odd variable stops the start and is named: a ward office's server must not come
up half-configured. docs/operations.md lists every variable.
"""

import re

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import (
    BASE_DIR,
    database,
    env_file,
    folder,
    mail,
    read_env_file,
    sender,
    several,
    site,
    switch,
    text,
    whole,
)

read_env_file(env_file())

DEBUG = switch("DEBUG", False)
DEMO = switch("DEMO", False)
HTTPS = switch("HTTPS", not DEBUG)
SECRET_KEY = text("SECRET_KEY", "only-for-development-" * 3 if DEBUG else None)
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY is too short: write 50 random characters or more.")
ALLOWED_HOSTS = several("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEBUG else None)
if not ALLOWED_HOSTS or ("*" in ALLOWED_HOSTS and not DEBUG):
    raise ImproperlyConfigured("ALLOWED_HOSTS names no host: write the names that people type.")
for host in ALLOWED_HOSTS:
    if host != "*" and not re.fullmatch(r"\.?[a-z0-9-][a-z0-9.-]*|\[[0-9a-f:.]+\]", host, re.I):
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS: {host!r} is no name of a host. Leave out https:// and :8000."
        )
CSRF_TRUSTED_ORIGINS = several("CSRF_TRUSTED_ORIGINS", "")
if not all(re.fullmatch(r"https?://[^/?#\s]+", origin) for origin in CSRF_TRUSTED_ORIGINS):
    raise ImproperlyConfigured(
        "CSRF_TRUSTED_ORIGINS: write each with https:// before its host, and nothing after it."
    )
DATABASES = {"default": database(text("DATABASE_URL", "sqlite:///var/ayumi.sqlite3"))}

INSTALLED_APPS = [
    "wards",
    "kpis",
    "reviews",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tables2",
    "django_filters",
    "csp",
    "axes",
]

MIDDLEWARE = [
    # Outermost, so that refusals and failures of the others carry these headers as well.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "wards.middleware.PlainAddress",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wards.middleware.NoStore",
    "wards.middleware.SessionLimits",
    "wards.middleware.LoginRequired",
    "wards.middleware.PasswordFirst",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "wards.permissions.for_templates",
            ],
        },
    },
]

AUTH_USER_MODEL = "wards.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "wards.password_rules.NotLikeTheAccount"},
    {
        "NAME": "wards.password_rules.LongEnough",
        "OPTIONS": {"min_length": whole("PASSWORD_LENGTH", 12, 8, 64)},
    },
    {"NAME": "wards.password_rules.NotCommon"},
    {"NAME": "wards.password_rules.NotDigitsAlone"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "kpis:home"
LOGOUT_REDIRECT_URL = "login"

# After five failures the account rests for a quarter of an hour, whoever tries.
AXES_FAILURE_LIMIT = whole("LOCKOUT_FAILURES", 5, 3, 100)
AXES_COOLOFF_TIME = whole("LOCKOUT_MINUTES", 15, 1, 1440) / 60
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "wards.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # wards.AccessRecord keeps what happened
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

SESSION_COOKIE_AGE = whole("SESSION_HOURS", 10, 1, 24) * 3600
SESSION_IDLE_SECONDS = whole("SESSION_IDLE_MINUTES", 120, 5, 1440) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wards.views.csrf_refused"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = switch("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MESSAGE_STORAGE = "wards.message_cookie.BelowOurPath"
base_path = text("BASE_PATH", "/").strip("/")
if not re.fullmatch(r"([\w-][\w.-]*(/[\w-][\w.-]*)*)?", base_path, re.ASCII):
    raise ImproperlyConfigured("BASE_PATH is no path: write the part after the host, as /ayumi.")
if base_path:
    FORCE_SCRIPT_NAME = f"/{base_path}"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"/{base_path}/"
# A monitor on the same machine asks over plain HTTP.
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(base_path)}/?health/$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [NONE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Reminders. Nothing leaves the machine unless EMAIL_URL names a server; the demo shows its letters.
EMAIL_URL = text("EMAIL_URL", "console" if DEMO else "off")
globals().update(mail(EMAIL_URL))
SENDS_MAIL = EMAIL_URL not in ("off", "console")
DEFAULT_FROM_EMAIL = sender("EMAIL_FROM", None if SENDS_MAIL else "ayumi@localhost")
HERE = f"http://127.0.0.1:{whole('PORT', 8000, 1, 65535)}"
SITE_URL = site("SITE_URL", None if SENDS_MAIL else HERE)

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("日本語")), ("en", _("英語"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# In full: what is relative is read once, at the start, when no request has said where it is.
STATIC_URL = f"/{base_path}/static/" if base_path else "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# The files of evidence: outside everything that is served, handed out by a view alone.
MEDIA_ROOT = folder("EVIDENCE_DIR", "var/evidence", apart_from=(BASE_DIR / "static", STATIC_ROOT))
EVIDENCE_OF_A_FILE = whole("EVIDENCE_FILE_MB", 10, 1, 50) * 1024 * 1024
EVIDENCE_OF_AN_ENTRY = whole("EVIDENCE_ENTRY_MB", 50, 1, 500) * 1024 * 1024
if EVIDENCE_OF_AN_ENTRY < EVIDENCE_OF_A_FILE:
    raise ImproperlyConfigured("EVIDENCE_ENTRY_MB is smaller than EVIDENCE_FILE_MB.")
# The fonts that PDFs are set in, beside those that the system has (docs/operations.md).
FONTS_DIR = BASE_DIR / text("FONTS_DIR", "var/fonts")
# What is larger is never written anywhere, whichever page it was sent to.
LARGEST_UPLOAD = max(EVIDENCE_OF_A_FILE, 10 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "kpis.uploads.Capped",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A whole policy document is read from a file, never posted: forms stay small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# A sheet sends some eight fields a target (docs/entering.md).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
# The lock-out goes by account alone: a whole ward office shares one address behind its proxy.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
