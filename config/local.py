"""`make run`: Ayumi on this machine, with nothing to decide first.

Writes .env where there is none, brings the database up to date, loads the demo where .env
asks for it, and starts the same server as in production. A second run keeps everything.
"""

import io
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError

from config.environment import BASE_DIR, env_file, text, whole

ENV_FILE = """\
# Settings of this machine alone, written by make run. docs/operations.md lists them all.
SECRET_KEY={key}
ALLOWED_HOSTS=127.0.0.1,localhost
HTTPS=off
DEMO=on
"""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.umask(0o077)  # the database holds everybody's records: its owner reads it, nobody else
    try:
        write_env_file(env_file())
        django.setup()
        address, port = text("BIND_ADDRESS", "127.0.0.1"), whole("PORT", 8000, 1, 65535)
    except ImproperlyConfigured as error:
        sys.exit(f"Ayumi cannot start. {error}")
    refuse_a_busy_port(address, port)
    try:
        accounts = prepare()
    except DatabaseError as error:
        why = " ".join(str(error).split())
        sys.exit(f"Ayumi cannot start. DATABASE_URL: the database does not answer ({why}).")
    sys.exit(serve(address, port, accounts))


def write_env_file(path: Path) -> None:
    """Give this machine a secret key of its own, readable by its owner alone."""
    if path.exists() or "SECRET_KEY" in os.environ:
        return
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(ENV_FILE.format(key=secrets.token_urlsafe(48)))
    except OSError as error:
        why = f"{path} cannot be written ({error.strerror})"
        raise ImproperlyConfigured(f"AYUMI_ENV_FILE: {why}.") from error


def refuse_a_busy_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.strip("[]"), port))
        except OSError as error:
            sys.exit(
                f"{address}:{port} は使えません。別の番号で起動してください"
                f" ({error.strerror}): PORT={port + 1} make run"
            )


def prepare() -> str:
    """Bring database and static files up to date; give what the demo says of its accounts."""
    from django.conf import settings
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    said = io.StringIO()
    if settings.DEMO:
        call_command("load_demo", stdout=said)
        call_command("load_demo_reviews", stdout=io.StringIO())
    connections.close_all()
    return said.getvalue().strip()


def serve(address: str, port: int, accounts: str) -> int:
    """Run gunicorn until it ends; say where it is once it really answers."""
    from django.urls import reverse

    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"], cwd=BASE_DIR
    )
    # Ctrl-C reaches the server by itself, which then ends in good order; here it is waited for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while server.poll() is None and not answers(address, port):
        time.sleep(0.1)
    if server.poll() is None:
        host = "127.0.0.1" if address == "0.0.0.0" else address  # noqa: S104
        home = reverse("kpis:home")  # below BASE_PATH, where there is one
        print(f"\nあゆみ  http://{host}:{port}{home}   (Ctrl-C で終了)\n", flush=True)
        print(accounts, flush=True)
    code = server.wait()
    return 0 if code in {0, -signal.SIGINT, -signal.SIGTERM} else code


def answers(address: str, port: int) -> bool:
    """Whether anything is answered over HTTP, be it a refusal of this host's name."""
    connection = HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
