"""Reads the environment, and names the variable that is missing or odd.

Everything here raises ImproperlyConfigured with one sentence; whoever starts Ayumi shows it
and stops. docs/operations.md lists every variable.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

#: scheme://hosts/name?query. Not urlsplit: whether it takes several hosts depends on its version.
ADDRESS = re.compile(r"(\w+)://([^/?#\s]*)/([^?#\s]+)(?:\?([^#\s]*))?")
#: smtp://user:password@host:port, the user and the port as wanted.
MAIL_SERVER = re.compile(
    r"(smtp|smtp\+tls|smtps)://(?:([^:@/\s]+):([^@/\s]+)@)?([a-z0-9.-]+|\[[0-9a-f:.]+\])"
    r"(?::([0-9]{1,5}))?/?",
    re.IGNORECASE,
)
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_BACKENDS = "django.core.mail.backends"


def env_file() -> Path:
    """The local file of variables: .env beside manage.py, or where AYUMI_ENV_FILE says."""
    return Path(os.environ.get("AYUMI_ENV_FILE") or BASE_DIR / ".env")


def read_env_file(path: Path) -> None:
    """Take NAME=value lines of a local file for variables that the environment does not set.

    Only the usual file may be missing: one that somebody named is wanted.
    """
    if not path.exists() and not os.environ.get("AYUMI_ENV_FILE"):
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ImproperlyConfigured(
            f"AYUMI_ENV_FILE: {path} cannot be read ({error.strerror})."
        ) from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{path.name} is no text: save it as UTF-8.") from error
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name.isidentifier() or "\0" in value:
            raise ImproperlyConfigured(f"{path.name} line {number}: write NAME=value.")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        os.environ.setdefault(name, value)


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
    if not (value.isascii() and value.isdigit() and len(value) < 19 and low <= int(value) <= high):
        raise ImproperlyConfigured(f"{name} is {value!r}: write a number from {low} to {high}.")
    return int(value)


def several(name: str, default: str | None = None) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: str, *, apart_from: Sequence[Path] = ()) -> Path:
    """A folder of our own, made where it is missing; files can be written into it.

    It is neither the program's own nor below the folders that it has to stay `apart_from`, since
    those are handed out to everybody.
    """
    path = BASE_DIR / text(name, default)
    if "\0" in str(path):
        raise ImproperlyConfigured(f"{name} is no path of a folder.")
    real = path.resolve()
    if real == BASE_DIR or any(real.is_relative_to(other) for other in apart_from):
        raise ImproperlyConfigured(f"{name}: {path} is handed out or holds the program itself.")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be made ({error.strerror}).") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: {path} cannot be written into.")
    return path


def database(url: str) -> dict:
    """Django's settings for sqlite:///file or postgresql://user:password@host:port/name.

    Several hosts (``host1:5432,host2:5432``) are tried in turn until one takes writes.
    """
    if address := ADDRESS.fullmatch(url):
        scheme, hosts, name, query = address.groups(default="")
        name = unquote(name)
        if scheme == "sqlite" and not hosts and "\0" not in name:
            return sqlite(BASE_DIR / name)
        if scheme in {"postgresql", "postgres"} and "\0" not in name:
            return postgresql(hosts, name, dict(parse_qsl(query)))
    raise ImproperlyConfigured(
        "DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    )


def sqlite(file: Path) -> dict:
    """One file for a ward on one machine."""
    if file.is_dir():
        raise ImproperlyConfigured(f"DATABASE_URL: {file} is a folder. Name a file in it.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL: {file.parent} cannot be made ({error.strerror})."
        ) from error
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


def postgresql(netloc: str, name: str, query: dict[str, str]) -> dict:
    """A server for any number of web processes; the query holds libpq's own options."""
    from psycopg import ProgrammingError  # of no use where SQLite is
    from psycopg.conninfo import make_conninfo

    userinfo, at, hostinfo = netloc.rpartition("@")
    user, _colon, password = userinfo.partition(":") if at else ("", "", "")
    addresses = [host_and_port(address) for address in hostinfo.split(",") if address]
    options: dict[str, Any] = {"connect_timeout": 5, **query}
    try:
        make_conninfo(**options)
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL: {str(error).strip()}. Look at what follows the question mark."
        ) from error
    socket, socket_port = str(options.pop("host", "")), str(options.pop("port", ""))
    if len(addresses) > 1:
        options.setdefault("target_session_attrs", "read-write")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": ",".join(host for host, _port in addresses) or socket,
        "PORT": ",".join(port for _host, port in addresses) or socket_port,
        # A connection is kept between requests, and tried before it is used again.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def mail(url: str) -> dict[str, Any]:
    """Django's settings for off, console, or smtp://user:password@host:port.

    `smtp+tls` begins plain and turns to TLS (STARTTLS), `smtps` is TLS from the start.
    """
    if url in ("off", "console"):
        backend = "dummy" if url == "off" else "console"
        return {"EMAIL_BACKEND": f"{MAIL_BACKENDS}.{backend}.EmailBackend"}
    found = MAIL_SERVER.fullmatch(url)
    scheme, user, password, host, port = found.groups(default="") if found else ("",) * 5
    scheme = scheme.lower()
    number = int(port or MAIL_PORTS.get(scheme, 0))
    if not 0 < number < 65536:
        raise ImproperlyConfigured(
            "EMAIL_URL must be off, console, or smtp://USER:PASSWORD@HOST:PORT"
            " (smtp+tls:// for STARTTLS, smtps:// for TLS from the start)."
        )
    return {
        "EMAIL_BACKEND": f"{MAIL_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": host.strip("[]"),
        "EMAIL_PORT": number,
        "EMAIL_HOST_USER": unquote(user),
        "EMAIL_HOST_PASSWORD": unquote(password),
        "EMAIL_USE_TLS": scheme == "smtp+tls",
        "EMAIL_USE_SSL": scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
    }


def sender(name: str, default: str | None) -> str:
    """An address that letters come from: ayumi@city.example, or あゆみ <ayumi@city.example>."""
    value = text(name, default)
    if not re.fullmatch(r"(?:[^<>@\r\n]*<)?[^<>@\s]+@[a-zA-Z0-9.-]+>?", value) or (
        ("<" in value) != value.endswith(">")
    ):
        raise ImproperlyConfigured(
            f"{name} is no e-mail address: write it as ayumi@city.example, or with a name before"
            " it as あゆみ <ayumi@city.example>."
        )
    return value


def site(name: str, default: str | None) -> str:
    """Where people find Ayumi, for links in letters: https://ayumi.isogo.example."""
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://(?:[a-zA-Z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", value):
        raise ImproperlyConfigured(
            f"{name}: write https:// and the host that people type; BASE_PATH is added to it."
        )
    return value


def host_and_port(address: str) -> tuple[str, str]:
    """("db1", "5432") of db1 or db1:5432; an IPv6 address stands in brackets: [::1]:5432."""
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, "5432"
    if host.startswith("[") != host.endswith("]"):
        raise ImproperlyConfigured("DATABASE_URL: a host begins with [ or ends with ] alone.")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ImproperlyConfigured(f"DATABASE_URL: the port of {host or 'a host'} is no number.")
    return host.strip("[]"), port
