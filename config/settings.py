"""Settings of Ayumi, all of them from the environment.

A missing or odd variable stops the start and is named: a ward office's server must not come
up half-configured. docs/operations.md lists every variable.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def read_env_file(path: Path) -> None:
    """Take NAME=value lines of a local file for variables that the environment does not set."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path.name} line {number}: write NAME=value.")
        os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. docs/operations.md says what it holds.")
    return value


def switch(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in {"on", "1", "true", "yes"}:
        return True
    if value in {"off", "0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: write on or off.")


def whole(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a number from {low} to {high}.")
    return int(value)


def several(name: str, default: str | None = None) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str) -> dict:
    """Django's settings for sqlite:///file or postgresql://user:password@host:port/name.

    Several hosts (``host1:5432,host2:5432``) are tried in turn until one takes writes.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ImproperlyConfigured("DATABASE_URL is no address: see docs/operations.md.") from error
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        file = Path(unquote(parts.path.removeprefix("/")))
        file = file if file.is_absolute() else BASE_DIR / file
        file.parent.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(file),
            "CONN_MAX_AGE": 60,
            # A writer takes its lock at the start and waits for it: nothing fails half-way.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/"):
        userinfo, at, hostinfo = parts.netloc.rpartition("@")
        user, _colon, password = userinfo.partition(":") if at else ("", "", "")
        hosts = [host.rpartition(":") for host in hostinfo.split(",") if host]
        names = [host if colon else port for host, colon, port in hosts]
        ports = [port if colon else "5432" for host, colon, port in hosts]
        if not all(port.isdigit() for port in ports):
            raise ImproperlyConfigured("DATABASE_URL: a port is no number.")
        options: dict[str, object] = {"connect_timeout": 5, **dict(parse_qsl(parts.query))}
        socket = str(options.pop("host", ""))
        if len(names) > 1:
            options.setdefault("target_session_attrs", "read-write")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(user),
            "PASSWORD": unquote(password),
            "HOST": ",".join(names) or socket,
            "PORT": ",".join(ports) or str(options.pop("port", "")),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(
        "DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    )


read_env_file(Path(os.environ.get("AYUMI_ENV_FILE", BASE_DIR / ".env")))

DEBUG = switch("DEBUG", False)
DEMO = switch("DEMO", False)
HTTPS = switch("HTTPS", not DEBUG)
SECRET_KEY = text("SECRET_KEY", "only-for-development-" * 3 if DEBUG else None)
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY is too short: write 50 random characters or more.")
ALLOWED_HOSTS = several("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEBUG else None)
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS is '*': name the hosts people type.")
CSRF_TRUSTED_ORIGINS = several("CSRF_TRUSTED_ORIGINS", "")
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
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
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": whole("PASSWORD_LENGTH", 12, 8, 64)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "kpis:home"
LOGOUT_REDIRECT_URL = "login"

# After five failures the account rests for a quarter of an hour, whoever tries.
AXES_FAILURE_LIMIT = whole("LOCKOUT_FAILURES", 5, 3, 100)
AXES_COOLOFF_TIME = whole("LOCKOUT_MINUTES", 15, 1, 1440) / 60
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"

SESSION_COOKIE_AGE = whole("SESSION_HOURS", 10, 1, 24) * 3600
SESSION_IDLE_SECONDS = whole("SESSION_IDLE_MINUTES", 120, 5, 1440) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if switch("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if base_path := text("BASE_PATH", "/").strip("/"):
    FORCE_SCRIPT_NAME = f"/{base_path}"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"/{base_path}/"

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

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("日本語")), ("en", _("英語"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
TESTING = "pytest" in sys.modules
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = BASE_DIR / "var" / "media"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A whole policy document is read from a file, never posted: forms stay small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
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
